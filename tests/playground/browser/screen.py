"""The page as a person has it before them: what it says, what can be pressed, and what went wrong in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from served import Served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request

WATCHED = Path(__file__).with_name("watched.js")
PATIENCE = 30_000  # milliseconds that anything may take on a busy machine
QUIET = 40  # milliseconds without an answer under way: nothing more is to come
HINTS = ("GPU stall", "willReadFrequently")  # what Chromium says of reading a canvas, which only tests do


class Screen:
    """A tab with the page.

    What the browser complains of, and what it asks of another place, is collected in `wrong`: a test that leaves
    something there has failed.
    """

    def __init__(self, browser: Browser, served: Served, **options: Any) -> None:
        self.served = served
        settings: dict[str, Any] = {"viewport": {"width": 1320, "height": 900}, "device_scale_factor": 1, **options}
        self.context: BrowserContext = browser.new_context(**settings)
        self.context.add_init_script(path=WATCHED)
        self.wrong: list[str] = []
        self.asked: list[str] = []
        self.page = self.tab()

    def tab(self) -> Page:
        """One tab more, empty."""
        page = self.context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.wrong.append(f"error in the page: {error}"))
        page.on("request", self._request)
        page.on("requestfailed", lambda request: self.wrong.append(f"failed: {request.url} ({request.failure})"))
        return page

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not any(hint in message.text for hint in HINTS):
            self.wrong.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        self.asked.append(request.url)
        if not request.url.startswith((self.served.origin, "data:", "blob:", "file:")):
            self.wrong.append(f"asked elsewhere: {request.url}")

    def open(self, story: str | None = None) -> Screen:
        """Open the page, and wait for its first picture; then open a story from its beginning."""
        self.page.goto(self.served.url)
        self.wait("root.dataset.step !== undefined && window.__glassnet.draws > 0")
        self.rest()
        if story is not None:
            self.press(f"story-{story}")
        return self

    # what it says

    def said(self, name: str) -> str:
        """One of the attributes `data-…` of the element that the page is mounted on."""
        return self.page.locator("[data-state]").get_attribute(f"data-{name}") or ""

    @property
    def step(self) -> int:
        """The step that is shown."""
        return int(self.said("step"))

    def text_of(self, key: str) -> str:
        """A number, or another text, by its key."""
        return self.page.locator(f':is(dd, p, b, h2, h3, pre, .banner)[data-key="{key}"]').inner_text()

    def header(self) -> dict[str, Any]:
        """What the last picture came with."""
        found: dict[str, Any] = self.page.evaluate("window.__glassnet.last")
        return found

    def panel(self, name: str) -> Locator:
        """A panel, by its name."""
        return self.page.locator(f'[data-panel="{name}"]')

    def units(self) -> list[str]:
        """The neurons that can be asked for, by name."""
        found: list[str] = self.page.evaluate(
            "() => [...document.querySelectorAll('[data-unit][aria-pressed]')].map(unit => unit.dataset.unit)"
        )
        return found

    def pixels(self, key: str) -> tuple[int, int, bytes]:
        """The width, height and RGBA bytes of a canvas, by its key."""
        width, height, data = self.page.evaluate(
            """key => {
              const canvas = document.querySelector(`canvas[data-key="${key}"]`);
              const { width, height } = canvas;
              return [width, height, Array.from(canvas.getContext('2d').getImageData(0, 0, width, height).data)];
            }""",
            key,
        )
        return width, height, bytes(data)

    # waiting

    def wait(self, condition: str, timeout: int = PATIENCE) -> None:
        """Wait until an expression in JavaScript is true; `root` in it is the element that the page is mounted on."""
        self.page.wait_for_function(
            f"() => {{ const root = document.querySelector('[data-state]'); return root && ({condition}); }}",
            timeout=timeout,
        )

    def wait_for_step(self, step: int, timeout: int = PATIENCE) -> None:
        """Wait until a step, or a later one, is shown."""
        self.wait(f"+root.dataset.step >= {step}", timeout)

    def wait_for_text(self, key: str, holds: Callable[[str], bool]) -> None:
        """Wait until a text is as it should be."""
        for _ in range(100):
            if holds(self.text_of(key)):
                return
            self.page.wait_for_timeout(PATIENCE / 100)
        raise AssertionError(f"{key} is {self.text_of(key)!r}")

    def rest(self) -> None:
        """Wait until every question is answered and drawn."""
        self.page.evaluate(f"window.__watched.rest({QUIET})")

    # doing

    def control(self, key: str) -> Locator:
        """What is pressed or filled in, by its key."""
        return self.page.locator(f':is(button, input, select, summary, [role="slider"])[data-key="{key}"]')

    def press(self, key: str) -> None:
        """Press a control, and see all that comes of it."""
        self.control(key).click()
        self.rest()

    def train(self) -> None:
        """Press Train, and see it train."""
        self.control("train").click()
        self.wait("root.dataset.state === 'training'")

    def watch(self, milliseconds: int) -> dict[str, float]:
        """What training is like, looked at for so long: pictures a second, and its share of the time."""
        found: dict[str, float] = self.page.evaluate(
            """async ms => {
              const count = () => [performance.now(), window.__glassnet.draws, window.__glassnet.busyMs];
              const before = count();
              await new Promise(done => setTimeout(done, ms));
              const [time, draws, busy] = count().map((now, k) => now - before[k]);
              return { frames: 1000 * draws / time, training: busy / time };
            }""",
            milliseconds,
        )
        return found

    def pause(self) -> None:
        """Press the same button again."""
        self.control("train").click()
        self.wait("root.dataset.state === 'paused'")
        self.rest()

    def seek(self, step: int) -> None:
        """Drag along the timeline to about a step, and go the rest with the arrow keys."""
        slider = self.control("timeline")
        box = slider.bounding_box()
        assert box is not None
        y = box["y"] + box["height"] / 2
        self.page.mouse.move(box["x"] + 0.9 * box["width"], y)
        self.page.mouse.down()
        self.page.mouse.move(box["x"] + 0.5 * box["width"], y, steps=4)
        self.page.mouse.move(box["x"] + 54, y, steps=4)
        self.page.mouse.up()
        self.rest()
        slider.focus()
        while (away := step - self.step) != 0:
            slider.press(("Shift+" if abs(away) >= 10 else "") + ("ArrowRight" if away > 0 else "ArrowLeft"))
            self.rest()

    def choose_row(self, n: int) -> None:
        """Press a row of the table."""
        self.page.locator(f'tr[data-row="{n}"] button').click()
        self.wait(f"root.dataset.row === '{n}'")
        self.rest()

    def inspect(self, unit: str) -> None:
        """Open a neuron."""
        button = self.page.locator(f'[data-unit="{unit}"]')
        if button.get_attribute("aria-pressed") != "true":
            button.click()
        self.rest()

    def bring(self, name: str, content: str | bytes) -> None:
        """Choose a file of one's own."""
        data = content.encode() if isinstance(content, str) else content
        self.page.set_input_files('input[data-key="file"]', {"name": name, "mimeType": "text/csv", "buffer": data})
        self.rest()

    # ending

    def keep(self, folder: Path) -> None:
        """Keep what helps to find out why: a picture of each tab and the last messages."""
        folder.mkdir(parents=True, exist_ok=True)
        for k, page in enumerate(self.context.pages):
            page.screenshot(path=folder / f"tab{k}.png", full_page=True)
            messages = page.evaluate("window.__watched ? window.__watched.messages() : []")
            (folder / f"tab{k}.txt").write_text("\n".join([page.url, *self.wrong, *messages]), encoding="utf-8")

    def close(self) -> None:
        """Close all tabs."""
        self.context.close()
