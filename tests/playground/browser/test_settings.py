"""Settings that are typed and clicked: no wish is lost, and what holds is what is shown."""

from collections.abc import Callable

from screen import Screen

Show = Callable[..., Screen]


def test_quick_clicks_on_more_neurons_all_count(show: Show) -> None:
    screen = show("xor")
    before = int(screen.control("units-1").input_value())
    screen.page.evaluate(
        "() => { for (let k = 0; k < 3; k++) document.querySelector('[data-key=\"more-1\"]').click(); }"
    )
    screen.rest()
    assert int(screen.control("units-1").input_value()) == before + 3
    assert len([unit for unit in screen.units() if unit.startswith("h")]) == before + 3


def test_a_comma_before_three_digits_never_makes_a_number_a_thousand_times_smaller(show: Show) -> None:
    screen = show("xor")
    epochs, rate = screen.control("epochs"), screen.control("learning_rate")
    epochs.fill("2,000")
    epochs.press("Enter")
    screen.rest()
    assert epochs.input_value() == "2000"
    before = rate.input_value()
    rate.fill("1,000")
    rate.press("Enter")
    screen.rest()
    assert screen.page.locator("#error-learning_rate").is_visible()
    assert rate.input_value() == before


def test_the_banner_goes_with_the_next_command_that_succeeds(show: Show) -> None:
    screen = show("xor")
    field = screen.page.locator('[data-poke="b1[2]"]').first
    field.fill("nothing")
    field.press("Enter")
    banner = screen.page.locator('[data-key="banner"]')
    banner.wait_for()
    screen.press("batch")
    assert not banner.is_visible()


def test_each_arrow_sets_a_weight_and_rows_that_are_held_out_are_marked(show: Show) -> None:
    screen = show("xor")
    field = screen.page.locator('[data-poke="b1[2]"]').first
    rev = screen.header()["rev"]
    field.press("ArrowUp")
    screen.rest()
    assert screen.header()["rev"] == rev + 1
    field.blur()
    screen.rest()
    assert screen.header()["rev"] == rev + 1
    assert screen.page.locator("tr[data-held]").count() == 0
    screen.press("story-penguins")
    screen.page.locator('[data-key="rows-on"]').wait_for()
    named = "tr[data-held] th button[title$='held out']"
    while not screen.page.locator("tr[data-held]").count():
        screen.press("rows-on")
    assert screen.page.locator(named).count() == screen.page.locator("tr[data-held]").count()
    style = screen.page.locator(named).first.evaluate("button => getComputedStyle(button).fontStyle")
    assert style == "italic"
