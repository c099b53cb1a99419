"""Rows as an estimator gets them: split, weighted, brought into the network's dtype."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.model_selection import train_test_split

from glassnet.sklearn.sparse import rows_of
from glassnet.training.contract import in_dtype
from glassnet.training.rows import Rows

FEWEST_TO_SPLIT = 4  # rows; two are held out


@dataclass(frozen=True)
class Data:
    """Rows that were checked: X (n, features), the network's targets y (n, outputs), weights (n,) or None."""

    X: Any
    y: np.ndarray
    weight: np.ndarray | None

    def rows(self, dtype: np.dtype[Any], which: str = "of the rows") -> Rows:
        """The rows in the dtype; ValueError where none has any weight."""
        w = None if self.weight is None else in_dtype(self.weight, dtype, "sample_weight")[:, None]
        if w is not None and not w.any():
            raise ValueError(f"all weights {which} are zero in {dtype}; give some rows weight, or scale the weights up")
        return rows_of(self.X, in_dtype(self.y, dtype, "y"), w, dtype)

    def split(self, size: float, stratify: bool, random_state: np.random.RandomState) -> tuple[Data, Data]:
        """The rows to train on, and those held out, drawn as scikit-learn draws them."""
        arrays = [self.X, self.y] if self.weight is None else [self.X, self.y, self.weight]
        n = self.X.shape[0]
        if n >= FEWEST_TO_SPLIT and 0.0 < size * n <= 1.0:
            size = 2  # rounded up it is one row, which has no score
        parts = train_test_split(
            *arrays, random_state=random_state, test_size=size, stratify=self.y if stratify else None
        )
        X, X_val, y, y_val = parts[:4]
        weight, w_val = parts[4:] if len(parts) > 4 else (None, None)
        if X_val.shape[0] < 2:
            raise ValueError(
                "The validation set is too small. Increase 'validation_fraction' or the size of your dataset."
            )
        return Data(X, y, weight), Data(X_val, y_val, w_val)


def batch_size_of(asked: int | str, rows: int) -> int:
    """Rows a step."""
    if isinstance(asked, str):
        return min(200, rows)
    if asked > rows:
        warnings.warn(
            "Got `batch_size` less than 1 or larger than sample size. It is going to be clipped", stacklevel=2
        )
    return int(asked)
