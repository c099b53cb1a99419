"""What is drawn: lists to choose from, ranges to draw from, and the settings that come of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from glassnet.parts.naming import check_choice, check_number, check_whole
from glassnet.training.many.varying import values_of

MOST = 1_000_000  # combinations that are all tried


@dataclass(frozen=True)
class Between:
    """A range: numbers from `low` to `high`, even on a scale of logarithms or not, whole or not."""

    low: float
    high: float
    log: bool = False
    whole: bool = False

    def draw(self, rng: np.random.Generator) -> float:
        """One of them; of whole ones `low` and `high` too."""
        low, high = self.low, self.high + 1 if self.whole else self.high
        value = math.exp(rng.uniform(math.log(low), math.log(high))) if self.log else rng.uniform(low, high)
        if self.whole:
            value = math.floor(value)
        return min(max(value, self.low), self.high)  # what was rounded on its way may be outside


def between(low: float, high: float, *, log: bool = False, whole: bool = False) -> Between:
    """A range to draw from, for `gn.search`.

        {"learning_rate": gn.between(1e-4, 1e-1, log=True), "batch_size": gn.between(16, 256, log=True, whole=True)}

    Parameters
    ----------
    low, high
        Its ends; low < high.
    log
        Whether each power of ten is as likely as the next, rather than each number: for learning rates and penalties.
    whole
        Whole numbers alone, both ends among them.

    Raises
    ------
    ValueError, TypeError
        The ends are no such range.
    """
    check_choice("log", log, what="between: ")
    check_choice("whole", whole, what="between: ")
    for name, value in (("low", low), ("high", high)):
        check_number(name, value, -math.inf, math.inf, what="between: ")
        if whole and float(value) != int(value):
            raise ValueError(f"between: {name} must be a whole number with whole=True, got {value!r}")
    low, high = (int(value) if whole else float(value) for value in (low, high))
    if not low < high:
        raise ValueError(f"between: low must be < high, got {low!r} and {high!r}")
    if log and low <= 0:
        raise ValueError(f"between: low must be > 0 with log=True, got {low!r}")
    return Between(low, high, log, whole)


def drawn(space: Any, count: int | None, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Settings, each with a value for every name: of lists alone all combinations, or as many different ones.

    Parameters
    ----------
    space
        Names, each with a list or a `Between`.
    count
        How many; None: all combinations.

    Raises
    ------
    ValueError, TypeError
        A space that is none, or of which there are no combinations to go through.
    """
    if not isinstance(space, Mapping):
        raise TypeError(f"space must be a dict of lists and ranges, {EXAMPLE}, got {space!r:.60}")
    if not space:
        raise ValueError(f"space must name at least one thing to vary, {EXAMPLE}, got an empty dict")
    if count is not None:
        check_whole("settings", count, ", or None for all combinations of lists")
    axes = {str(name): given if isinstance(given, Between) else values_of(name, given) for name, given in space.items()}
    lists = {name: axis for name, axis in axes.items() if not isinstance(axis, Between)}
    if len(lists) == len(axes):
        return chosen(lists, count, rng)
    if count is None:
        name = next(name for name in axes if name not in lists)
        raise ValueError(f"how many settings are to be drawn? {name!r} is a range; give settings=50")
    check_few(count)
    return [
        {
            name: axis.draw(rng) if isinstance(axis, Between) else axis[rng.integers(len(axis))]
            for name, axis in axes.items()
        }
        for _ in range(count)
    ]


EXAMPLE = "{'hidden': [8, 16], 'learning_rate': gn.between(1e-4, 1e-1, log=True)}"


def check_few(count: int) -> None:
    """ValueError for more settings than can be trained."""
    if count > MOST:
        raise ValueError(f"settings must be at most {MOST:,}, got {count:,}")


def chosen(lists: Mapping[str, list[Any]], count: int | None, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Combinations of lists, the last name changing fastest; where fewer are wanted, which ones is drawn."""
    sizes = tuple(len(values) for values in lists.values())
    there = math.prod(sizes)
    if count is None and there > MOST:
        raise ValueError(f"space has {there:,} combinations; say how many are to be tried, settings=50")
    if count is None or count >= there:
        return [dict(zip(lists, values, strict=True)) for values in product(*lists.values())]
    check_few(count)
    numbers = np.sort(rng.choice(there, count, replace=False))
    places = zip(*np.unravel_index(numbers, sizes), strict=True)
    return [{name: lists[name][k] for name, k in zip(lists, place, strict=True)} for place in places]
