"""What a network is made of, in JSON: layers with their fields, activations, initializers, the loss.

What is built in goes by its name and options. A function of one's own goes as its formula (`formula.py`); a layer
class of one's own as its name and its fields, and whoever loads the file brings the class.
"""

from __future__ import annotations

import dataclasses
import reprlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet import activations, initializers, losses
from glassnet.activations import Activation
from glassnet.errors import ModelFileError
from glassnet.expressions.expression import ROWS, symbol
from glassnet.files import JSON, take
from glassnet.initializers import ByHand, Initializer
from glassnet.layers import BUILT_IN, Layer
from glassnet.losses import Loss
from glassnet.naming import check_options, is_plain_name, options_of
from glassnet.network import Network
from glassnet.saving.formula import Formula, read_formula, traced, written_formula
from glassnet.saving.numbers import read_mapping, read_number, read_option, written_number
from glassnet.tables import json_fields as read

# functions of one's own: what they take, and what their derivatives take

ACTIVATION = (("z",), ("da", "z", "a"))
LOSS = (("y", "s"), ("y", "s"))


def written_function(item: Activation | Loss, width: int, dtype: Any) -> dict[str, JSON]:
    """An activation or a loss by name and options, or by the operations of its functions."""
    kind, (of, of_derivative) = ("activation", ACTIVATION) if isinstance(item, Activation) else ("loss", LOSS)
    formulas = vars(activations.formulas if isinstance(item, Activation) else losses.formulas)
    if not is_plain_name(item.name):
        raise ValueError(
            f"{kind} {item.name!r} cannot be saved: its name must be letters, digits and underscores"
        )
    built_in = item.function is formulas.get(item.name) and item.derivative is formulas.get(
        f"{item.name}_backward"
    )
    if built_in:
        return {"name": item.name, "options": dict(item.options)}

    def operations(function: Callable[..., Any], arguments: tuple[str, ...]) -> list[JSON]:
        symbols = {name: symbol(name, (ROWS, width), dtype) for name in arguments}
        return written_formula(traced(with_options(function, item.options), symbols, f"{kind} {item.name}"))

    derivative = None if item.derivative is None else operations(item.derivative, of_derivative)
    return {"name": item.name, "function": operations(item.function, of), "derivative": derivative}


def with_options(function: Callable[..., Any], options: Mapping[str, Any]) -> Callable[..., Any]:
    """The function with its options filled in: they are numbers of the formula from here on."""
    if not options:
        return function
    return lambda *args: function(*args, **options)


def read_function(
    value: object,
    path: str,
    formulas: Mapping[str, Any],
    names: tuple[str, ...],
    arguments: tuple[tuple[str, ...], tuple[str, ...]],
) -> tuple[str, Any, Any, dict[str, Any]]:
    """Name, function, derivative and options of what `written_function` wrote."""
    found = read_mapping(value, path)
    name = read.text(found.get("name"), f"{path}.name")
    if "function" in found:
        take(found, {"name", "function", "derivative"}, path)  # type: ignore[arg-type]
        if not is_plain_name(name):
            raise ModelFileError(
                f"{path}.name must be letters, digits and underscores, got {reprlib.repr(name)}"
            )
        function = read_formula(found["function"], f"{path}.function", arguments[0])
        derivative: Formula | None = None
        if found["derivative"] is not None:
            derivative = read_formula(found["derivative"], f"{path}.derivative", arguments[1])
        return name, function, derivative, {}
    take(found, {"name", "options"}, path)  # type: ignore[arg-type]
    if name not in names:
        raise ModelFileError(
            f"{path}.name {reprlib.repr(name)} is not known; known are {', '.join(sorted(names))}"
        )
    options = read_options(found["options"], f"{path}.options")
    allowed = options_of(formulas[name], len(arguments[0]))
    with naming_place(path):
        check_options(allowed, options, name)
    return name, formulas[name], formulas[f"{name}_backward"], options


def read_options(value: object, path: str) -> dict[str, Any]:
    """Options: numbers, true and false by name."""
    return {key: read_option(item, f"{path}.{key:.60}") for key, item in read_mapping(value, path).items()}


class naming_place:  # noqa: N801  # a context manager that reads as a sentence
    """What a constructor refuses becomes a ModelFileError that says where in the file it stood."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __enter__(self) -> None: ...

    def __exit__(self, kind: Any, error: BaseException | None, traceback: Any) -> None:
        if isinstance(error, Exception) and not isinstance(error, ModelFileError):
            raise ModelFileError(f"{self.path}: {error}") from error


def read_activation(value: object, path: str) -> Activation:
    """An activation."""
    return Activation(*read_function(value, path, vars(activations.formulas), activations.NAMES, ACTIVATION))


# the loss


def written_loss(loss: Loss, width: int, dtype: Any) -> dict[str, JSON]:
    """The loss with its conventions."""
    if loss.output not in activations.NAMES:
        raise ValueError(
            f"loss {loss.name} cannot be saved: its output must be an activation's name, got {loss.output!r}"
        )
    return {**written_function(loss, width, dtype), "reduction": loss.reduction, "output": loss.output}


def read_loss(value: object, path: str) -> Loss:
    """The loss that `written_loss` wrote."""
    found = dict(read_mapping(value, path))
    chosen = {}
    for key, allowed in (("reduction", losses.REDUCTIONS), ("output", activations.NAMES)):
        chosen[key] = found.pop(key, None)
        if chosen[key] not in allowed:
            raise ModelFileError(f"{path}.{key} must be one of {', '.join(allowed)}, got {chosen[key]!r:.60}")
    name, function, derivative, options = read_function(
        found, path, vars(losses.formulas), losses.NAMES, LOSS
    )
    return Loss(name, function, derivative, options=options, **chosen)  # type: ignore[arg-type]


# where weights start


@dataclass(frozen=True)
class Lost:
    """A starting rule of one's own that a file could only name."""

    name: str

    def __call__(self, rng: np.random.Generator, shape: tuple[int, ...], **options: Any) -> Any:
        """ValueError: nothing is known but the name."""
        raise ValueError(
            f"the initializer {self.name!r} is a Python function, of which a model file holds the name only: build "
            "the network anew with it to draw new weights"
        )


def written_initializer(item: Initializer | ByHand) -> dict[str, JSON]:
    """A rule by name and options, numbers by hand, or the name of one's own function."""
    if isinstance(item, ByHand):
        values = np.asarray(item.values, np.float64)
        if not np.isfinite(values).all():
            raise ValueError("weights set by hand must be finite to be saved")
        return {"by_hand": values.tolist()}
    if item.function is vars(initializers.formulas).get(item.name):
        return {"name": item.name, "options": dict(item.options)}
    if not is_plain_name(item.name):
        raise ValueError(
            f"initializer {item.name!r} cannot be saved: its name must be letters, digits and underscores"
        )
    return {"own": item.name}


def read_initializer(value: object, path: str) -> Initializer | ByHand:
    """The initializer that `written_initializer` wrote."""
    found = read_mapping(value, path)
    if "by_hand" in found:
        take(found, {"by_hand"}, path)  # type: ignore[arg-type]
        return ByHand(read_nested(found["by_hand"], f"{path}.by_hand"))
    if "own" in found:
        take(found, {"own"}, path)  # type: ignore[arg-type]
        name = read.text(found["own"], f"{path}.own")
        if not is_plain_name(name):
            raise ModelFileError(
                f"{path}.own must be letters, digits and underscores, got {reprlib.repr(name)}"
            )
        return Initializer(name, Lost(name))
    take(found, {"name", "options"}, path)  # type: ignore[arg-type]
    name = read.text(found["name"], f"{path}.name")
    if name not in initializers.NAMES:
        known = ", ".join(sorted(initializers.NAMES))
        raise ModelFileError(f"{path}.name {reprlib.repr(name)} is not known; known are {known}")
    options = read_options(found["options"], f"{path}.options")
    with naming_place(path):
        return initializers.initializer(name, **options)


def read_nested(value: object, path: str) -> Any:
    """Numbers, or lists of them."""
    if isinstance(value, list):
        return [read_nested(item, f"{path}[{k}]") for k, item in enumerate(value)]
    return read.number(value, path)


# layers


def written_layer(layer: Any, k: int, width: int, dtype: Any) -> dict[str, JSON]:
    """The class of layer k by name, and its fields."""
    name = type(layer).__name__
    if BUILT_IN.get(name, type(layer)) is not type(layer) or not is_plain_name(name):
        raise ValueError(
            f"layer {k} cannot be saved: glassnet has a class {name} itself; give yours another name"
        )
    if not dataclasses.is_dataclass(layer):
        raise ValueError(
            f"layer {k} cannot be saved: {name} must be a dataclass, whose fields are all it knows"
        )
    fields: dict[str, JSON] = {}
    for item in dataclasses.fields(layer):
        if item.init:
            where = f"layer {k} cannot be saved: field {item.name!r} of {name}"
            fields[item.name] = written_field(getattr(layer, item.name), where, width, dtype)
    return {"layer": name, "fields": fields}


def written_field(value: Any, where: str, width: int, dtype: Any) -> JSON:
    """A layer's field: None, true or false, a number, text, an activation, an initializer, or a tuple of these."""
    if value is None or type(value) in (bool, int, str):
        return value  # type: ignore[no-any-return]
    if isinstance(value, float):
        return float(value) if np.isfinite(value) else {"number": written_number(value)}
    if isinstance(value, tuple):
        return [written_field(item, where, width, dtype) for item in value]
    if isinstance(value, Activation):
        return {"activation": written_function(value, width, dtype)}
    if isinstance(value, (Initializer, ByHand)):
        return {"initializer": written_initializer(value)}
    raise ValueError(
        f"{where} is a {type(value).__name__}; a file holds None, True, False, numbers, text, activations, "
        "initializers and tuples of these"
    )


def read_field(value: object, path: str) -> Any:
    """What `written_field` wrote."""
    if isinstance(value, list):
        return tuple(read_field(item, f"{path}[{k}]") for k, item in enumerate(value))
    if not isinstance(value, dict):
        return value
    readers = {"activation": read_activation, "initializer": read_initializer, "number": read_number}
    for key, reader in readers.items():
        if set(value) == {key}:
            return reader(value[key], f"{path}.{key}")  # type: ignore[operator]
    raise ModelFileError(
        f"{path} must hold one of {', '.join(readers)}, got the keys {reprlib.repr(sorted(value))}"
    )


# What the fields of built-in layers must be; fields of other names are any plain value.
KINDS: dict[str, tuple[str, tuple[type, ...]]] = {
    "units": ("a whole number", (int,)),
    "bias": ("true or false", (bool,)),
    "activation": ("an activation", (Activation,)),
    "weights": ("an initializer", (Initializer, ByHand)),
    "biases": ("an initializer", (Initializer, ByHand)),
    "rate": ("a number", (int, float)),
    "momentum": ("a number", (int, float)),
    "eps": ("a number", (int, float)),
}


def read_layer(value: object, k: int, classes: Mapping[str, type[Any]]) -> Layer:
    """Layer k, of a built-in class or one of those given."""
    path = f"layer {k}"
    found = take(value, {"layer", "fields"}, path)  # type: ignore[arg-type]
    name = read.text(found["layer"], f"{path}.layer")
    fields = {
        key: read_field(item, f"{path}.{key:.60}")
        for key, item in read_mapping(found["fields"], f"{path}.fields").items()
    }
    if name not in classes:
        if not is_plain_name(name):
            raise ModelFileError(f"{path}.layer must be a class's name, got {reprlib.repr(name)}")
        raise ModelFileError(
            f"{path} is a {name}, which glassnet does not have; if you have the class: load(path, layers=[{name}])"
        )
    cls = classes[name]
    expected = {item.name for item in dataclasses.fields(cls) if item.init}
    take(fields, expected, path)
    if name in BUILT_IN:
        for key, item in fields.items():
            kind, types = KINDS.get(key, ("", (object,)))
            if not isinstance(item, types) or (isinstance(item, bool) and bool not in types and kind):
                raise ModelFileError(f"{path}.{key} must be {kind}, got {item!r:.60}")
    with naming_place(path):
        layer: Layer = cls(**fields)
    return layer


# the network


def written_network(network: Network, n_inputs: int, dtype: Any) -> dict[str, JSON]:
    """Layers, loss and penalties."""
    layers: list[JSON] = []
    for k, layer in enumerate(network.layers, start=1):
        # what comes out of a layer is as wide as its scores z, unless a class of one's own has it otherwise
        width = Network(*network.layers[:k]).n_outputs(n_inputs)
        layers.append(written_layer(layer, k, width, dtype))
    n_outputs = network.n_outputs(n_inputs)
    loss = None if network.loss is None else written_loss(network.loss, n_outputs, dtype)
    return {"layers": layers, "loss": loss, "l1": network.l1, "l2": network.l2}


def read_network(value: object, path: str, own: tuple[type[Any], ...]) -> Network:
    """The network that `written_network` wrote."""
    found = take(value, {"layers", "loss", "l1", "l2"}, path)  # type: ignore[arg-type]
    classes = {**{cls.__name__: cls for cls in own}, **BUILT_IN}
    layers = [
        read_layer(item, k, classes)
        for k, item in enumerate(read.items(found["layers"], f"{path}.layers"), 1)
    ]
    loss = None if found["loss"] is None else read_loss(found["loss"], f"{path}.loss")
    penalties = {key: read.number(found[key], f"{path}.{key}") for key in ("l1", "l2")}
    with naming_place(path):
        network = Network(*layers, loss=loss, **penalties)
    if network.layers != tuple(layers):
        raise ModelFileError(
            f"{path}: the loss has the last layer's activation inside; that must be identity then"
        )
    return network
