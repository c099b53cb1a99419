"""From how many seeds a lesson is learnt: a lottery, or side by side in NumPy where there is no compiler."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from glassnet.model.lottery import lottery
from glassnet.parts.optimizers import SGD
from glassnet.reproduce.lesson import Lesson
from glassnet.reproduce.tutorial import Tutorial

AT_ONCE = 50  # seeds between two words on how far it is


def learnt(
    tutorial: Tutorial, lesson: Lesson, seeds: int, told: Callable[[int], object] = lambda done: None
) -> np.ndarray:
    """Whether the lesson is learnt from each of the seeds 0 to seeds - 1, (seeds,); `told` hears how many are done."""
    if lesson.epochs > 1:  # else told are the outputs before the first update: nothing is trained
        try:
            return by_lottery(tutorial, lesson, seeds, told)
        except (ImportError, ValueError):  # no compiler, or none for this network
            pass
    starts = [tutorial.start(seed, *lesson.hidden) for seed in range(seeds)]
    return lesson.learned(lesson.outputs(starts, told))


def by_lottery(tutorial: Tutorial, lesson: Lesson, seeds: int, told: Callable[[int], object]) -> np.ndarray:
    """The same as machine code. A tutorial tells its outputs before the last update, so that is left out."""
    units = [shape[1] for shape in lesson.shapes]
    network = lesson.network([tutorial.weights] * len(units), units)
    how: dict[str, Any] = {"optimizer": SGD(lesson.learning_rate), "epochs": lesson.epochs - 1, "batch_size": None}
    found: list[bool] = []
    for low in range(0, seeds, AT_ONCE):
        drawn = [tutorial.rng(seed) for seed in range(low, min(low + AT_ONCE, seeds))]
        found += lottery(network, lesson.X, lesson.y, seeds=drawn, engine="compiled", **how).learnt.tolist()
        told(len(found))
    return np.array(found)
