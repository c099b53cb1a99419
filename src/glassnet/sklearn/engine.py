"""Which engine trains an estimator's network, and what it may expect of the time to come."""

from __future__ import annotations

from glassnet.sklearn.sparse import SparseRows
from glassnet.training.rows import Rows

FOREVER = 1e9  # seconds
FITS = 50  # how often an estimator is fitted in all: for folds, for grids, tomorrow; its code is compiled once


def engine_for(rows: Rows, asked: str) -> str:
    """The engine to ask for; ValueError where it cannot be had."""
    if not isinstance(rows, SparseRows):
        return asked
    if asked == "compiled":
        size = rows.x.shape[0] * rows.x.shape[1] * rows.x.dtype.itemsize / 1e9
        raise ValueError(
            f"the compiled engine takes dense rows, and X would take {size:.1f} GB: leave engine at 'auto', which "
            "makes one batch after the other dense"
        )
    return "numpy"
