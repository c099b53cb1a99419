"""A lesson from many starts, as machine code where there is a compiler and side by side where there is none."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from glassnet.model.model import Model
from glassnet.model.train_many import train_many
from glassnet.parts.optimizers import SGD
from glassnet.reproduce.lesson import Lesson, Start

AT_ONCE = 10  # starts between two words on how far it is


def outputs(lesson: Lesson, starts: list[Start], told: Callable[[int], object]) -> np.ndarray:
    """What each start ends with, (n, starts); NaN where the numbers overflow. `told` hears how many are done."""
    if lesson.epochs == 1:  # told are the outputs before the last update: nothing is trained
        return lesson.outputs(starts, told)
    found: list[np.ndarray] = []
    try:
        for low in range(0, len(starts), AT_ONCE):
            found += compiled(lesson, starts[low : low + AT_ONCE])
            told(len(found))
    except (ImportError, ValueError):  # no compiler, or none for this network
        return lesson.outputs(starts, told)
    return np.hstack(found)


def compiled(lesson: Lesson, starts: list[Start]) -> list[np.ndarray]:
    """The same of some starts, (n, 1) each."""
    drawn = [np.random.default_rng(k) for k in range(len(starts))]
    waiting = {id(rng): iter(start) for rng, start in zip(drawn, starts, strict=True)}

    def next_of(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        return next(waiting[id(rng)])  # each network asks for its own, layer by layer

    units = [shape[1] for shape in lesson.shapes]
    models = train_many(
        lesson.network([next_of] * len(units), units),
        lesson.X,
        lesson.y,
        seeds=drawn,
        optimizer=SGD(lesson.learning_rate),
        epochs=lesson.epochs - 1,
        batch_size=None,
        engine="compiled",
    )
    return [ending(lesson, model) for model in models]


def ending(lesson: Lesson, model: Model) -> np.ndarray:
    """What a network ends with."""
    if model.history.stopped == "diverged":
        return np.full((len(lesson.y), 1), np.nan)
    return np.asarray(model.predict(lesson.X))
