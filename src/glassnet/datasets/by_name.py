"""The datasets by name, each as a table: `glassnet train moons --target y`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from glassnet.data.tables import Table, as_table
from glassnet.datasets.birds import PENGUINS_CSV, penguins
from glassnet.datasets.handwriting import digits
from glassnet.datasets.logic import tychobra, xor
from glassnet.datasets.plane import circles, moons, spirals
from glassnet.parts.naming import find

if TYPE_CHECKING:
    from glassnet.data.tables.verbatim import Verbatim

Numbers = NDArray[np.float64] | NDArray[np.int64]

PIXELS = [f"row{i}col{j}" for i in range(1, 9) for j in range(1, 9)]


def _as_columns(dataset: Callable[[], tuple[Numbers, Numbers]]) -> Table:
    """Return X and y as a table with the columns x1, x2, …, y; of pictures row1col1, row1col2, …, y."""
    X, y = dataset()
    names = PIXELS if dataset is digits else [f"x{j}" for j in range(1, X.shape[1] + 1)]
    return replace(as_table({**dict(zip(names, X.T, strict=True)), "y": y.ravel()}), source=dataset.__name__)


_TABLES: dict[str, Callable[[], Table]] = {
    "circles": lambda: _as_columns(circles),
    "digits": lambda: _as_columns(digits),
    "moons": lambda: _as_columns(moons),
    "penguins": penguins,
    "spirals": lambda: _as_columns(spirals),
    "tychobra": lambda: _as_columns(tychobra),
    "xor": lambda: _as_columns(xor),
}

NAMES = tuple(_TABLES)


def named(name: str) -> Table:
    """Return a dataset as a table, by its name; the target is `species` for penguins and `y` for the others.

    >>> named("xor").names
    ('x1', 'x2', 'y')
    """
    return _TABLES[find(name, NAMES, "dataset")]()


def rows_of(name: str) -> Verbatim:
    """Return a dataset's rows as they stand where it is kept.

    >>> next(iter(rows_of("penguins").rows)).text
    'Adelie,Torgersen,39.1,18.7,181,3750,male,2007'
    """
    from glassnet.data.tables.verbatim import csv_rows, table_rows

    return csv_rows(PENGUINS_CSV) if name == "penguins" else table_rows(named(name))
