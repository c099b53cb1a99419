"""What came of a search: a table with a row for each setting, the best of them, and its model."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

from glassnet.data.tables.wording import counted
from glassnet.model.model import Model
from glassnet.model.run_table import SHOWN, RunTable


class Search:
    """Settings that were tried, the best first.

        found = gn.search({"hidden": [8, 16]}, X, y)
        print(found)  # the best ten
        found.best  # what to set
        found.model  # trained with that on all rows

    Attributes
    ----------
    table
        A row for each setting: its number, what it sets, and the means over folds of what was measured, with their
        standard deviations (divided by n) as "..._std"; `diverged` are its fits whose loss stopped being finite. Such
        a setting has no mean, and comes last. With `halving` the table goes by `rung`: those that went furthest are
        first, and each has the numbers of its last rung.
    by
        The column that settings are ordered by.
    epochs
        For how many epochs the best is trained.
    """

    def __init__(self, table: RunTable, *, by: str, epochs: int, train: Callable[[int, int], Model]) -> None:
        self.table, self.by, self.epochs = table, by, epochs
        self._train = train

    def __len__(self) -> int:
        return len(self.table)

    @property
    def best(self) -> dict[str, Any]:
        """What the best setting sets, by name.

        Raises
        ------
        ValueError
            All settings diverged.
        """
        if math.isnan(self.score):
            raise ValueError("all settings diverged, so none is the best; smaller learning rates may help")
        first = self.table.row(0)
        return {name: first[name] for name in self.table.varied}

    @property
    def score(self) -> float:
        """The mean of the best over its folds; NaN: all settings diverged."""
        return float(self.table[self.by][0])

    @cached_property
    def model(self) -> Model:
        """The model of the best setting, trained on all rows when it is first asked for."""
        self.best  # noqa: B018  # there is one, or this says why not
        return self._train(self.table["setting"][0], self.epochs)

    def to_dict(self) -> dict[str, Any]:
        """All of it as JSON has it."""
        rows = [{name: as_json(value) for name, value in self.table.row(k).items()} for k in range(len(self))]
        return {"by": self.by, "epochs": self.epochs, "settings": rows}

    def __repr__(self) -> str:
        lost = sum(count > 0 for count in self.table.columns["diverged"])
        head = f"{counted(len(self), 'setting')}, the best by {self.by} first"
        if lost:
            head += f"; {lost} diverged"
        return f"{head}\n{self.shown().text(range(min(SHOWN, len(self))))}"

    def shown(self, scores: Iterable[str] = ()) -> RunTable:
        """What people look at: what is set, the score with its spread, epochs, and what is not the same everywhere."""
        done = "epochs_done" if "epochs" in self.table.varied else "epochs"
        names = [*self.table.varied, self.by, f"{self.by}_std", *(name for name in scores if name != self.by), done]
        names += [name for name in ("rung", "diverged") if len({*self.table.columns.get(name, ())}) > 1]
        return RunTable({name: self.table.columns[name] for name in names}, self.table.varied)


def as_json(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, (tuple, list)):
        return [as_json(item) for item in value]
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)
