"""Exclusive or, as the two tutorials write it: four rows that no network without a hidden layer can learn."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def xor() -> tuple[Floats, Floats]:
    """Return the NumPy tutorial's X (4, 2) and y (4, 1): y is 1 where the two inputs differ.

    >>> X, y = xor()
    >>> X.tolist(), y[:, 0].tolist()
    ([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0.0, 1.0, 1.0, 0.0])
    """
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    return X, np.array([[0.0], [1.0], [1.0], [0.0]])


def tychobra() -> tuple[Floats, Floats]:
    """Return the R tutorial's X (4, 3) and y (4, 1): exclusive or, with a third input that is always 1.

    The constant input stands for the biases that the R network does not have.

    >>> X, y = tychobra()
    >>> X.tolist(), y[:, 0].tolist()
    ([[0.0, 0.0, 1.0], [0.0, 1.0, 1.0], [1.0, 0.0, 1.0], [1.0, 1.0, 1.0]], [0.0, 1.0, 1.0, 0.0])
    """
    X, y = xor()
    return np.column_stack([X, np.ones(4)]), y
