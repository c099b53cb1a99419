"""How far training is: the epochs that are done, and the place in the one in progress."""

from __future__ import annotations

from collections.abc import Sized
from dataclasses import dataclass, field

import numpy as np

from glassnet.training.rows import Walk


@dataclass
class Place:
    """A place on the way through the rows, epoch after epoch; engines keep it up to date.

    Attributes
    ----------
    epochs
        Epochs done.
    batch
        Batches done of the epoch in progress.
    order
        The order of the rows in it, (n,), which is never written to; None: not drawn yet, or the rows stay as they are.
    told
        Losses of its batches so far, each with what it counts; an engine may have added them up.
    """

    epochs: int = 0
    batch: int = 0
    order: np.ndarray | None = None
    told: list[tuple[float, float]] = field(default_factory=list)

    def leave(self) -> None:
        """Leave the epoch in progress: the next step begins another."""
        self.batch, self.order, self.told = 0, None, []

    def epoch_ends(self) -> None:
        """One more epoch is done."""
        self.epochs += 1
        self.leave()

    def is_on(self, walk: Walk, rows: Sized) -> bool:
        """Whether it is a place on the way through these rows."""
        order = self.order is None or (walk.shuffle and len(self.order) == len(rows))
        return order and 0 <= self.batch < walk.batches(len(rows))

    def copy(self) -> Place:
        """The same place, to return to."""
        return Place(self.epochs, self.batch, self.order, self.told.copy())

    def put_back(self, kept: Place) -> None:
        """Return to a place."""
        self.epochs, self.batch, self.order, self.told = kept.epochs, kept.batch, kept.order, kept.told.copy()
