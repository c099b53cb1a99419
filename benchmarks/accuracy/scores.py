"""What is wrong about predictions: one number for classes and for numbers, and for classes the log loss, too."""

from __future__ import annotations

import numpy as np

LEAST = 1e-15  # probability, so that one row does not make the log loss infinite


def error(truth: np.ndarray, predicted: np.ndarray) -> float:
    """The share of wrong classes (predicted: (n, K)), or RMSE / standard deviation of the target (predicted: (n,)).

    >>> error(np.array([0, 1, 1, 0]), np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3], [0.6, 0.4]]))
    0.25
    >>> error(np.array([1.0, 3.0]), np.array([2.0, 2.0]))
    1.0
    """
    if predicted.ndim == 2:
        return float(np.mean(predicted.argmax(axis=1) != truth))
    return float(np.sqrt(np.mean((predicted - truth) ** 2)) / np.std(truth))


def log_loss(truth: np.ndarray, predicted: np.ndarray) -> float | None:
    """Mean of -ln of the probability of the right class; None for numbers."""
    if predicted.ndim == 1:
        return None
    right = predicted[np.arange(len(truth)), truth] / predicted.sum(axis=1)
    return float(-np.log(np.maximum(right, LEAST)).mean())
