"""A column's values given to other rows: how much the error grows, and how sure that is.

Each row gets the value of another one, its donor. In one random order of the rows, a circle, the first donors are those
one place further on, the second those two places on: so no row keeps its value, and none has the same donor twice.

The growth is a mean over pairs of rows h(i, j), what row i's error gains with the value of row j. Other rows from the
same source would be other rows *and* other donors, so the standard error counts both: each row's mean as the one that
is given a value, and as the one that gives it (Hoeffding, 1948).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

Errors = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Growth:
    """How much an error grows, and the standard error of that."""

    mean: float
    se: float


def donors(n: int, repeats: int, rng: np.random.Generator) -> np.ndarray:
    """For each repeat the row whose value each row is given, (repeats, n); at most n - 1 repeats say something new."""
    order = rng.permutation(n)
    found = np.empty((min(repeats, n - 1), n), np.int64)
    for r in range(len(found)):
        found[r, order] = np.roll(order, -1 - r)
    return found


def shuffled_errors(x: np.ndarray, inputs: Sequence[int], by: np.ndarray, errors: Errors) -> np.ndarray:
    """Each row's error when inputs have the values of its donors, (repeats, n); x is changed on the way only."""
    own = x[:, inputs].copy()
    if (own == own[0]).all():  # to shuffle what never changes changes nothing
        return np.broadcast_to(errors(x), by.shape)
    found = np.empty(by.shape)
    for r, rows in enumerate(by):
        x[:, inputs] = own[rows]
        found[r] = errors(x)
    x[:, inputs] = own
    return found


def growth(before: np.ndarray, after: np.ndarray, by: np.ndarray, *, root: bool) -> Growth:
    """How much the mean error grows, or with `root` the root of it.

    Parameters
    ----------
    before, after
        Each row's error, (n,), and with its donors' values, (repeats, n).
    by
        The donors, (repeats, n).
    root
        The root's standard error is that of its slope: a small change of m changes √m by 1/(2√m) of it.
    """
    gain = float((after - before).mean())
    if not root:
        return Growth(gain, standard_error(after - before, by))
    mean = float(before.mean())
    start, end = math.sqrt(mean), math.sqrt(max(mean + gain, 0.0))
    pairs = (after / (2.0 * end) if end else 0.0 * after) - (before / (2.0 * start) if start else 0.0)
    return Growth(end - start, standard_error(pairs, by))


def standard_error(pairs: np.ndarray, by: np.ndarray) -> float:
    """The standard error of the mean of h(i, j), given as (repeats, n) with j the donor of i in each repeat.

    A row's two means together, as receiver and as donor, have the variance that matters, and besides what chance leaves
    in them: the variance of all pairs, divided by the repeats. That is taken away again.
    """
    repeats, n = pairs.shape
    given = pairs.mean(axis=0)
    giving = np.bincount(by.ravel(), pairs.ravel(), n) / repeats
    noise = float(pairs.var()) / repeats
    return math.sqrt(max(float((given + giving).var(ddof=1)) - noise, noise) / n)
