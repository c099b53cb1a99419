"""The functions of compiled loops: against mpmath everywhere, against NumPy in the corners, and as machine code."""

import math
import platform
import re
from functools import cache
from typing import Any

import mpmath as mp
import numpy as np
import pytest

numba = pytest.importorskip("numba")

from glassnet.engines import circular, elementary  # noqa: E402

SMOOTH = ("exp", "expm1", "log", "log1p", "tanh")
CIRCULAR = ("cos", "sin")
UNARY = (*SMOOTH, "sign", "absolute")
BINARY = ("maximum", "minimum")
DTYPES = (np.float32, np.float64)
jit = numba.njit(error_model="numpy")


@cache
def looped(name: str) -> Any:
    """A compiled loop that applies the function to every element of x (and y) and writes to out."""
    function = getattr(circular if name in CIRCULAR else elementary, name)

    @jit
    def unary(x, out):
        for j in range(x.size):
            out[j] = function(x[j])

    @jit
    def binary(x, y, out):
        for j in range(x.size):
            out[j] = function(x[j], y[j])

    return binary if name in BINARY else unary


def applied(name: str, *arrays: np.ndarray) -> np.ndarray:
    out = np.empty_like(arrays[0])
    looped(name)(*arrays, out)
    return out


def samples(dtype: Any, n: int = 150) -> np.ndarray:
    """Finite floats of all magnitudes, with more of them where a formula changes or could lose digits."""
    rng = np.random.default_rng(8)
    info = np.finfo(dtype)
    integer = np.dtype(f"i{info.bits // 8}")
    largest, smallest = np.log(float(info.max)), np.log(float(info.smallest_subnormal))
    every = rng.integers(np.iinfo(integer).min, np.iinfo(integer).max, 4 * n, dtype=integer).view(dtype)
    around_zero = [rng.uniform(-width, width, n) for width in (1e-6, 1e-3, 0.1, 0.36, 1, 3, 10, 30)]
    around_one = [1 + rng.uniform(-width, width, n) for width in (1e-6, 1e-3, 0.3)]
    above_minus_one = -1 + np.exp(rng.uniform(np.log(info.eps), 0, n))
    ends = [rng.uniform(largest - 1, largest, n), rng.uniform(smallest, np.log(float(info.tiny)) + 1, n)]
    subnormal = rng.integers(-1000, 1000, n) * float(info.smallest_subnormal)
    rest = np.concatenate([*around_zero, *around_one, above_minus_one, *ends, subnormal]).astype(dtype)
    return np.concatenate([every[np.isfinite(every)], rest])


def ulps(name: str, x: float, value: float, info: Any) -> float:
    """How far the value is from the truth, in units of the truth's last place."""
    with mp.workprec(120):
        truth = getattr(mp, name)(mp.mpf(x))
        if abs(truth) > float(info.max):
            return 0.0 if np.isinf(value) else np.inf
        exponent = int(mp.floor(mp.log(abs(truth), 2))) if truth else info.minexp
        return float(abs(mp.mpf(value) - truth) / mp.mpf(2) ** (max(exponent, info.minexp) - info.nmant))


@pytest.mark.parametrize("name", SMOOTH)
@pytest.mark.parametrize("dtype", DTYPES)
def test_results_are_within_two_units_of_the_last_place(name, dtype):
    x = samples(dtype)
    x = x[x > {"log": 0.0, "log1p": -1.0}.get(name, -np.inf)]
    errors = [ulps(name, *pair, np.finfo(dtype)) for pair in zip(x.tolist(), applied(name, x).tolist(), strict=True)]
    assert max(errors) < 2.0, x[np.argmax(errors)]


@pytest.mark.parametrize("name", CIRCULAR)
@pytest.mark.parametrize("dtype", DTYPES)
def test_angles_of_any_size(name, dtype):
    """As far as the docstring says; nearest to where a sine is 0 as well."""
    rng, last = np.random.default_rng(8), 6e6 if dtype is np.float32 else 1e15
    x = [rng.uniform(-width, width, 300) for width in (1e-300, 1e-6, 0.01, 0.8, 2, 10, 100, 1e4, last)]
    x = np.concatenate([*x, np.arange(-200, 200) * (np.pi / 2)]).astype(dtype)
    errors = [ulps(name, *pair, np.finfo(dtype)) for pair in zip(x.tolist(), applied(name, x).tolist(), strict=True)]
    assert max(errors) < 2.0, x[np.argmax(errors)]


@pytest.mark.parametrize("name", CIRCULAR)
@pytest.mark.parametrize("dtype", DTYPES)
def test_angles_that_are_no_numbers_and_far_too_large_ones(name, dtype):
    x = np.array([0.0, -0.0, np.nan, np.inf, -np.inf, 1e17, -1e30], dtype)
    ours = applied(name, x)
    with np.errstate(invalid="ignore"):
        numpys = getattr(np, name)(x)
    np.testing.assert_array_equal(ours[:5], numpys[:5])
    np.testing.assert_array_equal(np.signbit(ours[:2]), np.signbit(numpys[:2]))
    assert (abs(ours[5:]) <= 1.0).all()


@pytest.mark.parametrize("name", [*UNARY, *BINARY])
@pytest.mark.parametrize("dtype", DTYPES)
def test_special_values_are_those_of_numpy(name, dtype):
    info = np.finfo(dtype)
    some = [0.0, 1.0, 2.0, info.smallest_subnormal, info.tiny, info.max, 1e-30, 1e4, np.inf]
    x = np.array([np.nan, *some, *(-s for s in some)], dtype)
    arrays = [np.repeat(x, len(x)), np.tile(x, len(x))] if name in BINARY else [x]
    ours = applied(name, *arrays)
    with np.errstate(all="ignore"):
        numpys = getattr(np, name)(*arrays)
    np.testing.assert_array_equal(np.isnan(ours), np.isnan(numpys))
    ours, numpys = ours[~np.isnan(ours)], numpys[~np.isnan(ours)]
    np.testing.assert_array_max_ulp(ours, numpys, 2)
    if name in UNARY:
        np.testing.assert_array_equal(np.signbit(ours), np.signbit(numpys))


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_type_goes_through(dtype):
    @jit
    def all_of(x):
        one = elementary.exp(x) + elementary.expm1(x) + elementary.log(x) + elementary.log1p(x) + elementary.tanh(x)
        two = elementary.sign(x) + elementary.absolute(x) + elementary.reassociated_add(x, x)
        return one + two + elementary.maximum(x, x) + elementary.minimum(x, x)

    all_of(dtype(2.0))
    assert all_of.nopython_signatures[0].return_type == numba.from_dtype(np.dtype(dtype))


def test_integers_are_refused():
    @jit
    def of_integer():
        return elementary.exp(3)

    with pytest.raises(numba.TypingError, match=r"exp\(.*int"):
        of_integer()


@jit
def total(x):
    s = 0.0
    for j in range(x.size):
        s = elementary.reassociated_add(s, x[j])
    return s


@jit
def largest(x):
    m = -np.inf
    for j in range(x.size):
        m = elementary.maximum(m, x[j])
    return m


def test_a_sum_in_any_order_is_the_sum():
    x = np.random.default_rng(8).normal(size=1009)
    assert total(x) == pytest.approx(np.sum(x), rel=1e-12)


def test_the_largest_of_a_row_with_nan_is_nan():
    x = np.random.default_rng(8).normal(size=1009)
    assert largest(x) == np.max(x)
    x[500] = np.nan
    assert np.isnan(largest(x))


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="other processors may have no vectors")
class TestVectors:
    """LLVM's code after it was optimised: a vectorised loop loads several elements at once and calls nothing."""

    @staticmethod
    def widths(function: Any, dtype: Any = np.float64) -> set[int]:
        array = numba.from_dtype(np.dtype(dtype))
        signature = next(s for s in function.signatures if s[0].dtype == array)
        code = function.inspect_llvm(signature)
        if re.search(r"call .*@(llvm\.)?(exp|log|tanh|cos|sin)", code):
            return set()  # the elements are loaded together, but then a function is called for each
        return {int(n) for n in re.findall(r"= load <(\d+) x ", code)}

    @pytest.mark.parametrize("name", [*UNARY, *CIRCULAR, *BINARY])
    @pytest.mark.parametrize("dtype", DTYPES)
    def test_loops_are_vectorised(self, name, dtype):
        applied(name, *[np.ones(7, dtype)] * (2 if name in BINARY else 1))
        assert self.widths(looped(name), dtype)

    def test_a_call_of_the_library_does_not_pass_for_vectorised(self):
        @jit
        def loop(x, out):
            for j in range(x.size):
                out[j] = math.exp(x[j])

        loop(np.ones(7), np.ones(7))
        assert not self.widths(loop)

    @pytest.mark.parametrize("function", [total, largest], ids=["total", "largest"])
    def test_sums_and_maxima_are_vectorised(self, function):
        function(np.ones(7))
        assert self.widths(function)
