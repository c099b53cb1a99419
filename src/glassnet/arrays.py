"""What a network learns from arrays: how many columns, which classes, what y looked like.

The counterpart of `tables.DataContract` for data that come as arrays of numbers: it checks them, turns labels into
columns of 0 and 1, and turns predictions back into labels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.errors import DataError


@dataclass(frozen=True)
class ArrayContract:
    """The form of the arrays that a network was trained on.

    Attributes
    ----------
    n_inputs
        Columns of X.
    n_outputs
        Columns of the encoded target.
    classes
        The labels, in the order of the outputs; None where y holds numbers.
    flat
        Whether y came as (n,) rather than (n, K).
    """

    n_inputs: int
    n_outputs: int
    classes: tuple[Any, ...] | None = None
    flat: bool = False

    @property
    def input_names(self) -> tuple[str, ...]:
        """`x1`, `x2`, …"""
        return tuple(f"x{k}" for k in range(1, self.n_inputs + 1))

    def encode(self, X: Any) -> np.ndarray:
        """X as an array of numbers, (n, n_inputs); DataError where it is none or has other columns."""
        X = numbers(X, "X")
        if X.ndim != 2:
            hint = "; one row is [[...]]" if X.ndim == 1 else ""
            raise DataError(f"X must have two dimensions, rows and columns, got shape {X.shape}{hint}")
        if X.shape[1] != self.n_inputs:
            raise DataError(f"X has {X.shape[1]} columns, but the network takes {self.n_inputs}")
        return X

    def encode_target(self, y: Any) -> np.ndarray:
        """Y as the network's targets, (n, n_outputs)."""
        if self.classes is None:
            y = numbers(y, "y")
            columns = y[:, None] if y.ndim == 1 else y
            if columns.ndim != 2 or columns.shape[1] != self.n_outputs:
                raise DataError(f"y must have {self.n_outputs} column(s), one for each output, got shape {y.shape}")
            return columns
        labels = flat_labels(y)
        index = {label: k for k, label in enumerate(self.classes)}
        unknown = next((label for label in labels.tolist() if label not in index), None)
        if unknown is not None:
            raise DataError(f"y holds {unknown!r}, which is none of the classes {', '.join(map(repr, self.classes))}")
        return np.eye(len(self.classes))[[index[label] for label in labels.tolist()]]

    def decode(self, p: np.ndarray) -> np.ndarray:
        """Predictions (n, n_outputs) as labels (n,), or as numbers of y's form."""
        if self.classes is not None:
            return np.array(self.classes)[p.argmax(axis=1)]
        return p[:, 0] if self.flat else p

    def to_json(self) -> dict[str, Any]:
        """Plain JSON types."""
        return {
            "kind": "arrays",
            "n_inputs": self.n_inputs,
            "n_outputs": self.n_outputs,
            "classes": None if self.classes is None else list(self.classes),
            "flat": self.flat,
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> ArrayContract:
        """The contract that `to_json` described; ValueError for anything else."""
        keys = {"kind", "n_inputs", "n_outputs", "classes", "flat"}
        if set(data) != keys:
            raise ValueError(f"arrays need {', '.join(sorted(keys))}, got {', '.join(sorted(data))}")
        sizes = data["n_inputs"], data["n_outputs"]
        if not all(type(size) is int and 0 < size < 2**31 for size in sizes) or type(data["flat"]) is not bool:
            raise ValueError(f"arrays need sizes >= 1 and flat true or false, got {sizes} and {data['flat']!r}")
        classes = data["classes"]
        if classes is not None and not (isinstance(classes, list) and len(classes) >= 2 and all(
            isinstance(item, (str, int, float, bool)) for item in classes)):  # fmt: skip
            raise ValueError(f"classes must be a list of at least two labels, got {classes!r:.80}")
        return ArrayContract(*sizes, None if classes is None else tuple(classes), data["flat"])


def numbers(data: Any, name: str) -> np.ndarray:
    """An array of finite floats: float32 stays, everything else becomes float64; DataError otherwise."""
    if data is None:
        raise DataError(f"{name} is missing, got None")
    if hasattr(data, "toarray"):
        raise DataError(f"{name} is a sparse matrix; give {name}.toarray()")
    array = np.asarray(data)
    if array.dtype.kind == "c":
        raise DataError(f"{name} holds complex numbers; give real ones")
    if array.dtype.kind not in "fiub":
        try:
            array = array.astype(np.float64)
        except (TypeError, ValueError):
            raise DataError(f"{name} must hold numbers, got {array.dtype}: {array.ravel()[:1]!r:.60}") from None
    if array.dtype != np.float32:
        array = array.astype(np.float64)
    if array.ndim and array.shape[0] == 0:
        raise DataError(f"{name} has no rows")
    if array.ndim == 2 and array.shape[1] == 0:
        raise DataError(f"{name} has no columns, got shape {array.shape}")
    bad = np.argwhere(~np.isfinite(array))
    if len(bad):
        where = ", ".join(f"{axis} {k}" for axis, k in zip(("row", "column"), bad[0], strict=False))
        kind = "a missing value (NaN)" if np.isnan(array[tuple(bad[0])]) else "an infinite value"
        more = f" and {len(bad) - 1} more" if len(bad) > 1 else ""
        raise DataError(f"{name} has {kind} at {where}{more}; fill or drop it, or train on a table, which does")
    return array


def flat_labels(y: Any) -> np.ndarray:
    """Labels as a vector; DataError for anything of another shape."""
    labels = np.asarray(y)
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim != 1 or not len(labels):
        raise DataError(f"y must be one label a row, got shape {labels.shape}")
    if labels.dtype.kind == "f" and not np.isfinite(labels).all():
        raise DataError("y has a missing or infinite label")
    return labels


def learn_arrays(X: Any, y: Any, loss: str | None) -> ArrayContract:
    """The contract for arrays: whether y holds classes or numbers, and how many outputs that asks for.

    Words and booleans are classes. Numbers, one a row, are classes if the loss is a cross-entropy; everything else is
    numbers, a matrix of 0 and 1 with one column per class included.
    """
    X = numbers(X, "X")
    if y is None:
        raise DataError("y is missing: training needs a target for each row")
    target = np.asarray(y)
    columns = target.shape[1] if target.ndim == 2 else 1
    labels = target.dtype.kind in "OUSb" or loss in ("cross_entropy", "binary_cross_entropy")
    if target.ndim <= 2 and columns == 1 and labels:
        classes = tuple(np.unique(flat_labels(y)).tolist())
        if len(classes) < 2:
            raise DataError(f"y has one class only, {classes[0]!r}; there is nothing to tell apart")
        return ArrayContract(X.shape[-1], len(classes), classes, target.ndim == 1)
    return ArrayContract(X.shape[-1], columns, None, target.ndim == 1)
