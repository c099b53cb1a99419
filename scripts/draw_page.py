"""Take the pictures of the page: docs/pictures/page.png, page-spirals.png, and page.gif, XOR as it learns.

It needs a browser, Chromium or one that Playwright installed, and Pillow. What is on the pictures is what whoever opens
the page sees: they are taken of `glassnet play` itself.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
WIDE = {"width": 1320, "height": 860}
COLOURS = 255
MOVING = {"width": 1320, "height": 940}
SCALE = 0.68  # of the moving picture, beside what it is taken at


@contextmanager
def served(*what: str) -> Iterator[str]:
    """The address of the page of a story."""
    command = [sys.executable, "-m", "glassnet", "play", *what, "--port", "0", "--no-browser"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        found = re.search(r"http\S+", process.stdout.readline())
        assert found is not None
        try:
            yield found[0]
        finally:
            process.terminate()


def opened(browser: Browser, url: str, scheme: str = "light", **size: int) -> Page:
    """The page, drawn once."""
    page = browser.new_page(viewport=size or WIDE, color_scheme=scheme, reduced_motion="reduce")
    page.goto(url)
    page.wait_for_selector("#glassnet[data-state=paused]")
    page.wait_for_selector("[data-panel=inspector] [data-term]")
    page.wait_for_timeout(300)
    return page


def step(page: Page) -> int:
    """The step that it shows."""
    return int(page.get_attribute("#glassnet", "data-step") or 0)


def train_to(page: Page, wanted: int) -> None:
    """Take steps up to one."""
    for at in range(step(page) + 1, wanted + 1):
        page.keyboard.press("]")
        page.wait_for_selector(f"#glassnet[data-step='{at}']")
    page.wait_for_timeout(150)


def trained(page: Page, seconds: float) -> None:
    """Train for some time."""
    page.click("[data-key=train]")
    page.wait_for_timeout(1000 * seconds)
    if page.get_attribute("#glassnet", "data-state") == "training":
        page.click("[data-key=train]")
    page.wait_for_selector("#glassnet[data-state=paused]")
    page.wait_for_timeout(500)


def still(browser: Browser) -> None:
    """The pictures that stand."""
    with served("xor") as url:
        opened(browser, url).screenshot(path=PICTURES / "page.png")
    with served("spirals") as url:
        page = opened(browser, url, "dark")
        trained(page, 4)
        page.screenshot(path=PICTURES / "page-spirals.png")


def moving(browser: Browser) -> None:
    """XOR learns, a line at a time, and goes back."""
    frames, times = [], []

    def take(milliseconds: int) -> None:
        shot = Image.open(io.BytesIO(page.screenshot()))
        size = tuple(round(SCALE * side) for side in shot.size)
        frames.append(shot.convert("RGB").resize(size, Image.Resampling.LANCZOS))
        times.append(milliseconds)

    with served("xor") as url:
        page = opened(browser, url, **MOVING)
        take(2500)
        for wanted in (2, 4, 7, 10, 14, 19, 25, 32, 40, 50, 62, 76, 92, 110, 130, 155, 185, 220):
            train_to(page, wanted)
            take(140)
        times[-1] = 1800
        page.focus("[role=slider]")
        for _ in range(22):
            page.keyboard.press("Shift+ArrowLeft")
            page.wait_for_timeout(150)
            take(110)
        times[-1] = 1800
    several = [frames[k] for k in (0, len(frames) // 4, len(frames) // 2)]
    wide = Image.new("RGB", (sum(frame.width for frame in several), several[0].height))
    for k, frame in enumerate(several):
        wide.paste(frame, (k * frame.width, 0))
    palette = wide.quantize(COLOURS, method=Image.Quantize.MEDIANCUT)
    flat = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    flat[0].save(PICTURES / "page.gif", save_all=True, append_images=flat[1:], duration=times, loop=0, optimize=True)


def main() -> None:
    """All of them."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        still(browser)
        moving(browser)
        browser.close()


if __name__ == "__main__":
    main()
