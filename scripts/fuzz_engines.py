#!/usr/bin/env python
"""Hold the compiled engine against the NumPy engine on random networks: `scripts/fuzz_engines.py SECONDS SEED`.

Each case is a network of random layers, activations (some are random formulas), loss, optimizer, schedule, penalties,
frozen weights, sample weights, batches and dtype. It is trained with each engine, and half with the one and half with
the other. All must give the same losses, weights, running means, optimizer slots and random numbers, and the same
error where one gives an error; the compiled predictor must give what `predict` does.

How much two sums in another order may differ depends on the case: a gradient that is 0 but for rounding becomes a whole
step in Adam. So NumPy trains again, from inputs and weights changed in their last digit; what that changes is allowed,
a hundred times over, beside 1e-12 (float32: 1e-5) of the largest number.

A case is printed with its number when it differs, and the exit status is then 1. `SECONDS SEED CASE` runs that case
alone. Compiled code goes to a temporary folder, or to $GLASSNET_CACHE.
"""

import os
import sys
import tempfile
import time
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

import numpy as np

import glassnet as gn
from glassnet.derivation.derive import derive
from glassnet.engines.forward import Forward
from glassnet.model.model import Model
from glassnet.parts import activations, losses, optimizers, schedules
from glassnet.training.interpreted_lanes import InterpretedLanes
from glassnet.training.lanes import Lanes, Numbers
from glassnet.training.preparing import prepare
from glassnet.training.rows import Walk

TOLERANCE = {"float64": 1e-12, "float32": 1e-5}
MARGIN = 100.0  # how many times what the last digit changes
VAGUE = 1e-3  # a case in which the last digit changes more than this says nothing
# A sum of signs is 0 where as many are positive as negative, or rounding, as the order of the sum has it, whatever the
# inputs' last digits; and rules that divide by the gradients' size make a whole step of it. Weights keep it from 0.
SIGNS = ("absolute", "quantile")  # losses whose derivatives are signs
PLAIN = ("sgd", "momentum", "nesterov")  # rules whose steps are as small as the gradients


# what cases are made of


@dataclass(frozen=True)
class Own:
    """A layer of one formula of x and its arrays W, A (i, i), b, c (i,); its backward is derived."""

    formula: Any
    backward: Any = field(default=None)

    def parameters(self, n_inputs: int) -> dict[str, gn.Parameter]:
        start = gn.initializer("normal", std=0.6)
        square, row = (n_inputs, n_inputs), (n_inputs,)
        return {
            "W": gn.Parameter(square, start, penalised=True),
            "A": gn.Parameter(square, start),
            "b": gn.Parameter(row, start),
            "c": gn.Parameter(row, start, rate=0.5),
        }

    def forward(self, p: Any, x: Any, mode: gn.Mode) -> dict[str, Any]:
        return {"y": self.formula(p, x)}


FORMULAS = (
    lambda p, x: x @ (p.W + p.A) + p.b + p.c,
    lambda p, x: (p.W.T @ x.T).T + p.b,
    lambda p, x: (x @ p.W + p.b) * (p.b > 0) + p.c,
    lambda p, x: np.tanh(x) * np.tanh(np.sum((x * p.b).T)) + p.c,
    lambda p, x: x * p.W.max(axis=1) + p.c,
    lambda p, x: np.where(x @ p.W > 0.1, np.log(x @ p.W), 0.0),
    lambda p, x: x * np.where(x @ p.W > 0, 2.0, -0.5) + p.b,
    lambda p, x: np.abs(x @ p.W) - np.exp(-np.abs(x @ p.W)) + p.b,
    lambda p, x: x * np.tanh(np.sum(x @ p.W)) + p.c,
    lambda p, x: np.minimum(x @ p.W, np.inf) + p.b,
    lambda p, x: np.sum(np.expand_dims(x, -1) * p.W, axis=1) + p.b,  # of three axes: cannot be compiled
    lambda p, x: (x - x.mean(axis=0)) @ p.A @ p.W / (1.0 + np.sum(p.A * p.A)),
    lambda p, x: x * (p.b / (1.0 + p.c * p.c)) + np.max(x, axis=1, keepdims=True) * p.c,
    lambda p, x: x @ np.tanh(p.W @ p.A.T) + p.b * np.mean(p.W, axis=0),
    lambda p, x: (x.T * np.sum(x, axis=1)).T * 0.1 + x,
)


def own_loss(y: Any, s: Any) -> Any:
    return np.sqrt((s - y) ** 2 + 1.0) - 1.0


def own_row_loss(y: Any, s: Any) -> Any:
    return np.log1p(np.sum((s - y) * (s - y), axis=1, keepdims=True))


def random_formula(draw: Random, depth: int) -> Any:
    """A function of z in the dialect, smooth or with kinks, of values that stay small."""
    if depth == 0:
        number = draw.uniform(-1.5, 1.5)
        return draw.choice([lambda z: z, lambda z: z, lambda z: number * z])
    f, g = random_formula(draw, depth - 1), random_formula(draw, depth - 1)
    cut = draw.uniform(-0.5, 0.5)
    return draw.choice(
        [
            lambda z: f(z) + 0.5 * g(z),
            lambda z: f(z) - g(z) * cut,
            lambda z: np.tanh(f(z)) * g(z),
            lambda z: f(z) / (1.0 + np.abs(g(z))),
            lambda z: np.where(z > cut, f(z), g(z)),
            lambda z: np.where((f(z) > 0) & (z < 1.0), np.sqrt(np.abs(f(z)) + 0.1), g(z)),
            lambda z: np.maximum(f(z), cut * g(z)),
            lambda z: np.minimum(f(z), cut),
            lambda z: np.exp(-np.abs(f(z))),
            lambda z: np.exp(np.minimum(f(z), 0.0)) + np.maximum(g(z), 0.0),
            lambda z: np.log1p(np.abs(f(z))),
            lambda z: np.expm1(np.minimum(f(z), 1.0)),
            lambda z: np.sqrt(f(z) ** 2 + 1.0),
            lambda z: np.sign(z) * np.log(1.0 + np.abs(f(z))),
            lambda z: np.square(np.tanh(f(z))) - np.tanh(g(z)) ** 3,
            lambda z: 1.0 / (1.0 + np.exp(-f(z))),
        ]
    )


@dataclass
class Case:
    """One network, its data, and how it is trained."""

    network: gn.Network
    x: np.ndarray
    y: np.ndarray
    frozen: list[tuple[str, float]]  # arrays, and the share of each that is frozen
    options: dict[str, Any]
    seed: int

    def __str__(self) -> str:
        kinds = {name: value for name, value in self.options.items() if name != "sample_weight"}
        weighted = "sample_weight" in self.options
        return f"{self.network}, x {self.x.shape} {self.x.dtype}, y {self.y.shape}, {kinds}, {weighted=}, {self.frozen}"


def random_case(draw: Random, small: bool = False) -> Case:
    """A case of anything; or one that may be so small that it is written out."""
    rng = np.random.default_rng(draw.randrange(10**9))
    inputs, sizes = draw.choice([1, 2, 3, 7, 33, 40]), [1, 2, 3, 7, 20, 32, 33, 50]
    if small:
        inputs, sizes = draw.choice([1, 2, 3]), [1, 2, 3, 4]
    layers = [random_layer(draw, sizes) for _ in range(draw.randrange(3 if small else 4))]
    layers = [layer for layer in layers if not (small and "Dropout" in repr(layer))]
    kind = draw.choice([*losses.NAMES, own_loss, own_row_loss])
    outputs = draw.choice([1, 2, 3] if small else [1, 2, 3, 10, 34])
    last = draw.choice(["identity", "tanh"]) if kind in ("squared", "absolute", "huber", "quantile") else "identity"
    options = {"half": True} if kind == "squared" and draw.random() < 0.5 else {}
    loss = gn.loss(kind, reduction=draw.choice(losses.REDUCTIONS), **options)
    penalties = {"l1": draw.choice([0, 0, 0.01]), "l2": draw.choice([0, 0, 0.02])}
    network = gn.Network(*layers, gn.Dense(outputs, last, bias=draw.random() < 0.8), loss=loss, **penalties)
    normed = any("BatchNorm" in repr(layer) for layer in layers)
    rows, batches = draw.choice(
        [(1, [None]), (2, [1, None]), (4, [None]), (5, [1, 2, None]), (17, [4, 7, 16]), (40, [8, 39, None])]
    )
    if normed:  # the variance of one row is rounding alone
        rows, batches = draw.choice([(8, [4, None]), (17, [7, None]), (40, [6, 20])])
    if small:
        rows, batches = draw.choice([4, 5, 7] if normed else [1, 2, 3, 4, 5, 7, 11]), [None]
    given: dict[str, Any] = {
        "optimizer": random_optimizer(draw),
        "epochs": draw.choice([2, 4]),
        "batch_size": draw.choice(batches),
        "shuffle": draw.random() < 0.7,
    }
    may_vanish = kind in SIGNS and given["optimizer"].name not in PLAIN
    if draw.random() < 0.3 or may_vanish:
        given["sample_weight"] = rng.random(rows) + 0.1
        given["sample_weight"][rng.random(rows) < 0.2] *= 1e-3
    frozen = [(name, draw.choice([0.3, 1.0])) for name in network.layout(inputs).shapes if draw.random() < 0.15]
    dtype = draw.choice(["float64", "float64", "float32"])
    if outputs == 1 and (kind == "cross_entropy" or (kind == "binary_cross_entropy" and rows == 1)):
        return random_case(draw, small)  # there must be two classes
    if given["optimizer"].name == "rprop" and kind in SIGNS:
        return random_case(draw, small)  # a sum of signs is 0, or rounding, whose sign Rprop takes
    x = rng.standard_normal((rows, inputs)).astype(dtype)
    return Case(network, x, targets(kind, rng, rows, outputs), frozen, given, draw.randrange(10**6))


def random_layer(draw: Random, sizes: list[int]) -> Any:
    kind = draw.choice(
        ["dense", "dense", "dense", "formula", "dropout", "batch", "layer", "own", "embedding", "nested"]
    )
    if kind == "dropout":
        return gn.Dropout(draw.choice([0.0, 0.1, 0.5, gn.schedule("flat_cosine", 0.4, epochs=2)]))
    if kind in ("batch", "layer"):
        return gn.BatchNorm(momentum=draw.choice([0.0, 0.9])) if kind == "batch" else gn.LayerNorm()
    if kind == "embedding":
        outputs, pieces = draw.choice([1, 2, 3]), draw.choice([1, 2, 16])
        periodic = gn.PeriodicEmbedding(outputs, pieces, std=draw.choice([0.1, 1.0]))
        return draw.choice([periodic, gn.PiecewiseLinearEmbedding(outputs, pieces)])
    if kind == "nested":
        part = gn.Columns([0], random_layer(draw, sizes))
        return draw.choice([part, gn.Beside(part), gn.Beside(gn.Columns([0]), random_layer(draw, sizes))])
    if kind == "own":
        return draw.choice(
            [Own(draw.choice(FORMULAS)), gn.Scale(rate=draw.choice([1.0, 6.0]), penalised=draw.choice([True, 0.5]))]
        )
    f = random_formula(draw, draw.choice([1, 2, 3])) if kind == "formula" else draw.choice(activations.NAMES)
    more: dict[str, Any] = {"strength": draw.random() < 0.2 and f != "identity"}
    more["scaling"] = "ntk" if draw.random() < 0.2 else "standard"
    more |= {name: draw.choice([1.0, 1.0, 0.1]) for name in ("bias_rate", "strength_rate")}
    return gn.Dense(draw.choice(sizes), f, bias=draw.random() < 0.8, **more)


def random_optimizer(draw: Random) -> optimizers.Optimizer:
    name = draw.choice(optimizers.RULES)
    rate: Any = draw.choice([1e-3, 1e-2])
    if draw.random() < 0.4:
        more = {
            "constant": {},
            "step": {"every": 1, "factor": 0.5},
            "exponential": {"decay": 0.8},
            "cosine": {"epochs": 3},
            "flat_cosine": {"epochs": 3},
            "log_cosine": {"cycles": 3.0},
            "inverse_scaling": {"power": 0.5},
        }
        kind = draw.choice(schedules.SCHEDULES)
        rate = gn.schedule(kind, rate, warm_up=draw.choice([0.0, 1.0, 2.5]), **more[kind])
    clips = {"clip_norm": draw.choice([None, None, 0.5]), "clip_value": draw.choice([None, None, None, 0.1])}
    options = {"weight_decay": gn.schedule("flat_cosine", 0.02)} if name == "adamw" and draw.random() < 0.5 else {}
    return gn.optimizer(name, rate, **clips, **options).over(4)


def targets(kind: Any, rng: np.random.Generator, rows: int, outputs: int) -> np.ndarray:
    """Targets that the loss is made for; one column for a cross entropy is the labels of two classes."""
    if kind == "cross_entropy":
        return rng.dirichlet(np.ones(outputs), rows)
    if kind == "binary_cross_entropy":
        return rng.random((rows, outputs)) if outputs > 1 else (np.arange(rows) % 2)[:, None]
    if kind == "poisson":
        return rng.poisson(2.0, (rows, outputs)).astype(float)
    return rng.standard_normal((rows, outputs))


# running them


def trained(case: Case, *engines: str, change: int = 0) -> tuple[Model, str]:
    """The model after training with one engine, or with one after the other; and the error, if there was one.

    With `change` the last digit of inputs and weights is changed, up or down as it says.
    """
    x, model = case.x, initialized(case, case.x)
    if change:
        rng, digit = np.random.default_rng(change), np.finfo(x.dtype).eps
        x = (x * (1.0 + digit * rng.choice([-1.0, 1.0], x.shape))).astype(x.dtype)
        model.memory.theta += digit * rng.choice([-1.0, 1.0], model.memory.theta.shape)
    each = {**case.options, "epochs": case.options["epochs"] // len(engines)}
    try:
        for engine in engines:
            gn.train(model, x, case.y, engine=engine, progress=False, **each)
    except gn.TrainingError as error:
        return model, str(error)
    return model, ""


def initialized(case: Case, x: np.ndarray) -> Model:
    """The model as it begins."""
    model = gn.initialize(case.network, x, case.y, seed=case.seed)
    rng = np.random.default_rng(case.seed)
    for name, share in case.frozen:
        model.freeze(name, rng.random(model[name].shape) < share)
    return model


def difference(a: Model, b: Model) -> float:
    """The largest difference of any two numbers of two models, relative to the largest of its kind."""
    if a.history["loss"] == [] or len(a.history) != len(b.history):
        return 0.0 if len(a.history) == len(b.history) else np.inf
    pairs = [(a.memory.theta, b.memory.theta), (np.array(a.history["loss"]), np.array(b.history["loss"]))]
    pairs += [(a.memory.state, b.memory.state)] if a.memory.state.size else []
    pairs += [(a.memory.slots[name], b.memory.slots[name]) for name in a.memory.slots]
    return max(float(np.abs(p - q).max() / max(np.abs(p).max(), 1e-6)) for p, q in pairs)


def in_lanes(case: Case, models: list[Model]) -> tuple[np.ndarray, InterpretedLanes]:
    """Models trained side by side; the losses of each (epochs, models), and what trained them."""
    options = case.options
    rows = [prepare(model.state, case.x, case.y, sample_weight=options.get("sample_weight")) for model in models]
    memories = [model.memory for model in models]
    for memory in memories:
        memory.prepare(options["optimizer"])
    derivation = derive(
        case.network,
        case.x.shape[1],
        options["optimizer"],
        dtype=case.x.dtype,
        weighted=rows[0].rows.w is not None,
        frozen=not memories[0].trainable.all(),
    )
    numbers = Numbers(
        theta=np.array([memory.theta for memory in memories]),
        state=np.array([memory.state for memory in memories]),
        slots={name: np.array([memory.slots[name] for memory in memories]) for name in options["optimizer"].slots},
    )
    lanes = Lanes(
        derivations=[derivation],
        setting=np.zeros(len(models), int),
        numbers=numbers,
        marks=memories[0].marks,
        rngs=[prepared.rng for prepared in rows],
        rows=rows[0].rows,
        own=np.tile(np.arange(len(case.x)), (len(models), 1)),
        walk=Walk.over(len(case.x), options["batch_size"], options["shuffle"]),
    )
    trainer = InterpretedLanes(lanes)
    return trainer.take(options["epochs"], lambda: False), trainer


def problem_of_lanes(case: Case) -> tuple[str, float]:
    """What is wrong with lanes, held against the NumPy engine; and how far these are apart.

    Lanes have the same frozen numbers: which these are is drawn from the seed, so with some there is one seed.
    """
    seeds = [case.seed + k * (not case.frozen) for k in range(3)]
    cases = [replace(case, seed=seed) for seed in seeds]
    models = [initialized(one, case.x) for one in cases]
    sensitive = {seed: sensitivity(replace(case, seed=seed))[2] for seed in set(seeds)}
    try:
        losses, trainer = in_lanes(case, models)
    except NotImplementedError:
        return "refused", 0.0
    except Exception as failure:
        return f"lanes: {type(failure).__name__}: {failure}", np.inf
    worst, there = 0.0, trainer.numbers(np.arange(len(models)))
    own = np.tile(np.arange(len(case.x)), (len(models), 1))
    rows = prepare(models[0].state, case.x, case.y).rows
    predicted, measured = trainer.evaluate(rows, own)
    for k, one in enumerate(cases):
        alone, error = trained(one, "numpy")
        if error or sensitive[one.seed] > VAGUE:
            continue
        lane = models[k]
        lane.memory.theta[:], lane.memory.state[:] = there.theta[k], there.state[k]
        lane.memory.slots = {name: slot[k] for name, slot in there.slots.items()}
        lane.history.append(losses[:, k].tolist(), {})
        apart = difference(alone, lane)
        p, loss = Forward(case.network, case.x.shape[1], lane.memory).evaluate(rows.x, rows.y)
        scale = max(np.abs(p).max(), 1.0)
        apart = max(apart, np.abs(p - predicted[k]).max() / scale, abs(loss - measured[k]) / max(abs(loss), 1.0))
        allowed = max(TOLERANCE[case.x.dtype.name], MARGIN * sensitive[one.seed])
        if not apart <= allowed:
            return f"lane {k}: {apart:.2g} apart, {allowed:.2g} allowed", apart
        if alone.rng.bit_generator.state != lane.rng.bit_generator.state:
            return f"lane {k}: other random numbers", apart
        worst = max(worst, apart)
    return "", worst


def sensitivity(case: Case) -> tuple[Model, str, float]:
    """The model that NumPy trains, and its error; and how far a change of the last digits takes it."""
    numpy, error = trained(case, "numpy")
    furthest = 0.0
    for change in (1, 2):
        moved, other = trained(case, "numpy", change=change)
        furthest = max(furthest, np.inf if error != other else difference(numpy, moved))
    return numpy, error, furthest


def problem(case: Case) -> tuple[str, float]:
    """What is wrong with a case, or nothing; and how far the engines are apart."""
    numpy, error, furthest = sensitivity(case)
    if furthest > VAGUE:
        return "vague", 0.0
    allowed = max(TOLERANCE[case.x.dtype.name], MARGIN * furthest)
    what, worst = problem_of_lanes(case)
    if what:
        return what, worst
    for engines in (("compiled",), ("numpy", "compiled"), ("compiled", "numpy")):
        try:
            model, other = trained(case, *engines)
        except ValueError as refused:
            return ("refused" if "cannot be compiled" in str(refused) else f"{refused!r}"), 0.0
        except Exception as failure:
            return f"{engines}: {type(failure).__name__}: {failure}", np.inf
        if error and len(engines) == 2:
            continue
        if error != other:
            return f"{engines}: the error is {other!r}, not {error!r}", np.inf
        apart = difference(numpy, model)
        worst = max(worst, apart)
        if not apart <= allowed:
            return f"{engines}: {apart:.2g} apart, {allowed:.2g} allowed", apart
        if model.rng.bit_generator.state != numpy.rng.bit_generator.state:
            return f"{engines}: other random numbers", apart
    if case.seed % 3 == 0:  # to compile a third function for each would take long
        predict = numpy.predict if numpy.classes is None else numpy.predict_proba
        expected, found = predict(case.x), numpy.predictor("compiled")(case.x)
        scale = max(np.abs(expected).max(), 1.0)
        limit = TOLERANCE[case.x.dtype.name] * 10
        if not np.abs(expected - found).max() <= limit * scale or expected.dtype != found.dtype:
            return f"predictor: {np.abs(expected - found).max() / scale:.2g} apart", np.inf
    return "", worst


def main() -> int:
    """Cases until the time is over; the exit status."""
    seconds, seed = float(sys.argv[1]), int(sys.argv[2])
    only = int(sys.argv[3]) if len(sys.argv) > 3 else None
    until, counts, worst, number = time.monotonic() + seconds, {"checked": 0, "vague": 0, "refused": 0}, 0.0, 0
    wrong = 0
    while time.monotonic() < until:
        case = random_case(Random(f"{seed} {number}"))
        if only is not None:
            case, number = random_case(Random(f"{seed} {only}")), only
        what, apart = problem(case)
        if what in counts:
            counts[what] += 1
        elif what:
            wrong += 1
            print(f"case {number} of seed {seed}: {what}\n    {case}", flush=True)
        else:
            counts["checked"] += 1
            worst = max(worst, apart) if case.x.dtype == np.float64 else worst
        if only is not None:
            break
        number += 1
    print(f"{counts}, {wrong} wrong; furthest apart in float64: {worst:.2g}")
    return 1 if wrong else 0


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, np.errstate(all="ignore"):
        os.environ.setdefault("GLASSNET_CACHE", folder)
        sys.exit(main())
