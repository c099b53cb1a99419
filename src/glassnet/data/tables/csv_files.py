"""CSV files: read into a table, and written from one.

A CSV file says little about itself. What is found out here: the delimiter (from the header), which columns
are numbers, which cells are missing. What would be a guess is refused instead, with the line to look at.
"""

import csv
import gzip
import io
from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO, TextIO, cast

import numpy as np
from numpy.typing import NDArray

from glassnet.data.files.atomic import write_atomically
from glassnet.data.files.path import path_of
from glassnet.data.tables.cells import MISSING_WORDS, missing_words, number_text, plain_number
from glassnet.data.tables.csv_blocks import Unusual, blocks, header_line, in_utf8
from glassnet.data.tables.csv_libraries import library
from glassnet.data.tables.csv_records import delimiter_of, header_of, records_in, up_to_header, whole_rows
from glassnet.data.tables.cutter import Cutter
from glassnet.data.tables.gathered import Gathered
from glassnet.data.tables.notation import Notation
from glassnet.data.tables.reading_line import ReadingLine
from glassnet.data.tables.table import Column, Table, check_finite, is_numbers
from glassnet.data.tables.text_lines import codec_of, text_lines, unpacked
from glassnet.errors import DataError
from glassnet.parts.naming import check_choice

_CHUNK = 10_000  # rows held as separate cells at a time


def read_csv(
    path: str | Path,
    *,
    delimiter: str | None = None,
    decimal: str = ".",
    thousands: str | None = None,
    missing: Iterable[str] = MISSING_WORDS,
    encoding: str = "utf-8",
    progress: bool | None = None,
) -> Table:
    """Read a CSV file with a header, plain or gzip.

    A column is numbers if all its cells that are not missing are plain decimal numbers, else words. Space
    around cells and names is dropped; empty lines are skipped. A large file is cut by polars, pyarrow or pandas
    where one is installed, as long as nothing in it is unusual; what comes of it is the same.

    Parameters
    ----------
    path
        The file. A column name must not occur twice.
    delimiter
        What separates cells; by default the one of comma, semicolon, tab and bar that splits the header most.
    decimal
        "." or ",": what separates whole and fraction in numbers.
    thousands
        What separates groups of three digits, if anything does: ",", ".", "'" or " " (also spaces that do not break,
        U+00A0 and U+202F). 1,234 is then 1234, and so is 1234; 1,20 or 12,34,567 is no number.
    missing
        The texts that mean "missing", instead of "", NA, N/A, NaN, nan, null, None and ?. The empty cell
        always does.
    encoding
        The file's encoding. A byte order mark of UTF-8 is accepted.
    progress
        Whether a line shows how far it is, from a second on; None: if stderr is a terminal, or in a notebook.

    Raises
    ------
    DataError
        The file is not such a table; the message names the line.
    OSError
        The file cannot be opened.
    """
    notation = Notation(decimal, thousands)
    check_delimiter(delimiter, decimal)
    words, path = missing_words(missing), path_of(path)
    codec_of(encoding)
    if progress is not None:
        check_choice("progress", progress)
    with ReadingLine(path, progress) as shown_line:
        how = _How(delimiter=delimiter, notation=notation, missing=words, encoding=encoding, tell=shown_line.at)
        found = _read_twice(_in_blocks, path, how) if path.stat().st_size >= LARGE else None
        header, gathered, lines = found or _read_twice(_carefully, path, how) or ({}, [], _NO_LINES)
    if len(lines) == 0:
        raise DataError(f"{path.name} has a header and no rows; at least one row is needed")
    columns: dict[str, Column] = {}
    for name in header:
        columns[name] = gathered.pop(0).column()  # the memory of this column's blocks is needed for the next column
    table = Table(columns=columns, source=path.name, lines=lines, unit="line", given_names=header, notation=notation)
    check_finite(table)
    return table


def check_delimiter(delimiter: str | None, decimal: str) -> None:
    """ValueError for what separates no cells."""
    if delimiter is None:
        return
    if not isinstance(delimiter, str) or len(delimiter) != 1 or delimiter in f'"\r\n \0{decimal}':
        allowed = "one character such as ',' and not the decimal sign"
        raise ValueError(f"delimiter must be {allowed}, got {delimiter!r:.60}")


LARGE = 1 << 21  # bytes, 2 MiB; a smaller file is read carefully before a library is imported

Read = tuple[dict[str, str], list[Gathered], NDArray[np.int64]]
_NO_LINES = np.zeros(0, np.int64)


@dataclass(frozen=True, kw_only=True)
class _How:
    """How to read: the options of `read_csv`, whom to tell how far it is, and the columns known to be words."""

    delimiter: str | None
    notation: Notation
    missing: frozenset[str]
    encoding: str
    tell: Callable[[BinaryIO], None]
    words: frozenset[int] = frozenset()

    def delimiter_in(self, header: str) -> str:
        """The one that was given, else the one that cuts the header into most names."""
        return self.delimiter or delimiter_of(header, self.notation.decimal)

    def gathered(self, width: int) -> list[Gathered]:
        """Empty columns."""
        return [Gathered(self.missing, self.notation, k in self.words) for k in range(width)]


def _read_twice(read: Callable[[Path, _How], Read | None], path: Path, how: _How) -> Read | None:
    """Read a file, and where words came late in a column of numbers, whose texts are gone, again."""
    found = read(path, how)
    torn = frozenset(k for k, column in enumerate(found[1]) if column.is_torn) if found else frozenset()
    return read(path, replace(how, words=torn)) if torn else found


def _carefully(path: Path, how: _How) -> Read:
    """Read a file line by line; DataError says what is wrong and where."""
    lines = text_lines(path, how.encoding, how.tell)
    lead = up_to_header(lines)
    records = records_in(chain(lead, lines), how.delimiter_in("".join(lead)), path.name)
    header = header_of(records, path.name, how.notation)
    gathered, numbers = how.gathered(len(header)), array("q")
    whole = whole_rows(records, list(header), path.name)
    while chunk := list(islice(whole, _CHUNK)):
        numbers.extend(line for line, _ in chunk)
        for column, cells in zip(gathered, zip(*(cells for _, cells in chunk), strict=True), strict=True):
            column.add_texts(cells)
    return header, gathered, np.array(numbers, dtype=np.int64)


def _in_blocks(path: Path, how: _How) -> Read | None:
    """Read a large file by a library; None where something in the file is unusual."""
    reader = library()
    try:
        with unpacked(path) as (file, packed):
            chunks = in_utf8(cast(BinaryIO, file), how.encoding)
            first, rest = header_line(chunks)
            delimiter = how.delimiter_in(first)
            if not delimiter.isascii() or plain_number(f"1{delimiter}1") is not None:
                return None
            header = header_of(records_in([first], delimiter, path.name), path.name, how.notation)
            gathered, lines = how.gathered(len(header)), [_NO_LINES]
            cutter = Cutter(
                library=reader, delimiter=delimiter, missing=how.missing, notation=how.notation, columns=gathered
            )
            for block in blocks(chunks, rest, delimiter, len(header), by_count=reader.refuses_ragged):
                cutter.add(block)
                lines.append(block.lines)
                how.tell(packed)
    except (Unusual, UnicodeError, DataError):
        return None
    return header, gathered, np.concatenate(lines)


def write_csv(table: Table, file: TextIO, *, delimiter: str = ",") -> None:
    """Write a table as CSV: numbers as the shortest text that reads back equal, missing as nothing."""
    writer = csv.writer(_UnixLines(file), delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(table.names)
    columns = [table.column(name) for name in table.names]
    for start in range(0, len(table), _CHUNK):
        writer.writerows(zip(*(_texts(column[start : start + _CHUNK]) for column in columns), strict=True))


@dataclass(frozen=True)
class _UnixLines:
    """Ends rows in LF. Told to do so itself, the csv module of Python 3.11 leaves a CR unquoted."""

    file: TextIO

    def write(self, row: str) -> int:
        return self.file.write(row.removesuffix("\r\n") + "\n")


def _texts(column: Column) -> list[str]:
    if is_numbers(column):
        return [number_text(value) for value in column.tolist()]
    return ["" if word is None else word for word in column]


def save_csv(table: Table, path: str | Path, *, delimiter: str = ",", overwrite: bool = False) -> None:
    """Write a table to a file (gzip where its name ends in .gz): the whole file appears, or nothing does.

    Raises
    ------
    FileExistsError
        The file is there and `overwrite` is False.
    OSError
        The file cannot be written.
    """
    text = io.StringIO(newline="")
    write_csv(table, text, delimiter=delimiter)
    content = text.getvalue().encode("utf-8")
    packed = Path(path).suffix == ".gz"
    write_atomically(path, gzip.compress(content, mtime=0) if packed else content, overwrite=overwrite)
