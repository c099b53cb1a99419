"""Training names the doctor where it learnt clearly less than others do, and nowhere else."""

from typing import Any

import numpy as np
import pytest

import glassnet as gn

from .cases import network, numbers, rings

X, y = rings(300)
XOR, ONE = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([0, 1, 1, 0])
SLOW: dict[str, Any] = {"optimizer": gn.SGD(1e-5), "epochs": 100, "seed": 7}


def heard(capsys: pytest.CaptureFixture[str], *given: Any, **how: Any) -> str:
    """What is said while something is trained, but for what is said of its kind."""
    gn.train(*given, **how)
    said = capsys.readouterr()
    assert not said.out
    return "".join(line for line in said.err.splitlines(keepends=True) if "its kind is classes" not in line)


def test_a_network_that_learnt_nothing_of_rings_is_told_of(capsys: pytest.CaptureFixture[str]) -> None:
    said = heard(capsys, network(16), X, y, **SLOW)
    assert said.startswith("note: it learnt less than 5 neighbours do (error ")
    assert said.endswith("; why: gn.diagnose(network, X, y, …)\n")
    assert said.count("\n") == 1
    assert "beside 0)" in heard(capsys, network(16), X, y, validation=0.25, **SLOW)


def test_nobody_is_told_who_asked_for_no_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert not heard(capsys, network(16), X, y, progress=False, **SLOW)


def test_nothing_is_said_of_a_network_that_learnt(capsys: pytest.CaptureFixture[str]) -> None:
    assert not heard(capsys, network(16), X, y, optimizer=gn.Adam(0.01), epochs=100, seed=7)


def test_nothing_is_said_where_nothing_can_be_learnt(capsys: pytest.CaptureFixture[str]) -> None:
    noise = np.random.default_rng(3).normal(size=len(X))
    assert not heard(capsys, numbers(16), X, noise, **SLOW)


def test_nothing_is_said_where_it_would_cost_more_than_a_tenth(capsys: pytest.CaptureFixture[str]) -> None:
    assert not heard(capsys, network(3), X, y, optimizer=gn.SGD(1e-5), epochs=3, seed=7)


def test_nothing_is_said_of_a_loss_that_is_not_after_the_mean(capsys: pytest.CaptureFixture[str]) -> None:
    rare = np.where(np.arange(300) % 10 == 0, 100.0, 0.0)  # whose median is 0
    absolute = gn.Network(gn.Dense(16, "relu"), gn.Dense(1), loss="absolute")
    assert not heard(capsys, absolute, np.column_stack((rare, X)), rare, **SLOW)


def test_nothing_is_said_of_who_always_says_the_same_on_purpose(capsys: pytest.CaptureFixture[str]) -> None:
    assert not heard(capsys, gn.recipe("constant"), X, y, seed=7)


def test_four_rows_are_to_be_learnt_by_heart(capsys: pytest.CaptureFixture[str]) -> None:
    how: dict[str, Any] = {"optimizer": gn.SGD(1e-4), "epochs": 4000, "seed": 7}
    assert "it has not learnt its 4 rows (error " in heard(capsys, network(4, activation="tanh"), XOR, ONE, **how)
    how["optimizer"] = gn.SGD(0.5)
    assert not heard(capsys, network(8, activation="tanh"), XOR, ONE, **how)


def test_rows_that_are_the_same_and_differ_cannot_be_learnt_by_heart(capsys: pytest.CaptureFixture[str]) -> None:
    same, coins = np.ones((8, 2)), np.array([0, 1] * 4)
    assert not heard(capsys, network(4), same, coins, optimizer=gn.SGD(1e-4), epochs=4000, seed=7)


def test_a_model_that_goes_on_was_told_of_before(capsys: pytest.CaptureFixture[str]) -> None:
    model = gn.train(network(16), X, y, progress=False, **SLOW)
    assert not heard(capsys, model, X, y, optimizer=gn.SGD(1e-5), epochs=100)


def test_who_trains_what_is_frozen_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    model = gn.initialize(network(3), X, y, seed=7)
    for name in model.weights:
        model.freeze(name)
    capsys.readouterr()
    assert "nothing of it learns" in heard(capsys, model, X, y, epochs=1)


def test_a_loss_that_is_no_longer_finite_names_the_doctor() -> None:
    with pytest.raises(gn.TrainingError, match=r"; why: gn\.diagnose\(network, X, y, …\)$"):
        gn.train(numbers(16), X, X[:, 0], optimizer=gn.SGD(1e9), epochs=50, progress=False)
