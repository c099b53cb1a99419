"""What a diagnosis has seen of a case, and a sign that it takes from that."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glassnet.doctor.bar import Bar
from glassnet.doctor.case import Case
from glassnet.doctor.measures import Layer, Trace
from glassnet.doctor.reruns import End


@dataclass(frozen=True)
class Sign:
    """What speaks for a cause.

    Attributes
    ----------
    cause
        Its name.
    weight
        From 0 to 1.
    words
        What was measured.
    more
        What is to be added to the name: of a learning rate, whether it is too high or too low.
    """

    cause: str
    weight: float
    words: str
    more: str = ""

    @property
    def name(self) -> str:
        """The cause by its full name."""
        return f"{self.cause}{self.more}"


@dataclass(frozen=True, eq=False, kw_only=True)
class Seen:
    """All that signs are read from.

    Attributes
    ----------
    case, bar, ends, trace
        The case, what it should reach, what it came to from several seeds, and one training looked at.
    """

    case: Case
    bar: Bar
    ends: list[End]
    trace: Trace

    @property
    def hidden(self) -> list[tuple[Layer, Layer]]:
        """Each hidden layer at the start and at the end."""
        return list(zip(self.trace.first.hidden, self.trace.last.hidden, strict=True))

    def still_falling(self) -> float:
        """How much of the way that the loss came it came in the last tenth of the epochs."""
        losses = self.trace.losses
        if len(losses) < 10 or not np.isfinite(losses).all():
            return 0.0
        way, tenth = losses[0] - losses[-1], losses[-1 - len(losses) // 10] - losses[-1]
        return float(tenth / way) if way > 0.0 else 0.0

    def swing(self) -> float:
        """How much the loss goes up and down from epoch to epoch in the later half, beside its size."""
        later = self.trace.losses[len(self.trace.losses) // 2 :]
        if len(later) < 4 or not np.isfinite(later).all():
            return 0.0
        return float(np.abs(np.diff(later)).mean() / (np.abs(later).mean() or 1.0))
