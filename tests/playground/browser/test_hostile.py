"""Pages and tables that mean harm; what is sent without a browser is in `tests/playground/test_hostile.py`."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from playwright.sync_api import Browser
from screen import Screen
from served import Served

Show = Callable[..., Screen]


def theta_of(served: Served) -> bytes:
    """The weights as they are now, and where training is."""
    answer = served.ask("pull", train=False, budget_ms=0)
    return (
        answer.buffers["weights"].tobytes() + repr([answer.header[key] for key in ("step", "rev", "branch")]).encode()
    )


def test_a_page_without_the_token_is_refused_and_says_so(browser: Browser, serve: Callable[..., Served]) -> None:
    """T27."""
    served = serve()
    before = theta_of(served)
    screen = Screen(browser, served)
    try:
        screen.page.goto(served.origin + "/#t=wrong")
        screen.page.get_by_text("token").first.wait_for()
        assert theta_of(served) == before
        assert any("403" in complaint for complaint in screen.wrong)
    finally:
        screen.close()


ATTACK = """<!doctype html><title>waiting</title><body>
<iframe name="there"></iframe>
<form method="post" action="{origin}/api" target="there" enctype="text/plain"><input name="x" value="y"></form>
<script>
const seen = [];
const attempt = (name, promise) => promise.then(() => seen.push(name), () => 0);
const body = new Uint8Array([4, 0, 0, 0, 123, 125, 32, 32]);
const headers = {{ 'X-Glassnet-Token': 'x' }};
const script = () => new Promise((good, bad) => {{
  const s = document.createElement('script');
  s.onload = good; s.onerror = bad; s.src = '{origin}/main.js'; s.type = 'module';
  document.body.append(s);
}});
const frame = document.createElement('iframe');
frame.src = '{origin}/';
document.body.append(frame);
Promise.all([
  attempt('fetch', fetch('{origin}/api', {{ method: 'POST', body }})),
  attempt('fetch with the header', fetch('{origin}/api', {{ method: 'POST', body, headers }})),
  attempt('get', fetch('{origin}/index.html')),
  attempt('script', script()),
]).then(() => {{
  document.querySelector('form').submit();
  document.title = 'done ' + seen.join(', ');
}});
</script>"""


@contextmanager
def elsewhere(page: str) -> Iterator[str]:
    """Another place on this machine with a page."""

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_page_from_elsewhere_reaches_nothing(browser: Browser, serve: Callable[..., Served]) -> None:
    """T27: by fetch, by a form, by a script, in a frame."""
    served = serve()
    before = theta_of(served)
    context = browser.new_context()
    try:
        page = context.new_page()
        statuses = []
        page.on("response", lambda answer: answer.url == f"{served.origin}/api" and statuses.append(answer.status))
        with elsewhere(ATTACK.format(origin=served.origin)) as url:
            page.goto(url)
            page.wait_for_function("() => document.title.startsWith('done')")
            assert page.title() == "done"  # and nothing that was reached
            page.wait_for_load_state("networkidle")
            framed = [frame for frame in page.frames if frame.url.startswith(served.origin)]
            assert all("glassnet" not in frame.content() for frame in framed)
        assert 403 in statuses
        assert {*statuses} <= {403, 405}
    finally:
        context.close()
    assert theta_of(served) == before


SCRIPT = "<img src=x onerror=alert(1)>"
RIGHT_TO_LEFT = "\u202eevil\u202c"
LONG = "long " * 2_000


def test_names_that_are_programs_are_shown_as_text(show: Show) -> None:
    """T28."""
    screen = show("xor")
    images = screen.page.locator("img").count()
    rows = "".join(f"{k * 0.5},{k % 7},{(SCRIPT, RIGHT_TO_LEFT, LONG)[k % 3]}\n" for k in range(60))
    screen.bring(f"{SCRIPT}.csv".replace("/", ""), f"{SCRIPT},<b>b</b>,class\n{rows}")
    screen.press("use-table")
    for _ in range(2):
        screen.press("epoch")
    screen.inspect("h1")
    body = screen.page.locator("body").inner_text()
    assert SCRIPT in body
    assert "<b>b</b>" in body
    assert screen.page.locator("img").count() == images
    assert (
        screen.page.locator("b", has_text="b").filter(has_text="<b>").count()
        == screen.page.get_by_text("<b>b</b>").and_(screen.page.locator("b")).count()
    )
    assert screen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
