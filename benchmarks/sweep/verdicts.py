"""What is asked of every cell, and which cells fail it.

The numbers of a cell are a dictionary: `seconds`, medians by contestant, and `floor`, the least that its products and
updates take; either may lack who was not there. A criterion about someone who was not there is not judged.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sweep.cells import Cell

OURS, NUMPY, BY_HAND, JAX = "glassnet, compiled", "glassnet, numpy", "NumPy by hand", "JAX"
FASTER_THAN_JAX, ABOVE_FLOOR = 1.3, 1.15  # one of the two
MEAN_OVER_JAX = 2.5  # the geometric mean of all cells
FASTER_THAN_NUMPY, NARROW = 2.0, 64  # up to so many units in a layer
SLOWER_THAN_WIDER = 1.1


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A cell's medians: seconds of each contestant, and of the floor."""

    cell: Cell
    seconds: Mapping[str, float]
    floor: float | None

    def over(self, name: str) -> float | None:
        """How many times as long as the compiled engine someone took; of "the floor" below one."""
        other = self.floor if name == "the floor" else self.seconds.get(name)
        return None if other is None or OURS not in self.seconds else other / self.seconds[OURS]


def measured(line: Mapping[str, Any]) -> Measured:
    """A line of the file of results."""
    cell = Cell(**{**line["cell"], "hidden": tuple(line["cell"]["hidden"])})
    seconds = {one["name"]: statistics.median(one["seconds"]) for one in line["contestants"]}
    return Measured(cell=cell, seconds=seconds, floor=line.get("floor"))


def failures(found: Iterable[Measured]) -> dict[Cell, list[str]]:
    """The cells that fail something, and what; in words."""
    found = list(found)
    said = {one.cell: [*against_jax(one), *against_numpy(one), *against_wider(one, found)] for one in found}
    return {cell: words for cell, words in said.items() if words}


def against_jax(one: Measured) -> list[str]:
    ratio, floor = one.over(JAX), one.over("the floor")
    if ratio is None or ratio >= FASTER_THAN_JAX or (floor is not None and 1 / floor <= ABOVE_FLOOR):
        return []
    above = "" if floor is None else f", {1 / floor:.2f} × the floor"
    return [f"{ratio:.2f} × JAX{above} (asked: {FASTER_THAN_JAX}, or {ABOVE_FLOOR} × the floor)"]


def against_numpy(one: Measured) -> list[str]:
    ratio = one.over(NUMPY)
    if ratio is None or max(one.cell.hidden) > NARROW or ratio >= FASTER_THAN_NUMPY:
        return []
    return [f"{ratio:.2f} × the NumPy engine (asked: {FASTER_THAN_NUMPY:g})"]


def against_wider(one: Measured, found: Iterable[Measured]) -> list[str]:
    """Whether a network of as many, wider layers takes less time for an epoch, all else being the same."""
    ours = one.seconds.get(OURS)
    words = []
    for other in found:
        if ours is None or OURS not in other.seconds or not is_wider(other.cell, one.cell):
            continue
        ratio = (ours / one.cell.epochs) / (other.seconds[OURS] / other.cell.epochs)
        if ratio > SLOWER_THAN_WIDER:
            wide = "-".join(map(str, other.cell.hidden))
            words.append(f"{ratio:.2f} × the time of {wide} units (asked: at most {SLOWER_THAN_WIDER})")
    return words


def is_wider(other: Cell, cell: Cell) -> bool:
    """Whether `other` is the same but for its hidden layers, as many, each of them wider."""
    if other == cell or len(other.hidden) != len(cell.hidden) or replace(other, hidden=cell.hidden) != cell:
        return False
    return all(wide > narrow for wide, narrow in zip(other.hidden, cell.hidden, strict=True))


def mean_over(found: Iterable[Measured], name: str) -> float | None:
    """The geometric mean of how many times as long as the compiled engine someone took."""
    ratios = [ratio for one in found if (ratio := one.over(name)) is not None]
    return statistics.geometric_mean(ratios) if ratios else None


def worst(found: Iterable[Measured], count: int) -> list[Measured]:
    """The cells with the least advance over JAX; where JAX is missing, over the NumPy engine."""

    def advance(one: Measured) -> float:
        ratios = (one.over(JAX), one.over(NUMPY))
        return next((ratio for ratio in ratios if ratio is not None), float("inf"))

    return sorted((one for one in found if OURS in one.seconds), key=advance)[:count]
