"""What the tests of the formulas share: numbers over the whole range, and a measure of their error."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import mpmath
import numpy as np
import pytest

FINFO = np.finfo(np.float64)


@pytest.fixture(autouse=True)
def exact():
    """Exact means 200 bits here, nearly four times what a float has."""
    with mpmath.workprec(200):
        yield


@pytest.fixture(scope="session")
def scores() -> np.ndarray:
    """Scores of every size: of the usual one, where exponentials run out, and random bit patterns."""
    rng = np.random.default_rng(7)
    bits = rng.integers(0, 2**64, size=900, dtype=np.uint64, endpoint=False).view(np.float64)
    return np.concatenate(
        [
            [0.0, -0.0, 5e-324, -5e-324, FINFO.tiny, -FINFO.tiny, FINFO.max, -FINFO.max, 1.0, -1.0, -740.0],
            rng.normal(scale=2.0, size=700),
            rng.uniform(-760.0, 760.0, size=700),
            rng.choice([-1.0, 1.0], 300) * 10.0 ** rng.uniform(-20.0, 3.0, 300),
            bits[np.isfinite(bits)],
        ]
    )


@pytest.fixture(params=[np.float32, np.float64])
def extremes(request) -> np.ndarray:
    """The ends of the range and its middle, in both dtypes."""
    info = np.finfo(request.param)
    sizes = [
        0.0,
        info.smallest_subnormal,
        info.tiny,
        info.eps,
        0.5,
        1.0,
        17.0,
        40.0,
        89.0,
        104.0,
        710.0,
        746.0,
    ]
    sizes += [1e4, np.sqrt(info.max) * 2, info.max / 2, info.max]
    return np.array([sign * size for size in sizes for sign in (1.0, -1.0)], dtype=request.param)


def _ulps(numbers: np.ndarray, exact: Sequence[Any]) -> np.ndarray:
    info = np.finfo(numbers.dtype)

    def error(number: float, true: Any) -> float:
        if abs(true) > float(info.max):
            return 0.0 if np.isinf(number) else np.inf
        ulp = max(math.ulp(float(true)) * 2.0 ** (FINFO.nmant - info.nmant), float(info.smallest_subnormal))
        return float(abs(mpmath.mpf(float(number)) - true) / ulp)

    return np.array([error(number, true) for number, true in zip(numbers, exact, strict=True)])


@pytest.fixture
def ulps() -> Callable[..., np.ndarray]:
    """How far numbers are from exact ones, in units of the last place of the exact one in their dtype."""
    return _ulps
