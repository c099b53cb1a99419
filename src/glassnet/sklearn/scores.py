"""The scores that early stopping goes by, as scikit-learn's `accuracy_score` and `r2_score` have them.

Those check their arguments anew in every epoch, which takes longer than the epoch.
"""

from __future__ import annotations

import numpy as np


def accuracy(right: np.ndarray, w: np.ndarray | None) -> float:
    """The share of rows (n,) that are right, or of their weight (n,)."""
    return float(np.average(right, weights=w))


def r2(y: np.ndarray, p: np.ndarray, w: np.ndarray | None) -> float:
    """The mean over outputs of 1 - Σw(y - p)² / Σw(y - mean)²; y and p (n, K), w (n,).

    Where y never changes it is 1 if all predictions are right and 0 if not.
    """
    weight = np.ones((len(y), 1)) if w is None else np.asarray(w, np.float64)[:, None]
    error = np.sum(weight * (y - p) ** 2, axis=0, dtype=np.float64)  # (K,)
    spread = np.sum(weight * (y - np.average(y, axis=0, weights=w)) ** 2, axis=0, dtype=np.float64)
    of_each = 1.0 - error / np.where(spread > 0.0, spread, 1.0)
    return float(np.mean(np.where(spread > 0.0, of_each, error == 0.0)))
