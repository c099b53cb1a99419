"""What is compared: the rows of a table, cut so that each recipe learns from some and is judged by others.

Of fewer than 2,500 rows each is judged by: five folds, and what is said of a row is said by a network that learnt from
the other four. Of more a fifth is held out, once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from glassnet.comparison.tried import Truth
from glassnet.data.arrays import check_weight
from glassnet.data.given import TableData
from glassnet.data.tables import Table
from glassnet.data.tables.constraints import FREE, Constraints, SplitOptions
from glassnet.data.tables.folds import Division, folds_of
from glassnet.data.tables.split import split_rows
from glassnet.data.tables.target_kind import target_kind
from glassnet.data.tables.wording import counted
from glassnet.errors import DataError
from glassnet.model.by_recipe import initialize_by
from glassnet.training.encoding import class_weights
from glassnet.training.recipes.by_name import RECIPES

FEW = 2_500  # of fewer rows each is compared, in folds
FOLDS = 5
SHARE = 0.2  # of more rows, that is held out
FEWEST = 10  # rows that can be compared


@dataclass(frozen=True, eq=False, kw_only=True)
class Task:
    """A table and its target, and what each recipe is given beside them.

    Attributes
    ----------
    table
        The rows whose target is known.
    target, exclude
        As `train` has them.
    split, constraints
        What rows are split by, as `train` has it: names of columns, or values of these rows; and what that asks for.
    kind
        "classes" or "number".
    asked
        The kind that was asked for; None: it was found in all rows.
    weight
        What each row weighs in training, (n,); None: all alike.
    seed
        Of all that is drawn.
    how
        Other keywords of `train`, for every recipe.
    """

    table: Table
    target: str
    kind: Any
    asked: Any
    exclude: Sequence[str] = ()
    split: Mapping[str, Any] = field(default_factory=SplitOptions)
    constraints: Constraints = FREE
    weight: np.ndarray | None = None
    seed: int
    how: dict[str, Any]

    @staticmethod
    def of(
        table: Table, target: str, *, kind: Any, sample_weight: Any = None, split: Mapping[str, Any], **more: Any
    ) -> Task:
        """A task, after a look whether there is something to compare.

        Raises
        ------
        DataError
            There are too few rows.
        """
        known = ~table.missing(target)
        rows = table.known(target)
        if len(rows) < FEWEST:
            raise DataError(f"{counted(len(rows), 'row')} with a known {target}; to compare needs at least {FEWEST}")
        found = target_kind(rows, target, kind)[0]
        weight = None if sample_weight is None else check_weight(sample_weight, len(table))[known]
        constraints = TableData.of(table, target, kind, split=split).constraints
        values = {name: getattr(constraints, name) for name in split}
        split = {name: by if isinstance(by, str) else values[name] for name, by in split.items()}
        more |= {"split": split, "constraints": constraints}
        return Task(table=rows, target=target, kind=found, asked=kind, weight=weight, **more)

    @cached_property
    def divisions(self) -> list[Division]:
        """Which rows are learnt from and which are judged by, each time."""
        rng, n = np.random.default_rng(self.seed), len(self.table)
        classes = self.table.column(self.target) if self.kind == "classes" else None
        if n < FEW:
            return folds_of(n, FOLDS, rng, stratify=classes, constraints=self.constraints)
        return [Division(*split_rows(n, SHARE, rng, stratify=classes, constraints=self.constraints))]

    @property
    def words(self) -> str:
        """The same in words."""
        if len(self.divisions) > 1 and self.constraints.after is not None:
            return "each by a network that learnt from earlier ones"
        if len(self.divisions) > 1:
            return "each by a network that had not seen it"
        return f"held out from {len(self.table):,}"

    @cached_property
    def model(self) -> Any:
        """A network that knows the columns and classes of all rows, and nothing else."""
        return initialize_by(RECIPES["linear"], self.table, **self.columns(self.asked), progress=False)

    def columns(self, kind: Any) -> dict[str, Any]:
        """What `train` must be told of the columns."""
        group = self.split.get("group")
        no_input = [group] if isinstance(group, str) else []
        return {"target": self.target, "kind": kind, "exclude": [*self.exclude, *no_input]}

    @cached_property
    def all_values(self) -> np.ndarray:
        """The number, or the number of the class, of each row of the table."""
        return self.values(self.table)

    def values(self, rows: Table) -> np.ndarray:
        """The number, or the number of the class, of each of some rows, (n,)."""
        truth = self.model.targets(rows, None)[1]
        if self.model.classes is None:
            return np.asarray(truth, np.float64).reshape(-1)
        number = {label: k for k, label in enumerate(self.model.classes)}
        return np.array([number[label] for label in truth.tolist()], np.intp)

    def truth(self, divisions: Sequence[Division]) -> Truth:
        """What is known of the rows that these divisions hold out, one division after the other."""
        rows = np.concatenate([division.held_out for division in divisions])
        weight = None if self.counts is None else self.counts[rows] / self.counts[rows].mean()
        return Truth(values=self.all_values[rows], classes=self.model.classes, weight=weight)

    @cached_property
    def counts(self) -> np.ndarray | None:
        """How much each row of the table counts, its class's weight included, (n,); None: all alike."""
        class_weight = self.how.get("class_weight")
        if class_weight is None or self.model.classes is None:
            return self.weight
        ones = np.ones(len(self.table)) if self.weight is None else self.weight
        rows = np.bincount(self.all_values, ones, len(self.model.classes))
        return np.asarray(ones * class_weights(self.model.classes, rows, class_weight)[self.all_values])

    def given(self, rows: np.ndarray | None = None) -> dict[str, Any]:
        """Keywords of `train` for some rows, by number; None: for all."""
        weight = self.weight if rows is None or self.weight is None else self.weight[rows]
        kind = self.asked if rows is None else self.kind  # some rows alone might look like another kind
        split = {name: by if rows is None or isinstance(by, str) else by[rows] for name, by in self.split.items()}
        return {**self.columns(kind), **self.how, **split, "seed": self.seed, "sample_weight": weight}

    def says(self, model: Any, rows: Table) -> np.ndarray:
        """What a model says of rows: the probability of each class of the task, or numbers."""
        p = model.outputs(model.encode(rows))
        if model.classes is None:
            return np.asarray(model.contract.decode(p), np.float64).reshape(-1)
        said = np.zeros((len(rows), len(self.model.classes)))
        order = [self.model.classes.index(label) for label in model.classes]
        said[:, order] = p if p.shape[1] > 1 else np.concatenate((1.0 - p, p), axis=1)
        return said
