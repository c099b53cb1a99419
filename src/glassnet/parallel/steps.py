"""A network on its way through blocks, as the training loop sees it: it takes steps, and can go back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

import numpy as np

from glassnet.derivation.report import loss_of_epoch
from glassnet.derivation.steps import Derivation
from glassnet.engines.memory import Memory, Saved
from glassnet.parallel.broken import Broken, why_broken
from glassnet.parallel.crew import Crew
from glassnet.parallel.work import Work
from glassnet.training.choice import Choice
from glassnet.training.engine import NotFinite
from glassnet.training.place import Place
from glassnet.training.state import State
from glassnet.training.steps import Moment


class Mode(Protocol):
    """What a step is."""

    def step(self, blocks: Sequence[int], epoch: float) -> tuple[float, float] | None:
        """Take a step; the loss of its rows and what they count, None where none of them can be read.

        Raises
        ------
        Broken
            A number was not finite; nothing is changed.
        """


class BlockSteps:
    """Steps through sets of blocks.

    Parameters
    ----------
    state
        What is trained.
    mode
        What a step is.
    derivation
        Of a training step.
    crew, work
        Who does the blocks, and what all tasks have in common.
    choice
        The engine as a model tells of it.
    at_once
        Blocks of a step; with fewer than there are their order is drawn anew for each epoch, from the seed and its
        number.
    """

    def __init__(
        self,
        state: State,
        mode: Mode,
        derivation: Derivation,
        *,
        crew: Crew,
        work: Work,
        choice: Choice,
        at_once: int,
    ) -> None:
        self.state, self.mode, self.derivation = state, mode, derivation
        self.memory: Memory = state.memory
        self.place: Place = state.place
        self.crew, self.work, self.choice, self.at_once = crew, work, choice, at_once
        self.blocks = len(crew.cut)
        self.batches = -(-self.blocks // at_once)  # steps of an epoch
        self.before: Saved | None = None  # the numbers before the last step
        self.broken: Broken | None = None
        self.step_took = 0.0

    @property
    def epochs(self) -> int:
        """Epochs done."""
        return self.place.epochs

    def a_step_takes(self) -> float:
        """Seconds, about."""
        return self.step_took

    def moment(self) -> Moment:
        """Where training is now."""
        return Moment(self.memory.saved(), self.state.rng.bit_generator.state, None, self.place.copy())

    def order(self, epoch: int) -> list[int]:
        """The blocks in the order in which an epoch goes through them."""
        if self.at_once >= self.blocks:
            return list(range(self.blocks))
        drawn: list[int] = np.random.default_rng([self.work.seed, epoch]).permutation(self.blocks).tolist()
        return drawn

    def take(self, steps: int, seconds: float, asked_to_stop: Callable[[], bool]) -> list[float]:
        """As `Stepper.take` says."""
        place, losses, until = self.place, list[float](), time.perf_counter() + seconds
        while steps and not asked_to_stop():
            first, started = place.batch * self.at_once, time.perf_counter()
            blocks = self.order(place.epochs)[first : first + self.at_once]
            saved = self.memory.saved()
            try:
                told = self.mode.step(sorted(blocks), place.epochs + place.batch / self.batches)
                if not self.memory.is_finite():
                    self.memory.restore(saved)
                    raise Broken(None)
            except Broken as broken:
                self.broken = broken
                raise NotFinite(self.memory.t, losses) from None
            self.before, self.step_took = saved, time.perf_counter() - started
            place.told.append(told or (0.0, 0.0))
            place.batch, steps = place.batch + 1, steps - 1
            if place.batch == self.batches:
                losses.append(loss_of_epoch(self.derivation, [item for item in place.told if item != (0.0, 0.0)]))
                place.epoch_ends()
                if time.perf_counter() > until:
                    break
        return losses

    @contextmanager
    def measuring(self) -> Iterator[int]:
        """As `Stepper.measuring` says."""
        yield 1

    def go_back(self, moment: Moment, updates: int) -> str:
        """Return to the last weights at which all was finite; what went wrong, in one sentence.

        That is never before `moment`, nor more than so many steps after it.
        """
        assert self.broken is not None
        words = why_broken(self.state, self.crew.cut, self.broken, self.before)
        if self.before is not None and self.broken.at_start and self.broken.block is not None:
            self.memory.restore(self.before)
        return words
