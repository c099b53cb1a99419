"""What an estimator remembers from one call to the next, and what an error leaves of it."""

import pickle
from typing import Any

import numpy as np
import pytest
import scipy.sparse
from threadpoolctl import threadpool_limits

import glassnet as gn
from glassnet.sklearn import MLPClassifier, MLPRegressor, sparse

# Few epochs are trained: not converging is no news there.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.default_rng(5)
X = RNG.normal(size=(61, 3))
Y = X @ [1.0, -2.0, 0.5] + 0.1 * RNG.normal(size=61)
LABELS = (Y > 0).astype(int)
SMALL: dict[str, Any] = {"hidden_layer_sizes": (7,), "max_iter": 3, "random_state": 3}


def classifier(**options: Any) -> MLPClassifier:
    return MLPClassifier(**{**SMALL, **options})


def regressor(**options: Any) -> MLPRegressor:
    return MLPRegressor(**{**SMALL, **options})


def theta(estimator: MLPClassifier | MLPRegressor) -> np.ndarray:
    return estimator.model_.memory.theta.copy()


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_an_engine_that_cannot_be_had_costs_nothing(solver: str, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = classifier(solver=solver).fit(X, LABELS)
    before = theta(mine)
    monkeypatch.setattr(sparse, "DENSE", 0)
    with pytest.raises(ValueError, match="compiled engine takes dense rows"):
        mine.set_params(engine="compiled").fit(scipy.sparse.csr_matrix(X), LABELS)
    np.testing.assert_array_equal(theta(mine), before)


@pytest.mark.parametrize(
    "wrong",
    [
        *({"learning_rate_init": -0.1}, {"clip_norm": -1.0}, {"batch_size": -3}, {"batch_size": 0}, {"momentum": 5}),
        *({"beta_1": 1.5}, {"learning_rate": "foo"}, {"shuffle": "no"}, {"tol": "a"}, {"callbacks": 3}),
    ],
    ids=str,
)
def test_parameters_are_looked_at_before_each_partial_fit(wrong: dict[str, Any]) -> None:
    mine = regressor().partial_fit(X, Y)
    before = theta(mine)
    with pytest.raises(ValueError, match=next(iter(wrong))):
        mine.set_params(**wrong).partial_fit(X, Y)
    np.testing.assert_array_equal(theta(mine), before)


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_what_is_predicted_is_the_same_for_any_number_of_threads(engine: str) -> None:
    many = RNG.normal(size=(1500, 211))
    mine = classifier(hidden_layer_sizes=(257,), max_iter=1, engine=engine).fit(many, many[:, 0] > 0)
    found = []
    for threads in (1, 2):
        with threadpool_limits(threads, user_api="blas"):
            found.append((mine.predict_proba(many), mine.predict_log_proba(many), mine.layer_values(many)["z1"]))
    for one, two in zip(*found, strict=True):
        np.testing.assert_array_equal(one, two)


def test_more_rows_may_need_another_engine() -> None:
    mine = regressor(max_iter=200).partial_fit(X[:5], Y[:5])
    assert mine.model_.engine.engine == "numpy"
    many = np.tile(X, (400, 1))
    assert mine.partial_fit(many, np.tile(Y, 400)).model_.engine.engine == "compiled"
    assert mine.predict(X).shape == (61,)


def test_a_refused_call_changes_nothing_that_training_remembers() -> None:
    mine = regressor(warm_start=True).fit(X, Y)
    slots, t = mine.model_.memory.slots, mine.model_.memory.t
    with pytest.raises(ValueError, match="X_val"):
        mine.fit(X, Y, X_val=X[:, :2], y_val=Y)
    with pytest.raises(ValueError, match="X_val"):
        mine.set_params(learning_rate_init=0.5).partial_fit(X, Y, X_val=X[:, :2], y_val=Y)
    assert mine.model_.memory.slots is slots
    assert mine.model_.memory.t == t > 0
    assert mine._optimizer.learning_rate == 0.001


def test_a_refused_call_draws_no_random_numbers() -> None:
    random_state = np.random.RandomState(0)
    with pytest.raises(ValueError, match="X_val"):
        regressor(random_state=random_state).fit(X, Y, X_val=X[:, :2], y_val=Y)
    assert random_state.rand() == np.random.RandomState(0).rand()


WRONG = {"object": object(), "dict": {}, "list": [[1.0]], "array": np.full((7, 1), np.nan)}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_weights_are_set_all_or_none(wrong: Any) -> None:
    mine = regressor().fit(X, Y)
    before = theta(mine)
    with pytest.raises((TypeError, ValueError)):
        mine.coefs_ = [np.ones((3, 7)), wrong]
    np.testing.assert_array_equal(theta(mine), before)


def test_rows_that_weigh_nothing() -> None:
    mine = classifier(class_weight={0: 0.0}, early_stopping=True)
    with pytest.raises(ValueError, match="all weights of the validation rows are zero"):
        mine.fit(X, LABELS, X_val=X[LABELS == 0], y_val=LABELS[LABELS == 0])
    with pytest.raises(ValueError, match="all weights of the rows are zero"):
        classifier(class_weight={0: 0.0}).fit(X, LABELS, LABELS == 0)
    with pytest.raises(ValueError, match="all weights of the rows are zero in float32"):
        regressor().fit(X.astype(np.float32), Y, np.full(61, 1e-50))


def test_another_rule_does_not_go_on_with_the_numbers_of_the_last() -> None:
    mine = regressor(solver="rmsprop").partial_fit(X, Y)
    other = pickle.loads(pickle.dumps(mine))
    mine.set_params(solver="adagrad").partial_fit(X, Y)
    other.model_.memory.slots, other.model_.memory.t = {}, 0
    np.testing.assert_array_equal(theta(mine), theta(other.set_params(solver="adagrad").partial_fit(X, Y)))


def test_the_model_may_be_trained_or_replaced_in_between() -> None:
    mine = regressor(dropout=0.3).partial_fit(X, Y)
    other = pickle.loads(pickle.dumps(mine))
    for each in (mine, other):
        gn.train(each.model_, X, Y, epochs=2, seed=7, engine="numpy")
        each.partial_fit(X, Y)
    np.testing.assert_array_equal(theta(mine), theta(other))
    mine.model_ = pickle.loads(pickle.dumps(mine.model_))
    mine.partial_fit(X, Y)
    np.testing.assert_array_equal(theta(mine), theta(other.partial_fit(X, Y)))
    np.testing.assert_array_equal(mine.predict(X), mine.model_.predict(X))


def test_losses_that_do_not_fit_the_numbers() -> None:
    with pytest.raises(ValueError, match="loss='binary_cross_entropy' needs y from 0 to 1, got "):
        regressor(loss="binary_cross_entropy").fit(X, Y)
    with pytest.raises(ValueError, match="cross_entropy needs an output for each class"):
        regressor(loss="cross_entropy").fit(X, (Y > 0).astype(float))


def test_an_estimator_that_was_stored_predicts_as_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = pickle.loads(pickle.dumps(regressor().fit(X, Y)))
    monkeypatch.setattr("glassnet.sklearn.perceptron.validate_data", None)
    assert mine.predict(pickle.loads(pickle.dumps(X))).shape == (61,)
