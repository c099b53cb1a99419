"""What can be taken along: the program, the model, the run as a page of its own."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from screen import Screen

import glassnet as gn

Show = Callable[..., Screen]


def taken(screen: Screen, key: str, folder: Path) -> Path:
    """The file that is offered when an entry of the menu is pressed."""
    screen.page.locator('[data-key="leave"] summary').click()
    with screen.page.expect_download(timeout=60_000) as download:  # a run is gone through once more for it
        screen.control(key).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    screen.rest()
    return path


@pytest.mark.parametrize("story", ["xor", "stuck", "penguins"])
def test_the_program_of_a_screen_ends_at_the_same_loss(show: Show, story: str, tmp_path: Path) -> None:
    """T31: with a number set by hand and a choice changed on the way."""
    screen = show(story)
    for _ in range(2):
        screen.press("epoch")
    if story == "xor":
        field = screen.page.locator('[data-poke="b1[2]"]').first
        field.fill("0.75")
        field.press("Enter")
        screen.rest()
        screen.control("learning_rate").fill("0.02")
        screen.control("learning_rate").press("Enter")
        screen.rest()
    screen.press("epoch")
    loss = screen.header()["loss"]
    screen.press("copy")
    program = tmp_path / "copied.py"
    program.write_text(screen.text_of("code") + '\nmodel.save("copied.glass")\n', encoding="utf-8")
    screen.press("copy-close")
    done = subprocess.run([sys.executable, program], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    here, there = gn.load(taken(screen, "save", tmp_path)), gn.load(tmp_path / "copied.glass")
    for name in here.weights:
        assert here[name].tobytes() == there[name].tobytes(), name
    assert loss == screen.header()["loss"]


def test_a_saved_run_is_a_page_that_needs_no_python(show: Show, browser: Browser, tmp_path: Path) -> None:
    """T32."""
    screen = show("xor")
    for _ in range(5):
        screen.press("epoch")
    losses = {screen.step: screen.text_of("loss")}
    screen.seek(2)
    losses[2] = screen.text_of("loss")
    path = taken(screen, "export", tmp_path)
    saved = Screen(browser, screen.served, offline=True)
    try:
        saved.page.goto(path.as_uri())
        saved.wait("root.dataset.step !== undefined")
        for step, loss in losses.items():
            saved.seek(step)
            assert saved.text_of("loss") == loss
        saved.inspect("h2")
        assert saved.panel("inspector").locator("[data-term]").count() >= 3
        field = saved.page.locator("[data-poke]").first
        shown = field.input_value()
        assert not field.is_editable()
        field.press("ArrowUp")
        assert field.input_value() == shown
        saved.panel("inspector").locator("[data-weight] button.link").first.click()  # was not kept
        saved.panel("inspector").get_by_text("saved run").wait_for()
        assert not saved.page.locator('[data-key="banner"]').is_visible()
        assert not saved.control("digits").is_visible()
        saved.seek(max(losses))
        saved.control("train").click()
        saved.wait("root.dataset.step === '0'")
        saved.wait(f"root.dataset.step === '{max(losses)}' && root.dataset.state === 'paused'")
        assert not saved.page.locator('[data-key="banner"]').is_visible()
        assert all(url.startswith(("file:", "data:", "blob:")) for url in saved.asked)
        assert not saved.wrong
    finally:
        saved.close()
