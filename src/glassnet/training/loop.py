"""The training loop: epochs through an engine, what is measured after each, and when to stop.

It is a generator. Whoever wants to see training go by iterates over its events; the model's weights are up to date
at each of them. Nothing else in glassnet knows how training works.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from glassnet.engines.forward import Forward
from glassnet.training.divergence import go_back
from glassnet.training.engine import NotFinite
from glassnet.training.events import Epoch, Event, Stopped
from glassnet.training.history import History
from glassnet.training.metrics import Metric, check_metric
from glassnet.training.rows import Rows
from glassnet.training.steps import Stepper
from glassnet.training.stopping import Best

LOOK = 0.05  # seconds: how long it may take until Ctrl-C or a progress bar is served


@dataclass(frozen=True, eq=False)
class Watch:
    """What is measured after each epoch.

    Attributes
    ----------
    forward
        The network's prediction.
    rows
        The rows it is measured on.
    truth
        Their targets as people see them.
    decode
        From predictions to what people see.
    metrics
        Scores by name.
    prefix
        "val_" for rows that are not trained on.
    """

    forward: Forward
    rows: Rows
    truth: np.ndarray
    decode: Callable[[np.ndarray], np.ndarray]
    metrics: dict[str, Metric]
    prefix: str = "val_"

    @cached_property
    def columns(self) -> list[str]:
        """The names of what is measured: the loss (of rows not trained on) and the metrics."""
        return [self.prefix + name for name in (*(["loss"] if self.prefix else []), *self.metrics)]

    def measure(self) -> dict[str, float]:
        """Loss and metrics, now."""
        with np.errstate(all="ignore"):
            p, loss = self.forward.evaluate(self.rows.x, self.rows.y, self.rows.w)
        found = [loss] if self.prefix else []
        if self.metrics:
            seen = self.decode(p)
            found += [check_metric(metric(self.truth, seen), name) for name, metric in self.metrics.items()]
        return dict(zip(self.columns, found, strict=True))


@dataclass(eq=False)
class Run:
    """One call of training.

    Attributes
    ----------
    stepper
        Takes the steps.
    history
        Where losses and metrics go.
    epochs
        How many to do.
    watch
        What to measure after each, if anything.
    best
        Decides when to stop before, and whose weights are kept; None: never, the last.
    every_epoch
        Whether each epoch gets an event of its own. If not, short epochs are done several at a time, where nothing
        is measured in between.
    asked_to_stop
        Asked before each step; true: training ends there.
    """

    stepper: Stepper
    history: History
    epochs: int
    watch: Watch | None = None
    best: Best | None = None
    every_epoch: bool = True
    asked_to_stop: Callable[[], bool] = lambda: False

    def events(self) -> Iterator[Event]:
        """Train, and tell."""
        stepper, history, best = self.stepper, self.history, self.best
        history.stopped, history.best_epoch = "", None
        done, first, last = len(history), stepper.epochs, stepper.epochs + self.epochs
        at_a_time = 1 if self.every_epoch or self.watch or best else self.epochs
        stopped = Stopped("epochs", f"all {self.epochs} epochs done")
        before = now = stepper.moment()
        while stepper.epochs < last:
            before, now = now, stepper.moment()
            try:
                losses = stepper.run(min(at_a_time, last - stepper.epochs), LOOK, self.asked_to_stop)
            except NotFinite as failure:
                history.append(failure.losses, {})
                # it may be the last step before `now` that did the damage
                start = now if failure.t > now.saved.t else before
                stopped = Stopped("diverged", go_back(stepper, start, failure.t - start.saved.t))
                break
            measured = {}
            if losses:
                measured = self.watch.measure() if self.watch else {}
                history.append(losses, measured)
                yield Epoch(stepper.epochs, stepper.memory.t, losses, measured)
            if self.asked_to_stop():
                stopped = Stopped("interrupted", f"stopped on request after {stepper.epochs} epochs")
                break
            if best and best.seen({"loss": losses[-1], **measured}, stepper.epochs, stepper.memory):
                stopped = Stopped("early", best.reason)
                break
        if stopped.reason == "diverged":
            history.cut(done + stepper.epochs - first)
        elif best and best.kept:
            history.best_epoch = best.epoch
            stepper.memory.theta[:] = best.kept.theta
            stepper.memory.state[:] = best.kept.state
        history.stopped = stopped.reason
        yield stopped
