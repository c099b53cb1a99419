"""The losses of a run by step, for the timeline: complete while they are few, later only their extremes.

The training loss of an epoch is the mean over its batches, each measured before its update. So it stands where these
batches stand on average: of one batch an epoch, at the step before.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

MOST = 4096  # points


@dataclass
class Curve:
    """Points in order of step.

    Attributes
    ----------
    points
        (x, loss, val_x, val_loss); NaN where nothing was measured.
    version
        Grows whenever points that were there before are others now.
    """

    points: list[tuple[float, float, float, float]] = field(default_factory=list)
    version: int = 0

    def add(self, step: int, batches: int, loss: float, val_loss: float) -> None:
        """One more epoch: it ended at a step, and had so many batches."""
        self.points.append((step - (batches + 1) / 2, loss, float(step), val_loss))
        if len(self.points) >= MOST:
            self.points = extremes(self.points)
            self.version += 1

    def until(self, step: int) -> Curve:
        """The curve of a run that is only so far."""
        return Curve([point for point in self.points if point[2] <= step], self.version + 1)

    def columns(self, start: int = 0) -> dict[str, np.ndarray]:
        """The points from one on: where they stand, and the losses."""
        found = np.array(self.points[start:], np.float64).reshape(-1, 4)
        return {
            "curve_x": found[:, 0],
            "curve_loss": found[:, 1],
            "curve_val_x": found[:, 2],
            "curve_val": found[:, 3],
        }


def extremes(points: list[tuple[float, float, float, float]]) -> list[tuple[float, float, float, float]]:
    """Half as many points: of each four the one with the smallest and the one with the largest loss, in order.

    >>> extremes([(k, loss, k, loss) for k, loss in enumerate([5.0, 1.0, 9.0, 2.0])])
    [(1, 1.0, 1, 1.0), (2, 9.0, 2, 9.0)]
    """
    kept = []
    for low in range(0, len(points), 4):
        four = range(low, min(low + 4, len(points)))
        losses = [points[k][1] if math.isfinite(points[k][1]) else math.inf for k in four]
        two = {low + losses.index(min(losses)), low + losses.index(max(losses))}
        kept += [points[k] for k in sorted(two)]
    return kept
