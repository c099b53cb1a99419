"""The values of one row, for a picture of the network: at every unit, and in the data's own units."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from glassnet.data.arrays import ArrayContract
from glassnet.data.tables.cells import number_text
from glassnet.data.tables.date_column import DateColumn
from glassnet.data.tables.dates import days_of, text_of_days
from glassnet.data.tables.number_column import NumberColumn, numbers_of
from glassnet.readings.explain.picture.words import short
from glassnet.training.answering import layer_values
from glassnet.training.contract import as_contract
from glassnet.training.state import State


@dataclass(frozen=True, eq=False)
class Row:
    """What is known of one row; nothing where none was given.

    Attributes
    ----------
    values
        Inputs and every step on the way to the prediction, by name.
    raw
        The cells of a table that hold numbers, as text, by the input that they become.
    outputs
        The predictions as the contract has them, (1, outputs).
    """

    values: Mapping[str, np.ndarray] = field(default_factory=dict)
    raw: Mapping[int, str] = field(default_factory=dict)
    outputs: np.ndarray | None = None

    def of(self, name: str, k: int) -> float | None:
        """The k-th number of a step; None without a row."""
        return self.values[name].reshape(-1)[k] if name in self.values else None


def row_of(model: State, X: Any) -> Row:
    """Every value of one row on its way to a prediction; ValueError for more than one row."""
    X = one_row(model, X)
    values = layer_values(model, X)
    x = model.checked(X)
    if len(x) != 1:
        raise ValueError(f"a picture shows the values of one row, got {len(x)} rows; pick one, like X[2:3]")
    return Row({"x": x, **values}, raw_values(model, X), as_contract(values["p"], model.contract))


def one_row(model: State, X: Any) -> Any:
    """A row as rows: a vector becomes a matrix, and cells by name a table."""
    if isinstance(model.contract, ArrayContract):
        return np.asarray(X)[None] if np.ndim(X) == 1 else X
    return model.table(X)


def raw_values(model: State, X: Any) -> dict[int, str]:
    """What a table has in its own unit, by the first input that it becomes; words are seen in the inputs' names."""
    found, k = {}, 0
    for column in getattr(model.contract, "features", ()):
        if isinstance(column, NumberColumn):
            value = float(numbers_of(X, column.name)[0])
            found[k] = f"missing, as {short(column.fill, 4)}" if math.isnan(value) else number_text(value)
        elif isinstance(column, DateColumn):
            days = float(days_of(X, column.name)[0])
            found[k] = f"missing, as {text_of_days(column.fill)}" if math.isnan(days) else text_of_days(days)
        k += len(column.input_names)
    return found
