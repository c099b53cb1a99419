"""Blocks of a CSV file cut into cells by a library, column by column: as numbers where they are, else as texts."""

import csv
from dataclasses import dataclass, field

from glassnet.data.tables.cells import numbers_from_texts, plain_number
from glassnet.data.tables.csv_blocks import Block, Unusual
from glassnet.data.tables.csv_libraries import Cells, Library
from glassnet.data.tables.gathered import Gathered
from glassnet.data.tables.notation import PLAIN, Notation

SAMPLE, MOST_REFUSALS = 100, 3


@dataclass(eq=False, kw_only=True)
class Cutter:
    """Adds blocks to columns.

    A column is asked for as numbers while all its cells so far were plain numbers or missing. Where the library
    refuses, the block is cut into texts, which the columns judge: it is they who decide.

    Attributes
    ----------
    library, delimiter
        Who cuts, and at what.
    missing, notation
        The words for missing, and how numbers are written.
    columns
        Where the cells go.
    plain
        Whether each column was plain numbers in its last block.
    empty
        The texts that the library is told to take for missing among numbers; all of them take it longer.
    refusals
        How many blocks it did not take as numbers.
    """

    library: Library
    delimiter: str
    missing: frozenset[str]
    notation: Notation
    columns: list[Gathered]
    plain: list[bool] = field(default_factory=list)
    empty: tuple[str, ...] = ("",)
    refusals: int = 0

    @property
    def asks_for_numbers(self) -> bool:
        """Whether the library's numbers are of use: not where -999 is missing, since padded it is so as well."""
        as_words = self.notation != PLAIN or any(plain_number(word) is not None for word in self.missing)
        return self.library.reads_numbers and not as_words and self.refusals <= MOST_REFUSALS

    def add(self, block: Block) -> None:
        """Add the cells of a block; Unusual where the library sees other rows in it."""
        self.plain = self.plain or self._sampled(block)
        texts = [False] * len(self.columns)
        numeric = [plain and not column.is_words for plain, column in zip(self.plain, self.columns, strict=True)]
        cells = None
        if any(numeric) and self.asks_for_numbers:
            cells = self._cut(block, numeric)
            if cells is None and len(self.empty) < len(self.missing):
                self.empty = tuple(sorted(self.missing))
                cells = self._cut(block, numeric)
            self.refusals += cells is None
        cells = cells or self._cut(block, texts)
        if cells is None:
            raise Unusual
        for k, (column, found) in enumerate(zip(self.columns, cells, strict=True)):
            if isinstance(found, tuple):
                self.plain[k] = column.add_coded(*found)
            elif isinstance(found, list):
                column.add_texts(found)
            else:
                column.add_numbers(found)

    def _cut(self, block: Block, numeric: list[bool]) -> list[Cells] | None:
        """The cells, or None where the library refuses or sees other rows."""
        try:
            cells = self.library.cut(block.content, self.delimiter, numeric, self.empty)
        except Exception:  # each library has errors of its own
            return None
        sizes = {len(found[0]) if isinstance(found, tuple) else len(found) for found in cells}
        return cells if sizes == {len(block.lines)} and len(cells) == len(self.columns) else None

    def _sampled(self, block: Block) -> list[bool]:
        """Whether each column is plain numbers in the first rows."""
        start = block.content[: 1 << 16].decode(errors="replace").splitlines(keepends=True)[:SAMPLE]
        rows = [row for row in csv.reader(start, delimiter=self.delimiter) if len(row) == len(self.columns)]
        if not rows:
            return [False] * len(self.columns)
        return [numbers_from_texts(texts, self.missing)[1] for texts in zip(*rows, strict=True)]
