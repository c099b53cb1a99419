"""A tutorial as something to vary: its lesson, where it starts, how it measures."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from glassnet.reproduce.lesson import Lesson, Start


@dataclass(frozen=True, eq=False, kw_only=True)
class Tutorial:
    """What the tutorials have of the same kind.

    Attributes
    ----------
    name
        As on the command line.
    lesson
        What it does.
    start
        The weights of a seed, for the units of each hidden layer.
    seed
        The one it is run from.
    scale
        The loss that it reports, over the loss that it descends.
    epoch, first
        What it calls an epoch, and the number of its first.
    axes
        What its plot calls x and y.
    reproduce
        Prints what it prints.
    """

    name: str
    lesson: Lesson
    start: Callable[..., Start]
    seed: int
    scale: float
    epoch: str
    first: int
    axes: tuple[str, str]
    reproduce: Callable[[str | os.PathLike[str] | None, Callable[[str], Any], int], dict[str, Any]]
