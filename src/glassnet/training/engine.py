"""What an engine is to the training loop: something that takes steps, and says when a number breaks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from glassnet.training.place import Place
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

    def take(self, place: Place, steps: int, seconds: float, asked_to_stop: Callable[[], bool]) -> list[float]:
        """Take steps until so many are taken or the time is over; the training loss of each epoch that ends.

        Parameters
        ----------
        place
            Where to begin; afterwards where training is then.
        steps
            How many steps at most.
        seconds
            When these are over, the epoch in progress is finished, and no other is begun.
        asked_to_stop
            Asked every few hundredths of a second; true: no further step is taken.

        Raises
        ------
        NotFinite
            The loss of a batch was infinite or NaN.
        """
