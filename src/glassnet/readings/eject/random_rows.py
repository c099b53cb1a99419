"""Rows to try a program with: numbers in the range that training saw, and beyond; words, new words, missing values."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from glassnet.data.arrays import ArrayContract
from glassnet.data.tables.category_column import CategoryColumn
from glassnet.data.tables.contract import DataContract
from glassnet.data.tables.date_column import DateColumn

RawRow = dict[str, float | str | None]
RawRows = np.ndarray | list[RawRow]
"""Rows as a user gives them: an array (n, inputs), or for tables a dictionary each (None: missing)."""

MISSING, UNSEEN = 0.08, 0.04  # how often a value is missing, or a word that training did not have
RARE = 0.15  # how often a word is one of those that count as other, where there are any
BEYOND = 0.2  # how far beyond the range of training numbers go, in its width
NEW_WORD = "a word that training did not have"


def random_rows(contract: ArrayContract | DataContract, n: int, rng: np.random.Generator) -> RawRows:
    """N rows that fit a contract."""
    if isinstance(contract, ArrayContract):
        return rng.normal(size=(n, contract.n_inputs))
    return [{item.name: random_value(item, rng) for item in contract.features} for _ in range(n)]


def random_value(column: Any, rng: np.random.Generator) -> float | str | None:
    """A value of a column."""
    chance = rng.random()
    if chance < MISSING:
        return None
    if isinstance(column, CategoryColumn):
        word = column.categories[int(rng.integers(len(column.categories)))]
        if column.other and MISSING + UNSEEN <= chance < MISSING + UNSEEN + RARE:
            return column.other[int(rng.integers(len(column.other)))]
        return NEW_WORD if chance < MISSING + UNSEEN and NEW_WORD not in column.seen else word
    if isinstance(column, DateColumn):
        return random_date(column, rng)
    width = (column.high - column.low) or 1.0
    digits = 5 - math.floor(math.log10(width))  # a millionth of the width: short to read
    return round(float(rng.uniform(column.low - BEYOND * width, column.high + BEYOND * width)), digits)


CLOCKS = ("{:%H:%M}", "{:%H:%M:%S}", "{:%H:%M:%S}.25", "{:%H:%M}Z", "{:%H:%M:%S}+01:00", "{:%H:%M:%S.%f}-0530")


def random_date(column: DateColumn, rng: np.random.Generator) -> str:
    """A date from a while before those of training to a while after, in one of the forms of ISO 8601."""
    width = (column.high - column.low) or 1.0
    days = rng.uniform(column.low - BEYOND * width, column.high + BEYOND * width)
    when = datetime(1970, 1, 1) + timedelta(seconds=round(days * 86400))
    if "day" not in column.parts:
        return f"{when:%Y-%m-%d}"
    return f"{when:%Y-%m-%d}{'T '[int(rng.integers(2))]}{CLOCKS[int(rng.integers(len(CLOCKS)))].format(when)}"
