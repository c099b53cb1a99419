"""The score card as data."""

import json
import math

from glassnet.training.card import Card, Entry


def test_numbers_that_are_none_are_null_for_programs() -> None:
    entries = (Entry(name="constant", error=math.inf, se=math.nan), Entry(name="linear", error=0.25, se=0.0))
    card = Card(entries=entries, taken="linear", kind="number", rows=3, how="by folds", said=("it is.",))
    found = json.loads(json.dumps(card.to_json(), allow_nan=False))
    assert [(e["name"], e["error"], e["se"]) for e in found["entries"]] == [
        ("constant", None, None),
        ("linear", 0.25, 0.0),
    ]
    assert card.entries == entries
