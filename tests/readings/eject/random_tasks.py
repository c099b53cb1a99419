"""Random data, arrays or tables, and networks that fit them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

import numpy as np
from random_layers import random_layers

import glassnet as gn
from glassnet.parts import losses


@dataclass(frozen=True, eq=False)
class Task:
    """A network, and data for it: arrays X and y, or a table X with its target's name."""

    network: gn.Network
    X: Any
    y: Any
    target: str | None
    kind: str | None
    dtype: str
    choices: Mapping[str, Any] = field(default_factory=dict)


CLASS_LOSSES = ("cross_entropy", "binary_cross_entropy")
LABELS = (
    ("no", "yes"),
    ("b", "a", "10", "9"),
    (False, True),
    (3, -1, 12),
    (0, 1),
    (2.0, 1.0, 100.0, -3.0),
    ("Ünïcode name", "two words", "three", "", "five", "12"),
)


def own_loss(y: Any, s: Any) -> Any:
    return np.sqrt((s - y) ** 2 + 1.0) - 1.0


def own_row_loss(y: Any, s: Any) -> Any:
    return np.log1p(np.sum((s - y) * (s - y), axis=1, keepdims=True))


LOSSES: tuple[Any, ...] = (*losses.NAMES, own_loss, own_row_loss)


def random_task(draw: Random, number: int) -> Task:
    """Data and a network that fits them."""
    rng = np.random.default_rng(draw.randrange(10**9))
    chosen = LOSSES[number % len(LOSSES)]
    is_table = draw.random() < 0.45 and chosen != "poisson"
    rows = draw.choice([20, 33, 60])
    inputs = draw.choice([1, 2, 3, 7, 20, 40])
    classes = draw.choice(LABELS) if chosen in CLASS_LOSSES or draw.random() < 0.2 else None
    if chosen == "poisson":
        classes = None
    if is_table and classes is not None and "" in classes:
        classes = classes[:3]
    outputs = len(classes) if classes else 1 if is_table else draw.choice([1, 1, 2, 3, 10])
    y: Any = None
    if classes is not None:
        y = np.array([classes[k] for k in rng.permutation(np.arange(rows) % len(classes))])
    elif chosen == "poisson":
        y = rng.poisson(2.0, (rows, outputs)).astype(float)
    else:
        y = rng.normal(size=(rows, outputs)) * (draw.choice([0.01, 5.0, 300.0]) if is_table else 1.0)
        y = y + (draw.choice([0.0, 40.0, -2000.0]) if is_table else 0.0)
    last = last_layer(draw, chosen, classes, outputs, is_table)
    loss = random_loss(draw, chosen)
    hidden = random_layers(draw, number)
    penalties: dict[str, Any] = {"l1": draw.choice([0, 0, 0.01]), "l2": draw.choice([0, 0, 0.02])}
    network = gn.Network(*hidden, last, loss=loss, **penalties, penalty_per_row=draw.random() < 0.3)
    kind = "classes" if classes is not None else "number"
    dtype = draw.choice(["float64", "float64", "float32"])
    if is_table:
        table = random_table(draw, rng, rows)
        target = draw.choice(["species", "y", "the target (in €)", "p", "class"])
        return Task(network, {**table, target: y.reshape(-1).tolist()}, y, target, kind, dtype, random_choices(number))
    if draw.random() < 0.5 and outputs == 1:
        y = y.reshape(-1)
    return Task(network, rng.normal(size=(rows, inputs)), y, None, kind, dtype)


def random_choices(number: int) -> dict[str, Any]:
    """How a table becomes inputs."""
    draw = Random(f"choices of {number}")
    scale = draw.choice(["standard", "standard", "robust", "quantile", "none"])
    words = draw.choice(["one-hot", "embed"])
    return {"scale": scale, "words": words, "clamp": draw.random() < 0.3, "fill": draw.choice(["median", "mean"])}


def random_loss(draw: Random, chosen: Any) -> gn.parts.losses.Loss:
    """A loss with options and a reduction."""
    options = {
        "squared": {"half": draw.random() < 0.5},
        "huber": {"delta": draw.choice([0.5, 1.0, 2.0])},
        "quantile": {"q": draw.choice([0.1, 0.5, 0.8])},
        "poisson": {"deviance": draw.random() < 0.5},
    }
    given = options.get(chosen, {}) if isinstance(chosen, str) else {}
    return gn.loss(chosen, reduction=draw.choice(losses.REDUCTIONS), **given)


def last_layer(draw: Random, chosen: Any, classes: Any, outputs: int, is_table: bool) -> gn.Dense:
    """A last layer that the loss and the target allow."""
    last = ["identity"] * 3
    if chosen == "cross_entropy":
        last += ["softmax"]
    elif chosen == "binary_cross_entropy":
        last += ["sigmoid"] * 3
    elif chosen == "poisson":
        last += ["exponential"]
    elif is_table and classes is None:
        last += ["softplus", "leaky_relu", "elu"]
    else:
        last += ["tanh", "sigmoid", "softmax" if outputs > 1 else "softplus", "silu"]
    units: int | None = outputs
    if classes is not None and len(classes) == 2 and chosen != "cross_entropy":
        units = draw.choice([1, 2, None])
    return gn.Dense(units, draw.choice(last), bias=draw.random() < 0.8)


NAMES = ("bill length (mm)", "x", "W1", "if", "größe", "a b", "n", "_", "Species", "x1", "100%", "e", "T", "i")
KINDS = ("number", "number", "number", "whole", "constant", "words", "words", "number words", "bool", "days", "times")
WORDS: dict[str, tuple[Any, ...]] = {
    "words": ("Biscoe", "Dream", "Torgersen Island", "ähnlich", "true", "7up"),
    "number words": ("1", "2.5", "10", "-3", "x"),
    "bool": (True, False),
}


def random_table(draw: Random, rng: np.random.Generator, rows: int) -> dict[str, list[Any]]:
    """One to six columns of numbers and words, some with missing values."""
    table: dict[str, list[Any]] = {}
    for name in draw.sample(NAMES, draw.choice([1, 2, 3, 6])):
        kind = draw.choice(KINDS)
        column = random_column(draw, rng, rows, kind)
        share = draw.choice([0.0, 0.0, 0.03, 0.3]) if kind != "constant" else 0.0
        absent = draw.choice([None, "", " NA "]) if kind in ("words", "number words", "days", "times") else None
        table[name] = [column[0], *(absent if rng.random() < share else value for value in column[1:])]
    return table


def random_column(draw: Random, rng: np.random.Generator, rows: int, kind: str) -> list[Any]:
    """The values of a column, none of them missing."""
    if kind == "number":
        offset, spread = draw.choice([0.0, 0.0, 40.0, -1e6]), draw.choice([1e-3, 1.0, 50.0])
        return [float(value) for value in offset + spread * rng.normal(size=rows)]
    if kind == "whole":
        return [int(value) for value in rng.integers(-5, 30, rows)]
    if kind == "constant":
        return [draw.choice([0.0, 7.5])] * rows
    if kind in ("days", "times"):
        span, first = draw.choice([3, 90, 5000]), draw.choice([0, 15000, -40000])
        times = np.datetime64("1970-01-01T00:00") + (1440 * (first + span * rng.random(rows))).astype("m8[m]")
        return list(map(str, times.astype("M8[D]") if kind == "days" else times))
    return [WORDS[kind][k % len(WORDS[kind])] for k in rng.permutation(rows)]
