"""What an engine is to the training loop: something that runs epochs, and says when a number breaks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from glassnet.training.rows import Rows, Shuffler, Walk


class NotFinite(Exception):
    """A number was not finite: after step t, at the latest. `losses` are those of the epochs before."""

    def __init__(self, t: int, losses: list[float]) -> None:
        super().__init__(f"not finite after step {t}")
        self.t = t
        self.losses = losses


class Engine(Protocol):
    """An engine at work on one training run."""

    def turn_to(self, rows: Rows, walk: Walk, shuffler: Shuffler) -> bool:
        """Go through these rows from here on; false: for them another engine has to be made."""

    def run(self, first: int, epochs: int, seconds: float, asked_to_stop: Callable[[], bool]) -> list[float]:
        """Run epochs until so many are done or the time is over; the training loss of each.

        Parameters
        ----------
        first
            How many epochs were done before.
        epochs, seconds
            When to return, whichever comes first; the epoch in progress is finished.
        asked_to_stop
            Asked every few hundredths of a second; true: the epoch in progress is broken off.

        Raises
        ------
        NotFinite
            The loss of a batch was infinite or NaN.
        """
