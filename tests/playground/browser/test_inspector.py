"""Every number on the screen adds up, is the network's own, and can be taken hold of."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from screen import Screen
from shown import decimal, half_unit

import glassnet as gn

Show = Callable[..., Screen]


def sums_of(screen: Screen) -> dict[str, tuple[list[str], str]]:
    """The sums that the inspector shows as tables, by what each is of: its terms, and what they are together."""
    found = screen.page.evaluate(
        """() => [...document.querySelectorAll('table:has([data-term="total"])')].map(table => {
          const rows = [...table.querySelectorAll('[data-term]')];
          const products = rows.map(row => row.querySelector('td:nth-last-child(2)').innerText);
          return [rows.at(-1).querySelector('th').innerText, products.slice(0, -1), products.at(-1)];
        })"""
    )
    return {name: (terms, total) for name, terms, total in found}


def model_of(screen: Screen, folder: Path) -> gn.Model:
    """The network as it is now, as it would be saved."""
    path = folder / "now.glass"
    path.write_bytes(screen.served.ask("save").buffers["file"].tobytes())
    return gn.load(path)


def is_shown_as(value: float, text: str) -> bool:
    """Whether a text is a number to the digits that it has."""
    return abs(Decimal(float(value)) - decimal(text)) <= half_unit(text) * (1 + Decimal("1e-6"))


@pytest.mark.parametrize(("steps", "rows"), [(0, [2]), (30, [0, 1, 2, 3])])
def test_the_terms_of_every_sum_make_the_number_shown_and_that_is_the_networks(
    show: Show, steps: int, rows: list[int], tmp_path: Path
) -> None:
    """T12."""
    screen = show("xor")
    for _ in range(steps):
        screen.control("batch").click()
    screen.rest()
    assert screen.step == steps
    model = model_of(screen, tmp_path)
    X, _ = gn.datasets.xor()
    z1 = X @ model["W1"] + model["b1"]
    z2 = np.tanh(z1) @ model["W2"] + model["b2"]
    scores = {"z1": z1, "z2": z2}
    checked = 0
    for row in rows:
        screen.choose_row(row)
        for unit in screen.units():
            screen.inspect(unit)
            for name, (terms, total) in sums_of(screen).items():
                away = abs(sum(map(decimal, terms), Decimal(0)) - decimal(total))
                assert away <= sum(map(half_unit, [*terms, total]), Decimal(0)), (name, terms, total)
                array, _, place = name.rstrip("]").partition("[")
                if array in scores:
                    column = int(place.split(",")[1])
                    assert is_shown_as(scores[array][row, column], total), (row, unit, name, total)
                    checked += 1
    assert checked == len(rows) * 5


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
def test_what_a_weight_is_said_to_be_next_it_is_next(show: Show, optimizer: str) -> None:
    """T13."""
    screen = show("xor")
    assert screen.served.ask("set", changes={"optimizer": optimizer}).header["ok"]
    for _ in range(3):
        screen.press("batch")
    for unit in screen.units() if optimizer == "adam" else screen.units()[-2:]:
        screen.inspect(unit)
        before = weights_of(screen)
        assert before["now"] != before["next"]
        screen.press("batch")
        assert weights_of(screen)["now"] == before["next"]


def weights_of(screen: Screen) -> dict[str, list[str]]:
    """A neuron's weights and bias as the inspector lists them: the columns of that table, by name."""
    head, *rows = screen.page.evaluate(
        """() => [...document.querySelectorAll('[data-panel="inspector"] table')]
          .map(table => [...table.rows].map(row => [...row.cells].map(cell => cell.innerText)))
          .find(([head]) => head.includes('now') && head.includes('next'))"""
    )
    return {name: [row[k] for row in rows] for k, name in enumerate(head)}


def test_a_weight_can_be_typed_over_and_taken_back(show: Show) -> None:
    """T14."""
    screen = show("xor")
    for _ in range(3):
        screen.press("batch")
    screen.inspect("h3")
    field = screen.page.locator('[data-poke="b1[2]"]').first
    before, output, picture = screen.header(), screen.text_of("row-loss"), screen.pixels("map")
    field.fill("2.5")
    field.press("Enter")
    screen.rest()
    after = screen.header()
    assert after["step"] == before["step"] == 3
    assert after["branch"] != before["branch"]
    assert any("b1[2]" in flag["text"] for flag in after["flags"])
    assert screen.text_of("row-loss") != output
    assert screen.pixels("map") != picture
    assert decimal(field.input_value()) == Decimal("2.5")
    field.fill("7")
    field.press("Escape")
    assert decimal(field.input_value()) == Decimal("2.5")
    screen.rest()
    assert screen.header()["branch"] == after["branch"]
    field.fill("3,5")
    field.blur()
    screen.rest()
    rev = screen.header()["rev"]
    assert rev > after["rev"]
    assert decimal(field.input_value()) == Decimal("3.5")
    field.focus()
    field.blur()
    screen.rest()
    assert screen.header()["rev"] == rev


def test_a_term_its_line_and_its_neuron_light_up_together_and_go_out_together(show: Show) -> None:
    """T15."""
    screen = show("xor")
    screen.inspect("h3")
    hot = """() => [...document.querySelectorAll('[data-hot]')]
      .map(e => e.dataset.unit ?? e.dataset.weight ?? e.dataset.key)"""
    assert screen.page.evaluate(hot) == []
    screen.page.locator('tr[data-weight="W1[0, 2]"]').first.hover()
    assert {"edges", "x1", "h3", "W1[0, 2]"} == {*screen.page.evaluate(hot)}
    screen.page.mouse.move(1, 1)
    assert screen.page.evaluate(hot) == []
    screen.page.locator('[data-unit="x2"]').hover()
    assert "W1[1, 2]" in screen.page.evaluate(hot)
