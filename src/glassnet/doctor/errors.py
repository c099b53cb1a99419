"""How wrong predictions are, in one number: 0 is right, and always saying the same has the error of saying the same."""

from __future__ import annotations

import numpy as np

FEW = 40  # rows; of fewer a class that is right by a hair is no sign of having learnt
CLASS, RECALL, DISTANCE = "class", "recall", "distance"


def way_of(truth: np.ndarray, is_classes: bool, w: np.ndarray | None = None) -> str:
    """How rows are judged: by the "class" that is said, the "recall" of all classes, or the "distance" from the truth.

    By recall where rows are weighed so that rare classes count more like the others: then these are to be found.

    Parameters
    ----------
    truth, w
        Of the rows trained on, (n, outputs) and (n, 1); None: they count alike.
    is_classes
        Whether they are classes.

    >>> truth = np.repeat(np.eye(2), (90, 30), axis=0)
    >>> way_of(truth, True, np.repeat([[1.0], [3.0]], (90, 30), axis=0)), way_of(truth, True), way_of(truth[:39], True)
    ('recall', 'class', 'distance')
    """
    if not is_classes or len(truth) < FEW:
        return DISTANCE
    if w is None:
        return CLASS
    rows, counts = truth.sum(axis=0), (w * truth).sum(axis=0)
    is_evened = rows.min() > 0.0 and counts.max() * rows.min() < 0.5 * rows.max() * counts.min()
    return RECALL if is_evened else CLASS


def errors_of(way: str, truth: np.ndarray, p: np.ndarray, of: np.ndarray) -> np.ndarray:
    """How wrong each row is, (n,); their mean is what counts.

    By class 1 for a wrong row; by recall so much that each class counts alike; by distance the squared error over the
    targets' variance. What overflows is as wrong as can be.

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
    >>> errors_of("class", truth, p, truth), errors_of("distance", truth, p, truth).round(3)
    (array([0., 1.]), array([0.04, 1.44]))
    """
    with np.errstate(all="ignore"):
        if way != DISTANCE:
            wrong = np.where(np.isfinite(p).all(axis=1), p.argmax(axis=1), -1) != truth.argmax(axis=1)
            rows = truth.sum(axis=0)
            each = len(truth) / (np.count_nonzero(rows) * np.where(rows > 0.0, rows, 1.0)) if way == RECALL else 1.0
            return np.asarray((truth * each).sum(axis=1) * wrong)
        errors = ((p - truth) ** 2).sum(axis=1) / float(of.var(axis=0).sum())
    return np.where(np.isfinite(errors), errors, np.inf)


def error_of(errors: np.ndarray) -> float:
    """The error of all rows; nan where there is none.

    >>> error_of(np.array([0.0, 1.0]))
    0.5
    """
    return float(errors.mean()) if len(errors) else np.nan


def chance_of(errors: np.ndarray) -> float:
    """By how much chance changes it: its standard error. Few rows are all there is, to be learnt as they are: 0."""
    with np.errstate(all="ignore"):
        return float(errors.std() / np.sqrt(len(errors))) if len(errors) >= FEW else 0.0
