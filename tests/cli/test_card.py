"""`glassnet train --card FILE`: what was compared, as a picture."""

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest


@pytest.fixture
def line(glassnet):
    """A table that lines are enough for, and one with few rows."""
    rng = np.random.default_rng(0)
    rows = [f"{a},{b},{'yes' if a > b else 'no'}" for a, b in rng.normal(size=(61, 2)).round(3)]
    Path("t.csv").write_text("\n".join(["a,b,y", *rows]))
    Path("few.csv").write_text("\n".join(["a,b,y", *rows[:7]]))


def test_the_card_is_drawn_beside_the_model(glassnet, line):
    found = glassnet("train", "t.csv", "--target", "y", "--no-plot", "--card", "card.svg")
    assert found.code == 0
    assert "card.svg  what was compared, and how good that is" in found.out
    drawn = Path("card.svg").read_text()
    ElementTree.fromstring(drawn)
    assert all(f"<!-- {name} -->" in drawn for name in ("constant", "linear"))  # beside the letters' outlines
    again = glassnet("train", "t.csv", "--target", "y", "--no-plot", "--card", "card.svg", "--json").json
    assert (again["plot"], again["card_picture"]) == (None, "card.svg")


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        ("t.csv --hidden 3 --card card.png", "--card is for comparing recipes"),
        ("t.csv --card p.png --plot p.png", "--plot and --card are the same file; give two names"),
        ("t.csv --card t.glass", "--output and --card are the same file; give two names"),
        ("t.csv --card t.csv", "--card"),
        ("few.csv --card card.png", "--card: to compare needs at least 10 rows to learn from, got 7"),
        ("t.csv --card no/card.png", "no such folder"),
    ],
)
def test_a_card_that_cannot_be_drawn_is_refused_before_any_training(glassnet, line, argv, said):
    result = glassnet("train", *argv.split(), "--target", "y")
    assert result.code != 0
    assert said in result.error
    assert not list(Path().glob("*.glass"))
