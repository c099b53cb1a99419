"""One fit whose rows are gone through by many workers: `train_parallel`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Unpack

from glassnet.data.files.path import path_of
from glassnet.model.carry_out import Callback
from glassnet.model.checkpoints import checkpoints
from glassnet.model.checkpoints.folder import Resume
from glassnet.model.keywords import keywords_of
from glassnet.model.model import Model
from glassnet.model.train import train
from glassnet.parallel.asked import Fit, How
from glassnet.parallel.blocks import Cut, chunk_for, cut_of, usual_blocks
from glassnet.parallel.fit import carry_out
from glassnet.parts.naming import check_choice, find
from glassnet.parts.network import Network
from glassnet.parts.optimizers import Optimizer
from glassnet.training.choice import estimate
from glassnet.training.keywords import some
from glassnet.training.making import Seed
from glassnet.training.prepared import Prepared
from glassnet.training.preparing import ColumnOptions, RowOptions, prepare
from glassnet.training.rows import Walk
from glassnet.training.settings import Settings
from glassnet.training.stopping import EarlyStopping
from glassnet.training.store import store_of
from glassnet.training.temporary import clear, temporary
from glassnet.workers.cluster import cluster as cluster_at

if TYPE_CHECKING:
    from glassnet.parts.literals import EngineName, OptimizerName
    from glassnet.training.metrics import Metrics


class SettingsPart(TypedDict, total=False):
    """The fields of `Settings` that are keywords here."""

    epochs: int
    metrics: Metrics
    early_stopping: bool | int | EarlyStopping
    engine: EngineName


class ParallelOptions(ColumnOptions, RowOptions, SettingsPart, total=False):
    """The keywords of `train` that mean the same here."""

    callbacks: Iterable[Callback]
    progress: bool | None
    seed: Seed
    memory: str | int | None
    checkpoint_dir: str | os.PathLike[str] | None
    resume: Resume


@keywords_of(train, ParallelOptions)
def train_parallel(
    network: Network | Model,
    X: Any,
    y: Any = None,
    *,
    mode: Literal["exact", "rounds"] = "exact",
    optimizer: OptimizerName | Optimizer | Literal["lbfgs"] | None = None,
    blocks: int | None = None,
    blocks_a_step: int | None = None,
    batch_size: int = 32,
    local_steps: int | None = None,
    executor: Any = None,
    cluster: str | None = None,
    workers: int | None = None,
    folder: str | os.PathLike[str] | None = None,
    skip_bad_blocks: bool = False,
    **options: Unpack[ParallelOptions],
) -> Model:
    """Train one network whose rows are gone through by many workers: processes of this machine, or a cluster.

        model = gn.train_parallel(network, X, y, optimizer=gn.Adam(0.01), epochs=200, seed=1)
        model = gn.train_parallel(network, X, y, optimizer="lbfgs", cluster="tcp://10.0.0.1:8786", folder="/shared")
        print(model.engine)  # what a block took, and whether more workers are worth it

    Encoded rows are written to a file once, and cut into blocks. What a block gives depends on the weights and the
    block alone, and blocks are taken together in one fixed order. So the model is the same to the last bit for one
    worker and for many, whichever of them died, hung, left or joined meanwhile (on processors of one kind, with the
    same NumPy).

    Parameters
    ----------
    network, X, y
        As for `train`; and so are all parameters that are not named here.
    mode
        "exact": gradients of blocks are summed, and the optimizer takes one step here. It is what `train` does with
        batches as large, but for rounding. "rounds": each block takes steps of its own from the same weights, and the
        weights are averaged by rows; so is what the optimizer remembers, whose count of steps goes on by those of a
        block. An epoch is a round; it is another method than that of `train`, and learns more from a pass.
    optimizer
        As for `train`. Or "lbfgs" (extra "sklearn"), with all rows: an epoch is then an iteration, the loss of the
        history has the penalties in it, and it ends by itself where no number of the gradient is above 1e-8.
    blocks
        How many the rows are cut into. None: so that one takes about a quarter of a second, by an estimate that sizes
        alone decide; at least 8.
    blocks_a_step
        With "exact", how many blocks a step takes; they are drawn anew each epoch. None: all.
    batch_size, local_steps
        With "rounds", the rows of a step, and how many steps a block takes in a round, at most a pass through it, which
        None is.
    executor
        Who does the blocks: whatever has `submit`, such as a `ProcessPoolExecutor`, or a client of Dask `distributed`.
    cluster
        The address of a scheduler of Dask (extra "scale"), "tcp://10.0.0.1:8786".
    workers
        How many processes of this machine work, without executor or cluster, if that is worth it; None: as many as
        there are cores. 1: this process.
    folder
        Where the file of encoded rows is written while training lasts, which all workers must see under this name.
        None: a temporary folder, or `checkpoint_dir`. A table that is read part by part says it itself,
        `gn.stream("*.parquet", folder=...)`.
    skip_bad_blocks
        Whether blocks that cannot be read, after three tries, are left out, which the model's contract notes, rather
        than an error.

    Returns
    -------
    Model
        As `train` gives it.

    Raises
    ------
    DataError
        As `train` does; or a block cannot be read: which rows of which file.
    GlassnetError
        No cluster is there, a worker has another version of glassnet, or workers die again and again.
    ValueError
        As `train` does; or a network that cannot be trained so, such as one with batch normalisation in exact mode.
    CheckpointError, TrainingError
        As `train` does.
    """
    if not isinstance(network, (Network, Model)):
        raise TypeError(
            f"train_parallel takes a Network or a Model first, got {type(network).__name__}; of a recipe make a model, "
            "gn.initialize(recipe, X, y)"
        )
    find(mode, ("exact", "rounds"), "mode")
    if (progress := options.get("progress")) is not None:
        check_choice("progress", progress)
    by_lbfgs = isinstance(optimizer, str) and optimizer == "lbfgs"
    if by_lbfgs and mode == "rounds":
        raise ValueError("lbfgs goes by the gradient of all rows: mode='exact', or another optimizer")
    how = How(
        mode="lbfgs" if by_lbfgs else mode,
        blocks=blocks,
        blocks_a_step=blocks_a_step,
        local_steps=local_steps,
        executor=executor,
        cluster=cluster,
        workers=workers,
        folder=options.get("checkpoint_dir") if folder is None else folder,
        skip_bad_blocks=skip_bad_blocks,
    )
    settings = Settings(
        optimizer=None if by_lbfgs else optimizer,  # type: ignore[arg-type]  # "lbfgs" is none of them
        batch_size=batch_size,
        deterministic=True,
        **some(options, SettingsPart),
    )
    known = network if isinstance(network, Model) else None
    prepared = prepare(
        network.state if isinstance(network, Model) else network,
        X,
        y,
        seed=options.get("seed"),
        progress=options.get("progress"),
        planned=settings,
        memory=options.get("memory"),
        **some(options, ColumnOptions),
        **some(options, RowOptions),
    )
    with checkpoints(options.get("checkpoint_dir"), options.get("resume", "auto")):
        return train_prepared(
            prepared, settings, how, options.get("callbacks", ()), options.get("progress"), known=known
        )


def train_prepared(
    prepared: Prepared,
    settings: Settings,
    how: How,
    callbacks: Iterable[Callback] = (),
    progress: bool | None = None,
    *,
    known: Model | None = None,
) -> Model:
    """Train what was prepared, through blocks; errors as `train_parallel` has them.

    `known` is the model that goes on, None: it is a new one.
    """
    settings = replace(settings, shuffle=how.mode == "rounds", deterministic=True)
    with ExitStack() as stack:
        executor = how.executor
        if how.cluster is not None:
            executor = stack.enter_context(cluster_at(how.cluster))
        cut = stack.enter_context(written(prepared, how.blocks, how.folder))
        fit = Fit(prepared=prepared, settings=settings, cut=cut, how=how, executor=executor)
        return carry_out(fit, callbacks, progress, known=known)


def blocks_for(prepared: Prepared) -> int:
    """How many blocks rows are cut into where nobody says, by sizes alone."""
    state, rows = prepared.model, len(prepared.trained)
    seconds, _ = estimate(state.derivation(), rows, Walk.over(rows, 512, shuffle=False), epochs=1)
    return usual_blocks(rows, seconds)


@contextmanager
def written(prepared: Prepared, blocks: int | None, folder: str | os.PathLike[str] | None) -> Iterator[Cut]:
    """The rows in a file, cut into blocks, for as long as it lasts."""
    if blocks is None:
        blocks = blocks_for(prepared)
    if prepared.stored:
        yield cut_of(prepared.stored.store, blocks)
        return
    rows = prepared.rows
    width = rows.x.shape[1] + rows.y.shape[1] + (rows.w is not None)
    chunk, size = chunk_for(len(rows), min(blocks, len(rows)), width, rows.x.dtype)
    place = temporary(None if folder is None else path_of(folder, "folder").absolute())
    try:
        yield Cut(store_of(rows, place / NAME, chunk), size)
    finally:
        clear(place)


NAME = "rows.store"
