"""Random networks with random data, trained a little: what programs made of networks are held against.

`random_case` gives a trained network to predict with, `random_training` a network and how it is to be trained further.
Both depend on a seed and a number alone. Every activation and every loss comes up again after some numbers; what else
there is comes by chance. A case whose outputs hang on the last digit of its inputs says nothing about a program, and
is drawn again.
"""

from __future__ import annotations

import copy
import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

import numpy as np
from random_layers import ODD, Own
from random_tasks import Task, random_task

import glassnet as gn
from glassnet.expressions.expression import evaluate
from glassnet.parts import optimizers, schedules
from glassnet.readings.eject.answers import Answers, answers
from glassnet.readings.eject.random_rows import RawRows, random_rows

MARGIN = 100.0  # how many times what the last digit changes is allowed
STEPS = 50  # of a training


@dataclass(frozen=True, eq=False)
class Case:
    """A network with numbers, for a training how it is to be trained, and what else `eject` is given."""

    name: str
    model: gn.Model
    training: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        model = self.model
        about = [self.name, repr(model.network), model.dtype, type(model.contract).__name__, f"classes {model.classes}"]
        about += [self.options] if self.options else []
        about += [f"{key}={self.training[key]!r}" for key in self.training if key not in ("X", "y", "sample_weight")]
        about += ["weighted"] if self.training.get("sample_weight") is not None else []
        return ", ".join(map(str, about))


def random_case(seed: int, number: int) -> Case:
    """A network that was trained for a few epochs."""
    for attempt in range(100):
        draw = Random(f"{seed} {number} {attempt}")
        task = random_task(draw, number)
        try:
            model = quietly_trained(task, draw, epochs=draw.choice([1, 3, 10]))
        except gn.TrainingError:
            continue
        if is_steady(model):
            other = draw.random() < 0.15 and (model.dtype == np.float32 or is_steady_in_single(model))
            dtype = "float32" if model.dtype == np.float64 else "float64"
            return Case(f"network {number} of seed {seed}", model, {}, {"dtype": dtype} if other else {})
    raise AssertionError(f"no network {number} of seed {seed} in 100 attempts")


def odd_cases() -> list[Case]:
    """Networks that some languages refuse: of rows that depend on each other, of arrays with three axes."""
    X, cases = np.random.default_rng(0).normal(size=(20, 3)), []
    for k, formula in enumerate(ODD):
        network = gn.Network(gn.Dense(3, "tanh"), Own(formula), gn.Dense(2), loss="squared")
        cases.append(Case(f"odd network {k}", gn.initialize(network, X, X[:, :2], seed=k)))
    return cases


def random_training(seed: int, number: int) -> Case:
    """A network, new or trained before, and how to train it for 50 steps."""
    for attempt in range(100):
        draw = Random(f"{seed} {number} {attempt} training")
        task = random_task(draw, number)
        try:
            model = quietly_trained(task, draw, epochs=draw.choice([0, 0, 1, 2]))
            options = random_options(draw, task, model, number)
            case = Case(f"training {number} of seed {seed}", model, options, random_report(draw, task.network))
            vague = 1e-6 if model.dtype == np.float32 else 1e-8
            if is_steady(model) and sensitivity_of_training(case).weights < vague:
                return case
        except gn.TrainingError:
            continue
    raise AssertionError(f"no training {number} of seed {seed} in 100 attempts")


# how much the last digit says


@dataclass(frozen=True)
class Sensitivity:
    """What changes after training, where rows and weights are changed in their last digit before it.

    Attributes
    ----------
    outputs
        In parts of their row's scale.
    weights
        In parts of the largest, or 1.
    """

    outputs: float
    weights: float


def is_steady(model: gn.Model) -> bool:
    """Whether glassnet itself is as near to the exact outputs as a program must be to glassnet's, and nearer."""
    rows = random_rows(model.contract, 100, np.random.default_rng(0))
    ours = answers(model, rows)
    if not np.isfinite(ours.outputs).all():
        return False
    return apart(ours, exact(model, rows)) < (1e-6 if model.dtype == np.float32 else 1e-13)


def is_steady_in_single(model: gn.Model) -> bool:
    """Whether a program that computes in float32 can say what this model says in float64."""
    rows, single = random_rows(model.contract, 100, np.random.default_rng(0)), copy.deepcopy(model)
    for name in ("theta", "state"):
        setattr(single.memory, name, getattr(model.memory, name).astype(np.float32))
    with np.errstate(all="ignore"):
        return apart(answers(model, rows), answers(single, rows)) < 1e-6


def exact(model: gn.Model, rows: RawRows) -> Answers:
    """The model's answers, computed with three more digits than float64 has."""
    X: Any = rows
    if isinstance(rows, list):
        X = {name: [row[name] for row in rows] for name in rows[0]}
    values: dict[str, Any] = {name: array.astype(np.longdouble) for name, array in model.memory.arrays().items()}
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        values |= {"x": model.encode(X).astype(np.longdouble), "n": float(len(rows))}
        for step in model.derivation(prediction=True).steps:
            values[step.name] = evaluate(step.expression, values)
    p = values["p"]
    p = np.concatenate([1.0 - p, p], axis=1) if model.classes and len(model.classes) == 2 and p.shape[1] == 1 else p
    if model.classes is None:
        target = getattr(model.contract, "target", None)
        p = p * getattr(target, "scale", 1.0) + getattr(target, "mean", 0.0)
        p = np.clip(p, target.low, target.high) if getattr(target, "clamp", False) else p
    return Answers(outputs=p)


def sensitivity_of_training(case: Case) -> Sensitivity:
    """How far trainings that begin with other last digits end apart; infinitely where one of them fails."""
    rows = random_rows(case.model.contract, 100, np.random.default_rng(0))
    first = trained(copy.deepcopy(case.model), case.training)
    largest = max(1.0, float(np.abs(first.memory.theta).max(initial=0.0)))
    ours, outputs, weights = answers(first, rows), 0.0, 0.0
    for change in (1, 2, 3):
        try:
            other = trained(shaken(case.model, change), shaken_rows(case.training, case.model, change))
        except gn.TrainingError:
            return Sensitivity(math.inf, math.inf)
        weights = max(weights, float(np.abs(other.memory.theta - first.memory.theta).max(initial=0.0)) / largest)
        outputs = max(outputs, apart(ours, answers(other, rows)))
    return Sensitivity(outputs, weights)


def apart(a: Answers, b: Answers) -> float:
    """The largest difference of two outputs, in parts of the row's scale."""
    assert a.scale is not None
    with np.errstate(invalid="ignore"):
        found = np.abs(a.outputs.astype(np.float64) - b.outputs) / a.scale[:, None]
    return float(np.nan_to_num(found, nan=math.inf).max())


def shaken(model: gn.Model, change: int) -> gn.Model:
    """A copy whose weights and running means have other last digits."""
    model, rng = copy.deepcopy(model), np.random.default_rng(change)
    for vector in (model.memory.theta, model.memory.state):
        vector *= 1.0 + np.finfo(vector.dtype).eps * rng.choice([-1.0, 1.0], vector.shape)
    return model


def shaken_rows(options: Mapping[str, Any], model: gn.Model, change: int) -> Mapping[str, Any]:
    """The rows of an array with other last digits; a table as it is, for its numbers may hang on their offset."""
    if not isinstance(options["X"], np.ndarray):
        return options
    digit, rng = np.finfo(model.dtype).eps, np.random.default_rng(change)
    return {**options, "X": options["X"] * (1.0 + digit * rng.choice([-1.0, 1.0], options["X"].shape))}


def trained(model: gn.Model, options: Mapping[str, Any]) -> gn.Model:
    """The model, trained by NumPy."""
    with np.errstate(all="ignore"):
        return gn.train(model, **options, engine="numpy", progress=False)


def quietly_trained(task: Task, draw: Random, epochs: int) -> gn.Model:
    """A model of a task; its biases, scales and shifts are no longer 0 and 1."""
    given = {
        "target": task.target,
        "kind": task.kind,
        "dtype": task.dtype,
        "seed": draw.randrange(10**6),
        **task.choices,
    }
    y = None if task.target else task.y
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = gn.initialize(task.network, task.X, y, **given)
        rng = np.random.default_rng(draw.randrange(10**6))
        model.memory.theta += 0.2 * rng.standard_normal(model.memory.theta.shape)
        return trained(model, {"X": task.X, "y": y, "epochs": epochs, "batch_size": 16}) if epochs else model


# training


def random_options(draw: Random, task: Task, model: gn.Model, number: int) -> dict[str, Any]:
    """How to train for 50 steps; some weights of the model are frozen from here on."""
    rng = np.random.default_rng(draw.randrange(10**9))
    rows = len(task.y)
    size = draw.choice([None, None, 7, 16, rows - 1, rows])
    steps = -(-rows // (size or rows))
    weight = None
    if draw.random() < 0.3:
        weight = rng.random(rows) + 0.1
        weight[rng.random(rows) < 0.2] *= 1e-3
    for name in model.weights:
        if draw.random() < 0.12:
            model.freeze(name, rng.random(model[name].shape) < draw.choice([0.3, 1.0]))
    return {
        "X": task.X,
        "y": None if task.target else task.y,
        "sample_weight": weight,
        "optimizer": random_optimizer(draw, optimizers.RULES[number % len(optimizers.RULES)]),
        "epochs": -(-STEPS // steps),
        "batch_size": size,
        "shuffle": draw.random() < 0.7,
    }


def random_report(draw: Random, network: gn.Network) -> dict[str, Any]:
    """How many times the loss a program prints."""
    penalised = network.l1 or network.l2
    return {} if penalised or draw.random() < 0.5 else {"reported": draw.choice([0.5, 1.0, 2.0])}


def random_optimizer(draw: Random, name: str) -> optimizers.Optimizer:
    """An optimizer with a schedule, clipping and options of its own."""
    rate: Any = draw.choice([1e-3, 1e-2])
    if draw.random() < 0.5:
        more = {
            "constant": {},
            "step": {"every": 1, "factor": 0.7},
            "exponential": {"decay": 0.9},
            "cosine": {"epochs": 3, "final": 0.001},
            "flat_cosine": {"epochs": 3},
            "log_cosine": {"cycles": 3.0},
            "inverse_scaling": {"power": 0.5},
        }
        kind = draw.choice(schedules.SCHEDULES)
        rate = gn.schedule(kind, rate, warm_up=draw.choice([0.0, 1.0, 2.5]), **more[kind])
    clips = {"clip_norm": draw.choice([None, None, 0.5]), "clip_value": draw.choice([None, None, 0.1])}
    decay = gn.schedule("flat_cosine", 0.02)
    options = {"momentum": {"momentum": 0.8}, "adam": {"beta1": 0.8}, "adamw": {"weight_decay": decay}}
    return gn.optimizer(name, rate, **clips, **(options.get(name, {}) if draw.random() < 0.5 else {}))
