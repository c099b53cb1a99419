"""Where runs end: those that end alike are one end, which is said as a teacher would say it.

Exclusive or, learnt by two hidden units, is stuck in a few ways; but which of the rows it cannot tell apart is another
one each time. So ends are compared by how far off a run is and not for which row: of few rows all of these numbers, in
order; of many rows of classes the share of each class that is right; of many numbers how far off the best tenth is, the
next tenth, and so on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.readings.lottery.truth import Said, Truth

FEW = 12  # rows that are told one by one
CLOSE = 0.15  # ends are alike that differ by no more, of probabilities, shares or standard deviations
LOOKED_AT = 1000  # failed runs that ends are found among; others join the end that is near
TENTHS = np.linspace(0.05, 0.95, 10)
FRACTIONS = {0.0: "0", 0.25: "¼", 1 / 3: "⅓", 0.5: "½", 2 / 3: "⅔", 0.75: "¾", 1.0: "1"}
NEAR = 0.045  # a number is called a fraction that is no farther away;
UNDECIDED = 0.1  # ½ is what is no farther from it than this
LITTLE = 0.05  # an R² that is as good as 0
MOST_NAMED = 5  # classes
RIGHT = 0.25  # a row that is off by less is not told of


@dataclass(frozen=True, eq=False, kw_only=True)
class End:
    """Runs that end alike.

    Attributes
    ----------
    runs
        Their numbers.
    learnt
        Whether they have learnt.
    loss
        The median of their losses.
    says
        What they say, in words.
    example
        The number of the run among them whose loss is the median.
    seed
        The seed of that run.
    predictions
        Of few rows, what that run predicts for each; None of many.
    """

    runs: tuple[int, ...]
    learnt: bool
    loss: float
    says: str
    example: int
    seed: Any
    predictions: tuple[Any, ...] | None = None

    def __len__(self) -> int:
        return len(self.runs)


def ends_of(truth: Truth, said: Said, learnt: np.ndarray) -> list[tuple[str, np.ndarray]]:
    """What runs say that end alike, and the numbers of these runs: those that have learnt first, then the most."""
    found: list[tuple[str, np.ndarray]] = [("learnt", np.flatnonzero(learnt))] if learnt.any() else []
    lost = ~np.isfinite(said.error)
    failed = np.flatnonzero(~learnt & ~lost)
    if len(failed):
        places = places_of(truth, said)[failed]
        found += [(words_of(truth, said, failed[group], places[group]), failed[group]) for group in alike(places)]
    if lost.any():
        found.append(("diverged: the numbers overflowed", np.flatnonzero(lost)))
    return found


def places_of(truth: Truth, said: Said) -> np.ndarray:
    """Where each run ended, as numbers that are near for ends that are alike, (runs, numbers)."""
    if len(truth) <= FEW:
        return np.sort(said.off, axis=1)
    if truth.labels is None:
        return np.asarray(np.quantile(said.off, TENTHS, axis=1).T)
    of_class = truth.codes == np.arange(len(truth.labels))[:, None]  # (K, n)
    there = of_class.sum(axis=1)
    shares = said.right.astype(np.float64) @ of_class.T / np.maximum(there, 1)  # (runs, K)
    return np.asarray(shares[:, there > 0])


def alike(places: np.ndarray) -> list[np.ndarray]:
    """Groups of ends (runs, numbers): round the one that most others are close to, then round the next."""
    looked = np.unique(np.linspace(0, len(places) - 1, min(len(places), LOOKED_AT)).astype(np.intp))
    close = np.array([np.abs(places[looked] - place).max(axis=1) <= CLOSE for place in places[looked]])
    left, centres = np.ones(len(looked), np.bool_), []
    while left.any():
        counts = np.where(left, (close & left).sum(axis=1), 0)
        centre = int(counts.argmax())
        centres.append(places[looked[centre]])
        left &= ~close[centre]
    away = np.array([np.abs(places - centre).max(axis=1) for centre in centres])  # (groups, runs)
    of = np.where((away <= CLOSE).any(axis=0), (away <= CLOSE).argmax(axis=0), away.argmin(axis=0))
    groups = [np.flatnonzero(of == k) for k in range(len(centres))]
    return sorted((group for group in groups if len(group)), key=len, reverse=True)


# in words


def words_of(truth: Truth, said: Said, runs: np.ndarray, places: np.ndarray) -> str:
    """What runs say that end alike; `places` are theirs."""
    middle = np.median(places, axis=0)
    if len(truth) <= FEW:
        return rows_in_words(middle, "" if truth.labels else " standard deviations")
    if truth.labels is None:
        r2 = 1.0 - float(np.median(said.error[runs]))
        if r2 < -LITTLE:
            return "numbers that are farther off than the mean"
        return "nearly the same for every row" if r2 < LITTLE else f"R² {r2:.2f}"
    names = [
        f"{label:g}" if isinstance(label, float) else str(label)
        for k, label in enumerate(truth.labels)
        if (truth.codes == k).any()
    ]
    return classes_in_words(names, middle)


def rows_in_words(off: np.ndarray, unit: str = "") -> str:
    """How far off few rows are, from the nearest to the farthest.

    >>> rows_in_words(np.array([0.05, 0.05, 0.497, 0.503]))
    '½ for 2 of the 4 rows'
    >>> rows_in_words(np.array([0.04, 0.33, 0.34, 0.66]))
    'off by ⅓ for 2 of the 4 rows, by ⅔ for 1'
    """
    counts: dict[str, int] = {}
    for value in off:
        if value > RIGHT:
            name = fraction(float(value))
            counts[name] = counts.get(name, 0) + 1
    n = len(off)
    if len(counts) > 2:
        low, high = fraction(min(value for value in off if value > RIGHT)), fraction(float(max(off)))
        return f"off by {low} to {high}{unit} for {many_of(sum(counts.values()), n)}"
    if not counts:
        return f"a little off for all {n} rows"
    first, *others = counts.values()
    many = [many_of(first, n), *map(str, others)]
    if list(counts) == ["½"] and not unit:
        return f"½ for {many[0]}"
    return "off " + ", ".join(f"by {name}{unit} for {count}" for name, count in zip(counts, many, strict=True))


def many_of(count: int, n: int) -> str:
    """How many of the rows."""
    return f"all {n} rows" if count == n else f"{count} of the {n} rows"


def fraction(value: float) -> str:
    """A number as a fraction, where it is near one."""
    if abs(value - 0.5) <= UNDECIDED:
        return FRACTIONS[0.5]
    nearest = min(FRACTIONS, key=lambda known: abs(known - value))
    return FRACTIONS[nearest] if abs(nearest - value) <= NEAR else f"{value:.2g}"


def classes_in_words(names: Sequence[str], shares: np.ndarray) -> str:
    """Which classes are right, by their shares.

    >>> classes_in_words(["a", "b", "c"], np.array([1.0, 0.0, 0.72]))
    'never right about b; about a 100 %, c 72 %'
    >>> classes_in_words(["a", "b"], np.array([1.0, 0.0]))
    'always says a'
    """
    never = [name for name, share in zip(names, shares, strict=True) if share < 0.02]
    others = [(name, share) for name, share in zip(names, shares, strict=True) if share >= 0.02]
    if len(others) == 1 and others[0][1] > 0.98:
        return f"always says {others[0][0]}"
    right = some(f"{name} {100.0 * share:.0f} %" for name, share in others)
    return f"never right about {some(never)}; about {right}" if never and others else f"right about {right or 'none'}"


def some(words: Iterable[str]) -> str:
    """Words in a row, of many the first."""
    known = list(words)
    rest = len(known) - MOST_NAMED
    return ", ".join(known[:MOST_NAMED]) + (f" and {rest} more" if rest > 0 else "")
