"""What becomes of an input that is 0 or 1 where these are scaled as numbers are: a number for 0, and one for 1.

Two words that share an input are 1 and 2, and 0 is neither of them: there are three numbers then. A program that knows
these need not know how they were found.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from glassnet.data.files import fields as read
from glassnet.data.tables.scaling import Robust
from glassnet.data.tables.table import Numbers

Levels = tuple[tuple[float, ...], ...]
"""For each input of a column that is 0 or 1, in order, what becomes of 0 and of 1; none: they stay as they are."""

PAIR = (0.0, -1.0, 1.0)
"""What becomes of 0, neither of two words, of 1, the first, and of 2, the second."""


def robust_levels(flags: Numbers) -> Levels:
    """What robust scaling makes of inputs that are 0 or 1, (n, inputs), as training has them."""
    scalings = [Robust.of(column) for column in flags.T]
    return tuple((float(scaling(0.0)), float(scaling(1.0))) for scaling in scalings)


def robust_pair(codes: Numbers) -> Levels:
    """What robust scaling makes of -1, 1 and 0 for two words and neither, from the codes that training has, (n,)."""
    scaling = Robust.of(np.array(PAIR).take(codes.astype(np.intp)))
    return (tuple(float(scaling(value)) for value in PAIR),)


def is_pair(levels: Levels) -> bool:
    """Whether they are those of two words that share an input."""
    return any(len(level) == len(PAIR) for level in levels)


def levelled(flags: Numbers, levels: Levels) -> None:
    """Write what becomes of inputs that are 0 or 1, (n, inputs), in their place."""
    for k, level in enumerate(levels):
        flags[:, k] = np.array(level).take(flags[:, k].astype(np.intp))


def check_levels(what: str, levels: Levels, count: int, *, pair: bool = False) -> None:
    """Refuse levels that are not those of so many inputs; of a `pair` of words there may be three in one."""
    if levels and (len(levels) != count or any(len(level) != 2 for level in levels)) and not (is_pair(levels) and pair):
        raise ValueError(f"levels of {what} must be a pair of numbers for each of {count} inputs, got {levels!r:.60}")


# in files


def levels_json(levels: Levels) -> dict[str, Any]:
    """The key of a column's JSON; left out where there is nothing to say."""
    return {"levels": [list(level) for level in levels]} if levels else {}


def levels_readers(data: object, path: str) -> dict[str, Callable[[object, str], Any]]:
    """What reads it, for `fields.record`."""
    return {"levels": _levels} if "levels" in read.mapping(data, path) else {}


def _levels(value: object, path: str) -> Levels:
    return tuple(read.numbers(item, f"{path}[{k}]") for k, item in enumerate(read.items(value, path)))
