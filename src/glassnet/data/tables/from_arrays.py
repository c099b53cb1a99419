"""Arrays as a table: the columns of X are numbers, called x1, x2, … as everywhere, and the target is y.

So arrays get what tables get: numbers that are scaled, missing ones filled. A model made so takes arrays as well.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet.data.arrays import array_names, as_array, matrix
from glassnet.errors import DataError

TARGET = "y"


def is_rows(X: Any) -> bool:
    """Whether X is an array, or lists of numbers, rather than something with names."""
    return isinstance(X, list | tuple | np.ndarray)


def columns_of_arrays(X: Any, y: Any = None) -> dict[str, Any]:
    """The columns of X (n, inputs) by name, and the target y (n,) if it is given; a single row may be (inputs,).

    Raises
    ------
    DataError
        They are no numbers in rows and columns, or the target has more than one column.
    """
    rows = as_array(X, "X")
    if rows.ndim == 1:
        rows, y = rows[None], None if y is None else [y]
    if rows.ndim != 2 or rows.shape[1] == 0 or rows.dtype.kind not in "fiub":
        rows = matrix(X)  # which says what is wrong, or makes numbers of them
    columns: dict[str, Any] = dict(zip(array_names(rows.shape[1]), rows.astype(np.float64).T, strict=True))
    return columns if y is None else {**columns, TARGET: target_of(y, len(rows))}


def target_of(y: Any, rows: int) -> np.ndarray:
    """The target as a column."""
    target = as_array(y, "y")
    if target.ndim == 2 and target.shape[1] == 1:
        target = target[:, 0]
    if target.ndim != 1:
        raise DataError(f"a recipe is for one target, y of shape (n,), got {target.shape}; train a network on arrays")
    if len(target) != rows:
        raise DataError(f"X has {rows} rows, y has {len(target)}; give each row its target")
    return target


def kind_in(y: Any) -> str | None:
    """The target's kind, where a column of a table would not tell: numbers with a point are no codes of classes."""
    return "number" if as_array(y, "y").dtype.kind == "f" else None


def is_of_arrays(names: tuple[str, ...]) -> bool:
    """Whether columns are called as those of an array are."""
    return names == array_names(len(names))
