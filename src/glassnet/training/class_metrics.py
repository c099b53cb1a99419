"""Scores of predicted classes: how good the probabilities' order is, and what is missed and what is falsely said.

Each takes y, the number of each row's class (n,), the outputs p, one for each class (n, K), and, where rows do not
count alike, their weights (n,). Of two classes the second is the one that is looked for; of more, each class is looked
for among all others, and the mean over the classes is the score ("macro"). A class that no row has, where a score needs
one, does not count.
"""

from __future__ import annotations

import numpy as np


def auc(y: np.ndarray, p: np.ndarray, weight: np.ndarray | None = None) -> float:
    """Area under the ROC curve: how often a row of the class has a higher output for it than a row of another class.

    Equal outputs count half. 1 is a perfect order, ½ none at all; NaN where all rows are of one class.

    >>> auc(np.array([0, 1, 0, 1]), np.array([[0.9, 0.1], [0.6, 0.4], [0.4, 0.6], [0.2, 0.8]]))
    0.75
    """
    areas = [area(y == k, p[:, k], weight) for k in looked_for(p)]
    defined = [value for value in areas if value == value]
    return sum(defined) / len(defined) if defined else float("nan")


def area(positive: np.ndarray, score: np.ndarray, weight: np.ndarray | None) -> float:
    """The area of one class: Σ of the weights of pairs in the right order, over all pairs'."""
    w = np.ones(len(score)) if weight is None else weight.astype(np.float64)
    values, place = np.unique(score, return_inverse=True)
    inside = np.bincount(place, np.where(positive, w, 0.0), len(values))  # weight of each value, in the class
    outside = np.bincount(place, np.where(positive, 0.0, w), len(values))
    below = np.cumsum(outside) - outside
    pairs = inside.sum() * outside.sum()
    return float((inside * (below + 0.5 * outside)).sum() / pairs) if pairs else float("nan")


def log_loss(y: np.ndarray, p: np.ndarray, weight: np.ndarray | None = None) -> float:
    """The mean of -ln p of each row's own class; p counts as one ε at least, ε of its dtype.

    >>> round(log_loss(np.array([0, 1]), np.array([[0.5, 0.5], [0.75, 0.25]])), 4)
    1.0397
    """
    return float(np.average(log_losses(y, p), weights=weight))


def log_losses(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    """The -ln p of each row's own class, (n,)."""
    eps = np.finfo(p.dtype).eps
    own = p[np.arange(len(y)), y].clip(eps, 1.0 - eps).astype(np.float64)
    return np.asarray(-np.log(own))


def brier(y: np.ndarray, p: np.ndarray, weight: np.ndarray | None = None) -> float:
    """The mean squared distance of the probabilities from 1 for the row's own class and 0 for the others.

    Of two classes only the second's counts, (p - y)², from 0 to 1; of more it is the sum over the classes, from 0 to 2
    (Brier, 1950). scikit-learn's brier_score_loss has it so.

    >>> brier(np.array([0, 1]), np.array([[0.5, 0.5], [0.0, 1.0]]))
    0.125
    """
    off = p.astype(np.float64)
    off[np.arange(len(y)), y] -= 1.0
    return float(np.average((off[:, looked_for(p)] ** 2).sum(axis=1), weights=weight))


def balanced_accuracy(y: np.ndarray, p: np.ndarray, weight: np.ndarray | None = None) -> float:
    """The mean over the classes of the share of their rows that are right: always saying one class gives 1/K.

    >>> balanced_accuracy(np.array([0, 0, 0, 1]), np.array([[1, 0], [1, 0], [1, 0], [1, 0]]))
    0.5
    """
    return balanced(confusion(y, p, weight))


def precision(y: np.ndarray, p: np.ndarray, weight: np.ndarray | None = None) -> float:
    """Of the rows said to be of the class, the share that are; 0 where none is said to be.

    >>> precision(np.array([0, 0, 1, 1]), np.array([[1, 0], [0, 1], [0, 1], [0, 1]])) == 2 / 3
    True
    """
    counts = confusion(y, p, weight)
    return of_classes(counts, counts.sum(axis=0))


def recall(y: np.ndarray, p: np.ndarray, weight: np.ndarray | None = None) -> float:
    """Of the rows of the class, the share that are said to be; 0 where there is none.

    >>> recall(np.array([0, 0, 1, 1]), np.array([[1, 0], [0, 1], [0, 1], [1, 0]]))
    0.5
    """
    counts = confusion(y, p, weight)
    return of_classes(counts, counts.sum(axis=1))


def f1(y: np.ndarray, p: np.ndarray, weight: np.ndarray | None = None) -> float:
    """2·precision·recall / (precision + recall): high only where both are.

    >>> f1(np.array([0, 0, 1, 1]), np.array([[1, 0], [0, 1], [0, 1], [1, 0]]))
    0.5
    """
    counts = confusion(y, p, weight)
    return of_classes(counts, 0.5 * (counts.sum(axis=0) + counts.sum(axis=1)))


def looked_for(p: np.ndarray) -> range:
    """The classes that are looked for: of two the second, else all."""
    return range(1, 2) if p.shape[1] == 2 else range(p.shape[1])


def confusion(y: np.ndarray, p: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
    """What the rows of each class (down) that were said to be of each class (across) weigh, (K, K)."""
    K = p.shape[1]
    return np.bincount(y * K + p.argmax(axis=1), weight, K * K).astype(np.float64).reshape(K, K)


def balanced(counts: np.ndarray) -> float:
    """The mean over the classes of the share that is right, of the classes that are there."""
    there = counts.sum(axis=1) > 0
    return float((counts.diagonal()[there] / counts.sum(axis=1)[there]).mean())


def of_classes(counts: np.ndarray, whole: np.ndarray) -> float:
    """What is right of each class over its whole, as the score of those that are looked for."""
    seen = [k for k in looked_for(counts) if len(counts) == 2 or counts[k].any() or counts[:, k].any()]
    return float(np.mean([counts[k, k] / whole[k] if whole[k] else 0.0 for k in seen]))
