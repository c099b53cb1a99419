"""What came of one that was tried: what it said of rows that it had not seen, and how wrong that was."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from glassnet.comparison.chance import standard_error
from glassnet.training.class_metrics import log_loss


@dataclass(frozen=True, eq=False, kw_only=True)
class Truth:
    """What is known of the rows compared.

    Attributes
    ----------
    values
        Numbers (n,), or of classes which one it is, by number (n,).
    classes
        The labels; None where the target is a number.
    weight
        How much each row counts, (n,), 1 on average; None: all alike.
    """

    values: np.ndarray
    classes: tuple[Any, ...] | None
    weight: np.ndarray | None = None

    def errors(self, said: np.ndarray) -> np.ndarray:
        """How wrong each row is, (n,), as often as it counts: 1 or 0 of classes, squared errors of numbers."""
        wrong = (said - self.values) ** 2 if self.classes is None else said.argmax(axis=1) != self.values
        return np.asarray(wrong, np.float64) * (1.0 if self.weight is None else self.weight)

    def score(self, errors: np.ndarray) -> float:
        """The error that people read: the share of wrong rows, or the RMSE over the target's standard deviation."""
        mean = float(errors.mean())
        if self.classes is not None:
            return mean
        return math.sqrt(mean / self.variance) if self.variance else math.nan

    def spread(self, errors: np.ndarray) -> float:
        """The standard error of that score; of a root by its slope."""
        se, score = standard_error(errors), self.score(errors)
        if self.classes is not None:
            return se
        return se / (2.0 * score * self.variance) if score and self.variance else 0.0

    @cached_property
    def variance(self) -> float:
        """That of the numbers."""
        mean = np.average(self.values, weights=self.weight)
        return float(np.average((self.values - mean) ** 2, weights=self.weight))

    def log_loss(self, said: np.ndarray) -> float | None:
        """The mean of -ln p of each row's class; None for numbers."""
        return None if self.classes is None else log_loss(self.values, said, self.weight)


@dataclass(frozen=True, eq=False, kw_only=True)
class Tried:
    """One that was tried.

    Attributes
    ----------
    name
        Of its recipe; "trees" for those beside networks.
    said
        Of each row compared the probability of every class (n, K), or the number (n,); by models that had not seen it.
    errors
        How wrong each row is, (n,).
    numbers
        How many it learns; None: it is no network.
    seconds
        What it took to try.
    epochs
        How many are best; 0: the recipe sees to that itself.
    """

    name: str
    said: np.ndarray
    errors: np.ndarray
    numbers: int | None
    seconds: float
    epochs: int = 0
