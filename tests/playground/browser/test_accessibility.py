"""It can be used without a mouse, without colours, without motion, and by ear."""

from collections.abc import Callable
from importlib.resources import files
from typing import Any

from screen import Screen

Show = Callable[..., Screen]

RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
OF_COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}

PAPER = "getComputedStyle(document.querySelector('[data-panel]')).backgroundColor"

FOCUSED = """() => {
  const at = document.activeElement;
  const style = getComputedStyle(at);
  const box = at.getBoundingClientRect();
  return {
    key: at.dataset.key ?? at.dataset.unit ?? at.dataset.poke ?? at.tagName,
    visible: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0 || at === document.body,
    there: box.width > 0 && box.bottom > 0 && box.top < innerHeight || at === document.body,
  };
}"""


def tab_to(screen: Screen, wanted: str) -> None:
    """Press Tab until what is wanted has the focus, which is seen all the way."""
    for _ in range(120):
        screen.page.keyboard.press("Tab")
        at = screen.page.evaluate(FOCUSED)
        assert at["visible"], f"no outline at {at['key']}"
        assert at["there"], f"{at['key']} has the focus and is out of sight"
        if at["key"] == wanted:
            return
    raise AssertionError(f"{wanted} is not reached by Tab")


def test_all_of_it_is_reached_by_the_keyboard_and_seen_there(show: Show) -> None:
    """T22."""
    screen = show("xor")
    keys = screen.page.keyboard
    screen.page.evaluate("document.activeElement.blur()")
    tab_to(screen, "train")
    keys.press("Space")
    screen.wait("+root.dataset.step > 3")
    keys.press("Space")
    screen.wait("root.dataset.state === 'paused'")
    screen.rest()
    unit = screen.page.locator('[data-unit][tabindex="0"]').get_attribute("data-unit")
    assert unit is not None
    tab_to(screen, unit)
    for _ in range(3):
        keys.press("ArrowUp")
        keys.press("ArrowLeft")
    keys.press("ArrowRight")
    at = screen.page.evaluate(FOCUSED)["key"]
    assert at.startswith("h")
    keys.press("Enter")
    screen.rest()
    if screen.page.locator(f'[data-unit="{at}"]').get_attribute("aria-pressed") != "true":  # it was open
        keys.press("Enter")
        screen.rest()
    column = int(at.removeprefix("h")) - 1
    tab_to(screen, f"W1[0, {column}]")
    before = screen.header()["branch"]
    keys.press("ArrowUp")
    keys.press("Enter")
    screen.rest()
    assert screen.header()["branch"] != before
    keys.type("5")
    keys.press("Escape")
    screen.rest()
    assert screen.page.locator(f'[data-poke="W1[0, {column}]"]').first.input_value() != "5"
    tab_to(screen, "timeline")
    step = screen.step
    keys.press("ArrowLeft")
    screen.rest()
    assert screen.step == step - 1


def test_axe_finds_nothing(show: Show) -> None:
    """T23: paused at step 0, trained with a neuron open, many rows and classes, a picture, and dialogs."""
    screen = show("xor", color_scheme="light")
    screen.page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    found = violations(screen, "xor at step 0")
    for _ in range(3):
        screen.press("epoch")
    screen.inspect("h2")
    screen.control("phase-3").click()
    screen.rest()
    found += violations(screen, "a phase")
    screen.press("help")
    found += violations(screen, "help")
    screen.press("help-close")
    screen.press("copy")
    found += violations(screen, "the program")
    screen.press("copy-close")
    screen.press("lottery")
    screen.wait("document.querySelector('[data-answer=lottery]')")
    found += violations(screen, "the lottery")
    for story in ("penguins", "digits"):
        screen.press(f"story-{story}")
        screen.press("batch")
        found += violations(screen, story)
    assert not found, "\n".join(found)


def violations(screen: Screen, where: str) -> list[str]:
    """What axe has against the page as it is, and against its colours when it is dark."""
    found = broken(screen, where, RULES)
    screen.page.emulate_media(color_scheme="dark")
    assert luminance(screen.page.evaluate(PAPER)) < 0.2
    found += broken(screen, f"{where}, dark", OF_COLOURS)
    screen.page.emulate_media(color_scheme="light")
    return found


def broken(screen: Screen, where: str, rules: dict[str, Any]) -> list[str]:
    """The rules that the page breaks, of some."""
    answer: dict[str, Any] = screen.page.evaluate(
        "rules => axe.run(document, { runOnly: rules, resultTypes: ['violations'] })", rules
    )
    return [
        f"{where}: {rule['id']}: {node['html'][:160]} ({node['any'][0]['message'] if node['any'] else rule['help']})"
        for rule in answer["violations"]
        for node in rule["nodes"]
    ]


def test_themes_have_their_own_colours_and_the_button_goes_through_them(show: Show) -> None:
    """T25."""
    light, dark = show("xor", color_scheme="light"), show("xor", color_scheme="dark")
    seen = [screen.page.evaluate(PAPER) for screen in (light, dark)]
    assert luminance(seen[0]) > 0.8
    assert luminance(seen[1]) < 0.2
    light.control("theme").click()  # light
    light.control("theme").click()  # dark
    assert light.page.evaluate(PAPER) == seen[1]
    assert light.pixels("map") == dark.pixels("map")
    light.control("theme").click()  # as the system has it
    assert light.page.evaluate(PAPER) == seen[0]


def luminance(colour: str) -> float:
    """How light `rgb(1, 2, 3)` is, from 0 to 1."""
    return sum(float(part) for part in colour[colour.index("(") + 1 : -1].split(",")[:3]) / (3 * 255)


def test_nothing_moves_by_itself_where_motion_is_not_wanted(show: Show) -> None:
    """T25."""
    screen = show("xor", reduced_motion="reduce")
    screen.train()
    assert screen.page.evaluate("document.getAnimations().filter(a => a.playState === 'running').length") == 0
    screen.pause()


def test_with_forced_colours_buttons_and_choices_can_still_be_told(show: Show) -> None:
    """T25."""
    screen = show("xor", forced_colors="active")
    assert screen.page.evaluate("matchMedia('(forced-colors: active)').matches")
    borders = screen.page.evaluate(
        """() => [...document.querySelectorAll('button')]
          .filter(b => b.offsetWidth && !b.className.match(/link|bare|phase/))
          .filter(b => getComputedStyle(b).borderTopStyle === 'none').map(b => b.dataset.key ?? b.className)"""
    )
    assert borders == []
    screen.press("batch")
    assert screen.step == 1
