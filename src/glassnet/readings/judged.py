"""Rows whose target is known, beside what a model says of them."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.data.arrays import ArrayContract
from glassnet.data.tables.from_arrays import is_rows
from glassnet.errors import DataError
from glassnet.training.contract import as_contract
from glassnet.training.metrics import confusions, r2, rmse
from glassnet.training.state import State


@dataclass(frozen=True, eq=False, kw_only=True)
class Judged:
    """What is true and what the model says.

    Attributes
    ----------
    rows
        Which of the rows given: those whose target is known.
    x
        The rows as the network takes them, (n, n_inputs).
    truth, said
        (n,), or for several numbers (n, outputs).
    targets, outputs
        The same as the contract has them: of classes a column for each.
    classes
        None for numbers.
    """

    rows: np.ndarray
    x: np.ndarray
    truth: np.ndarray
    said: np.ndarray
    targets: np.ndarray
    outputs: np.ndarray
    classes: tuple[Any, ...] | None

    @property
    def codes(self) -> np.ndarray:
        """The number of each row's class, (n,)."""
        return np.asarray(self.targets.argmax(axis=1))

    @property
    def counts(self) -> np.ndarray:
        """How many rows of each class (down) were said to be of which (across)."""
        return confusions(self.truth, self.said, self.classes or ())

    def headline(self) -> str:
        """How right it is, in a sentence."""
        n = len(self.truth)
        if self.classes is not None:
            right = int((self.truth == self.said).sum())
            return f"{right:,} of {n:,} rows right ({100.0 * right / n:.1f}\u00a0%)"
        share = r2(self.truth, self.said)
        explained = "" if share != share else f"R²\u00a0{share:.3f}, "
        return f"{explained}RMSE {rmse(self.truth, self.said):.4g} on {n:,} rows"


def judged(state: State, X: Any, y: Any = None, *, needed: bool = True) -> Judged | None:
    """The rows of X whose target is known: from y, or for a table from its own column.

    None if there are none and they are not `needed`.

    Raises
    ------
    DataError
        X or y does not fit, or the target is needed and not there.
    """
    if isinstance(state.contract, ArrayContract):
        if y is None and not needed:
            return None
        if y is None:
            raise DataError("y is missing: give the targets that predictions are held against")
        table, rows = X, np.arange(len(X))
    else:
        if y is not None and not is_rows(X):
            raise DataError("this model was trained on a table, which has its target column: leave y out")
        table, target = state.table(X, y), state.contract.target.name
        if not needed and (target not in table.columns or table.missing(target).all()):
            return None
        rows = np.flatnonzero(~table.missing(target))
        table = table.known(target)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # remarks on the rows are predict's to make
        x = state.encode(table)
    encoded, truth = state.targets(table, y if isinstance(state.contract, ArrayContract) else None)
    if len(truth) != len(x):
        raise DataError(f"X has {len(x)} rows, y has {len(truth)}; give each row its target")
    outputs = state.outputs(x)
    return Judged(
        rows=rows,
        x=x,
        truth=truth,
        said=np.asarray(state.contract.decode(outputs)),
        targets=as_contract(encoded, state.contract),
        outputs=outputs,
        classes=state.classes,
    )


def target_name(state: State, output: int | None) -> str:
    """What is predicted."""
    if not isinstance(state.contract, ArrayContract):
        return str(state.contract.target.name)
    if state.classes is not None:
        return "class"
    return "y" if output is None else f"y, column {output}"
