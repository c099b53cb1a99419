"""Training steps with the NumPy engine: batch after batch, one call each."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from glassnet.derivation.report import loss_of_epoch
from glassnet.derivation.steps import Derivation
from glassnet.engines.memory import FLUSH_EVERY, Memory
from glassnet.engines.numpy import training_source
from glassnet.training.engine import NotFinite
from glassnet.training.rows import Rows, Shuffler, Walk


class NumPySteps:
    """The NumPy engine at work."""

    def __init__(
        self,
        derivation: Derivation,
        memory: Memory,
        rng: np.random.Generator,
        shuffler: Shuffler,
        rows: Rows,
        walk: Walk,
    ) -> None:
        self.memory, self.rng = memory, rng
        self.derivation = derivation
        self.source = training_source(derivation)
        self.arguments = tuple(name for name in self.source.arguments if name in ("epoch", "t", "lr"))
        self.bound: dict[int, Callable[..., Any]] = {}  # by the number of rows in a batch
        self.turn_to(rows, walk, shuffler)

    def turn_to(self, rows: Rows, walk: Walk, shuffler: Shuffler) -> bool:
        """As `Engine.turn_to` says."""
        self.shuffler, self.batches = shuffler, rows.batches(walk)
        sizes = [high - low for low, high in self.batches.bounds]
        new = {n: self.source.bind(self.memory.arrays(), n, self.rng) for n in set(sizes) - set(self.bound)}
        self.bound = {n: function for n, function in self.bound.items() if n in sizes} | new
        self.functions = [self.bound[n] for n in sizes]
        return True

    def run(self, first: int, epochs: int, seconds: float, asked_to_stop: Callable[[], bool]) -> list[float]:
        """As `Engine.run` says."""
        losses: list[float] = []
        until = time.perf_counter() + seconds
        while len(losses) < epochs:
            loss = self.epoch(first, losses, asked_to_stop)
            if loss is None:
                break
            losses.append(loss)
            if time.perf_counter() > until:
                break
        return losses

    def epoch(self, first: int, losses: list[float], asked_to_stop: Callable[[], bool]) -> float | None:
        """One epoch after those whose losses are given; its training loss, or None if it was broken off."""
        memory, functions, changing = self.memory, self.functions, bool(self.arguments)
        batches = self.batches.epoch(self.shuffler)
        done = first + len(losses)
        told: list[tuple[float, float]] = []  # the loss and the count of each batch
        for k, batch in enumerate(batches):
            if asked_to_stop():
                return None
            memory.t += 1
            result = functions[k](*batch, *self.changing(done, k)) if changing else functions[k](*batch)
            loss = result[0]
            if loss - loss != 0.0:  # infinite or NaN
                raise NotFinite(memory.t - 1, losses)
            told.append(result)
            if not memory.t % FLUSH_EVERY:
                memory.flush_slots()
        return loss_of_epoch(self.derivation, told)

    def one_by_one(self, first: int) -> Iterator[tuple[np.ndarray, ...]]:
        """The batches of one epoch; each step is taken when the next batch is asked for. What `epoch` does, slowly."""
        for k, batch in enumerate(self.batches.epoch(self.shuffler)):
            yield batch
            self.memory.t += 1
            self.functions[k](*batch, *self.changing(first, k))
            if not self.memory.t % FLUSH_EVERY:
                self.memory.flush_slots()

    def changing(self, done: int, k: int) -> list[float]:
        """The numbers that change: epochs done (a fraction inside one), the step's number, the learning rate."""
        if self.arguments == ("t",):
            return [float(self.memory.t)]
        values = {"epoch": done + k / len(self.batches), "t": float(self.memory.t), "lr": self.memory.lr}
        return [values[name] for name in self.arguments]
