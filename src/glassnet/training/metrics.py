"""Scores that people read: accuracy, R² and their like, on predictions as people see them.

Each takes the true values and the predictions, both (n,) or (n, K), in original units or as labels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.parts.naming import find, formula_name

Metric = Callable[[np.ndarray, np.ndarray], float]


def accuracy(y: np.ndarray, predicted: np.ndarray) -> float:
    """The share of rows that are right."""
    return float(np.mean(y == predicted))


def mse(y: np.ndarray, predicted: np.ndarray) -> float:
    """Mean squared error."""
    return float(np.mean((y - predicted) ** 2, dtype=np.float64))


def mae(y: np.ndarray, predicted: np.ndarray) -> float:
    """Mean absolute error."""
    return float(np.mean(np.abs(y - predicted), dtype=np.float64))


def rmse(y: np.ndarray, predicted: np.ndarray) -> float:
    """Root of the mean squared error, in y's units."""
    return float(np.sqrt(mse(y, predicted)))


def r2(y: np.ndarray, predicted: np.ndarray) -> float:
    """1 - Σ(y-p)² / Σ(y-mean)²: 1 is perfect, 0 is no better than the mean. NaN where y never changes.

    Of several outputs the sums go over all (scikit-learn's "variance_weighted").

    >>> r2(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 4.0]))
    0.5
    """
    spread = float(np.sum((y - y.mean(axis=0)) ** 2, dtype=np.float64))
    return 1.0 - float(np.sum((y - predicted) ** 2, dtype=np.float64)) / spread if spread else float("nan")


@dataclass(frozen=True)
class Own:
    """A function of one's own, of which nothing is kept but the name."""

    name: str


METRICS: dict[str, Metric] = {item.__name__: item for item in (accuracy, mse, mae, rmse, r2)}


def choose(metrics: str | Metric | Iterable[str | Metric] | None, classes: bool) -> dict[str, Metric]:
    """Metrics by name; None: accuracy for classes, nothing for numbers."""
    if metrics is None:
        return {"accuracy": accuracy} if classes else {}
    if isinstance(metrics, str) or callable(metrics):
        metrics = [metrics]
    chosen: dict[str, Metric] = {}
    for item in metrics:
        if isinstance(item, str):
            name, metric = item, METRICS[find(item, METRICS, "metric")]
            if classes != (name == "accuracy"):
                kind = "classes" if name == "accuracy" else "numbers"
                raise ValueError(f"metric {name!r} is for {kind}, which this target does not hold; leave it out")
        elif callable(item):
            name, metric = formula_name(item, "metric"), item
        else:
            raise TypeError(f"metrics must be names or functions (y, predicted), got {item!r:.60}")
        if name in chosen or name == "loss":
            raise ValueError(
                f"two columns of the history would be called {name!r}; name the metric's function otherwise"
            )
        chosen[name] = metric
    return chosen


def check_metric(value: Any, name: str) -> float:
    """A metric's result as a number; TypeError for what is none."""
    try:
        return float(value)
    except (TypeError, ValueError):
        raise TypeError(f"metric {name} must give a number, got {value!r:.60}") from None
