"""Errors of the next row: held against simulation, and ranks worked by hand."""

import re

import numpy as np
import pytest

from glassnet.calibration.calibration import of_numbers
from glassnet.calibration.conformal import Errors, errors_by, errors_of_all, rank


def test_the_rank_is_worked_by_hand() -> None:
    assert [rank(n, 0.9) for n in (9, 10, 19, 99, 100)] == [9, 10, 18, 90, 91]
    assert [rank(n, 0.95) for n in (19, 39)] == [19, 38]
    assert rank(10, 0.01) == 1
    errors = errors_of_all(np.array([3.0, 1.0, 2.0, 5.0, 4.0, 7.0, 6.0, 9.0, 8.0]))
    assert errors.widths(0.9).tolist() == [9.0]
    assert errors.widths(0.5).tolist() == [5.0]


@pytest.mark.parametrize("n", [19, 59, 230])
@pytest.mark.parametrize("level", [0.5, 0.8, 0.9])
def test_they_hold_for_the_next_row_as_often_as_they_say(n: int, level: float) -> None:
    rng = np.random.default_rng(n)
    known, following = rng.exponential(size=(3000, n)), rng.exponential(size=3000)
    held = np.mean([y <= errors_of_all(row).widths(level)[0] for row, y in zip(known, following, strict=True)])
    expected = rank(n, level) / (n + 1)
    assert held == pytest.approx(expected, abs=0.03)
    assert level <= expected < level + 1.0 / (n + 1)


def heteroscedastic(n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Numbers, and predictions of them whose errors grow eightfold."""
    predicted = rng.uniform(0.0, 10.0, size=n)
    return predicted + (0.2 + 0.14 * predicted) * rng.standard_t(5, size=n), predicted


def test_intervals_cover_and_are_wider_where_errors_are_larger() -> None:
    shares, widths = [], []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        (y, predicted), (following, said) = heteroscedastic(600, rng), heteroscedastic(2000, rng)
        found = of_numbers(y, predicted).intervals(said, 0.9)
        assert found.lower is not None
        assert found.upper is not None
        inside = (found.lower <= following) & (following <= found.upper)
        shares.append(
            [inside[part].mean() for part in (said < 2.0, (said >= 4.0) & (said < 6.0), said > 8.0)] + [inside.mean()]
        )
        widths.append([(found.upper - found.lower)[part].mean() for part in (said < 2.0, said > 8.0)])
    assert 0.88 <= np.mean(shares, axis=0)[3] <= 0.92
    assert (np.abs(np.mean(shares, axis=0) - 0.9) < 0.035).all()  # in each part too, which one width would miss by far
    low, high = np.mean(widths, axis=0)
    assert 2.5 < high / low < 6.0  # (0.2 + 0.14·9)/(0.2 + 0.14·1) is 4.3


def test_bins_have_as_many_rows_and_at_most_ten() -> None:
    rng = np.random.default_rng(0)
    for n, bins in ((60, 1), (199, 1), (200, 2), (650, 6), (5000, 10)):
        found = errors_by(rng.normal(size=n), rng.exponential(size=n))
        assert len(found.bins) == bins
        assert max(map(len, found.bins)) - min(map(len, found.bins)) <= bins


def test_equal_predictions_stay_together() -> None:
    predicted = np.repeat([0.0, 1.0, 2.0, 3.0], [150, 40, 60, 150])
    errors = np.arange(400.0)
    found = errors_by(predicted, errors)
    assert found.edges.tolist() == [0.5, 2.5]
    assert [len(errors) for errors in found.bins] == [150, 100, 150]
    assert found.at(np.array([-7.0, 0.5, 0.51, 2.5, 9.0]), 0.9).tolist() == [135.0, 135.0, 240.0, 240.0, 385.0]
    assert len(errors_by(np.ones(1000), np.arange(1000.0)).bins) == 1


def test_a_level_that_rows_are_too_few_for_is_refused() -> None:
    errors = errors_of_all(np.arange(50.0))
    assert errors.largest == 50 / 51
    assert errors.widths(errors.largest).tolist() == [49.0]
    message = "interval must be at most 0.9803, got 0.99: the errors of 50 rows tell of no rarer ones"
    with pytest.raises(ValueError, match=re.escape(message)):
        errors.widths(0.99)


@pytest.mark.parametrize("level", [0.0, 1.0, -0.5, 90, True, "much", None, float("nan")])
def test_a_level_that_is_none_is_refused(level: float) -> None:
    with pytest.raises(ValueError, match=r"interval must be a share of rows between 0 and 1, such as 0\.9, got"):
        errors_of_all(np.arange(50.0)).widths(level)


def test_intervals_of_higher_levels_contain_those_of_lower_ones() -> None:
    rng = np.random.default_rng(1)
    found = errors_by(rng.normal(size=1000), rng.exponential(size=1000))
    widths = np.array([found.widths(level) for level in (0.1, 0.5, 0.8, 0.9, 0.95, 0.99)])
    assert (np.diff(widths, axis=0) >= 0).all()


@pytest.mark.parametrize(("edges", "bins"), [
    ([0.0], [[1.0]]), ([1.0, 0.0], [[1.0], [1.0], [1.0]]), ([float("nan"), 0.0], [[1.0], [1.0], [1.0]]),
    ([], [[]]), ([], [[2.0, 1.0]]), ([], [[float("nan")]]),
])  # fmt: skip
def test_errors_that_are_none_are_refused(edges: list[float], bins: list[list[float]]) -> None:
    with pytest.raises(ValueError, match="must"):
        Errors(np.array(edges), tuple(map(np.array, bins)))
