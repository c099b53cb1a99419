"""It fits, from a telephone to a wide screen; pictures of it are kept to be looked at."""

from collections.abc import Callable
from pathlib import Path

import pytest
from screen import Screen

Show = Callable[..., Screen]

PICTURES = Path(__file__).parents[3] / ".pages" / "pictures"

OVERLAPS = """() => {
  const boxes = [...document.querySelectorAll('.bar :is(button, select, dd, dt)')].filter(e => e.offsetWidth)
    .map(e => [e.dataset.key ?? e.innerText, e.getBoundingClientRect()]);
  const found = [];
  for (let i = 0; i < boxes.length; i++) {
    for (let j = 0; j < i; j++) {
      const [a, b] = [boxes[i][1], boxes[j][1]];
      const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const tall = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (wide > 1 && tall > 1) found.push(`${boxes[i][0]} over ${boxes[j][0]}`);
    }
  }
  return found;
}"""

SMALL = """() => [...document.querySelectorAll('button:not(.unit), select, input, summary, [role="slider"]')]
  .filter(e => e.offsetWidth && !e.className.includes('link'))
  .map(e => [e.dataset.key ?? e.innerText, (e.closest('label') ?? e).getBoundingClientRect()])
  .filter(([, box]) => Math.min(box.width, box.height) < 23.5).map(([name]) => name)"""


@pytest.mark.parametrize("story", ["xor", "penguins", "digits"])
def test_nothing_overflows_or_overlaps_at_any_width(show: Show, story: str) -> None:
    """T24: 660 CSS pixels are 1,320 at 200 %."""
    screen = show(story)
    screen.press("batch")
    for width, height in ((320, 640), (390, 844), (660, 450), (768, 1024), (1100, 800), (1320, 900), (1920, 1080)):
        screen.page.set_viewport_size({"width": width, "height": height})
        screen.rest()
        across = screen.page.evaluate("document.documentElement.scrollWidth")
        assert across <= width, f"{across} pixels wide at {width}"
        assert screen.page.evaluate(OVERLAPS) == [], width
        assert screen.control("train").is_visible()
        assert screen.page.evaluate(SMALL) == [], width


def test_text_may_be_spaced_out_and_nothing_is_cut_off(show: Show) -> None:
    """T24: as WCAG 1.4.12 has it."""
    screen = show("xor")
    screen.page.evaluate(
        """() => {
          for (const e of document.querySelectorAll('*')) {
            if (!e.style) continue;
            Object.assign(e.style, { lineHeight: '1.5', letterSpacing: '0.12em', wordSpacing: '0.16em' });
          }
        }"""
    )
    screen.rest()
    assert screen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    cut = """() => [...document.querySelectorAll('button:not(.unit), h2, label')]
      .filter(e => e.scrollWidth > e.clientWidth + 2 && getComputedStyle(e).overflow === 'hidden')
      .map(e => e.innerText)"""
    assert screen.page.evaluate(cut) == []


PHONE = {"width": 390, "height": 844}
STATES = {
    "penguins": '[data-key="confusion"]',
    "spirals": 'canvas[data-key="map"]',
    "digits": 'canvas[data-key="pad"]',
}


def test_pictures_of_its_states_are_kept(show: Show) -> None:
    """T35: for the eye; what is checked is that each state shows what it is about."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    screen = show("xor")

    def keep(name: str, shows: str) -> None:
        for scheme in ("dark", "light"):
            screen.page.emulate_media(color_scheme=scheme)
            screen.rest()
            assert screen.page.locator(shows).first.is_visible(), f"{name} does not show {shows}"
            screen.page.screenshot(path=PICTURES / f"{name}-{scheme}.png")

    keep("first", '[data-key="sentence"]')
    screen.train()
    screen.wait_for_step(300)
    screen.pause()
    screen.inspect("h3")
    keep("xor", 'canvas[data-key="map"]')
    screen.press("lottery")
    screen.wait("document.querySelector('[data-answer=lottery]')")
    keep("lottery", '[data-panel="answer"]')
    screen.press("answer-close")
    for story, shows in STATES.items():
        screen.press(f"story-{story}")
        screen.train()
        screen.wait_for_step(100)
        screen.pause()
        keep(story, shows)
    screen.page.set_viewport_size(PHONE)
    screen.press("story-xor")
    keep("phone", "[data-unit]")
