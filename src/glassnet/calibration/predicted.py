"""Predictions with what they are worth: intervals of numbers, sets of classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, eq=False, kw_only=True)
class Predicted:
    """What `model.predict(X, interval=0.9)` gives.

    Attributes
    ----------
    level
        The share of rows for which the truth lies in the interval, or in the set: that, or more.
    predictions
        What `predict` says without: labels (n,), or numbers of y's shape.
    lower, upper
        The ends of each interval, of the same shape; None for classes.
    sets
        For each row the classes that may be the true one, in the model's order; always the predicted one, too. None for
        numbers.

    Examples
    --------
    `pandas.DataFrame(found.columns())`, or polars', is a table of all of it.
    """

    level: float
    predictions: np.ndarray
    lower: np.ndarray | None = None
    upper: np.ndarray | None = None
    sets: tuple[tuple[Any, ...], ...] | None = None

    def columns(self) -> dict[str, Any]:
        """All of it by name: `prediction`, `lower` and `upper`, or `set`; of several numbers a row `lower 1`, …."""
        found: dict[str, Any] = {"prediction": self.predictions, **self.ends()}
        if self.sets is not None or self.predictions.ndim == 1:
            return found
        return {f"{name} {k + 1}": of[:, k] for k in range(self.predictions.shape[1]) for name, of in found.items()}

    def ends(self) -> dict[str, Any]:
        """Beside the predictions: `lower` and `upper`, or `set`."""
        return {"lower": self.lower, "upper": self.upper} if self.sets is None else {"set": list(self.sets)}

    def __len__(self) -> int:
        return len(self.predictions)
