"""The rows that are explained: as they were given, as the network takes them, and what to call them."""

from __future__ import annotations

import numbers
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from typing import Any

import numpy as np

from glassnet.data.arrays import ArrayContract, as_array, check_weight
from glassnet.data.tables import Table
from glassnet.data.tables.from_arrays import is_rows
from glassnet.errors import DataError
from glassnet.readings.explain.labels import numbered
from glassnet.training.state import State


@dataclass(frozen=True, eq=False, kw_only=True)
class ExplainedRows:
    """Encoded rows.

    Attributes
    ----------
    x
        (n, inputs).
    y
        (n, outputs); None where no target is known.
    w
        (n, 1) weights; None where rows have none.
    names
        What each row is called.
    table
        Where they come from, if it is a table.
    left_out
        How many rows of it have no target while others have one, and are left out, as in training.
    """

    x: np.ndarray
    y: np.ndarray | None
    w: np.ndarray | None
    names: tuple[str, ...]
    table: Table | None = None
    left_out: int = 0

    def __len__(self) -> int:
        return len(self.x)


def rows_of(model: State, X: Any, y: Any, sample_weight: Any, names: Sequence[str] | None = None) -> ExplainedRows:
    """The rows, checked and encoded; one row may be given without the brackets around it.

    Raises
    ------
    DataError
        They do not fit the model.
    ValueError
        `sample_weight` is none.
    """
    rows = array_rows(model, X, y) if isinstance(model.contract, ArrayContract) else table_rows(model, X, y, names)
    if rows.y is not None and len(rows.x) != len(rows.y):
        raise DataError(f"X has {len(rows.x)} rows, y has {len(rows.y)}; give each row its target")
    if sample_weight is not None:
        if rows.y is None:
            raise ValueError("sample_weight weighs rows in the loss, and there is no target: give y too")
        given = [sample_weight] if isinstance(sample_weight, numbers.Real) else sample_weight
        rows = replace(rows, w=check_weight(given, len(rows)).astype(model.dtype)[:, None])
    return rows


def array_rows(model: State, X: Any, y: Any) -> ExplainedRows:
    """Rows of a model of arrays."""
    if isinstance(X, (str, PathLike, Mapping)):
        raise DataError(
            f"this model was trained on arrays, whose columns have no names; give an array (n, {model.n_inputs}), or "
            f"one row of {model.n_inputs} numbers, got {type(X).__name__}"
        )
    X = as_array(X, "X")
    if X.ndim == 1:
        X, y = X[None], None if y is None else [y]
    x = model.encode(X)
    targets = None if y is None else model.targets(X, y)[0]
    return ExplainedRows(x=x, y=targets, w=None, names=numbered(len(x), "row "))


def table_rows(model: State, X: Any, y: Any, names: Sequence[str] | None) -> ExplainedRows:
    """Rows of a model of a table."""
    if y is not None and not is_rows(X):
        raise DataError("this model was trained on a table, whose target is one of its columns: leave y out")
    table = model.table(X, y)
    target = model.contract.target.name  # type: ignore[union-attr]  # a table's contract has one
    if names is None:
        names = tuple(f"{table.unit} {line}" for line in table.lines.tolist())
    given, targets = len(table), None
    if target in table.columns and not table.missing(target).all():
        names = tuple(name for name, missing in zip(names, table.missing(target), strict=True) if not missing)
        table = table.known(target)
        targets = model.targets(table, None)[0]
    return ExplainedRows(
        x=model.encode(table), y=targets, w=None, names=tuple(names), table=table, left_out=given - len(table)
    )
