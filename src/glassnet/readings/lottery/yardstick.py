"""What there is to be learnt from some rows, whatever network is asked: what the rows beside each row say of it.

Each row is predicted from its nearest neighbours, itself left out (Fix & Hodges, 1951). Where they know it and no run
of a network does, it is the network that fails, and not the data that are noise.
"""

from __future__ import annotations

import numpy as np

from glassnet.readings.lottery.truth import Truth

NEIGHBOURS = 5
MOST = 1024  # rows that are looked at; of more, so many in equal steps


def error_of_neighbours(truth: Truth) -> float:
    """The error of saying of each row what most of its neighbours are, or of numbers their mean."""
    some = np.unique(np.linspace(0, len(truth) - 1, min(len(truth), MOST)).astype(np.intp))
    x = standard(truth.x[some], truth.x[some])
    near = nearest(x, x, but_itself=True)  # (n, neighbours)
    if truth.labels is not None:
        codes = truth.codes[some]
        votes = (codes[near][:, :, None] == np.arange(len(truth.labels))).sum(axis=1)  # (n, K)
        return float((votes.argmax(axis=1) != codes).mean())
    y = truth.values[some]
    y = (y - y.mean(axis=0)) / np.where(y.std(axis=0) > 0.0, y.std(axis=0), 1.0)
    return float(np.mean((y[near].mean(axis=1) - y) ** 2))


def standard(x: np.ndarray, of: np.ndarray) -> np.ndarray:
    """Columns with the mean 0 and spread 1 that others have."""
    spread = of.std(axis=0, dtype=np.float64)
    scaled: np.ndarray = (x - of.mean(axis=0, dtype=np.float64)) / np.where(spread > 0.0, spread, 1.0)
    return scaled


def nearest(x: np.ndarray, asked: np.ndarray, *, but_itself: bool = False) -> np.ndarray:
    """The numbers of the five rows of x nearest to each that is asked about, (asked, neighbours).

    With `but_itself` they are the same rows, none of which is a neighbour of its own.
    """
    far = (asked**2).sum(axis=1)[:, None] - 2.0 * asked @ x.T + (x**2).sum(axis=1)
    if but_itself:
        np.fill_diagonal(far, np.inf)
    return np.argpartition(far, min(NEIGHBOURS, len(x) - 1) - 1, axis=1)[:, :NEIGHBOURS]
