"""Training a network on arrays or on a table: `train`, and `training`, which shows every epoch as it passes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.arrays import ArrayContract, learn_arrays
from glassnet.errors import DataError, TrainingError
from glassnet.memory import Memory
from glassnet.model import Model, as_contract, as_network, classes_of
from glassnet.network import Network
from glassnet.optimizers import Optimizer, optimizer as make_optimizer
from glassnet.tables.split import split_rows
from glassnet.training.events import Epoch, Event, Stopped
from glassnet.training.interrupts import interruptible
from glassnet.training.loop import Run, Watch
from glassnet.training.metrics import choose
from glassnet.training.progress import Progress
from glassnet.training.rows import Rows
from glassnet.training.steps import Stepper
from glassnet.training.stopping import EarlyStopping

Callback = Callable[[Event, Model], Any]


def train(
    network: Network | Model,
    X: Any,
    y: Any = None,
    *,
    target: str | None = None,
    kind: str | None = None,
    exclude: Iterable[str] = (),
    optimizer: str | Optimizer | None = None,
    epochs: int = 100,
    batch_size: int | None = 32,
    shuffle: bool = True,
    validation: float | tuple[Any, Any] | Any = None,
    metrics: Any = None,
    early_stopping: bool | int | EarlyStopping = False,
    callbacks: Iterable[Callback] = (),
    progress: bool | None = None,
    seed: int | np.random.Generator | None = None,
    sample_weight: Any = None,
    class_weight: Mapping[Any, float] | str | None = None,
    dtype: Any = None,
) -> Model:
    """Train a network, or a model further from where it is.

    Parameters
    ----------
    network
        A network, which gets new weights; or a model, which goes on and is changed.
    X, y
        An array (n, inputs) and targets: labels (n,), numbers (n,) or (n, outputs). Or a table: the path of a CSV
        file, a data frame, a dict of columns; then y is not given, `target` is.
    target
        The column of the table that is to be predicted.
    kind
        "classes" or "number", where the target's kind is not to be found from its values.
    exclude
        Columns of the table that are not to be used.
    optimizer
        A name or an optimizer, `Adam(0.01)`. Default: adam; for a model the one it was trained with.
    epochs
        How often all rows are gone through, >= 1.
    batch_size
        Rows per step; None: all.
    shuffle
        Whether rows are mixed anew each epoch.
    validation
        Rows that are not trained on but measured after each epoch: a share of the rows (0.2), or (X, y), or a table.
    metrics
        Names ("accuracy", "mse", "rmse", "mae", "r2") or functions (y, predicted) -> number, measured after each epoch
        on the validation rows (without any, on the training rows). None: accuracy for classes if there are
        validation rows.
    early_stopping
        True, a patience, or `EarlyStopping(...)`: stop when the validation loss no longer improves (without
        validation rows, the training loss) and keep the best weights.
    callbacks
        Functions (event, model), called with every `Epoch` and with `Stopped`; one that returns True stops training.
    progress
        Whether a line on the terminal shows how far it is; None: if somebody watches (stderr is a terminal).
    seed
        A number, for the same result every time; or a `numpy.random.Generator`.
    sample_weight
        (n,) weights of the rows in the loss, >= 0.
    class_weight
        A weight for each class, {label: weight}, or "balanced": n / (classes · rows of the class).
    dtype
        Of weights and predictions; None: float32 for float32 X, otherwise float64.

    Returns
    -------
    Model
        With its history. Ctrl-C ends training after the step in progress: `model.history.stopped` is then
        "interrupted".

    Raises
    ------
    DataError
        Data that cannot be learnt from; the message says where.
    TrainingError
        The loss stopped being finite. The model is in the error's `model`, with the last good weights.
    ValueError
        A parameter that makes no sense; the message says what is allowed.
    """
    callbacks = list(callbacks)
    model, rows, held_out = prepare(
        network, X, y, target, kind, exclude, validation, seed, sample_weight, class_weight, dtype
    )
    settings = Settings(optimizer, epochs, batch_size, shuffle, metrics, early_stopping)
    watched = sys.stderr.isatty() if progress is None else progress
    stopped: Event | None = None
    with interruptible() as interrupted, Progress(watched, model.epochs, epochs) as bar:
        enough = False

        def asked_to_stop() -> bool:
            return enough or interrupted()

        run = settings.run(model, rows, held_out)
        run.every_epoch = bool(callbacks)
        run.asked_to_stop = asked_to_stop
        for stopped in follow(model, run):
            bar.show(stopped)
            for callback in callbacks:
                enough = callback(stopped, model) is True or enough
    if isinstance(stopped, Stopped) and stopped.reason == "diverged":
        error = TrainingError(stopped.message)
        error.model = model
        raise error
    return model


def training(
    model: Model,
    X: Any,
    y: Any = None,
    *,
    optimizer: str | Optimizer | None = None,
    epochs: int = 100,
    batch_size: int | None = 32,
    shuffle: bool = True,
    validation: Any = None,
    metrics: Any = None,
    early_stopping: bool | int | EarlyStopping = False,
    sample_weight: Any = None,
    class_weight: Mapping[Any, float] | str | None = None,
) -> Iterator[Event]:
    """Train a model and yield an `Epoch` after each epoch, then `Stopped`.

    The model's weights are up to date at every event; leaving the loop early leaves a model that can be used. The
    parameters are those of `train`. A loss that is no longer finite ends with `Stopped("diverged", why)`.

        for event in training(model, X, y, epochs=100):
            print(event, model["W1"])
    """
    model, rows, held_out = prepare(
        model, X, y, None, None, (), validation, None, sample_weight, class_weight, None
    )
    settings = Settings(optimizer, epochs, batch_size, shuffle, metrics, early_stopping)
    yield from follow(model, settings.run(model, rows, held_out))


def initialize(
    network: Network,
    X: Any,
    y: Any = None,
    *,
    target: str | None = None,
    kind: str | None = None,
    exclude: Iterable[str] = (),
    seed: int | np.random.Generator | None = None,
    dtype: Any = None,
) -> Model:
    """A model with starting weights, not trained: to look at, to set weights by hand, to train.

    X and y say how many inputs and outputs there are and which classes; the parameters are those of `train`.
    """
    return prepare(network, X, y, target, kind, exclude, None, seed, None, None, dtype)[0]


def follow(model: Model, run: Run) -> Iterator[Event]:
    """The events of a run; the model knows how far it is."""
    for event in run.events():
        model.epochs = run.stepper.epochs
        yield event


@dataclass(frozen=True, eq=False)
class Settings:
    """How to train, checked once."""

    optimizer: str | Optimizer | None
    epochs: int
    batch_size: int | None
    shuffle: bool
    metrics: Any
    early_stopping: bool | int | EarlyStopping

    def __post_init__(self) -> None:
        whole = isinstance(self.epochs, (int, np.integer)) and not isinstance(self.epochs, bool)
        if not whole or self.epochs < 1:
            raise ValueError(f"epochs must be a whole number >= 1, got {self.epochs!r}")
        size = self.batch_size
        if size is not None and (isinstance(size, bool) or not isinstance(size, (int, np.integer)) or size < 1):
            raise ValueError(f"batch_size must be a whole number >= 1, or None for all rows, got {size!r}")

    def run(self, model: Model, rows: Rows, held_out: Rows | None) -> Run:
        """A run of these settings."""
        chosen = make_optimizer(self.optimizer or model.optimizer or "adam")
        if model.optimizer is not None and model.optimizer.name != chosen.name:
            model.memory.slots = {}
        model.optimizer = chosen
        stepper = Stepper(
            model.network,
            model.n_inputs,
            model.memory,
            model.rng,
            chosen,
            rows,
            min(self.batch_size or len(rows), len(rows)),
            self.shuffle,
            model.epochs,
        )
        stopping = self.early_stopping
        if isinstance(stopping, bool):
            stopping = EarlyStopping() if stopping else None  # type: ignore[assignment]
        elif isinstance(stopping, int):
            stopping = EarlyStopping(patience=stopping)
        watched = self.watch(model, rows, held_out)
        return Run(stepper, model.history, self.epochs, watched, stopping or None)  # type: ignore[arg-type]

    def watch(self, model: Model, rows: Rows, held_out: Rows | None) -> Watch | None:
        """What to measure: on the validation rows; without any, only what was asked for by name."""
        classes = model.classes is not None
        if held_out is None and self.metrics is None:
            return None
        seen, prefix = (rows, "") if held_out is None else (held_out, "val_")

        def decode(p: np.ndarray) -> np.ndarray:
            return np.asarray(model.contract.decode(as_contract(p, model.contract)))

        return Watch(model.forward, seen, decode(seen.y), decode, choose(self.metrics, classes), prefix)


def prepare(
    network: Network | Model,
    X: Any,
    y: Any,
    target: str | None,
    kind: str | None,
    exclude: Iterable[str],
    validation: Any,
    seed: int | np.random.Generator | None,
    sample_weight: Any,
    class_weight: Mapping[Any, float] | str | None,
    dtype: Any,
) -> tuple[Model, Rows, Rows | None]:
    """The model, the rows to train on and the rows held out, from whatever the user gave."""
    if not isinstance(network, (Network, Model)):
        raise TypeError(f"train takes a Network or a Model first, got {type(network).__name__}")
    rng = network.rng if isinstance(network, Model) and seed is None else np.random.default_rng(seed)
    if isinstance(network, Model):
        network.rng = rng
        target = target or target_of(network)
    table = target is not None or not isinstance(X, (np.ndarray, list, tuple))
    data = TableData(X, target, kind, exclude) if table else ArrayData(X, y)
    if table and y is not None:
        raise DataError("for a table give the name of its target column, target=..., rather than y")
    weight = check_weight(sample_weight, len(data))
    order, held = data.split(validation, rng)
    known = network.contract if isinstance(network, Model) else data.learn(network, order)
    model = network if isinstance(network, Model) else new_model(network, known, rng, data.dtype(dtype))
    rows = encoded(model, data.take(order), None if weight is None else weight[order], class_weight)
    if held is not None:
        return model, rows, encoded(model, data.take(held), None, None)
    if validation is None:
        return model, rows, None
    other = data.like(validation)
    return model, rows, encoded(model, other, None, None)


def new_model(network: Network, contract: Any, rng: np.random.Generator, dtype: Any) -> Model:
    """A model with starting weights; ValueError where network and target do not fit."""
    classes = classes_of(contract)
    network = network.resolved(contract.n_outputs, "squared" if classes is None else "cross_entropy")
    width = network.n_outputs(contract.n_inputs)
    loss = network.loss
    assert loss is not None
    if width != contract.n_outputs and not (classes and len(classes) == 2 and width == 1):
        needs = f"{contract.n_outputs} outputs" + (f", one for each class ({classes})" if classes else "")
        raise ValueError(f"the target needs {needs}; the last layer has {width}. Leave its units out: Dense()")
    if loss.name == "cross_entropy" and width == 1:
        raise ValueError("cross_entropy needs an output for each class; for one output use binary_cross_entropy")
    memory = Memory.of(network, contract.n_inputs, dtype)
    memory.initialize(network, contract.n_inputs, rng)
    return Model(network, contract, memory, rng)


def encoded(model: Model, data: ArrayData | TableData, weight: Any, class_weight: Any) -> Rows:
    """Rows as the network takes them."""
    x = model.checked(data.X)
    y = model.contract.encode_target(data.y if isinstance(data, ArrayData) else data.X)
    if len(x) != len(y):
        raise DataError(f"X has {len(x)} rows, y has {len(y)}")
    if class_weight is not None:
        per_class = class_weights(model, y, class_weight)
        weight = per_class[y.argmax(axis=1)] * (1.0 if weight is None else weight)
    w = None if weight is None else np.asarray(weight, model.dtype).reshape(-1, 1)
    return Rows(x, as_network(y, model.forward.n_outputs, model.dtype), w)


def class_weights(model: Model, y: np.ndarray, class_weight: Mapping[Any, float] | str) -> np.ndarray:
    """The weight of each class, in the order of the classes."""
    classes = model.classes
    if classes is None:
        raise ValueError("class_weight is for classes, but the target is a number; use sample_weight")
    if isinstance(class_weight, str):
        if class_weight != "balanced":
            raise ValueError(f"class_weight must be 'balanced' or a dict, got {class_weight!r}")
        return np.asarray(len(y) / (len(classes) * np.maximum(y.sum(axis=0), 1.0)))
    unknown = [label for label in class_weight if label not in classes]
    if unknown:
        raise ValueError(f"class_weight names {unknown[0]!r}; the classes are {', '.join(map(repr, classes))}")
    return check_weight([class_weight.get(label, 1.0) for label in classes], len(classes), "class_weight")  # type: ignore[return-value]


def check_weight(weight: Any, n: int, name: str = "sample_weight") -> np.ndarray | None:
    """Weights (n,) as float64; ValueError for other shapes, negative, missing or all-zero ones."""
    if weight is None:
        return None
    weight = np.asarray(weight, np.float64)
    if weight.shape != (n,):
        raise ValueError(f"{name} must have shape ({n},), one weight a row, got {weight.shape}")
    if not np.isfinite(weight).all() or (weight < 0).any():
        raise ValueError(f"{name} must be finite and >= 0, got {weight[~(weight >= 0) | ~np.isfinite(weight)][0]}")
    if not weight.any():
        raise ValueError(f"{name}: all weights are zero, so there is nothing to learn from")
    return weight


def target_of(model: Model) -> str | None:
    """The target column of a model of a table."""
    return None if isinstance(model.contract, ArrayContract) else model.contract.target.name


@dataclass(frozen=True, eq=False)
class ArrayData:
    """Data given as arrays."""

    X: Any
    y: Any

    def __len__(self) -> int:
        return len(self.X)

    def dtype(self, asked: Any) -> np.dtype[Any]:
        """float32 stays float32; everything else is float64."""
        return check_dtype(asked or (np.float32 if np.asarray(self.X).dtype == np.float32 else np.float64))

    def take(self, index: np.ndarray | None) -> ArrayData:
        """Some of the rows."""
        return self if index is None else ArrayData(np.asarray(self.X)[index], np.asarray(self.y)[index])

    def split(self, validation: Any, rng: np.random.Generator) -> tuple[Any, Any]:
        """Indices of the rows to train on and to hold out; None: all, none."""
        if not isinstance(validation, (int, float)):
            return slice(None), None
        if self.y is None or len(self.X) != len(self.y):
            raise DataError(f"X has {len(self.X)} rows, y has {0 if self.y is None else len(self.y)}")
        labels = np.asarray(self.y)
        words = labels.ndim == 1 and labels.dtype.kind in "OUSbiu"
        return split_rows(len(self.X), check_share(validation), rng, stratify=labels if words else None)

    def learn(self, network: Network, order: Any) -> ArrayContract:
        """What there is to know about the arrays."""
        return learn_arrays(self.X, self.y, network.loss.name if network.loss else None)

    def like(self, validation: Any) -> ArrayData:
        """Validation rows given as (X, y)."""
        if not isinstance(validation, tuple) or len(validation) != 2:
            raise ValueError("validation must be a share of the rows between 0 and 1, or (X, y)")
        return ArrayData(*validation)


class TableData:
    """Data given as a table."""

    def __init__(self, X: Any, target: str | None, kind: str | None, exclude: Iterable[str]) -> None:
        from glassnet.tables import as_table

        self.X = as_table(X)
        if target is None:
            raise DataError(f"which column is to be predicted? give target=..., one of {', '.join(self.X.names)}")
        self.X = self.X.known(target)
        self.y = None
        self.target, self.kind, self.exclude = target, kind, tuple(exclude)

    def __len__(self) -> int:
        return len(self.X)

    def dtype(self, asked: Any) -> np.dtype[Any]:
        """float64 unless asked otherwise."""
        return check_dtype(asked or np.float64)

    def take(self, index: Any) -> TableData:
        """Some of the rows."""
        return TableData(self.X.rows(np.arange(len(self))[index]), self.target, self.kind, self.exclude)

    def split(self, validation: Any, rng: np.random.Generator) -> tuple[Any, Any]:
        """Indices of the rows to train on and to hold out; None: all, none."""
        if not isinstance(validation, (int, float)):
            return slice(None), None
        from glassnet.tables import target_kind

        labels = self.X.column(self.target)
        classes = (self.kind or target_kind(self.X, self.target)) == "classes"
        return split_rows(self.X, check_share(validation), rng, stratify=labels if classes else None)

    def learn(self, network: Network, order: Any) -> Any:
        """Names, scaling and categories, learnt from the rows that are trained on."""
        from glassnet.tables import learn_contract

        return learn_contract(self.take(order).X, self.target, kind=self.kind, exclude=self.exclude)

    def like(self, validation: Any) -> TableData:
        """Validation rows given as a table."""
        return TableData(validation, self.target, self.kind, self.exclude)


def check_share(share: float) -> float:
    """A share of the rows between 0 and 1."""
    if isinstance(share, bool) or not 0.0 < share < 1.0:
        raise ValueError(f"validation must be a share of the rows between 0 and 1, got {share!r}")
    return float(share)


def check_dtype(dtype: Any) -> np.dtype[Any]:
    """float32 or float64."""
    found = np.dtype(dtype)
    if found not in (np.float32, np.float64):
        raise ValueError(f"dtype must be float32 or float64, got {found}")
    return found


__all__ = ["Epoch", "initialize", "train", "training"]
