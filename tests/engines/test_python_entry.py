"""Machine code that Python calls without a detour: what it is given is looked at first."""

import copy
import gc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import glassnet as gn

pytest.importorskip("numba")

from glassnet.engines.compiled_forward import CompiledForward


@pytest.fixture(params=["float32", "float64"])
def model(request):
    X = np.random.default_rng(0).normal(size=(30, 5)).astype(request.param)
    return gn.initialize(gn.Network(gn.Dense(6, "tanh"), gn.Dense(3), loss="cross_entropy"), X, np.arange(30) % 3)


@pytest.fixture
def forward(model):
    return CompiledForward(model.state.network, 5, model.state.memory)


@pytest.mark.parametrize("rows", [1, 2, 127, 128, 129, 1000])
def test_the_numbers_are_those_of_numpy(model, forward, rows):
    X = np.random.default_rng(rows).normal(size=(rows, 5)).astype(forward.dtype)
    tolerance = 1e-5 if forward.dtype == np.float32 else 1e-12
    np.testing.assert_allclose(forward.predict(X), model.state.outputs(X), rtol=tolerance, atol=tolerance)
    X.flags.writeable = False
    np.testing.assert_allclose(forward.predict(X), model.state.outputs(X), rtol=tolerance, atol=tolerance)


def test_what_it_cannot_read_is_refused(forward):
    X, out = np.ones((4, 5), forward.dtype), np.empty((4, 3), forward.dtype)

    wrong = [
        (),
        (X, out),
        (X, out, 128, 1),
        (X[0], out, 128),
        (np.asfortranarray(X), out, 128),
        (X[::2], out, 128),
        (X.astype(np.int32), out, 128),
        (X.astype(np.float16), out, 128),
        (X.tolist(), out, 128),
        (None, None, None),
        (X, out, 1.5),
        (X, out, "128"),
    ]
    for given in wrong:
        with pytest.raises((TypeError, AttributeError)):
            forward.function(*given)
    with pytest.raises(OverflowError):
        forward.function(X, out, 2**70)
    assert forward.function(X, out, 128) == 0.0


def test_what_it_does_not_know_at_first_sight_is_looked_at(forward):
    """An array of a type of one's own."""

    class Own(np.ndarray):
        pass

    X, out = np.ones((4, 5), forward.dtype), np.empty((4, 3), forward.dtype)
    forward.function(X.view(Own), out, 128)
    np.testing.assert_array_equal(out, forward.predict(X))


def test_what_it_was_bound_to_stays(model, forward):
    X = np.ones((4, 5), forward.dtype)
    expected = forward.predict(X)
    function, out = copy.deepcopy(forward).function, np.empty((4, 3), forward.dtype)
    del forward
    gc.collect()
    function(X, out, 128)
    np.testing.assert_array_equal(out, expected)


def test_threads_may_share_it(forward):
    X = np.random.default_rng(1).normal(size=(500, 5)).astype(forward.dtype)
    expected = forward.predict(X)
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(forward.predict, [X] * 40):
            np.testing.assert_array_equal(found, expected)


def test_without_memory_it_says_so(forward):
    """A piece of so many rows has no room anywhere."""
    X, out = np.ones((4, 5), forward.dtype), np.empty((4, 3), forward.dtype)
    with pytest.raises(MemoryError, match="not enough memory"):
        forward.function(X, out, 2**50)
