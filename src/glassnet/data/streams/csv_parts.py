"""CSV files part by part: cut by a library where nothing in them is unusual, else line by line."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np

from glassnet.data.streams.ahead import ahead
from glassnet.data.streams.parts import Kinds, asked_for, check_names, with_others
from glassnet.data.streams.source import Files, How, Tell, Torn, rows_of_part
from glassnet.data.tables.cells import missing_words, plain_number
from glassnet.data.tables.csv_blocks import Unusual, blocks, header_line, in_utf8
from glassnet.data.tables.csv_libraries import library
from glassnet.data.tables.csv_records import delimiter_of, header_of, records_in, up_to_header, whole_rows
from glassnet.data.tables.cutter import Cutter
from glassnet.data.tables.gathered import Gathered
from glassnet.data.tables.table import Table, check_finite
from glassnet.data.tables.text_lines import codec_of, text_lines, unpacked
from glassnet.errors import DataError


@dataclass(frozen=True, eq=False)
class CsvParts(Files):
    """CSV files, plain or gzip, that are one table."""

    is_quick = False

    def parts(self, how: How, tell: Tell) -> Iterator[Table]:
        """As `Source` says."""
        kinds, first = Kinds(how.words), tuple[str, ...]()
        before = 0
        for path in self.paths:
            reading = Reading(path=path, how=how, kinds=kinds, tell=after(before, tell))
            for part in reading.parts():
                first = first or part.names
                check_names(first, part.names, source=path.name, before=self.paths[0].name)
                kinds.take(part)
                check_finite(part)
                yield part.select(first)
            if not reading.lines:
                raise DataError(f"{path.name} has a header and no rows; at least one row is needed")
            before += path.stat().st_size


def after(before: int, tell: Tell) -> Tell:
    """What tells of a file when so many bytes were read before it."""
    return lambda done: tell(before + done)


@dataclass(eq=False, kw_only=True)
class Reading:
    """A file on its way; `lines` is how many rows were read."""

    path: Path
    how: How
    kinds: Kinds
    tell: Tell
    lines: int = 0

    def parts(self) -> Iterator[Table]:
        """Its rows; by a library as far as that is possible."""
        codec_of(self.how.encoding)
        done = 0
        try:
            for part in self.in_blocks():
                done += len(part)
                self.lines = done
                yield part
            return
        except (Unusual, UnicodeError):
            pass
        for part in self.carefully():  # from the start: what was given already is left out
            self.lines += len(part)
            if self.lines > done:
                yield part.between(max(0, len(part) - (self.lines - done)), len(part))

    def table(self, header: dict[str, str], columns: Sequence[Gathered], lines: np.ndarray) -> Table:
        """Rows that were gathered; `Torn` where words came after numbers."""
        names = asked_for(self.how, list(header))
        asked = {name: column for name, column in zip(header, columns, strict=True) if name in names}
        torn = frozenset(name for name, column in asked.items() if column.is_torn)
        if torn:
            raise Torn(torn)
        part = Table(
            columns={name: column.column() for name, column in asked.items()},
            source=self.path.name,
            lines=lines,
            unit="line",
            given_names=header,
            notation=self.how.notation,
        )
        return with_others(part, list(header))

    def gathered(self, header: dict[str, str]) -> list[Gathered]:
        """Empty columns; those that are known to be words take texts."""
        missing = missing_words(self.how.missing)
        return [Gathered(missing, self.how.notation, name in self.kinds.words) for name in header]

    def delimiter_in(self, header: str) -> str:
        """The one that was given, else the one that cuts the header into most names."""
        return self.how.delimiter or delimiter_of(header, self.how.notation.decimal)

    def in_blocks(self) -> Iterator[Table]:
        """Cut by a library; `Unusual` or UnicodeError where something in the file is."""
        how, path = self.how, self.path
        with unpacked(path) as (file, packed):
            chunks = in_utf8(cast(BinaryIO, file), how.encoding)
            try:
                first, rest = header_line(chunks)
                delimiter = self.delimiter_in(first)
                if not delimiter.isascii() or plain_number(f"1{delimiter}1") is not None:
                    raise Unusual
                header = header_of(records_in([first], delimiter, path.name), path.name, how.notation)
            except DataError:
                raise Unusual from None  # which the careful reader words
            reader = library()
            cutter = Cutter(
                library=reader,
                delimiter=delimiter,
                missing=missing_words(how.missing),
                notation=how.notation,
                columns=[],
            )
            for block in ahead(blocks(chunks, rest, delimiter, len(header), by_count=reader.refuses_ragged)):
                cutter.columns = self.gathered(header)
                cutter.add(block)
                self.tell(packed.tell())
                yield self.table(header, cutter.columns, block.lines)

    def carefully(self) -> Iterator[Table]:
        """Line by line; DataError says what is wrong and where."""

        def tell(file: BinaryIO) -> None:
            self.tell(file.tell())

        lines = text_lines(self.path, self.how.encoding, tell)
        lead = up_to_header(lines)
        records = records_in(chain(lead, lines), self.delimiter_in("".join(lead)), self.path.name)
        header = header_of(records, self.path.name, self.how.notation)
        whole = whole_rows(records, list(header), self.path.name)
        self.lines = 0
        while chunk := list(islice(whole, rows_of_part(len(header)))):
            columns, numbers = self.gathered(header), array("q", (line for line, _ in chunk))
            for column, cells in zip(columns, zip(*(cells for _, cells in chunk), strict=True), strict=True):
                column.add_texts(cells)
            yield self.table(header, columns, np.array(numbers, dtype=np.int64))
