"""What is counted over all rows of a table: of columns of numbers and dates how many, their mean, spread and range; of
columns of words how often each occurs.

They are worked out from a table in memory, or from its parts, one after the other, and put together: counts and ranges
are the same then, means and spreads to the last digits. The formulas that put them together are those of Chan, Golub
and LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances" (1979).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Protocol

import numpy as np

from glassnet.data.tables.category_column import words_of
from glassnet.data.tables.dates import days_of
from glassnet.data.tables.number_column import numbers_of
from glassnet.data.tables.table import Numbers, Table

SMALLEST_SQUARED = 1e-146  # the squares of smaller numbers lose digits


@dataclass(frozen=True)
class NumberFacts:
    """What is counted of numbers.

    Attributes
    ----------
    rows, missing
        How many rows there are, and how many of them have no number.
    mean, spread
        Of the numbers that are there: their mean, and their standard deviation (divided by how many there are); not
        finite where these are too large.
    low, high
        The smallest and the largest; NaN where all are missing.
    """

    rows: int
    missing: int
    _: KW_ONLY
    mean: float
    spread: float
    low: float
    high: float

    @staticmethod
    def of(values: Numbers) -> NumberFacts:
        """What is counted of values, NaN where one is missing; (n,)."""
        absent = np.isnan(values)
        missing = int(np.count_nonzero(absent))
        present = values[~absent] if missing else values
        if missing == len(values):
            return NumberFacts(len(values), missing, mean=0.0, spread=0.0, low=np.nan, high=np.nan)
        low, high = float(present.min()), float(present.max())
        unit = unit_of(low, high)
        with np.errstate(over="ignore", invalid="ignore"):
            spread = float((present / unit).std() * unit) if unit != 1.0 else float(present.std())
        return NumberFacts(len(values), missing, mean=mean_of(present, low, high), spread=spread, low=low, high=high)

    @property
    def present(self) -> int:
        """How many numbers are there."""
        return self.rows - self.missing

    @property
    def largest(self) -> float:
        """The largest, its sign left out."""
        return max(abs(self.low), abs(self.high))

    def with_more(self, other: NumberFacts) -> NumberFacts:
        """What is counted of these rows and of others together."""
        rows, missing = self.rows + other.rows, self.missing + other.missing
        if not self.present or not other.present:
            one = self if self.present else other
            return NumberFacts(rows, missing, mean=one.mean, spread=one.spread, low=one.low, high=one.high)
        low, high = min(self.low, other.low), max(self.high, other.high)
        mine, theirs = self.present / (rows - missing), other.present / (rows - missing)
        unit = unit_of(low, high)
        with np.errstate(over="ignore", invalid="ignore"):
            apart = np.float64(other.mean / unit - self.mean / unit)
            within = mine * np.square(self.spread / unit) + theirs * np.square(other.spread / unit)
            spread = float(np.sqrt(within + mine * theirs * np.square(apart)) * unit)
        mean = mine * self.mean + theirs * other.mean
        return NumberFacts(rows, missing, mean=float(min(max(mean, low), high)), spread=spread, low=low, high=high)


def unit_of(low: float, high: float) -> float:
    """What tiny numbers are divided by before they are squared, a power of two; 1 for all others."""
    largest = max(abs(low), abs(high))
    return float(2.0 ** np.floor(np.log2(largest))) if 0.0 < largest < SMALLEST_SQUARED else 1.0


def mean_of(values: Numbers, low: float, high: float) -> float:
    """The mean, also of numbers whose sum is too large for a float."""
    largest = max(abs(low), abs(high))
    return float((values / largest).mean() * largest) if largest > 1e300 else float(values.mean())


class Facts(Protocol):
    """What is counted over all rows that have a target."""

    @property
    def rows(self) -> int:
        """How many there are."""

    @property
    def given(self) -> int:
        """How many there are with those that have no target."""

    def number(self, name: str) -> NumberFacts:
        """Of a column of numbers."""

    def days(self, name: str) -> NumberFacts:
        """Of a column of dates, in days."""

    def words(self, name: str) -> Mapping[str, int]:
        """How many rows hold each word of a column; of numbers, their texts."""

    def missing(self, name: str) -> int:
        """How many rows have nothing in a column."""


@dataclass(frozen=True, eq=False)
class TableFacts:
    """Those of a table in memory; `given` counts rows without a target too."""

    table: Table
    given: int

    @property
    def rows(self) -> int:
        """As `Facts` has it, and so are the others."""
        return len(self.table)

    def number(self, name: str) -> NumberFacts:
        """Of a column of numbers."""
        return NumberFacts.of(numbers_of(self.table, name))

    def days(self, name: str) -> NumberFacts:
        """Of a column of dates; the sums go from the first to the last."""
        return NumberFacts.of(np.sort(days_of(self.table, name)))

    def words(self, name: str) -> Mapping[str, int]:
        """How many rows hold each word of a column."""
        return words_of(self.table, name).counts()

    def missing(self, name: str) -> int:
        """How many rows have nothing in a column."""
        return int(np.count_nonzero(self.table.missing(name)))
