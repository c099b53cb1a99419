"""The training loop: epochs through an engine, what is measured after each, and when to stop.

It is a generator. Whoever wants to see training go by iterates over its events; the model's weights are up to date
at each of them. Nothing else in glassnet knows how training works.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from glassnet.engines.forward import Forward
from glassnet.memory import Memory
from glassnet.training.divergence import go_back
from glassnet.training.events import Epoch, Event, Stopped
from glassnet.training.history import History
from glassnet.training.metrics import Metric, check_metric
from glassnet.training.rows import Rows
from glassnet.training.steps import NotFinite, Stepper
from glassnet.training.stopping import Best, EarlyStopping

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

    def measure(self) -> dict[str, float]:
        """Loss (of rows not trained on) and metrics, now."""
        with np.errstate(all="ignore"):
            p, loss = self.forward.evaluate(self.rows.x, self.rows.y, self.rows.w)
        found = {f"{self.prefix}loss": loss} if self.prefix else {}
        if self.metrics:
            seen = self.decode(p)
            for name, metric in self.metrics.items():
                found[f"{self.prefix}{name}"] = check_metric(metric(self.truth, seen), name)
        return found


@dataclass
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
    stopping
        When to stop before; None: never.
    every_epoch
        Whether each epoch gets an event of its own. If not, short epochs are done several at a time, where nothing
        is measured in between.
    """

    stepper: Stepper
    history: History
    epochs: int
    watch: Watch | None = None
    stopping: EarlyStopping | None = None
    every_epoch: bool = True
    asked_to_stop: Callable[[], bool] = field(default=lambda: False)

    def events(self) -> Iterator[Event]:
        """Train, and tell."""
        stepper, last = self.stepper, self.stepper.epochs + self.epochs
        best: Best | None = None
        kept: Memory | None = None
        at_a_time = 1 if self.every_epoch or self.watch or self.stopping else self.epochs
        stopped = Stopped("epochs", f"all {self.epochs} epochs done")
        while stepper.epochs < last:
            moment = stepper.moment()
            try:
                losses = stepper.run(min(at_a_time, last - stepper.epochs), LOOK, self.asked_to_stop)
            except NotFinite as failure:
                self.history.append(failure.losses, {})
                stopped = Stopped("diverged", go_back(stepper, moment, failure))
                break
            if losses:
                measured = self.watch.measure() if self.watch else {}
                self.history.append(losses, measured)
                yield Epoch(stepper.epochs, stepper.memory.t, losses, measured)
            if self.asked_to_stop():
                stopped = Stopped("interrupted", f"stopped on request after {stepper.epochs} epochs")
                break
            if self.stopping:
                values = {"loss": losses[-1], **measured}
                best = best or self.first(self.stopping, values)
                if best.better(values[best.monitor], stepper.epochs):
                    kept = stepper.memory.copy()
                if best.over:
                    message = f"{best.monitor} has not improved for {self.stopping.patience} epochs"
                    stopped = Stopped("early", f"{message}; the weights of epoch {best.epoch} are kept")
                    break
        if best and kept:
            self.history.best_epoch = best.epoch
            if stopped.reason != "diverged":
                stepper.memory.theta[:] = kept.theta
                stepper.memory.state[:] = kept.state
        self.history.stopped = stopped.reason
        yield stopped

    def first(self, stopping: EarlyStopping, values: dict[str, float]) -> Best:
        """What early stopping watches; ValueError where that is not measured."""
        monitor = stopping.monitor or ("val_loss" if "val_loss" in values else "loss")
        if monitor not in values:
            raise ValueError(f"early stopping watches {monitor!r}, but there are only {', '.join(values)}")
        return Best(stopping, monitor)
