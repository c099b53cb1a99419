"""Which rows a training went through: a line of text that other rows do not have."""

from __future__ import annotations

import zlib

import numpy as np

from glassnet.training.rows import Rows

MOST = 1 << 16  # bytes of an array that are looked at one by one; of a larger one these, and the sum of all


def fingerprint(rows: Rows, held_out: Rows | None) -> str:
    """The rows trained on, and those that are measured: dtype, shape, checksum and sum of each array."""
    arrays = [*rows.arrays, *(held_out.arrays if held_out else ())]
    return " ".join(map(words_of, arrays))


def words_of(array: np.ndarray) -> str:
    """`float64[23,3]-0badcafe-0123456789abcdef`."""
    shape = ",".join(map(str, array.shape))
    whole = array.view(f"u{array.itemsize}")
    every = -(-array.nbytes // MOST)
    checked = zlib.crc32(whole[::every].tobytes())
    total = int(np.add.reduce(whole, axis=None, dtype=whole.dtype))  # of whole numbers: the same on every machine
    return f"{array.dtype}[{shape}]-{checked:08x}-{total:x}"
