"""Many runs with the engines that there are for lanes: which is chosen, and each run against its own training."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.engines import compiled
from glassnet.training.many import lane_engines
from glassnet.training.rows import Walk

pytest.importorskip("numba")

RNG = np.random.default_rng(7)
X = RNG.normal(size=(29, 3))
Y = RNG.normal(size=29)
LABELS = np.where(X[:, 0] + 0.3 * RNG.normal(size=29) > 0, "yes", "no")
NETWORK = gn.Network(gn.Dense(5, "tanh"), gn.Dense())
LAYERS = gn.Network(gn.Dense(4, "relu", bias_rate=0.1), gn.BatchNorm(), gn.Dropout(0.3), gn.Dense())
CHANGING = gn.Network(gn.Dense(5, "tanh"), gn.Dropout(gn.schedule("flat_cosine", 0.3)), gn.Dense())


@pytest.fixture
def worthwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lanes pay however little there is to do."""
    monkeypatch.setattr(lane_engines, "ENOUGH", 0.0)
    monkeypatch.setattr(lane_engines, "PUTTING", 0.0)
    monkeypatch.setattr(lane_engines, "LOADING", 0.0)


def agree(runs: gn.Runs, network: gn.Network, y: np.ndarray, **how: Any) -> None:
    """Each run is its own training in the NumPy engine, but for last digits."""
    for k in range(len(runs)):
        a = runs[k].state
        assert "lanes" in str(a.engine) or a.history.stopped == "diverged"
        structure = gn.Network(*a.network.layers, loss=a.network.loss, l1=a.network.l1, l2=a.network.l2)
        options = {**how, "optimizer": a.optimizer, "engine": "numpy", "progress": False, "seed": runs["seed"][k]}
        try:
            b = gn.train(structure, X, y, **options).state
        except gn.TrainingError as error:
            b = error.model.state
        assert (a.history.stopped, a.history.best_epoch) == (b.history.stopped, b.history.best_epoch)
        assert a.rng.bit_generator.state == b.rng.bit_generator.state
        assert a.history.columns.keys() == b.history.columns.keys()
        for name, column in b.history.columns.items():
            np.testing.assert_allclose(a.history[name], column, rtol=1e-9)
        scale = np.abs(b.memory.theta).max()
        np.testing.assert_allclose(a.memory.theta / scale, b.memory.theta / scale, atol=1e-9)
        assert len(a.history) == runs.row(k)["epochs"]


OPTIONS: list[dict[str, Any]] = [
    {},
    {"validation": 0.3, "early_stopping": 2, "optimizer": gn.Adam(0.1), "epochs": 40},
    {"validation": 0.3, "metrics": ["auc", "f1"], "sample_weight": RNG.random(29) + 0.1},
    {"batch_size": None, "class_weight": "balanced"},
    {"shuffle": False, "optimizer": gn.Momentum(gn.schedule("cosine", 0.1, epochs=5), clip_norm=0.5)},
    {"optimizer": gn.AdamW(gn.schedule("log_cosine", 0.1), weight_decay=gn.schedule("flat_cosine", 0.5, warm_up=1.0))},
]


@pytest.mark.usefixtures("worthwhile")
@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("network", [NETWORK, LAYERS, CHANGING], ids=["plain", "layers", "changing"])
def test_seeds_in_lanes_agree_with_their_own_training(network: gn.Network, options: dict[str, Any]) -> None:
    how = {"epochs": 5, "batch_size": 8, **options}
    agree(gn.train_many(network, X, LABELS, seeds=[3, 1, 8], **how), network, LABELS, **how)


@pytest.mark.usefixtures("worthwhile")
def test_settings_in_lanes_agree_with_their_own_training() -> None:
    vary = {"dropout": [0.5, 0.3, 0.0], "learning_rate": [0.1, 0.01], "beta1": [0.5, 0.9], "l2": [0.5, 0.0, 0.01]}
    how: dict[str, Any] = {"epochs": 3, "batch_size": 8}
    agree(gn.train_many(LAYERS, X, LABELS, seeds=[2, 3], vary=vary, **how), LAYERS, LABELS, **how)


@pytest.mark.usefixtures("worthwhile")
@pytest.mark.parametrize("options", [{}, {"validation": 0.3, "early_stopping": 3}], ids=str)
def test_lanes_that_diverge_agree_too(options: dict[str, Any]) -> None:
    network = gn.Network(gn.Dense(4, "identity"), gn.Dense(), loss="squared")
    how: dict[str, Any] = {"optimizer": gn.SGD(1.0), "epochs": 20, "batch_size": 8, **options}
    runs = gn.train_many(network, X, Y, seeds=2, vary={"learning_rate": [0.05, 3.0, 1e200]}, **how)
    assert runs["stopped"].count("diverged") >= 4
    agree(runs, network, Y, **how)


@pytest.mark.usefixtures("worthwhile")
def test_folds_and_samples_in_lanes() -> None:
    for ways in ({"folds": 3}, {"samples": 3}):
        many: dict[str, Any] = {"seeds": [4, 6], "epochs": 4, **ways}
        lanes, alone = (gn.train_many(NETWORK, X, LABELS, engine=engine, **many) for engine in ("auto", "numpy"))
        assert {"lanes" in str(model.engine) for model in lanes} == {True}
        assert {"lanes" in str(model.engine) for model in alone} == {False}
        for a, b in zip(lanes, alone, strict=True):
            np.testing.assert_allclose(a.memory.theta, b.memory.theta, rtol=1e-9)
            np.testing.assert_allclose(a.history["val_loss"], b.history["val_loss"], rtol=1e-9)
            assert a.history["val_accuracy"] == b.history["val_accuracy"]


def test_networks_that_are_written_out_keep_the_bits_of_their_own_training() -> None:
    corners, target = gn.datasets.xor()
    network = gn.Network(gn.Dense(3, "tanh"), gn.Dense(1, "sigmoid"), loss="squared")
    how: dict[str, Any] = {"epochs": 200, "batch_size": None, "engine": "compiled"}
    vary = {"learning_rate": [0.5, 2.0], "momentum": [0.0, 0.9]}
    runs = gn.train_many(network, corners, target, seeds=3, vary=vary, optimizer="momentum", **how)
    for k in range(len(runs)):
        assert "lanes" in str(runs[k].engine)
        alone = gn.train(network, corners, target, seed=k % 3, optimizer=runs[k].optimizer, progress=False, **how)
        np.testing.assert_array_equal(runs[k].memory.theta, alone.memory.theta)
        assert runs[k].history["loss"] == alone.history["loss"]


def test_little_work_is_done_by_numpy_and_large_networks_by_themselves() -> None:
    few = gn.train_many(NETWORK, X, LABELS, seeds=2, epochs=1)
    assert {model.engine.engine for model in few if model.engine} == {"numpy"}
    derivation = gn.initialize(gn.Network(gn.Dense(300), gn.Dense(300), gn.Dense()), X, LABELS).state.derivation(
        optimizer=gn.Adam()
    )
    assert lane_engines.lane_engine("auto", derivation, 29, Walk(8, True), 1e9) is None


def test_who_tries_many_small_networks_waits_for_the_interpreter_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lane_engines, "MISSED", {})
    asked = [lane_engines.is_worth_compiling("float64", 0.5) for _ in range(4)]
    assert asked == [False, False, True, True]
    assert not lane_engines.is_worth_compiling("float32", 0.5)


def test_without_numba_each_run_is_trained_by_itself(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GLASSNET_CACHE", str(tmp_path))  # what is in the cache needs no Numba
    monkeypatch.setitem(sys.modules, "numba", None)
    for name in [name for name in sys.modules if name.startswith("glassnet.engines.") or "interpreted" in name]:
        monkeypatch.delitem(sys.modules, name)
    derivation = gn.initialize(NETWORK, X, LABELS).state.derivation(optimizer=gn.Adam())
    assert lane_engines.lane_engine("auto", derivation, 29, Walk(8, True), 1e9) is None


def test_the_interpreter_is_taken_where_machine_code_of_a_networks_own_would_have_to_be_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def derivation(units: int) -> Any:
        network = gn.Network(gn.Dense(units), gn.Dense(units), gn.Dense())
        return gn.initialize(network, X, LABELS).state.derivation(optimizer=gn.Adam())

    small, large = derivation(8), derivation(60)
    assert small.layout.size < lane_engines.SMALL < large.layout.size < lane_engines.LARGE
    for interpreter, own, is_missed, expected in (
        ("loaded", "compiled", False, [True, True]),
        ("loaded", "cached", False, [True, False]),  # a large network has code of its own, which is faster
        ("compiled", "compiled", False, [False, False]),
        ("compiled", "compiled", True, [True, True]),
    ):
        monkeypatch.setattr(compiled, "state", lambda _, state=interpreter: state)
        monkeypatch.setattr(lane_engines, "state_of", lambda *_, state=own: state)
        monkeypatch.setattr(lane_engines, "is_worth_compiling", lambda *_, missed=is_missed: missed)
        chosen = [lane_engines.lane_engine("auto", one, 29, Walk(8, True), 1e9) for one in (small, large)]
        assert [one is not None for one in chosen] == expected
