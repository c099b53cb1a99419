"""Data to train on, arrays or a table, behind one face: rows that are counted, split, picked and encoded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from os import PathLike
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from glassnet.arrays import ArrayContract, as_array, learn_arrays
from glassnet.errors import DataError
from glassnet.losses import Loss

if TYPE_CHECKING:
    from glassnet.tables import DataContract, Table

Contract = "ArrayContract | DataContract"


class Data(Protocol):
    """What training asks of its data."""

    @property
    def X(self) -> Any:
        """The inputs, as a contract encodes them."""

    @property
    def target(self) -> Any:
        """The targets, as a contract encodes them."""

    @property
    def known(self) -> Any:
        """Which of the rows that were given have a target: a mask, or a slice for all."""

    def __len__(self) -> int: ...

    def labels(self, loss: Loss | None) -> Any:
        """The class of each row; None where the target is a number."""

    def take(self, index: np.ndarray) -> Data:
        """Some of the rows."""

    def like(self, validation: Any) -> Data:
        """Validation rows, given in the same form."""

    def learn(self, loss: Loss | None) -> ArrayContract | DataContract:
        """What there is to know about the data."""


def is_table(X: Any) -> bool:
    """Whether X is a table rather than an array: a path, columns by name, a data frame."""
    return isinstance(X, (str, PathLike, Mapping)) or hasattr(X, "columns")


@dataclass(frozen=True, eq=False)
class ArrayData:
    """Data given as arrays."""

    X: np.ndarray
    target: np.ndarray
    kind: str | None = None
    known = slice(None)

    @staticmethod
    def of(X: Any, y: Any, kind: str | None = None) -> ArrayData:
        """Arrays of equally many rows; DataError otherwise."""
        as_array(y, "y")
        data = ArrayData(as_array(X, "X"), y if isinstance(y, (list, tuple)) else np.asarray(y), kind)
        if len(data.X) != len(data.target):
            raise DataError(f"X has {len(data.X)} rows, y has {len(data.target)}; give each row its target")
        return data

    def __len__(self) -> int:
        return len(self.X)

    def labels(self, loss: Loss | None) -> Any:
        """Y, if it holds labels."""
        return None

    def take(self, index: np.ndarray) -> ArrayData:
        """Some of the rows."""
        return replace(self, X=self.X[index], target=self.target[index])
