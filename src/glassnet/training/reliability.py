"""Calibration: whether of what is said with 80 % some 80 % come true.

Rows are put into bins by how probable something was said to be, and in each bin what was said is held against how often
it happened. That something is, of two classes, the second one; of more, that the class said is the right one (Guo et
al., 2017). Bins have equal mass rather than equal width (Nixon et al., 2019): each has a tenth of the rows. Rows of
which exactly the same was said are in one bin, so that their order makes no difference.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

BINS = 10
DRAWS = 200  # targets drawn to see what chance alone makes: the mean is then known to some 3 %
MANY = 1 << 20  # rows from which on nothing is drawn: how often things happen in a bin is then as good as normal


@dataclass(frozen=True, eq=False, kw_only=True)
class Bins:
    """What was said in each bin and what happened, (bins,); bins that would be empty are left out.

    Attributes
    ----------
    said
        The mean of the probabilities.
    happened
        The share of the rows in which it came true.
    mass
        How many rows there are, or what they weigh.
    """

    said: np.ndarray
    happened: np.ndarray
    mass: np.ndarray

    @property
    def error(self) -> float:
        """The mean over the rows of |said - happened|."""
        return float(np.average(np.abs(self.said - self.happened), weights=self.mass))


def said_of(p: np.ndarray) -> np.ndarray:
    """How probable what is looked at was said to be, (n,), of the probabilities of every class, (n, K)."""
    return np.asarray(p[:, 1] if p.shape[1] == 2 else p.max(axis=1), np.float64)


def happened_of(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Whether it came true, (n,), by the number of each row's class, (n,)."""
    return np.asarray(y == (1 if p.shape[1] == 2 else p.argmax(axis=1)))


def bin_of(said: np.ndarray, weight: np.ndarray | None = None, bins: int = BINS) -> np.ndarray:
    """The number of each row's bin, (n,): by the middle of the mass of those of which the same was said.

    >>> bin_of(np.array([0.1, 0.9, 0.2, 0.2]), bins=2)
    array([0, 1, 1, 1])
    """
    values, place = np.unique(said, return_inverse=True)
    mass = np.bincount(place, weight, len(values))
    middle = np.cumsum(mass) - 0.5 * mass
    return np.asarray((bins * middle / mass.sum()).astype(np.int64).clip(max=bins - 1)[place])


def in_bins(said: np.ndarray, happened: np.ndarray, weight: np.ndarray | None = None) -> Bins:
    """What was said and what happened, bin by bin."""
    which = bin_of(said, weight)
    w = np.ones(len(said)) if weight is None else weight
    mass = np.bincount(which, w, BINS)
    there = mass > 0
    sums = (np.bincount(which, w * values, BINS)[there] for values in (said, happened))
    of_said, of_happened = (total / mass[there] for total in sums)
    return Bins(said=of_said, happened=of_happened, mass=mass[there])


def calibration_error(y: np.ndarray, p: np.ndarray, weight: np.ndarray | None = None) -> float:
    """How far probabilities are from what happens: the mean of |said - happened| in 10 bins of equal mass.

    Of two classes it is the second one's probability, of more that of the class said. 0 is perfect, but chance alone
    makes some of it: the fewer rows, the more.

    >>> round(calibration_error(np.array([0, 1]), np.array([[0.8, 0.2], [0.3, 0.7]])), 2)
    0.25
    """
    return in_bins(said_of(p), happened_of(y, p), weight).error


def error_by_chance(said: np.ndarray, rng: np.random.Generator) -> float:
    """The calibration error that these probabilities would have if they were perfect, (n,): chance alone makes it."""
    which = bin_of(said)
    if len(said) > MANY:
        return error_of_many(np.bincount(which, said * (1.0 - said), BINS), len(said))
    mass, of_said = np.bincount(which, minlength=BINS), np.bincount(which, said, BINS)
    draws = (np.bincount(which, rng.random(len(said)) < said, BINS) for _ in range(DRAWS))
    return float(np.mean([np.abs(of_said - happened).sum() / mass.sum() for happened in draws]))


def error_of_many(variances: np.ndarray, rows: int) -> float:
    """The same for many rows, (bins,): each bin's sum is normal, and its distance from the mean σ·√(2/π) on average."""
    return float(np.sqrt(variances * (2.0 / np.pi)).sum() / rows)
