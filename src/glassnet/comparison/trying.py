"""Trying a recipe: its network learns from some rows and says something of others, division by division.

A recipe that goes through the rows twice needs the first of its passes alone: that holds rows out, those that are
judged by. How many epochs are best is chosen for each fold by what the others say, and where there is one division for
each half of its rows by the other half: what a row has helped to choose says nothing of that row.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from glassnet.comparison.chance import may_be_better
from glassnet.comparison.task import Task
from glassnet.comparison.tried import Tried
from glassnet.data.tables import Table
from glassnet.data.tables.folds import Division
from glassnet.model.by_recipe import Asked, Passes, settings_for, train_by
from glassnet.model.carry_out import carry_out
from glassnet.model.checkpoints.kept import Remembering
from glassnet.model.model import Model
from glassnet.parts.optimizers import Optimizer
from glassnet.training.events import Epoch
from glassnet.training.progress import Turn
from glassnet.training.recipes.recipe import Recipe
from glassnet.training.rows import Walk
from glassnet.training.settings import Settings
from glassnet.training.stopping import EarlyStopping

STEPS = 240  # of a first pass in folds, at least, where half of the epochs are as many


def named(recipes: Sequence[Recipe]) -> dict[str, Recipe]:
    """Recipes by name; by their title, where several have one name.

    Raises
    ------
    ValueError
        Two are the same.
    """
    names = [recipe.name for recipe in recipes]
    found = {recipe.name if names.count(recipe.name) == 1 else recipe.title: recipe for recipe in recipes}
    if len(found) < len(recipes):
        raise ValueError(f"recipes must differ, got {', '.join(recipe.title for recipe in recipes)}")
    return found


class Ended(Exception):
    """Time is over, or somebody has pressed Ctrl-C, before a recipe was through."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Found:
    """What came of one division.

    Attributes
    ----------
    said
        Of its rows, by how many epochs had been done; under 0 where the recipe sees to its epochs itself.
    model
        The network.
    """

    said: dict[int, np.ndarray]
    model: Model


@dataclass(eq=False, kw_only=True)
class Trial:
    """A recipe on its way through the divisions of a task.

    Attributes
    ----------
    name, recipe, task
        What is tried, on what.
    is_over
        Whether to end it now.
    progress
        As `train` has it.
    found
        What has come of it so far.
    began
        When.
    """

    name: str
    recipe: Recipe
    task: Task
    is_over: Callable[[], bool]
    progress: bool | None
    found: list[Found] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    @property
    def rehearses(self) -> bool:
        """Whether its epochs are chosen by the rows that are judged by."""
        return self.recipe.members == 1 and bool(self.recipe.refit)

    @property
    def refits(self) -> bool:
        """Whether it trains once more with all rows when it is taken."""
        return not self.rehearses or self.recipe.refits(len(self.task.table))

    def passes(self, recipe: Recipe, settings: Settings) -> Passes:
        """How it goes through the rows twice; in folds first for as many epochs as make 240 steps, up to half.

        Of few rows a quarter of the epochs are so few steps that a network looks worse than it will be.
        """
        passes = Passes.of(recipe, settings)
        if len(self.task.divisions) == 1:
            return passes
        rows = min(len(division.train) for division in self.task.divisions)
        a_pass = Walk.over(rows, settings.batch_size, shuffle=True, drop_last=settings.drop_last).batches(rows)
        return Passes(settings, max(passes.part, min(settings.epochs // 2, -(-STEPS // a_pass))))

    def run(self, leader: Tried | None) -> Tried | None:
        """Try it.

        `leader` is who is best so far. None comes back where the rows of the first fold say that this recipe is not
        better.
        """
        started, divisions = time.perf_counter(), self.task.divisions
        for number, division in enumerate(divisions):
            self.found.append(self.one(division, self.turn(number, len(divisions))))
            if leader is not None and number == 0 and len(divisions) > 1:
                errors = self.said()[1]
                if not may_be_better(errors, self.task.truth([division]).errors(leader.said[: len(errors)])):
                    return None
        said, errors, epochs = self.said()
        return Tried(
            name=self.name,
            said=said,
            errors=errors,
            numbers=int(self.found[0].model.memory.trainable.sum()),
            seconds=time.perf_counter() - started,
            epochs=epochs,
        )

    def turn(self, number: int, of: int) -> Turn:
        """Which of its trainings one is."""
        return Turn(
            number=number + 1,
            of=of,
            before=number / of,
            share=1.0 / of,
            started=self.began,
            interrupted=self.is_over,
            what=f"{self.name}, fold" if of > 1 else f"{self.name}, training",
        )

    def one(self, division: Division, turn: Turn) -> Found:
        """One division: it learns from some rows, and says something of the others.

        Raises
        ------
        Ended
            Before it was through.
        """
        task = self.task
        rows, others = task.table.rows(division.train), task.table.rows(division.held_out)
        given = task.given(division.train)
        with quiet():
            if not self.rehearses:
                model = train_by(self.recipe, rows, **given, progress=self.progress, turn=turn, over=self.is_over)
                said = {0: task.says(model, others)}
            else:
                asked = Asked.of(self.recipe, rows, None, {**given, "validation": others})
                prepared = asked.prepared()
                settings = settings_for(asked.recipe, prepared, given)
                settings = self.passes(asked.recipe, settings).first if self.refits else settings
                look = Look(task, others, looks_at(settings))
                model = carry_out(prepared, settings, [look], self.progress, turn=turn, over=self.is_over)
                said = look.said
        if self.is_over():
            raise Ended
        return Found(said=said, model=model)

    def said(self) -> tuple[np.ndarray, np.ndarray, int]:
        """What is said of the rows so far, how wrong that is, and after how many epochs all of them are judged best.

        Of each row it is what was said after as many epochs as are best for the rows of other folds; of one fold, for
        the other half of its rows.
        """
        truth = self.task.truth(self.task.divisions[: len(self.found)])
        epochs = sorted(set.intersection(*(set(found.said) for found in self.found)))
        said = {epoch: np.concatenate([found.said[epoch] for found in self.found]) for epoch in epochs}
        errors = {epoch: truth.errors(said[epoch]) for epoch in epochs}
        which = np.repeat(np.arange(len(self.found)), [len(found.said[epochs[0]]) for found in self.found])
        if len(self.found) == 1:
            which = np.arange(len(which)) % 2
        whole = said[epochs[-1]].copy()
        for part in np.unique(which):
            own = which == part
            whole[own] = said[best({epoch: errors[epoch][~own] for epoch in epochs})][own]
        return whole, truth.errors(whole), best(errors)


class Look(Remembering):
    """Looks at what a network says of rows after some epochs.

    Attributes
    ----------
    said
        What it said, by the number of epochs.
    """

    def __init__(self, task: Task, rows: Table, looks_at: Callable[[int], bool]) -> None:
        self.task, self.rows, self.looks_at = task, rows, looks_at
        self.said: dict[int, np.ndarray] = {}

    def __call__(self, event: Any, model: Model) -> None:
        """For `train`, as a callback."""
        if isinstance(event, Epoch) and self.looks_at(event.epoch):
            self.said[event.epoch] = self.task.says(model, self.rows)

    def remembered(self) -> dict[str, np.ndarray]:
        """For checkpoints: what was said, by epochs as words."""
        return {str(epoch): said for epoch, said in self.said.items()}

    def remind(self, known: dict[str, np.ndarray]) -> None:
        """What was said before."""
        self.said = {int(epoch): said for epoch, said in known.items()}


def looks_at(settings: Settings) -> Callable[[int], bool]:
    """Which epochs are to be chosen from: those that early stopping looks at."""
    rule, stopping = settings.optimizer, settings.early_stopping
    if not isinstance(stopping, EarlyStopping):
        return lambda epoch: True
    rate = rule.over(settings.epochs).learning_rate if isinstance(rule, Optimizer) else None
    return stopping.over(rate, settings.epochs).looks_at


def best(errors: dict[int, np.ndarray]) -> int:
    """The number of epochs with the smallest mean error; of several the largest."""
    return max(errors, key=lambda epoch: (-float(errors[epoch].mean()), epoch))


@contextmanager
def quiet() -> Iterator[None]:
    """Rows that are unlike those of training are no news: those of another fold always are."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        yield
