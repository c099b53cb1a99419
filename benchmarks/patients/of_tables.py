"""Tables, with recipes and with networks made by hand: healthy, each as good as others are there."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from accuracy.problems import Problem, problems

import glassnet as gn
from patients.patient import Case, Patient

MOST = 1500  # rows
LINEAR = ("german", "wage", "wine-red", "spambase", "splice", "segment")  # where a line is nearly as good as others
STRONG = ("boston",)  # it takes long
ACTIVATIONS = ("relu", "tanh", "sigmoid", "selu", "silu", "mish", "gelu", "elu")
OPTIMIZERS: dict[str, Any] = {
    "Adam": gn.Adam(0.005),
    "AdamW": gn.AdamW(0.005),
    "RMSprop": gn.RMSprop(0.003),
    "NAdam": gn.NAdam(0.005),
    "momentum": gn.Momentum(0.02),
    "Nesterov": gn.Nesterov(0.02),
    "gradient descent": gn.SGD(0.03),
}


def of_tables(folder: Path) -> Iterable[Patient]:
    """Of each table three or four: the recipe "small", one or two layers by hand, where a line is enough "linear"."""
    for k, problem in enumerate(problems()):
        activation, (optimizer, rule) = ACTIVATIONS[k % len(ACTIVATIONS)], [*OPTIMIZERS.items()][k % len(OPTIMIZERS)]
        other = ACTIVATIONS[(k + 3) % len(ACTIVATIONS)]
        one = gn.Network(gn.Dense(24, activation), gn.Dense())
        two = gn.Network(gn.Dense(32, other), gn.Dense(16, other), gn.Dense())
        yield patient(folder, problem, "by the recipe small", gn.recipe("small"), {})
        yield patient(folder, problem, f"24 {activation}, {optimizer}", one, {"optimizer": rule, "epochs": 60})
        yield patient(folder, problem, f"two layers of {other}", two, {"optimizer": gn.Adam(0.003), "epochs": 40})
        for name in ("linear",) * (problem.name in LINEAR) + ("strong",) * (problem.name in STRONG):
            yield patient(folder, problem, f"by the recipe {name}", gn.recipe(name), {})


def patient(folder: Path, problem: Problem, about: str, network: Any, how: dict[str, Any]) -> Patient:
    """A network on a table."""
    return Patient(
        name=f"{problem.name} {about}",
        group="healthy",
        about=f"The table {problem.name}, {about}.",
        case=partial(drawn, folder, problem, network, {"target": problem.target, "kind": problem.kind, **how}),
    )


def drawn(folder: Path, problem: Problem, network: Any, how: dict[str, Any], draw: int) -> Case:
    """At most 1,500 of the rows; draws from 1000 on are of rows that the others never have."""
    table = problem.load(folder)
    order = np.random.default_rng(5).permutation(len(table))
    cut = 7 * len(table) // 10
    place = order[cut:] if draw >= 1000 else order[:cut]
    picked = np.random.default_rng(draw).permutation(place)[:MOST]
    return Case(network, table.rows(np.sort(picked)), None, how)
