"""From what was prepared to a training on its way: begun, or gone on with where its state is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from glassnet.errors import DataError, TrainingError
from glassnet.parts.naming import formula_name
from glassnet.parts.optimizers import Optimizer
from glassnet.parts.optimizers import optimizer as make_optimizer
from glassnet.training.blocks import Blocks
from glassnet.training.choice import Choice
from glassnet.training.contract import as_contract
from glassnet.training.evaluating import metrics_of
from glassnet.training.events import Stopped
from glassnet.training.fingerprint import fingerprint
from glassnet.training.loop import Run, Watch
from glassnet.training.metrics import Function, Own, names_of
from glassnet.training.needs import check_training
from glassnet.training.prepared import Prepared
from glassnet.training.rows import Walk
from glassnet.training.settings import Settings
from glassnet.training.start import Start
from glassnet.training.steps import Stepper
from glassnet.training.stopping import Best
from glassnet.training.taker import Taker


def begin(
    prepared: Prepared,
    settings: Settings,
    *,
    every_epoch: bool = True,
    asked_to_stop: Callable[[], bool] = lambda: False,
    tell: Callable[[Choice], Any] | None = None,
    taker: Callable[[], Taker] | None = None,
    data: str = "",
) -> Run:
    """A training of these settings, from the next epoch on; the state is changed from here on.

    Parameters
    ----------
    every_epoch, asked_to_stop
        As a `Run` has them.
    tell
        Is told which engine was chosen.
    taker, data
        What makes, once the state is ready, what takes the steps, and which rows these go through; None: a stepper.
    """
    state, rows = prepared.model, prepared.trained
    epochs = state.epochs + settings.epochs
    chosen = make_optimizer(settings.optimizer or state.optimizer or "adam").over(epochs)
    check_rate(chosen)
    state.network = state.network.over(epochs)
    walk_of(prepared, settings)
    check_training(state.network, state.n_inputs, state.dtype, settings, rows=len(rows), is_made=True)
    watch = watch_of(prepared, settings)
    columns = ["loss", *(watch.columns if watch else ())]
    best = Best.of(settings.early_stopping, columns, chosen.learning_rate, epochs)
    state.be_calibrated(None)  # it was of the numbers as they were
    state.rng, state.split_seed, state.split_by = prepared.rng, prepared.split_seed, prepared.split_by
    state.memory.prepare(chosen, state.optimizer)
    if not state.epochs and not state.memory.t:
        state.start = Start.of(state.memory, state.rng)
    state.optimizer, state.weighted = chosen, rows.is_weighted
    state.place.leave()
    stepper = taker() if taker else stepper_of(prepared, settings, settings.engine, tell)
    state.engine, state.best, state.until = stepper.choice, best, epochs
    state.settings = without_functions(settings, chosen, watch)
    state.data = data or fingerprint(rows, prepared.held_out)
    state.history.stopped, state.history.best_epoch = "", None
    return Run(state=state, stepper=stepper, watch=watch, every_epoch=every_epoch, asked_to_stop=asked_to_stop)


def check_rate(chosen: Optimizer) -> None:
    """ValueError for an optimizer that has no learning rate of its own."""
    if chosen.learning_rate is None:
        raise ValueError(f"optimizer {chosen.name} has no learning rate; give it one, > 0, or a schedule")


def go_on(
    prepared: Prepared,
    *,
    metrics: Iterable[Function] = (),
    every_epoch: bool = True,
    asked_to_stop: Callable[[], bool] = lambda: False,
) -> Run:
    """The training that the state is in the middle of, from the very step it is at, with the same engine.

    Parameters
    ----------
    prepared
        The state, and the rows that it was trained on: the same, as they were given when it began.
    metrics
        The functions of one's own among its metrics.
    every_epoch, asked_to_stop
        As a `Run` has them.

    Raises
    ------
    ValueError
        It is in the middle of no training, or a function of one's own is missing.
    DataError
        The rows are others.
    """
    state, settings = prepared.model, prepared.model.settings
    if settings is None or not state.until:
        raise ValueError("this model is in the middle of no training; begin one")
    if fingerprint(prepared.trained, prepared.held_out) != state.data:
        raise DataError("these are not the rows that the training began with; give the same rows, in the same order")
    if not state.place.is_on(walk_of(prepared, settings), prepared.trained):
        raise DataError("the place in the epoch in progress is none on the way through these rows")
    settings = with_functions(settings, metrics)
    watch = watch_of(prepared, settings)
    stepper = stepper_of(prepared, settings, state.engine.engine if state.engine else settings.engine)
    state.engine, state.history.stopped = stepper.choice, ""
    return Run(state=state, stepper=stepper, watch=watch, every_epoch=every_epoch, asked_to_stop=asked_to_stop)


def finish(run: Run) -> None:
    """Train to the end; TrainingError where a number was no longer finite."""
    for event in run.events():
        if isinstance(event, Stopped) and event.reason == "diverged":
            raise TrainingError(event.message)


def stepper_of(
    prepared: Prepared, settings: Settings, engine: str, tell: Callable[[Choice], Any] | None = None
) -> Stepper:
    """What takes the steps, from where the state is."""
    state, rows = prepared.model, prepared.trained
    assert state.optimizer is not None
    return Stepper(
        state.network,
        state.n_inputs,
        state.memory,
        state.rng,
        optimizer=state.optimizer,
        rows=rows,
        walk=walk_of(prepared, settings),
        place=state.place,
        todo=settings.all_epochs,
        engine=engine,
        deterministic=settings.deterministic,
        tell=tell,
    )


def walk_of(prepared: Prepared, settings: Settings) -> Walk:
    """The way through the rows; ValueError where a batch has more of them than are in memory at a time."""
    rows = prepared.trained
    if isinstance(rows, Blocks):
        return rows.walk(settings.batch_size, settings.shuffle, settings.drop_last)
    return Walk.over(len(rows), settings.batch_size, settings.shuffle, settings.drop_last)


def watch_of(prepared: Prepared, settings: Settings) -> Watch | None:
    """What to measure: on the validation rows; without any, only what was asked for by name."""
    state, held_out = prepared.model, prepared.held_out
    if held_out is None and settings.metrics is None:
        return None
    seen, prefix = (prepared.rows, "") if held_out is None else (held_out, "val_")

    def contracted(p: np.ndarray) -> np.ndarray:
        return as_contract(p, state.contract)

    def decode(p: np.ndarray) -> np.ndarray:
        return np.asarray(state.contract.decode(p))

    targets = contracted(seen.y)
    return Watch(
        forward=state.forward,
        rows=seen,
        targets=targets,
        truth=np.asarray(state.contract.as_given(targets)),
        as_contract=contracted,
        decode=decode,
        metrics=metrics_of(state, settings.metrics),
        prefix=prefix,
    )


def without_functions(settings: Settings, optimizer: Optimizer, watch: Watch | None) -> Settings:
    """Settings to be kept, of one training: with the optimizer chosen, and of metrics their names."""
    metrics = settings.metrics
    if watch and metrics is not None:
        metrics = names_of(watch.metrics.values())
    return replace(settings, optimizer=optimizer, metrics=metrics, times=1)


def with_functions(settings: Settings, metrics: Iterable[Function]) -> Settings:
    """Settings that were kept, with the functions of one's own in their places."""
    given = {formula_name(metric, "metric"): metric for metric in metrics}
    own = [item.name for item in settings.metrics or () if isinstance(item, Own)]
    for name in own:
        if name not in given:
            raise ValueError(f"metric {name} is a function of one's own, which nobody keeps: give it, metrics=[{name}]")
    found = [given[item.name] if isinstance(item, Own) else item for item in settings.metrics or ()]
    return settings if settings.metrics is None else replace(settings, metrics=found)
