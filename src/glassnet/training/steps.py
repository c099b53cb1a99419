"""Taking training steps: a network, an optimizer and rows, and an engine that goes through them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.derivation.derive import derive
from glassnet.derivation.report import THE_LOSS, Report
from glassnet.derivation.steps import Derivation
from glassnet.engines.memory import Memory, Saved
from glassnet.engines.threads import one_blas_thread
from glassnet.parts.network import Network
from glassnet.parts.optimizers import Optimizer, Schedule
from glassnet.training.choice import Choice, choose
from glassnet.training.engine import Engine, NotFinite
from glassnet.training.numpy_steps import NumPySteps
from glassnet.training.rows import GeneratorShuffler, Rows, Shuffler, Walk


@dataclass(frozen=True, eq=False)
class Moment:
    """A moment of training that can be returned to."""

    saved: Saved
    rng_state: Any
    order_state: Any
    epochs: int


class Stepper:
    """A training run: it knows where it is, can go back, and lets an engine take the steps."""

    def __init__(
        self,
        network: Network,
        n_inputs: int,
        memory: Memory,
        rng: np.random.Generator,
        optimizer: Optimizer,
        rows: Rows,
        walk: Walk,
        epochs: int = 0,
        todo: int = 1,
        engine: str = "numpy",
        deterministic: bool = False,
        tell: Callable[[Choice], Any] | None = None,
        times: int = 1,
        shuffler: Shuffler | None = None,
        reported: Report = THE_LOSS,
    ) -> None:
        self.memory, self.rng, self.optimizer, self.epochs = memory, rng, optimizer, epochs
        self.rows, self.walk, self.deterministic = rows, walk, deterministic
        self.shuffler = shuffler or GeneratorShuffler(rng)
        self.asked, self.todo, self.times = engine, todo, times
        self.derivation: Derivation = derive(
            network,
            n_inputs,
            optimizer,
            dtype=memory.theta.dtype,
            weighted=rows.w is not None,
            frozen=not memory.trainable.all(),
            reported=reported,
        )
        memory.prepare(optimizer)
        self.slots = memory.slots
        self.choice = self.choose(rows, walk)
        if tell:
            tell(self.choice)
        self.engine: Engine = engine_of(self.choice.engine)(self.derivation, memory, rng, self.shuffler, rows, walk)

    def choose(self, rows: Rows, walk: Walk) -> Choice:
        """The engine for rows, and why."""
        return choose(self.asked, self.derivation, len(rows), walk, self.todo, self.deterministic, self.times)

    def turn_to(self, rows: Rows, walk: Walk, shuffler: Shuffler) -> bool:
        """Go through other rows from here on; false where that takes another stepper."""
        frozen = not self.memory.trainable.all()
        kept = self.memory.slots is self.slots and frozen == ("trainable" in self.derivation.inputs)
        kept = kept and (rows.w is None) == (self.rows.w is None)
        if kept and (len(rows), walk) != (len(self.rows), self.walk):
            kept = self.choose(rows, walk).engine == self.choice.engine
        if not kept or type(rows) is not type(self.rows) or not self.engine.turn_to(rows, walk, shuffler):
            return False
        self.rows, self.walk, self.shuffler = rows, walk, shuffler
        return True

    def moment(self) -> Moment:
        """Where training is now."""
        return Moment(self.memory.saved(), self.rng.bit_generator.state, self.shuffler.state, self.epochs)

    def return_to(self, moment: Moment) -> None:
        """Put everything back as it was."""
        self.memory.restore(moment.saved)
        self.rng.bit_generator.state = moment.rng_state
        self.shuffler.state = moment.order_state
        self.epochs = moment.epochs

    def run(self, epochs: int, seconds: float, asked_to_stop: Callable[[], bool]) -> list[float]:
        """Run epochs until so many are done or the time is over; the training loss of each.

        Raises
        ------
        NotFinite
            The loss of a batch was infinite or NaN, or, at the end, a weight or what the optimizer remembers.
        """
        threads = one_blas_thread() if self.deterministic else nullcontext()
        with threads, np.errstate(all="ignore"):  # what overflows shows in the loss, and is answered there
            try:
                losses = self.engine.run(self.epochs, epochs, seconds, asked_to_stop)
            except NotFinite as failure:
                self.epochs += len(failure.losses)
                raise
            self.epochs += len(losses)
            if not self.memory.is_finite():
                raise NotFinite(self.memory.t, losses)
        return losses

    def one_by_one(self) -> Iterator[tuple[np.ndarray, ...]]:
        """The batches, without end; each step is taken when the next batch is asked for. What `run` does, slowly."""
        steps = NumPySteps(self.derivation, self.memory, self.rng, self.shuffler, self.rows, self.walk)
        while True:
            yield from steps.one_by_one(self.epochs)
            self.epochs += 1

    def learning_rate(self) -> float:
        """The learning rate of the next step."""
        rate = self.optimizer.learning_rate
        if rate is None:
            return self.memory.lr
        return float(rate(float(self.epochs))) if isinstance(rate, Schedule) else rate


def engine_of(name: str) -> type[Any]:
    """The class of an engine, by its name."""
    if name == "compiled":
        from glassnet.training.compiled_steps import CompiledSteps

        return CompiledSteps
    return NumPySteps
