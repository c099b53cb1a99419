"""Schedules of other numbers than the learning rate, against a loop by hand; and what is no schedule."""

import math
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.parts.schedules import Schedule

RNG = np.random.default_rng(5)
X = RNG.normal(size=(11, 3))
Y = RNG.normal(size=(11, 2))
EPOCHS, SIZE = 6, 4
STEPS = EPOCHS * 3  # of 4, 4 and 3 rows


def coslog4(t: float) -> float:
    return 0.5 * (1 - math.cos(2 * math.pi * math.log2(1 + 15 * t)))


def flat_cos(t: float) -> float:
    return 1.0 if t < 0.5 else 0.5 * (1 + math.cos(math.pi * (2 * t - 1)))


def by_hand(W: np.ndarray, b: np.ndarray, rng: np.random.Generator) -> None:
    """y = dropout(x) @ W + b, AdamW on W, Adam on b at a tenth of the rate."""
    moments: list[list[Any]] = [[0.0, 0.0], [0.0, 0.0]]
    step = 0
    for _ in range(EPOCHS):
        order = rng.permutation(len(X))
        for low in range(0, len(X), SIZE):
            rows = order[low : low + SIZE]
            t = step / STEPS
            lr, decay, drop = 0.04 * coslog4(t), 0.3 * flat_cos(t), 0.5 * flat_cos(t)
            x = np.where(rng.random((len(rows), 3)) >= drop, X[rows] / (1 - drop), 0.0)
            ds = 2 * (x @ W + b - Y[rows]) / Y[rows].size
            step += 1
            for p, g, mv in ((W, x.T @ ds, moments[0]), (b, ds.sum(axis=0), moments[1])):
                rate, shrink = (lr, decay) if p is W else (lr / 10, 0.0)
                mv[0] = 0.9 * mv[0] + 0.1 * g
                mv[1] = 0.95 * mv[1] + 0.05 * g * g
                p *= 1 - rate * shrink
                p -= rate * (mv[0] / (1 - 0.9**step)) / (np.sqrt(mv[1] / (1 - 0.95**step)) + 1e-8)


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_a_rate_a_decay_and_dropout_that_change_with_every_step_are_those_of_a_loop_by_hand(engine: Any) -> None:
    pytest.importorskip("numba") if engine == "compiled" else None
    network = gn.Network(gn.Dropout(gn.schedule("flat_cosine", 0.5)), gn.Dense(2, bias_rate=0.1), loss="squared")
    optimizer = gn.AdamW(gn.schedule("coslog4", 0.04), weight_decay=gn.schedule("flat_cosine", 0.3), beta2=0.95)
    model = gn.initialize(network, X, Y, seed=3)
    W, b = model["W2"].copy(), model["b2"].copy()
    by_hand(W, b, np.random.default_rng(8))
    gn.train(model, X, Y, optimizer=optimizer, epochs=EPOCHS, batch_size=SIZE, seed=8, engine=engine)
    np.testing.assert_allclose(model["W2"], W, rtol=1e-11)
    np.testing.assert_allclose(model["b2"], b, rtol=1e-11)


def test_a_schedule_without_epochs_goes_over_all_of_the_training_and_is_then_over() -> None:
    network = gn.Network(gn.Dropout(gn.schedule("flat_cosine", 0.5)), gn.Dense(2), loss="squared")
    model = gn.train(network, X, Y, optimizer=gn.SGD(gn.schedule("cosine", 0.1)), epochs=7, seed=1)
    assert repr(model.optimizer) == "sgd(learning_rate=cosine(initial=0.1, epochs=7))"
    assert repr(model.network.layers[0]) == "Dropout(rate=flat_cosine(initial=0.5, epochs=7))"
    before = model.memory.theta.copy()
    gn.train(model, X, Y, epochs=3)  # with the optimizer that it has, whose rate is 0 by now
    np.testing.assert_array_equal(model.memory.theta, before)
    gn.train(model, X, Y, epochs=10, optimizer=gn.SGD(gn.schedule("cosine", 0.1)))  # half of the way is behind it
    rate = model.optimizer and model.optimizer.learning_rate
    assert isinstance(rate, Schedule)
    assert rate(10.0) == pytest.approx(0.05)


def test_what_varies_in_epochs_is_over_at_its_own_end() -> None:
    network = gn.Network(gn.Dropout(gn.schedule("flat_cosine", 0.5)), gn.Dense(2), loss="squared")
    adam = gn.Adam(gn.schedule("log_cosine", 0.1))
    runs = gn.train_many(network, X, Y, seeds=[4], vary={"epochs": [3, 5]}, optimizer=adam)
    for k, epochs in enumerate((3, 5)):
        alone = gn.train(network, X, Y, seed=4, epochs=epochs, optimizer=adam, engine="numpy")
        assert repr(runs[k].network) == repr(alone.network)
        np.testing.assert_allclose(runs[k].memory.theta, alone.memory.theta, rtol=1e-9)


def test_gradients_and_pages_of_a_network_whose_dropout_changes() -> None:
    network = gn.Network(gn.Dense(5, "tanh"), gn.Dropout(gn.schedule("flat_cosine", 0.4)), gn.Dense(2), loss="squared")
    assert gn.check_gradient(network, X, Y)
    model = gn.initialize(network, X, Y, seed=1)
    assert "rate2 = flat_cosine(epoch, 0.4, 100)" in str(model.derivation())
    explained = model.explain(X[0], Y[0])
    assert explained["rate2"].value == 0.4
    assert "rate2 = flat_cosine(epoch, 0.4, 100)" in str(explained)
    assert "rate2" not in str(model.derivation(prediction=True))


WRONG: dict[str, tuple[Any, str]] = {
    "a rate of 1": (lambda: gn.Dropout(gn.schedule("flat_cosine", 1.0)), "rate must be >= 0 and < 1, got 1.0"),
    "one that ends at 1": (lambda: gn.Dropout(gn.schedule("cosine", 0.1, final=1.0)), "rate must be >= 0 and < 1"),
    "a beta of 2": (lambda: gn.Adam(0.1, beta1=gn.schedule("step", 2.0)), "beta1 must be >= 0 and < 1, got 2.0"),
    "no start": (lambda: gn.schedule("flat_cosine", 0.0), "schedule: initial must be > 0"),
    "no cycles": (lambda: gn.schedule("log_cosine", 0.1, cycles=0.0), "cycles must be > 0"),
    "no epochs": (lambda: gn.schedule("cosine", 0.1)(3.0), "schedule cosine needs epochs"),
}


@pytest.mark.parametrize("name", WRONG)
def test_numbers_out_of_range_are_refused(name: str) -> None:
    make, message = WRONG[name]
    with pytest.raises(ValueError, match=message):
        make()


def test_dropout_inside_other_layers_changes_as_well() -> None:
    inner = gn.Residual(gn.Dense(3, "tanh"), gn.Dropout(gn.schedule("flat_cosine", 0.4)))
    model = gn.train(gn.Network(inner, gn.Dense(2), loss="squared"), X, Y, epochs=4, seed=1, engine="numpy")
    assert "Dropout(rate=flat_cosine(initial=0.4, epochs=4))" in repr(model.network)
    assert "rate_b1 = flat_cosine(epoch, 0.4, 4)" in " ".join(str(model.derivation()).split())
    assert gn.check_gradient(model.network, X, Y)
