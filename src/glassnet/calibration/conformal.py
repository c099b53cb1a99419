"""How far the next prediction will be from the truth, by how far others were: split conformal prediction.

Of n rows that trained nothing, the errors are known. The error of the next row is as likely to be the smallest among
these as the largest, or any place between: with probability k/(n + 1) or more it is not above the k-th smallest. So the
k-th, k = ⌈(n + 1)·level⌉, is the half of an interval that holds the truth with probability `level` or more, whatever
the model and however the data are distributed (Vovk et al., 2005; Lei et al., 2018). Only the rows must be of the same
kind.

Where errors grow with what is predicted, one width for all would be too wide here and too narrow there. So rows are
taken apart by the predicted number into bins, each with its own errors (Mondrian conformal prediction).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

MOST, LEAST = 10, 100  # bins, and rows in each where there is more than one: with 100 rows levels go up to 0.99
ROUNDING = 1e-9  # of (n + 1)·level: 0.9·(99 + 1) is 90, not the next whole number


@dataclass(frozen=True, eq=False)
class Errors:
    """How far predictions were from the truth, bin by bin.

    Attributes
    ----------
    edges
        (bins - 1,) ascending: where the next bin begins, above it.
    bins
        The errors in each bin, ascending.
    """

    edges: np.ndarray
    bins: tuple[np.ndarray, ...]

    def __post_init__(self) -> None:
        if len(self.bins) != len(self.edges) + 1 or not all(map(len, self.bins)) or not (np.diff(self.edges) > 0).all():
            raise ValueError("edges must ascend, with errors below the first, between two, and above the last")
        if not all(np.isfinite(errors).all() and (np.diff(errors) >= 0).all() for errors in self.bins):
            raise ValueError("errors of a bin must be finite and ascend")

    @property
    def largest(self) -> float:
        """The largest level that the bin with the fewest rows has an error for, n/(n + 1)."""
        fewest = min(map(len, self.bins))
        return fewest / (fewest + 1)

    def widths(self, level: float) -> np.ndarray:
        """For each bin the error that a row of it does not exceed with probability `level` or more.

        Raises
        ------
        ValueError
            The level is none, or there are too few rows for it; the message says what is the largest.
        """
        check_level(level)
        if level > self.largest + ROUNDING:
            fewest = min(map(len, self.bins))
            raise ValueError(
                f"interval must be at most {math.floor(1e4 * self.largest) / 1e4:g}, got {level:g}: the errors of "
                f"{fewest} rows tell of no rarer ones; calibrate on more rows"
            )
        return np.array([errors[rank(len(errors), level) - 1] for errors in self.bins])

    def at(self, predicted: np.ndarray, level: float) -> np.ndarray:
        """That error for each predicted number, of whatever shape."""
        return self.widths(level)[np.searchsorted(self.edges, predicted)]


def rank(n: int, level: float) -> int:
    """k = ⌈(n + 1)·level⌉: which of n errors, the smallest first, the next one is not above, so often.

    >>> rank(99, 0.9), rank(9, 0.9)
    (90, 9)
    """
    return max(1, math.ceil((n + 1) * level - ROUNDING))


def check_level(level: float) -> None:
    """ValueError for what is no share of rows."""
    if isinstance(level, bool) or not isinstance(level, (int, float, np.floating)) or not 0.0 < level < 1.0:
        raise ValueError(f"interval must be a share of rows between 0 and 1, such as 0.9, got {level!r:.60}")


def errors_of_all(errors: np.ndarray) -> Errors:
    """Errors (n,) in one bin."""
    return Errors(np.empty(0), (np.sort(errors),))


def errors_by(predicted: np.ndarray, errors: np.ndarray) -> Errors:
    """Errors (n,) in up to ten bins of as many rows each, as far as that goes, by the predicted number (n,)."""
    order = np.argsort(predicted, kind="stable")
    known = predicted[order].astype(np.float64)
    cuts = cuts_between(known)
    parts = np.split(errors[order].astype(np.float64), cuts)
    edges = [between(known[cut - 1], known[cut]) for cut in cuts]
    return Errors(np.array(edges, np.float64), tuple(map(np.sort, parts)))


def cuts_between(known: np.ndarray) -> list[int]:
    """Where ascending numbers are cut: never between equal ones, and a bin with too few rows goes to a neighbour.

    >>> cuts_between(np.arange(300.0)), cuts_between(np.repeat([0.0, 1.0], [150, 150]))
    ([100, 200], [150])
    """
    n = len(known)
    size = n / min(MOST, max(1, n // LEAST))  # at least LEAST
    changes = np.flatnonzero(np.diff(known)) + 1  # where a number is larger than the one before
    cuts: list[int] = []
    while True:
        k = int(np.searchsorted(changes, (cuts[-1] if cuts else 0) + size))
        if k == len(changes) or n - changes[k] < LEAST:
            return cuts
        cuts.append(int(changes[k]))


def between(low: float, high: float) -> float:
    """A number that is not below the lower and below the higher one."""
    middle = low + 0.5 * (high - low)
    return float(middle if middle < high else low)
