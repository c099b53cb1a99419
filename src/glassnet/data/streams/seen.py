"""What is known of a table's rows after some of its parts: what was counted, and a sample of the rows.

The sample is those rows whose places have the smallest numbers drawn for them (`places.py`), so it is the same however
the table is cut, and samples of parts put together are a sample of the whole. All rows are in it as long as they are
few. A share of its rows that lies below some value is that of all rows within √(ln(2/δ) / 2n), with probability 1 - δ
(Dvoretzky, Kiefer and Wolfowitz, 1956, with the constant of Massart, 1990): with 131,072 rows within 0.75 % for a
δ of one in a million. Added are rows that have what must not be missed: each word's first, and those with a column's
smallest and largest numbers.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from glassnet.data.streams.places import OF_SAMPLE, Hashes, hashes
from glassnet.data.tables.category_column import words_of
from glassnet.data.tables.dates import days_of_texts
from glassnet.data.tables.facts import NumberFacts
from glassnet.data.tables.number_column import numbers_of
from glassnet.data.tables.stacked import stacked
from glassnet.data.tables.table import Table
from glassnet.data.tables.wording import shown
from glassnet.data.tables.words import Words
from glassnet.errors import DataError

FEWEST, MOST, CELLS = 1 << 13, 1 << 17, 1 << 21  # rows of a sample; numbers in it, about
MOST_WORDS = 1 << 16  # different words of a column
MOST_CODES = 1 << 8  # different numbers that may be classes


def rows_of_sample(columns: int) -> int:
    """How many rows a sample of a table with so many columns has."""
    return max(FEWEST, min(MOST, CELLS // max(1, columns)))


def bound(rows: int, chance: float = 1e-6) -> float:
    """How far a share of so many sampled rows may be from that of all, but for this chance.

    >>> round(bound(131072), 4)
    0.0074
    """
    return math.sqrt(math.log(2.0 / chance) / (2.0 * rows))


class Sample:
    """Rows of a table, of which no more than so many are held, and those that must be there."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.limit = 2**64 - 1  # of what is drawn for a row's place: with a larger number it is not in the sample
        self.tables: list[Table] = []
        self.drawn: list[Hashes] = []
        self.must: list[NDArray[np.bool_]] = []
        self.held = 0

    def add(self, part: Table, places: NDArray[np.int64], must: Iterable[int]) -> None:
        """Look at rows with these places; those numbered in `must` are kept whatever is drawn for them."""
        drawn, kept = hashes(places, OF_SAMPLE), np.zeros(len(part), np.bool_)
        kept[list(must)] = True
        picked = np.flatnonzero(kept | (drawn <= np.uint64(self.limit)))
        if not len(picked):
            return
        self.tables.append(part.rows(picked))
        self.drawn.append(drawn[picked])
        self.must.append(kept[picked])
        self.held += len(picked)
        if self.held > 2 * self.size:
            self.shrink()

    def shrink(self) -> None:
        """Let go of rows that are too many."""
        drawn, must = np.concatenate(self.drawn), np.concatenate(self.must)
        if len(drawn) > self.size:
            self.limit = int(np.partition(drawn, self.size - 1)[self.size - 1])
        kept = must | (drawn <= np.uint64(self.limit))
        self.tables = [stacked(self.tables).rows(kept)]
        self.drawn, self.must = [drawn[kept]], [must[kept]]
        self.held = len(drawn[kept])

    def table(self) -> Table:
        """The rows, in the order in which they were looked at."""
        self.shrink()
        return self.tables[0]


class Seen:
    """What is known of the rows with a target that were looked at; it has what `Facts` ask for.

    Parameters
    ----------
    target
        The column to predict.
    categories
        Columns to take as words whatever they hold.

    Attributes
    ----------
    unused
        Columns that are no inputs: nothing is counted of them.
    """

    def __init__(self, target: str, categories: Sequence[str] = ()) -> None:
        self.target, self.categories = target, frozenset(categories)
        self.unused = frozenset[str]()
        self.rows = 0
        self.numbers: dict[str, NumberFacts] = {}
        self.dates: dict[str, NumberFacts] = {}  # in days, of words that are dates
        self.counts: dict[str, dict[str, int]] = {}
        self.absent: dict[str, int] = {}
        self.sample: Sample | None = None
        self.is_quantity = False  # the target has more different numbers than codes have

    def add(self, part: Table, places: NDArray[np.int64]) -> None:
        """Look at rows with a target, whose places in the table are these."""
        must: set[int] = set()
        for name, column in part.columns.items():
            if name in self.unused:
                continue
            missing = int(np.count_nonzero(part.missing(name)))
            self.absent[name] = self.absent.get(name, 0) + missing
            if isinstance(column, Words):
                must |= self.add_words(name, column) if missing < len(part) else set()
                continue
            must |= self.add_numbers(self.numbers, name, column)
            if name in self.categories or (name == self.target and self.may_be_codes(column)):
                must |= self.add_words(name, words_of(part, name))
        self.rows += len(part)
        if self.sample is None:
            self.sample = Sample(rows_of_sample(len(part.columns)))
        self.sample.add(part, places, must)

    @property
    def given(self) -> int:
        """As `Facts` has it: rows without a target are not looked at."""
        return self.rows

    def may_be_codes(self, values: NDArray[np.float64]) -> bool:
        """Whether a target of numbers has so few different ones that they may be classes."""
        if (
            self.is_quantity
            or len(np.unique(values[: 2 * MOST_CODES])) > MOST_CODES
            or len(np.unique(values)) + len(self.counts.get(self.target, {})) > 2 * MOST_CODES
        ):
            self.is_quantity = True
        return not self.is_quantity

    def add_numbers(self, known: dict[str, NumberFacts], name: str, values: NDArray[np.float64]) -> set[int]:
        """Count numbers; the rows that have the smallest or the largest of all so far."""
        found, before = NumberFacts.of(values), known.get(name)
        known[name] = before.with_more(found) if before else found
        if not found.present:
            return set()
        has_lowest = before is None or not before.low <= found.low
        has_highest = before is None or not before.high >= found.high
        must = {int(np.nanargmin(values))} if has_lowest else set()
        return must | ({int(np.nanargmax(values))} if has_highest else set())

    def add_words(self, name: str, column: Words) -> set[int]:
        """Count words; the rows that have one for the first time, or the first or last of all dates."""
        rows = np.bincount(column.codes + 1, minlength=len(column.words) + 1)[1:].tolist()
        known, new = self.counts.setdefault(name, {}), []
        must = set[int]()
        if name in self.dates or (not known and is_date(column)):
            days = column.each(np.append(days_of_texts(column.words), np.nan))
            must |= self.add_numbers(self.dates, name, days)
            odd = np.isnan(days) & ~column.missing
            if len(known) >= MOST_WORDS:  # of dates there may be as many as rows; what is none of them is kept
                return must | set(np.flatnonzero(odd)[:1].tolist())
        for code, (word, count) in enumerate(zip(column.words, rows, strict=True)):
            if count:
                if word not in known:
                    new.append(code)
                known[word] = known.get(word, 0) + count
        if new:
            codes, first = np.unique(column.codes, return_index=True)
            must |= set(first[np.isin(codes, new)].tolist())
        if len(known) > MOST_WORDS and name not in self.dates and name != self.target:
            raise DataError(
                f"column {shown(name)} has more than {MOST_WORDS:,} different words; a table that is read part by part "
                f"may have so many in a column: leave it out with exclude=[{shown(name)}]"
            )
        return must

    def number(self, name: str) -> NumberFacts:
        """As `Facts` has it."""
        if name in self.numbers:
            return self.numbers[name]
        assert self.sample is not None
        numbers_of(self.sample.table(), name)  # DataError for a word that is no number
        words = Table(columns={name: Words.of(self.counts[name])}, source="", lines=np.arange(len(self.counts[name])))
        values = np.repeat(numbers_of(words, name), list(self.counts[name].values()))
        found = NumberFacts.of(values)
        absent = NumberFacts.of(np.full(self.absent[name], np.nan))
        return found.with_more(absent)

    def days(self, name: str) -> NumberFacts:
        """As `Facts` has it."""
        return replace(self.dates[name], rows=self.rows, missing=self.absent[name])

    def words(self, name: str) -> Mapping[str, int]:
        """As `Facts` has it."""
        return self.counts.get(name, {})

    def missing(self, name: str) -> int:
        """As `Facts` has it."""
        return self.absent[name]


def is_date(column: Words) -> bool:
    """Whether most of the different words are dates."""
    return bool(len(column.words)) and 2 * np.isnan(days_of_texts(column.words)).sum() < len(column.words)
