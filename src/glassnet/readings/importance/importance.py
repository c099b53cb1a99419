"""What came of shuffling columns: a table to read, and what to know beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.data.tables.wording import counted
from glassnet.printable import printable
from glassnet.readings.importance.shuffled import Shuffled

MOST = 30  # columns that are shown; of more, the rest is counted
MOST_NAMED = 8  # of them in a sentence
WIDE = 20  # of the bars
HIDDEN = 0.8  # of what columns count together: where each counts for less than this share, others stand in for it


@dataclass(frozen=True, kw_only=True)
class Importance:
    """How much a model's error grows when columns are shuffled: which of them it needs.

    Attributes
    ----------
    found
        Each column by itself, what counts most first.
    groups
        Columns that tell of each other, shuffled together.
    what
        The error: "log loss", "share of wrong rows" or "RMSE".
    error
        What it is when nothing is shuffled.
    rows, given
        How many rows were looked at, and of how many.
    repeats
        How often each column was shuffled.
    """

    found: tuple[Shuffled, ...]
    groups: tuple[Shuffled, ...]
    what: str
    error: float
    rows: int
    given: int
    repeats: int

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns, what counts most first."""
        return tuple(one.name for one in self.found)

    @property
    def mean(self) -> np.ndarray:
        """How much the error grows with each of them, (columns,)."""
        return np.array([one.mean for one in self.found])

    @property
    def interval(self) -> np.ndarray:
        """The 95 % intervals, (columns, 2)."""
        return np.array([one.interval for one in self.found])

    def __getitem__(self, name: str) -> Shuffled:
        for one in (*self.found, *self.groups):
            if name == one.name:
                return one
        raise KeyError(f"no column {name!r:.60} was shuffled; there are {', '.join(self.columns[:20])}")

    def sentences(self) -> list[str]:
        """What to know beside the table."""
        said = [self.together(group) for group in self.groups]
        constant = [one.name for one in self.found if one.constant]
        if constant:
            have = "has" if len(constant) == 1 else "have"
            said.append(f"{listed(constant)} {have} one value in all these rows: to shuffle it says nothing")
        return said

    def together(self, group: Shuffled) -> str:
        """What columns that tell of each other count together, and that they hide each other, if they do."""
        growth, low, high = (written(value, self.decimals) for value in (group.mean, *group.interval))
        alone = max(self[name].mean for name in group.columns)
        hide = "; alone each counts for less, as the others stand in for it" if alone < HIDDEN * group.mean else ""
        return (
            f"{listed(group.columns)} tell of each other ({group.close:.2f} of 1): shuffled together they count "
            f"{growth} ({low} to {high}){hide}"
        )

    @property
    def decimals(self) -> int:
        """After the point, so that the largest number has three digits, and below 100 two of them stand there."""
        most = max(one.mean for one in (*self.found, *self.groups))
        return min(max(2 if most < 100.0 else 0, 2 - math.floor(math.log10(most))), 9) if most > 0.0 else 3

    def lines(self) -> list[str]:
        """The table: a line for each column, then for columns shuffled together."""
        shown = (*self.found[:MOST], *self.groups)
        most = max(one.mean for one in shown)
        rows = [row(one, self.decimals, most) for one in shown]
        lines = aligned([("shuffled", f"{self.what} grows by", "95 % interval", ""), *rows])
        rest = len(self.found) - MOST
        return [*lines, f"and {counted(rest, 'column')} more that count less"] if rest > 0 else lines

    @property
    def head(self) -> str:
        """On which rows, and what the error is."""
        on = f"{self.rows:,} rows" if self.rows == self.given else f"{self.rows:,} of {self.given:,} rows, drawn"
        times = "once" if self.repeats == 1 else f"{self.repeats} times"
        return f"on {on}, each column shuffled {times}; {self.what} {self.error:.4g} as it is"

    def __str__(self) -> str:
        said = [f"  {sentence}" for sentence in self.sentences()]
        return printable("\n".join([self.head, "", *self.lines(), *([""] if said else []), *said]))

    def plot(self, *, ax: Any = None) -> Any:
        """The table drawn with matplotlib, columns with their intervals; `gn.plot.importance` is the same."""
        from glassnet.readings.plot.importance import importance

        said = f"{self.rows:,} rows, 95\u00a0% intervals; {self.what} {self.error:.3g} unshuffled."
        return importance(self.found, self.groups, what=self.what, said=said, ax=ax)

    def to_json(self) -> dict[str, Any]:
        """What came of it, for programs."""
        return {
            "error": self.what,
            "unshuffled": self.error,
            "rows": self.rows,
            "of_rows": self.given,
            "repeats": self.repeats,
            "columns": [{"column": one.name, **numbers(one), "constant": one.constant} for one in self.found],
            "together": [{"columns": list(one.columns), **numbers(one), "close": one.close} for one in self.groups],
            "said": self.sentences(),
        }


def numbers(one: Shuffled) -> dict[str, float]:
    """The growth and its interval."""
    low, high = one.interval
    return {"mean": one.mean, "low": low, "high": high}


def row(one: Shuffled, digits: int, most: float) -> tuple[str, str, str, str]:
    """A line of the table."""
    growth, low, high = (written(value, digits) for value in (one.mean, *one.interval))
    length = round(WIDE * one.mean / most) if one.mean > 0.0 else 0
    return (one.label, growth, f"{low} to {high}", one.verdict or "█" * length)


def written(value: float, digits: int) -> str:
    """A number with so many digits after the point; 0 has no sign.

    >>> written(-0.004, 2), written(1.5, 2)
    ('0.00', '1.50')
    """
    return f"{round(value, digits) + 0.0:.{digits}f}"


def aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Cells in columns: names to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for name, *cells, bar in rows:
        numbers = [f"{cell:>{width}}" for cell, width in zip(cells, widths[1:-1], strict=True)]
        lines.append("  ".join([f"{name:<{widths[0]}}", *numbers, bar]).rstrip())
    return lines


def listed(names: Sequence[str]) -> str:
    """`a, b and c`; of many names the first.

    >>> listed(["a", "b", "c"]), listed([str(k) for k in range(20)])
    ('a, b and c', '0, 1, 2, 3, 4, 5, 6, 7 and 12 more')
    """
    if len(names) > MOST_NAMED:
        names = [*names[:MOST_NAMED], f"{len(names) - MOST_NAMED} more"]
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
