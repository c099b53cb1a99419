"""What takes the steps of a training, as the loop sees it: a stepper, or what takes them through blocks of the rows."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from glassnet.training.choice import Choice
from glassnet.training.place import Place
from glassnet.training.steps import Moment


class Taker(Protocol):
    """What takes steps."""

    place: Place
    batches: int  # steps of an epoch
    choice: Choice

    @property
    def epochs(self) -> int:
        """Epochs done."""

    def a_step_takes(self) -> float:
        """Seconds, about."""

    def moment(self) -> Moment:
        """Where training is now."""

    def take(self, steps: int, seconds: float, asked_to_stop: Callable[[], bool]) -> list[float]:
        """Take so many steps, or fewer as `Engine.take` says; the training loss of each epoch that ends."""

    def measuring(self) -> AbstractContextManager[int]:
        """Within it something is measured between two epochs; how many threads may do so."""
