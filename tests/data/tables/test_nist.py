"""NIST's univariate sets NumAcc1 to NumAcc4, in the order in which they cost a one-pass formula its digits."""

import numpy as np
import pytest

import glassnet as gn


def alternating(middle: str) -> list[float]:
    """NumAcc2 to 4: the middle once, then a tenth below and above it 500 times each."""
    whole = middle.removesuffix(".2")
    return [float(f"{whole}.2"), *[float(f"{whole}.1"), float(f"{whole}.3")] * 500]


# values, certified mean and standard deviation, and the digits of the latter that values rounded to float64 still hold
SETS = {
    "NumAcc1": ([10000001.0, 10000003.0, 10000002.0], 10000002.0, 1.0, 15),
    "NumAcc2": (alternating("1.2"), 1.2, 0.1, 14),
    "NumAcc3": (alternating("1000000.2"), 1000000.2, 0.1, 9),
    "NumAcc4": (alternating("10000000.2"), 10000000.2, 0.1, 8),
}


@pytest.mark.parametrize("name", SETS)
def test_a_column_is_scaled_by_the_certified_mean_and_spread(name: str) -> None:
    values, mean, spread, digits = SETS[name]
    table = {"a": values, "y": np.arange(float(len(values)))}
    model = gn.initialize(gn.Network(gn.Dense()), table, target="y", seed=0)
    scaling = model.state.contract.features[0].scaling
    n = len(values)
    assert scaling.mean == pytest.approx(mean, rel=1e-15)
    assert scaling.scale == pytest.approx(spread * np.sqrt((n - 1) / n), rel=10.0**-digits)
