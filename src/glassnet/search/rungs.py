"""Successive halving (Jamieson & Talwalkar, 2016): all settings for a few epochs, the best of them for more.

With `halving=3` a third of the settings goes on to three times the epochs, again and again, until there are as many
epochs as were asked for. Each rung trains anew from the start, since what a schedule does depends on how many epochs
there are: a rung of n settings for e epochs takes n·e epochs per fold, about as many as every other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from glassnet.parts.naming import check_whole


@dataclass(frozen=True)
class Rung:
    """So many settings, for so many epochs."""

    settings: int
    epochs: int


def rungs_of(settings: int, epochs: int, halving: Any) -> list[Rung]:
    """The rungs, the last one for all epochs; without `halving` that is the only one.

    >>> for rung in rungs_of(50, 100, 3):
    ...     print(rung)
    Rung(settings=50, epochs=4)
    Rung(settings=16, epochs=11)
    Rung(settings=5, epochs=33)
    Rung(settings=1, epochs=100)

    Raises
    ------
    ValueError
        `halving` is neither None nor a whole number >= 2.
    """
    if halving is None:
        return [Rung(settings, epochs)]
    if check_whole("halving", halving, " from 2 on, or None") < 2:
        raise ValueError(f"halving must be a whole number >= 2, or None, got {halving!r}")
    last = 0
    while halving ** (last + 1) <= min(settings, epochs):
        last += 1
    return [Rung(settings // halving**k, max(1, round(epochs / halving ** (last - k)))) for k in range(last + 1)]


def ranked(numbers: Sequence[int], scores: Sequence[float]) -> list[int]:
    """Numbers of settings, the smallest score first; equal ones as they came, and those without a score last.

    >>> ranked([0, 1, 2, 3], [0.5, math.nan, 0.25, 0.25])
    [2, 3, 0, 1]
    """
    return sorted(numbers, key=lambda number: (math.isnan(scores[number]), scores[number], number))
