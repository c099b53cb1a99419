"""A class that is hardly ever found, though something tells it: then its own rows count, not all rows together.

Where nine of ten rows are of one class, always saying it is right for nine of ten. Whoever asks why the tenth is never
found is not helped by hearing that the network is as good as its neighbours.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from glassnet.doctor.bar import Bar
from glassnet.doctor.errors import CLASS, error_of
from glassnet.doctor.reruns import End

LEAST = 10  # rows of a class that is missed
RARE = 0.5  # of the rows that it had, were all classes as frequent: with fewer a class is rare
HARDLY = 0.2  # of its rows
TOLD = 0.6  # of the error of always saying the same: so good must a line or neighbours be at telling all classes


def missed(ends: Sequence[End]) -> list[int]:
    """The rare classes with enough rows of which trainings find hardly any, by number."""
    case = ends[0].case
    if case.way != CLASS:
        return []
    rows, right = case.truth.sum(axis=0), np.median([found(end) for end in ends], axis=0)
    rare = (rows >= LEAST) & (rows < RARE * len(case.truth) / len(rows))
    return np.flatnonzero(rare & (right < HARDLY * rows)).tolist()


def found(end: End) -> np.ndarray:
    """Of each class how many rows trained on are predicted as it, (classes,)."""
    truth = end.case.truth
    return np.asarray(truth[end.outputs.argmax(axis=1) == truth.argmax(axis=1)].sum(axis=0))


def is_told(bar: Bar) -> bool:
    """Whether somebody tells all classes, by a bar of each class's own rows."""
    return error_of(bar.best.unseen) <= TOLD * error_of(bar.constant.unseen)
