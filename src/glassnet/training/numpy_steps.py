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
from glassnet.engines.threads import threads_that_pay
from glassnet.training.engine import NotFinite
from glassnet.training.place import Place
from glassnet.training.rows import Rows, Shuffler, Walk


class NumPySteps:
    """The NumPy engine at work."""

    def __init__(
        self,
        derivation: Derivation,
        memory: Memory,
        rng: np.random.Generator,
        *,
        rows: Rows,
        walk: Walk,
        shuffler: Shuffler,
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
        self.count = len(sizes)  # batches of an epoch
        self.largest = self.source.largest(max(sizes))  # product
        self.before, self.of, self.ends = walk.before, walk.steps_of_epoch(len(rows)), walk.ends(len(rows))
        return True

    def take(self, place: Place, steps: int, seconds: float, asked_to_stop: Callable[[], bool]) -> list[float]:
        """As `Engine.take` says."""
        with threads_that_pay(self.largest):
            return self.taken(place, steps, seconds, asked_to_stop)

    def taken(self, place: Place, steps: int, seconds: float, asked_to_stop: Callable[[], bool]) -> list[float]:
        """The same, on as many threads as BLAS may use."""
        losses: list[float] = []
        until = time.perf_counter() + seconds
        while steps:
            last = place.batch + steps
            if last > self.count:
                last = self.count
            steps -= last - place.batch
            self.through(place, last, losses, asked_to_stop)
            if place.batch < last:
                break
            if last == self.count and not self.ends:
                break  # the epoch goes on with other rows
            if last == self.count:
                losses.append(loss_of_epoch(self.derivation, place.told))
                place.epoch_ends()
                if time.perf_counter() > until:
                    break
        return losses

    def through(self, place: Place, last: int, losses: list[float], asked_to_stop: Callable[[], bool]) -> None:
        """The steps of one epoch up to batch `last`, or fewer; `losses` are those of the epochs before."""
        memory, functions, changing = self.memory, self.functions, bool(self.arguments)
        batches = self.batches_from(place, last)
        told, done = place.told, place.epochs  # the loss and the count of each batch
        for k, batch in enumerate(batches, place.batch):
            if asked_to_stop():
                return
            memory.t += 1
            result = functions[k](*batch, *self.changing(done, k)) if changing else functions[k](*batch)
            loss = result[0]
            if loss - loss != 0.0:  # infinite or NaN
                raise NotFinite(memory.t - 1, losses)
            told.append(result)
            place.batch = k + 1
            if not memory.t % FLUSH_EVERY:
                memory.flush()

    def one_by_one(self, place: Place) -> Iterator[tuple[np.ndarray, ...]]:
        """The batches to an epoch's end; each step is taken when the next batch is asked for. As `take`, but slowly."""
        for k, batch in enumerate(self.batches_from(place, self.count), place.batch):
            yield batch
            self.memory.t += 1
            self.functions[k](*batch, *self.changing(place.epochs, k))
            place.batch = k + 1
            if not self.memory.t % FLUSH_EVERY:
                self.memory.flush()
        if self.ends:
            place.epoch_ends()

    def batches_from(self, place: Place, last: int) -> Iterator[tuple[np.ndarray, ...]]:
        """The batches from a place on, up to batch `last`, in the order drawn for this epoch."""
        if place.order is None and self.batches.shuffle:
            place.order = self.shuffler.permutation(len(self.batches.rows))
        return self.batches.some(place.order, place.batch, last)

    def changing(self, done: int, k: int) -> list[float]:
        """The numbers that change: epochs done (a fraction inside one), the step's number, the learning rate."""
        if self.arguments == ("t",):
            return [float(self.memory.t)]
        values = {"epoch": done + (self.before + k) / self.of, "t": float(self.memory.t), "lr": self.memory.lr}
        return [values[name] for name in self.arguments]
