"""Training a network many times, side by side: from many starts, with many settings, on many folds: `train_many`."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from typing import Any, Unpack

from glassnet.engines.threads import cores, one_blas_thread
from glassnet.interrupts import interruptible
from glassnet.model.carry_out import ASK
from glassnet.model.checkpoints import checkpoints
from glassnet.model.checkpoints.folder import Resume
from glassnet.model.checkpoints.many import kept_many
from glassnet.model.keywords import keywords_of
from glassnet.model.run_table import RunTable
from glassnet.model.runs import Made, Runs
from glassnet.model.train import train
from glassnet.parts.naming import check_whole
from glassnet.parts.network import Network
from glassnet.training.divergence import has_grown
from glassnet.training.keywords import some
from glassnet.training.making import Seed
from glassnet.training.many.in_turn import in_turn
from glassnet.training.many.plan import ENDS, Plan, plan_of, seeds_of
from glassnet.training.many.running import Outcome, train_all
from glassnet.training.many.source import Source
from glassnet.training.many.varying import Vary, settings_of
from glassnet.training.preparing import ColumnOptions, RowOptions
from glassnet.training.progress import announce_kind, announce_split
from glassnet.training.recipes.recipe import Recipe
from glassnet.training.settings import Settings, StepOptions


class ManyOptions(ColumnOptions, RowOptions, StepOptions, total=False):
    """The keywords of `train` that hold for all runs."""


@keywords_of(train, ManyOptions)
def train_many(
    network: Network,
    X: Any,
    y: Any = None,
    *,
    seeds: int | Iterable[Seed] = 1,
    vary: Vary = None,
    folds: int | Iterable[tuple[Any, Any]] | None = None,
    samples: int | None = None,
    split_seed: int = 0,
    workers: int | None = None,
    checkpoint_dir: str | os.PathLike[str] | None = None,
    resume: Resume = "auto",
    **options: Unpack[ManyOptions],
) -> Runs:
    """Train a network many times: from many seeds, with many settings, on many parts of the rows.

    Each run gives the model that `train` gives for its seed, settings and rows; all together they take a fraction of
    the time, since networks of one structure are trained side by side. A run whose numbers overflow does not end the
    others: its model has the last good weights, and `model.history.stopped` is "diverged".

        runs = gn.train_many(network, X, y, seeds=200, epochs=1000)
        print(runs)  # a table: seed, loss, epochs, why each stopped
        model = runs[3]  # a model, as ever
        rates = gn.train_many(network, X, y, seeds=3, vary={"learning_rate": [0.1, 0.03, 0.01]}, folds=5)
        print(rates.mean())  # for each learning rate the validation loss over folds and seeds

    Parameters
    ----------
    network, X, y
        As for `train`; and so are all parameters that are not named here.
    seeds
        How many, from 0 on; or the seeds themselves: numbers, or generators of random numbers. A seed draws starting
        weights, the orders of the rows, dropout, and the rows that `validation=0.2` holds out.
    vary
        What runs differ in, a dict of lists: every combination is trained. Several dicts are several such grids, one
        after the other. Names are "learning_rate" (of a schedule, what it begins with), every other number of the
        optimizer ("momentum", "beta1", "weight_decay", "clip_norm", …), "l1", "l2", "dropout" (the rate of all
        `Dropout` layers), "hidden" (units of the hidden layers: a number, or a tuple with one for each), "activation"
        (of the hidden layers), "network", "optimizer", "batch_size", "epochs", "shuffle", "early_stopping".
    folds
        Cross-validation: K >= 2, how many parts the rows are cut into. Each is held out once and measured after each
        epoch, while the network trains on the others, from which alone scaling and categories are learnt. Of classes
        each fold has its share; the only row of a class is trained on in all. With `group` folds are of whole groups,
        as GroupKFold has them; with `after` the rows in order are cut into K + 1 parts, and each but the first is held
        out, while the network trains on those before it, as TimeSeriesSplit has them. Or pairs of indices (train, held
        out), such as a splitter of scikit-learn yields.
    samples
        Bootstrap: how many times as many rows as there are are drawn with replacement (of each class its number), or
        with `group` as many groups; the rows not drawn are held out.
    split_seed
        Draws folds and samples, which are the same for all seeds and settings.
    workers
        How many threads train; None: as many as there are cores.
    checkpoint_dir, resume
        As `train` has them. Runs side by side are kept epoch by epoch.

    Returns
    -------
    Runs
        A sequence of models and a table: settings in the order of `vary`, the last name changing fastest; for each the
        folds; for each of those the seeds. Models are made when they are asked for.

    Raises
    ------
    DataError, ValueError
        As `train` does, before anything is trained; and for settings, folds or seeds that there cannot be.
    KeyboardInterrupt
        Ctrl-C: the runs in progress stop after the step they are at.

    Warns
    -----
    RuntimeWarning
        As `train` does, once for all runs.
    """
    if isinstance(network, Recipe):
        raise TypeError(
            "train_many takes a Network first, and a recipe builds one only for a table that it has seen: take "
            "gn.initialize(recipe, X, y).network, with what else the recipe says as keywords (optimizer, epochs, …); "
            "or train by the recipe seed after seed, [gn.train(recipe, X, y, seed=k) for k in range(8)]"
        )
    if not isinstance(network, Network):
        raise TypeError(f"train_many takes a Network first, got {type(network).__name__}")
    from glassnet.doctor.before import check_meant

    drawn = seeds_of(seeds)
    workers = cores() if workers is None else check_whole("workers", workers)
    how = Settings(**some(options, StepOptions))
    how = replace(how, metrics=in_turn(how.metrics))
    source = Source.of(X, y, **(some(options, ColumnOptions) | some(options, RowOptions)))
    divisions = source.divisions(folds, samples, split_seed, network.loss)
    settings = settings_of(network, replace(how, times=len(drawn) * max(1, len(divisions))), vary)
    plan = plan_of(source, settings, drawn, divisions, part_name="fold" if samples is None else "sample")
    for run in plan.runs:
        check_meant(run.course.pattern.network)
    announce_kind(plan.runs[0].course.pattern.contract)
    announce_split(source.remarks(divisions, network.loss))
    engine = options.get("engine", "auto")
    with checkpoints(checkpoint_dir, resume), interruptible() as interrupted, one_blas_thread_if_known():
        found = train_all(
            plan, engine=engine, workers=workers, interrupted=interrupted, keeper=kept_many(plan, workers)
        )
    runs = Runs(table_of(plan, found), Made(found, len(plan.runs)))
    if diverged := grown_among(runs, found):
        warnings.warn(diverged, RuntimeWarning, stacklevel=3)  # `keywords_of` is between
    return runs


def grown_among(runs: Runs, found: Sequence[Outcome]) -> str:
    """Which runs have a finite loss that grew beyond all bounds, in words; empty: none."""
    pairs = [pair for outcome in found for pair in zip(outcome.numbers, outcome.first_losses(), strict=True)]
    firsts, stopped = dict(pairs), runs["stopped"]
    worse = [k for k, loss in enumerate(runs["loss"]) if stopped[k] != "diverged" and has_grown(firsts[k], loss)]
    if not worse:
        return ""
    k = worse[0]
    grew = f"the loss grew from {firsts[k]:.3g} in epoch 1 to {runs['loss'][k]:.3g}"
    return f"training diverged in {len(worse)} of {len(runs)} runs: in run {k} {grew}; why: {ASK}"


def table_of(plan: Plan, found: Sequence[Outcome]) -> RunTable:
    """What is known of each run, before its training and after."""
    runs = len(plan.runs)
    columns: dict[str, list[Any]] = {**plan.columns}
    for outcome in found:
        for known, values in outcome.columns().items():
            name = f"{known}_done" if known in plan.columns else known  # epochs, where they vary
            column = columns.setdefault(name, [None] * runs)
            for number, value in zip(outcome.numbers, values, strict=True):
                column[number] = value
    if all(epoch is None for epoch in columns["best_epoch"]):
        del columns["best_epoch"]
    last = [name for name in ENDS if name in columns and name not in plan.columns]
    ordered = [name for name in columns if name not in last] + last
    return RunTable({name: columns[name] for name in ordered}, list(plan.columns))


@contextmanager
def one_blas_thread_if_known() -> Iterator[None]:
    """One thread for the products of each run, where that can be set."""
    with ExitStack() as stack:
        with suppress(ImportError):
            stack.enter_context(one_blas_thread())
        yield
