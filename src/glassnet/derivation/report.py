"""What training tells of a batch, and what that counts in the loss of an epoch.

The loss of an epoch is the sum over its batches of what is told of each times the batch's share: its part of all rows,
or of what they weigh; 1, where losses are sums.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.derivation.steps import Derivation, Step
from glassnet.expressions.expression import ROWS, Expression, as_expression, symbol

ALL_ROWS, ALL_WEIGHT = "N", "W"  # what n and sum(w) are of all rows together


@dataclass(frozen=True)
class Report:
    """What training tells of a batch: so many times its loss L.

    Attributes
    ----------
    factor
        How many times.
    penalties
        Whether the penalties are added to it.
    by_rows
        Whether a batch counts in the loss of an epoch by how many rows it has, also where they have weights.
    """

    factor: float = 1.0
    penalties: bool = False
    by_rows: bool = False


THE_LOSS = Report()


def share_of(reduction: str, w: Expression | None, by_rows: bool, dtype: np.dtype[Any]) -> Step:
    """The step that says what a batch counts: `share = 1`, `n / N` or `sum(w) / W`."""
    share = symbol(ROWS, (), dtype) / symbol(ALL_ROWS, (), dtype)
    if reduction == "sum":
        share = as_expression(1.0)
    elif w is not None and not by_rows and reduction != "rowmean":
        share = np.sum(w) / symbol(ALL_WEIGHT, (), dtype)
    return Step(name="share", expression=share, phase="report", reason="what the batch counts in the loss of the epoch")


def count_of(derivation: Derivation) -> Step:
    """What a batch counts before that is divided by what all batches count together: n, sum(w); or 1."""
    share = shared(derivation)
    return Step(name="count", expression=share.args[0] if is_part(derivation) else share, phase="report")


def is_part(derivation: Derivation) -> bool:
    """Whether the shares of all batches are 1 together: the loss of an epoch is a mean, not a sum."""
    return shared(derivation).op == "divide"


def shared(derivation: Derivation) -> Expression:
    """The share as an expression; ValueError where there is no loss."""
    if derivation.share is None:
        raise ValueError("a derivation without a loss says nothing of batches")
    return derivation.share.expression


def loss_of_epoch(derivation: Derivation, batches: Sequence[tuple[float, float]]) -> float:
    """The loss of an epoch from the loss and the count of each of its batches."""
    if len(batches) == 1:
        return 0.0 + batches[0][0]  # whatever it counts, it counts all
    whole = sum(count for _, count in batches) if is_part(derivation) else 1.0
    total = 0.0
    for loss, count in batches:
        total += loss * (count / whole)
    return total
