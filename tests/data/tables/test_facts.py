"""What is counted of the parts of a table, put together, is what is counted of the whole."""

import math
from fractions import Fraction

import numpy as np
import pytest

from glassnet.data.tables.facts import NumberFacts


def together(values: np.ndarray, cuts: list[int]) -> NumberFacts:
    first, *others = [NumberFacts.of(part) for part in np.split(values, cuts)]
    for other in others:
        first = first.with_more(other)
    return first


@pytest.mark.parametrize("factor", [1.0, 1e-160, 1e150, 1e6])
@pytest.mark.parametrize("cuts", [[1], [500], [1, 2, 3, 900], [*range(10, 1000, 10)]])
def test_parts_put_together_are_the_whole(cuts, factor):
    values = np.random.default_rng(len(cuts)).normal(3.0, 2.0, 1000) * factor
    values[::7] = np.nan
    whole, found = NumberFacts.of(values), together(values, cuts)
    assert (found.rows, found.missing, found.low, found.high) == (1000, 143, whole.low, whole.high)
    there = [Fraction(float(value)) for value in values[~np.isnan(values)]]
    mean = sum(there) / len(there)
    spread = sum((value - mean) ** 2 for value in there) / len(there) / Fraction(factor) ** 2
    for one in (whole, found):
        assert one.mean == pytest.approx(float(mean), rel=1e-13)
        assert one.spread / factor == pytest.approx(math.sqrt(spread), rel=1e-12)


def test_parts_with_nothing_in_them_change_nothing():
    values = np.array([np.nan, np.nan, 2.0, 2.0, np.nan])
    assert together(values, [2, 4]) == NumberFacts(5, 3, mean=2.0, spread=0.0, low=2.0, high=2.0)
    nothing = together(np.full(3, np.nan), [1])
    assert (nothing.rows, nothing.missing, nothing.present) == (3, 3, 0)


def test_what_is_too_large_is_not_finite():
    assert not math.isfinite(together(np.array([1e200, -1e200, 1.0]), [1]).spread)
