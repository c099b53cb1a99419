"""What is chance: differences between the errors of two on the same rows.

Each row has an error: of a class 1 if the prediction is wrong and 0 if it is right, of a number the square of how far
it is off. On the same rows errors are paired: what makes a row hard makes it hard for both and is no part of their
difference, whose standard error is that of the rows' differences (Dietterich, 1998; Nadeau and Bengio, 2003).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

ROUNDING = 1e-9  # of one row that differs the difference is its standard error
SURE = 2.0  # standard errors from which on a difference is told: about 1 in 20 is as large by chance alone


@dataclass(frozen=True)
class Difference:
    """How much larger one mean error is than another, and the standard error of that."""

    mean: float
    se: float

    @property
    def z(self) -> float:
        """The mean in standard errors; infinite where all rows say the same."""
        if self.se:
            return self.mean / self.se
        return math.copysign(math.inf, self.mean) if self.mean else 0.0

    @property
    def is_clear(self) -> bool:
        """Whether chance hardly makes such a difference."""
        return abs(self.z) >= SURE


def difference(errors: np.ndarray, others: np.ndarray) -> Difference:
    """That of two vectors of errors (n,), of the same rows.

    >>> difference(np.array([1.0, 0.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0, 0.0]))
    Difference(mean=0.25, se=0.25)
    """
    return Difference(float((errors - others).mean()), standard_error(errors - others))


def standard_error(values: np.ndarray) -> float:
    """That of a mean; 0 of one value."""
    return float(values.std(ddof=1) / math.sqrt(len(values))) if len(values) > 1 else 0.0


def simplest(errors: Sequence[np.ndarray]) -> int:
    """Which of several, the simplest first, is as good as the best: within one standard error of it.

    The one-standard-error rule of Breiman et al. (1984), with paired errors.

    >>> rows = np.arange(8) % 2
    >>> simplest([np.ones(8), 1.0 * rows, 1.0 * rows])
    1
    """
    best = min(errors, key=lambda one: float(one.mean()))
    return next(k for k, one in enumerate(errors) if difference(one, best).z <= 1.0 + ROUNDING)


def may_be_better(errors: np.ndarray, others: np.ndarray) -> bool:
    """Whether some rows leave it open that the first is better than the others on all: not if it is worse on these.

    A difference of one standard error the wrong way ends it, and none at all: who is as good must not be larger. Of
    numbers it is how far they are off that is looked at, not its square: of a few rows one decides the mean square.
    """
    return difference(np.sqrt(errors), np.sqrt(others)).z < 1.0 - ROUNDING and bool((errors != others).any())
