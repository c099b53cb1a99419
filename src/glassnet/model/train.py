"""Training a network on arrays or on a table: `train`, and `training`, which shows every epoch as it passes."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Unpack

from glassnet.data.streams.stream import streamed
from glassnet.engines.free_memory import free_memory
from glassnet.model.by_recipe import initialize_by, takes_recipes
from glassnet.model.carry_out import ASK, Callback, carry_out
from glassnet.model.checkpoints import checkpoints
from glassnet.model.checkpoints.folder import Resume, rows_folder
from glassnet.model.checkpoints.kept import kept
from glassnet.model.keywords import keywords_of
from glassnet.model.model import Model
from glassnet.parts.naming import check_whole
from glassnet.parts.network import Network
from glassnet.parts.optimizers import Optimizer
from glassnet.training.alone import alone
from glassnet.training.begin import begin
from glassnet.training.divergence import grown
from glassnet.training.encoding import ClassWeight
from glassnet.training.events import Event, Stopped
from glassnet.training.keywords import some
from glassnet.training.loop import Run
from glassnet.training.making import Seed
from glassnet.training.preparing import ColumnOptions, RowOptions, prepare
from glassnet.training.progress import announce_kind
from glassnet.training.recipes.recipe import Recipe
from glassnet.training.settings import Settings, SettingsOptions
from glassnet.training.stopping import EarlyStopping

if TYPE_CHECKING:
    from glassnet.parts.literals import (
        EngineName,
        FillName,
        KindName,
        OptimizerName,
        ScaleName,
        SplitName,
        WordsName,
    )
    from glassnet.training.metrics import Metrics
    from glassnet.training.preparing import DType


@takes_recipes
def train(
    network: Network | Model | Recipe,
    X: Any,
    y: Any = None,
    *,
    target: str | None = None,
    kind: KindName | None = None,
    exclude: Iterable[str] = (),
    scale: bool | ScaleName = True,
    fill: FillName = "median",
    words: WordsName = "one-hot",
    clamp: bool = False,
    max_categories: int | None = None,
    optimizer: OptimizerName | Optimizer | None = None,
    epochs: int = 100,
    batch_size: int | None = 32,
    shuffle: bool = True,
    drop_last: bool = False,
    validation: Any = None,
    group: Any = None,
    after: Any = None,
    split: SplitName = "drawn",
    metrics: Metrics = None,
    early_stopping: bool | int | EarlyStopping = False,
    callbacks: Iterable[Callback] = (),
    progress: bool | None = None,
    seed: Seed = None,
    sample_weight: Any = None,
    class_weight: ClassWeight = None,
    dtype: DType = None,
    engine: EngineName = "auto",
    deterministic: bool = False,
    memory: str | int | None = None,
    checkpoint_dir: str | os.PathLike[str] | None = None,
    resume: Resume = "auto",
) -> Model:
    """Train a network, one that a recipe builds for a table, or a model further from where it is.

    Parameters
    ----------
    network
        A network, which gets new weights; or a model, which goes on and is changed. Or a recipe, `gn.recipe("strong")`:
        it builds the network, and decides what is not given here; the defaults below are not those of a recipe.
    X, y
        An array (n, inputs) and targets: labels (n,), numbers (n,) or (n, outputs). Or a table: the path of a CSV
        file, a data frame, a dict of columns; then y is not given, `target` is. A folder of Parquet or CSV files, a
        pattern of names, a list of paths, a lazy frame of polars and a file that is too large for `memory` are read
        part by part, as `glassnet.stream` says.
    target
        The column of the table that is to be predicted.
    kind
        "classes" or "number", where the target's kind is not to be found from its values. Words and booleans are
        classes. Whole numbers are where they are codes: two values, or 0 … K-1 or 1 … K without a gap, K up to 20, each
        at least twice on average (`glassnet.data.tables.target_kind`). In an array only integers can be codes, and
        where the network's loss is given, that decides: a cross-entropy is for classes, any other for numbers. What was
        found is said in a line, unless `progress` is False.
    exclude
        Columns of the table that are not to be used.
    scale
        How the numbers of a table become inputs. "standard", or True: scaled to mean 0 and spread 1. "robust": by
        median and quartiles, then smoothly held within ±3, z/√(1 + (z/3)²); and so are inputs that are 0 or 1.
        "quantile": each becomes the normal quantile of its place among those of training. "none", or False: taken as
        they are, as numbers of arrays always are. A target is scaled to mean 0 and spread 1, but for "none".
    fill
        What stands for a number of a table that is missing: the "median" of its column, and from 5 % of these on "is
        missing" is an input as well; or the "mean", and wherever one is missing in training that is an input as well.
    words
        "one-hot": a column of words in a table becomes an input for each word, and one for missing words if there are
        any. "embed": of up to 8 words a missing one is 0 in all inputs, and two words are one input, -1 or 1; a column
        of more is one-hot, to be embedded, and `model.contract.groups` says which inputs these are.
    clamp
        Whether predictions of a number in a table are held to the range that it has in the rows trained on.
    max_categories
        How many inputs a column of words becomes at most, >= 2; the rarest words share one, *other*. None: 50.
    optimizer
        A name or an optimizer, `Adam(0.01)`. Default: adam; for a model the one it was trained with.
    epochs
        How often all rows are gone through, >= 1.
    batch_size
        Rows per step, >= 1; None, or more than there are: all.
    shuffle
        Whether rows are mixed anew each epoch.
    drop_last
        Whether the last batch of an epoch is left out where it has fewer rows than the others: each step then has as
        many. Fewer rows than `batch_size` are one batch all the same.
    validation
        Rows that are not trained on but measured after each epoch: a share of the rows (0.2), or (X, y), or a table.
        A model that goes on with the same rows holds the same share of them out.
    group
        What keeps rows together wherever a share of them is held out, (n,): the name of a column, which then is no
        input, or a value for each row, which leaves the columns as they are. All rows of a group are trained on, or
        none is, and about the share of rows is held out; of classes each its share, as far as whole groups allow. A
        group that has all rows of a class is always trained on. Rows that `validation` gives are taken as they are.
    after
        What puts rows in order, (n,): the name of a column of numbers or dates, which remains an input unless it is
        excluded, or a value for each row. Held out are the latest rows, those with the largest values; equal ones stay
        together. With `group` too, the cut goes where it divides no group.
    split
        How a share of rows is held out where no group or order says so. "drawn": so many of all rows, of classes each
        its share. "hash": each row with that chance, drawn for its place in the table alone: the same rows as of a
        table that is read part by part.
    metrics
        Names or functions (y, predicted) -> number, measured after each epoch on the validation rows (without any, on
        the training rows, which count alike whatever they weigh). None: accuracy for classes if there are validation
        rows. Names are "mse", "rmse", "mae", "r2" for numbers, "accuracy", "balanced_accuracy", "auc", "f1",
        "precision", "recall", "log_loss", "brier", "calibration_error" for classes: of two classes the second is looked
        for, of more each in turn, and the mean is the score.
    early_stopping
        True, a patience, or `EarlyStopping(...)`: stop when the validation loss no longer improves (without
        validation rows, the training loss) and keep the best weights.
    callbacks
        Functions (event, model), called with every `Epoch` and with `Stopped`; one that returns True stops training.
        What a callback raises comes out of `train`; the model is then as it was after that epoch.
    progress
        Whether a line shows how far it is; None: if somebody watches (stderr is a terminal, or this is a notebook).
    seed
        A number, for the same result every time; or a `numpy.random.Generator`.
    sample_weight
        (n,) weights of the rows in the loss, >= 0. A weight of 2 is as good as giving the row twice.
    class_weight
        A weight for each class, {label: weight}, or "balanced": n / (classes · rows of the class).
    dtype
        Of weights and predictions; None: float32 for float32 X, otherwise float64.
    engine
        "numpy"; "compiled", the same steps as machine code (needs `glassnet[fast]`); "auto": whichever is done first,
        compiling included. `model.engine` then says which it was, and why.
    deterministic
        Whether to give the same bits however many cores there are and whatever was compiled before: products are
        computed on one thread. Without it, results may differ in the last digits.
    memory
        How much memory a table in a file may take, "500MB"; one that takes more is read part by part, as
        `glassnet.stream` says. None: three fifths of what is free.
    checkpoint_dir, resume
        A folder in which the training is kept, so that the same call goes on where it was, whatever stopped it, and
        whether it does: `glassnet.checkpoints` says more.

    Returns
    -------
    Model
        With its history. Ctrl-C ends training after the step in progress: `model.history.stopped` is then
        "interrupted". While code is compiled, which takes seconds, it is heard when that is done. A second Ctrl-C stops
        at once, with a KeyboardInterrupt.

    Raises
    ------
    CheckpointError
        What `checkpoint_dir` keeps cannot be gone on with, as it is another training, say; the message says why.
    DataError
        Data that cannot be learnt from; the message says where.
    RuntimeError
        Another thread trains this model.
    TrainingError
        The loss stopped being finite. The model is in the error's `model`, with the last good weights.
    ValueError
        A parameter that makes no sense; the message says what is allowed.

    Warns
    -----
    RuntimeWarning
        The loss of the model is finite, and a million times that of the first epoch of this training.
    """
    settings = Settings(
        optimizer=optimizer,
        epochs=epochs,
        batch_size=batch_size,
        shuffle=shuffle,
        drop_last=drop_last,
        metrics=metrics,
        early_stopping=early_stopping,
        engine=engine,
        deterministic=deterministic,
    )
    is_stream = streamed(X, memory, free_memory) is not None
    known = network if isinstance(network, Model) else None
    before = len(known.history) if known else 0
    with ExitStack() as kept_in:
        if is_stream:  # whose readings are kept as well
            kept_in.enter_context(checkpoints(checkpoint_dir, resume))
        prepared = prepare(
            known.state if known else network,  # type: ignore[arg-type]  # no model, as that is known
            X,
            y,
            target=target,
            kind=kind,
            exclude=exclude,
            scale=scale,
            fill=fill,
            words=words,
            clamp=clamp,
            max_categories=max_categories,
            validation=validation,
            group=group,
            after=after,
            split=split,
            seed=seed,
            sample_weight=sample_weight,
            class_weight=class_weight,
            dtype=dtype,
            progress=progress,
            planned=settings,
            memory=memory,
            keep=rows_folder(),
        )
        if not is_stream:
            kept_in.enter_context(checkpoints(checkpoint_dir, resume))
        model = carry_out(prepared, settings, callbacks, progress, known=known)
    if diverged := grown(model.history, before):
        warnings.warn(f"{diverged}; why: {ASK}", RuntimeWarning, stacklevel=3)  # `takes_recipes` is between
    return model


class GoingOnOptions(RowOptions, SettingsOptions, total=False):
    """The keywords of `train` that a model takes which is there."""

    split: SplitName
    memory: str | int | None


@keywords_of(train, GoingOnOptions)
def training(
    model: Model, X: Any, y: Any = None, *, steps: int | None = None, **options: Unpack[GoingOnOptions]
) -> Iterator[Event]:
    """Train a model and yield an `Epoch` after each epoch, then `Stopped`.

    The model's weights are up to date at every event; leaving the loop early leaves a model that can be used, with
    the weights of the last event. The other parameters are those of `train`, and so are the numbers. A loss that is no
    longer finite ends with `Stopped("diverged", why)`; one that has grown a million times is warned of, as `train`
    does. With `steps` no more than so many are taken, in the middle of an epoch if need be.

        for event in training(model, X, y, epochs=100):
            print(event, model["W1"])
    """
    if not isinstance(model, Model):
        raise TypeError(f"training takes a model, gn.initialize(network, X, y), got {type(model).__name__}")
    more: dict[str, Any] = {name: options[name] for name in ("split", "memory") if name in options}
    prepared = prepare(model.state, X, y, **some(options, RowOptions), **more)
    if steps is not None:
        check_whole("steps", steps)
    settings = Settings(**some(options, SettingsOptions))
    with alone(prepared.model):
        run = begin(prepared, settings)
    before = run.state.memory.t
    kept(run, prepared, settings)
    done = run.state.memory.t - before  # where it is gone on with
    return told(run, None if steps is None else max(0, steps - done))


def told(run: Run, steps: int | None) -> Iterator[Event]:
    """The events of a training; no other thread trains the model until they are through, or nobody waits for more."""
    with alone(run.state):
        before = len(run.state.history)
        for event in run.events(steps):
            if isinstance(event, Stopped) and (diverged := grown(run.state.history, before)):
                warnings.warn(f"{diverged}; why: {ASK}", RuntimeWarning, stacklevel=2)
            yield event


class MakingOptions(ColumnOptions, total=False):
    """The keywords of `train` that say what model to make."""

    seed: Seed
    validation: Any


@keywords_of(train, MakingOptions)
def initialize(network: Network | Recipe, X: Any, y: Any = None, **options: Unpack[MakingOptions]) -> Model:
    """A model with starting weights, not trained: to look at, to set weights by hand, to train.

    X and y say how many inputs and outputs there are and which classes; the parameters are those of `train`. With a
    share for `validation`, what is learnt of columns is learnt of the other rows; training holds the same share out.
    """
    if isinstance(network, Recipe):
        return initialize_by(network, X, y, **options)
    if not isinstance(network, Network):
        raise TypeError(f"initialize takes a Network or a Recipe first, got {type(network).__name__}")
    prepared = prepare(network, X, y, **options)
    model = Model(prepared.model)
    model.state.split_seed = prepared.split_seed
    announce_kind(model.contract)
    return model
