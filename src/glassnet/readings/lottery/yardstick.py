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
    x = truth.x[some].astype(np.float64)
    spread = x.std(axis=0)
    x = (x - x.mean(axis=0)) / np.where(spread > 0.0, spread, 1.0)
    squares = (x * x).sum(axis=1)
    away = squares[:, None] + squares - 2.0 * x @ x.T  # (n, n)
    np.fill_diagonal(away, np.inf)
    near = np.argpartition(away, NEIGHBOURS - 1, axis=1)[:, :NEIGHBOURS]  # (n, neighbours)
    if truth.labels is not None:
        codes = truth.codes[some]
        votes = (codes[near][:, :, None] == np.arange(len(truth.labels))).sum(axis=1)  # (n, K)
        return float((votes.argmax(axis=1) != codes).mean())
    y = truth.values[some]
    y = (y - y.mean(axis=0)) / np.where(y.std(axis=0) > 0.0, y.std(axis=0), 1.0)
    return float(np.mean((y[near].mean(axis=1) - y) ** 2))
