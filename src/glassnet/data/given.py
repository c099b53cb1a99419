"""Data to train on, arrays or a table, behind one face: rows that are counted, picked and learnt from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from os import PathLike
from typing import Any, Protocol

import numpy as np

from glassnet.data.arrays import ArrayContract, as_array, flat_labels, learn_arrays
from glassnet.data.tables import DataContract, Table, as_table, target_kind
from glassnet.data.tables.choices import ChoiceOptions
from glassnet.data.tables.constraints import FREE, Constraints
from glassnet.data.tables.facts import Facts, TableFacts
from glassnet.data.tables.learn import learn_from
from glassnet.data.tables.notation import PLAIN, Notation
from glassnet.data.tables.target_kind import check_kind, kind_by_loss
from glassnet.data.tables.wording import counted
from glassnet.errors import DataError
from glassnet.parts.losses import Loss


class Data(Protocol):
    """What training asks of its data."""

    @property
    def given(self) -> int:
        """How many rows were given."""

    @property
    def known(self) -> Any:
        """Which of them have a target, and are used: a mask, or a slice for all."""

    @property
    def X(self) -> Any:
        """The inputs, as contracts take them."""

    @property
    def y(self) -> Any:
        """The targets, as contracts take them."""

    @property
    def constraints(self) -> Constraints:
        """What splits of these rows keep to."""

    def __len__(self) -> int: ...

    def labels(self, loss: Loss | None) -> Any:
        """The class of each row; None where the target is a number."""

    def learn(self, loss: Loss | None) -> ArrayContract | DataContract:
        """What there is to know about the data."""

    def rows(self, index: np.ndarray) -> Data:
        """Some of the rows."""

    def like(self, validation: Any) -> Data:
        """Validation rows, given in the same form."""


def is_table(X: Any) -> bool:
    """Whether X is a table rather than an array: a path, columns by name, a data frame."""
    return isinstance(X, (str, PathLike, Mapping)) or hasattr(X, "columns")


def table_at(X: Any, progress: bool | None, notation: Notation = PLAIN) -> Any:
    """The table, where X is the path of one; else X. A line shows how far reading it is, unless `progress` is False."""
    return as_table(X, progress=progress, notation=notation) if isinstance(X, (str, PathLike)) else X


@dataclass(frozen=True, eq=False)
class ArrayData:
    """Data given as arrays."""

    X: np.ndarray
    y: np.ndarray
    kind: str | None = None
    constraints: Constraints = FREE
    known = slice(None)

    @staticmethod
    def of(X: Any, y: Any, kind: str | None = None, split: Mapping[str, Any] | None = None) -> ArrayData:
        """Arrays of equally many rows; DataError otherwise."""
        data = ArrayData(as_array(X, "X"), as_array(y, "y"), kind)
        if len(data.X) != len(data.y):
            raise DataError(f"X has {counted(len(data.X), 'row')}, y has {len(data.y)}; give each row its target")
        return replace(data, constraints=Constraints.of(None, len(data.X), **split)) if split else data

    @property
    def given(self) -> int:
        """All rows."""
        return len(self.X)

    def __len__(self) -> int:
        return len(self.X)

    def labels(self, loss: Loss | None) -> Any:
        """Y, where it holds labels."""
        return None if self.learn(loss).classes is None else flat_labels(self.y)

    def learn(self, loss: Loss | None) -> ArrayContract:
        """How many columns, and which classes."""
        return learn_arrays(self.X, self.y, loss.name if loss else None, self.kind)

    def rows(self, index: np.ndarray) -> ArrayData:
        """Some of the rows."""
        return replace(self, X=self.X[index], y=self.y[index], constraints=self.constraints.rows(index))

    def like(self, validation: Any) -> ArrayData:
        """Validation rows given as (X, y)."""
        if not isinstance(validation, (tuple, list)) or len(validation) != 2:
            raise ValueError(
                "validation must be a share of the rows between 0 and 1, or (X, y), "
                f"got {type(validation).__name__}: {validation!r:.60}"
            )
        X, y = validation
        return ArrayData.of(X, y, self.kind)


@dataclass(frozen=True, eq=False, kw_only=True)
class TableData:
    """Data given as a table."""

    X: Table
    target: str
    kind: str | None
    exclude: tuple[str, ...]
    choices: ChoiceOptions
    given: int
    known: Any
    constraints: Constraints = FREE
    facts: Facts | None = None  # what was counted of all rows, where these are a sample

    @staticmethod
    def of(
        X: Any,
        target: str | None,
        kind: str | None = None,
        exclude: Iterable[str] = (),
        choices: ChoiceOptions | None = None,
        split: Mapping[str, Any] | None = None,
    ) -> TableData:
        """The rows of a table whose target is known; a column that says the groups is no input."""
        check_kind(kind)
        table = as_table(X)
        if target is None:
            names = ", ".join(table.names)
            raise DataError(f"which column is to be predicted? Give target=..., one of {names}")
        known, there = table.known(target), ~table.missing(target)
        split = split or {}
        for option, value in split.items():
            if option != "split" and isinstance(value, str) and value == target:
                raise DataError(f"{option}={value!r} is the target; rows are split by what is known before it")
        group = split.get("group")
        return TableData(
            X=known,
            target=target,
            kind=kind,
            exclude=(*exclude, group) if isinstance(group, str) else tuple(exclude),
            choices=choices or {},
            given=len(table),
            known=there,
            constraints=Constraints.of(known, len(table), there, **split),
        )

    @property
    def y(self) -> Table:
        """The target is in the table."""
        return self.X

    def __len__(self) -> int:
        return len(self.X)

    def labels(self, loss: Loss | None) -> Any:
        """The target's column, where it holds classes."""
        kind, _ = target_kind(self.X, self.target, self.kind or kind_by_loss(self.X, self.target, loss))
        return self.X.column(self.target) if kind == "classes" else None

    def learn(self, loss: Loss | None) -> DataContract:
        """Names, scaling and categories."""
        kind = self.kind or kind_by_loss(self.X, self.target, loss)
        facts = self.facts or TableFacts(self.X, len(self.X))
        how: Any = {"kind": kind, "features": None, "exclude": self.exclude, "categories": (), **self.choices}
        contract = learn_from(self.X, self.target, facts, **how)
        of = contract.target
        if loss is None or loss.output not in ("exponential", "sigmoid") or of.n_outputs > 1:
            return contract
        # exp(s) and sigmoid(s) predict the number itself, a count or a share: scaled, they could not
        return replace(contract, target=type(of).from_json({**of.to_json(), "mean": 0.0, "scale": 1.0}, "target"))

    def rows(self, index: np.ndarray) -> TableData:
        """Some of the rows."""
        return replace(self, X=self.X.rows(index), constraints=self.constraints.rows(index), facts=None)

    def counted(self, facts: Facts) -> TableData:
        """The same rows as a sample of more, of which this is known."""
        return replace(self, facts=facts)

    def like(self, validation: Any) -> TableData:
        """Validation rows given as a table."""
        if not is_table(validation):
            raise ValueError(
                "validation must be a share of the rows between 0 and 1, or a table, "
                f"got {type(validation).__name__}: {validation!r:.60}"
            )
        return TableData.of(validation, self.target, self.kind, self.exclude, self.choices)
