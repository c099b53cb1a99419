"""The different values of many numbers, and which of them each is."""

import numpy as np
from numpy.typing import NDArray

CODES = 1 << 16  # whole numbers in a range that small are counted; sorting two million takes ten times as long


def distinct(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return the different values, ascending, and for each value its place among them; none may be NaN.

    >>> distinct(np.array([3.0, 1.0, 3.0]))
    (array([1., 3.]), array([1, 0, 1]))
    """
    if len(values):
        low, high = float(values.min()), float(values.max())
        if high - low < CODES and low == np.floor(low) and bool((values == np.floor(values)).all()):
            offset = (values - low).astype(np.intp)
            held = np.bincount(offset) > 0
            return np.flatnonzero(held) + np.float64(low), (np.cumsum(held) - 1)[offset]
    different, which = np.unique(values, return_inverse=True)
    return different, which
