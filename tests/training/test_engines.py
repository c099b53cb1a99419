"""The compiled engine does what the NumPy engine does: the same numbers, the same events, the same errors."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.engines import compiled
from glassnet.model.model import Model
from glassnet.parts import activations, losses, optimizers, schedules

pytest.importorskip("numba")

RNG = np.random.default_rng(5)
X = RNG.normal(size=(23, 3))
Y = RNG.normal(size=(23, 2))
LABELS = RNG.integers(0, 3, 23)


def same(a: Model, b: Model, tolerance: float) -> None:
    """Every array within the tolerance of its largest number; random numbers and counts equal."""
    assert (a.epochs, a.memory.t, len(a.history)) == (b.epochs, b.memory.t, len(b.history))
    assert a.rng.bit_generator.state == b.rng.bit_generator.state
    np.testing.assert_allclose(b.history["loss"], a.history["loss"], rtol=tolerance)
    slots = {f"{name} of {k}": values for k, slot in a.memory.slots.items() for name, values in views(a, slot).items()}
    others = {f"{name} of {k}": values for k, slot in b.memory.slots.items() for name, values in views(b, slot).items()}
    states = [model.memory.state_layout.views(model.memory.state) for model in (a, b)]
    for mine, yours in ((a.weights, b.weights), states, (slots, others)):
        for name, values in mine.items():
            limit = tolerance * np.abs(values).max()
            assert np.abs(values - yours[name]).max() <= limit, name


def views(model: Model, vector: np.ndarray) -> dict[str, np.ndarray]:
    return model.memory.layout.views(vector)


def both(network: gn.Network, x: Any, y: Any, tolerance: float = 1e-12, freeze: bool = False, **options: Any) -> Model:
    """Train two models alike, one with each engine, and hold one against the other; the compiled one."""
    trained = []
    for engine in ("numpy", "compiled"):
        model = gn.initialize(network, x, y, seed=3)
        if freeze:
            model.freeze("W1", np.arange(model["W1"].size).reshape(model["W1"].shape) % 3 == 0)
            model.freeze("b1")
        trained.append(gn.train(model, x, y, engine=engine, **options))
        assert trained[-1].engine.engine == engine
    same(*trained, tolerance)
    return trained[1]


# the same numbers


@dataclass(frozen=True)
class Own:
    """A layer of one's own, its backward derived: sums and maxima over rows, over columns, over everything."""

    backward = None

    def parameters(self, n_inputs: int) -> dict[str, gn.Parameter]:
        start = gn.initializer("normal", std=0.3)
        return {"W": gn.Parameter((n_inputs, n_inputs), start, penalised=True), "c": gn.Parameter((n_inputs,), start)}

    def forward(self, p: Any, x: Any, mode: gn.Mode) -> dict[str, Any]:
        m = x.max(axis=1, keepdims=True)
        h = (p.W.T @ (x - m).T).T + (x - x.mean(axis=0)) * p.c
        return {"m": m, "h": h, "y": h / (1.0 + np.sum(p.W * p.W)) + np.tanh(np.sum(x @ p.W))}


LAYERS = (
    gn.Dense(40, "gelu"),
    gn.Dropout(0.2),
    gn.Dense(35, "softplus", bias=False),
    gn.BatchNorm(),
    Own(),
    gn.LayerNorm(),
)
NARROW = (gn.Dense(7, "tanh"), gn.Dropout(0.2), gn.BatchNorm(), gn.LayerNorm())


@pytest.mark.parametrize(("dtype", "layers"), [("float64", LAYERS), ("float32", NARROW)])
def test_every_layer_penalty_clip_weight_and_mask_gives_the_same_numbers(dtype: str, layers: Any) -> None:
    network = gn.Network(*layers, gn.Dense(3), loss=gn.loss("cross_entropy", reduction="batchmean"), l1=0.01, l2=0.02)
    rate = gn.schedule("cosine", 0.1, epochs=5, warm_up=2)
    model = both(
        network,
        X.astype(dtype),
        LABELS,
        tolerance=1e-11 if dtype == "float64" else 1e-4,  # BatchNorm makes rounding larger
        freeze=True,
        epochs=1,
        batch_size=8,  # and a last one of 7
        optimizer=gn.Momentum(rate, clip_norm=0.5, clip_value=0.1),
        sample_weight=np.linspace(0.0, 2.0, 23),
        class_weight={1: 3.0},
    )
    assert model.memory.theta.dtype == dtype


@pytest.mark.parametrize(  # the last of 7; whole; without loops
    ("rows", "size", "weighted"), [(23, 8, True), (23, None, False), (4, None, False)]
)
def test_penalties_divided_by_rows_give_the_same_numbers(rows: int, size: int | None, weighted: bool) -> None:
    network = gn.Network(gn.Dense(4, "tanh"), gn.Dense(2), loss="squared", l1=0.1, l2=0.7, penalty_per_row=True)
    weight = np.linspace(0.0, 2.0, rows) if weighted else None
    options: dict[str, Any] = {"batch_size": size, "sample_weight": weight, "optimizer": gn.Momentum(0.1)}
    model = both(network, X[:rows], Y[:rows], epochs=3, **options)
    assert ("free(" in model.source("compiled")) == (rows > 4)  # buffers, where it is not written out


@dataclass(frozen=True)
class Activations:
    """The sum of all activations, each of its own multiple of the inputs."""

    def parameters(self, n_inputs: int) -> dict[str, gn.Parameter]:
        start = gn.initializer("normal", std=1.5)
        return {f"k{letter(k)}": gn.Parameter((n_inputs,), start) for k in range(len(activations.NAMES))}

    def forward(self, p: Any, x: Any, mode: gn.Mode) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for k, name in enumerate(activations.NAMES):
            values[f"z{letter(k)}"] = z = x * getattr(p, f"k{letter(k)}")
            values[f"a{letter(k)}"] = gn.activation(name)(z) + 0.0 * z
        total = values["aA"]
        for k in range(1, len(activations.NAMES)):
            total = total + values[f"a{letter(k)}"]
        return {**values, "y": total}

    def backward(self, p: Any, x: Any, v: Any, d: Any) -> dict[str, Any]:
        grads: dict[str, Any] = {}
        dx = 0.0 * x
        for k, name in enumerate(activations.NAMES):
            dz = gn.activation(name).backward(d, getattr(v, f"z{letter(k)}"), getattr(v, f"a{letter(k)}"))
            grads[f"dk{letter(k)}"] = (dz * x).sum(axis=0)
            dx = dx + dz * getattr(p, f"k{letter(k)}")
        return {**grads, "dx": dx}


def letter(k: int) -> str:
    return chr(ord("A") + k)


def test_every_activation_gives_the_same_numbers() -> None:
    # the step is small, so that each weight's own gradient is what is compared, in the slot of momentum
    model = both(gn.Network(Activations(), gn.Dense(2), loss="squared"), X, Y, epochs=1, batch_size=10, shuffle=False,
                 optimizer=gn.Momentum(1e-3))  # fmt: skip
    assert all(np.abs(values).max() > 1e-6 for values in views(model, model.memory.slots["velocity"]).values())


def all_losses(y: Any, s: Any) -> Any:
    return sum(gn.loss(name, **QUANTILE.get(name, {})).function(y, s) for name in losses.NAMES)


def all_losses_backward(y: Any, s: Any) -> Any:
    return sum(gn.loss(name, **QUANTILE.get(name, {})).derivative(y, s) for name in losses.NAMES)


QUANTILE: dict[str, Any] = {"quantile": {"q": 0.8}}


@pytest.mark.parametrize(
    ("kind", "reduction", "options"),
    [
        ("all", "mean", {"batch_size": 8, "sample_weight": np.linspace(0.1, 2.0, 23)}),
        ("huber", "batchmean", {"batch_size": 8, "shuffle": False, "sample_weight": np.linspace(0.1, 2.0, 23)}),
        ("huber", "rowmean", {"batch_size": 8, "sample_weight": np.linspace(0.1, 2.0, 23)}),
        ("huber", "sum", {"batch_size": None, "sample_weight": np.linspace(0.1, 2.0, 23)}),
        ("huber", "mean", {"batch_size": 8}),
        ("huber", "sum", {"batch_size": 1}),
    ],
)
def test_every_loss_and_reduction_gives_the_same_numbers(kind: Any, reduction: str, options: dict[str, Any]) -> None:
    of_all = (all_losses, all_losses_backward)
    loss = gn.loss(*(of_all if kind == "all" else (kind,)), reduction=reduction)
    both(gn.Network(gn.Dense(3), loss=loss), X, np.eye(3)[LABELS], epochs=2, optimizer=gn.SGD(1e-3), **options)


def own(y: Any, s: Any) -> Any:
    return np.sqrt(1.0 + np.sum((y - s) * (y - s), axis=1, keepdims=True))


@pytest.mark.parametrize("kind", ["cross_entropy", "binary_cross_entropy", "poisson", own])
def test_losses_with_an_activation_inside_and_ones_own_give_the_same_numbers(kind: Any) -> None:
    y = LABELS if kind == "cross_entropy" else np.eye(3)[LABELS]
    both(gn.Network(gn.Dense(3), loss=kind), X, y, epochs=2, batch_size=None, optimizer=gn.SGD(0.1))


SCHEDULES: list[Any] = [
    gn.schedule("constant", 0.01, warm_up=1.5),
    gn.schedule("step", 0.01, every=1, factor=0.5),
    gn.schedule("exponential", 0.01, decay=0.8, warm_up=1.0),
    gn.schedule("cosine", 0.01, epochs=2),
    gn.schedule("flat_cosine", 0.01, epochs=3),
    gn.schedule("log_cosine", 0.01, cycles=3.0),
    gn.schedule("inverse_scaling", 0.01, power=0.5),
]


def test_every_schedule_is_tried_with_an_optimizer() -> None:
    assert [item.name for item in SCHEDULES] == list(schedules.SCHEDULES)
    assert len(optimizers.RULES) >= len(SCHEDULES)


@pytest.mark.parametrize("k", range(len(optimizers.RULES)), ids=optimizers.RULES.__getitem__)
def test_every_optimizer_and_schedule_gives_the_same_numbers(k: int) -> None:
    clip: dict[str, Any] = [{}, {"clip_norm": 0.05}, {"clip_value": 0.05}][k % 3]
    optimizer = gn.optimizer(optimizers.RULES[k], SCHEDULES[k % len(SCHEDULES)], **clip)
    walk: dict[str, Any] = [{"batch_size": None}, {"batch_size": 7}, {"batch_size": 7, "shuffle": False}][k // 3 % 3]
    both(gn.Network(gn.Dense(2, bias=False), loss="squared", l2=0.1), X, Y, epochs=3, optimizer=optimizer, **walk)


@pytest.mark.parametrize(("dtype", "size"), [("float64", None), ("float32", 7)])
def test_rates_of_dropout_and_numbers_of_optimizers_that_change_give_the_same_numbers(dtype: str, size: Any) -> None:
    rate = gn.schedule("flat_cosine", 0.4, warm_up=1.5)
    network = gn.Network(gn.Dense(5, "tanh"), gn.Dropout(rate), gn.Dropout(0.3), gn.Dense(2), loss="squared", l2=0.1)
    decay, beta = gn.schedule("flat_cosine", 0.3), gn.schedule("cosine", 0.95, epochs=3, final=0.8)
    optimizer = gn.AdamW(gn.schedule("log_cosine", 0.05), weight_decay=decay, beta2=beta)
    tolerance = 1e-12 if dtype == "float64" else 1e-5
    both(network, X.astype(dtype), Y, tolerance, epochs=4, optimizer=optimizer, batch_size=size)


@pytest.mark.parametrize("rows", [1, 2])
def test_one_row_or_two_are_enough(rows: int) -> None:
    both(TINY, X[:rows], Y[:rows, :1], epochs=3, batch_size=None, optimizer=gn.SGD(0.1))


def test_a_mean_that_decayed_to_almost_nothing_is_set_to_0_as_numpy_does() -> None:
    x = np.zeros((4, 1))  # no gradient reaches W: what the optimizer remembers of it only decays
    trained = []
    for engine in ("numpy", "compiled"):
        model = gn.initialize(gn.Network(gn.Dense(1), loss="squared"), x, Y[:4, :1], seed=1)
        options: dict[str, Any] = {"batch_size": None, "optimizer": gn.Momentum(0.01), "engine": engine}
        gn.train(model, x, Y[:4, :1], epochs=1, **options)
        model.memory.slots["velocity"][0] = 1e-303
        trained.append(gn.train(model, x, Y[:4, :1], epochs=150, **options))
    same(*trained, 1e-12)
    assert trained[1].memory.slots["velocity"][0] == 0.0


def test_compiled_code_leaves_python_its_subnormal_numbers() -> None:
    gn.train(TINY, X, Y[:, :1], epochs=2, seed=1, engine="compiled")
    smallest = np.full(9, 5e-324)
    assert (smallest + 0.0 == 5e-324).all()
    assert (np.full(9, 1e-300) * 1e-20 > 0.0).all()


def test_weights_that_only_a_penalty_pulls_on_do_not_become_subnormal() -> None:
    x = np.concatenate([X, np.zeros((len(X), 3))], axis=1).astype(np.float32)
    network = gn.Network(gn.Dense(40, "relu"), gn.Dense(1), loss="squared", l2=1e-4)
    options: dict[str, Any] = {"seed": 1, "batch_size": 4, "engine": "compiled", "epochs": 400}
    model = gn.train(network, x, Y[:, :1].astype(np.float32), **options)
    numbers = np.abs(np.concatenate([model.memory.theta, *model.memory.slots.values()]))
    assert not ((numbers > 0.0) & (numbers < np.finfo(np.float32).tiny)).any()


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_weights_of_inputs_that_are_always_zero_do_not_stay_subnormal(engine: str) -> None:
    x = np.concatenate([X, np.zeros((len(X), 3))], axis=1).astype(np.float32)
    network = gn.Network(gn.Dense(4, "tanh"), gn.Dense(1), loss="squared", l2=0.5)
    options: dict[str, Any] = {"seed": 1, "batch_size": None, "engine": engine, "optimizer": gn.SGD(0.5)}
    model = gn.train(network, x, Y[:, :1].astype(np.float32), epochs=5 * 64, **options)  # 0.75 of the rest each time
    theta = np.abs(model.memory.theta)
    assert (np.abs(model["W1"][-3:]) < 1e-36).all()
    assert (model["W1"][:-3] != 0.0).any()
    assert not ((theta > 0.0) & (theta < np.finfo(np.float32).tiny)).any()


# going on, and changing the engine

TINY = gn.Network(gn.Dense(4, "tanh"), gn.Dense(1), loss="squared")
Y1 = Y[:, :1]
OPTIONS: dict[str, Any] = {"batch_size": 5, "optimizer": gn.Adam(gn.schedule("cosine", 0.05, epochs=9))}
DROPPING = gn.Network(gn.Dense(4, "tanh"), gn.Dropout(0.3), gn.Dense(1), loss="squared")


@pytest.mark.parametrize("network", [TINY, DROPPING])
@pytest.mark.parametrize("engines", [("compiled", "compiled"), ("numpy", "compiled"), ("compiled", "numpy")])
def test_the_engine_can_change_between_two_trainings(network: gn.Network, engines: tuple[str, str]) -> None:
    parts = gn.train(network, X, Y1, epochs=3, seed=1, engine=engines[0], **OPTIONS)
    gn.train(parts, X, Y1, epochs=4, engine=engines[1], **OPTIONS)
    same(gn.train(network, X, Y1, epochs=7, seed=1, engine="numpy", **OPTIONS), parts, 1e-11)
    whole = gn.train(network, X, Y1, epochs=7, seed=1, engine="compiled", **OPTIONS)
    if engines == ("compiled", "compiled"):
        np.testing.assert_array_equal(parts.memory.theta, whole.memory.theta)
        assert parts.history.columns == whole.history.columns


def test_looking_at_every_epoch_changes_no_bit() -> None:
    seen: list[Any] = []
    looked = gn.train(
        TINY, X, Y1, epochs=60, seed=1, engine="compiled", callbacks=lambda e, m: seen.append(e), **OPTIONS
    )
    whole = gn.train(TINY, X, Y1, epochs=60, seed=1, engine="compiled", **OPTIONS)
    np.testing.assert_array_equal(looked.memory.theta, whole.memory.theta)
    assert looked.history.columns == whole.history.columns
    assert [event.epoch for event in seen[:-1]] == list(range(1, 61))
    assert [event.loss for event in seen[:-1]] == whole.history["loss"]
    assert looked.rng.bit_generator.state == whole.rng.bit_generator.state


def test_data_are_neither_changed_nor_need_they_be_writable() -> None:
    x, y, w = X.copy(), Y1.copy(), np.ones(23)
    for array in (x, y, w):
        array.setflags(write=False)
    trained = gn.train(TINY, x[:, ::-1], y, epochs=1, seed=1, engine="compiled", **OPTIONS)
    other = gn.train(TINY, X[:, ::-1].copy(), Y1, epochs=1, seed=1, engine="compiled", **OPTIONS)
    np.testing.assert_array_equal(trained.memory.theta, other.memory.theta)
    np.testing.assert_array_equal(x, X)


# when training ends


def test_a_callback_that_returns_true_stops_training() -> None:
    model = gn.train(
        TINY, X, Y1, epochs=50, seed=1, engine="compiled", callbacks=[lambda e, m: m.epochs == 4], **OPTIONS
    )
    assert (model.epochs, model.history.stopped) == (4, "interrupted")
    same(gn.train(TINY, X, Y1, epochs=4, seed=1, engine="numpy", **OPTIONS), model, 1e-11)


@pytest.mark.parametrize("validation", [None, 0.3])
def test_early_stopping_stops_at_the_same_epoch_with_the_same_weights(validation: float | None) -> None:
    stopping = gn.EarlyStopping(patience=3, min_delta=0.0 if validation else 0.02)
    options: dict[str, Any] = {**OPTIONS, "epochs": 300, "validation": validation, "early_stopping": stopping}
    options["optimizer"] = gn.Adam(0.05)
    a, b = (gn.train(TINY, X, Y1, seed=1, engine=engine, **options) for engine in ("numpy", "compiled"))
    assert a.history.stopped == b.history.stopped == "early"
    assert a.history.best_epoch == b.history.best_epoch
    same(a, b, 1e-8)  # rounding grows over many epochs


@pytest.mark.parametrize(
    "options", [{"batch_size": None}, {"batch_size": 5}, {"batch_size": 5, "callbacks": [lambda e, m: None]}]
)
def test_a_run_that_diverges_says_the_same_and_keeps_the_same_weights(options: dict[str, Any]) -> None:
    errors = []
    for engine in ("numpy", "compiled"):
        with pytest.raises(gn.TrainingError) as caught:
            gn.train(DIVERGING, X, Y1, epochs=1000, seed=1, optimizer=gn.SGD(30.0), engine=engine, **options)
        errors.append(caught.value)
    assert str(errors[0]) == str(errors[1])
    same(errors[0].model, errors[1].model, 1e-9)
    assert errors[1].model.history.stopped == "diverged"
    assert np.isfinite(errors[1].model.predict(X)).all()


DIVERGING = gn.Network(gn.Dense(4, "relu"), gn.Dropout(0.2), gn.Dense(1), loss="squared")


LONG = """
import numpy as np, glassnet as gn
rng = np.random.default_rng(0)
X, Y = rng.normal(size=(200_000, 3)), rng.normal(size=(200_000, 1))
network = gn.Network(gn.Dense(32, "tanh"), gn.Dense(1), loss="squared")
options = {"batch_size": 100_000, "seed": 0, "engine": "compiled", "optimizer": "sgd"}
gn.train(network, X, Y, epochs=1, **options)
print("started", flush=True)
model = gn.train(network, X, Y, epochs=10**7, **options)
print(model.history.stopped, np.isfinite(model.predict(X)).all(), model.epochs == len(model.history) > 0)
"""


@pytest.mark.skipif(os.name == "nt", reason="SIGINT cannot be sent to one process there")
def test_ctrl_c_is_heard_where_an_epoch_takes_long() -> None:
    with subprocess.Popen([sys.executable, "-c", LONG], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n"
        time.sleep(0.6)
        process.send_signal(signal.SIGINT)
        said = process.stdout.read().split()
    assert said == ["interrupted", "True", "True"]  # how soon: benchmarks/waiting.py
    assert process.returncode == 0


def test_a_signal_raised_in_this_process_ends_training_with_whole_numbers() -> None:
    timer = threading.Timer(0.3, signal.raise_signal, [signal.SIGINT])
    gn.train(TINY, X, Y1, epochs=1, seed=1, engine="compiled", **OPTIONS)
    timer.start()
    model = gn.train(TINY, X, Y1, epochs=10**7, seed=1, engine="compiled", **OPTIONS)
    timer.join()
    assert model.history.stopped == "interrupted"
    assert len(model.history) == model.epochs > 0
    # the rows of the epoch that was broken off may be drawn, and no others: training goes on as it would have
    rng = np.random.default_rng(1)
    gn.initialize(TINY, X, Y1, seed=rng)
    states = []
    for _ in range(model.epochs + 1):
        states = [*states[-1:], rng.permutation(23).shape and rng.bit_generator.state]
    assert model.rng.bit_generator.state in states


# two at a time


def test_models_train_beside_each_other() -> None:
    def run(seed: int) -> gn.Model:
        return gn.train(TINY, X, Y1, epochs=6_000, batch_size=None, seed=seed, engine="compiled", progress=False)

    one_by_one, at_once = [run(1), run(2)], {}
    threads = [threading.Thread(target=lambda seed=seed: at_once.update({seed: run(seed)})) for seed in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for seed, model in enumerate(one_by_one, start=1):
        np.testing.assert_array_equal(at_once[seed].memory.theta, model.memory.theta)
    # nothing holds one up while the other computes; how much faster that is: benchmarks/waiting.py
    lines = one_by_one[0].source("compiled").splitlines()
    function: Any = compiled.LOADED["\n".join(line for line in lines if not line.lstrip().startswith("#"))]
    assert not function.run._flags_ & ctypes._FUNCFLAG_PYTHONAPI  # which would hold Python's lock


def test_training_again_and_again_takes_no_more_memory() -> None:
    psutil = pytest.importorskip("resource")

    def largest() -> int:
        return int(psutil.getrusage(psutil.RUSAGE_SELF).ru_maxrss)  # kB

    def often(times: int) -> None:
        for seed in range(times):
            model = gn.train(TINY, X, Y1, epochs=20, batch_size=5, seed=seed, engine="compiled")
            model.predictor("compiled")(X)

    often(50)
    before = largest()
    often(200)
    assert largest() - before < 5_000


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_a_table_whose_scores_overflow_after_an_epochs_last_step_diverges(engine: Any) -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40, 2))
    table = {"x1": X[:, 0], "x2": X[:, 1], "y": np.where(X[:, 0] > 0.0, "a", "b")}
    how: dict[str, Any] = {"optimizer": gn.SGD(1e308), "batch_size": None, "validation": 0.25, "epochs": 5, "seed": 0}
    with pytest.raises(gn.TrainingError, match=r"stopped being finite at step 2 \(epoch 2\)"):
        gn.train(gn.Network(gn.Dense(5, "relu"), gn.Dense()), table, target="y", engine=engine, **how)
