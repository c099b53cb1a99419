"""The order of the rows, as scikit-learn draws it."""

from __future__ import annotations

import hashlib

import numpy as np


class CumulativeShuffler:
    """Each order is the one before, mixed once more."""

    def __init__(self, random_state: np.random.RandomState, rows: int) -> None:
        self.random_state, self.rows = random_state, rows
        self.before = random_state.get_state(legacy=False)
        self.order, self.drawn = np.arange(rows), 0

    def permutation(self, rows: int) -> np.ndarray:
        """The next order."""
        mixed = np.arange(rows)
        self.random_state.shuffle(mixed)
        self.order = self.order[mixed]
        self.drawn += 1
        return self.order

    @property
    def fingerprint(self) -> str:
        """Of where the orders are drawn from: the same where they will be the same."""
        return hashlib.sha256(repr(sorted(self.before["state"].items())).encode()).hexdigest()

    @property
    def state(self) -> int:
        """How many orders were drawn: asked for after every epoch, set back to hardly ever."""
        return self.drawn

    @state.setter
    def state(self, drawn: int) -> None:
        self.random_state.set_state(self.before)
        self.order, self.drawn = np.arange(self.rows), 0
        for _ in range(drawn):
            self.permutation(self.rows)
