"""Rows that are written: a table's own cells as they stand in it, and columns put beside them.

As CSV, own rows keep their text, and what is added is written with their delimiter. Parquet and Excel have types: a
column of texts becomes numbers only where the numbers, written again, are these very texts.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import repeat
from pathlib import Path
from typing import Any

from glassnet.cli.outputs import begins, check_output, first_line, write_bytes, write_text
from glassnet.data.tables.cells import number_text, plain_number
from glassnet.data.tables.targets import label_word
from glassnet.data.tables.verbatim import Cell, Nested, Number, Row, Verbatim
from glassnet.errors import DataError

Value = str | bool | int | float


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Rows to be written.

    Attributes
    ----------
    names
        Of the columns that the table has itself; none where only new ones are written.
    header, own
        Its header's text and its rows.
    delimiter
        Of these texts.
    decimal
        The decimal sign in them.
    new
        The columns put beside them, by name.
    """

    names: tuple[str, ...] = ()
    header: str | None = None
    own: Iterable[Row] = ()
    delimiter: str = ","
    decimal: str = "."
    new: Mapping[str, Sequence[Value]]

    def __post_init__(self) -> None:
        for name in self.new:
            if name in self.names:
                raise DataError(f"the table already has a column {name!r}; rename it there, or leave --keep out")

    def pairs(self) -> Iterator[tuple[Row, tuple[Value, ...]]]:
        """Each row and what is put beside it."""
        own = self.own if self.names else repeat(Row(0, "", ()))
        added = zip(*self.new.values(), strict=True)
        yield from zip(own, added, strict=bool(self.names))

    def columns(self) -> dict[str, list[Any]]:
        """All columns, own ones as texts."""
        rows = [(*row.cells, *added) for row, added in self.pairs()]
        names = (*self.names, *self.new)
        return {name: list(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)}


def beside(own: Verbatim, new: Mapping[str, Sequence[Value]], decimal: str = ".") -> Rows:
    """New columns beside a table's own."""
    return Rows(names=own.names, header=own.header, own=own.rows, delimiter=own.delimiter, decimal=decimal, new=new)


def written(rows: Rows, kind: str) -> str | bytes:
    """The content of a file of a kind: `csv`, `tsv`, `json`, `jsonl`, `parquet` or `xlsx`."""
    if kind in ("csv", "tsv"):
        return as_csv(rows, "\t" if kind == "tsv" else rows.delimiter)
    if kind in ("json", "jsonl"):
        return as_json(rows, lines=kind == "jsonl")
    from glassnet.cli import frames  # which most commands never need

    write, largest = (frames.as_parquet, 2**63) if kind == "parquet" else (frames.as_xlsx, 10**15)
    return write({name: typed(column, largest) for name, column in rows.columns().items()})


@dataclass(frozen=True)
class File:
    """Rows as a file that is not yet written."""

    path: Path
    content: str | bytes
    names: list[str]

    @classmethod
    def of(cls, path: Path, rows: Rows, kind: str) -> File:
        """Rows as a file of a kind."""
        return cls(path, written(rows, kind), [*rows.names, *rows.new])

    def check(self, force: bool) -> None:
        """Refuse a path that cannot be written, or that holds something else than earlier rows of this command."""
        check_output(self.path, self.is_earlier, "an earlier result of this command", force)

    def is_earlier(self, path: Path) -> bool:
        """Whether a file has the same columns."""
        if isinstance(self.content, str):
            return begins(path, first_line(self.content))
        from glassnet.data.tables.frame_files import names_of

        try:
            return names_of(path) == self.names
        except DataError:  # it is no such file
            return False

    def write(self, force: bool) -> None:
        """Write it."""
        if isinstance(self.content, str):
            write_text(self.path, self.content, force)
        else:
            write_bytes(self.path, self.content, self.is_earlier, force)


def as_csv(rows: Rows, delimiter: str, with_header: bool = True) -> str:
    """As CSV: rows whose text has this delimiter as they are, others cell by cell."""
    lines: list[str] = []
    writer = csv.writer(Lines(lines), delimiter=delimiter, lineterminator="\r\n")  # with \n it would not quote a \r
    columns = [in_csv(column, rows.decimal) for column in rows.new.values()]
    if not rows.names:
        writer.writerows([list(rows.new)] * with_header)
        writer.writerows(zip(*columns, strict=True))
        return "".join(lines)
    as_it_is = delimiter == rows.delimiter

    def add(text: str | None, cells: Iterable[str], added: Iterable[str]) -> None:
        if text is None or not as_it_is:
            writer.writerow([*cells, *added])
        else:
            writer.writerow(added)
            lines[-1] = f"{text}{delimiter}{lines[-1]}"

    if with_header:
        add(rows.header, rows.names, rows.new)
    for row, added in zip(rows.own, zip(*columns, strict=True), strict=True):
        add(row.text, map(cell_text, row.cells), added)
    return "".join(lines)


@dataclass(frozen=True)
class Lines:
    """Where a writer of CSV leaves its lines, which end in LF."""

    lines: list[str]

    def write(self, line: str) -> None:
        """Take a line."""
        self.lines.append(line[:-2] + "\n")


def in_csv(column: Sequence[Value], decimal: str) -> list[str]:
    """Values as they are written in cells."""
    texts = [value if isinstance(value, str) else label_word(value) for value in column]
    if decimal == ".":
        return texts
    return [
        text if isinstance(value, str) else text.replace(".", decimal)
        for text, value in zip(texts, column, strict=True)
    ]


def cell_text(cell: Cell) -> str:
    """A cell as text: True and False as tables and predictions have them, dates in ISO 8601."""
    return "" if cell is None else cell.isoformat() if isinstance(cell, date) else str(cell)


def as_json(rows: Rows, lines: bool) -> str:
    """As records, in a list or one a line; own cells are texts, where they were not JSON themselves."""
    names = [json.dumps(name, ensure_ascii=False) for name in (*rows.names, *rows.new)]
    records = []
    for row, added in rows.pairs():
        values = [*map(json_text, row.cells), *map(json_text, added)]
        records.append("{" + ", ".join(f"{name}: {value}" for name, value in zip(names, values, strict=True)) + "}")
    return "\n".join(records) + "\n" if lines else "[\n" + ",\n".join(records) + "\n]\n"


def json_text(value: Value | date | None) -> str:
    """A value as JSON; numbers that JSON has no word for are null."""
    if isinstance(value, Nested):
        return str(value)
    if isinstance(value, Number):
        return value if JSON_NUMBER.fullmatch(value) else "null"
    if isinstance(value, float) and value - value != 0.0:
        return "null"
    return json.dumps(value.isoformat() if isinstance(value, date) else value, ensure_ascii=False)


JSON_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")
WHOLE = re.compile(r"0|-?[1-9]\d*")


def typed(column: Sequence[Any], largest: int = 2**63) -> list[Any]:
    """A column of values of one type and None; texts as numbers where nothing is lost: whole ones below `largest`.

    >>> typed(["1", None, "20"]), typed(["01", "20"]), typed(["0.5", "3"]), typed(["39.10", "3"])
    ([1, None, 20], ['01', '20'], [0.5, 3.0], ['39.10', '3'])
    """
    present = [value for value in column if value is not None]
    if all(isinstance(value, str) for value in present):
        if present and all(is_whole(text, largest) for text in present):
            return [None if text is None else int(text) for text in column]
        if present and all(is_exact(text) for text in present):
            return [None if text is None else float(text) for text in column]
        return [None if text is None else str(text) for text in column]
    if len({type(value) for value in present}) == 1:
        return list(column)
    if all(isinstance(value, (Number, int, float)) and not isinstance(value, bool) for value in present):
        return [None if value is None else float(value) for value in column]
    return [None if value is None else cell_text(value) for value in column]


def is_whole(text: str, largest: int = 2**63) -> bool:
    """Whether a text is a whole number below this one, as numbers are written."""
    return WHOLE.fullmatch(text) is not None and len(text) < 21 and abs(int(text)) < largest


def is_exact(text: str) -> bool:
    """Whether a text is what the number is written as that it stands for."""
    value = plain_number(text)
    return value is not None and text == number_text(value)
