"""Memory is asked for before it is taken, and what is said to be needed is what is needed."""

import re
import tracemalloc
import warnings

import numpy as np
import pytest

import glassnet as gn
from glassnet.derivation.derive import derive
from glassnet.engines import free_memory, room
from glassnet.errors import TooLarge
from glassnet.parts.optimizers import optimizer_named
from glassnet.training.needs import OF_LBFGS, copies_in, width_of

X = np.linspace(-1.0, 1.0, 60).reshape(20, 3)
Y = X[:, 0] * X[:, 1]


@pytest.fixture
def little(monkeypatch):
    """A machine with a gigabyte."""
    monkeypatch.setattr(room, "free_memory", lambda: 10**9)


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
@pytest.mark.parametrize("stopping", [False, 50])
@pytest.mark.parametrize(("units", "rows", "depth", "epochs"), [(1499, 20, 1, 70), (1499, 20, 1, 1), (97, 3000, 3, 3)])
def test_what_is_estimated_is_what_a_training_takes(optimizer, stopping, units, rows, depth, epochs):
    x = np.resize(X, (rows, 31))
    how = {"optimizer": optimizer, "early_stopping": stopping, "batch_size": rows, "engine": "numpy", "seed": 1}
    network = gn.Network(*(gn.Dense(units, "tanh") for _ in range(depth)), gn.Dense(1), loss="squared")
    gn.train(gn.Network(gn.Dense(2), gn.Dense()), x, x[:, 0], epochs=3, progress=False, **how)  # what is made once
    tracemalloc.start()
    model = gn.train(network, x, x[:, 0], epochs=epochs, progress=False, **how)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    chosen = optimizer_named(optimizer)
    copies = sum(copies_in(chosen, bool(stopping), is_made=False, others=0, steps=epochs).values())
    width = width_of(derive(network, 31, chosen, dtype=np.float64))
    estimate = 8 * (copies * model.state.memory.layout.size + rows * width)
    assert 0.8 * peak < estimate < 1.05 * peak + 300_000, (estimate, peak)


@pytest.mark.parametrize("units", [10**8, 10**9, 10**18])
def test_a_network_that_is_too_large_is_refused_with_the_arithmetic(little, units):
    network = gn.Network(gn.Dense(units, "tanh"), gn.Dense())
    size = f"(3 x {units:,} (W1) + {2 * units + 1:,} = {5 * units + 1:,} numbers) x 8 bytes"
    said = f"{size} x 15 (weights, gradient, 3 marks, adam's m and v, the start, 2 moments to go back to with adam's"
    for error in (TooLarge, ValueError, MemoryError):
        with pytest.raises(error, match=re.escape(said)):
            gn.train(network, X, Y, progress=False)
    with pytest.raises(TooLarge, match=re.escape(f"{size} x 5 (weights, gradient, 3 marks) = ")):
        gn.initialize(network, X, Y)
    with pytest.raises(TooLarge, match=re.escape("GB are free")):
        gn.train_many(network, X, Y, seeds=2)
    recipe = gn.recipe("small").replace(hidden=(units,))
    with pytest.raises(TooLarge, match="the best epoch and the next"):
        gn.train(recipe, X, Y, validation=0.2, progress=False)


FITS = {
    "adam": ({}, "adam_hat's m and v, 2 moments to go back to with these, 1 in between) = 90.0 MB"),
    "early stopping": ({"early_stopping": True}, "the best epoch and the next) = 100.0 MB"),
    "lbfgs": ({"solver": "lbfgs"}, "the sum of gradients, what lbfgs knows of its last 10 steps) = 460.0 MB"),
}


@pytest.mark.parametrize("kind", FITS)
def test_an_estimator_that_is_too_large_is_refused_before_it_trains(monkeypatch, kind):
    networks = pytest.importorskip("glassnet.sklearn")
    monkeypatch.setattr(room, "free_memory", lambda: 80_000_000)
    how, said = FITS[kind]
    how = {"hidden_layer_sizes": (250_000,), "batch_size": 1, **how}
    with pytest.raises(TooLarge, match=re.escape(said)):
        networks.MLPRegressor(**how).fit(X, Y)


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_what_is_estimated_is_what_a_fit_takes(solver):
    networks = pytest.importorskip("glassnet.sklearn")
    units = 20_000

    def fit(size):
        how = {"batch_size": 1, "engine": "numpy", "max_iter": 12, "tol": 0.0}
        model = networks.MLPRegressor(hidden_layer_sizes=(size,), solver=solver, **how)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return model.fit(X, Y)

    fit(2)  # what is made once
    tracemalloc.start()
    fit(units)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    copies = 5 + (2 + 6 + 1 if solver == "adam" else 6 + OF_LBFGS)
    assert 0.7 * peak < 8 * copies * (5 * units + 1) < 1.02 * peak


@pytest.mark.parametrize(("how", "moments"), [({}, 1), ({"batch_size": 19}, 2), ({"epochs": 2}, 2)])
def test_moments_to_go_back_to_are_counted_as_there_are_steps(little, how, moments):
    with pytest.raises(TooLarge, match=rf"the start, {moments} moments? to go back to"):
        gn.train(
            gn.Network(gn.Dense(10**8), gn.Dense()), X, Y, **{"batch_size": None, "epochs": 1, **how}, progress=False
        )


@pytest.mark.parametrize(
    ("units", "members", "said"),
    [
        (16, 10**8, "99,999,999 other members with adamw's m and v) = .* use fewer members"),
        (10**5, 300, "299 other members .* use fewer members"),  # one alone has room
        (10**8, 3, "2 other members .* use fewer units"),
    ],
)
def test_an_ensemble_that_is_too_large_says_whether_members_or_units_are_too_many(little, units, members, said):
    recipe = gn.recipe("ensemble").replace(hidden=(units,), members=members)
    with pytest.raises(TooLarge, match=said.replace(")", r"\)")):
        gn.train(recipe, X, Y, progress=False)


def test_batches_and_runs_that_are_too_many_are_refused(little):
    x = np.zeros((40_000, 3))
    x[0] = 1.0
    network = gn.Network(gn.Dense(3000, "tanh"), gn.Dense())
    said = r"40,000 rows of a batch x [\d,]+ numbers of the layers x 8 bytes = .* use a smaller batch_size"
    model = gn.initialize(network, x, x[:, 0])
    for train in (gn.train, lambda *given, **how: list(gn.training(*given, **how))):
        with pytest.raises(TooLarge, match=said):
            train(model, x, x[:, 0], batch_size=None, epochs=1, optimizer="sgd")
    with pytest.raises(TooLarge, match=r"9,000 starts, 18,000 runs with adam's m and v\) = .*; use fewer seeds"):
        gn.train_many(network, X, Y, seeds=9000, vary={"learning_rate": [0.1, 0.01]})


@pytest.mark.parametrize("seeds", [10**12, range(10**9, 0, -1)], ids=str)
@pytest.mark.parametrize("how", [{}, {"validation": 0.2}, {"folds": 2}], ids=str)
def test_runs_are_counted_before_anything_is_made_of_each(little, seeds, how):
    with pytest.raises(TooLarge, match=r"000 runs with adam's m and v\) = .*; use fewer seeds"):
        gn.train_many(gn.Network(gn.Dense(2, "tanh"), gn.Dense()), X, Y, seeds=seeds, **how)


@pytest.mark.parametrize("seeds", [10**30, range(10**30)], ids=str)
def test_seeds_that_no_sequence_could_hold_are_refused(seeds):
    with pytest.raises(ValueError, match=r"seeds must be (fewer than 9,|a whole number below 2\^63)"):
        gn.train_many(gn.Network(gn.Dense(2, "tanh"), gn.Dense()), X, Y, seeds=seeds)


def test_what_is_free_is_the_least_that_anybody_leaves(tmp_path, monkeypatch):
    (tmp_path / "meminfo").write_text("MemTotal: 900 kB\nMemAvailable: 500 kB\nSwapFree: 100 kB\n")
    (tmp_path / "own").write_text("0::/a/b\n")
    for name, limit, used, inactive in (("a/b", "max", 0, 0), ("a", "500000", 200000, 50000)):
        (tmp_path / name).mkdir(parents=True, exist_ok=True)
        (tmp_path / name / "memory.max").write_text(f"{limit}\n")
        (tmp_path / name / "memory.current").write_text(f"{used}\n")
        (tmp_path / name / "memory.stat").write_text(f"anon 7\ninactive_file {inactive}\n")
    (tmp_path / "memory").mkdir()
    for name, text in (("limit_in_bytes", "300000"), ("usage_in_bytes", "250000"), ("stat", "total_inactive_file 5")):
        (tmp_path / "memory" / f"memory.{name}").write_text(text)
    monkeypatch.setattr(free_memory, "MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(free_memory, "OWN_GROUPS", tmp_path / "nowhere")
    monkeypatch.setattr(free_memory, "GROUPS", tmp_path)
    assert free_memory.free_memory() == 600 * 1024
    monkeypatch.setattr(free_memory, "OWN_GROUPS", tmp_path / "own")
    assert free_memory.free_memory() == 350_000
    (tmp_path / "own").write_text("3:cpu:/x\n4:memory,other:/\n0::/a\n")
    assert free_memory.free_memory() == 50_005
    monkeypatch.setattr(free_memory, "of_process", lambda: iter([11]))
    assert free_memory.free_memory() == 11
