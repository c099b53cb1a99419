"""Runs side by side: each is the one that `train` gives by itself."""

import itertools
import threading
import time
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from reference_lanes import ReferenceLanes

import glassnet as gn
from glassnet.model.model import Model
from glassnet.training.many import running
from glassnet.training.many.lane_engines import LaneChoice
from glassnet.training.many.plan import plan_of
from glassnet.training.many.source import Source
from glassnet.training.many.varying import settings_of
from glassnet.training.settings import Settings

RNG = np.random.default_rng(7)
X = RNG.normal(size=(29, 3))
Y = RNG.normal(size=29)
LABELS = np.where(X[:, 0] + 0.3 * RNG.normal(size=29) > 0, "yes", "no")
NETWORK = gn.Network(gn.Dense(5, "tanh"), gn.Dense())
LAYERS = gn.Network(gn.Dense(4, "relu"), gn.BatchNorm(), gn.Dropout(0.3), gn.Dense())
TABLE = {
    "length": [None if k % 11 == 3 else v for k, v in enumerate(X[:, 0].tolist())],
    "colour": [("red", "green", None, "blue")[int(k) % 4] for k in RNG.integers(0, 4, 29)],
    "width": X[:, 1].tolist(),
    "kind": LABELS.tolist(),
    "price": [None if k == 4 else v for k, v in enumerate((100 + 20 * Y).tolist())],
}


@pytest.fixture(autouse=True)
def lanes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Every group goes through the reference engine; how many lanes each engine had."""
    made: list[int] = []

    def make(lanes: Any, workers: int) -> ReferenceLanes:
        made.append(len(lanes.setting))
        return ReferenceLanes(lanes)

    def engine(*what: Any, **how: Any) -> LaneChoice:
        return LaneChoice(make, has_threads=False)

    monkeypatch.setattr(running, "lane_engine", engine)
    return made


def same(model: Model, other: Model) -> None:
    """Equal in everything that training leaves, to the bit."""
    a, b = model.state, other.state
    np.testing.assert_array_equal(a.memory.theta, b.memory.theta)
    np.testing.assert_array_equal(a.memory.state, b.memory.state)
    assert a.memory.slots.keys() == b.memory.slots.keys()
    for name, slot in a.memory.slots.items():
        np.testing.assert_array_equal(slot, b.memory.slots[name])
    np.testing.assert_equal(dict(a.history.columns), dict(b.history.columns))
    assert (a.history.stopped, a.history.best_epoch) == (b.history.stopped, b.history.best_epoch)
    assert (a.epochs, a.memory.t, a.until, a.seed, a.split_seed, a.weighted, a.data) == (
        *(b.epochs, b.memory.t, b.until, b.seed, b.split_seed, b.weighted, b.data),
    )
    assert a.rng.bit_generator.state == b.rng.bit_generator.state
    assert a.contract == b.contract
    assert repr(a.optimizer) == repr(b.optimizer)
    assert repr(a.network) == repr(b.network)
    assert a.start is not None
    assert b.start is not None
    np.testing.assert_array_equal(a.start.theta, b.start.theta)
    assert a.start.rng_state == b.start.rng_state


def train(network: Any, *data: Any, **options: Any) -> Model:
    return gn.train(network, *data, engine="numpy", progress=False, **options)


def row_is_of(row: dict[str, Any], model: Model) -> None:
    """A row of the table says what the model's history says."""
    history = model.history
    kept = (history.best_epoch or len(history)) - 1
    for name, column in history.columns.items():
        np.testing.assert_equal(row[name], column[kept] if kept >= 0 else np.nan)
    assert (row["epochs"], row["stopped"]) == (len(history), history.stopped)
    assert row.get("best_epoch") == history.best_epoch


OPTIONS: list[dict[str, Any]] = [
    {},
    {"validation": 0.3},
    {"validation": 0.3, "early_stopping": 2, "optimizer": gn.Adam(0.1), "epochs": 40},
    {"early_stopping": gn.EarlyStopping(1, min_delta=0.05), "epochs": 40},
    {
        "early_stopping": gn.EarlyStopping(None, among="rests"),
        "optimizer": gn.Adam(gn.schedule("log_cosine", 0.3)),
        "epochs": 15,
        "validation": 0.3,
    },
    {"metrics": ["auc", "f1"]},
    {"validation": 0.3, "metrics": ["accuracy", "log_loss"], "sample_weight": RNG.random(29) + 0.1},
    {"batch_size": None, "class_weight": "balanced"},
    {"shuffle": False, "optimizer": gn.Momentum(gn.schedule("cosine", 0.1, epochs=5), clip_norm=0.5)},
    {"dtype": "float32", "validation": (X[:7], LABELS[:7])},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize(
    "network", [NETWORK, gn.Network(gn.Dense(4, "relu"), gn.BatchNorm(), gn.Dropout(0.3), gn.Dense())]
)
def test_each_seed_is_its_own_training(network: gn.Network, options: dict[str, Any], lanes: list[int]) -> None:
    options = {"epochs": 5, "batch_size": 8, **options}
    seeds = [5, 3, 0, 11]
    runs = gn.train_many(network, X, LABELS, seeds=seeds, workers=2, **options)
    assert lanes
    for k, seed in enumerate(seeds):
        alone = train(network, X, LABELS, seed=seed, **options)
        same(runs[k], alone)
        row_is_of(runs.row(k), alone)
        assert runs[k] is runs[k]
        more = {"epochs": 3, "batch_size": 8, "validation": options.get("validation"), "engine": "numpy"}
        same(gn.train(runs[k], X, LABELS, **more), gn.train(alone, X, LABELS, **more))


def rows_of(k: np.ndarray) -> dict[str, Any]:
    """The table's rows of these numbers."""
    return {name: [column[i] for i in k] for name, column in TABLE.items()}


def folds_of(n: int, folds: int) -> list[tuple[np.ndarray, np.ndarray]]:
    order = np.random.default_rng(3).permutation(n)
    return [(np.delete(order, np.s_[k::folds]), order[k::folds]) for k in range(folds)]


@pytest.mark.filterwarnings("ignore::UserWarning")  # remarks on what fills gaps
@pytest.mark.parametrize("target", ["kind", "price"])
def test_a_fold_of_a_table_is_a_training_on_the_other_folds(target: str, lanes: list[int]) -> None:
    pairs = folds_of(29, 3)
    options: dict[str, Any] = {"target": target, "exclude": ["price", "kind"][target == "price"], "epochs": 4}
    runs = gn.train_many(NETWORK, TABLE, seeds=[2, 9], folds=pairs, vary={"l2": [0.01, 0.1]}, **options)
    assert runs["l2"] == [0.01] * 6 + [0.1] * 6
    assert runs["fold"] == [1, 1, 2, 2, 3, 3] * 2
    assert runs["seed"] == [2, 9] * 6
    assert len(runs) == sum(lanes) == 12
    for k, row in enumerate(map(runs.row, range(12))):
        train_on, held_out = (rows_of(part) for part in pairs[row["fold"] - 1])
        network = gn.Network(*NETWORK.layers, l2=row["l2"])
        alone = train(network, train_on, validation=held_out, seed=row["seed"], **options)
        same(runs[k], alone)
        row_is_of(row, alone)
        np.testing.assert_array_equal(runs[k].predict(held_out), alone.predict(held_out))
    assert len({str(runs[k].contract) for k in range(0, 6, 2)}) == 3  # each fold's scaling is its own


@pytest.mark.parametrize("y", [LABELS, Y], ids=["classes", "numbers"])
@pytest.mark.parametrize("ways", [{"folds": 4}, {"samples": 3}], ids=str)
def test_folds_and_samples_of_arrays_are_trainings_on_their_rows(y: np.ndarray, ways: Any) -> None:
    metrics: Any = ["accuracy"] if y is LABELS else ["r2"]
    runs = gn.train_many(NETWORK, X, y, seeds=2, **ways, epochs=3, metrics=metrics, engine="compiled")
    again = gn.train_many(NETWORK, X, y, **ways, epochs=3, split_seed=1)
    assert runs["val_loss"] != again["val_loss"]
    data = Source.of(X, y)
    parts = data.divisions(ways.get("folds"), ways.get("samples"), 0, None)
    assert 2 * len(parts) == len(runs)
    for k, (part, seed) in enumerate(itertools.product(parts, range(2))):
        alone = train(
            NETWORK,
            X[part.train],
            y[part.train],
            validation=(X[part.held_out], y[part.held_out]),
            metrics=metrics,
            epochs=3,
            seed=seed,
        )
        same(runs[k], alone)
        row_is_of(runs.row(k), alone)


@pytest.mark.parametrize("weights", [None, RNG.random(29) + 0.1], ids=["alike", "weighted"])
@pytest.mark.parametrize("metrics", [["accuracy"], ["f1", "accuracy"]], ids=str)
def test_samples_that_hold_out_more_or_fewer_rows_go_side_by_side(metrics: Any, weights: Any, lanes: list[int]) -> None:
    how: dict[str, Any] = {"epochs": 3, "metrics": metrics, "sample_weight": weights}
    runs = gn.train_many(NETWORK, X, LABELS, samples=9, workers=1, **how)
    assert lanes == [9]
    by_size = gn.train_many(NETWORK, X, LABELS, seeds=2, samples=9, workers=1, engine="compiled", **how)[::2]
    assert len(lanes) > 3
    for k in range(9):
        a, b = runs[k], by_size[k]
        np.testing.assert_array_equal(a.memory.theta, b.memory.theta)
        assert a.history["loss"] == b.history["loss"]
        np.testing.assert_allclose(a.history["val_loss"], b.history["val_loss"], rtol=1e-12)
        for metric in metrics:
            np.testing.assert_allclose(a.history[f"val_{metric}"], b.history[f"val_{metric}"], rtol=1e-12)


VARIED: list[dict[str, Any]] = [
    {"learning_rate": [0.1, 0.01], "beta1": [0.8, 0.95]},
    {"hidden": [3, (4, 2)], "activation": ["relu", "tanh"]},
    {"optimizer": ["sgd", gn.Momentum(0.05)], "momentum": [0.5]},
    {"dropout": [0.1, 0.5], "l1": [0.0, 0.01], "batch_size": [None, 8], "epochs": [2, 3]},
    {"clip_norm": [None, 0.1, 0.5], "weight_decay": np.array([0.0, 0.1]), "optimizer": "adamw"},
    {"network": [gn.Network(gn.Dense()), gn.Network(gn.Dense(2, "relu"), gn.Dense())], "early_stopping": [False, 1]},
    {"shuffle": [True, False], "network": [gn.Network(gn.Dense(), loss="squared"), NETWORK]},
]


def put_in(values: dict[str, Any], base: gn.Network) -> tuple[gn.Network, dict[str, Any]]:
    """A network and options of `train` with these values, worked out by hand."""
    network = values.pop("network", base)
    layers = list(network.layers)
    if "hidden" in values:
        units = values.pop("hidden")
        sizes = units if isinstance(units, tuple) else (units,)
        activation = values.pop("activation")
        layers = [gn.Dense(size, activation) for size in sizes] + [layers[-1]]
    if "dropout" in values:
        layers = [gn.Dropout(values["dropout"]) if isinstance(layer, gn.Dropout) else layer for layer in layers]
        values.pop("dropout")
    network = gn.Network(*layers, loss=network.loss, l1=values.pop("l1", 0.0))
    options = {
        name: values.pop(name) for name in [*values] if name in ("batch_size", "epochs", "shuffle", "early_stopping")
    }
    chosen = values.pop("optimizer", "adam")
    if isinstance(chosen, str):
        return network, {**options, "optimizer": gn.optimizer(chosen, **values)}
    return network, {
        **options,
        "optimizer": gn.optimizer(chosen.name, chosen.learning_rate, **{**chosen.options, **values}),
    }


@pytest.mark.parametrize("vary", VARIED, ids=lambda vary: "-".join(vary))
def test_each_setting_is_a_training_with_it(vary: dict[str, Any]) -> None:
    base = gn.Network(gn.Dense(5, "tanh"), gn.Dropout(0.2), gn.Dense()) if "dropout" in vary else NETWORK
    if "momentum" in vary:
        with pytest.raises(ValueError, match=r"there is no 'momentum'.* with sgd there are .*clip_norm"):
            gn.train_many(base, X, LABELS, vary=vary)
        vary = {**vary, "optimizer": ["nesterov", gn.Momentum(0.05)]}
    runs = gn.train_many(base, X, LABELS, seeds=[4], vary=vary, **({} if "epochs" in vary else {"epochs": 3}))
    kept = [values if isinstance(values, (list, np.ndarray)) else [values] for values in vary.values()]
    assert len(runs) == np.prod([*map(len, kept)])
    for k, values in enumerate(itertools.product(*kept)):
        row = runs.row(k)
        assert [row[name] for name in vary] == list(values)
        network, options = put_in(dict(zip(vary, values, strict=True)), base)
        alone = train(network, X, LABELS, seed=4, **{"epochs": 3, **options})
        same(runs[k], alone)
        row_is_of(row, alone)


def test_several_grids_one_after_the_other() -> None:
    grids = [{"learning_rate": [0.1, 0.01]}, {"l2": [0.5], "learning_rate": gn.schedule("step", 0.3)}]
    runs = gn.train_many(NETWORK, X, LABELS, vary=grids, optimizer=gn.SGD(0.2), epochs=2)
    assert [runs.row(k)["l2"] for k in range(3)] == [0.0, 0.0, 0.5]
    assert runs["learning_rate"][:2] == [0.1, 0.01]
    same(
        runs[2],
        train(
            gn.Network(*NETWORK.layers, l2=0.5), X, LABELS, optimizer=gn.SGD(gn.schedule("step", 0.3)), epochs=2, seed=0
        ),
    )
    assert [runs[k].optimizer.learning_rate for k in range(2)] == [0.1, 0.01]


def test_what_a_schedule_begins_with_can_vary() -> None:
    adam = gn.Adam(gn.schedule("cosine", 0.5, epochs=3))
    runs = gn.train_many(NETWORK, X, LABELS, vary={"learning_rate": [0.1, 0.2]}, optimizer=adam, epochs=3)
    for k, rate in enumerate([0.1, 0.2]):
        same(
            runs[k],
            train(NETWORK, X, LABELS, optimizer=gn.Adam(gn.schedule("cosine", rate, epochs=3)), epochs=3, seed=0),
        )


@pytest.mark.parametrize("options", [{}, {"validation": 0.3}, {"validation": 0.3, "early_stopping": 3}], ids=str)
def test_lanes_that_diverge_end_as_trainings_do(options: dict[str, Any]) -> None:
    network = gn.Network(gn.Dense(4, "identity"), gn.Dense(), loss="squared")
    how: dict[str, Any] = {"optimizer": gn.SGD(1.0), "epochs": 60, "batch_size": 8, **options}
    rates = [0.05, 0.5, 3.0, 1e200]
    runs = gn.train_many(network, X, Y, seeds=2, vary={"learning_rate": rates}, **how)
    assert {"diverged"} < set(runs["stopped"])
    for k in range(len(runs)):
        row = runs.row(k)
        try:
            alone = train(network, X, Y, seed=row["seed"], **{**how, "optimizer": gn.SGD(row["learning_rate"])})
        except gn.TrainingError as error:
            alone = error.model
        same(runs[k], alone)
        row_is_of(row, alone)
    means = runs.mean()
    assert means["runs"] == [2] * 4
    assert sum(means["diverged"]) == runs["stopped"].count("diverged")
    assert runs.row(runs.table.order()[-1])["stopped"] == "diverged"


def test_generators_are_the_runs_own_or_copied() -> None:
    own = [np.random.default_rng(k) for k in (3, 4)]
    runs = gn.train_many(NETWORK, X, LABELS, seeds=own, epochs=2)
    for k, seed in enumerate((3, 4)):
        rng = np.random.default_rng(seed)
        alone = train(NETWORK, X, LABELS, seed=rng, epochs=2)
        same(runs[k], alone)
        assert runs[k].rng is own[k]
    again = [np.random.default_rng(k) for k in (3, 4)]
    both = gn.train_many(NETWORK, X, LABELS, seeds=again, epochs=2, vary={"l2": [0.0, 0.1]})
    same(both[1], runs[1])
    assert again[0].bit_generator.state == np.random.default_rng(3).bit_generator.state
    with pytest.raises(ValueError, match="the same generator twice"):
        gn.train_many(NETWORK, X, LABELS, seeds=[own[0], own[0]])


def test_lanes_that_have_stopped_make_room(lanes: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[int] = []
    keep = ReferenceLanes.keep
    monkeypatch.setattr(ReferenceLanes, "keep", lambda self, left: (kept.append(len(left)), keep(self, left))[1])
    options: dict[str, Any] = {"validation": 0.3, "early_stopping": 1, "optimizer": gn.Adam(0.05), "epochs": 100}
    runs = gn.train_many(NETWORK, X, LABELS, seeds=12, workers=1, **options)
    assert lanes == [12]
    assert kept == sorted(kept, reverse=True) != []
    assert len(set(runs["epochs"])) > 3
    for seed in range(12):
        same(runs[seed], train(NETWORK, X, LABELS, seed=seed, **options))


def test_metrics_of_ones_own_are_asked_lane_by_lane() -> None:
    def misses(y: np.ndarray, predicted: np.ndarray) -> float:
        return float((y != predicted).sum())

    runs = gn.train_many(NETWORK, X, LABELS, seeds=3, validation=0.4, metrics=[misses, "accuracy"], epochs=4)
    for seed in range(3):
        same(runs[seed], train(NETWORK, X, LABELS, seed=seed, validation=0.4, metrics=[misses, "accuracy"], epochs=4))
    assert runs.sorted("val_misses", mode="min")["val_misses"] == sorted(runs["val_misses"])
    with pytest.raises(ValueError, match="which is better in column 'val_misses'"):
        runs.best("val_misses")


def test_ctrl_c_ends_lanes() -> None:
    plan = plan_of(Source.of(X, LABELS), settings_of(NETWORK, Settings(epochs=9), None), [1, 2], [], part_name="fold")
    with pytest.raises(KeyboardInterrupt):
        running.train_all(plan, engine="auto", workers=1, interrupted=lambda: True)


def test_what_is_told_is_the_error_and_not_that_others_were_asked_to_stop() -> None:
    def bad(y: np.ndarray, predicted: np.ndarray) -> float:
        if threading.current_thread().name.endswith("_1"):
            raise RuntimeError("a metric that fails")
        return 0.0

    with pytest.raises(RuntimeError, match="a metric that fails"):
        gn.train_many(
            NETWORK, X, LABELS, seeds=2, vary={"hidden": [3, 4]}, workers=2, epochs=10**5, validation=0.3, metrics=[bad]
        )


@pytest.mark.parametrize("ends", ["diverged", "early"])
def test_a_generator_that_was_given_is_left_where_train_leaves_it(ends: str) -> None:
    network = gn.Network(gn.Dense(4, "identity"), gn.Dense(), loss="squared")
    how: dict[str, Any] = {"epochs": 60, "batch_size": 8, "optimizer": gn.SGD(3.0)}
    if ends == "early":
        how |= {"optimizer": gn.Adam(0.5), "early_stopping": 1, "validation": 0.3}
    own, alone = ([np.random.default_rng(k) for k in range(5)] for _ in range(2))
    runs = gn.train_many(network, X, Y, seeds=own, workers=1, **how)
    assert runs["stopped"].count(ends) > 1
    after = [rng.bit_generator.state for rng in own]
    for k, rng in enumerate(alone):
        with suppress(gn.TrainingError):
            train(network, X, Y, seed=rng, **how)
        assert after[k] == rng.bit_generator.state
    for rng, model in zip(own, runs, strict=True):
        assert model.rng is rng
    assert after == [rng.bit_generator.state for rng in own]


def test_metrics_of_ones_own_are_called_by_one_thread_at_a_time() -> None:
    inside, most = 0, 0

    def slow(y: np.ndarray, predicted: np.ndarray) -> float:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        time.sleep(0.002)
        inside -= 1
        return 0.0

    runs = gn.train_many(
        NETWORK, X, LABELS, seeds=20, vary={"hidden": [3, 4]}, workers=2, epochs=3, validation=0.3, metrics=iter([slow])
    )
    assert most == 1
    assert runs["val_slow"] == [0.0] * 40


def test_a_bug_in_an_engine_is_no_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    def bug(lanes: Any, workers: int) -> ReferenceLanes:
        raise ValueError("operands could not be broadcast together")

    monkeypatch.setattr(running, "lane_engine", lambda *_: LaneChoice(bug, has_threads=False))
    with pytest.raises(ValueError, match="broadcast"):
        gn.train_many(NETWORK, X, LABELS, seeds=2, epochs=1)


def test_a_bit_generator_is_copied_for_each_setting() -> None:
    bits = np.random.PCG64(3)
    runs = gn.train_many(NETWORK, X, LABELS, seeds=[bits], vary={"l2": [0.0, 0.1]}, epochs=2)
    assert bits.state == np.random.PCG64(3).state
    same_start = [model.state.start.theta for model in runs if model.state.start]
    np.testing.assert_array_equal(*same_start)


def test_units_and_rates_are_shown_as_they_are() -> None:
    runs = gn.train_many(NETWORK, X, LABELS, vary=[{"hidden": [3, (4, 2)]}, {"l2": [0.1]}], epochs=1)
    assert runs["hidden"] == [3, (4, 2), 5]
    runs = gn.train_many(NETWORK, X, LABELS, vary={"learning_rate": [None, 0.5]}, epochs=1, optimizer="adam")
    assert runs["learning_rate"] == [0.001, 0.5]


def test_what_an_engine_cannot_do_is_trained_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(lanes: Any, workers: int) -> ReferenceLanes:
        raise NotImplementedError("lanes of this kind")

    monkeypatch.setattr(running, "lane_engine", lambda *_: LaneChoice(refuse, has_threads=False))
    runs = gn.train_many(NETWORK, X, LABELS, seeds=3, epochs=2)
    assert runs["seed"] == [0, 1, 2]
    for seed in range(3):
        same(runs[seed], train(NETWORK, X, LABELS, seed=seed, epochs=2))


def test_networks_with_a_loss_of_ones_own_are_side_by_side_with_themselves_alone(lanes: list[int]) -> None:
    def quartic(y: Any, s: Any) -> Any:
        return (y - s) ** 4

    network = gn.Network(gn.Dense(5, "tanh"), gn.Dense(), loss=quartic)
    runs = gn.train_many(network, X, Y, seeds=2, vary={"l2": [0.1, 0.2]}, epochs=2, workers=1)
    assert sorted(lanes) == [2, 2]
    for k in range(4):
        row = runs.row(k)
        penalised = gn.Network(*network.layers, loss=quartic, l2=row["l2"])
        np.testing.assert_array_equal(
            runs[k].memory.theta, train(penalised, X, Y, seed=row["seed"], epochs=2).memory.theta
        )


def test_starting_numbers_that_overflow_are_told_as_train_tells_them() -> None:
    huge = gn.Network(gn.Dense(1, "tanh", weights=gn.initializer("normal", std=1e308)), gn.Dense())
    largest = [np.abs(np.random.default_rng(seed).normal(size=3)).max() for seed in range(40)]
    seed = next(k for k, value in enumerate(largest) if value > 1.9)
    assert min(largest[:seed]) < 1.7  # some of those before are finite
    with pytest.raises(ValueError, match="W1") as alone, np.errstate(over="ignore"):
        gn.initialize(huge, X, LABELS, seed=seed)
    with pytest.raises(ValueError, match="W1") as many, np.errstate(over="ignore"):
        gn.train_many(huge, X, LABELS, seeds=range(seed + 1))
    assert str(many.value) == str(alone.value)


def test_what_only_some_settings_change_is_shown_as_it_is_in_the_others() -> None:
    network = gn.Network(gn.Dense(5, "tanh"), gn.Dropout(0.2), gn.Dense())
    runs = gn.train_many(network, X, LABELS, vary=[{"dropout": [0.5]}, {"l2": [0.1]}], epochs=1)
    assert runs["dropout"] == [0.5, 0.2]
    with pytest.raises(ValueError, match=r"vary: hidden needs a hidden Dense layer, which Network"):
        gn.train_many(gn.Network(gn.Dense()), X, LABELS, vary={"hidden": [3]}, epochs=1)
