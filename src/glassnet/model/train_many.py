"""Training the same network from many starts, side by side: `train_many`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, Unpack

from glassnet.data.given import is_table
from glassnet.data.tables import as_table
from glassnet.engines.threads import one_blas_thread
from glassnet.model.keywords import keywords_of, some
from glassnet.model.model import Model
from glassnet.model.train import train
from glassnet.parts.naming import check_whole
from glassnet.parts.network import Network
from glassnet.training.begin import begin
from glassnet.training.interrupts import interruptible
from glassnet.training.preparing import ColumnOptions, RowOptions, Seed, generator, prepare
from glassnet.training.progress import announce_kind
from glassnet.training.settings import Settings, StepOptions


class ManyOptions(ColumnOptions, RowOptions, StepOptions, total=False):
    """The keywords of `train` that hold for all runs."""


@keywords_of(train, ManyOptions)
def train_many(
    network: Network,
    X: Any,
    y: Any = None,
    *,
    seeds: Iterable[Seed],
    workers: int | None = None,
    **options: Unpack[ManyOptions],
) -> list[Model]:
    """Train a network once for each seed, in threads; a model each, in the order of the seeds.

    Each model is the one that `train` gives for that seed with the same engine and one BLAS thread. A run whose
    numbers overflow does not end the others: its model has the last good weights, and `model.history.stopped` is
    "diverged".

        models = gn.train_many(network, X, y, seeds=range(200), epochs=1000)
        losses = [model.history["loss"][-1] for model in models]

    Parameters
    ----------
    network, X, y
        As for `train`; and so are all parameters that are not named here.
    seeds
        A seed for each: numbers, or generators of random numbers.
    workers
        How many threads train; None: as many as there are cores. With the NumPy engine they mostly wait for each other.

    Raises
    ------
    DataError, ValueError
        As `train` does, before anything is trained.
    KeyboardInterrupt
        Ctrl-C: the runs in progress stop after the step they are at.
    """
    if not isinstance(network, Network):
        raise TypeError(f"train_many takes a Network first, got {type(network).__name__}")
    drawn = list(seeds)
    if not drawn:
        raise ValueError("seeds must hold at least one seed, got none")
    for seed in drawn:
        generator(seed)
    workers = cores() if workers is None else check_whole("workers", workers)
    settings = Settings(**some(options, StepOptions), times=len(drawn))
    data = some(options, ColumnOptions) | some(options, RowOptions)
    rows = as_table(X) if options.get("target") is not None or is_table(X) else X
    failed, untold = False, iter((True,))

    def run(seed: Seed) -> Model:
        nonlocal failed
        if enough():  # runs that have not begun do not begin; what is told is why the others ended
            raise KeyboardInterrupt
        try:
            prepared = prepare(network, rows, y, seed=seed, **data)
            if next(untold, False):
                announce_kind(prepared.model.contract)
            for _ in begin(prepared, settings, every_epoch=False, asked_to_stop=enough).events():
                pass
        except BaseException:
            failed = True
            raise
        return Model(prepared.model)

    with interruptible() as interrupted, one_blas_thread_if_known(), ThreadPoolExecutor(workers) as pool:

        def enough() -> bool:
            return failed or interrupted()

        models = list(pool.map(run, drawn))
        if interrupted():
            raise KeyboardInterrupt
    return models


@contextmanager
def one_blas_thread_if_known() -> Iterator[None]:
    """One thread for the products of each run, where that can be set."""
    with ExitStack() as stack:
        with suppress(ImportError):
            stack.enter_context(one_blas_thread())
        yield


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
