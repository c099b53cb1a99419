"""Rows to learn from: a dataset, a table that somebody brings, arrays that were given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from glassnet.data.given import Data, TableData
from glassnet.data.tables import Table
from glassnet.parts.network import Network
from glassnet.training.making import generator, loss_of
from glassnet.training.prepared import Prepared
from glassnet.training.preparing import ColumnOptions, new_data, prepare
from glassnet.training.splitting import shared_out
from glassnet.training.state import State


@dataclass(frozen=True, eq=False, kw_only=True)
class Source:
    """Rows, and what is known of them before a network is.

    Attributes
    ----------
    name, title
        What it is called in messages and on the page.
    X, y
        Arrays; or a table, and y is None.
    columns
        What `train` is told about columns: `target`, `kind`, `exclude`.
    image
        Height and width, where a row is a picture.
    code
        The Python that makes X and y, or the table, line by line; empty where nobody can write it.
    given
        How that Python hands it to `train`: "X, y" or 'table, target="species"'.
    """

    name: str
    title: str
    X: Any
    y: Any = None
    columns: ColumnOptions = field(default_factory=ColumnOptions)
    image: tuple[int, int] | None = None
    code: tuple[str, ...] = ()
    given: str = "X, y"

    def data(self, network: Network | State) -> Data:
        """The rows that have a target, as training takes them."""
        known: Mapping[str, Any] = self.columns
        kind = known.get("kind")
        if isinstance(network, State):
            kind = "number" if network.classes is None else "classes"
        excluded = list(known.get("exclude", ()))
        return new_data(self.X, self.y, known.get("target"), kind=kind, exclude=excluded, choices={}, split={})

    def prepared(
        self, network: Network | State, *, validation: float | None, seed: int | np.random.Generator
    ) -> Prepared:
        """A network with starting weights, or a model as it is, and these rows for it."""
        options: dict[str, Any] = {} if isinstance(network, State) else dict(self.columns)
        if isinstance(network, State) and self.columns.get("target"):
            options["target"] = self.columns["target"]
        return prepare(network, self.X, self.y, validation=validation, seed=generator(seed), progress=False, **options)

    def order(self, prepared: Prepared, validation: float | None) -> tuple[np.ndarray, np.ndarray]:
        """Which rows, by number among those that have a target, are trained on, and which are held out."""
        data = self.data(prepared.model)
        if validation is None or prepared.split_seed is None:
            return np.arange(len(data)), np.arange(0)
        return shared_out(data, validation, prepared.split_seed, loss_of(prepared.model, data, None))

    def rows(self, prepared: Prepared, validation: float | None) -> SourceRows:
        """The rows as they were given, in the order of the page: those trained on, then those held out."""
        data = self.data(prepared.model)
        seen, out = self.order(prepared, validation)
        order = np.concatenate([seen, out]).astype(np.intp)
        if isinstance(data, TableData):
            table = data.X.rows(order)
            return SourceRows(names=tuple(f"{table.unit} {line}" for line in table.lines.tolist()), table=table)
        X, y = np.asarray(data.X)[order], np.asarray(data.y)[order]
        return SourceRows(names=tuple(f"row {k + 1}" for k in order.tolist()), X=X, y=y)


@dataclass(frozen=True, eq=False, kw_only=True)
class SourceRows:
    """Rows as they were given: a table, or arrays."""

    names: tuple[str, ...]
    table: Table | None = None
    X: Any = None
    y: Any = None

    def __len__(self) -> int:
        return len(self.names)

    @property
    def inputs(self) -> Any:
        """What a model encodes."""
        return self.X if self.table is None else self.table
