"""Blocks: runs of a store's chunks, which workers are given to do by their numbers."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass

import numpy as np

from glassnet.errors import DataError
from glassnet.training.rows import Rows
from glassnet.training.store import Store, rows_of_chunk

WORTH = 0.25  # seconds of a block, about: handing one out takes some milliseconds
FEWEST, MOST = 8, 1024  # blocks, where nobody says how many


@dataclass(frozen=True)
class Cut:
    """A store cut into blocks of so many chunks.

    It depends on the rows alone, and so do all numbers: whoever computes a block, wherever, gives the same.
    """

    store: Store
    size: int

    def __len__(self) -> int:
        return -(-self.store.chunks // self.size)

    def chunks(self, block: int) -> range:
        """The numbers of a block's chunks."""
        return range(block * self.size, min((block + 1) * self.size, self.store.chunks))

    def rows(self, block: int) -> int:
        """How many rows a block has."""
        return sum(map(self.store.rows_in, self.chunks(block)))

    def name(self, block: int) -> str:
        """`block 3, rows 1,201 to 1,600 of "rows.store"`: for people, who count from 1."""
        first = block * self.size * self.store.chunk + 1
        last = first + self.rows(block) - 1
        return f"block {block + 1}, rows {first:,} to {last:,} of {self.store.path!r}"

    def read(self, block: int) -> Rows:
        """The rows of a block.

        Raises
        ------
        DataError
            The file is not what was written, or a number in it is not finite.
        OSError
            It cannot be read.
        """
        store = self.store
        expected = store.rows * sum(store.widths) * np.dtype(store.dtype).itemsize
        if (there := os.stat(store.path).st_size) != expected:
            raise DataError(f"{store.path} has {there:,} bytes instead of {expected:,}; it was changed")
        rows = store.read(self.chunks(block))
        if not all(np.isfinite(array).all() for array in rows.arrays):
            raise DataError(f"{store.path} holds numbers that are not finite, which nobody wrote; it was changed")
        return rows


def rows_of_block(rows: int, blocks: int) -> int:
    """How many rows each of so many blocks has; the last one may have fewer."""
    return -(-rows // blocks)


def chunk_for(rows: int, blocks: int, width: int, dtype: np.dtype[np.floating]) -> tuple[int, int]:
    """The rows of a chunk, and the chunks of a block, of a store that is written to be cut into so many blocks."""
    block = rows_of_block(rows, blocks)
    chunks = -(-block // rows_of_chunk(width, dtype))
    return -(-block // chunks), chunks


def cut_of(store: Store, blocks: int) -> Cut:
    """A store that is there, cut into so many blocks, or fewer where it has not as many chunks."""
    return Cut(store, max(1, math.ceil(store.chunks / blocks)))


def usual_blocks(rows: int, seconds: float) -> int:
    """How many blocks to cut rows into that take about so many seconds to go through."""
    return max(1, min(rows, max(FEWEST, min(MOST, round(seconds / WORTH)))))
