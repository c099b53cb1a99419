"""Whole diagnoses: of networks that are well, that are sick by construction, and of those that have luck."""

import json
from typing import Any

import numpy as np
import pytest

import glassnet as gn

from .cases import network, numbers, rings

X, y = rings()


def test_a_sound_network_is_healthy_and_nothing_is_changed_about_it() -> None:
    found = gn.diagnose(network(16, 16), X, y, optimizer=gn.Adam(0.01), epochs=60)
    assert (found.verdict, found.causes, found.proof, found.code) == ("healthy", (), None, "")


SICK: dict[str, tuple[gn.Network, Any, dict[str, Any]]] = {
    "learning rate too high": (network(16, 16), X, {"optimizer": gn.SGD(1e4)}),
    "learning rate too low": (network(16, 16), X, {"optimizer": gn.SGD(1e-5)}),
    "starting weights": (network(16, 16, weights="zeros"), X, {}),
    "no nonlinearity": (network(16, 16, activation="identity"), X, {}),
    "inputs not scaled": (network(16, activation="tanh"), X * 1e4, {}),
    "penalty too strong": (gn.Network(gn.Dense(16, "relu"), gn.Dense(), l2=3.0), X, {}),
    "clipping too tight": (network(16, 16), X, {"optimizer": gn.SGD(0.1, clip_norm=1e-6)}),
}


@pytest.mark.parametrize("cause", SICK)
def test_a_fault_that_was_put_in_is_named_and_healed(cause: str) -> None:
    layers, rows, how = SICK[cause]
    found = gn.diagnose(layers, rows, y, **{"optimizer": gn.Adam(0.01), "epochs": 60, **how})
    assert found.verdict == "sick"
    assert cause in [one.name for one in found.causes[:2]]
    assert found.repaired
    assert found.proof is not None
    assert found.proof.before.learnt <= 2 < 8 <= found.proof.after.learnt
    assert all(one.evidence or not one.proven or len(found.causes) > 1 for one in found.causes)


def test_what_it_advises_heals_when_it_is_pasted() -> None:
    net = network(16, activation="tanh", weights=gn.initializer("normal", std=100.0))
    found = gn.diagnose(net, 1e3 * X, y, epochs=60)
    names: dict[str, Any] = {"gn": gn, "network": net, "X": 1e3 * X, "y": y}
    exec(found.code, names)
    model: gn.Model = names["model"]
    assert model.evaluate(names["X"], names["y"])["accuracy"] > 0.9


def test_several_faults_are_each_named_and_each_needed() -> None:
    net = network(16, activation="identity")
    found = gn.diagnose(net, X, y, optimizer=gn.SGD(1e-5), epochs=60)
    assert {"no nonlinearity", "learning rate too low"} <= {cause.name for cause in found.causes}
    assert found.proof is not None
    assert all(row.learnt <= 2 for row in found.proof.missing)


def test_the_tutorials_xor_is_a_matter_of_the_seed() -> None:
    inputs, target = gn.datasets.xor()
    net = gn.Network(gn.Dense(2, "sigmoid"), gn.Dense(1, "sigmoid"), loss="squared")
    found = gn.diagnose(net, inputs, target, optimizer=gn.SGD(2.0), epochs=2_000, batch_size=None)
    assert found.verdict == "seed"
    assert found.share.seeds == 200
    runs = gn.train_many(net, inputs, target, seeds=200, optimizer=gn.SGD(2.0), epochs=2_000, batch_size=None)
    assert found.share.learnt == sum(loss < 0.01 for loss in runs["loss"])
    assert found.repaired


def test_noise_is_nothing_to_be_learnt() -> None:
    rng = np.random.default_rng(0)
    found = gn.diagnose(network(16), rng.normal(size=(300, 4)), rng.integers(2, size=300), epochs=30)
    assert found.verdict == "nothing"


def test_too_few_epochs_are_extrapolated() -> None:
    found = gn.diagnose(network(16, 16), X, y, optimizer=gn.Adam(0.01), epochs=1)
    assert found.verdict == "more"
    assert found.causes[0].name == "too few epochs"
    assert "more epochs" in found.said


def test_a_rare_class_that_is_never_found_is_named() -> None:
    rng = np.random.default_rng(1)
    rare = (rng.random(1_500) < 0.06).astype(int)
    rows = rng.normal(size=(1_500, 2)) + 1.6 * rare[:, None]
    found = gn.diagnose(network(8), rows, rare, epochs=15, class_weight={0: 10.0, 1: 1.0})
    assert found.bar.way == "recall"
    assert {"class weights", "rare class"} & {cause.name for cause in found.causes[:2]}


def test_rows_known_by_heart_are_noted_with_what_would_help() -> None:
    rng = np.random.default_rng(2)
    rows = rng.normal(size=(400, 100))
    target = rows[:, 0] + rows[:, 1] + rng.normal(size=400)
    found = gn.diagnose(numbers(64, 64), rows, target, optimizer=gn.Adam(0.01), epochs=60)
    assert found.verdict == "healthy"
    assert found.notes[0].startswith("overfitting: error 0.0")


def test_a_column_that_is_the_target_is_told() -> None:
    leaking = np.column_stack((X, 3.0 - 2.0 * y))
    found = gn.diagnose(network(8), leaking, y, optimizer=gn.Adam(0.01), epochs=60)
    assert found.verdict == "healthy"
    assert "input 'x3' is the target itself" in found.notes[0]
    assert not gn.diagnose(network(16, 16), X, y, optimizer=gn.Adam(0.01), epochs=60).notes


def test_a_model_is_asked_about_with_what_is_frozen_in_it() -> None:
    model = gn.initialize(network(4, 4), X, y, seed=0)
    for name in ("W1", "b1", "W2", "b2"):
        model[name] *= 0.01
        model.freeze(name)
    gn.train(model, X, y, epochs=30, seed=0)
    before = model.memory.theta.copy()
    found = model.diagnose(X, y)
    np.testing.assert_array_equal(model.memory.theta, before)
    assert found.causes[0].name == "frozen weights"
    assert "W1: 8 of 8 numbers are frozen" in " ".join(found.causes[0].evidence)


def test_tables_and_recipes_are_asked_about_as_they_are_trained() -> None:
    penguins = gn.datasets.penguins()
    assert gn.diagnose(gn.recipe("small"), penguins, target="species").verdict == "healthy"
    sick = gn.diagnose(network(8), penguins, target="species", optimizer=gn.SGD(1e-6), epochs=20)
    assert sick.causes[0].name == "learning rate too low"
    assert "target='species'" in sick.code


def test_a_diagnosis_is_json() -> None:
    found = gn.diagnose(network(16), X, y, optimizer=gn.SGD(1e-5), epochs=20)
    again = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert again["verdict"] == "sick"
    assert again["proof"][0]["what"] == "as it was"
    assert [len(curves) for curves in again["losses"].values()] == [10, 10]
    assert again["layers"][0]["hidden"][0]["units"] == 16


def test_the_same_question_has_the_same_answer() -> None:
    def ask() -> dict[str, Any]:
        found = gn.diagnose(network(8), X, y, optimizer=gn.SGD(1e-4), epochs=20).to_dict()
        return {name: value for name, value in found.items() if name != "seconds"}

    assert ask() == ask()


def test_when_time_is_over_it_says_what_it_knows() -> None:
    found = gn.diagnose(network(64, 64), X, y, optimizer=gn.SGD(1e-5), epochs=3_000, seconds=0.05)
    assert found.verdict == "unknown"
    assert "time was over" in found.said


def test_what_is_no_network_is_refused() -> None:
    with pytest.raises(TypeError, match="diagnose takes a Network, a Recipe or a Model first, got int"):
        gn.diagnose(3, X, y)  # type: ignore[arg-type]  # on purpose
    with pytest.raises(ValueError, match="seconds must be"):
        gn.diagnose(network(3), X, y, seconds=0.0)
    with pytest.raises(TypeError, match="epoch"):
        gn.diagnose(network(3), X, y, epoch=3)  # type: ignore[call-arg]  # on purpose
