"""A loss that ran away: whoever trains is told, and told no more than is known."""

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

import glassnet as gn
from glassnet.model.checkpoints import spent
from glassnet.sklearn import MLPRegressor

X = np.random.default_rng(0).normal(size=(23, 3))
Y = X.sum(axis=1)
NETWORK = gn.Network(gn.Dense(5, "relu"), gn.Dense())
GROWS: dict[str, Any] = {"optimizer": gn.SGD(30.0), "epochs": 3, "batch_size": None}
GREW = r"training diverged.* the loss grew from .* in epoch 1 to .*e\+\d+"


def test_every_way_to_train_warns_of_a_finite_loss_that_grew_beyond_all_bounds() -> None:
    model = gn.initialize(NETWORK, X, Y, seed=0)
    with pytest.warns(RuntimeWarning, match=GREW) as told:
        assert list(gn.training(model, X, Y, **GROWS))[-1].reason == "epochs"  # type: ignore[union-attr]
    assert told[0].filename == __file__
    for engine in ("numpy", "compiled"):
        rates = {"learning_rate": [1e-9, 30.0, 31.0, 32.0]}
        with pytest.warns(RuntimeWarning, match="in 3 of 4 runs: in run 1 the loss grew") as told:
            gn.train_many(NETWORK, X, Y, vary=rates, engine=engine, **{**GROWS, "seeds": [0]})  # type: ignore[arg-type]
        assert told[0].filename == __file__
    regressor = MLPRegressor(solver="sgd", learning_rate_init=30.0, max_iter=3, batch_size=23, random_state=0, tol=0.0)
    with pytest.warns(ConvergenceWarning, match="Maximum iterations"), pytest.warns(RuntimeWarning, match=GREW):
        regressor.fit(X, Y)


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
@pytest.mark.parametrize("value", [np.nan, np.inf, 1e200])
def test_what_a_callback_writes_into_the_weights_is_not_told_to_be_the_learning_rate(value: float, engine: Any) -> None:
    def written(event: Any, model: gn.Model) -> None:
        if isinstance(event, gn.Epoch) and event.epoch == 2:
            model.memory.theta[-2] = value

    with pytest.raises(gn.TrainingError) as caught:
        gn.train(NETWORK, X, Y, epochs=9, batch_size=7, seed=0, engine=engine, progress=False, callbacks=[written])
    said = str(caught.value)
    assert "learning rate" not in said
    assert "such as a callback" in said or "no step made so" in said
    assert np.isfinite(caught.value.model.memory.theta).all() or not np.isfinite(value)


@pytest.mark.parametrize("rule", [gn.SGD(0.1), gn.Adam(0.1), gn.Momentum(0.1)], ids=lambda rule: rule.name)
@pytest.mark.parametrize("slope", [-1e300, 1e300])
def test_a_huge_loss_of_ones_own_is_not_told_to_be_the_learning_rate(rule: Any, slope: float) -> None:
    network = gn.Network(gn.Dense(5, "tanh"), gn.Dense(), loss=lambda y, s: slope * s)
    with pytest.raises(gn.TrainingError, match=r"look at the loss|lower bound") as caught:
        gn.train(network, X, Y, epochs=50, seed=0, optimizer=rule, progress=False)
    assert "learning rate 0.1 is too high" not in str(caught.value)


def test_a_loss_without_a_lower_bound_is_told_to_be_one() -> None:
    network = gn.Network(gn.Dense(5, "tanh"), gn.Dense(), loss=lambda y, s: -s * s)
    with pytest.raises(gn.TrainingError, match="it fell without end; choose a loss that has a lower bound"):
        gn.train(network, X, Y, epochs=9000, seed=0, optimizer=gn.SGD(0.1), progress=False)


def test_of_what_was_gone_on_with_the_weights_it_began_with_are_not_blamed(monkeypatch: Any, tmp_path: Path) -> None:
    monkeypatch.setattr(spent, "LEAST", 0.0)
    monkeypatch.setattr(spent, "SHARE", 1e9)
    for rule in (gn.SGD(30.0), gn.Momentum(30.0)):
        for _ in range(3):
            with gn.checkpoints(tmp_path / rule.name), pytest.raises(gn.TrainingError) as caught:
                gn.train(NETWORK, X, Y, epochs=99, seed=0, optimizer=rule, batch_size=None, progress=False)
            assert "the learning rate 30 is too high" in str(caught.value)
    model = gn.train(NETWORK, X, Y, epochs=3, seed=0, optimizer=gn.SGD(0.01), progress=False)
    model["W1"] = np.full((3, 5), 1e200)
    with pytest.raises(gn.TrainingError, match=r"went on from, whose largest is 1e\+200; where the 3 steps before"):
        gn.train(model, X, Y, epochs=3, optimizer=gn.SGD(0.01), progress=False)


def test_a_second_thread_that_trains_the_same_model_by_events_is_refused() -> None:
    model = gn.initialize(NETWORK, X, Y, seed=0)
    events, errors = gn.training(model, X, Y, epochs=5), []
    next(events)

    def other() -> None:
        try:
            gn.training(model, X, Y, epochs=5)
        except RuntimeError as error:
            errors.append(str(error))

    def in_a_thread() -> None:
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()

    in_a_thread()
    assert errors == ["another thread trains this model; wait until it is done, or train a copy of it"]
    next(events)
    assert model.epochs == 2
    events.close()  # type: ignore[attr-defined]
    in_a_thread()
    assert len(errors) == 1


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_weight_that_was_set_to_no_number_is_told_to_be_set_anew(value: float) -> None:
    model = gn.initialize(NETWORK, X, Y, seed=0)
    model.memory.theta[3] = value
    with pytest.raises(gn.TrainingError, match=r"first in layer 1, z1 = .*no step made so: it was given"):
        gn.train(model, X, Y, epochs=2, engine="numpy", progress=False)
