"""What tests of the page in a browser share: Chromium, servers, and what is kept of a test that fails.

Where Chromium or Playwright is missing they are skipped, unless all tools must be there (GLASSNET_TOOLS=all).
"""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from screen import Screen
    from served import Served

ALL_TOOLS = os.environ.get("GLASSNET_TOOLS") == "all"
HERE = Path(__file__).parent
KEPT = HERE.parents[2] / ".pages"  # what tests of the page leave to be looked at

if importlib.util.find_spec("playwright") is None and not ALL_TOOLS:
    collect_ignore_glob = ["*.py"]


def chromium() -> str | None:
    """Where Chromium is."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser, which reaches nothing but this machine."""
    path = chromium()
    if path is None:
        (pytest.fail if ALL_TOOLS else pytest.skip)("Chromium is needed to open the page; install it")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        args = ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
        found = playwright.chromium.launch(executable_path=path, args=args)
        yield found
        found.close()


@pytest.fixture(scope="session")
def _servers() -> Iterator[dict[tuple[str, ...], Served]]:
    """Servers by their arguments, each started once."""
    servers: dict[tuple[str, ...], Served] = {}
    yield servers
    for served in servers.values():
        served.close()


@pytest.fixture
def serve(_servers: dict[tuple[str, ...], Served]) -> Callable[..., Served]:
    """`serve("xor")`: a server with these arguments, which other tests use as well."""
    from served import Served

    def served(*args: str) -> Served:
        if args not in _servers:
            _servers[args] = Served(*args)
        return _servers[args]

    return served


@pytest.fixture
def show(
    browser: Browser, serve: Callable[..., Served], request: pytest.FixtureRequest
) -> Iterator[Callable[..., Screen]]:
    """`show("xor")`: the page with a story from its beginning; `show(served)`: of a server as it is.

    A browser's complaint fails the test, unless the test has said `screen.wrong.clear()`.
    """
    from screen import Screen
    from served import Served

    screens: list[Screen] = []

    def shown(what: str | Served = "xor", **options: Any) -> Screen:
        served, story = (what, None) if isinstance(what, Served) else (serve(), what)
        screens.append(Screen(browser, served, **options))
        return screens[-1].open(story)

    yield shown
    failed = request.node.stash.get(FAILED, False) or any(screen.wrong for screen in screens)
    for k, screen in enumerate(screens):
        if failed:
            screen.keep(KEPT / "failed" / f"{request.node.name[:80]}-{k}")
        screen.close()
    wrong = [complaint for screen in screens for complaint in screen.wrong]
    assert not wrong, "\n".join(wrong)


FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[Any]:
    """Fixtures learn whether their test failed."""
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report
