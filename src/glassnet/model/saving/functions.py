"""Activations, losses and initializers in JSON.

What is built in goes by its name and options. A function of one's own goes as its formula (`formula.py`); of a
starting rule of one's own, which no formula can hold, a file has the name only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from glassnet.data.files import JSON
from glassnet.data.files import fields as read
from glassnet.expressions.expression import ROWS, symbol
from glassnet.formulas import activations as activation_formulas
from glassnet.formulas import initializers as initializer_formulas
from glassnet.formulas import losses as loss_formulas
from glassnet.model.saving.formula import StoredFormula, read_formula, traced, written_formula
from glassnet.parts.activations import NAMES as ACTIVATIONS
from glassnet.parts.activations import Activation
from glassnet.parts.initializers import NAMES as INITIALIZERS
from glassnet.parts.initializers import ByHand, Initializer, initializer_named
from glassnet.parts.losses import NAMES as LOSSES
from glassnet.parts.losses import REDUCTIONS, Loss
from glassnet.parts.naming import check_options, is_plain_name, options_of
from glassnet.parts.optimizers import schedule_named
from glassnet.parts.schedules import SCHEDULES, Schedule


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of function: where the built-in ones are, and what one's own take.

    Attributes
    ----------
    name
        What messages call it.
    built_in
        The names of those that are built in.
    formulas
        Their functions by name; the derivative of `tanh` is `tanh_backward`.
    arguments, derivative_arguments
        What a function takes, and what its derivative takes.
    """

    name: str
    built_in: tuple[str, ...]
    formulas: Mapping[str, Any]
    arguments: tuple[str, ...]
    derivative_arguments: tuple[str, ...]


ACTIVATION = Kind(
    name="activation",
    built_in=ACTIVATIONS,
    formulas=vars(activation_formulas),
    arguments=("z",),
    derivative_arguments=("da", "z", "a"),
)
LOSS = Kind(
    name="loss", built_in=LOSSES, formulas=vars(loss_formulas), arguments=("y", "s"), derivative_arguments=("y", "s")
)


def written_function(item: Activation | Loss, width: int, dtype: Any) -> dict[str, JSON]:
    """An activation or a loss by name and options, or by the operations of its functions."""
    kind = ACTIVATION if isinstance(item, Activation) else LOSS
    check_name(kind.name, item.name)
    written: dict[str, JSON] = {"name": item.name, "options": dict(item.options)}
    own = item.function, item.derivative
    if own == (kind.formulas.get(item.name), kind.formulas.get(f"{item.name}_backward")):
        return written

    def operations(function: Callable[..., Any], arguments: tuple[str, ...]) -> list[JSON]:
        if isinstance(function, StoredFormula):  # from a file
            return written_formula(function)
        symbols = {name: symbol(name, (ROWS, width), dtype) for name in arguments}
        # with the options filled in: they are numbers of the formula from here on
        return written_formula(traced(partial(function, **item.options), symbols, f"{kind.name} {item.name}"))

    written["function"] = operations(item.function, kind.arguments)
    written["derivative"] = None if item.derivative is None else operations(item.derivative, kind.derivative_arguments)
    return written


def check_name(kind: str, name: str) -> None:
    """Refuse a name that `read_function` would refuse."""
    if not is_plain_name(name):
        raise ValueError(f"{kind} {name!r} cannot be saved: its name must be letters, digits and underscores")


def read_function(value: object, path: str, kind: Kind) -> tuple[str, Any, Any, dict[str, Any]]:
    """Name, function, derivative and options of what `written_function` wrote."""
    is_own = "function" in read.mapping(value, path)
    found = read.take(value, {"name", "options", *(("function", "derivative") if is_own else ())}, path)
    options = read_options(found["options"], f"{path}.options")
    if is_own:
        for name in options:
            read.plain_name(name, f"{path}.options: a name")
        name = read.plain_name(found["name"], f"{path}.name")
        function = read_formula(found["function"], f"{path}.function", kind.arguments)
        derivative: StoredFormula | None = None
        if found["derivative"] is not None:
            derivative = read_formula(found["derivative"], f"{path}.derivative", kind.derivative_arguments)
        return name, function, derivative, options
    name = read.one_of(found["name"], f"{path}.name", kind.built_in)
    with read.naming_place(path):
        check_options(options_of(kind.formulas[name], len(kind.arguments)), options, name)
    return name, kind.formulas[name], kind.formulas[f"{name}_backward"], options


def read_options(value: object, path: str) -> dict[str, Any]:
    """Options: numbers, true and false by name."""
    return {key: read.option(item, read.place(path, key)) for key, item in read.mapping(value, path).items()}


def read_activation(value: object, path: str) -> Activation:
    """An activation."""
    return Activation(*read_function(value, path, ACTIVATION))


# the loss

SMOOTHING = "label_smoothing"  # in a file only where there is some


def written_loss(loss: Loss, width: int, dtype: Any) -> dict[str, JSON]:
    """The loss with its conventions."""
    if loss.output not in ACTIVATIONS:
        raise ValueError(
            f"loss {loss.name} cannot be saved: its output must be an activation's name, got {loss.output!r}"
        )
    more: dict[str, JSON] = {SMOOTHING: loss.label_smoothing} if loss.label_smoothing else {}
    return {**written_function(loss, width, dtype), "reduction": loss.reduction, "output": loss.output, **more}


def read_loss(value: object, path: str) -> Loss:
    """The loss that `written_loss` wrote."""
    found = dict(read.mapping(value, path))
    chosen = {
        key: read.one_of(found.pop(key, None), f"{path}.{key}", allowed)
        for key, allowed in (("reduction", REDUCTIONS), ("output", ACTIVATIONS))
    }
    smoothing = read.number(found.pop(SMOOTHING, 0.0), f"{path}.{SMOOTHING}")
    name, function, derivative, options = read_function(found, path, LOSS)
    with read.naming_place(path):
        return Loss(
            name=name,
            function=function,
            derivative=derivative,
            options=options,
            label_smoothing=smoothing,
            **chosen,
        )


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
    check_name("initializer", item.name)
    return {"own": item.name}


def read_initializer(value: object, path: str) -> Initializer | ByHand:
    """The initializer that `written_initializer` wrote."""
    found = read.mapping(value, path)
    if "by_hand" in found:
        values = read_nested(read.take(found, {"by_hand"}, path)["by_hand"], f"{path}.by_hand")
        with read.naming_place(f"{path}.by_hand"):
            return ByHand(np.asarray(values, np.float64).tolist())
    if "own" in found:
        name = read.plain_name(read.take(found, {"own"}, path)["own"], f"{path}.own")
        return Initializer(name, Lost(name))
    found = read.take(found, {"name", "options"}, path)
    name = read.one_of(found["name"], f"{path}.name", INITIALIZERS)
    options = read_options(found["options"], f"{path}.options")
    with read.naming_place(path):
        return initializer_named(name, **options)


def read_nested(value: object, path: str) -> Any:
    """Numbers, or lists of them."""
    if isinstance(value, list):
        return [read_nested(item, f"{path}[{k}]") for k, item in enumerate(value)]
    return read.number(value, path)


# schedules


def written_schedule(item: Schedule) -> dict[str, JSON]:
    """The schedule's name and numbers."""
    return {"schedule": item.name, "options": dict(item.options), "warm_up": item.warm_up}


def read_schedule(value: object, path: str) -> Schedule:
    """The schedule that `written_schedule` wrote."""
    found = read.take(value, {"schedule", "options", "warm_up"}, path)
    name = read.one_of(found["schedule"], f"{path}.schedule", SCHEDULES)
    options = read_options(found["options"], f"{path}.options")
    initial = read.number(options.pop("initial", None), f"{path}.options.initial")
    warm_up = read.option(found["warm_up"], f"{path}.warm_up")
    with read.naming_place(path):
        return schedule_named(name, initial, warm_up=warm_up, **options)
