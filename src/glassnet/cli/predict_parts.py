"""`glassnet predict` of a table that is read part by part: a row out for each row in, with the same numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from glassnet.cli.own_rows import Taken, beside_rows, own_rows, own_tables
from glassnet.cli.part_files import Target
from glassnet.cli.rows import Rows, typed
from glassnet.data.streams.stream import Stream
from glassnet.data.tables.targets import label_word
from glassnet.errors import DataError
from glassnet.model.model import Model
from glassnet.training.answering import trusted
from glassnet.training.part_by_part import Pass, read_again


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Which columns a prediction has.

    Attributes
    ----------
    name
        Of the prediction.
    probabilities
        Whether there is one for each class.
    interval
        Which share of the true values `lower` and `upper`, or `set`, hold; None: there are none.
    """

    name: str
    probabilities: bool
    interval: float | None

    def of(self, model: Model, outputs: np.ndarray) -> dict[str, Any]:
        """The columns by name: arrays, of sets of classes texts."""
        new: dict[str, Any] = {self.name: np.asarray(model.contract.decode(outputs))}
        if model.classes is not None and self.probabilities:
            new |= {f"p({label})": outputs[:, k].astype(np.float64) for k, label in enumerate(model.classes)}
        if self.interval is not None:
            ends = trusted(model.state, outputs, self.interval).ends()
            new |= {name: cells(of) for name, of in ends.items()}
        return new


def cells(values: Sequence[Any]) -> Any:
    """A column of numbers; a set of classes as text: `Adelie | Gentoo`."""
    if isinstance(values, np.ndarray):
        return values
    return [" | ".join(map(label_word, row)) for row in values]


def listed(columns: dict[str, Any]) -> dict[str, list[Any]]:
    """Columns as lists of values of Python."""
    return {name: of.tolist() if isinstance(of, np.ndarray) else of for name, of in columns.items()}


def predict_parts(model: Model, stream: Stream, target: Target, columns: Columns, *, keep: bool, silent: bool) -> Pass:
    """Predict all rows of a table into a file; what was read tells how many, and what is unusual about them."""

    def go(passing: Pass) -> Pass:
        found = (columns.of(model, outputs) for outputs in passing.outputs(by_numpy=True))
        if target.kind == "parquet":
            to_parquet(found, model, passing, target, keep)
        else:
            to_text(found, passing, target, keep)
        return passing

    return read_again(Pass(model.state, stream, progress=False if silent else None), go)


def to_text(found: Iterator[dict[str, Any]], passing: Pass, target: Target, keep: bool) -> None:
    """Predictions as CSV or JSON, beside the table's own cells where these are kept."""
    own = own_rows(passing.stream) if keep else None
    rows = iter(own.rows) if own else iter(())
    decimal = passing.stream.how.notation.decimal
    with target.text() as parts:
        for new in map(listed, found):
            count = len(next(iter(new.values())))
            parts.add(beside_rows(own, rows, count, new, decimal) if own else Rows(new=new))


def to_parquet(found: Iterator[dict[str, Any]], model: Model, passing: Pass, target: Target, keep: bool) -> None:
    """The same as Parquet."""
    pyarrow = import_module("pyarrow")
    labels = {} if model.classes is None else dict(zip(model.classes, typed(list(model.classes)), strict=True))
    own = Taken(own_tables(passing.stream), passing.stream.source.name) if keep else None
    with target.parquet() as parts:
        for new in found:
            first = next(iter(new))
            if labels:
                new[first] = [labels[label] for label in new[first].tolist()]
            table = pyarrow.table(new)
            if own:
                kept = own.take(len(table))
                table = pyarrow.table({**columns_beside(kept, new), **{name: table[name] for name in new}})
            parts.add(table)
        if own:
            own.end()


def columns_beside(kept: Any, new: dict[str, Any]) -> dict[str, Any]:
    """A table's own columns by name; DataError where one is called as a new one."""
    for name in new:
        if name in kept.column_names:
            raise DataError(f"the table already has a column {name!r}; rename it there, or leave --keep out")
    return dict(zip(kept.column_names, kept.columns, strict=True))
