"""The yardsticks, against fits without the row that is judged, and against scikit-learn."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.neighbors import KNeighborsRegressor

from glassnet.doctor.bar import Bar, Yardstick, fitted_line, neighbours, with_one

rng = np.random.default_rng(3)
X = rng.normal(size=(53, 5))
Y = np.column_stack((X @ [1.0, -2.0, 0.5, 0.0, 3.0], X[:, 0] ** 2)) + rng.normal(size=(53, 2))
ONES = np.ones((53, 1))


def test_the_line_is_ridge_regression_with_a_bias_that_is_not_penalised() -> None:
    line, _ = fitted_line(X, Y, ONES)
    known = Ridge(alpha=0.053).fit(X, Y)
    np.testing.assert_allclose(with_one(X) @ line, known.predict(X), rtol=1e-9)


def test_what_a_row_would_be_without_itself_follows_from_its_reach() -> None:
    line, reach = fitted_line(X, Y, ONES)
    said = Y + (with_one(X) @ line - Y) / (1.0 - reach[:, None])
    for k in (0, 17, 52):
        others = np.arange(53) != k
        known = Ridge(alpha=0.053).fit(X[others], Y[others])
        np.testing.assert_allclose(said[k], known.predict(X[k : k + 1])[0], rtol=1e-9)


def test_rows_that_count_are_as_in_weighted_ridge_regression() -> None:
    weight = rng.random(53) + 0.5
    line, _ = fitted_line(X, Y, weight[:, None])
    known = Ridge(alpha=0.053).fit(X, Y, sample_weight=weight)
    np.testing.assert_allclose(with_one(X) @ line, known.predict(X), rtol=1e-9)


def test_neighbours_are_those_of_scikit_learn() -> None:
    asked = rng.normal(size=(7, 5))
    known = KNeighborsRegressor(5).fit(X, Y)
    np.testing.assert_allclose(neighbours(X, Y, asked), known.predict(asked), rtol=1e-12)


def test_a_row_is_no_neighbour_of_itself() -> None:
    said = neighbours(X, Y, X, but_itself=True)
    others = np.arange(53) != 11
    known = KNeighborsRegressor(5).fit(X[others], Y[others]).predict(X[11:12])
    np.testing.assert_allclose(said[11], known[0], rtol=1e-12)


def bar(constant: float, best: float, rows: int = 10_000) -> Bar:
    """Always saying the same, and neighbours that are right about as many of those rows and wrong about no other."""
    errors = [(np.arange(rows) < round(share * rows)) * 1.0 for share in (constant, best)]
    both = [Yardstick(name=name, errors=one, held_errors=one) for name, one in zip("CN", errors, strict=True)]
    return Bar(constant=both[0], best=both[1], way="class")


def test_enough_is_three_tenths_of_the_way_back_and_chance() -> None:
    assert bar(0.5, 0.1).error == pytest.approx(0.1 + 0.3 * 0.4 + 2.0 * 0.003)


def test_what_chance_could_have_made_is_nothing() -> None:
    few = bar(0.5, 0.45, 50)  # 3 of 50, and 3 of 50 more: a difference of 0.06 with a standard error of 0.0237
    assert bar(0.5, 0.49, 50).is_of_nothing
    assert not few.is_of_nothing
