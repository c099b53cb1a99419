"""What each part of a recipe may be, checked once. A part may differ for classes and for a number.

Such a part is a dictionary of two, {"classes": 0.04, "number": 0.2}.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np

from glassnet.data.tables.target_kind import KINDS
from glassnet.parts.activations import activation
from glassnet.parts.initializers import initializer
from glassnet.parts.layers import SCALINGS, Dropout, check_layer
from glassnet.parts.losses import loss
from glassnet.parts.naming import FROM_0, check_choice, check_number, check_penalised, check_whole, find, is_number
from glassnet.parts.optimizers import Optimizer, optimizer
from glassnet.parts.schedules import Schedule
from glassnet.training.stopping import EarlyStopping

DTYPES = ("float32", "float64")


def differs(value: Any) -> bool:
    """Whether a part is one thing for classes and another for a number."""
    return isinstance(value, Mapping)


def of_kind(value: Any, kind: str) -> Any:
    """A part as it is for this kind of target."""
    return value[kind] if differs(value) else value


def each(value: Any, function: Callable[[Any], Any]) -> Any:
    """What a function makes of a part, or of both that it is."""
    return {kind: function(item) for kind, item in value.items()} if differs(value) else function(value)


def checked(name: str, value: Any) -> Any:
    """A part as it is kept; ValueError or TypeError for what it cannot be."""
    if differs(value) and {*value} != {*KINDS}:
        raise ValueError(f"{name} must be one value, or one each for {' and '.join(KINDS)}, got {dict(value)!r:.80}")
    found = each(value, lambda item: CHECKS[name](name, item))
    return found["classes"] if differs(found) and found["classes"] == found["number"] else found


def units(name: str, value: Any) -> tuple[int, ...]:
    """Units of each hidden layer; a number is those of a single one."""
    counts = tuple(value) if isinstance(value, tuple | list) else (value,)
    return tuple(check_whole(name, count) for count in counts)


def layer(name: str, value: Any) -> Any:
    """A layer."""
    check_layer(value)
    return value


def learning_rate(name: str, value: Any) -> float | Schedule:
    """A rate, or a schedule for it."""
    if isinstance(value, Schedule):
        return value
    check_number(name, value, 0, math.inf)
    return float(value)


def dropout(name: str, value: Any) -> Any:
    """A rate of dropout."""
    return Dropout(value).rate


def not_negative(name: str, value: Any) -> float:
    """A number >= 0."""
    check_number(name, value, FROM_0, math.inf)
    return float(value)


def factor(name: str, value: Any) -> float:
    """A number > 0."""
    check_number(name, value, 0, math.inf)
    return float(value)


def penalised(name: str, value: Any) -> Any:
    """Whether penalties pull, or how hard."""
    check_penalised(name, value)
    return value


def share(name: str, value: Any) -> float:
    """A share of the rows."""
    if not is_number(value) or not 0 < value < 1:
        raise ValueError(f"{name} must be a share of the rows between 0 and 1, or None, got {value!r:.60}")
    return float(value)


def dtype(name: str, value: Any) -> str:
    """float32 or float64, by name or as NumPy's type."""
    with suppress(TypeError, ValueError, SyntaxError):  # what is no type
        value = value if isinstance(value, str) else np.dtype(value).name
    return find(value, DTYPES, name)


def stopping(name: str, value: Any) -> Any:
    """When training stops early, and which epoch is kept."""
    if isinstance(value, EarlyStopping | bool):
        return value
    return check_whole(name, value, " (a patience), a bool or an EarlyStopping(…)")


def rows_or_none(name: str, value: Any) -> int:
    """A number of rows, 0 among them."""
    if value is False or value == 0:
        return 0
    return check_whole(name, value, " (of rows), or 0")


def or_none(check: Callable[[str, Any], Any]) -> Callable[[str, Any], Any]:
    """A check that lets None pass."""
    return lambda name, value: None if value is None else check(name, value)


LEARNS = ("all", "biases")

CHECKS: dict[str, Callable[[str, Any], Any]] = {
    "numbers": or_none(layer),
    "categories": or_none(layer),
    "front": or_none(layer),
    "hidden": units,
    "activation": lambda name, value: activation(value),
    "output_activation": or_none(lambda name, value: activation(value)),
    "bias": check_choice,
    "scaling": lambda name, value: find(value, SCALINGS, name),
    "strength": check_choice,
    "weights": or_none(lambda name, value: initializer(value)),
    "biases": lambda name, value: initializer(value),
    "bias_rate": factor,
    "strength_rate": factor,
    "strength_penalised": penalised,
    "dropout": dropout,
    "loss": or_none(lambda name, value: loss(value)),
    "l2": not_negative,
    "dtype": dtype,
    "learns": lambda name, value: find(value, LEARNS, name),
    "optimizer": lambda name, value: optimizer(value),
    "learning_rate": or_none(learning_rate),
    "epochs": check_whole,
    "batch_size": or_none(lambda name, value: check_whole(name, value, ", or None for all rows")),
    "drop_last": check_choice,
    "steps": or_none(check_whole),
    "validation": or_none(share),
    "early_stopping": stopping,
    "refit": rows_or_none,
    "members": check_whole,
}


def changed(before: Any, new: Any) -> Any:
    """A part with a new value, which may be said by its number alone.

    A number in the place of a schedule is the largest that this reaches, and a patience that of an `EarlyStopping`.
    Where a part differs for classes and for a number, one value is for both.
    """
    if differs(before) and not differs(new):
        return {kind: changed(item, new) for kind, item in before.items()}
    if isinstance(before, Schedule) and is_number(new) and new > 0:
        return replace(before, options={**before.options, "initial": float(new)})
    if isinstance(before, EarlyStopping) and isinstance(new, int) and not isinstance(new, bool):
        return replace(before, patience=new)
    return new


def rule_of(given: Any, before: Optimizer, rate: Any) -> tuple[Optimizer, Any]:
    """An optimizer in the place of another, and its learning rate: that of the other, where both have one name."""
    made = optimizer(given)
    same = isinstance(given, str) and made.name == before.name
    return (before, rate) if same else (made, made.learning_rate)
