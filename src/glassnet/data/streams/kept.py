"""A first reading in a folder, so that it goes on where it was, and is not done again.

What was counted is text, rows are arrays of NumPy: numbers and words, nothing that is ever run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.data.files import write_atomically
from glassnet.data.files.version import __version__
from glassnet.data.streams.asked import Asked
from glassnet.data.streams.seen import Sample, Seen
from glassnet.data.tables.facts import NumberFacts
from glassnet.data.tables.notation import Notation
from glassnet.data.tables.table import Table
from glassnet.data.tables.words import Words

TEXT, ARRAYS = "reading.json", "reading-{}.npz"


@dataclass(eq=False, kw_only=True)
class Reading:
    """A first reading on its way.

    Attributes
    ----------
    seen, held, out
        What is known of the rows to train on, a sample of those held out, and how many these are.
    place
        How many rows were looked at.
    words
        Columns that must be read as words.
    spooled
        What is known of the parts that were put away.
    is_done
        Whether all rows were looked at.
    """

    seen: Seen
    held: Sample
    out: int = 0
    place: int = 0
    words: frozenset[str] = frozenset()
    spooled: Mapping[str, Any] | None = None
    is_done: bool = False


def save(folder: Path, key: Mapping[str, Any], reading: Reading) -> None:
    """Write a reading down, whole or not at all; the text names the arrays that belong to it."""
    seen, arrays = reading.seen, dict[str, np.ndarray]()
    found = {
        "glassnet": __version__,
        "key": key,
        "seen": {
            "rows": seen.rows,
            "numbers": {name: asdict(facts) for name, facts in seen.numbers.items()},
            "dates": {name: asdict(facts) for name, facts in seen.dates.items()},
            "counts": seen.counts,
            "absent": seen.absent,
            "unused": sorted(seen.unused),
            "is_quantity": seen.is_quantity,
        },
        "sample": sample_text(seen.sample, "sample", arrays),
        "held": sample_text(reading.held, "held", arrays),
        "out": reading.out,
        "place": reading.place,
        "words": sorted(reading.words),
        "spooled": reading.spooled,
        "is_done": reading.is_done,
    }
    path = folder / ARRAYS.format(reading.place)
    with open(path, "wb") as file:
        np.savez(file, allow_pickle=False, **arrays)
    write_atomically(folder / TEXT, json.dumps(found, allow_nan=True))
    for other in folder.glob(ARRAYS.format("*")):
        if other != path:
            other.unlink(missing_ok=True)


def load(folder: Path, key: Mapping[str, Any], asked: Asked) -> Reading | None:
    """The reading of the same table for the same purpose; None: there is none that can be gone on with."""
    try:
        found: Any = json.loads((folder / TEXT).read_text("utf-8"))
        if found["glassnet"] != __version__ or found["key"] != json.loads(json.dumps(key)):
            return None
        with np.load(folder / ARRAYS.format(found["place"]), allow_pickle=False) as arrays:
            return reading_of(found, arrays, asked)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def reading_of(found: Mapping[str, Any], arrays: Mapping[str, np.ndarray], asked: Asked) -> Reading:
    """What was written."""
    told = found["seen"]
    seen = Seen(asked.target, asked.categories)
    seen.rows, seen.is_quantity, seen.unused = told["rows"], told["is_quantity"], frozenset(told["unused"])
    seen.numbers = {name: facts_of(facts) for name, facts in told["numbers"].items()}
    seen.dates = {name: facts_of(facts) for name, facts in told["dates"].items()}
    seen.counts, seen.absent = told["counts"], told["absent"]
    seen.sample = sample_of(found["sample"], "sample", arrays)
    held = sample_of(found["held"], "held", arrays)
    assert held is not None
    return Reading(
        seen=seen,
        held=held,
        out=found["out"],
        place=found["place"],
        words=frozenset(found["words"]),
        spooled=found["spooled"],
        is_done=found["is_done"],
    )


def facts_of(found: Mapping[str, Any]) -> NumberFacts:
    """What was counted of numbers."""
    return NumberFacts(
        found["rows"], found["missing"], **{name: found[name] for name in ("mean", "spread", "low", "high")}
    )


def sample_text(sample: Sample | None, name: str, arrays: dict[str, np.ndarray]) -> dict[str, Any] | None:
    """A sample: its text; its arrays are added."""
    if sample is None:
        return None
    if not sample.held:
        return {"size": sample.size, "table": None}
    table = sample.table()
    (arrays[f"{name}.drawn"],), (arrays[f"{name}.must"],) = sample.drawn, sample.must
    return {"size": sample.size, "limit": sample.limit, "table": table_text(table, name, arrays)}


def sample_of(found: Mapping[str, Any] | None, name: str, arrays: Mapping[str, np.ndarray]) -> Sample | None:
    """What was written."""
    if found is None:
        return None
    sample = Sample(found["size"])
    if found["table"] is not None:
        sample.limit, sample.tables = found["limit"], [table_of(found["table"], name, arrays)]
        sample.drawn, sample.must = [arrays[f"{name}.drawn"]], [arrays[f"{name}.must"]]
        sample.held = len(sample.drawn[0])
    return sample


def table_text(table: Table, name: str, arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    """A table: its text; its arrays are added."""
    arrays[f"{name}.lines"] = table.lines
    words = {}
    for k, (column_name, column) in enumerate(table.columns.items()):
        is_words = isinstance(column, Words)
        arrays[f"{name}.{k}"] = column.codes if isinstance(column, Words) else column
        if is_words:
            words[column_name] = column.words  # type: ignore[union-attr]  # it is words
    return {
        "columns": list(table.columns),
        "words": words,
        "source": table.source,
        "unit": table.unit,
        "originals": table.originals,
        "given_names": table.given_names,
        "unreadable": table.unreadable,
        "notation": table.notation.to_json(),
    }


def table_of(found: Mapping[str, Any], name: str, arrays: Mapping[str, np.ndarray]) -> Table:
    """What was written."""
    columns: dict[str, Any] = {column: arrays[f"{name}.{k}"] for k, column in enumerate(found["columns"])}
    for column, words in found["words"].items():
        columns[column] = Words(columns[column], tuple(words))
    return Table(
        columns=columns,
        lines=arrays[f"{name}.lines"],
        notation=Notation.from_json(found["notation"], "notation"),
        **{key: found[key] for key in ("source", "unit", "originals", "given_names", "unreadable")},
    )
