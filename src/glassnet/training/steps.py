"""Taking training steps: batch after batch through an engine."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.derivation.derive import derive
from glassnet.derivation.steps import Derivation
from glassnet.engines.numpy import training_source
from glassnet.memory import Memory, Saved
from glassnet.network import Network
from glassnet.optimizers import Optimizer, Schedule
from glassnet.training.rows import Batches, Rows

FLUSH_EVERY = 64  # steps


class NotFinite(Exception):
    """A number was not finite: after step t, at the latest. `losses` are those of the epochs before."""

    def __init__(self, t: int, losses: list[float]) -> None:
        super().__init__(f"not finite after step {t}")
        self.t = t
        self.losses = losses


@dataclass(frozen=True, eq=False)
class Moment:
    """A moment of training that can be returned to."""

    saved: Saved
    rng_state: Any
    epochs: int


class Stepper:
    """A network, an optimizer and rows, ready to take steps."""

    def __init__(
        self,
        network: Network,
        n_inputs: int,
        memory: Memory,
        rng: np.random.Generator,
        optimizer: Optimizer,
        rows: Rows,
        batch_size: int,
        shuffle: bool,
        epochs: int = 0,
    ) -> None:
        self.memory, self.rng, self.optimizer, self.epochs = memory, rng, optimizer, epochs
        self.reduction = network.loss.reduction if network.loss else "mean"
        self.derivation: Derivation = derive(
            network,
            n_inputs,
            optimizer,
            dtype=memory.theta.dtype,
            weighted=rows.w is not None,
            frozen=not memory.trainable.all(),
        )
        source = training_source(self.derivation)
        memory.prepare(optimizer)
        self.batches = Batches(rows, batch_size, shuffle)
        sizes = {high - low for low, high in self.batches.bounds}
        bound = {n: source.bind(memory.arrays(), n, rng) for n in sizes}
        self.functions = [bound[high - low] for low, high in self.batches.bounds]
        self.arguments = tuple(name for name in source.arguments if name in ("epoch", "t"))

    def moment(self) -> Moment:
        """Where training is now."""
        return Moment(self.memory.saved(), self.rng.bit_generator.state, self.epochs)

    def return_to(self, moment: Moment) -> None:
        """Put everything back as it was."""
        self.memory.restore(moment.saved)
        self.rng.bit_generator.state = moment.rng_state
        self.epochs = moment.epochs

    def run(self, epochs: int, seconds: float, asked_to_stop: Callable[[], bool]) -> list[float]:
        """Run epochs until so many are done or the time is over; the training loss of each.

        Raises
        ------
        NotFinite
            The loss of a batch was infinite or NaN, or, at the end, a weight or what the optimizer remembers.
        """
        losses: list[float] = []
        until = time.perf_counter() + seconds
        with np.errstate(all="ignore"):  # what overflows shows in the loss, and is answered there
            while len(losses) < epochs:
                loss = self.epoch(losses, asked_to_stop)
                if loss is None:
                    break
                losses.append(loss)
                if time.perf_counter() > until:
                    break
            if not self.memory.is_finite():
                raise NotFinite(self.memory.t, losses)
        return losses

    def epoch(self, losses: list[float], asked_to_stop: Callable[[], bool]) -> float | None:
        """One epoch; its training loss, or None if it was broken off."""
        memory, functions, changing = self.memory, self.functions, bool(self.arguments)
        batches = self.batches.epoch(self.rng)
        shares = self.batches.shares(self.reduction)
        total = 0.0
        for k, batch in enumerate(batches):
            if asked_to_stop():
                return None
            memory.t += 1
            loss = functions[k](*batch, *self.changing(k)) if changing else functions[k](*batch)
            if loss - loss != 0.0:  # infinite or NaN
                raise NotFinite(memory.t - 1, losses)
            total += loss * shares[k]
            if not memory.t % FLUSH_EVERY:
                memory.flush_slots()
        self.epochs += 1
        return total

    def one_by_one(self) -> Iterator[tuple[np.ndarray, ...]]:
        """The batches, without end; each step is taken when the next batch is asked for. What `epoch` does, slowly."""
        while True:
            for k, batch in enumerate(self.batches.epoch(self.rng)):
                yield batch
                self.memory.t += 1
                self.functions[k](*batch, *self.changing(k))
                if not self.memory.t % FLUSH_EVERY:
                    self.memory.flush_slots()
            self.epochs += 1

    def changing(self, k: int) -> list[float]:
        """The numbers that change from step to step: epochs done (a fraction inside one), the step's number."""
        if self.arguments == ("t",):
            return [float(self.memory.t)]
        values = {"epoch": self.epochs + k / len(self.batches), "t": float(self.memory.t)}
        return [values[name] for name in self.arguments]

    def learning_rate(self) -> float:
        """The learning rate of the next step."""
        rate = self.optimizer.learning_rate
        return float(rate(float(self.epochs))) if isinstance(rate, Schedule) else rate
