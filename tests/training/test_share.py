"""Shares of n, held against SciPy and against a table of Newcombe's."""

import numpy as np
import pytest
from scipy.stats import binomtest

from glassnet.training.share import interval, interval_of_difference


@pytest.mark.parametrize(("count", "n"), [(0, 7), (1, 7), (142, 200), (199, 200), (200, 200)])
def test_the_interval_of_a_share_is_wilsons(count: int, n: int) -> None:
    low, high = binomtest(count, n).proportion_ci(0.95, "wilson")
    np.testing.assert_allclose(interval(count, n), (low, high), atol=2e-5)


def test_142_of_200_worked_by_hand() -> None:
    # z²/n = 0.019208; middle (0.71 + 0.009604)/1.019208 = 0.706042
    # half √(0.71·0.29·0.019208 + 0.25·0.019208²)/1.019208 = √(0.003954927 + 0.000092237)/1.019208 = 0.062418
    np.testing.assert_allclose(interval(142, 200), (0.643624, 0.768460), atol=1e-6)


def test_shares_that_differ_by_more_than_chance_have_an_interval_without_0() -> None:
    assert interval_of_difference(199, 142, 200)[0] > 0.2
    assert interval_of_difference(108, 142, 200)[1] < 0.0
    low, high = interval_of_difference(149, 142, 200)
    assert low < 0.0 < high


def test_the_interval_of_a_difference_is_newcombes() -> None:
    # of his table II, the ends with 10 of 10 and 0 of 10 by method 10
    np.testing.assert_allclose(interval_of_difference(10, 0, 10), (0.6075, 1.0), atol=5e-5)
