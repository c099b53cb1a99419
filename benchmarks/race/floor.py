"""The honest floor under a training: nothing but its matrix products, and a pass of Adam's update at each step.

No activation, no loss, no bias, no gathering of rows. The products count in the fastest way that any library in the
race knows, each on one thread and on all: NumPy's and those that compiled code can do (here), PyTorch's and JAX's (in
their own files, `FLOOR`). The update is one loop over one vector, on one thread or on all.

What `FLOOR` makes tells the seconds of an epoch by itself.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from functools import cache, partial
from itertools import pairwise
from typing import Any

import numpy as np

from race.workloads import Work

Product = tuple[str, int, int, int]  # its form; rows, columns of the result, and how many terms are summed
FORWARD, WEIGHTS, BACKWARD = "x @ W", "x.T @ dz", "dz @ W.T"
LONG = 2e-3  # seconds for which a thing is repeated
UPDATE = "the update"
PARTS = {  # of the floor, and the modules that have them
    "NumPy's products": "floor",
    "compiled products": "floor",
    "PyTorch's products": "by_torch",
    "JAX's products": "by_jax",
    UPDATE: "floor",
}
BETA1, BETA2, EPS = 0.9, 0.999, 1e-8


def products(sizes: tuple[int, ...], rows: int) -> list[Product]:
    """Those of a step: forward, then for each layer's weights, and for what is passed back to all but the first."""
    layers = list(pairwise(sizes))
    return [
        *((FORWARD, rows, u, i) for i, u in layers),
        *((WEIGHTS, i, u, rows) for i, u in layers),
        *((BACKWARD, rows, i, u) for i, u in layers[1:]),
    ]


def height(seconds: Mapping[str, float]) -> float | None:
    """The floor: the fastest products, and the update. None where one of them is missing."""
    fastest = min((value for name, value in seconds.items() if name != UPDATE), default=None)
    return None if fastest is None or UPDATE not in seconds else fastest + seconds[UPDATE]


def repeated(run: Callable[[int], None]) -> float:
    """The seconds of one of many times; `run` is told how many."""
    times = 1
    while True:
        start = time.perf_counter()
        run(times)
        taken = time.perf_counter() - start
        if taken > LONG:
            return taken / times
        times = int(times * max(2.0, min(1.2 * LONG / max(taken, 1e-7), 1000)))


def epoch_of(epoch: Callable[[], None]) -> Callable[[], float]:
    """What tells the seconds of an epoch."""

    def run(times: int) -> None:
        for _ in range(times):
            epoch()

    epoch()
    return lambda: repeated(run)


def by_numpy(work: Work) -> Callable[[], float]:
    """All steps of an epoch, with `np.dot` into arrays that are there."""
    size, W = work.batch_size or len(work), [W for W, _ in work.params()]
    a = [np.zeros((size, u), work.X.dtype) for u in work.sizes]
    dz = [np.ones_like(array) for array in a]
    dW = [np.zeros_like(array) for array in W]

    def step(x: np.ndarray) -> None:
        n, last = len(x), len(W)
        for k in range(last):
            np.dot(a[k][:n] if k else x, W[k], out=a[k + 1][:n])
        for k in reversed(range(last)):
            np.dot((a[k][:n] if k else x).T, dz[k + 1][:n], out=dW[k])
            if k:
                np.dot(dz[k + 1][:n], W[k].T, out=dz[k][:n])

    def epoch() -> None:
        for low in range(0, len(work), size):
            step(work.X[low : low + size])

    return epoch_of(epoch)


def by_compiled(work: Work) -> Callable[[], float]:
    """Each in the fastest of the ways that compiled code has, again and again with the same rows."""
    size = work.batch_size or len(work)
    ways = compiled_products()
    rng = np.random.default_rng(0)
    todo = []
    for form, m, n, k in products(work.sizes, size):
        shapes = {FORWARD: ((m, k), (k, n)), WEIGHTS: ((k, m), (k, n)), BACKWARD: ((m, k), (n, k))}[form]
        a, b = (rng.standard_normal(shape).astype(work.X.dtype) for shape in shapes)
        todo.append((form, a, b, np.zeros((m, n), work.X.dtype)))
        for way in ways:
            way(*flips(form), a, b, todo[-1][-1], 1)

    def seconds(way: Callable[..., None], form: str, *arrays: np.ndarray) -> float:
        return repeated(partial(way, *flips(form), *arrays))

    def run() -> float:
        return len(work) / size * sum(min(seconds(way, *one) for way in ways) for one in todo)

    return run


def flips(form: str) -> tuple[bool, bool]:
    """Whether the left and the right matrix are transposed."""
    return form == WEIGHTS, form == BACKWARD


@cache
def compiled_products() -> list[Callable[..., None]]:
    """Those of glassnet's compiled engine, NumPy's BLAS called without NumPy, and loops over columns."""
    from numba import njit

    from glassnet.engines import blas, blas_calls, products

    multiply = products.multiply
    left, right = products.multiply_left_transposed, products.multiply_right_transposed

    @njit(error_model="numpy")
    def own(flip_a: bool, flip_b: bool, a: Any, b: Any, out: Any, times: int) -> None:
        for _ in range(times):
            if flip_a:
                left(a, b, out, (0, a.shape[0], 0))
            elif flip_b:
                right(a, b, out, (0, a.shape[0], 0))
            else:
                multiply(a, b, out, (0, a.shape[0], 0))

    @njit(error_model="numpy", fastmath={"contract", "reassoc", "nsz"})
    def loops(flip_a: bool, flip_b: bool, a: Any, b: Any, out: Any, times: int) -> None:
        rows, n = out.shape
        depth = a.shape[0] if flip_a else a.shape[1]
        for _ in range(times):
            for i in range(rows):
                if flip_b:
                    for j in range(n):
                        term = a.dtype.type(0)
                        for k in range(depth):
                            term += a[i, k] * b[j, k]
                        out[i, j] = term
                else:
                    for j in range(n):
                        out[i, j] = 0
                    for k in range(depth):
                        factor = a[k, i] if flip_a else a[i, k]
                        for j in range(n):
                            out[i, j] += factor * b[k, j]

    if not blas.found.bits:
        return [own, loops]
    sgemm, dgemm = blas_calls.sgemm, blas_calls.dgemm

    @njit(error_model="numpy")
    def called(flip_a: bool, flip_b: bool, a: Any, b: Any, out: Any, times: int) -> None:
        rows, n = out.shape
        depth = a.shape[0] if flip_a else a.shape[1]
        turn_a, turn_b = 112 if flip_a else 111, 112 if flip_b else 111
        x, y, z, wide, high = a.ctypes.data, b.ctypes.data, out.ctypes.data, a.shape[1], b.shape[1]
        for _ in range(times):
            if out.itemsize == 4:
                sgemm(101, turn_a, turn_b, rows, n, depth, 1.0, x, wide, y, high, 0.0, z, n)
            else:
                dgemm(101, turn_a, turn_b, rows, n, depth, 1.0, x, wide, y, high, 0.0, z, n)

    return [own, loops, called]


def update(work: Work) -> Callable[[], float]:
    """A pass of Adam for each step of an epoch."""
    count = sum(W.size + b.size for W, b in work.params())
    theta, m, v = (np.zeros(count, work.X.dtype) for _ in range(3))
    g = np.full(count, 1e-3, work.X.dtype)
    steps = -(-len(work) // (work.batch_size or len(work)))
    adam = compiled_adam() or adam_in_numpy
    numbers = [work.X.dtype.type(number) for number in (1e-6, 1.0)]

    def epoch() -> None:
        for _ in range(steps):
            adam(theta, g, m, v, *numbers)

    return epoch_of(epoch)


def adam_in_numpy(theta, g, m, v, lr, root):
    """Without Numba: in place, but several passes."""
    one = theta.dtype.type
    m += one(1 - BETA1) * (g - m)
    v += one(1 - BETA2) * (g * g - v)
    theta -= lr * m / (np.sqrt(v) * root + one(EPS))


@cache
def compiled_adam() -> Callable[..., None] | None:
    """One loop; on all threads where the process has several. None without Numba."""
    try:
        import numba
    except ImportError:
        return None

    @numba.njit(error_model="numpy", fastmath={"contract"}, parallel=int(os.environ["NUMBA_NUM_THREADS"]) > 1)
    def adam(theta, g, m, v, lr, root):
        one = theta.dtype.type
        for i in numba.prange(theta.size):
            m[i] = one(BETA1) * m[i] + one(1 - BETA1) * g[i]
            v[i] = one(BETA2) * v[i] + one(1 - BETA2) * (g[i] * g[i])
            theta[i] -= lr * m[i] / (np.sqrt(v[i]) * root + one(EPS))

    return adam


FLOOR = {"NumPy's products": by_numpy, "compiled products": by_compiled, UPDATE: update}
