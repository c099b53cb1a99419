"""What the training loop says while it runs."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np


class Epoch(NamedTuple):
    """One epoch is done; or several, where nobody had to look in between.

    Attributes
    ----------
    epoch
        The number of epochs done, over all training of this model.
    step
        The number of steps (batches) the optimizer has taken.
    losses
        The training loss of each epoch since the last event: the mean over its batches, each measured before its
        update.
    metrics
        "val_loss" and metrics after this epoch; empty where none were asked for.
    """

    epoch: int
    step: int
    losses: list[float]
    metrics: dict[str, float]

    @property
    def loss(self) -> float:
        """The training loss of this epoch."""
        return self.losses[-1]


class Stopped(NamedTuple):
    """Training is over.

    Attributes
    ----------
    reason
        "epochs" (all were done), "early", "interrupted" (by Ctrl-C, or because a callback asked) or "diverged".
    message
        One sentence for a person.
    """

    reason: str
    message: str


Event = Epoch | Stopped


def asks_to_stop(answer: Any) -> bool:
    """Whether what a callback gave asks to stop: true, Python's or NumPy's."""
    return isinstance(answer, (bool, np.bool_)) and bool(answer)
