"""Rows of a table or of arrays as a network takes them: inputs, targets that its loss is made for, and weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

from glassnet.data.arrays import check_weight
from glassnet.data.given import Data
from glassnet.errors import DataError
from glassnet.training.contract import as_network, in_dtype
from glassnet.training.rows import Rows
from glassnet.training.state import State

ClassWeight = Mapping[Any, float] | Literal["balanced"] | None


def encoded(
    model: State,
    data: Data,
    weight: np.ndarray | None,
    class_weight: ClassWeight,
    counts: np.ndarray | None = None,
) -> Rows:
    """Rows as the network takes them; `counts` are how many each class has, where these are not all rows."""
    x = model.checked(data.X)
    y = model.contract.encode_target(data.y)
    check_target(model, y)
    if class_weight is not None:
        if model.classes is None:
            raise ValueError("class_weight is for classes, but the target is a number; use sample_weight")
        per_row = class_weights(model.classes, y.sum(axis=0) if counts is None else counts, class_weight)[
            y.argmax(axis=1)
        ]
        weight = per_row if weight is None else weight * per_row
        if counts is None:
            weight = check_weight(weight, len(y), "sample_weight times class_weight")
    w = None if weight is None else in_dtype(weight, model.dtype, "sample_weight")[:, None]
    if w is not None and counts is None and not w.any():
        raise ValueError(f"sample_weight: all weights are zero in {model.dtype}; scale them up")
    return Rows(x, as_network(y, model.forward.n_outputs, model.dtype), w)


ROUNDED = 1e-3  # that probabilities may miss a sum of 1 by: as float16, or written with four digits
TARGETS = {"poisson": (0.0, np.inf), "binary_cross_entropy": (0.0, 1.0), "cross_entropy": (0.0, 1.0)}


def check_target(model: State, y: np.ndarray) -> None:
    """DataError where the loss is not made for a number in y."""
    loss = model.network.loss
    low, high = TARGETS.get(loss.name if loss else "", (-np.inf, np.inf))
    wrong = y[~((y >= low) & (y <= high))]
    if len(wrong) and loss:
        allowed = f">= {low:g}" if high == np.inf else f"from {low:g} to {high:g}"
        raise DataError(f"loss {loss.name} needs targets {allowed}, got {wrong[0]:g}; use another loss, or mend y")
    tiny, largest = np.finfo(model.dtype).tiny, np.abs(y).max()
    if 0.0 < largest < tiny:
        raise DataError(
            f"y is at most {largest:.3g}, and below {tiny:.3g} a {model.dtype} loses its digits; multiply y by a "
            "power of ten"
        )
    if loss and loss.name == "cross_entropy" and model.classes is None:
        sums = y.sum(axis=1)
        odd = np.flatnonzero(np.abs(sums - 1.0) > ROUNDED)
        if len(odd):
            raise DataError(
                f"loss cross_entropy needs targets that are probabilities, whose sum in a row is 1; in row {odd[0]} it "
                f"is {sums[odd[0]]:g}. Give labels, (n,), or divide each row by its sum"
            )


def class_weights(classes: Sequence[Any], rows: np.ndarray, class_weight: Mapping[Any, float] | str) -> np.ndarray:
    """The weight of each class, in the order of the classes; `rows` are how many each has, or what they weigh."""
    if isinstance(class_weight, str) and class_weight == "balanced":
        return np.asarray(rows.sum() / (len(classes) * np.where(rows > 0, rows, 1.0)))
    if not isinstance(class_weight, Mapping):
        raise ValueError(f"class_weight must be 'balanced' or a dict {{label: weight}}, got {class_weight!r}")
    unknown = [label for label in class_weight if label not in classes]
    if unknown:
        known = ", ".join(map(repr, classes[:10]))
        raise ValueError(f"class_weight names {unknown[0]!r}, which is none of the classes {known}")
    return check_weight([class_weight.get(label, 1.0) for label in classes], len(classes), "class_weight")
