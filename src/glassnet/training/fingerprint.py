"""Which rows a training went through: a line of text that other rows do not have."""

from __future__ import annotations

import zlib

import numpy as np

from glassnet.training.blocks import Blocks
from glassnet.training.rows import Rows

IN_BLOCKS = "blocks:"  # how it begins where rows are in a store
MOST = 1 << 16  # bytes of an array that are looked at one by one; of a larger one these, and the sum of all


def fingerprint(rows: Rows | Blocks, held_out: Rows | None) -> str:
    """The rows trained on, and those that are measured: dtype, shape, checksum and sum of each array."""
    measured = [words_of(array) for array in held_out.arrays] if held_out else []
    trained = [words_of_blocks(rows)] if isinstance(rows, Blocks) else [words_of(array) for array in rows.arrays]
    return " ".join([*trained, *measured])


def words_of_blocks(rows: Blocks) -> str:
    """`blocks:float64[1000,3]-0badcafe-42`: the store's checksum, and what orders are drawn from."""
    store = rows.store
    return f"{IN_BLOCKS}{store.dtype}[{store.rows},{sum(store.widths)}]-{store.digest}-{rows.seed:x}"


def words_of(array: np.ndarray) -> str:
    """`float64[23,3]-0badcafe-0123456789abcdef`."""
    shape = ",".join(map(str, array.shape))
    whole = array.view(f"u{array.itemsize}")
    every = -(-array.nbytes // MOST)
    checked = zlib.crc32(whole[::every].tobytes())
    total = int(np.add.reduce(whole, axis=None, dtype=whole.dtype))  # of whole numbers: the same on every machine
    return f"{array.dtype}[{shape}]-{checked:08x}-{total:x}"
