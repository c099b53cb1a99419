"""How to train, and a run of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.engines.threads import controller
from glassnet.errors import TrainingError
from glassnet.parts.naming import check_whole
from glassnet.parts.optimizers import Optimizer
from glassnet.parts.optimizers import optimizer as make_optimizer
from glassnet.training.choice import Choice
from glassnet.training.contract import as_contract
from glassnet.training.events import Event, Stopped
from glassnet.training.loop import Run, Watch
from glassnet.training.metrics import choose
from glassnet.training.preparing import Prepared
from glassnet.training.rows import Rows, Walk
from glassnet.training.state import State
from glassnet.training.steps import Stepper
from glassnet.training.stopping import Best, EarlyStopping


@dataclass(frozen=True, eq=False)
class Settings:
    """How to train, checked once."""

    optimizer: str | Optimizer | None
    epochs: int
    batch_size: int | None
    shuffle: bool
    metrics: Any
    early_stopping: bool | int | EarlyStopping
    engine: str = "auto"
    deterministic: bool = False
    times: int = 1  # how often they are run

    def __post_init__(self) -> None:
        check_whole("epochs", self.epochs)
        if self.batch_size is not None:
            check_whole("batch_size", self.batch_size, ", or None for all rows")
        if self.deterministic:
            controller()  # an ImportError, where it is not there, before anything is changed

    def run(
        self,
        prepared: Prepared,
        every_epoch: bool = True,
        asked_to_stop: Callable[[], bool] = lambda: False,
        tell: Callable[[Choice], Any] | None = None,
    ) -> Run:
        """A run of these settings; the model is changed from here on. `tell` is told which engine was chosen."""
        model, rows = prepared.model, prepared.rows
        chosen = make_optimizer(self.optimizer or model.optimizer or "adam")
        if chosen.learning_rate is None:
            raise ValueError(f"optimizer {chosen.name} has no learning rate; give it one, > 0, or a schedule")
        watch = self.watch(model, rows, prepared.held_out)
        best = Best.of(self.early_stopping, ["loss", *(watch.columns if watch else ())])
        model.rng, model.split_seed = prepared.rng, prepared.split_seed
        model.memory.prepare(chosen, model.optimizer)
        model.optimizer, model.weighted = chosen, rows.w is not None
        stepper = Stepper(
            model.network,
            model.n_inputs,
            model.memory,
            model.rng,
            chosen,
            rows,
            Walk.over(len(rows), self.batch_size, self.shuffle),
            model.epochs,
            self.epochs * self.times,
            self.engine,
            self.deterministic,
            tell,
        )
        model.engine = stepper.choice
        return Run(stepper, model.history, self.epochs, watch, best, every_epoch, asked_to_stop)

    def watch(self, model: State, rows: Rows, held_out: Rows | None) -> Watch | None:
        """What to measure: on the validation rows; without any, only what was asked for by name."""
        if held_out is None and self.metrics is None:
            return None
        seen, prefix = (rows, "") if held_out is None else (held_out, "val_")

        def decode(p: np.ndarray) -> np.ndarray:
            return np.asarray(model.contract.decode(as_contract(p, model.contract)))

        metrics = choose(self.metrics, model.classes is not None)
        return Watch(model.forward, seen, decode(seen.y), decode, metrics, prefix)


def follow(model: State, run: Run) -> Iterator[Event]:
    """The events of a run; the model knows how far it is."""
    for event in run.events():
        model.epochs = run.stepper.epochs
        yield event


def finish(model: State, run: Run) -> None:
    """Train to the end; TrainingError where a number was no longer finite."""
    for event in follow(model, run):
        if isinstance(event, Stopped) and event.reason == "diverged":
            raise TrainingError(event.message)
