"""The score card as data."""

import json
import math
from pathlib import Path

import pytest

from glassnet.training.card import Card, Entry
from glassnet.training.card_picture import plot_card


def test_numbers_that_are_none_are_null_for_programs() -> None:
    entries = (Entry(name="constant", error=math.inf, se=math.nan), Entry(name="linear", error=0.25, se=0.0))
    card = Card(entries=entries, taken="linear", kind="number", rows=3, how="by folds", said=("it is.",))
    found = json.loads(json.dumps(card.to_json(), allow_nan=False))
    assert [(e["name"], e["error"], e["se"]) for e in found["entries"]] == [
        ("constant", None, None),
        ("linear", 0.25, 0.0),
    ]
    assert card.entries == entries


def test_an_entry_that_is_not_there_is_answered_with_those_that_are() -> None:
    entries = tuple(Entry(name=name, error=0.5, se=0.0) for name in ("constant", "linear"))
    card = Card(entries=entries, taken="linear", kind="number", rows=3, how="by folds")
    assert card["linear"] is entries[1]
    with pytest.raises(KeyError, match="the card has no 'strong', but constant, linear"):
        card["strong"]


def test_what_has_no_finite_error_has_a_name_and_no_point(tmp_path: Path) -> None:
    entries = tuple(
        Entry(name=name, error=error, se=0.1)
        for name, error in (("constant", 0.5), ("broken", math.inf), ("linear", 0.25))
    )
    card = Card(entries=entries, taken="linear", kind="number", rows=3, how="by folds")
    axes = plot_card(card, tmp_path / "card.svg")
    text = (tmp_path / "card.svg").read_text("utf-8")
    assert text.count("linear is taken") > 0
    assert [label.get_text() for label in axes.get_yticklabels()] == ["constant", "broken", "linear"]
    points = [(line.get_xdata()[0], line.get_ydata()[0]) for line in axes.lines if line.get_marker() == "o"]
    assert points == [(0.5, 0), (0.25, 2)]
