"""Pictures of handwritten digits: 1,797 of them, 8×8, small enough to see every number of one."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

DIGITS_NPZ = Path(__file__).with_name("digits.npz")


def digits() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return X (1797, 64), how dark each pixel is from 0 (paper) to 1 (ink), and y (1797,), the digits 0 to 9.

    A row of X is a picture of 8×8, row by row: `X[0].reshape(8, 8)`. Each pixel is a count of the 16 dots of the
    scanned sheet that it stands for, so X is in sixteenths.

    Source: Optical Recognition of Handwritten Digits (E. Alpaydin, C. Kaynak, 1998), UCI Machine Learning Repository,
    https://doi.org/10.24432/C50P49; of it the part for testing, written by 13 people. Licence: CC BY 4.0. The counts
    are unchanged, and divided by 16.

    >>> X, y = digits()
    >>> (16 * X[0].reshape(8, 8)).astype(int)[:3], int(y[0])
    (array([[ 0,  0,  5, 13,  9,  1,  0,  0],
           [ 0,  0, 13, 15, 10, 15,  5,  0],
           [ 0,  3, 15,  2,  0, 11,  8,  0]]), 0)
    """
    with np.load(DIGITS_NPZ, allow_pickle=False) as kept:
        pictures, y = kept["pictures"], kept["digits"]
    return pictures.reshape(len(y), -1) / 16.0, y.astype(np.int64)
