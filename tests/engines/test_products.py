"""The compiled products against NumPy's: every form, any size, with NumPy's BLAS, with a plain one, and without."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("numba")

from numba import njit

from glassnet.engines import blas, products, threads
from glassnet.engines.linking import linked_into
from glassnet.engines.ways import BY_RULE, CALL, OWN, PIECES, TOGETHER, TURNED

WITHOUT = blas.Found(0, False, 0, 0)
PLAIN = blas.Found(blas.found.bits, False, blas.found.sgemm, blas.found.dgemm)
WITH_SMALL_KERNELS = blas.Found(blas.found.bits, True, blas.found.sgemm, blas.found.dgemm)

SIZES = [(1, 1, 1), (4, 2, 1), (1, 7, 5), (3, 5, 7), (5, 7, 1), (7, 1, 5), (2, 67, 3), (37, 53, 29), (67, 3, 61)]
LARGE = [(257, 131, 67), (331, 3, 1), (131, 257, 1), (61, 401, 307)]


class FromPython:
    """A module whose compiled functions Python can call, with the parts of each linked into it as in generated code."""

    def __init__(self, module):
        self.module, self.called = module, {}

    def __getattr__(self, name):
        if name not in self.called:
            function = getattr(self.module, name)

            def whole(*args):
                return function(*args)

            compiled = njit(whole)

            def call(*args):
                with linked_into(whole.__name__):
                    return compiled(*args)

            self.called[name] = call
        return self.called[name]


def variant(found):
    """The module as it is where this BLAS is found."""
    spec = importlib.util.spec_from_file_location("products_variant", products.__file__)
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blas, "found", found)
        spec.loader.exec_module(module)
    return module


AS_FOUND = FromPython(products)
VARIANTS = {"without BLAS": WITHOUT, "plain BLAS": PLAIN, "BLAS with small kernels": WITH_SMALL_KERNELS}


@pytest.fixture(scope="module", params=["as found", *VARIANTS])
def module(request):
    if request.param == "as found":
        return AS_FOUND
    other = VARIANTS[request.param]
    if other == blas.found or (other.bits == 0 and other != WITHOUT):
        pytest.skip("it is what was found, or there is no BLAS")
    return FromPython(variant(other))


def matrices(dtype, m, k, n):
    rng = np.random.default_rng(m + 100 * k + 10_000 * n)
    x, W, dz = (rng.normal(size=size).astype(dtype) for size in ((m + 7, k), (k, n), (m + 3, n)))
    return x, W, dz


def check(module, dtype, m, k, n):
    x, W, dz = matrices(dtype, m, k, n)
    tolerance = 30 * np.finfo(dtype).eps * (m + k + n)
    for low in (0, 5):
        rows = x[low : low + m].astype(float)
        out = np.full((m + 2, n), 99, dtype)
        module.multiply(x, W, out, (0, m, low), BY_RULE)
        np.testing.assert_allclose(out[:m], rows @ W, atol=tolerance)
        assert (out[m:] == 99).all()

        out = np.full((m + 2, n), 99, dtype)
        module.multiply_with_bias(x, W, dz[0], out, (0, m, low), BY_RULE)
        np.testing.assert_allclose(out[:m], rows @ W + dz[0], atol=tolerance)
        assert (out[m:] == 99).all()

        out = np.full((k, n), 99, dtype)
        module.multiply_left_transposed(x, dz, out, (0, m, low), BY_RULE)
        np.testing.assert_allclose(out, rows.T @ dz[:m], atol=tolerance)

    out = np.full((m + 2, k), 99, dtype)
    module.multiply_right_transposed(dz, W, out, (0, m, 0), BY_RULE)
    np.testing.assert_allclose(out[:m], dz[:m].astype(float) @ W.T, atol=tolerance)
    assert (out[m:] == 99).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_products_are_numpys_whatever_the_size(module, dtype):
    rng = np.random.default_rng(7)
    for m, k, n in [*SIZES, *LARGE, *rng.integers(1, 71, size=(60, 3)).tolist()]:
        check(module, dtype, m, k, n)


def test_what_is_no_number_goes_where_numpy_puts_it(module):
    m, k, n = 19, 11, 5
    x, W, dz = matrices("float64", m, k, n)
    x[3, 2], x[4, 7], W[5, 1], dz[6, 4] = np.nan, np.inf, -np.inf, np.nan
    forward, left, right = np.full((m, n), np.nan), np.full((k, n), np.nan), np.full((m, k), np.nan)
    module.multiply(x, W, forward, (0, m, 0), BY_RULE)
    module.multiply_left_transposed(x, dz, left, (0, m, 0), BY_RULE)
    module.multiply_right_transposed(dz, W, right, (0, m, 0), BY_RULE)
    with np.errstate(invalid="ignore"):
        expected = x[:m] @ W, x[:m].T @ dz[:m], dz[:m] @ W.T
    for got, wanted in zip((forward, left, right), expected, strict=True):
        assert np.isnan(got).sum() == np.isnan(wanted).sum() > 0
        np.testing.assert_allclose(got, wanted, atol=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_row_of_a_small_product_has_the_same_bits_among_any_others(dtype):
    for k, n in [(11, 16), (16, 3), (67, 23), (5, 2), (130, 9)]:
        x, W, dz = matrices(dtype, 23, k, n)
        whole, part = np.empty((23, n), dtype), np.empty((6, n), dtype)
        AS_FOUND.multiply(x, W, whole, (0, 23, 0), OWN)
        AS_FOUND.multiply(x, W, part, (0, 6, 13), OWN)
        assert (part == whole[13:19]).all()
        whole, part = np.empty((23, k), dtype), np.empty((6, k), dtype)
        AS_FOUND.multiply_right_transposed(dz, W, whole, (0, 23, 0), OWN)
        AS_FOUND.multiply_right_transposed(dz[13:], W, part, (0, 6, 0), OWN)
        assert (part == whole[13:19]).all()


@pytest.mark.parametrize("way", [BY_RULE, OWN, CALL, PIECES, TURNED])
def test_every_way_gives_the_product(module, way):
    for m, k, n in [(23, 11, 16), (200, 70, 90), (41, 3, 1), (1, 5, 7)]:
        x, W, dz = matrices("float64", m, k, n)
        forward, left, right = np.empty((m, n)), np.empty((k, n)), np.empty((m, k))
        module.multiply(x, W, forward, (0, m, 0), way)
        module.multiply_left_transposed(x, dz, left, (0, m, 0), way)
        module.multiply_right_transposed(dz, W, right, (0, m, 0), way)
        expected = x[:m] @ W, x[:m].T @ dz[:m], dz[:m] @ W.T
        for got, wanted in zip((forward, left, right), expected, strict=True):
            np.testing.assert_allclose(got, wanted, atol=1e-11)


def test_some_rows_of_a_product_leave_the_others_as_they_are():
    x, W, dz = matrices("float64", 23, 11, 16)
    forward, right = np.full((23, 16), 99.0), np.full((23, 11), 99.0)
    AS_FOUND.multiply(x, W, forward, (7, 13, 2))
    AS_FOUND.multiply_right_transposed(dz, W, right, (7, 13, 0))
    np.testing.assert_allclose(forward[7:13], x[9:15] @ W, atol=1e-12)
    np.testing.assert_allclose(right[7:13], dz[7:13] @ W.T, atol=1e-12)
    for got in (forward, right):
        assert (got[:7] == 99).all()
        assert (got[13:] == 99).all()


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_threads_share_the_columns_of_a_product(count):
    if not blas.found.bits:
        pytest.skip("NumPy's BLAS was not found")
    x, _, dz = matrices("float64", 23, 11, 53)
    out = np.full((11, 53), np.nan)
    for thread in range(count):
        AS_FOUND.multiply_left_transposed_together(x, dz, out, (23, 4), (CALL | TOGETHER, thread, count))
    np.testing.assert_allclose(out, x[4:27].T @ dz[:23], atol=1e-11)


def test_without_rows_a_gradient_is_zero(module):
    x, _W, dz = matrices("float32", 5, 3, 7)
    out = np.full((3, 7), 99, "float32")
    module.multiply_left_transposed(x, dz, out, (0, 0, 0), BY_RULE)
    assert (out == 0).all()


def test_what_is_found_reads_the_same_in_every_process():
    assert repr(blas.find()) == repr(blas.found)
    assert "x" not in repr(blas.found).replace("small_kernels", "")  # no address
    if blas.found.bits:
        assert repr(PLAIN) != repr(WITHOUT)


def test_one_blas_thread_is_given_back():
    pools = [pool for pool in threads.controller().lib_controllers if pool.user_api == "blas"]
    before = [pool.num_threads for pool in pools]
    with threads.one_blas_thread():
        assert all(pool.num_threads == 1 for pool in pools)
    assert [pool.num_threads for pool in pools] == before


LATE = """
from glassnet.engines.threads import controller, one_blas_thread
controller()
import scipy.linalg, threadpoolctl
with one_blas_thread():
    print(*(pool["num_threads"] for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas"))
"""


def test_one_blas_thread_holds_for_the_blas_that_scipy_brings_later():
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "2"}
    done = subprocess.run([sys.executable, "-c", LATE], env=environment, check=True, capture_output=True, text=True)
    assert set(done.stdout.split()) == {"1"}


PROGRAM = """
import numpy as np
from numba import njit
from glassnet.engines.elementary import exp
from glassnet.engines.products import multiply

@njit(cache=True)
def step(x, W, z):
    multiply(x, W, z, (0, len(x), 0))
    z[0, 0] = exp(z[0, 0])

rng = np.random.default_rng(3)
x, W = rng.normal(size=(41, 37)), rng.normal(size=(37, 29))
z = np.empty((41, 29))
step(x, W, z)
expected = x @ W
expected[0, 0] = np.exp(expected[0, 0])
assert np.allclose(z, expected)
print(sum(step.stats.cache_hits.values()))
"""


def test_code_from_the_cache_of_numba_still_calls_blas_and_what_is_elementary(tmp_path: Path):
    file = tmp_path / "program.py"
    file.write_text(PROGRAM)
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    hits = [
        subprocess.run(
            [sys.executable, "-W", "error", file], env=environment, check=True, capture_output=True, text=True
        ).stdout
        for _ in range(2)
    ]
    assert [int(hit) for hit in hits] == [0, 1]
