"""Bins of columns: from where to where each goes, so that each holds about as many rows as the next.

The edges are quantiles of rows, each the value of a row. Where a column has few values several quantiles are the same,
and it has fewer bins; a column of one value has none.
"""

from __future__ import annotations

import numpy as np

OPEN = 1e6  # how many bins further the first and the last bin of a column go on: as far as numbers come
NEAR = 1e-5  # edges that are nearer to each other, in parts of their size, are the same: float32 cannot tell them apart


def edges_of(column: np.ndarray, most: int) -> np.ndarray:
    """The edges of at most so many bins, ascending; a single one for a column of one value.

    >>> edges_of(np.array([0.0, 1.0, 2.0, 3.0, 4.0]), 2)
    array([0., 2., 4.])
    >>> edges_of(np.array([0.0, 0.0, 1.0, 1.0, 1.0]), 4)
    array([0., 1.])
    """
    edges = np.unique(np.quantile(column, np.linspace(0.0, 1.0, most + 1), method="inverted_cdf"))
    apart = np.diff(edges) > NEAR * np.abs(edges[1:])
    return edges[np.concatenate(([True], apart))]


def bins_of(x: np.ndarray, most: int) -> dict[str, np.ndarray]:
    """Bins of the columns of x (n, d), at most so many of each, as arrays: place k·xⱼ - s is 0 … 1 from edge to edge.

    >>> {name: array.tolist() for name, array in bins_of(np.array([[0.0], [1.0], [5.0]]), 2).items()}
    {'slope': [[1.0, 0.25]], 'start': [0.0, 0.25], 'low': [-1000000.0, 0.0], 'high': [1.0, 1000000.0]}

    Returns
    -------
    dict
        `slope` (d, most), 1/width of each bin; `start` (d·most,), its lower edge in widths; `low` and `high`
        (d·most,), between which a place is kept: 0 and 1, but that the first bin of a column goes on below and the
        last one above. What a column has fewer are bins in which every place is 0.
    """
    d = x.shape[1]
    slope, start = np.zeros((d, most)), np.zeros((d, most))
    low, high = np.zeros((d, most)), np.ones((d, most))
    for j in range(d):
        edges = edges_of(x[:, j], most)
        widths = np.diff(edges)
        count = len(widths)
        slope[j, :count] = 1.0 / widths
        start[j, :count] = edges[:-1] / widths
        if count:
            low[j, 0], high[j, count - 1] = -OPEN, OPEN
    return {"slope": slope, "start": start.ravel(), "low": low.ravel(), "high": high.ravel()}
