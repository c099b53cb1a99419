"""The training behind a state, and the one it is in the middle of, in JSON and tensors.

Of finished training it is what `train` was told, which rows it saw and where it began; in the middle of one also the
place in the epoch in progress (tensors `order` and `told`), and for early stopping the best weights (`best.theta`,
`best.state`). The starting weights (`start.theta`, `start.state`) are left out where they are those that the seed
gives. Files without any of this are as good: what they hold is trained from the next epoch on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

import numpy as np

from glassnet.data.files import JSON
from glassnet.data.files import fields as read
from glassnet.engines.memory import Memory, Saved
from glassnet.errors import ModelFileError
from glassnet.model.saving.progress import GENERATORS, read_rng_state, written_rng_state
from glassnet.training.choice import NAMES as ENGINES
from glassnet.training.choice import Choice
from glassnet.training.fingerprint import IN_BLOCKS
from glassnet.training.metrics import METRICS, Own
from glassnet.training.place import Place
from glassnet.training.settings import Settings
from glassnet.training.start import Start
from glassnet.training.state import State
from glassnet.training.stopping import AMONG, MODES, TIES, Best, EarlyStopping

TENSORS = ("order", "told", "best.theta", "best.state", "start.theta", "start.state")


def written_training(state: State) -> dict[str, JSON]:
    """What has no place in tensors."""
    assert state.settings is not None
    return {
        "settings": written_settings(state.settings),
        "data": state.data,
        "seed": state.seed if state.seed is not None and state.seed < 2**63 else None,
        "start": written_rng_state(state.start.rng_state) if state.start and can_be_saved(state.start) else None,
        "middle": written_middle(state) if state.until else None,
    }


def training_tensors(state: State) -> dict[str, np.ndarray]:
    """What has."""
    found: dict[str, np.ndarray | None] = {}
    if state.until:
        told = np.array(state.place.told, np.float64).reshape(-1, 2)
        found |= {"order": state.place.order, "told": told if len(told) else None}
        if state.best and state.best.kept:
            found |= {"best.theta": state.best.kept.theta, "best.state": state.best.kept.state}
    start = state.start
    if start and can_be_saved(start) and not start.is_drawn(state.network, state.n_inputs, state.seed):
        found |= {"start.theta": start.theta, "start.state": start.state}
    return {name: array for name, array in found.items() if array is not None}


def can_be_saved(start: Start) -> bool:
    """Whether a file can hold the state of the generator it had; others are used by nobody but their owner."""
    return start.rng_state["bit_generator"] in GENERATORS


def read_training(value: object, path: str, tensors: Mapping[str, np.ndarray], state: State) -> State:
    """The state with what `written_training` and `training_tensors` wrote."""
    found = read.take(value, {"settings", "data", "seed", "start", "middle"}, path)
    memory, settings = state.memory, read_settings(found["settings"], f"{path}.settings")
    start, seed = None, None if found["seed"] is None else read.count(found["seed"], f"{path}.seed")
    if found["start"] is not None:
        theta, running = (vector(tensors, f"start.{name}", like) for name, like in numbers_of(memory))
        if (theta is None) is not (running is None) or (theta is None and seed is None):
            raise ModelFileError(f"{path}.start needs the tensors start.theta and start.state, or a seed")
        start = Start(theta, running, read_rng_state(found["start"], f"{path}.start"))
    state = replace(
        state,
        settings=replace(settings, optimizer=state.optimizer),
        data=read.text(found["data"], f"{path}.data"),
        seed=seed,
        start=start,
    )
    return state if found["middle"] is None else read_middle(found["middle"], f"{path}.middle", tensors, state)


def numbers_of(memory: Memory) -> tuple[tuple[str, np.ndarray], ...]:
    """The vectors of which a moment's copy is kept, by name."""
    return ("theta", memory.theta), ("state", memory.state)


def vector(tensors: Mapping[str, np.ndarray], name: str, like: np.ndarray) -> np.ndarray | None:
    """A tensor of another's shape and dtype, if it is there."""
    array = tensors.get(name)
    if array is not None and (array.shape, array.dtype) != (like.shape, like.dtype):
        received = f"{array.dtype} of shape {array.shape}"
        raise ModelFileError(f"tensor {name!r} must be {like.dtype} of shape {like.shape}, got {received}")
    return array


# what train was told


def written_settings(settings: Settings) -> dict[str, JSON]:
    """The settings; of metrics the names, those of one's own marked."""
    stopping = settings.early_stopping
    metrics: JSON = None
    if settings.metrics is not None:
        metrics = [{"own": item.name} if isinstance(item, Own) else str(item) for item in settings.metrics]
    return {
        "epochs": int(settings.epochs),
        "batch_size": None if settings.batch_size is None else int(settings.batch_size),
        "shuffle": bool(settings.shuffle),
        "metrics": metrics,
        "early_stopping": written_stopping(stopping) if isinstance(stopping, EarlyStopping) else stopping or False,
        "engine": settings.engine,
        "deterministic": bool(settings.deterministic),
        **({"drop_last": True} if settings.drop_last else {}),  # in a file only where it is so
    }


def written_stopping(stopping: EarlyStopping) -> dict[str, JSON]:
    """The fields of an `EarlyStopping`."""
    return {
        "patience": None if stopping.patience is None else int(stopping.patience),
        "min_delta": float(stopping.min_delta),
        "monitor": stopping.monitor,
        "mode": stopping.mode,
        **({"ties": stopping.ties} if stopping.ties != "first" else {}),  # in a file only where it is not the usual
        **({"among": as_json(stopping.among)} if stopping.among != "all" else {}),
    }


def as_json(among: str | tuple[int, ...]) -> JSON:
    """Which epochs early stopping looks at: a word, or their numbers."""
    return among if isinstance(among, str) else [*among]


def read_settings(value: object, path: str) -> Settings:
    """The settings that `written_settings` wrote, but for the optimizer."""
    keys = {"epochs", "batch_size", "shuffle", "metrics", "early_stopping", "engine", "deterministic"}
    found = read.take(value, keys | ({"drop_last"} & set(read.mapping(value, path))), path)
    metrics = None if found["metrics"] is None else read.items(found["metrics"], f"{path}.metrics")
    return Settings(
        epochs=read.count(found["epochs"], f"{path}.epochs", 1),
        batch_size=None if found["batch_size"] is None else read.count(found["batch_size"], f"{path}.batch_size", 1),
        shuffle=read.flag(found["shuffle"], f"{path}.shuffle"),
        metrics=None
        if metrics is None
        else tuple(read_metric(item, f"{path}.metrics[{k}]") for k, item in enumerate(metrics)),
        early_stopping=read_stopping(found["early_stopping"], f"{path}.early_stopping"),
        engine=read.one_of(found["engine"], f"{path}.engine", ENGINES),
        deterministic=read.flag(found["deterministic"], f"{path}.deterministic"),
        drop_last=read.flag(found.get("drop_last", False), f"{path}.drop_last"),
    )


def read_metric(value: object, path: str) -> str | Own:
    """A metric's name."""
    if isinstance(value, dict):
        return Own(read.text(read.take(value, {"own"}, path)["own"], f"{path}.own"))
    name: str = read.one_of(value, path, METRICS)
    return name


def read_stopping(value: object, path: str) -> bool | int | EarlyStopping:
    """False, True, a patience, or the fields of an `EarlyStopping`."""
    if isinstance(value, bool):
        return value
    if not isinstance(value, dict):
        return read.count(value, path, 1)
    found = read.take(value, {"patience", "min_delta", "monitor", "mode", *({"ties", "among"} & set(value))}, path)
    patience = found["patience"]
    with read.naming_place(path):
        return EarlyStopping(
            None if patience is None else read.count(patience, f"{path}.patience", 1),
            read.number(found["min_delta"], f"{path}.min_delta"),
            None if found["monitor"] is None else read.text(found["monitor"], f"{path}.monitor"),
            None if found["mode"] is None else read.one_of(found["mode"], f"{path}.mode", MODES),
            ties=read.one_of(found.get("ties", "first"), f"{path}.ties", TIES),
            among=read_among(found.get("among", "all"), f"{path}.among"),
        )


def read_among(value: object, path: str) -> Literal["all", "rests"] | tuple[int, ...]:
    """Which epochs early stopping looks at."""
    if not isinstance(value, list):
        found: Literal["all", "rests"] = read.one_of(value, path, AMONG)
        return found
    return tuple(read.count(epoch, f"{path}[{k}]", 1) for k, epoch in enumerate(read.items(value, path)))


# the middle of a training


def written_middle(state: State) -> dict[str, JSON]:
    """How far to go, where in the epoch in progress it is, and by which engine; and the counters of early stopping."""
    return {
        "until": int(state.until),
        "batch": state.place.batch,
        "engine": state.engine.engine if state.engine else "numpy",
        "best": None if state.best is None else written_best(state.best),
    }


def written_best(best: Best) -> dict[str, JSON]:
    """The counters of early stopping."""
    return {
        "stopping": written_stopping(best.stopping),
        "monitor": best.monitor,
        "score": read.written_number(best.score),
        "epoch": int(best.epoch),
        "waited": best.waited,
    }


def read_middle(value: object, path: str, tensors: Mapping[str, np.ndarray], state: State) -> State:
    """The state in the middle of the training that `written_middle` wrote."""
    found = read.take(value, {"until", "batch", "engine", "best"}, path)
    engine = read.one_of(found["engine"], f"{path}.engine", ENGINES[1:])
    batch = read.count(found["batch"], f"{path}.batch")
    return replace(
        state,
        until=read.count(found["until"], f"{path}.until", 1),
        place=Place(
            state.epochs,
            batch,
            read_order(tensors, batch, state.settings, state.data.startswith(IN_BLOCKS)),
            read_told(tensors, batch, engine),
        ),
        engine=Choice(engine, "as when it was saved"),
        best=None if found["best"] is None else read_best(found["best"], f"{path}.best", tensors, state.memory),
    )


def read_order(
    tensors: Mapping[str, np.ndarray], batch: int, settings: Settings | None, in_blocks: bool
) -> np.ndarray | None:
    """The order of the rows in the epoch in progress; there is one where rows are shuffled, and it is begun.

    That of rows in blocks follows from the place.
    """
    order, size = tensors.get("order"), (settings and settings.batch_size) or 0
    shuffled = settings is not None and settings.shuffle
    if order is None and batch and shuffled and not in_blocks:
        raise ModelFileError("tensor 'order' is missing: the order of the rows in the epoch in progress")
    if order is not None and (
        order.dtype != np.int64
        or order.ndim != 1
        or (np.sort(order) != np.arange(len(order))).any()
        or not shuffled
        or len(order) <= batch * size
    ):
        raise ModelFileError("tensor 'order' must hold the numbers of all rows, each once, in int64")
    return order


def read_told(tensors: Mapping[str, np.ndarray], batch: int, engine: str) -> list[tuple[float, float]]:
    """The losses of the epoch in progress, each with what it counts; the compiled engine adds them up."""
    told, expected = tensors.get("told", np.zeros((0, 2))), min(batch, 1) if engine == "compiled" else batch
    if told.shape != (expected, 2) or told.dtype != np.float64 or not np.isfinite(told).all():
        raise ModelFileError(f"tensor 'told' must be {expected} pairs of finite float64, got {told.dtype} {told.shape}")
    return [(loss, count) for loss, count in told.tolist()]


def read_best(value: object, path: str, tensors: Mapping[str, np.ndarray], memory: Memory) -> Best:
    """What `written_best` wrote, and the best weights."""
    found = read.take(value, {"stopping", "monitor", "score", "epoch", "waited"}, path)
    stopping = read_stopping(found["stopping"], f"{path}.stopping")
    if not isinstance(stopping, EarlyStopping):
        raise ModelFileError(f"{path}.stopping must be a JSON object, got {stopping}")
    theta, running = (vector(tensors, f"best.{name}", like) for name, like in numbers_of(memory))
    epoch = read.count(found["epoch"], f"{path}.epoch")
    if len({theta is None, running is None, epoch == 0}) > 1:
        raise ModelFileError(f"{path} needs the tensors best.theta and best.state, or neither of them and no epoch")
    return Best(
        stopping,
        read.text(found["monitor"], f"{path}.monitor"),
        score=read.any_number(found["score"], f"{path}.score"),
        epoch=epoch,
        waited=read.count(found["waited"], f"{path}.waited"),
        kept=None if theta is None or running is None else Saved(theta, running, {}, 0),
    )
