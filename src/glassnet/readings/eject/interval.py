"""How far a program's predictions can be trusted, at one level: widths of intervals, or what makes sets of classes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glassnet.calibration.calibration import percent
from glassnet.training.answering import calibration_for
from glassnet.training.state import State

TIE = 1e-9  # a number that is closer to an edge may lie on either side of it


@dataclass(frozen=True, eq=False, kw_only=True)
class Interval:
    """What a calibration says at one level.

    Attributes
    ----------
    level
        The share of rows for which the truth lies in the interval, or in the set.
    rows
        How many rows that was learnt from.
    edges, widths
        For a number: the half of an interval for each bin of the prediction, and where the next bin begins, above it;
        (bins - 1,) and (bins,). For classes none.
    least
        For classes: the probability from which on a class is in the set. For a number 0.
    """

    level: float
    rows: int
    edges: np.ndarray
    widths: np.ndarray
    least: float = 0.0

    @property
    def share(self) -> str:
        """`90 %`."""
        return percent(self.level)

    def is_clear(self, outputs: np.ndarray, scale: np.ndarray, allowed: float) -> np.ndarray:
        """Which numbers or probabilities (n, K) are so far from any edge that rounding changes nothing, (n, K)."""
        edges = self.edges if len(self.widths) else np.array([self.least])
        if not len(edges):
            return np.ones(outputs.shape, bool)
        apart = np.abs(outputs[:, :, None] - edges).min(axis=2)
        clear: np.ndarray = apart > np.maximum(TIE, allowed * scale)[:, None]
        return clear


def interval_of(model: State, level: float) -> Interval:
    """What a model's calibration says at this level.

    Raises
    ------
    ValueError
        The model is not calibrated, or not at this level.
    NotImplementedError
        It predicts several numbers.
    """
    known = calibration_for(model, level)
    if model.classes is not None:
        none = np.empty(0)
        return Interval(level=level, rows=known.rows, edges=none, widths=none, least=known.least(level))
    if len(known.errors) > 1:
        raise NotImplementedError(
            f"programs give the interval of one number, and this model predicts {len(known.errors)}; leave interval out"
        )
    (errors,) = known.errors
    return Interval(level=level, rows=known.rows, edges=errors.edges, widths=errors.widths(level))
