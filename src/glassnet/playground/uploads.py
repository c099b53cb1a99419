"""A table that somebody drops on the page: its pieces, what is in it, and a network for it."""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from glassnet.data.tables import Table, as_table, target_kind
from glassnet.data.tables.cells import number_text, plain_number
from glassnet.data.tables.csv_files import read_csv
from glassnet.data.tables.remarks import column_remarks
from glassnet.data.tables.separators import only_way, ways_in, where_to_look
from glassnet.data.tables.table import is_numbers
from glassnet.errors import DataError
from glassnet.playground.choices import Choices, Hidden
from glassnet.playground.listing import cell
from glassnet.playground.setup import Setup
from glassnet.playground.source import Source

MOST_BYTES = 64 * 2**20
MOST_PIECE = 2**20
MOST_ROWS, MOST_COLUMNS = 200_000, 2_000
ENDINGS = (".csv", ".tsv", ".txt", ".json", ".jsonl")
FEW_ROWS = 20  # with fewer none are held out
GOALS = ("target", "label", "class", "species", "y", "outcome", "diagnosis", "quality", "price")


class Uploads:
    """The file that is being brought, and the table that it was."""

    def __init__(self) -> None:
        self.name, self.pieces = "", list[bytes]()
        self.table: Table | None = None

    def take(self, name: str, piece: bytes, part: int, parts: int) -> dict[str, Any]:
        """One more piece; after the last one what is in the table."""
        if len(piece) > MOST_PIECE:
            raise DataError(f"a piece of a file is at most {MOST_PIECE:,} bytes, got {len(piece):,}")
        if parts * MOST_PIECE > MOST_BYTES + MOST_PIECE:
            raise DataError(f"a file may have {MOST_BYTES // 2**20} MB here; glassnet train takes larger ones")
        if not part:
            self.name, self.pieces = name, []
        if name != self.name or part != len(self.pieces) or part >= parts:
            raise DataError(f"piece {part} of {name!r:.60} came out of order; send the file again")
        self.pieces.append(piece)
        if part + 1 < parts:
            return {"received": part + 1}
        content, self.pieces = b"".join(self.pieces), []
        self.table = read(self.name, content)
        return {"table": told(self.table)}

    def setup(self, target: str, exclude: tuple[str, ...]) -> Setup:
        """A network for the table."""
        if self.table is None:
            raise DataError("no table was brought yet; drop a file on the page first")
        return setup_of_table(self.table, target, exclude)


def read(name: str, content: bytes) -> Table:
    """The table in a file's content; DataError where there is none, with the line to look at."""
    plain = re.sub(r"[^\w.\- ]", "_", Path(name).name)[-80:] or "table.csv"
    if Path(plain).suffix.lower() not in ENDINGS:
        raise DataError(f"{plain} is no table that can be dropped here: {', '.join(ENDINGS)}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / plain
        path.write_bytes(content)
        try:
            table = as_table(path, progress=False)
            check_size(plain, table)
            table = replace(as_written(path, table), source=plain)
        except (DataError, OSError) as error:
            raise DataError(str(error).replace(f"{folder}/", "")) from None
    return table


def check_size(name: str, table: Table) -> None:
    """DataError for a table that is too large for the page."""
    if len(table) > MOST_ROWS or len(table.names) > MOST_COLUMNS:
        raise DataError(
            f"{name} has {len(table):,} rows and {len(table.names):,} columns; the page takes {MOST_ROWS:,} and "
            f"{MOST_COLUMNS:,}, glassnet train takes more"
        )


def as_written(path: Path, table: Table) -> Table:
    """The table that was read of a file; where its numbers can be written in one way alone, read in that way."""
    if path.suffix.lower() not in (".csv", ".tsv", ".txt"):
        return table
    way = only_way(table)
    if way == table.notation:
        return table
    try:
        return as_written(path, read_csv(path, decimal=way.decimal, thousands=way.thousands, progress=False))
    except DataError:
        return table


def told(table: Table) -> dict[str, Any]:
    """What is in a table: its columns, what is odd about them, and which may be the target."""
    guesses = targets(table)
    return {
        "name": table.source,
        "rows": len(table),
        "columns": [column(table, name, guesses[0]) for name in table.names],
        "targets": guesses,
    }


def column(table: Table, name: str, target: str) -> dict[str, Any]:
    """A column: numbers or words, an example, how many are missing."""
    if name in table.unreadable:
        return {"name": name, "kind": "unreadable", "example": "", "missing": 0, "remarks": [table.unreadable[name]]}
    values = table.column(name)
    remarks = (
        [on_the_page(name, remark) for remark in column_remarks(table, name, target, len(table))]
        if name != target
        else []
    )
    if word := doubtful(table, name):
        remarks.append(word)
    there = [cell(value) for value in values[:200] if cell(value) != "missing"]
    example = ", ".join(dict.fromkeys(there[:3]))
    return {
        "name": name,
        "kind": "numbers" if is_numbers(values) else "words",
        "example": example,
        "missing": int(table.missing(name).sum()),
        "remarks": remarks,
    }


def doubtful(table: Table, name: str) -> str:
    """What to do about a column whose words can be numbers in more ways than one: 1,200 as 1200 or as 1.2."""
    ways = ways_in(table, name)
    if len(ways) < 2 or table.notation in ways:
        return ""
    i, _ = where_to_look(table, name, ways)
    word = str(table.column(name)[i])
    numbers = " or ".join(number_text(plain_number(word, way) or 0.0) for way in ways)
    return f"{word} in line {table.lines[i]} can be {numbers}; write it so in the file, and drop that"


def on_the_page(name: str, remark: str) -> str:
    """A remark on a column beside it, where it is left out by a tick rather than by `exclude`."""
    said = re.sub(r"leave it out with exclude=\[.*\]", "leave it out", remark).removeprefix(f"{name}: ")
    return said[:1].upper() + said[1:]


def targets(table: Table) -> list[str]:
    """The columns by how likely they are what is to be predicted: called so, or words of few kinds, or the last."""

    def score(k: int, name: str) -> tuple[int, int]:
        if name in table.unreadable:
            return (9, k)
        values = table.column(name)
        is_called = name.strip().lower() in GOALS
        is_last = k == len(table.names) - 1
        kinds = len(Counter(values[:1000].tolist())) if not is_numbers(values) else 0
        is_code = 2 <= kinds <= 20
        return (0 if is_called else 1 if is_last and is_code else 2 if is_last else 3 if is_code else 4, k)

    return [name for _, name in sorted((score(k, name), name) for k, name in enumerate(table.names))]


def setup_of_table(table: Table, target: str, exclude: tuple[str, ...] = (), code: str = "") -> Setup:
    """A network for a table, of ordinary size."""
    table.check_column(target)
    known = table.known(target)
    kind = target_kind(known, target, None)[0]
    few = len(known) < FEW_ROWS
    left_out = f", exclude={list(exclude)!r}" if exclude else ""
    source = Source(
        name=table.source,
        title=f"{table.source}: {len(known):,} rows",
        X=table,
        columns={"target": target, "exclude": exclude, "kind": kind},  # type: ignore[typeddict-item]  # a kind is one of its two
        code=(f"table = {code or repr(table.source)}",),
        given=f"table, target={target!r}{left_out}",
    )
    choices = Choices(
        layers=(Hidden(units=8),),
        learning_rate=0.01,
        batch_size=32,
        epochs=300,
        validation=None if few else 0.2,
    )
    what = "classes" if kind == "classes" else "a number"
    sentence = f"{target} is {what}, predicted from the other columns. Press Train, and watch the rows held out."
    return Setup(source=source, choices=choices, title=table.source, sentence=sentence)
