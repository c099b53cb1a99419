"""The calibration error is what its definition says, whatever the rows' order, and scikit-learn's bins are ours."""

from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from sklearn.calibration import calibration_curve

import glassnet as gn
from glassnet.training.reliability import (
    BINS,
    bin_of,
    calibration_error,
    error_by_chance,
    happened_of,
    in_bins,
    said_of,
)


def two(q: np.ndarray) -> np.ndarray:
    return np.c_[1.0 - q, q]


def test_bins_are_scikit_learns_where_rows_divide_evenly() -> None:
    rng = np.random.default_rng(0)
    q = rng.beta(0.5, 0.7, size=470)
    y = (rng.random(470) < q**1.5).astype(int)
    found = in_bins(said_of(two(q)), happened_of(y, two(q)))
    happened, said = calibration_curve(y, q, n_bins=BINS, strategy="quantile")
    np.testing.assert_allclose(found.happened, happened, rtol=1e-12)
    np.testing.assert_allclose(found.said, said, rtol=1e-12)
    assert found.mass.tolist() == [47.0] * BINS
    assert calibration_error(y, two(q)) == pytest.approx(np.abs(happened - said).mean(), rel=1e-12)


def test_of_more_classes_the_one_said_is_looked_at() -> None:
    rng = np.random.default_rng(1)
    p = rng.dirichlet(np.ones(5), 230)
    y = rng.integers(5, size=230)
    order = p.max(axis=1).argsort()
    parts = [(p.max(axis=1)[rows].mean(), (p.argmax(axis=1) == y)[rows].mean()) for rows in np.split(order, BINS)]
    assert calibration_error(y, p) == pytest.approx(np.mean([abs(said - right) for said, right in parts]), rel=1e-12)


@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 60), digits=st.integers(0, 3), weighted=st.booleans())
@settings(max_examples=60, deadline=None)
def test_the_order_of_rows_makes_no_difference_and_weights_count_as_repeats(
    seed: int, n: int, digits: int, weighted: bool
) -> None:
    rng = np.random.default_rng(seed)
    q, y, w = rng.random(n).round(digits), rng.integers(2, size=n), rng.integers(0, 4, size=n)
    w[0] = 1
    mixed = rng.permutation(n)
    weight: Any = w.astype(float) if weighted else None
    found = calibration_error(y, two(q), weight)
    assert 0.0 <= found <= 1.0
    assert calibration_error(y[mixed], two(q[mixed]), None if weight is None else weight[mixed]) == pytest.approx(found)
    if weighted:
        assert calibration_error(y.repeat(w), two(q.repeat(w))) == pytest.approx(found)
    which = bin_of(q, weight)
    assert all(len(set(which[q == value])) == 1 for value in q)


def test_of_perfect_probabilities_chance_makes_what_is_said() -> None:
    rng = np.random.default_rng(2)
    q = rng.beta(2.0, 3.0, size=300)
    found = [calibration_error((rng.random(300) < q).astype(int), two(q)) for _ in range(400)]
    assert error_by_chance(q, np.random.default_rng(3)) == pytest.approx(np.mean(found), rel=0.06)
    assert error_by_chance(np.repeat(q, 400), np.random.default_rng(4)) < 0.1 * np.mean(found)


def test_it_shows_what_is_not_calibrated_and_can_be_watched_in_training() -> None:
    rng = np.random.default_rng(5)
    q = rng.random(20_000)
    y = (rng.random(20_000) < 0.5 + 0.5 * (q - 0.5)).astype(int)  # half as sure as it is said to be
    assert calibration_error(y, two(q)) == pytest.approx(0.125, abs=0.01)  # the mean of |q - ½| / 2
    X = rng.normal(size=(211, 3))
    how: dict[str, Any] = {"epochs": 40, "metrics": ["ece", "brier"], "validation": 0.3, "seed": 1}
    network = gn.Network(gn.Dense(5, "tanh"), gn.Dense())
    stopping = gn.EarlyStopping(3, monitor="val_brier")
    model = gn.train(network, X, X[:, 0] + rng.normal(size=211) > 0, early_stopping=stopping, **how)
    column = model.history["val_brier"]
    assert column[model.history.best_epoch - 1] == min(column)
    assert all(0.0 <= value <= 1.0 for value in model.history["val_calibration_error"])
