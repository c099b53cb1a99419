"""Many starts at once: each as if alone."""

import csv
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.model.model import Model
from glassnet.training import steps

pytest.importorskip("numba")

RNG = np.random.default_rng(7)
X = RNG.normal(size=(23, 3))
Y = RNG.normal(size=(23, 1))
NETWORK = gn.Network(gn.Dense(4, "tanh"), gn.Dense(1), loss="squared")
OPTIONS: dict[str, Any] = {"epochs": 5, "batch_size": 8}


def same(a: Model, b: Model) -> None:
    np.testing.assert_array_equal(a.memory.theta, b.memory.theta)
    assert a.history.columns == b.history.columns
    assert a.history.stopped == b.history.stopped
    assert (a.epochs, a.memory.t) == (b.epochs, b.memory.t)
    assert a.rng.bit_generator.state == b.rng.bit_generator.state


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
@pytest.mark.parametrize("workers", [None, 1, 2])
def test_each_model_is_the_one_that_train_gives_in_the_order_of_the_seeds(engine: str, workers: int | None) -> None:
    seeds = [5, 3, 5, 0, 11]
    models = gn.train_many(NETWORK, X, Y, seeds=iter(seeds), engine=engine, workers=workers, validation=0.2, **OPTIONS)
    assert len(models) == 5
    assert {model.engine.engine for model in models} == {engine}
    for seed, model in zip(seeds, models, strict=True):
        same(model, gn.train(NETWORK, X, Y, seed=seed, engine=engine, validation=0.2, **OPTIONS))
    assert len({id(model.memory) for model in models}) == 5


def test_wide_networks_and_early_stopping_give_the_same_bits_too() -> None:
    network = gn.Network(gn.Dense(70, "relu"), gn.Dropout(0.1), gn.Dense(1), loss="squared")
    options: dict[str, Any] = {"epochs": 30, "validation": 0.3, "early_stopping": 2, "engine": "numpy"}
    for seed, model in enumerate(gn.train_many(network, X, Y, seeds=range(3), workers=2, **options)):
        same(model, gn.train(network, X, Y, seed=seed, deterministic=True, **options))


def test_networks_of_other_losses_hold_out_the_rows_that_they_would_alone() -> None:
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 2)), np.repeat([0, 1, 2], [6, 14, 40])  # of classes so many of each are held out
    networks = [
        gn.Network(gn.Dense(3, "tanh"), gn.Dense(3), loss="cross_entropy"),
        gn.Network(gn.Dense(3, "tanh"), gn.Dense(1), loss="squared"),
    ]
    how: dict[str, Any] = {"validation": 0.25, "epochs": 3, "engine": "numpy"}
    runs = gn.train_many(networks[0], X, y, seeds=2, vary={"network": networks}, **how)
    alone = [gn.train(network, X, y, seed=seed, progress=False, **how) for network in networks for seed in (0, 1)]
    for run, one in zip(runs, alone, strict=True):
        np.testing.assert_array_equal(run.memory.theta, one.memory.theta)


def test_a_run_that_diverges_does_not_lose_the_others() -> None:
    network = gn.Network(gn.Dense(1, weights=start), loss="squared")
    options: dict[str, Any] = {"epochs": 20, "batch_size": None, "optimizer": gn.SGD(0.01), "engine": "numpy"}
    models = gn.train_many(network, X, Y, seeds=range(6), **options)
    ended = [model.history.stopped for model in models]
    assert set(ended) == {"epochs", "diverged"}
    for seed, model in enumerate(models):
        assert np.isfinite(model.memory.theta).all()
        assert np.isfinite(model.predict(X)).all() or ended[seed] == "diverged"
        if ended[seed] == "epochs":
            same(model, gn.train(network, X, Y, seed=seed, **options))


def start(rng: np.random.Generator, shape: Any) -> np.ndarray:
    """Weights that are sometimes so large that their loss is infinite."""
    return rng.normal(size=shape) * (1e200 if rng.random() < 0.5 else 1.0)


@pytest.mark.parametrize(
    ("given", "kind", "message"),
    [
        ({"seeds": []}, ValueError, "seeds must hold at least one seed"),
        ({"seeds": [1, -1]}, ValueError, "seed must be a whole number >= 0.*got -1"),
        ({"seeds": [1, "two"]}, ValueError, "seed must be a whole number >= 0.*got 'two'"),
        ({"workers": 0}, ValueError, "workers must be a whole number >= 1, got 0"),
        ({"epochs": 0}, ValueError, "epochs must be a whole number >= 1, got 0"),
        ({"batch_size": -2}, ValueError, "batch_size must be"),
        ({"engine": "fast"}, ValueError, "unknown engine 'fast'"),
        ({"optimizer": "adams"}, ValueError, "unknown optimizer 'adams'"),
        ({"early_stopping": 0}, ValueError, "early_stopping must be"),
        ({"metrics": ["better"]}, ValueError, "better"),
        ({"y": Y[:5]}, gn.DataError, "23 rows"),
        ({"X": np.full((23, 3), np.nan)}, gn.DataError, "NaN"),
    ],
)
def test_errors_come_before_anything_is_trained(
    given: dict[str, Any], kind: type[Exception], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[int] = []

    def run(*args: Any) -> None:
        ran.append(1)
        raise AssertionError("training began")

    monkeypatch.setattr(steps.Stepper, "run", run)
    options = {"X": X, "y": Y, "seeds": [1, 2], "workers": 1, **OPTIONS, **given}
    with pytest.raises(kind, match=message):
        gn.train_many(NETWORK, options.pop("X"), options.pop("y"), **options)
    assert ran == []


def test_a_model_is_no_network() -> None:
    with pytest.raises(TypeError, match="a recipe builds one only for a table that it has seen"):
        gn.train_many(gn.recipe("small"), X, Y)  # type: ignore[arg-type]  # which is refused
    with pytest.raises(TypeError, match="train_many takes a Network first, got Model"):
        gn.train_many(gn.initialize(NETWORK, X, Y), X, Y, seeds=[1])  # type: ignore[arg-type]  # which is refused


def test_tables_are_trained_on_too(tmp_path: Path) -> None:
    table = {"a": X[:, 0], "b": X[:, 1], "kind": np.where(Y[:, 0] > 0, "yes", "no")}
    path = tmp_path / "table.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(table)
        writer.writerows(zip(*table.values(), strict=True))
    network = gn.Network(gn.Dense(3, "tanh"), gn.Dense())
    options: dict[str, Any] = {"target": "kind", "engine": "numpy", **OPTIONS}
    for given in (table, path):
        for seed, model in enumerate(gn.train_many(network, given, seeds=range(2), **options)):
            same(model, gn.train(network, given, seed=seed, **options))
            assert model.predict(given).shape == (23,)


LONG = """
import numpy as np, glassnet as gn
X, Y = np.random.default_rng(0).normal(size=(23, 3)), np.random.default_rng(1).normal(size=(23, 1))
network = gn.Network(gn.Dense(4, "tanh"), gn.Dense(1), loss="squared")
gn.train_many(network, X, Y, seeds=range(2), epochs=1, engine="compiled", batch_size=8)
print("started", flush=True)
try:
    gn.train_many(network, X, Y, seeds=range(50), epochs=10**7, engine="compiled", batch_size=8)
except KeyboardInterrupt:
    print("KeyboardInterrupt")
"""


@pytest.mark.skipif(os.name == "nt", reason="SIGINT cannot be sent to one process there")
def test_ctrl_c_ends_all_runs() -> None:
    with subprocess.Popen([sys.executable, "-c", LONG], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n"
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        assert process.stdout.read() == "KeyboardInterrupt\n"  # how soon: benchmarks/waiting.py


def test_threads_of_ones_own_may_call_it() -> None:
    found: list[Model] = []
    thread = threading.Thread(
        target=lambda: found.extend(gn.train_many(NETWORK, X, Y, seeds=[1, 2], engine="compiled", **OPTIONS))
    )
    thread.start()
    thread.join()
    for seed, model in zip([1, 2], found, strict=True):
        same(model, gn.train(NETWORK, X, Y, seed=seed, engine="compiled", **OPTIONS))
