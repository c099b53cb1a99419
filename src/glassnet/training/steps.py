"""Taking training steps: a network, an optimizer and rows, and an engine that goes through them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.derivation.derive import derive
from glassnet.derivation.report import THE_LOSS, Report
from glassnet.derivation.steps import Derivation
from glassnet.engines.memory import Memory, Saved
from glassnet.engines.plans import fixed_plans
from glassnet.engines.threads import blas_threads, cores, one_blas_thread
from glassnet.parts.network import Network
from glassnet.parts.optimizers import Optimizer
from glassnet.parts.schedules import Schedule
from glassnet.training.blocks import BlockEngine, Blocks, Ways
from glassnet.training.choice import Choice, choose, estimate
from glassnet.training.engine import Engine, NotFinite
from glassnet.training.numpy_steps import NumPySteps
from glassnet.training.place import Place
from glassnet.training.rows import GeneratorShuffler, Rows, Shuffler, Walk


@dataclass(frozen=True, eq=False)
class Moment:
    """A moment of training that can be returned to; no state of orders, where the generator draws them."""

    saved: Saved
    rng_state: Any
    order_state: Any
    place: Place


class Stepper:
    """A network on its way through rows: it knows where it is, can go back, and lets an engine take the steps.

    Parameters
    ----------
    network, n_inputs
        What is trained, and how many columns it takes.
    memory
        Its numbers, which change; their dtype is that of the rows.
    rng
        Where dropout gets its random numbers, and the order of the rows, where no `shuffler` draws it.
    optimizer
        The update rule.
    rows, walk
        What to go through, and how.
    place
        Where to begin; None: before the first epoch. It moves on with every step.
    todo
        Epochs there are to do, if that is known: what `engine="auto"` goes by; `times` says how often that is.
    engine, deterministic
        As `train` takes them.
    tell
        Is told which engine was chosen.
    reported
        So many times the loss, with penalties, is what is told of an epoch; None: the loss alone, once.

    Raises
    ------
    ImportError, ValueError
        There is no such engine, or not for this network.
    """

    def __init__(
        self,
        network: Network,
        n_inputs: int,
        memory: Memory,
        rng: np.random.Generator,
        *,
        optimizer: Optimizer,
        rows: Rows | Blocks,
        walk: Walk,
        place: Place | None = None,
        todo: int = 1,
        engine: str = "numpy",
        deterministic: bool = False,
        tell: Callable[[Choice], Any] | None = None,
        times: int = 1,
        shuffler: Shuffler | None = None,
        reported: Report = THE_LOSS,
    ) -> None:
        self.memory, self.rng, self.optimizer = memory, rng, optimizer
        self.place = Place() if place is None else place
        self.rows, self.walk, self.deterministic = rows, walk, deterministic
        self.shuffler, self.orders_by_rng = shuffler or GeneratorShuffler(rng), shuffler is None
        self.batches = Ways(rows, walk).steps if isinstance(rows, Blocks) else walk.batches(len(rows))  # of an epoch
        self.asked, self.todo, self.times = engine, todo, times
        self.derivation: Derivation = derive(
            network,
            n_inputs,
            optimizer,
            dtype=memory.theta.dtype,
            weighted=rows.is_weighted,
            frozen=not memory.trainable.all(),
            reported=reported,
        )
        memory.prepare(optimizer)
        self.slots = memory.slots
        self.choice = self.choose(rows, walk)
        if tell:
            tell(self.choice)
        self.engine: Engine = self.engine_by(engine_of(self.choice.engine))

    def engine_by(self, make: Callable[..., Any]) -> Any:
        """What goes through the rows, by engines of this kind."""
        parts = self.derivation, self.memory, self.rng
        if isinstance(self.rows, Blocks):
            return BlockEngine(make, *parts, rows=self.rows, walk=self.walk)
        return make(*parts, rows=self.rows, walk=self.walk, shuffler=self.shuffler)

    @property
    def epochs(self) -> int:
        """Epochs done."""
        return self.place.epochs

    def choose(self, rows: Rows | Blocks, walk: Walk) -> Choice:
        """The engine for rows, and why."""
        return choose(
            self.asked,
            self.derivation,
            len(rows),
            walk,
            self.todo,
            deterministic=self.deterministic,
            times=self.times,
        )

    def a_step_takes(self) -> float:
        """Seconds, about: of NumPy, which compiled code is no slower than."""
        return estimate(self.derivation, len(self.rows), self.walk, epochs=1)[0] / self.batches

    def turn_to(self, rows: Rows, walk: Walk, shuffler: Shuffler) -> bool:
        """Go through other rows from here on; false where that takes another stepper."""
        frozen = not self.memory.trainable.all()
        kept = self.memory.slots is self.slots and frozen == ("trainable" in self.derivation.inputs)
        kept = kept and rows.is_weighted == self.rows.is_weighted
        if kept and (len(rows), walk) != (len(self.rows), self.walk):
            kept = self.choose(rows, walk).engine == self.choice.engine
        if not kept or type(rows) is not type(self.rows) or not self.engine.turn_to(rows, walk, shuffler):
            return False
        self.rows, self.walk, self.batches = rows, walk, walk.batches(len(rows))
        self.shuffler, self.orders_by_rng = shuffler, False
        self.place.leave()
        return True

    def moment(self) -> Moment:
        """Where training is now."""
        orders = None if self.orders_by_rng else self.shuffler.state
        return Moment(self.memory.saved(), self.rng.bit_generator.state, orders, self.place.copy())

    def return_to(self, moment: Moment) -> None:
        """Put everything back as it was."""
        self.memory.restore(moment.saved)
        self.rng.bit_generator.state = moment.rng_state
        if moment.order_state is not None:
            self.shuffler.state = moment.order_state
        self.place.put_back(moment.place)

    def run(self, epochs: int, seconds: float, asked_to_stop: Callable[[], bool]) -> list[float]:
        """Take steps until so many epochs are done, the one in progress among them, or the time is over."""
        return self.take(epochs * self.batches - self.place.batch, seconds, asked_to_stop)

    def take(self, steps: int, seconds: float, asked_to_stop: Callable[[], bool]) -> list[float]:
        """Take so many steps, or fewer as `Engine.take` says; the training loss of each epoch that ends.

        Raises
        ------
        NotFinite
            The loss of a batch was infinite or NaN, or, at the end, a weight or what the optimizer remembers.
        """
        with self.threads(), np.errstate(all="ignore"):  # what overflows shows in the loss, and is answered there
            try:
                losses = self.engine.take(self.place, steps, seconds, asked_to_stop)
                if not self.memory.is_finite():
                    raise NotFinite(self.memory.t, losses)
            except NotFinite:
                self.place.leave()  # nobody goes on from there
                raise
        return losses

    @contextmanager
    def threads(self) -> Iterator[None]:
        """What is computed within it is computed on one thread, if the same bits are wanted on any number of them."""
        if not self.deterministic:
            yield
            return
        with one_blas_thread(), fixed_plans():
            yield

    @contextmanager
    def measuring(self) -> Iterator[int]:
        """Within it something is measured between two epochs; how many threads may do so.

        A thread of the BLAS that has helped looks for more to do for some 30 ms, on the core that one of a team needs:
        with the compiled engine it has one in each thread.
        """
        if self.choice.engine != "compiled":
            with self.threads():
                yield 1
            return
        threads = 1 if self.deterministic else min(blas_threads(), cores())
        with one_blas_thread():
            yield threads

    def one_by_one(self) -> Iterator[tuple[np.ndarray, ...]]:
        """The batches, without end; each step is taken when the next batch is asked for. What `take` does, slowly."""
        steps = self.engine_by(NumPySteps)
        while True:
            yield from steps.one_by_one(self.place)

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
