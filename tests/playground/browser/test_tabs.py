"""A tab that nobody sees, and two tabs with one run."""

from collections.abc import Callable

from screen import Screen

Show = Callable[..., Screen]

HIDE = """hidden => {
  Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => hidden ? 'hidden' : 'visible' });
  Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
  document.dispatchEvent(new Event('visibilitychange'));
}"""


def test_a_hidden_tab_goes_on_training_and_draws_nothing(show: Show) -> None:
    """T29."""
    screen = show("spirals")
    screen.served.ask("set", changes={"epochs": 100_000})
    screen.train()
    screen.wait_for_step(20)
    screen.page.evaluate(HIDE, True)
    frames = screen.page.evaluate("window.__glassnet.frames")
    screen.wait(f"window.__glassnet.frames > {frames + 2}")  # those under way have come
    draws, step = screen.page.evaluate("[window.__glassnet.draws, window.__glassnet.last.step]")
    screen.wait(f"window.__glassnet.last.step > {step + 20}")
    assert screen.page.evaluate("window.__glassnet.draws") == draws
    screen.page.evaluate(HIDE, False)
    screen.wait(f"window.__glassnet.draws > {draws}")
    screen.pause()


def test_a_second_tab_follows_until_something_is_pressed_in_it(show: Show) -> None:
    """T30."""
    first = show("xor")
    first.press("batch")
    second = show(first.served)
    second.wait("root.dataset.state === 'following'")
    assert second.step == 1
    assert second.page.get_by_text("following").is_visible()
    first.press("batch")
    second.wait("root.dataset.step === '2'")
    assert second.text_of("loss") == first.text_of("loss")
    second.press("batch")
    second.wait("root.dataset.state === 'paused'")
    assert second.step == 3
    first.page.bring_to_front()


def test_training_can_be_taken_over_by_the_tab_that_followed(show: Show) -> None:
    """T30."""
    first = show("spirals")
    first.served.ask("set", changes={"epochs": 100_000})
    first.train()
    first.wait_for_step(5)
    second = show(first.served)
    second.wait("root.dataset.state === 'following'")
    second.train()
    first.wait("root.dataset.state === 'following'")
    step = second.step
    second.wait_for_step(step + 5)
    second.pause()
    first.wait(f"root.dataset.step === '{second.step}'")
    assert len(second.header()["branches"]) == 1  # it went on, from where it was
