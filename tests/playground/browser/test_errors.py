"""What goes wrong is said, and can be put right."""

from collections.abc import Callable

from screen import Screen
from served import Served

Show = Callable[..., Screen]


def test_a_number_that_is_no_longer_finite_is_named_and_ten_steps_back_all_is_finite(show: Show) -> None:
    """T16."""
    screen = show("too-fast")
    screen.control("train").click()
    screen.wait("root.hasAttribute('data-broken')")
    screen.rest()
    assert screen.said("state") == "paused"
    said, step = screen.text_of("banner"), screen.step
    assert "learning rate" in said.lower() or "learning_rate" in said
    assert any(name in said for name in ("W1", "b1", "W2", "b2", "loss")), said
    screen.press("rewind")
    assert screen.step == max(0, step - 10)
    assert screen.page.locator("[data-broken]").count() == 0
    assert float(screen.said("loss")) < float("inf")
    assert not screen.page.locator('[data-key="banner"]').is_visible()


def test_when_python_stops_the_page_says_so_and_goes_on_when_it_is_back(show: Show) -> None:
    """T26."""
    served = Served("--token", "a-token-that-stays-the-same-for-a-test")
    screen = show(served)
    screen.press("batch")
    loss = screen.text_of("loss")
    served.close()
    screen.control("batch").click()
    screen.wait("root.dataset.state === 'lost'")
    assert screen.page.locator('[data-key="lost"]').is_visible()
    assert screen.text_of("loss") == loss
    again = Served("--token", served.token, "--port", str(served.port))
    try:
        screen.wait("root.dataset.state === 'paused'")
        screen.rest()
        assert not screen.page.locator('[data-key="lost"]').is_visible()
        screen.press("batch")
        assert screen.step == 1
    finally:
        again.close()
        screen.wrong = [complaint for complaint in screen.wrong if "ERR_CONNECTION_REFUSED" not in complaint]
