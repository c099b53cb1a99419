"""The rows of a table as they stand where it was read: their text, not the numbers that were read from it.

`01234`, `12345678901234567890`, `39.10` and `NA` lose something when a column is read as numbers. Whoever copies rows
(predictions beside the columns they were made from, rows that were held out) takes them from here. A row is found
again by its line, which the table remembers.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain
from pathlib import Path
from typing import TypeAlias

from glassnet.data.tables.cells import number_text
from glassnet.data.tables.csv_records import Record, delimiter_of, header_of, records_in, up_to_header, whole_rows
from glassnet.data.tables.notation import PLAIN, Notation
from glassnet.data.tables.table import Table, is_numbers
from glassnet.data.tables.text_lines import text_lines

Cell: TypeAlias = str | bool | date | None
"""What stands in a cell: its text, also of a number; a date, perhaps with its time; None for nothing."""


class Number(str):
    """The text of a number, where numbers and words are told apart: in JSON, not in CSV."""


class Nested(str):
    """The text in JSON of a list or a record in a cell: no column can be made of it, but it can be copied."""


@dataclass(frozen=True)
class Row:
    """A row.

    Attributes
    ----------
    line
        As in `Table.lines`.
    text
        The row in its file, without its line end; None where there is no such text.
    cells
        What stands in its cells.
    """

    line: int
    text: str | None
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Verbatim:
    """A table's header and its rows, to be gone through once; `delimiter` separates the cells of their texts."""

    names: tuple[str, ...]
    delimiter: str
    header: str | None
    rows: Iterable[Row]


def csv_rows(
    path: Path, *, delimiter: str | None = None, notation: Notation = PLAIN, encoding: str = "utf-8"
) -> Verbatim:
    """The rows of a CSV file, those that `read_csv` reads and under the same options.

    >>> from tempfile import mkdtemp
    >>> path = Path(mkdtemp(), "t.csv")
    >>> _ = path.write_text('zip, note\\n01234, "a, b"\\n')
    >>> next(iter(csv_rows(path).rows))
    Row(line=2, text='01234, "a, b"', cells=('01234', 'a, b'))
    """
    lines = text_lines(path, encoding)
    lead = up_to_header(lines)
    delimiter = delimiter or delimiter_of("".join(lead), notation.decimal)
    texts = _Texts()
    records = texts.of_records(records_in(texts.of_lines(chain(lead, lines)), delimiter, path.name))
    names = list(header_of(records, path.name, notation))
    header = texts.last

    def rows() -> Iterator[Row]:
        for line, cells in whole_rows(records, names, path.name):
            padded = _padded(cells, texts.last, delimiter)
            yield Row(line, texts.last, tuple(cell or None for cell in padded) if "" in padded else tuple(padded))

    return Verbatim(tuple(names), delimiter, header, rows())


class _Texts:
    """Remembers the lines that a reader of records takes: those of the last record are its text."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.count = 0
        self.last = ""

    def of_lines(self, lines: Iterable[str]) -> Iterator[str]:
        for line in lines:
            self.taken.append(line)
            self.count += 1
            yield line

    def of_records(self, records: Iterable[Record]) -> Iterator[Record]:
        for line, cells in records:
            self.last = "".join(self.taken[line - 1 - self.count :]).rstrip("\r\n")  # without empty lines before it
            self.taken.clear()
            yield line, cells


def _padded(cells: list[str], text: str, delimiter: str) -> list[str]:
    """The cells of a row with the space before them, which `read_csv` drops so that a quoted cell may follow it."""
    if not text.startswith(" ") and f"{delimiter} " not in text:
        return cells
    padded = next(csv.reader([text], delimiter=delimiter), [])
    return padded if [cell.strip() for cell in padded] == [cell.strip() for cell in cells] else cells


def table_rows(table: Table) -> Verbatim:
    """The rows of a table that was in no file: numbers as the shortest text that reads back equal.

    >>> from glassnet.data.tables import as_table
    >>> next(iter(table_rows(as_table({"x": [0.5], "name": ["Ada"]})).rows))
    Row(line=1, text=None, cells=('0.5', 'Ada'))
    """
    columns = [
        [Number(number_text(value)) or None for value in column.tolist()] if is_numbers(column) else column.tolist()
        for column in map(table.column, table.names)
    ]
    cells = zip(*columns, strict=True)
    rows = (Row(line, None, row) for line, row in zip(table.lines.tolist(), cells, strict=True))
    return Verbatim(table.names, ",", None, rows)
