"""The training loop: epochs through an engine, what is measured after each, and when to stop.

It is a generator. Whoever wants to see training go by iterates over its events; the model's weights are up to date
at each of them. Nothing else in glassnet knows how training works.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from glassnet.engines.forward import Forward
from glassnet.training.divergence import go_back
from glassnet.training.engine import NotFinite
from glassnet.training.events import Epoch, Event, Stopped
from glassnet.training.metrics import Judged, Metric
from glassnet.training.rows import Rows
from glassnet.training.state import State
from glassnet.training.steps import Moment
from glassnet.training.taker import Taker

LOOK = 0.05  # seconds: how long it may take until Ctrl-C or a progress bar is served
SLOW = 0.2  # seconds: steps that take longer are taken one by one, so that the last whole one is there to be kept


@dataclass(frozen=True, eq=False, kw_only=True)
class Watch:
    """What is measured after each epoch.

    Attributes
    ----------
    forward
        The network's prediction.
    rows
        The rows it is measured on.
    targets, truth
        Their targets as the contract has them, and as people see them.
    as_contract, decode
        From the network's predictions to what the contract has, and from that to what people see.
    metrics
        Scores by name.
    prefix
        "val_" for rows that are not trained on.
    """

    forward: Forward
    rows: Rows
    targets: np.ndarray
    truth: np.ndarray
    as_contract: Callable[[np.ndarray], np.ndarray]
    decode: Callable[[np.ndarray], np.ndarray]
    metrics: dict[str, Metric]
    prefix: str = "val_"

    @cached_property
    def columns(self) -> list[str]:
        """The names of what is measured: the loss (of rows not trained on) and the metrics."""
        return [self.prefix + name for name in (*(["loss"] if self.prefix else []), *self.metrics)]

    def measure(self, threads: int = 1) -> dict[str, float]:
        """Loss and metrics, now; so many threads may work at it."""
        with np.errstate(all="ignore"):
            p, loss = self.forward.evaluate(self.rows.x, self.rows.y, self.rows.w, threads)
        found = [*([loss] if self.prefix else []), *(self.scores(p) if self.metrics else [])]
        return dict(zip(self.columns, found, strict=True))

    @property
    def weight(self) -> np.ndarray | None:
        """What the rows weigh; those that are trained on count alike: their weights may be those of classes."""
        return self.rows.w[:, 0] if self.prefix and self.rows.w is not None else None

    def scores(self, p: np.ndarray) -> list[float]:
        """The metrics of the predictions for the rows; nan where these overflow, which the next step tells."""
        if not np.isfinite(p).all():
            return [np.nan] * len(self.metrics)
        p = self.as_contract(p)
        predicted = self.decode(p)
        judged = Judged(y=self.truth, predicted=predicted, targets=self.targets, outputs=p, weight=self.weight)
        return [metric(judged) for metric in self.metrics.values()]


@dataclass(eq=False, kw_only=True)
class Run:
    """A training on its way, from wherever the state is that it changes.

    Attributes
    ----------
    state
        What is trained. It says how far to go (`until`), and whose weights are kept (`best`).
    stepper
        Takes the steps.
    watch
        What to measure after each epoch, if anything.
    every_epoch
        Whether each epoch gets an event of its own. If not, short epochs are done several at a time, where nothing
        is measured in between.
    asked_to_stop
        Asked before each step; true: training ends there.
    back
        Returns from where a number was not finite to where all was well, and says what went wrong; it is given the
        stepper, a moment when all was well, and how many steps after it that was.
    due, whole
        Asked before each step whether somebody wants to look at the state; who is told then that it is whole, and with
        True when training ends, before the best weights are put back.
    """

    state: State
    stepper: Taker
    watch: Watch | None = None
    every_epoch: bool = True
    asked_to_stop: Callable[[], bool] = lambda: False
    back: Callable[[Any, Moment, int], str] = go_back
    due: Callable[[], bool] = lambda: False
    whole: Callable[[bool], Any] = lambda is_last: None
    moments: deque[Moment] = field(default_factory=lambda: deque(maxlen=2))  # the last two that all was well at
    before: int = field(default=0, init=False)  # epochs of the history that are not counted in the state's
    is_slow: bool | None = field(default=None, init=False)  # None: not known yet

    def events(self, steps: int | None = None) -> Iterator[Event]:
        """Train, and tell: to the end, or so many steps.

        Whenever an event is told, and after the last one, the state is whole: a copy of it goes on as this one does.
        """
        state, stepper = self.state, self.stepper
        if not state.until:
            return
        one_by_one = self.every_epoch or self.watch or state.best
        self.before = len(state.history) - stepper.epochs
        self.is_slow = stepper.a_step_takes() > SLOW if self.is_slow is None else self.is_slow
        while (stopped := self.ends()) is None and steps != 0:
            self.whole(False)
            if len(self.moments) == self.moments.maxlen:
                self.moments.popleft()  # its memory is free before a new one takes some
            self.moments.append(stepper.moment())
            wanted = (1 if one_by_one else state.until - stepper.epochs) * stepper.batches - stepper.place.batch
            wanted = 1 if self.is_slow else wanted if steps is None else min(wanted, steps)
            start, began = state.memory.t, time.perf_counter()
            try:
                losses = stepper.take(wanted, LOOK, lambda: self.asked_to_stop() or self.due())
            except NotFinite as failure:
                state.history.append(failure.losses, {})
                # it may be the last step before the last moment that did the damage
                good = self.moments[-1 if failure.t > self.moments[-1].saved.t else 0]
                stopped = Stopped("diverged", self.back(stepper, good, failure.t - good.saved.t))
                state.history.cut(self.before + stepper.epochs)
                break
            taken = state.memory.t - start
            self.is_slow = time.perf_counter() - began > SLOW * taken
            steps = None if steps is None else steps - taken
            if losses:
                yield self.measured(losses)
        if stopped:
            if stopped.reason != "diverged":
                self.whole(True)
            self.end(stopped)
            yield stopped

    def so_far(self) -> State | None:
        """A copy of the state after its last whole step, for who cannot wait for the next; None: no step was whole.

        Another thread may ask for it, while this one takes a step or measures.
        """
        if not self.moments:
            return None
        kept, last = self.state.copy(), self.moments[-1]
        if len(kept.history) == self.before + last.place.epochs:
            kept.memory.restore(last.saved)
            kept.rng.bit_generator.state = last.rng_state
            kept.place.put_back(last.place)
        if not kept.memory.t:
            return None
        replace(self, state=kept).end(Stopped("interrupted", ""))
        return kept

    def put_back(self, kept: State) -> None:
        """Go on from a copy of the state, of an earlier step or a later one."""
        self.state.put_back(kept)
        self.moments.clear()

    def measured(self, losses: list[float]) -> Epoch:
        """What is told at the end of an epoch, once it is written down."""
        state = self.state
        with self.stepper.measuring() as threads:
            measured = self.watch.measure(threads) if self.watch else {}
        state.history.append(losses, measured)
        if state.best:
            state.best.seen({"loss": losses[-1], **measured}, state.epochs, state.memory)
        return Epoch(state.epochs, state.memory.t, losses, measured)

    def ends(self) -> Stopped | None:
        """Whether training ends here, and why."""
        state = self.state
        if self.asked_to_stop():
            return Stopped("interrupted", f"stopped on request after {state.epochs} epochs")
        if state.best and state.best.is_over:
            return Stopped("early", state.best.reason)
        if state.epochs >= state.until:
            epochs = state.settings.epochs if state.settings else state.until
            return Stopped("epochs", f"all {epochs} epochs done")
        return None

    def end(self, stopped: Stopped) -> None:
        """Put the best weights back, and say why it ended; what was interrupted and is where it was can go on."""
        state, best = self.state, self.state.best
        state.history.stopped = stopped.reason
        kept = best.kept if best and stopped.reason != "diverged" else None
        if best and kept:
            state.history.best_epoch = best.epoch
            state.memory.theta[:] = kept.theta
            state.memory.state[:] = kept.state
        if kept or stopped.reason != "interrupted":
            state.until, state.best = 0, None
            state.place.leave()
