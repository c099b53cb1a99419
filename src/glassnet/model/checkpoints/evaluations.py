"""What an objective said, each time that SciPy asked it, kept: by that a fit of SciPy's goes on where it was.

SciPy's memory cannot be kept, but it depends on what it was told alone. A fit that was stopped is told the same again,
in the same order, and goes on with the same bits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from glassnet.model.checkpoints.differences import Written
from glassnet.model.checkpoints.series import Series

Objective = Callable[[np.ndarray], tuple[float, np.ndarray]]


class Evaluations:
    """An objective whose answers are kept.

    Parameters
    ----------
    objective
        A loss and its gradient, as a function of theta.
    series
        Where they are kept; None: nowhere, and nothing is remembered.
    most
        So many bytes of gradients, and those after them are not kept.

    Attributes
    ----------
    losses, gradients
        Those that are.
    known
        How many were, when it began.
    asked
        How often it was asked.
    """

    def __init__(self, objective: Objective, series: Series | None, most: float = math.inf) -> None:
        self.objective, self.series, self.most = objective, series, most
        self.losses, self.gradients = list[float](), list[np.ndarray]()
        self.known = self.asked = 0

    def __call__(self, theta: np.ndarray) -> tuple[float, np.ndarray]:
        """What it says, or said before it was stopped."""
        self.asked += 1
        if self.asked <= len(self.losses):
            return self.losses[self.asked - 1], self.gradients[self.asked - 1].copy()
        loss, gradient = self.objective(theta)
        is_next = self.asked == len(self.losses) + 1
        if self.series and is_next and self.asked * gradient.nbytes <= self.most:
            self.losses.append(loss)
            self.gradients.append(gradient.copy())
            self.keep(is_last=False)
        return loss, gradient

    @property
    def is_news(self) -> bool:
        """Whether it says now what it did not before it was stopped, or perhaps nobody had heard."""
        return self.asked >= self.known

    def keep(self, *, is_last: bool) -> None:
        """Write down what was said, if it is time to."""
        if self.series and self.series.wants(len(self.losses), is_last):
            self.series.write(len(self.losses), self.written)

    def written(self) -> Written:
        """What was said, as a file has it."""
        return {"kind": "evaluations"}, {"losses": np.array(self.losses), "gradients": np.array(self.gradients)}

    def become(self, tensors: Mapping[str, np.ndarray]) -> None:
        """Know again what was said."""
        self.losses, self.gradients = tensors["losses"].tolist(), [*tensors["gradients"]]
        self.known = len(self.losses)
