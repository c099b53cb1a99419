"""A tutorial as something to vary: its lesson, where it starts, how it measures."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from glassnet.parts.initializers import ByHand, Initializer
from glassnet.reproduce.lesson import Lesson, Start
from glassnet.training.recipes.recipe import Recipe


@dataclass(frozen=True, eq=False, kw_only=True)
class Tutorial:
    """What the tutorials have of the same kind.

    Attributes
    ----------
    name
        As on the command line.
    lesson
        What it does.
    weights, rng
        What its layers start from, and the generator of a seed that this draws from.
    tried
        What it proposes to try, as a lottery takes it.
    seed
        The one it is run from.
    scale
        The loss that it reports, over the loss that it descends.
    epoch, first
        What it calls an epoch, and the number of its first.
    axes
        What its plot calls x and y.
    reproduce
        Prints what it prints.
    """

    name: str
    lesson: Lesson
    weights: Initializer | ByHand
    rng: Callable[[int], np.random.Generator]
    tried: Mapping[str, Sequence[Any]]
    seed: int
    scale: float
    epoch: str
    first: int
    axes: tuple[str, str]
    reproduce: Callable[[str | os.PathLike[str] | None, Callable[[str], Any], int], dict[str, Any]]

    def start(self, seed: int, *hidden: int) -> Start:
        """The weights of a seed, for the units of each hidden layer; those of the tutorial unless given."""
        rng = self.rng(seed)
        shapes = replace(self.lesson, hidden=hidden or self.lesson.hidden).shapes
        return tuple(self.weights(rng, shape) for shape in shapes)

    @property
    def recipe(self) -> Recipe:
        """What it does as a recipe, for tables; the seeds are those of `rng`."""
        lesson = self.lesson
        return Recipe(
            name=self.name,
            about="as the tutorial does it",
            scale="none",
            hidden=lesson.hidden,
            activation=lesson.activation,
            output_activation=lesson.output_activation,
            bias=lesson.bias,
            weights=self.weights,
            loss=lesson.loss,
            optimizer="sgd",
            learning_rate=lesson.learning_rate,
            epochs=lesson.epochs,
            batch_size=None,
            validation=None,
            early_stopping=False,
        )
