"""How wrong predictions are, in one number: 0 is right, and always saying the same has the error of saying the same."""

from __future__ import annotations

import numpy as np

FEW = 40  # rows; of fewer a class that is right by a hair is no sign of having learnt
CLASS, RECALL, DISTANCE = "class", "recall", "distance"


def way_of(rows: int, is_classes: bool) -> str:
    """How so many rows are judged: by the "class" that is said, or by the "distance" from the truth."""
    return CLASS if is_classes and rows >= FEW else DISTANCE


def error_of(way: str, truth: np.ndarray, p: np.ndarray, of: np.ndarray) -> float:
    """How wrong rows are.

    By class the share of wrong rows; by recall the mean over the classes of the share of each one's rows; by distance
    the mean squared error over the targets' variance.

    Parameters
    ----------
    way
        "class", "recall" or "distance".
    truth, p
        What is known and what is said, (n, outputs).
    of
        The truth of the rows trained on, (m, outputs), whose variance it is.

    >>> truth = np.eye(2)
    >>> p = np.array([[0.9, 0.1], [0.6, 0.4]])
    >>> error_of("class", truth, p, truth), round(error_of("distance", truth, p, truth), 3)
    (0.5, 0.74)
    """
    with np.errstate(all="ignore"):
        if way != DISTANCE:
            wrong = np.where(np.isfinite(p).all(axis=1), p.argmax(axis=1), -1) != truth.argmax(axis=1)
            there = truth.sum(axis=0) > 0.0
            by_class = (wrong[:, None] * truth).sum(axis=0)[there] / truth.sum(axis=0)[there]
            return float(by_class.mean() if way == RECALL else wrong.mean())
        variance, error = float(of.var(axis=0).sum()), float(((p - truth) ** 2).sum(axis=1).mean())
    return error / variance if variance and np.isfinite(error) else np.inf


def noise_of(way: str, error: float, n: int) -> float:
    """By how much chance changes an error of n rows: its standard error; of squares as of a normal's variance.

    Few rows are all there is, and are to be learnt as they are: 0.
    """
    if n < FEW:
        return 0.0
    return float(np.sqrt(error * (1.0 - min(error, 1.0)) / n)) if way != DISTANCE else error * float(np.sqrt(2.0 / n))
