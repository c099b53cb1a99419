"""How wrong predictions are, against values worked by hand."""

import numpy as np
import pytest

from glassnet.doctor.errors import chance_of, error_of, errors_of, way_of

TRUTH = np.eye(3)[[0, 0, 0, 1, 2]]
SAID = np.eye(3)[[0, 0, 1, 1, 0]]


def test_the_share_of_wrong_rows_counts_rows() -> None:
    assert errors_of("class", TRUTH, SAID, TRUTH).tolist() == [0, 0, 1, 0, 1]
    assert error_of(errors_of("class", TRUTH, SAID, TRUTH)) == pytest.approx(2 / 5)


def test_by_recall_each_class_counts_alike() -> None:
    assert error_of(errors_of("recall", TRUTH, SAID, TRUTH)) == pytest.approx((1 / 3 + 0 + 1) / 3)


def test_a_distance_is_one_minus_r2_of_the_rows_trained_on() -> None:
    y, p = np.array([[1.0], [2.0], [3.0], [6.0]]), np.array([[1.0], [2.0], [4.0], [4.0]])
    assert error_of(errors_of("distance", y, p, y)) == pytest.approx((0 + 0 + 1 + 4) / (4 + 1 + 0 + 9))
    other = np.array([[0.0], [2.0]])  # variance 1
    assert error_of(errors_of("distance", y, p, other)) == pytest.approx(5 / 4)


def test_what_is_not_a_number_is_wrong() -> None:
    p = np.where(np.arange(5)[:, None] == 0, np.nan, TRUTH)
    assert error_of(errors_of("class", TRUTH, p, TRUTH)) == pytest.approx(1 / 5)
    assert error_of(errors_of("distance", TRUTH, p, TRUTH)) == np.inf


def test_few_rows_of_classes_are_judged_by_distance() -> None:
    truth = np.tile(np.eye(2), (20, 1))
    assert [way_of(truth[:39], True), way_of(truth, True), way_of(truth, False)] == ["distance", "class", "distance"]


def test_classes_that_weights_make_even_are_judged_by_recall_and_others_are_not() -> None:
    truth = np.repeat(np.eye(2), (90, 10), axis=0)
    even, worse = (np.repeat([[a], [b]], (90, 10), axis=0) for a, b in ((1.0, 9.0), (20.0, 1.0)))
    assert [way_of(truth, True, w) for w in (even, worse)] == ["recall", "class"]


def test_chance_is_the_standard_error_and_none_of_few_rows() -> None:
    assert chance_of(np.repeat([0.0, 1.0], [80, 20])) == pytest.approx(0.04)
    assert chance_of(np.arange(39.0)) == 0.0
    assert np.isnan(error_of(np.zeros(0)))
