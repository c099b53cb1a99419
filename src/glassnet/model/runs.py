"""What many trainings gave: a sequence of models that is a table as well."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import index
from pathlib import Path
from threading import RLock
from typing import Any, Literal, overload

import numpy as np

from glassnet.model.model import Model
from glassnet.model.run_table import RunTable
from glassnet.training.many.running import Outcome


class Runs(Sequence[Model]):
    """Many runs: the models, and a table with a row for each.

        runs = gn.train_many(network, X, y, seeds=3, vary={"learning_rate": [0.1, 0.01]}, folds=5)
        print(runs)  # settings, fold, seed, losses, metrics, epochs, why each stopped
        runs[0]  # the first model; runs[:5] are the first five runs
        runs["val_loss"]  # a column
        runs.sorted()[:3]  # the three best
        runs.mean()  # for each setting the means over folds and seeds

    A model is made when it is asked for, and stays. Its history has every epoch; the table has the numbers after the
    epoch whose weights the model has: the best with early stopping, else the last. Of a run that diverged, they are
    those before.

    Attributes
    ----------
    table
        Columns by name.
    """

    def __init__(self, table: RunTable, models: Sequence[Model]) -> None:
        self.table, self.models = table, models

    def __len__(self) -> int:
        return len(self.models)

    @overload
    def __getitem__(self, which: int) -> Model: ...
    @overload
    def __getitem__(self, which: slice) -> Runs: ...
    @overload
    def __getitem__(self, which: str) -> list[Any]: ...
    def __getitem__(self, which: int | slice | str) -> Model | Runs | list[Any]:
        if isinstance(which, str):
            return self.table[which]
        if isinstance(which, slice):
            return self.some(range(len(self))[which])
        return self.models[number_in(which, len(self))]

    def some(self, numbers: Iterable[int]) -> Runs:
        """Some of the runs, by number."""
        picked = list(numbers)
        return Runs(self.table.rows(picked), Picked(self.models, picked))

    def row(self, k: int) -> dict[str, Any]:
        """A row of the table by its number, from 0: its values by name."""
        return self.table.row(number_in(k, len(self)))

    def sorted(self, by: str | None = None, *, mode: Literal["min", "max"] | None = None) -> Runs:
        """The same runs, the best first; those that diverged are last.

        Parameters
        ----------
        by
            The column to go by; None: "val_loss" if there is one, else "loss".
        mode
            "min" if smaller is better, "max" if larger is; None: "min" for losses and errors, "max" for scores like
            accuracy; of a metric of one's own it must be said.
        """
        return self.some(self.table.order(by, mode=mode))

    def best(self, by: str | None = None, *, mode: Literal["min", "max"] | None = None) -> Model:
        """The model of the best run; parameters as those of `sorted`. ValueError where there is none."""
        order = self.table.order(by, mode=mode)
        if not order:
            raise ValueError("there are no runs, so none is the best")
        if {*self["stopped"]} == {"diverged"}:
            many = "the run" if len(order) == 1 else f"all {len(order)} runs"
            raise ValueError(f"{many} diverged, so none is the best; a smaller learning rate may help")
        return self.models[order[0]]

    def mean(self, by: Iterable[str] | str | None = None) -> RunTable:
        """The means over runs that are alike: over folds and seeds, for each setting.

        Parameters
        ----------
        by
            Columns in which they are alike, `by="learning_rate"`; None: all that was varied.

        Returns
        -------
        RunTable
            A row for each, with `runs`, how many there are, and of each number the mean and the standard deviation,
            "val_loss" and "val_loss_std". Runs that diverged count in `diverged` alone.
        """
        return self.table.mean(by)

    def to_dict(self) -> dict[str, list[Any]]:
        """The table as a dict of columns."""
        return self.table.to_dict()

    def to_frame(self, library: Any = None) -> Any:
        """The table as a data frame, of pandas or of the library given (`polars`)."""
        return self.table.to_frame(library)

    def to_csv(self, path: str | Path | None = None) -> str:
        """The table as CSV text, written to `path` if one is given; what is not known is an empty field."""
        return self.table.to_csv(path)

    def __repr__(self) -> str:
        return f"{len(self)} run{'s' * (len(self) != 1)}\n{self.table}"


def number_in(which: Any, runs: int) -> int:
    """The number of one of the runs; TypeError or IndexError for what is none."""
    try:
        number = index(which)
    except TypeError:
        raise TypeError(
            f"runs are asked for by number, by slice or by a column's name, got {which!r:.60}; "
            "some of them by their numbers: runs.some([0, 2])"
        ) from None
    if not -runs <= number < runs:
        there = f"they are numbered from 0 to {runs - 1}" if runs else "there is none"
        raise IndexError(f"no run {number}: {there}")
    return number


class Picked(Sequence[Model]):
    """Some models of a sequence, by number: made where the others are."""

    def __init__(self, models: Sequence[Model], numbers: Sequence[int]) -> None:
        self.models, self.numbers = models, numbers

    def __len__(self) -> int:
        return len(self.numbers)

    @overload
    def __getitem__(self, which: int) -> Model: ...
    @overload
    def __getitem__(self, which: slice) -> Picked: ...
    def __getitem__(self, which: int | slice) -> Model | Picked:
        numbers = self.numbers[which]
        return Picked(self.models, numbers) if isinstance(numbers, Sequence) else self.models[numbers]


class Made(Sequence[Model]):
    """Models that are made when they are asked for, once each."""

    def __init__(self, outcomes: Sequence[Outcome], runs: int) -> None:
        self.made: dict[int, Model] = {}
        self.outcomes, self.lock = outcomes, RLock()
        self.which, self.place = np.empty(runs, np.intp), np.empty(runs, np.intp)
        for k, outcome in enumerate(outcomes):
            self.which[outcome.numbers], self.place[outcome.numbers] = k, np.arange(len(outcome.numbers))

    def __len__(self) -> int:
        return len(self.which)

    def __reduce__(self) -> Any:
        """What is kept or copied are models: what makes them holds the rows, and functions of one's own."""
        return list, (list(self),)

    @overload
    def __getitem__(self, which: int) -> Model: ...
    @overload
    def __getitem__(self, which: slice) -> Picked: ...
    def __getitem__(self, which: int | slice) -> Model | Picked:
        if isinstance(which, slice):
            return Picked(self, range(len(self))[which])
        number = range(len(self))[which]
        with self.lock:
            if number not in self.made:
                outcome = self.outcomes[self.which[number]]
                self.made[number] = Model(outcome.state(int(self.place[number])))
            return self.made[number]
