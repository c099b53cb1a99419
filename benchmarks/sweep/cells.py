"""A cell of the sweep: one network of ordinary size, the rows it is trained on, and how."""

from __future__ import annotations

from dataclasses import dataclass, fields
from itertools import pairwise

import numpy as np
from race.workloads import Work

ROWS = 2_000
ALL = 0  # the batch size that means all rows
SECONDS = 0.008  # what training takes at least: so many epochs
SEED = 11

VALUES: dict[str, tuple[object, ...]] = {
    "inputs": (2, 4, 11, 30, 108),
    "hidden": ((4,), (8,), (16,), (32,), (128,), (16, 16), (32, 32), (64, 64)),
    "outputs": (1, 3, 10),
    "batch": (8, 32, 256, ALL),
    "activation": ("relu", "tanh", "sigmoid"),
    "dtype": ("float32", "float64"),
    "between": ("", "dropout", "batch norm"),
}


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A choice of each of the values above.

    Attributes
    ----------
    inputs, hidden, outputs
        Columns, units of the hidden layers, and 1 output (logistic loss) or several (cross-entropy).
    batch
        Rows of a step; 0: all.
    activation, dtype
        Of the hidden layers, of all numbers.
    between
        What follows each hidden layer: nothing, "dropout" or "batch norm".
    """

    inputs: int
    hidden: tuple[int, ...]
    outputs: int
    batch: int
    activation: str
    dtype: str
    between: str = ""

    def __str__(self) -> str:
        batch = str(self.batch) if self.batch != ALL else "all"
        words = ["-".join(map(str, self.sizes)), f"batch {batch}", self.activation, self.dtype, self.between]
        return ", ".join(word for word in words if word)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Columns, and the units of each layer."""
        return (self.inputs, *self.hidden, self.outputs)

    @property
    def rows_of_a_step(self) -> int:
        return self.batch or ROWS

    @property
    def steps(self) -> int:
        """In an epoch; the last one may be smaller."""
        return -(-ROWS // self.rows_of_a_step)

    @property
    def epochs(self) -> int:
        """So many that training takes one to three times `SECONDS`, by an estimate that knows no engine."""
        weights = sum(i * u for i, u in pairwise(self.sizes))
        wide = 2 if self.dtype == "float64" else 1
        row = 6 * weights / 30e9 + sum(self.hidden) * 1e-9
        epoch = wide * (ROWS * row + self.steps * (1e-6 + 0.5e-9 * weights))
        return max(2, round(SECONDS / epoch))

    def values(self) -> tuple[object, ...]:
        """In the order of `VALUES`."""
        return tuple(getattr(self, item.name) for item in fields(self))

    def work(self) -> Work:
        """Random rows, whose classes depend on a few of the columns."""
        rng = np.random.default_rng(SEED)
        X = rng.standard_normal((ROWS, self.inputs)).astype(self.dtype)
        classes = max(2, self.outputs)
        scores = X[:, :2] @ rng.standard_normal((2, classes)) + rng.standard_normal((ROWS, classes))
        return Work(
            "",
            str(self),
            X,
            scores.argmax(axis=1),
            self.sizes,
            self.activation,
            "binary_cross_entropy" if self.outputs == 1 else "cross_entropy",
            self.batch or None,
            self.epochs,
            between=self.between,
        )
