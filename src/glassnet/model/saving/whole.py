"""A model's state to a file and back.

The tensors of a file are the arrays by their names (`W1`, `b1`, running means), so that any reader of
safetensors finds the weights; each slot of the optimizer as one vector (`slot.m`); `trainable`, 0 where a
number is frozen, if any is; `history`, a row for each column; and what `training.py` says. Everything else is in the
description. An ensemble is all of this for each of its members. What is loaded goes on training as if it had never
stopped, to the last bit.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import is_dataclass
from typing import Any

import numpy as np

from glassnet.data.arrays import ArrayContract
from glassnet.data.files import JSON, naming_file, read_model_file, write_model_file
from glassnet.data.files import fields as read
from glassnet.data.tables import DataContract
from glassnet.derivation.derive import derive, derive_prediction
from glassnet.engines.memory import Memory
from glassnet.errors import ModelFileError
from glassnet.model.saving.calibration import TENSOR, errors_of, read_calibration, written_calibration
from glassnet.model.saving.card import read_card, written_card
from glassnet.model.saving.progress import (
    history_numbers,
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
from glassnet.parts.network import Network
from glassnet.parts.optimizers import Optimizer
from glassnet.parts.parameters import Layout
from glassnet.training.calibrating import names_of
from glassnet.training.contract import classes_of
from glassnet.training.ensemble import together
from glassnet.training.history import History
from glassnet.training.place import Place
from glassnet.training.state import State

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
    write_model_file(path, description, tensors, overwrite=overwrite)


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
    description, tensors = read_model_file(path)
    with naming_file(path):
        state = (read_members if "members" in description else read_model)(description, tensors, own)
        if "calibration" in description:
            errors, classes = tensors.get(TENSOR), state.classes is not None
            made = read_calibration(description["calibration"], "calibration", errors, names_of(state), classes=classes)
            state.be_calibrated(made)
        return state


def read_members(
    description: Mapping[str, JSON], tensors: Mapping[str, np.ndarray], own: tuple[type[Any], ...]
) -> State:
    """The ensemble that `written_members` wrote."""
    known = {"members", "contract", *STAMPS}
    found = read.take(description, known | ({"card", "calibration"} & set(description)), "the description")
    stamps = {name: found[name] for name in STAMPS}
    members = list[State]()
    parts = read.items(found["members"], "members")
    for name in tensors:
        if name == TENSOR and "calibration" in found:
            continue
        number = name.partition(".")[0]
        if not number.isdecimal() or not 1 <= int(number) <= len(parts):
            raise ModelFileError(f"tensor {name!r:.60} belongs to none of {len(parts)} members")
    for k, part in enumerate(parts, start=1):
        one = {name.partition(".")[2]: array for name, array in tensors.items() if name.startswith(f"{k}.")}
        try:
            members.append(read_model({**read.mapping(part, "it"), "contract": found["contract"], **stamps}, one, own))
        except ModelFileError as error:
            raise ModelFileError(f"member {k}: {error}") from None
    with read.naming_place("members"):
        whole = together(members)
    whole.card = read_card(found["card"], "card") if "card" in found else None
    return whole


def read_model(description: Mapping[str, JSON], tensors: Mapping[str, np.ndarray], own: tuple[type[Any], ...]) -> State:
    """The model that a description and its tensors make."""
    found = read.take(description, KEYS | (OPTIONAL & set(description)), "the description")
    contract = read_contract(found["contract"], "contract")
    network = read_network(found["network"], "network", own)
    optimizer = None if found["optimizer"] is None else read_optimizer(found["optimizer"], "optimizer")
    dtype = read.one_of(found["dtype"], "dtype", ("float32", "float64"))
    check_fit(network, contract, optimizer, dtype)
    arrays, others = dict(tensors), {}
    if "calibration" in found:
        arrays.pop(TENSOR, None)
    if "training" in found:
        others = {name: arrays.pop(name) for name in TENSORS if name in arrays}
    history = read_history(found["history"], "history", arrays.pop("history", None))
    before = None
    if "validation_history" in found:
        name = "validation_history"
        before = read_history(found[name], name, arrays.pop(name, None))
    state = State(
        network,
        contract,
        read_memory(arrays, network, contract.n_inputs, np.dtype(dtype), optimizer, read.count(found["t"], "t")),
        read_rng(found["rng"], "rng"),
        history=history,
        place=Place(read.count(found["epochs"], "epochs")),
        optimizer=optimizer,
        split_seed=None if found["split_seed"] is None else read.count(found["split_seed"], "split_seed"),
        split_by=read_split_by(found["split_by"], "split_by") if "split_by" in found else {},
        weighted=read.flag(found["weighted"], "weighted"),
        recipe=read.text(found["recipe"], "recipe") if "recipe" in found else "",
        validation_history=before,
        card=read_card(found["card"], "card") if "card" in found else None,
    )
    return read_training(found["training"], "training", others, state) if "training" in found else state


def read_split_by(value: object, path: str) -> dict[str, str | bool]:
    """What rows were held out by: a column's name each, or True where values were given."""
    found = read.take(value, {"group", "after"} & set(read.mapping(value, path)), path)
    return {name: True if by is True else read.text(by, f"{path}.{name}") for name, by in found.items()}


def check_fit(
    network: Network, contract: ArrayContract | DataContract, optimizer: Optimizer | None, dtype: Any
) -> None:
    """Refuse a network that cannot be run, or gives other outputs than the data's contract asks for."""
    with read.naming_place("network"), np.errstate(all="ignore"):
        derive_prediction(network, contract.n_inputs, dtype=dtype)
        if network.loss is not None:
            derive(network.over(1.0), contract.n_inputs, optimizer and optimizer.over(1.0), dtype=dtype)
        width = network.n_outputs(contract.n_inputs)
    classes = classes_of(contract)
    if width != contract.n_outputs and not (classes and len(classes) == 2 and width == 1):
        raise ModelFileError(f"the network has {width} outputs, the contract asks for {contract.n_outputs}")


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


def read_memory(
    tensors: Mapping[str, np.ndarray],
    network: Network,
    n_inputs: int,
    dtype: np.dtype[Any],
    optimizer: Optimizer | None,
    t: int,
) -> Memory:
    """Memory with the tensors' numbers, once their names, shapes and dtypes are known to be right."""
    layout, state_layout = network.layout(n_inputs), network.layout(n_inputs, learnt=False)
    shapes = expected_shapes(tensors, layout, state_layout, optimizer)
    for name in shapes:
        if name not in tensors:
            raise ModelFileError(f"tensor {name!r} is missing; the network needs {', '.join(shapes)}")
    for name, array in tensors.items():
        if name not in shapes:
            raise ModelFileError(f"tensor {name!r:.60} belongs to nothing; the network has {', '.join(shapes)}")
        wanted = np.dtype(np.uint8) if name == "trainable" else dtype
        if array.shape != shapes[name] or array.dtype != wanted:
            received = f"{array.dtype} of shape {array.shape}"
            raise ModelFileError(f"tensor {name!r} must be {wanted} of shape {shapes[name]}, got {received}")
        if not name.startswith("slot.") and not np.isfinite(array).all():
            raise ModelFileError(f"tensor {name!r} holds numbers that are not finite")
    memory = Memory.of(network, n_inputs, dtype)
    for name in layout.shapes:
        layout.write(memory.theta, name, tensors[name])
    for name in state_layout.shapes:
        state_layout.write(memory.state, name, tensors[name])
    memory.slots = {name[5:]: array for name, array in tensors.items() if name.startswith("slot.")}
    memory.t = t
    if "trainable" in tensors:
        if tensors["trainable"].max(initial=0) > 1:
            raise ModelFileError("tensor 'trainable' must hold 0 and 1 only")
        memory.trainable[:] = tensors["trainable"]
    return memory


def expected_shapes(
    tensors: Mapping[str, np.ndarray], layout: Layout, state_layout: Layout, optimizer: Optimizer | None
) -> dict[str, tuple[int, ...]]:
    """The shape of each tensor the file must hold; of slots all or none, as an unused optimizer has none."""
    shapes = {**layout.shapes, **state_layout.shapes}
    if optimizer is not None and any(name.startswith("slot.") for name in tensors):
        shapes.update({f"slot.{name}": (layout.size,) for name in optimizer.slots})
    if "trainable" in tensors:
        shapes["trainable"] = (layout.size,)
    return shapes
