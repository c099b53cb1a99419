"""A network in JSON: its layers with their fields, the loss, the penalties.

A layer is the name of its class and its fields. The classes that are built in are known; of one's own, whoever
loads the file brings the class.
"""

from __future__ import annotations

import dataclasses
import reprlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from glassnet.data.files import JSON
from glassnet.data.files import fields as read
from glassnet.errors import ModelFileError
from glassnet.model.saving.functions import (
    read_activation,
    read_initializer,
    read_loss,
    read_schedule,
    written_function,
    written_initializer,
    written_loss,
    written_schedule,
)
from glassnet.parts.activations import Activation
from glassnet.parts.built_in import BUILT_IN
from glassnet.parts.initializers import ByHand, Initializer
from glassnet.parts.layers import Layer
from glassnet.parts.naming import is_plain_name
from glassnet.parts.nested import NESTED, all_inside, width_after
from glassnet.parts.network import Network
from glassnet.parts.schedules import Schedule

# Fields that built-in layers have not had from the first: a file has them only where they are not this
LATER: dict[str, JSON] = {
    "bias_rate": 1.0,
    "scaling": "standard",
    "strength": False,
    "strength_rate": 1.0,
    "strength_penalised": False,
    "bias_penalised": False,
}


def written_layer(layer: Any, k: int, n_inputs: int, dtype: Any) -> dict[str, JSON]:
    """The class of layer k, which gets so many numbers, by name, and its fields."""
    # what comes out of a layer is as wide as its scores z, unless a class of one's own has it otherwise
    width, name = width_after(layer, n_inputs), type(layer).__name__
    if BUILT_IN.get(name, type(layer)) is not type(layer) or not is_plain_name(name):
        raise ValueError(f"layer {k} cannot be saved: glassnet has a class {name} itself; give yours another name")
    if not dataclasses.is_dataclass(layer):
        raise ValueError(f"layer {k} cannot be saved: {name} must be a dataclass, whose fields are all it knows")
    fields: dict[str, JSON] = {}
    for item in dataclasses.fields(layer):
        if item.name == "layers" and isinstance(layer, NESTED):
            inside = [(inner.layer, inner.width) for inner in all_inside(layer, n_inputs)]
            fields["layers"] = [written_layer(inner, k, size, dtype) for inner, size in inside]
        elif item.init and (name not in BUILT_IN or LATER.get(item.name) != getattr(layer, item.name)):
            where = f"layer {k} cannot be saved: field {item.name!r} of {name}"
            fields[item.name] = written_field(getattr(layer, item.name), where, width, dtype)
    return {"layer": name, "fields": fields}


def written_field(value: Any, where: str, width: int, dtype: Any) -> JSON:
    """A layer's field: None, true or false, a number, text, activation, initializer, schedule, a tuple of these."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return float(value) if np.isfinite(value) else {"number": read.written_number(value)}
    if isinstance(value, tuple):
        return [written_field(item, where, width, dtype) for item in value]
    if isinstance(value, Activation):
        return {"activation": written_function(value, width, dtype)}
    if isinstance(value, (Initializer, ByHand)):
        return {"initializer": written_initializer(value)}
    if isinstance(value, Schedule):
        return {"schedule": written_schedule(value)}
    raise ValueError(
        f"{where} is a {type(value).__name__}; a file holds None, True, False, numbers, text, activations, "
        "initializers, schedules and tuples of these"
    )


def read_field(value: object, path: str) -> Any:
    """What `written_field` wrote."""
    if isinstance(value, list):
        return tuple(read_field(item, f"{path}[{k}]") for k, item in enumerate(value))
    if not isinstance(value, dict):
        return value
    readers: dict[str, Callable[..., Any]] = {
        "activation": read_activation,
        "initializer": read_initializer,
        "schedule": read_schedule,
        "number": read.any_number,
    }
    for key, reader in readers.items():
        if set(value) == {key}:
            return reader(value[key], f"{path}.{key}")
    raise ModelFileError(f"{path} must hold one of {', '.join(readers)}, got the keys {reprlib.repr(sorted(value))}")


def layer_of_layers(cls: type[Any], fields: Mapping[str, Any]) -> Any:
    """A layer made of layers, from its fields."""
    others = {key: item for key, item in fields.items() if key not in ("columns", "layers")}
    return cls(*([fields["columns"]] if "columns" in fields else []), *fields["layers"], **others)


# What the fields of built-in layers must be
KINDS: dict[str, tuple[str, tuple[type, ...]]] = {
    "units": ("a whole number", (int,)),
    "bias": ("true or false", (bool,)),
    "penalised": ("true, false or a number", (bool, int, float)),
    "bias_penalised": ("true, false or a number", (bool, int, float)),
    "strength_penalised": ("true, false or a number", (bool, int, float)),
    "scaling": ("a word", (str,)),
    "strength": ("true or false", (bool,)),
    "activation": ("an activation", (Activation,)),
    "weights": ("an initializer", (Initializer, ByHand)),
    "biases": ("an initializer", (Initializer, ByHand)),
    "bias_rate": ("a number", (int, float)),
    "strength_rate": ("a number", (int, float)),
    "rate": ("a number or a schedule", (int, float, Schedule)),
    "outputs": ("a whole number", (int,)),
    "frequencies": ("a whole number", (int,)),
    "bins": ("a whole number", (int,)),
    "std": ("a number", (int, float)),
    "columns": ("numbers of columns", (tuple,)),
    "layers": ("layers", (tuple,)),
    "others": ("a word", (str,)),
    "members": ("a whole number", (int,)),
    "output": ("a word", (str,)),
    "held": ("ranges", (tuple,)),
    "temperature": ("a number", (int, float)),
    "momentum": ("a number", (int, float)),
    "eps": ("a number", (int, float)),
}


def read_layer(value: object, path: str, classes: Mapping[str, type[Any]]) -> Layer:
    """A layer, of a built-in class or one of those given."""
    found = read.take(value, {"layer", "fields"}, path)
    name = read.plain_name(found["layer"], f"{path}.layer")
    if name not in classes:
        raise ModelFileError(f"{path} is a {name}, no class of glassnet's; if you have it: load(path, layers=[{name}])")
    cls = classes[name]
    expected = {item.name for item in dataclasses.fields(cls) if item.init}
    if name in BUILT_IN:
        expected -= LATER.keys() - read.mapping(found["fields"], path).keys()
    given = read.take(found["fields"], expected, path)
    inside = name in BUILT_IN and issubclass(cls, NESTED)
    fields = {
        key: tuple(read_layer(inner, f"{path}.{key}[{k}]", classes) for k, inner in enumerate(read.items(item, path)))
        if inside and key == "layers"
        else read_field(item, read.place(path, key))
        for key, item in given.items()
    }
    if name in BUILT_IN:
        for key, item in fields.items():
            kind, types = KINDS[key]
            if type(item) not in types:  # True is an int too, but no number
                raise ModelFileError(f"{path}.{key} must be {kind}, got {item!r:.60}")
    with read.naming_place(path):
        layer: Layer = layer_of_layers(cls, fields) if inside else cls(**fields)
    return layer


# the network

PER_ROW = "penalty_per_row"  # in a file only where it is true


def written_network(network: Network, n_inputs: int, dtype: Any) -> dict[str, JSON]:
    """Layers, loss and penalties."""
    layers, width = list[JSON](), n_inputs
    for k, layer in enumerate(network.layers, start=1):
        layers.append(written_layer(layer, k, width, dtype))
        width = width_after(layer, width)
    n_outputs = network.n_outputs(n_inputs)
    loss = None if network.loss is None else written_loss(network.loss, n_outputs, dtype)
    penalties: dict[str, JSON] = {"l1": network.l1, "l2": network.l2}
    return {"layers": layers, "loss": loss, **penalties, **({PER_ROW: True} if network.penalty_per_row else {})}


def read_network(value: object, path: str, own: tuple[type[Any], ...]) -> Network:
    """The network that `written_network` wrote."""
    more = {PER_ROW} & set(read.mapping(value, path))
    found = read.take(value, {"layers", "loss", "l1", "l2"} | more, path)
    if more and found[PER_ROW] is not True:
        raise ModelFileError(f"{path}.{PER_ROW} must be true, or left out, got {found[PER_ROW]!r:.60}")
    classes = {**{cls.__name__: cls for cls in own}, **BUILT_IN}
    written = read.items(found["layers"], f"{path}.layers")
    layers = [read_layer(item, f"layer {k}", classes) for k, item in enumerate(written, start=1)]
    loss = None if found["loss"] is None else read_loss(found["loss"], f"{path}.loss")
    penalties = {key: read.number(found[key], f"{path}.{key}") for key in ("l1", "l2")}
    with read.naming_place(path):
        network = Network(*layers, loss=loss, **penalties, penalty_per_row=bool(more))
    if network.layers[-1] is not layers[-1]:
        raise ModelFileError(f"{path}: the loss has the last layer's activation inside; that must be identity then")
    return network
