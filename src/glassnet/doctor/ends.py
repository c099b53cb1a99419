"""Where those trainings end that fail, in words: "50 of 58: ½ for 2 of the 4 rows"."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from glassnet.data.given import ArrayData
from glassnet.doctor.bar import Bar
from glassnet.doctor.reruns import End
from glassnet.readings.lottery.ends import ends_of
from glassnet.readings.lottery.truth import said_by, truth_of

MOST = 5  # groups of ends that are told of


def ends_in_words(ends: Sequence[End], bar: Bar) -> tuple[str, ...]:
    """Groups of failed trainings that end alike, the largest first."""
    given = ends[0].case.given
    data = given.source.data if given.division is None else given.source.data.rows(given.division.train)
    truth = truth_of(ends[0].state, data.X, data.y if isinstance(data, ArrayData) else None)
    said = said_by([None if end.diverged else end.state for end in ends], truth)
    learnt = np.array([bar.is_passed(end) for end in ends])
    failed = int((~learnt).sum())
    return tuple(
        f"{len(runs)} of {failed}: {words}" for words, runs in ends_of(truth, said, learnt) if not learnt[runs].any()
    )[:MOST]
