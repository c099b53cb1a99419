"""Rows to train on, and the way through them, batch after batch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass
from typing import Any, Protocol

import numpy as np


@dataclass(frozen=True, eq=False)
class Rows:
    """Encoded rows: x (n, inputs), y (n, outputs), and, if rows are weighted, w (n, 1)."""

    x: np.ndarray
    y: np.ndarray
    w: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.x)

    @property
    def is_weighted(self) -> bool:
        """Whether rows have weights."""
        return self.w is not None

    @property
    def looked_at(self) -> Rows:
        """Where whoever wants to look at rows finds some: all of them."""
        return self

    @property
    def arrays(self) -> list[np.ndarray]:
        """x, y and, if there is one, w: contiguous."""
        return [np.ascontiguousarray(array) for array in (self.x, self.y, self.w) if array is not None]

    def largest(self) -> np.ndarray:
        """The largest number of each column of x, its sign left out, (inputs,)."""
        return np.asarray(np.abs(self.x).max(axis=0))

    def batches(self, walk: Walk) -> Batches:
        """The rows cut into batches."""
        return Batches(self, walk)


@dataclass(frozen=True)
class Walk:
    """How an epoch goes through the rows: so many at a time, in a new order each time or as they are.

    With `drop_last` the rows at the end that do not fill a batch are left out: others in each epoch, where rows are
    shuffled.

    Where the rows are some of those that an epoch goes through, `before` batches came before them, `of` so many in all.
    """

    batch_size: int
    shuffle: bool
    drop_last: bool = False
    _: KW_ONLY
    before: int = 0
    of: int = 0

    @staticmethod
    def over(rows: int, batch_size: int | None, shuffle: bool, drop_last: bool = False) -> Walk:
        """Through so many rows; without a batch size, all at once, when the order makes no difference."""
        size = min(batch_size or rows, rows)
        return Walk(size, shuffle and size < rows, drop_last and rows % size > 0)

    def batches(self, rows: int) -> int:
        """How many steps an epoch takes."""
        return -(-self.taken(rows) // self.batch_size)

    def taken(self, rows: int) -> int:
        """How many of the rows an epoch takes."""
        return rows - rows % self.batch_size if self.drop_last else rows

    def kind(self, rows: int) -> str:
        """How a batch comes about: "whole" (all rows), "shuffled", or "in order"."""
        is_whole = self.batch_size == rows and not self.of
        return "whole" if is_whole else "shuffled" if self.shuffle else "in order"

    def steps_of_epoch(self, rows: int) -> int:
        """How many steps an epoch takes in all, of which these rows may be a part."""
        return self.of or self.batches(rows)

    def ends(self, rows: int) -> bool:
        """Whether an epoch ends with these rows."""
        return self.before + self.batches(rows) == self.steps_of_epoch(rows)


class Shuffler(Protocol):
    """What draws the order of the rows in each epoch."""

    state: Any  # what it is set back to, to draw the same orders again

    def permutation(self, rows: int) -> np.ndarray:
        """The numbers 0 to rows - 1, mixed."""


class GeneratorShuffler:
    """Orders drawn from a NumPy generator."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.permutation = rng.permutation

    @property
    def state(self) -> Any:
        """The generator's."""
        return self.rng.bit_generator.state

    @state.setter
    def state(self, state: Any) -> None:
        self.rng.bit_generator.state = state


class Batches:
    """Rows cut into batches.

    The rows are gathered once for each order into the same arrays, so that a batch is a view: no copy per batch.
    """

    def __init__(self, rows: Rows, walk: Walk) -> None:
        self.cut(rows, walk)
        self.source = rows.arrays
        self.gathered = [np.empty_like(array) for array in self.source] if self.shuffle else self.source
        self.batches = [tuple(array[low:high] for array in self.gathered) for low, high in self.bounds]

    def cut(self, rows: Rows, walk: Walk) -> None:
        """Where each batch begins and ends."""
        self.rows, self.shuffle = rows, walk.shuffle
        self.order: np.ndarray | None = None  # in which the rows are gathered
        end, size = walk.taken(len(rows)), walk.batch_size
        self.bounds = [(low, min(low + size, end)) for low in range(0, end, size)]

    def __len__(self) -> int:
        return len(self.bounds)

    def some(self, order: np.ndarray | None, first: int, last: int) -> Iterator[tuple[np.ndarray, ...]]:
        """Batches `first` to `last` - 1 of the rows in this order: (x, y) or (x, y, w)."""
        if order is not self.order:
            assert order is not None
            self.order = order
            for array, gathered in zip(self.source, self.gathered, strict=True):
                np.take(array, order, axis=0, out=gathered, mode="clip")  # "clip": no copy on the way
        return iter(self.batches[first:last] if last - first < len(self.batches) else self.batches)

    def weights(self) -> list[float]:
        """What the rows of each batch weigh together, where rows have weights."""
        return [float(batch[-1].sum(dtype=np.float64)) for batch in self.batches]
