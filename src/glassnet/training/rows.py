"""Rows to train on, and how they become batches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Rows:
    """Encoded rows: x (n, inputs), y (n, outputs), and, if rows are weighted, w (n, 1)."""

    x: np.ndarray
    y: np.ndarray
    w: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.x)


class Batches:
    """Rows cut into batches, in a new order each epoch.

    The rows are gathered once an epoch into the same arrays, so that a batch is a view: no copy per batch.
    """

    def __init__(self, rows: Rows, size: int, shuffle: bool) -> None:
        self.rows = rows
        self.shuffle = shuffle and size < len(rows)  # one batch of all rows is the same in any order
        self.bounds = [(low, min(low + size, len(rows))) for low in range(0, len(rows), size)]
        source = [array for array in (rows.x, rows.y, rows.w) if array is not None]
        self.source = [np.ascontiguousarray(array) for array in source]
        self.gathered = [np.empty_like(array) for array in self.source] if self.shuffle else self.source
        self.parts = [(high - low) / len(rows) for low, high in self.bounds]
        self.batches = [tuple(array[low:high] for array in self.gathered) for low, high in self.bounds]

    def __len__(self) -> int:
        return len(self.bounds)

    def epoch(self, rng: np.random.Generator) -> Iterator[tuple[np.ndarray, ...]]:
        """The batches of one epoch: (x, y) or (x, y, w)."""
        if self.shuffle:
            order = rng.permutation(len(self.rows))
            for array, gathered in zip(self.source, self.gathered, strict=True):
                np.take(array, order, axis=0, out=gathered, mode="clip")  # "clip": no copy on the way
        return iter(self.batches)

    def shares(self, reduction: str) -> list[float]:
        """What each batch counts in the epoch's loss: its part of all rows, or of their weight; for sums, 1."""
        if reduction == "sum":
            return [1.0] * len(self.bounds)
        if self.rows.w is None:
            return self.parts
        weights = [float(batch[-1].sum(dtype=np.float64)) for batch in self.batches]
        total = sum(weights)
        return [weight / total for weight in weights]
