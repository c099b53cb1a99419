"""The score card: what was tried on a table, how good it was on rows it had not seen, and what was taken.

It is data, kept with the model that was taken. `glassnet.compare` fills it in.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from glassnet.data.tables.wording import in_columns

TREES = "trees"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A line of the card.

    Attributes
    ----------
    name
        Of the recipe, "constant", …; "trees" for the trees beside them.
    error, se
        The error and its standard error: of classes the share of wrong rows, of numbers the RMSE over the target's
        standard deviation.
    log_loss
        The mean of -ln p of each row's class; None for numbers.
    numbers
        How many it learns; None: it is no network.
    """

    name: str
    error: float
    se: float
    log_loss: float | None = None
    numbers: int | None = None


@dataclass(frozen=True, kw_only=True)
class Card:
    """What was tried, the simplest first, and what was taken.

    Attributes
    ----------
    entries
        Those that were tried.
    taken
        The name of the one that the model is of.
    kind
        "classes" or "number".
    rows
        How many rows were compared.
    how
        On which rows, in words.
    said
        What it comes to, in sentences.
    reproducible
        Whether the same call gives the same card: not if time, or somebody, ended it.
    """

    entries: tuple[Entry, ...]
    taken: str
    kind: str
    rows: int
    how: str
    said: tuple[str, ...] = ()
    reproducible: bool = True

    def __getitem__(self, name: str) -> Entry:
        for entry in self.entries:
            if entry.name == name:
                return entry
        raise KeyError(f"the card has no {name!r:.60}, but {', '.join(entry.name for entry in self.entries)}")

    @property
    def what(self) -> str:
        """What an error is, in words."""
        return "wrong rows" if self.kind == "classes" else "RMSE / spread"

    def lines(self) -> list[str]:
        """The card as lines of text."""
        rows = [self.head(), *(self.line(entry) for entry in self.entries)]
        return [*in_columns(rows), *(f"  {said}" for said in self.said)]

    def head(self) -> tuple[str, ...]:
        """What stands above its columns."""
        loss = ("log loss",) if self.kind == "classes" else ()
        return ("", self.what, "±", *loss, "numbers", "")

    def line(self, entry: Entry) -> tuple[str, ...]:
        """One entry in columns."""
        share = self.kind == "classes"
        error = f"{100 * entry.error:.1f} %" if share else f"{entry.error:.3f}"
        se = f"{100 * entry.se:.1f}" if share else f"{entry.se:.3f}"
        loss = ("" if entry.log_loss is None else f"{entry.log_loss:.3f}",) if share else ()
        numbers = "-" if entry.numbers is None else f"{entry.numbers:,}"
        return (entry.name, error, se, *loss, numbers, "← taken" if entry.name == self.taken else "")

    def __str__(self) -> str:
        return "\n".join([f"on {self.rows:,} rows, {self.how}", "", *self.lines()])

    def plot(self, path: str | Path | None = None, *, ax: Any = None) -> Any:
        """Draw its errors.

        Parameters
        ----------
        path
            Where to save the picture: PNG, SVG or PDF by its suffix, PNG without one.
        ax
            Matplotlib axes to draw on; None: a new figure.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        ImportError
            Matplotlib is not installed; the message names the extra.
        """
        from glassnet.training.card_picture import plot_card

        return plot_card(self, path, ax=ax)

    def to_json(self) -> dict[str, Any]:
        """The card for programs; numbers that are none are null."""
        found = asdict(self)
        for entry in found["entries"]:
            for name, value in entry.items():
                entry[name] = None if isinstance(value, float) and not math.isfinite(value) else value
        return found
