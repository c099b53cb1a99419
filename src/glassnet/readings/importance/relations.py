"""Columns that tell of each other: where one is shuffled, the others still say what it said, and it looks needless.

How much two columns tell of each other is a number from 0 to 1: of two that have an order Spearman's rank correlation,
its sign left out; of two columns of words Cramér's V; of one and one the correlation ratio of the ranks, which share of
their spread lies between words rather than within them, its root. The last two are freed of what chance makes of many
words and few rows (Bergsma, 2013; Kelley, 1935).

What tells of each other by no order (a number and its square) is not found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

CLOSE = 0.7  # from here on two columns tell of each other: half of the spread of the ranks is common to both


@dataclass(frozen=True, eq=False)
class Values:
    """A column as numbers (n,): what has an order by its place in it, words by their number."""

    values: np.ndarray
    ordered: bool

    @property
    def ranks(self) -> np.ndarray:
        """The places in the order, equal values the mean of theirs, less their mean; (n,)."""
        _, place, count = np.unique(self.values, return_inverse=True, return_counts=True)
        ranks = (np.cumsum(count) - 0.5 * (count + 1.0))[place]
        return np.asarray(ranks - ranks.mean())


def closeness(columns: Sequence[Values]) -> np.ndarray:
    """How much columns tell of each other, two by two, (k, k); 0 for each and itself, and for what never changes."""
    found = np.zeros((len(columns), len(columns)))
    numbers = [k for k, column in enumerate(columns) if column.ordered]
    words = [k for k, column in enumerate(columns) if not column.ordered]
    ranks = {k: columns[k].ranks for k in numbers}
    if numbers:
        found[np.ix_(numbers, numbers)] = rank_correlations(np.stack([ranks[k] for k in numbers]))
    for k in words:
        for other in numbers:
            found[k, other] = found[other, k] = correlation_ratio(columns[k].values, ranks[other])
        for other in words[: words.index(k)]:
            found[k, other] = found[other, k] = cramers_v(columns[k].values, columns[other].values)
    np.fill_diagonal(found, 0.0)
    return found


def rank_correlations(ranks: np.ndarray) -> np.ndarray:
    """Spearman's of all pairs, their signs left out, (k, k), of centred ranks (k, n)."""
    length = np.sqrt((ranks**2).sum(axis=1))
    length[length == 0.0] = np.inf
    unit = ranks / length[:, None]
    return np.asarray(np.abs(unit @ unit.T))


def cramers_v(a: np.ndarray, b: np.ndarray) -> float:
    """Cramér's V of words by number, with Bergsma's correction.

    >>> a = np.arange(100) % 2
    >>> cramers_v(a, a), cramers_v(a, a[::-1] * 0)
    (1.0, 0.0)
    """
    a, b = (np.unique(codes, return_inverse=True)[1] for codes in (a, b))
    n, rows, columns = len(a), int(a.max()) + 1, int(b.max()) + 1
    counts = np.bincount(a * columns + b, minlength=rows * columns).reshape(rows, columns)
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / n
    phi2 = float(((counts - expected) ** 2 / expected).sum()) / n
    least = [k - (k - 1) ** 2 / (n - 1) - 1 for k in (rows, columns)] if n > 1 else [0]
    free = phi2 - (rows - 1) * (columns - 1) / max(n - 1, 1)
    return float(np.sqrt(min(max(free, 0.0) / min(least), 1.0))) if min(least) > 0 else 0.0


def correlation_ratio(words: np.ndarray, ranks: np.ndarray) -> float:
    """Which share of the ranks' spread lies between words, its root, with Kelley's correction.

    >>> words = np.arange(100) % 2
    >>> correlation_ratio(words, words - words.mean())
    1.0
    """
    _, place, count = np.unique(words, return_inverse=True, return_counts=True)
    n, whole = len(words), float((ranks**2).sum())
    if not whole or n <= len(count):
        return 0.0
    between = float((np.bincount(place, ranks) ** 2 / count).sum())
    share = 1.0 - (1.0 - between / whole) * (n - 1) / (n - len(count))
    return float(np.sqrt(min(max(share, 0.0), 1.0)))


def that_tell_of_each_other(close: np.ndarray, least: float = CLOSE) -> list[list[int]]:
    """Groups of columns of which each tells of each other one: complete linkage, cut at `least`.

    >>> close = np.array([[0.0, 0.9, 0.1], [0.9, 0.0, 0.8], [0.1, 0.8, 0.0]])
    >>> that_tell_of_each_other(close)
    [[0, 1]]
    """
    near, members = close.copy(), [[k] for k in range(len(close))]
    while near.size and near.max() >= least:
        i, j = sorted(map(int, np.unravel_index(near.argmax(), near.shape)))
        near[i] = near[:, i] = np.minimum(near[i], near[j])
        near[j] = near[:, j] = 0.0
        members[i] += members[j]
        members[j] = []
    return [sorted(group) for group in members if len(group) > 1]
