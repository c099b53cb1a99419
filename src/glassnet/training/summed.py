"""The loss and the gradient of many rows as sums of those of few: what full batches that do not fit, and blocks, need.

A network whose loss is a sum and has no penalties gives, by an optimizer that only gathers, the sums of its gradients
over pieces of the rows. Divided by what the loss of all rows is divided by, they are those of all rows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from glassnet.derivation.derive import derive
from glassnet.engines.forward import PIECE
from glassnet.engines.memory import Memory
from glassnet.parts.network import Network
from glassnet.parts.optimizers import Optimizer

GATHER = Optimizer(name="gather", learning_rate=1.0)
SMALL = 1_000_000  # multiplications in a product
FEWEST = 64  # rows of a piece


@dataclass(frozen=True)
class Divisor:
    """What sums over rows are divided by in a network's loss.

    Attributes
    ----------
    reduction
        As a `Loss` has it.
    terms
        How many terms each row has in the loss.
    """

    reduction: str
    terms: int

    @staticmethod
    def of(network: Network, n_inputs: int, dtype: Any) -> Divisor:
        """That of a network's loss."""
        assert network.loss is not None
        return Divisor(network.loss.reduction, int(derive(network, n_inputs, dtype=dtype)["l"].shape[1]))

    def counted(self, rows: int, weight: float | None) -> float:
        """What rows count together: how many they are, or what they weigh, if they are weighted; where that is 0, 1."""
        return float(rows) if weight is None or self.reduction == "rowmean" else weight if weight > 0.0 else 1.0

    def __call__(self, rows: int, weight: float | None) -> float:
        """For so many rows that weigh so much; None: they have no weights."""
        if self.reduction == "sum":
            return 1.0
        return self.counted(rows, weight) * (self.terms if self.reduction == "mean" else 1)


def summed(network: Network, l2: float = 0.0) -> Network:
    """The network whose loss is the sum over rows, with so large a penalty in each piece of them."""
    assert network.loss is not None
    return Network(*network.layers, loss=replace(network.loss, reduction="sum"), l2=l2)


def rows_of_a_piece(memory: Memory) -> int:
    """So many that BLAS' kernels for small matrices do the products, and their results stay in the cache."""
    return min(max(SMALL // memory.layout.largest, FEWEST), PIECE)


def tree_sum(parts: list[np.ndarray]) -> np.ndarray:
    """The sum of arrays, two by two in their order, and the sums again: the same bits whoever gave them.

    >>> tree_sum([np.array([1.0]), np.array([2.0]), np.array([4.0])])
    array([7.])
    """
    while len(parts) > 1:
        pairs = [parts[k] + parts[k + 1] for k in range(0, len(parts) - 1, 2)]
        parts = pairs + parts[2 * len(pairs) :]
    return parts[0]
