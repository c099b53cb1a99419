"""Activations, losses and initializers in JSON.

What is built in goes by its name and options. A function of one's own goes as its formula (`formula.py`); of a
starting rule of one's own, which no formula can hold, a file has the name only.
"""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.activations import NAMES as ACTIVATIONS
from glassnet.activations import Activation
from glassnet.errors import ModelFileError
from glassnet.expressions.expression import ROWS, symbol
from glassnet.files import JSON, take
from glassnet.formulas import activations as activation_formulas
from glassnet.formulas import initializers as initializer_formulas
from glassnet.formulas import losses as loss_formulas
from glassnet.initializers import NAMES as INITIALIZERS
from glassnet.initializers import ByHand, Initializer, initializer
from glassnet.losses import NAMES as LOSSES
from glassnet.losses import REDUCTIONS, Loss
from glassnet.naming import check_options, is_plain_name, options_of
from glassnet.saving.formula import Formula, read_formula, traced, written_formula
from glassnet.saving.values import naming_place, place, read_mapping, read_option
from glassnet.tables import json_fields as read

# functions of one's own: what they take, and what their derivatives take

ACTIVATION = (("z",), ("da", "z", "a"))
LOSS = (("y", "s"), ("y", "s"))


def written_function(item: Activation | Loss, width: int, dtype: Any) -> dict[str, JSON]:
    """An activation or a loss by name and options, or by the operations of its functions."""
    kind, (of, of_derivative) = ("activation", ACTIVATION) if isinstance(item, Activation) else ("loss", LOSS)
    formulas = vars(activation_formulas if isinstance(item, Activation) else loss_formulas)
    if not is_plain_name(item.name):
        raise ValueError(f"{kind} {item.name!r} cannot be saved: its name must be letters, digits and underscores")
    built_in = item.function is formulas.get(item.name) and item.derivative is formulas.get(f"{item.name}_backward")
    if built_in:
        return {"name": item.name, "options": dict(item.options)}

    def operations(function: Callable[..., Any], arguments: tuple[str, ...]) -> list[JSON]:
        if isinstance(function, Formula):  # from a file
            return written_formula(function)
        symbols = {name: symbol(name, (ROWS, width), dtype) for name in arguments}
        return written_formula(traced(with_options(function, item.options), symbols, f"{kind} {item.name}"))

    derivative = None if item.derivative is None else operations(item.derivative, of_derivative)
    own = {"function": operations(item.function, of), "derivative": derivative}
    return {"name": item.name, "options": dict(item.options), **own}


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
    own = isinstance(value, dict) and "function" in value
    keys = {"name", "options", *(("function", "derivative") if own else ())}
    found = take(value, keys, path)  # type: ignore[arg-type]
    name = read.text(found["name"], f"{path}.name")
    options = read_options(found["options"], f"{path}.options")
    if own:
        if not all(map(is_plain_name, (name, *options))):
            raise ModelFileError(f"{path}.name must be letters, digits and underscores, got {reprlib.repr(name)}")
        function = read_formula(found["function"], f"{path}.function", arguments[0])
        derivative: Formula | None = None
        if found["derivative"] is not None:
            derivative = read_formula(found["derivative"], f"{path}.derivative", arguments[1])
        return name, function, derivative, options
    if name not in names:
        known = ", ".join(sorted(names))
        raise ModelFileError(f"{path}.name {reprlib.repr(name)} is not known; known are {known}")
    with naming_place(path):
        check_options(options_of(formulas[name], len(arguments[0])), options, name)
    return name, formulas[name], formulas[f"{name}_backward"], options


def read_options(value: object, path: str) -> dict[str, Any]:
    """Options: numbers, true and false by name."""
    return {key: read_option(item, place(path, key)) for key, item in read_mapping(value, path).items()}


def read_activation(value: object, path: str) -> Activation:
    """An activation."""
    return Activation(*read_function(value, path, vars(activation_formulas), ACTIVATIONS, ACTIVATION))


# the loss


def written_loss(loss: Loss, width: int, dtype: Any) -> dict[str, JSON]:
    """The loss with its conventions."""
    if loss.output not in ACTIVATIONS:
        raise ValueError(
            f"loss {loss.name} cannot be saved: its output must be an activation's name, got {loss.output!r}"
        )
    return {**written_function(loss, width, dtype), "reduction": loss.reduction, "output": loss.output}


def read_loss(value: object, path: str) -> Loss:
    """The loss that `written_loss` wrote."""
    found = dict(read_mapping(value, path))
    chosen = {}
    for key, allowed in (("reduction", REDUCTIONS), ("output", ACTIVATIONS)):
        chosen[key] = found.pop(key, None)
        if chosen[key] not in allowed:
            raise ModelFileError(f"{path}.{key} must be one of {', '.join(allowed)}, got {chosen[key]!r:.60}")
    name, function, derivative, options = read_function(found, path, vars(loss_formulas), LOSSES, LOSS)
    return Loss(name, function, derivative, options=options, **chosen)  # type: ignore[arg-type]


# where weights start


@dataclass(frozen=True)
class Lost:
    """A starting rule of one's own that a file could only name."""

    name: str

    def __call__(self, rng: np.random.Generator, shape: tuple[int, ...], **options: Any) -> Any:
        """ValueError: nothing is known but the name."""
        raise ValueError(
            f"the initializer {self.name!r} is a Python function, of which a model file holds the name only: "
            "build the network anew with it to draw new weights"
        )


def written_initializer(item: Initializer | ByHand) -> dict[str, JSON]:
    """A rule by name and options, numbers by hand, or the name of one's own function."""
    if isinstance(item, ByHand):
        values = np.asarray(item.values, np.float64)
        if not np.isfinite(values).all():
            raise ValueError("weights set by hand must be finite to be saved")
        return {"by_hand": values.tolist()}
    if item.function is vars(initializer_formulas).get(item.name):
        return {"name": item.name, "options": dict(item.options)}
    if not is_plain_name(item.name):
        raise ValueError(f"initializer {item.name!r} cannot be saved: its name must be letters, digits and underscores")
    return {"own": item.name}


def read_initializer(value: object, path: str) -> Initializer | ByHand:
    """The initializer that `written_initializer` wrote."""
    found = read_mapping(value, path)
    if "by_hand" in found:
        take(found, {"by_hand"}, path)  # type: ignore[arg-type]
        values = read_nested(found["by_hand"], f"{path}.by_hand")
        with naming_place(f"{path}.by_hand"):
            return ByHand(np.asarray(values, np.float64).tolist())
    if "own" in found:
        take(found, {"own"}, path)  # type: ignore[arg-type]
        name = read.text(found["own"], f"{path}.own")
        if not is_plain_name(name):
            raise ModelFileError(f"{path}.own must be letters, digits and underscores, got {reprlib.repr(name)}")
        return Initializer(name, Lost(name))
    take(found, {"name", "options"}, path)  # type: ignore[arg-type]
    name = read.text(found["name"], f"{path}.name")
    if name not in INITIALIZERS:
        known = ", ".join(sorted(INITIALIZERS))
        raise ModelFileError(f"{path}.name {reprlib.repr(name)} is not known; known are {known}")
    options = read_options(found["options"], f"{path}.options")
    with naming_place(path):
        return initializer(name, **options)


def read_nested(value: object, path: str) -> Any:
    """Numbers, or lists of them."""
    if isinstance(value, list):
        return [read_nested(item, f"{path}[{k}]") for k, item in enumerate(value)]
    return read.number(value, path)
