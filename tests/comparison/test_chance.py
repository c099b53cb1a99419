"""What counts as chance, against SciPy and by trying it out."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ttest_rel

from glassnet.comparison.chance import difference, may_be_better, simplest, standard_error


def test_differences_are_those_of_a_paired_t_test() -> None:
    rng = np.random.default_rng(0)
    for n in (5, 60, 1000):
        errors, others = rng.random(n), rng.random(n)
        assert difference(errors, others).z == pytest.approx(ttest_rel(errors, others).statistic)


def test_no_row_that_differs_is_no_difference_and_each_row_alike_is_one() -> None:
    rows = np.array([1.0, 0.0, 1.0])
    assert difference(rows, rows).z == 0.0
    assert not difference(rows, rows).is_clear
    assert difference(rows + 0.5, rows).z == np.inf
    assert standard_error(np.array([3.0])) == 0.0


def test_the_simplest_within_a_standard_error_of_the_best_is_taken() -> None:
    right = np.zeros(100)
    few, many = right.copy(), right.copy()
    few[:1], many[:20] = 1.0, 1.0
    assert simplest([many, few, right]) == 1  # one row of 100 is within one standard error
    assert simplest([few, many, right]) == 0
    assert simplest([many, right, few]) == 1
    assert simplest([many]) == 0


def test_who_is_as_good_as_the_best_is_seldom_passed_over_for_a_larger_one() -> None:
    rng, taken = np.random.default_rng(1), 0
    for _ in range(400):
        hard = rng.random(300)  # what makes a row hard makes it hard for both
        simple, large = ((hard + 0.3 * rng.random(300) > 0.9).astype(float) for _ in range(2))
        taken += simplest([simple, large]) == 0
    assert taken > 0.8 * 400  # the best is better than the other by more than a standard error in one of six


def test_a_fold_ends_a_recipe_that_is_worse_or_as_good_on_it_and_no_other() -> None:
    right, wrong = np.zeros(50), np.zeros(50)
    wrong[:10] = 1.0
    assert may_be_better(right, wrong)
    assert not may_be_better(wrong, right)
    assert not may_be_better(right, right)
    little = wrong.copy()
    little[10] = 1.0
    assert not may_be_better(little, wrong)
    rng = np.random.default_rng(2)
    ended = sum(not may_be_better(rng.normal(0.8, 1.0, 60) ** 2, rng.normal(1.0, 1.0, 60) ** 2) for _ in range(500))
    assert ended < 0.05 * 500  # better by one standard error of a fold: hardly ever ended
