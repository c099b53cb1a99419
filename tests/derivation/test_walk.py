"""A derivation computed step by step: the values are those of the arithmetic done by hand."""

import numpy as np
import pytest

import glassnet as gn
from glassnet.derivation.walk import drawing, start, values_of, walk, way_to_loss
from glassnet.expressions.expression import evaluate
from glassnet.parts.network import Network

NETWORK = Network(gn.Dense(1), loss="squared")
X, Y = np.array([[1.0, 2.0], [3.0, 5.0], [0.0, -1.0]]), np.array([[1.0], [0.0], [4.0]])
W, B = np.array([[0.5], [-1.0]]), np.array([2.0])
P = np.array([[0.5], [-1.5], [3.0]])  # x @ W + b


def model() -> gn.Model:
    found = gn.initialize(NETWORK, X, Y, seed=0)
    found["W1"], found["b1"] = W, B
    return found


def test_every_value_on_the_way_to_a_prediction() -> None:
    found = model()
    values = values_of(found.derivation(prediction=True).record, found.memory.arrays(), X)
    assert list(values)[-1] == "p"
    np.testing.assert_array_equal(values["p"], P)


def test_schedules_stand_at_the_first_epoch_unless_another_is_given() -> None:
    found = model()
    derivation = found.derivation(optimizer=gn.SGD(gn.schedule("exponential", 0.5, decay=0.1))).record
    for given, rate in (({}, 0.5), ({"epoch": 2.0}, 0.005)):
        values = start(derivation, found.memory.arrays(), X, Y) | given
        for _ in walk(derivation, values, lambda item, values=values: evaluate(item, values)):
            pass
        assert values["lr"] == pytest.approx(rate, rel=1e-15)


def test_the_gradients_are_one_vector_before_the_update() -> None:
    found = model()
    derivation = found.derivation(optimizer=gn.SGD(0.1)).record
    values = start(derivation, found.memory.arrays(), X, Y)
    taken = [step.name for step, _ in walk(derivation, values, lambda item: evaluate(item, values))]
    dz = 2.0 * (P - Y) / 3.0
    g = np.array([*(X.T @ dz).ravel(), dz.sum()])
    assert taken == [step.name for step in derivation.steps]
    np.testing.assert_allclose(values["g"], g, rtol=1e-15)
    np.testing.assert_allclose(values["theta_new"], np.array([0.5, -1.0, 2.0]) - 0.1 * g, rtol=1e-15)


def test_a_value_changed_on_the_way_changes_what_comes_after() -> None:
    found = model()
    derivation = found.derivation().record
    values = start(derivation, found.memory.arrays(), X, Y)
    for step, value in walk(derivation, values, lambda item: evaluate(item, values), way_to_loss(derivation)):
        if step.name == "z1":
            values["z1"] = value + 1.0
    np.testing.assert_allclose(values["L"], np.mean((P + 1.0 - Y) ** 2), rtol=1e-15)


def test_random_numbers_are_those_of_the_generator() -> None:
    draw = drawing(np.random.default_rng(3), 5)
    np.testing.assert_array_equal(draw(("n", 2), np.float32), np.random.default_rng(3).random((5, 2), np.float32))
