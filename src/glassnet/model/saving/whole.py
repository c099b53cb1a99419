"""A model's state to a file and back.

The tensors of a file are the arrays by their names (`W1`, `b1`, running means), so that any reader of
safetensors finds the weights; each slot of the optimizer as one vector (`slot.m`); `trainable`, 0 where a
number is frozen, if any is; `history`, a row for each column; and what `training.py` says. Everything else is in the
description. An ensemble is all of this for each of its members. What is loaded goes on training as if it had never
stopped, to the last bit.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, is_dataclass
from typing import Any, TypeVar

import numpy as np

from glassnet.data.arrays import ArrayContract
from glassnet.data.files import JSON, ModelFile, Told, open_model_file, write_model_file
from glassnet.data.files import fields as read
from glassnet.data.tables import DataContract
from glassnet.derivation.derive import derive, derive_prediction
from glassnet.engines.memory import Memory
from glassnet.errors import ModelFileError
from glassnet.model.saving.calibration import TENSOR, errors_of, read_calibration, written_calibration
from glassnet.model.saving.card import read_card, written_card
from glassnet.model.saving.formula import MAX_OPERATIONS, operations_in
from glassnet.model.saving.progress import (
    history_numbers,
    read_columns,
    read_history,
    read_optimizer,
    read_rng,
    written_history,
    written_optimizer,
    written_rng,
)
from glassnet.model.saving.structure import read_network, written_network
from glassnet.model.saving.training import TENSORS, read_training, training_tensors, written_training
from glassnet.parts.built_in import BUILT_IN
from glassnet.parts.layers import Dense
from glassnet.parts.network import Network, structure_of_layer
from glassnet.parts.optimizers import Optimizer
from glassnet.parts.parameters import Layout
from glassnet.training.calibrating import names_of
from glassnet.training.contract import classes_of
from glassnet.training.ensemble import together
from glassnet.training.history import History
from glassnet.training.place import Place
from glassnet.training.state import State

T = TypeVar("T")

KEYS = {"network", "contract", "dtype", "optimizer", "epochs", "t", "rng", "history", "split_seed", "weighted"}
STAMPS = {"format", "glassnet"}
KEYS |= STAMPS
OPTIONAL = {"training", "recipe", "split_by", "validation_history", "card", "calibration"}


def save(model: State, path: str | os.PathLike[str], *, overwrite: bool = True) -> None:
    """Write a model to a file, whole or not at all; the same model gives the same bytes.

    Parameters
    ----------
    model
        Any model. A function of one's own (activation, loss) is saved as its formula, an initializer of one's
        own by name only; a layer class of one's own by name and fields: it is given to `load`.
    path
        Where to, conventionally `*.glass`.
    overwrite
        Whether a file that is already there may be replaced.

    Raises
    ------
    ValueError
        Something in the model cannot be held by a file; the message names it.
    OSError
        The file cannot be written; what was there is untouched.
    """
    description, tensors = written_members(model) if model.members else written_model(model)
    if model.calibration is not None:
        description["calibration"] = written_calibration(model.calibration)
        tensors[TENSOR] = errors_of(model.calibration)
    if (count := operations_of(description)) > MAX_OPERATIONS:
        raise ValueError(f"functions of one's own are too large to be saved: {count} operations, {AT_MOST}")
    write_model_file(path, description, tensors, overwrite=overwrite)


AT_MOST = f"at most {MAX_OPERATIONS} are allowed"


def operations_of(description: Mapping[str, JSON]) -> int:
    """How many operations there are in the formulas of a model, or of the members of an ensemble."""
    members = description.get("members")
    parts = [description, *(members if isinstance(members, list) else [])]
    return sum(operations_in(part.get("network")) for part in parts if isinstance(part, Mapping))


def written_model(model: State) -> tuple[dict[str, JSON], dict[str, np.ndarray]]:
    """Description and tensors of a model."""
    description: dict[str, JSON] = {
        "network": written_network(model.network, model.n_inputs, model.dtype),
        "contract": written_contract(model.contract),
        "dtype": model.dtype.name,
        "optimizer": None if model.optimizer is None else written_optimizer(model.optimizer),
        "epochs": int(model.epochs),
        "t": int(model.memory.t),
        "rng": written_rng(model.rng),
        "history": written_history(model.history),
        "split_seed": model.split_seed,
        "weighted": bool(model.weighted),
    }
    if model.recipe:
        description["recipe"] = model.recipe
    if model.card is not None:
        description["card"] = written_card(model.card)
    if model.split_by:
        description["split_by"] = {**model.split_by}
    if model.validation_history is not None:
        description["validation_history"] = written_history(model.validation_history)
    if model.settings is not None:
        description["training"] = written_training(model)
    tensors = written_tensors(model.memory, model.optimizer)
    for name, history in histories(model).items():
        tensors[name] = history_numbers(history)
    tensors.update(training_tensors(model))
    return description, tensors


def histories(model: State) -> dict[str, History]:
    """What there is of losses by epoch, by the name of the tensor that holds them."""
    found = {"history": model.history, "validation_history": model.validation_history}
    return {name: history for name, history in found.items() if history and history.columns}


def written_members(model: State) -> tuple[dict[str, JSON], dict[str, np.ndarray]]:
    """Those of an ensemble: each member's, with what is known about the data written once.

    The tensors of the second member are `2.W1`, `2.b1`, …; their mean is made anew when the file is read.
    """
    members, tensors = list[JSON](), dict[str, np.ndarray]()
    for k, member in enumerate(model.members, start=1):
        description, own = written_model(member)
        del description["contract"]
        members.append(description)
        tensors |= {f"{k}.{name}": array for name, array in own.items()}
    card = {} if model.card is None else {"card": written_card(model.card)}
    return {"members": members, "contract": written_contract(model.contract), **card}, tensors


def load_state(path: str | os.PathLike[str], layers: Iterable[type[Any]]) -> State:
    """A model's state from a file that `save` wrote, as `glassnet.load` says."""
    own = tuple(layers)
    for cls in own:
        if not isinstance(cls, type) or not is_dataclass(cls) or cls.__name__ in BUILT_IN:
            raise TypeError(f"layers must be dataclasses with names that glassnet does not use, got {cls!r:.60}")
    with open_model_file(path) as file:
        description = file.description
        if (count := operations_of(description)) > MAX_OPERATIONS:
            raise ModelFileError(f"the functions in it are too large: {count} operations, {AT_MOST}")
        state = read_members(file, own) if "members" in description else read_single(file, own)
        if "calibration" in description:
            errors, classes = file.tensors.get(TENSOR), state.classes is not None
            made = read_calibration(description["calibration"], "calibration", errors, names_of(state), classes=classes)
            state.be_calibrated(made)
        return state


def read_single(file: ModelFile, own: tuple[type[Any], ...]) -> State:
    """The model of a file that holds one; its numbers are read once they are known to fit."""
    description = file.description
    frame = read_frame(description, read_contract(description.get("contract"), "contract"), own)
    check_told(frame, file.told)
    return read_state(frame, file.tensors)


def read_model(description: Mapping[str, JSON], tensors: Mapping[str, np.ndarray], own: tuple[type[Any], ...]) -> State:
    """The model that a description and its tensors make."""
    frame = read_frame(description, read_contract(description.get("contract"), "contract"), own)
    check_told(frame, {name: Told(array.shape, array.dtype) for name, array in tensors.items()})
    return read_state(frame, tensors)


def read_members(file: ModelFile, own: tuple[type[Any], ...]) -> State:
    """The ensemble that `written_members` wrote."""
    description = file.description
    known = {"members", "contract", *STAMPS}
    found = read.take(description, known | ({"card", "calibration"} & set(description)), "the description")
    shared = {name: found[name] for name in ("contract", *STAMPS)}
    contract, frames = read_contract(found["contract"], "contract"), list[Frame]()
    for k, part in enumerate(read.items(found["members"], "members"), start=1):
        with naming_member(k):
            frames.append(read_frame({**read.mapping(part, "it"), **shared}, contract, own))
    calibrated, members = {TENSOR} if "calibration" in found else set[str](), list[State]()
    for k, (frame, told) in enumerate(zip(frames, by_member(file.told, len(frames), calibrated), strict=True), start=1):
        with naming_member(k):
            check_told(frame, told)
    numbers = by_member(file.tensors, len(frames), calibrated)
    for k, (frame, tensors) in enumerate(zip(frames, numbers, strict=True), start=1):
        with naming_member(k):
            members.append(read_state(frame, tensors))
    with read.naming_place("members"):
        whole = together(members)
    whole.card = read_card(found["card"], "card") if "card" in found else None
    return whole


def by_member(tensors: Mapping[str, T], members: int, others: Container[str]) -> list[dict[str, T]]:
    """The tensors of each member, or what is told about them, by their own names; `others` belong to the whole."""
    found: dict[str, dict[str, T]] = {str(k): {} for k in range(1, members + 1)}
    for name, item in tensors.items():
        number, _, own_name = name.partition(".")
        if number in found:
            found[number][own_name] = item
        elif name not in others:
            raise ModelFileError(f"tensor {name!r:.60} belongs to none of {members} members")
    return list(found.values())


@contextlib.contextmanager
def naming_member(k: int) -> Iterator[None]:
    """Put the member's number before a ModelFileError raised inside."""
    try:
        yield
    except ModelFileError as error:
        raise ModelFileError(f"member {k}: {error}") from None


@dataclass(frozen=True, kw_only=True)
class Frame:
    """A model as its description has it, before its numbers are read."""

    found: Mapping[str, JSON]
    contract: ArrayContract | DataContract
    network: Network
    optimizer: Optimizer | None
    dtype: np.dtype[Any]


def read_frame(
    description: Mapping[str, JSON], contract: ArrayContract | DataContract, own: tuple[type[Any], ...]
) -> Frame:
    """What a description says that does not depend on numbers."""
    found = read.take(description, KEYS | (OPTIONAL & set(description)), "the description")
    network = read_network(found["network"], "network", own)
    optimizer = None if found["optimizer"] is None else read_optimizer(found["optimizer"], "optimizer")
    dtype = np.dtype(read.one_of(found["dtype"], "dtype", ("float32", "float64")))
    check_fit(network, contract, optimizer, dtype)
    return Frame(found=found, contract=contract, network=network, optimizer=optimizer, dtype=dtype)


def read_state(frame: Frame, tensors: Mapping[str, np.ndarray]) -> State:
    """The model that a frame and its numbers make, once it is known that they fit (`check_told`)."""
    found = frame.found
    history = read_history(found["history"], "history", tensors.get("history"))
    before = None
    if "validation_history" in found:
        name = "validation_history"
        before = read_history(found[name], name, tensors.get(name))
    state = State(
        frame.network,
        frame.contract,
        read_memory(tensors, frame, read.count(found["t"], "t")),
        read_rng(found["rng"], "rng"),
        history=history,
        place=Place(read.count(found["epochs"], "epochs")),
        optimizer=frame.optimizer,
        split_seed=None if found["split_seed"] is None else read.count(found["split_seed"], "split_seed"),
        split_by=read_split_by(found["split_by"], "split_by") if "split_by" in found else {},
        weighted=read.flag(found["weighted"], "weighted"),
        recipe=read.text(found["recipe"], "recipe") if "recipe" in found else "",
        validation_history=before,
        card=read_card(found["card"], "card") if "card" in found else None,
    )
    return read_training(found["training"], "training", tensors, state) if "training" in found else state


def read_split_by(value: object, path: str) -> dict[str, str | bool]:
    """What rows were held out by: a column's name each, or True where values were given."""
    found = read.take(value, {"group", "after", "split"} & set(read.mapping(value, path)), path)
    return {name: True if by is True else read.text(by, f"{path}.{name}") for name, by in found.items()}


def check_fit(
    network: Network, contract: ArrayContract | DataContract, optimizer: Optimizer | None, dtype: Any
) -> None:
    """Refuse a network that cannot be run, or gives other outputs than the data's contract asks for.

    Built-in layers can be run wherever they fit. What holds more than those is derived, each layer by itself: that
    takes as long as the file is, whereas the network as a whole is derived when it is asked for.
    """
    with read.naming_place("network"), np.errstate(all="ignore"):
        widths = network.widths(contract.n_inputs)
        for k, (layer, width) in enumerate(zip(network.layers, widths, strict=False), start=1):
            if structure_of_layer(layer) is None:
                with read.naming_place(f"layer {k}"):
                    check_runs(Network(layer, loss="squared"), width, None, dtype)
        width = widths[-1]
        check_runs(Network(Dense(width), loss=network.loss, l1=network.l1, l2=network.l2), 1, optimizer, dtype)
    classes = classes_of(contract)
    if width != contract.n_outputs and not (classes and len(classes) == 2 and width == 1):
        raise ModelFileError(f"the network has {width} outputs, the contract asks for {contract.n_outputs}")


def check_runs(network: Network, n_inputs: int, optimizer: Optimizer | None, dtype: Any) -> None:
    """Derive what it predicts, and how it is trained if it has a loss."""
    if network.loss is not None:
        derive(network.over(1.0), n_inputs, optimizer and optimizer.over(1.0), dtype=dtype)
    if network.loss is None or not all(type(layer) in BUILT_IN.values() for layer in network.layers):
        derive_prediction(network, n_inputs, dtype=dtype)  # in which a layer of one's own may do something else


# the contract


def written_contract(contract: ArrayContract | DataContract) -> dict[str, JSON]:
    """What was learnt about the data."""
    for label in classes_of(contract) or ():
        if not isinstance(label, (str, int, float, bool)):
            raise ValueError(f"classes must be text or numbers to be saved, got {label!r:.60}")
    return contract.to_json()


def read_contract(value: object, path: str) -> ArrayContract | DataContract:
    """What `written_contract` wrote."""
    found = read.mapping(value, path)
    if found.get("kind") != "arrays":
        return DataContract.from_json(found, path)
    with read.naming_place(path):
        return ArrayContract.from_json(found)


# the numbers


def written_tensors(memory: Memory, optimizer: Optimizer | None) -> dict[str, np.ndarray]:
    """The arrays by name, the slots, and what is frozen; ValueError for weights that are not finite."""
    tensors = {**memory.layout.views(memory.theta), **memory.state_layout.views(memory.state)}
    for name, array in tensors.items():
        if not np.isfinite(array).all():
            raise ValueError(f"{name} holds numbers that are not finite; such a model cannot be saved")
    if optimizer is not None and set(memory.slots) == set(optimizer.slots):  # of another one they start anew
        tensors.update({f"slot.{name}": slot for name, slot in memory.slots.items()})
    if not memory.trainable.all():
        tensors["trainable"] = memory.trainable.astype(np.uint8)
    return tensors


def check_told(frame: Frame, told: Mapping[str, Told]) -> None:
    """Refuse tensors whose names, shapes and dtypes are not those of the network's arrays."""
    of_others = {"history", "validation_history"} & set(frame.found)
    for name in sorted(of_others):
        read_columns(frame.found[name], name, told.get(name))
    of_others |= set(TENSORS) if "training" in frame.found else set()
    of_others |= {TENSOR} if "calibration" in frame.found else set()
    shapes = expected_shapes(told, frame)
    for name in shapes:
        if name not in told:
            raise ModelFileError(f"tensor {name!r} is missing; the network needs {listed(shapes)}")
    for name, array in told.items():
        if name in of_others:
            continue
        if name not in shapes:
            raise ModelFileError(f"tensor {name!r:.60} belongs to nothing; the network has {listed(shapes)}")
        wanted = np.dtype(np.uint8) if name == "trainable" else frame.dtype
        if array.shape != shapes[name] or array.dtype != wanted:
            received = f"{array.dtype} of shape {array.shape}"
            raise ModelFileError(f"tensor {name!r} must be {wanted} of shape {shapes[name]}, got {received}")


def listed(names: Iterable[str]) -> str:
    """The first names, for a message."""
    names = list(names)
    return ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "")


def expected_shapes(names: Collection[str], frame: Frame) -> dict[str, tuple[int, ...]]:
    """The shape of each tensor the file must hold; of slots all or none, as an unused optimizer has none."""
    layout, state_layout = layouts_of(frame)
    shapes = {**layout.shapes, **state_layout.shapes}
    if frame.optimizer is not None and any(name.startswith("slot.") for name in names):
        shapes.update({f"slot.{name}": (layout.size,) for name in frame.optimizer.slots})
    if "trainable" in names:
        shapes["trainable"] = (layout.size,)
    return shapes


def layouts_of(frame: Frame) -> tuple[Layout, Layout]:
    """How the learnt arrays and the others lie in memory."""
    n_inputs = frame.contract.n_inputs
    return frame.network.layout(n_inputs), frame.network.layout(n_inputs, learnt=False)


def read_memory(tensors: Mapping[str, np.ndarray], frame: Frame, t: int) -> Memory:
    """Memory with the tensors' numbers, of which those that are learnt or kept must be finite."""
    memory = Memory.of(frame.network, frame.contract.n_inputs, frame.dtype)
    for layout, numbers in ((memory.layout, memory.theta), (memory.state_layout, memory.state)):
        for name in layout.shapes:
            if not np.isfinite(tensors[name]).all():
                raise ModelFileError(f"tensor {name!r} holds numbers that are not finite")
            layout.write(numbers, name, tensors[name])
    memory.slots = {name[5:]: array for name, array in tensors.items() if name.startswith("slot.")}
    memory.t = t
    if "trainable" in tensors:
        if tensors["trainable"].max(initial=0) > 1:
            raise ModelFileError("tensor 'trainable' must hold 0 and 1 only")
        memory.trainable[:] = tensors["trainable"]
    return memory
