"""What a network learns from arrays: how many columns, which classes, what y looked like.

The counterpart of `tables.DataContract` for data that come as arrays of numbers: it checks them, turns labels into
columns of 0 and 1, and turns predictions back into labels.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from numbers import Real
from typing import Any

import numpy as np

from glassnet.data.tables.target_kind import KINDS, holds_words, target_kind
from glassnet.errors import DataError
from glassnet.parts.naming import find


@dataclass(frozen=True, kw_only=True)
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
    names
        Of the columns of X, where they have any.
    notes
        What was found: the target's kind, where it was not said.
    """

    n_inputs: int
    n_outputs: int
    classes: tuple[Any, ...] | None = None
    flat: bool = False
    names: tuple[str, ...] | None = None
    notes: tuple[str, ...] = field(default=(), compare=False)

    @property
    def input_names(self) -> tuple[str, ...]:
        """The columns' names; without any `x1`, `x2`, …"""
        return self.names or array_names(self.n_inputs)

    def encode(self, X: Any) -> np.ndarray:
        """X as an array of numbers, (n, n_inputs); DataError where it is none or has other columns."""
        rows = matrix(X)
        if rows.shape[1] != self.n_inputs:
            raise DataError(
                f"X has {rows.shape[1]} columns, but the network takes {self.n_inputs}; "
                "give the columns it was trained on, in that order"
            )
        return rows

    def encode_target(self, y: Any) -> np.ndarray:
        """Y as the network's targets, (n, n_outputs): numbers, or for labels columns of 0 and 1."""
        if self.classes is None:
            y = numbers(y, "y")
            columns: np.ndarray = y[:, None] if y.ndim == 1 else y
            if columns.ndim != 2 or columns.shape[1] != self.n_outputs:
                needs = f"(n, {self.n_outputs})" + (" or (n,)" if self.n_outputs == 1 else "")
                raise DataError(f"y must have shape {needs}, got {y.shape}; give a column for each output")
            return columns
        known, labels = np.array(self.classes), flat_labels(y)
        order = known.argsort()
        found = order[known.searchsorted(labels, sorter=order).clip(max=len(known) - 1)]
        unknown = labels[known[found] != labels]
        if unknown.size:
            some = ", ".join(map(repr, self.classes[:10])) + (", …" if len(self.classes) > 10 else "")
            raise DataError(
                f"y holds {unknown[0].item()!r}, which is none of the classes {some}; "
                "leave such rows out, or train a new model"
            )
        one_hot = np.zeros((len(labels), len(known)))
        one_hot[np.arange(len(labels)), found] = 1.0
        return one_hot

    def decode(self, p: np.ndarray) -> np.ndarray:
        """Predictions (n, n_outputs) as labels (n,), or as numbers of y's form."""
        found: np.ndarray = p
        if self.classes is not None:
            found = np.array(self.classes)[p.argmax(axis=1)]
        elif self.flat:
            found = p[:, 0]
        return found

    def as_given(self, encoded: np.ndarray) -> np.ndarray:
        """Targets as the network takes them, (n, n_outputs), as they were given."""
        return self.decode(encoded)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON types."""
        return {
            "kind": "arrays",
            "n_inputs": self.n_inputs,
            "n_outputs": self.n_outputs,
            "classes": None if self.classes is None else list(self.classes),
            "flat": self.flat,
            **({} if self.names is None else {"names": list(self.names)}),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> ArrayContract:
        """The contract that `to_json` described; ValueError for anything else."""
        keys = {"kind", "n_inputs", "n_outputs", "classes", "flat"}
        if set(data) - {"names"} != keys:
            raise ValueError(f"arrays need {', '.join(sorted(keys))}, got {', '.join(sorted(data))}")
        names = data.get("names")
        if names is not None:
            words = isinstance(names, list) and all(isinstance(name, str) for name in names)
            if not words or len(names) != data["n_inputs"]:
                raise ValueError(f"names must be a text for each of {data['n_inputs']!r} columns, got {names!r:.80}")
            names = tuple(names)
        sizes, classes = (data["n_inputs"], data["n_outputs"]), data["classes"]
        if not all(type(size) is int and 0 < size < 2**31 for size in sizes) or type(data["flat"]) is not bool:
            raise ValueError(f"arrays need sizes >= 1 and flat true or false, got {sizes} and {data['flat']!r}")
        kept: dict[str, Any] = {"n_inputs": sizes[0], "n_outputs": sizes[1], "flat": data["flat"], "names": names}
        if classes is None:
            return ArrayContract(**kept, classes=None)
        kinds = {type(item) for item in classes} if isinstance(classes, list) else set()
        one_kind = len(kinds) == 1 and kinds <= {str, int, float, bool}
        if not one_kind or not 2 <= len(set(classes)) == len(classes) == sizes[1]:
            raise ValueError(f"classes must be {sizes[1]} different labels of one kind, got {classes!r:.80}")
        return ArrayContract(**kept, classes=tuple(classes))


def learn_arrays(X: Any, y: Any, loss: str | None = None, kind: str | None = None) -> ArrayContract:
    """The contract for arrays: whether y holds classes or numbers, and how many outputs that asks for.

    A matrix is numbers, one with a column of 0 and 1 for each class included. Labels, one a row, are what `kind` says;
    what the loss's name says (a cross-entropy is for classes, any other for numbers, words excepted); or what
    `target_kind` finds.
    """
    n_inputs = matrix(X).shape[1]
    target = as_array(y, "y")
    columns = target.shape[1] if target.ndim == 2 else 1
    if not columns:
        raise DataError(f"y has no columns, got shape {target.shape}; give at least one")
    notes: tuple[str, ...] = ()
    if kind is not None:
        kind = find(kind, KINDS, "kind")
    elif columns != 1:
        kind = "number"
    elif loss in ("cross_entropy", "binary_cross_entropy"):
        kind = "classes"
    elif loss is not None:
        kind = "classes" if holds_words(target) else "number"
    else:
        kind, reason = target_kind(target.reshape(-1))
        notes = (reason,)
    if kind == "number":
        return ArrayContract(n_inputs=n_inputs, n_outputs=columns, classes=None, flat=target.ndim == 1, notes=notes)
    found = np.unique(flat_labels(y))
    odd = [label for label in found.tolist() if isinstance(label, float) and not label.is_integer()]
    if odd:
        raise DataError(
            f"y holds {odd[0]!r}, but classes are words or whole numbers; "
            "to predict a number use another loss, or kind='number'"
        )
    if len(found) < 2:
        raise DataError(f"y has one class only, {found.tolist()[0]!r}; give rows of at least two, to be told apart")
    labels = tuple(found.tolist())
    return ArrayContract(n_inputs=n_inputs, n_outputs=len(labels), classes=labels, flat=target.ndim == 1, notes=notes)


def array_names(columns: int) -> tuple[str, ...]:
    """What columns without names are called."""
    return tuple(f"x{k}" for k in range(1, columns + 1))


# what arrays must be


def as_array(data: Any, name: str) -> np.ndarray:
    """Data as an array with at least one row; DataError for what is none."""
    if data is None:
        raise DataError(f"{name} is missing, got None; give an array with a row for each example")
    if hasattr(data, "toarray"):
        raise DataError(f"{name} is a sparse matrix; give {name}.toarray()")
    try:
        array = np.asarray(data)
    except ValueError:
        raise DataError(f"{name} has rows of different lengths; give each row as many numbers") from None
    if array.dtype.kind in "US" and isinstance(data, (list, tuple)):
        array = np.array(data, dtype=object)  # as they are: NumPy makes words of all where one is
    if array.dtype.kind == "T":  # NumPy's text of any length
        array = array.astype(object)
    if np.ma.isMaskedArray(data) and np.ma.getmaskarray(data).any():
        raise DataError(f"{name} has masked values; fill or drop them, or train on a table, which does")
    if array.ndim == 0:
        raise DataError(f"{name} must be an array with rows, got {data!r:.60}; one row is [[...]]")
    if array.shape[0] == 0:
        raise DataError(f"{name} has no rows; give at least one")
    return array


def numbers(data: Any, name: str) -> np.ndarray:
    """An array of finite floats: float32 stays, everything else becomes float64; DataError otherwise."""
    array = as_array(data, name)
    if array.dtype.kind == "c":
        raise DataError(f"{name} holds complex numbers; give real ones")
    if array.dtype.kind == "O":
        array = floats_of(array, name)
    if array.dtype.kind not in "fiub":
        what = {"M": "dates", "m": "times", "V": "records"}.get(array.dtype.kind, "text")
        raise DataError(f"{name} must hold numbers, got {what}, {array.flat[0]!r:.40}; {to_numbers(name)}")
    if array.dtype != np.float32:
        with np.errstate(over="ignore"):  # numbers of a longer type become infinite, which is said below
            array = array.astype(np.float64, copy=False)
    if array.ndim == 2 and array.shape[1] == 0:
        raise DataError(f"{name} has no columns, got shape {array.shape}; give at least one")
    if not is_finite(array):
        bad = np.argwhere(~np.isfinite(array))
        kind = "a missing value (NaN)" if np.isnan(array[tuple(bad[0])]) else "an infinite value"
        more = f" and {len(bad) - 1} more" if len(bad) > 1 else ""
        raise DataError(
            f"{name} has {kind} at {name}[{', '.join(map(str, bad[0]))}]{more}; "
            "fill or drop it, or train on a table, which fills what is missing"
        )
    return array


def is_finite(array: np.ndarray) -> bool:
    """Whether no number is NaN or infinite."""
    flat = array.reshape(-1)
    # the squares' sum is quickly made and settles most cases; it may overflow where no number is infinite
    with np.errstate(over="ignore", invalid="ignore"):
        settled = math.isfinite(flat.dot(flat))
    return settled or bool(np.isfinite(array).all())


def to_numbers(name: str) -> str:
    """What to do about an array that holds other things."""
    if name == "y":
        return "give numbers, or for classes labels as text; of dates, the days since one of them"
    return "turn words into columns of 0 and 1, or train on a table, which does"


def floats_of(array: np.ndarray, name: str) -> np.ndarray:
    """An array of Python objects as floats."""
    odd = next((item for item in array.flat if not isinstance(item, Real)), None)
    try:
        if isinstance(odd, str):
            raise TypeError("text, even where it looks like a number")
        return array.astype(np.float64)
    except OverflowError:
        raise DataError(f"{name} holds whole numbers too large for float64, 1.8e308; scale them") from None
    except (TypeError, ValueError):
        raise DataError(f"{name} must hold numbers, got {odd!r:.40}; {to_numbers(name)}") from None


def matrix(X: Any) -> np.ndarray:
    """X as finite floats in rows and columns."""
    rows = numbers(X, "X")
    if rows.ndim != 2:
        hint = "one row is [[...]], one column X.reshape(-1, 1)" if rows.ndim == 1 else "use X.reshape(len(X), -1)"
        raise DataError(f"X must have two dimensions, rows and columns, got shape {rows.shape}; {hint}")
    return rows


def flat_labels(y: Any) -> np.ndarray:
    """Labels as a vector of words, numbers or booleans; DataError for anything else, and where one is missing."""
    labels: np.ndarray = as_array(y, "y")
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim != 1:
        raise DataError(f"y must have shape (n,), got {labels.shape}; give one label a row")
    if labels.dtype.kind == "O":
        labels = one_kind(labels.tolist())
    if labels.dtype.kind == "f" and not np.isfinite(labels).all():
        raise DataError(f"y has no label at y[{np.argmin(np.isfinite(labels))}]; leave such rows out")
    if labels.dtype.kind not in "Ubiuf":
        raise DataError(f"y must hold words, numbers or booleans, got {labels.dtype}; turn the labels into text")
    return labels


def one_kind(labels: list[Any]) -> np.ndarray:
    """Python objects as an array of one kind."""
    kinds: dict[type, Any] = {}
    for k, label in enumerate(labels):
        if label is None or type(label).__name__ == "NAType" or (isinstance(label, float) and label != label):
            raise DataError(f"y has no label at y[{k}]; leave such rows out")
        kind = next((kind for kind in (str, bool, np.bool_, Real) if isinstance(label, kind)), type(label))
        kinds.setdefault(kind, label)
    if len(kinds) > 1:
        first, second = list(kinds.values())[:2]
        raise DataError(f"y mixes labels of different kinds, {first!r} and {second!r}; turn all of them into text")
    return np.array(labels)


def check_weight(weight: Any, n: int, name: str = "sample_weight") -> np.ndarray:
    """Weights (n,) as float64; ValueError for other shapes, negative, missing or all-zero ones."""
    if np.ma.isMaskedArray(weight) and np.ma.getmaskarray(weight).any():
        raise ValueError(f"{name} has masked values; fill them, with 0 for rows that do not count")
    try:
        given = np.asarray(weight)
        found = given.astype(np.float64) if given.dtype.kind in "biufO" else None
    except (TypeError, ValueError, OverflowError):
        found = None
    if found is None:
        raise ValueError(f"{name} must hold numbers >= 0, got {weight!r:.60}")
    if found.shape != (n,):
        raise ValueError(f"{name} must have shape ({n},), one weight for each row, got {found.shape}")
    wrong = ~(np.isfinite(found) & (found >= 0))
    if wrong.any():
        raise ValueError(f"{name} must be finite and >= 0, got {found[wrong][0]:g}")
    if not found.any():
        raise ValueError(f"{name}: all weights are zero, so there is nothing to learn from; give some rows weight")
    return found
