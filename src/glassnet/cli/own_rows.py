"""The own cells of a table that is read part by part, as they stand in its files: predictions are put beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

from glassnet.cli.rows import Rows, is_exact, is_whole
from glassnet.data.streams.csv_parts import CsvParts
from glassnet.data.streams.parquet_parts import frames, opened
from glassnet.data.streams.stream import Stream
from glassnet.data.tables.frame_files import cell_of
from glassnet.data.tables.verbatim import Row, Verbatim, csv_rows
from glassnet.errors import DataError

SOME = 10_000  # rows of a CSV file that become a table of pyarrow at a time


def own_rows(stream: Stream) -> Verbatim:
    """The rows of all files, in order; of CSV their texts, where a file has its columns in the order of the first."""
    source: Any = stream.source
    if isinstance(source, CsvParts):
        first = csv_file(stream, source.paths[0])
        return Verbatim(first.names, first.delimiter, first.header, csv_files(stream, source.paths, first))
    with opened(source.paths[0]) as file:
        names = file.schema_arrow.names
    return Verbatim(tuple(names), ",", None, parquet_rows(source.paths, names))


def names_of(stream: Stream) -> tuple[str, ...]:
    """The names of a table's columns; errors are those of reading it."""
    source: Any = stream.source
    if isinstance(source, CsvParts):
        return csv_file(stream, source.paths[0]).names
    with opened(source.paths[0]) as file:
        return tuple(name.strip() for name in file.schema_arrow.names)


def csv_file(stream: Stream, path: Path) -> Verbatim:
    """The rows of a file."""
    how = stream.how
    return csv_rows(path, delimiter=how.delimiter, notation=how.notation, encoding=how.encoding)


def csv_files(stream: Stream, paths: Sequence[Path], first: Verbatim) -> Iterator[Row]:
    """The rows of CSV files; those that are written otherwise than the first cell by cell."""
    for path in paths:
        found = csv_file(stream, path)
        if (found.names, found.delimiter) == (first.names, first.delimiter):
            yield from found.rows
            continue
        places = [found.names.index(name) for name in first.names]
        for row in found.rows:
            yield Row(row.line, None, tuple(row.cells[k] for k in places))


def parquet_tables(paths: Sequence[Path], names: list[str]) -> Iterator[Any]:
    """The rows of Parquet files as small tables of pyarrow."""
    for path in paths:
        with opened(path) as file:
            yield from frames(file, path, 0, names)


def parquet_rows(paths: Sequence[Path], names: list[str]) -> Iterator[Row]:
    """The rows of Parquet files, numbers with all their digits."""
    row = 0
    for table in parquet_tables(paths, names):
        columns = (map(cell_of, column.to_pylist()) for column in table.columns)
        for row, cells in enumerate(zip(*columns, strict=True), row + 1):  # noqa: B020  # it goes on counting
            yield Row(row, None, cells)


def own_tables(stream: Stream) -> Iterator[Any]:
    """The rows of all files as tables of pyarrow: those of Parquet as they are, those of CSV with types of their own.

    A column of CSV is numbers where these, written again, are the very texts; to know that takes a reading before.
    """
    source: Any = stream.source
    if not isinstance(source, CsvParts):
        with opened(source.paths[0]) as file:
            names = file.schema_arrow.names
        yield from parquet_tables(source.paths, names)
        return
    pyarrow, found = import_module("pyarrow"), own_rows(stream)
    kinds = kinds_of(found)
    types = [pyarrow.field(name, getattr(pyarrow, kind.arrow)()) for name, kind in zip(found.names, kinds, strict=True)]
    schema = pyarrow.schema(types)
    rows = iter(own_rows(stream).rows)
    while some := list(islice(rows, SOME)):
        columns = zip(*(row.cells for row in some), strict=True)
        arrays = [kind.values(column) for kind, column in zip(kinds, columns, strict=True)]
        yield pyarrow.table(arrays, schema=schema)


@dataclass(eq=False)
class TextKind:
    """Whether a column's texts so far are whole numbers, numbers, or words, as `rows.typed` has it."""

    is_whole: bool = True
    is_exact: bool = True
    is_there: bool = False

    def look(self, text: Any) -> None:
        """Look at the next cell."""
        if text is None:
            return
        self.is_there = True
        if self.is_whole and not is_whole(text):
            self.is_whole = False
        if self.is_exact and not is_exact(text):
            self.is_exact = False

    @property
    def arrow(self) -> str:
        """The type in pyarrow."""
        if not self.is_there:
            return "string"
        return "int64" if self.is_whole else "float64" if self.is_exact else "string"

    def values(self, texts: Sequence[Any]) -> list[Any]:
        """The cells as values of that type."""
        of: Any = {"int64": int, "float64": float, "string": str}[self.arrow]
        return [None if text is None else of(text) for text in texts]


def kinds_of(found: Verbatim) -> list[TextKind]:
    """The kind of each column, by all rows."""
    kinds = [TextKind() for _ in found.names]
    for row in found.rows:
        for kind, cell in zip(kinds, row.cells, strict=True):
            if kind.is_whole or kind.is_exact:
                kind.look(cell)
    return kinds


class Taken:
    """Tables of pyarrow cut anew: so many rows at a time."""

    def __init__(self, tables: Iterator[Any], name: str) -> None:
        self.tables, self.name = tables, name
        self.rest: list[Any] = []

    def take(self, rows: int) -> Any:
        """The next rows; DataError where there are fewer."""
        while sum(map(len, self.rest)) < rows:
            table = next(self.tables, None)
            if table is None:
                raise changed(self.name)
            self.rest.append(table)
        whole = import_module("pyarrow").concat_tables(self.rest)
        self.rest = [whole.slice(rows)]
        return whole.slice(0, rows)

    def end(self) -> None:
        """DataError where rows are left."""
        if sum(map(len, self.rest)) or next(self.tables, None) is not None:
            raise changed(self.name)


def changed(name: str) -> DataError:
    """What is said where two readings of a table give different numbers of rows."""
    return DataError(f"{name} was changed while it was read; let it be written to its end, and read it again")


def beside_rows(own: Verbatim, rows: Iterator[Row], count: int, new: dict[str, Any], decimal: str) -> Rows:
    """The next rows of a table, and new columns beside them."""
    some = list(islice(rows, count))
    if len(some) < count:
        raise changed("the table")
    return Rows(names=own.names, header=own.header, own=some, delimiter=own.delimiter, decimal=decimal, new=new)
