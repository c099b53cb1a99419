"""The floor under W4: nothing but its matrix products, and one pass of Adam's update at each step.

No activation, no loss, no bias, no gathering of rows: an engine that calls the same BLAS cannot be faster.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from race.workloads import Work


def adam_in_numpy(theta, g, m, v, lr, root):
    """Without Numba: in place, but several passes."""
    m += np.float32(0.1) * (g - m)
    v += np.float32(0.001) * (g * g - v)
    theta -= lr * m / (np.sqrt(v) * root + np.float32(1e-8))


def training(work: Work) -> Callable[[], float]:
    sizes, size = work.sizes, work.batch_size
    shapes = list(pairwise(sizes))
    bounds = np.cumsum([0, *(i * u for i, u in shapes)])
    theta = np.concatenate([W.ravel() for W, _ in work.params()])
    g, m, v = (np.zeros_like(theta) for _ in range(3))
    cut = list(zip(bounds[:-1], bounds[1:], shapes, strict=True))
    W, dW = ([array[low:high].reshape(shape) for low, high, shape in cut] for array in (theta, g))
    rng = np.random.default_rng(0)
    a = [rng.standard_normal((size, u), dtype=np.float32) for u in sizes]
    dz = [rng.standard_normal((size, u), dtype=np.float32) / size for u in sizes]
    update = compiled()

    def step(x: np.ndarray, t: int) -> None:
        n, last = len(x), len(W)
        for k in range(last):
            np.dot(a[k][:n] if k else x, W[k], out=a[k + 1][:n])
        for k in reversed(range(last)):
            np.dot((a[k][:n] if k else x).T, dz[k + 1][:n], out=dW[k])
            if k:
                np.dot(dz[k + 1][:n], W[k].T, out=dz[k][:n])
        root = 1 / np.sqrt(1 - 0.999**t)
        update(theta, g, m, v, np.float32(1e-6 / (1 - 0.9**t)), np.float32(root))

    def run() -> float:
        for t, low in enumerate(range(0, len(work), size), start=1):
            step(work.X[low : low + size], t)
        return float("nan")

    step(work.X[:size], 1)
    return run


def compiled() -> Callable[..., None]:
    try:
        import numba
    except ImportError:
        return adam_in_numpy

    # On one thread: a second one of Numba's would be in the way of BLAS's
    @numba.njit(error_model="numpy", fastmath={"contract"})
    def adam(theta, g, m, v, lr, root):
        for i in range(theta.size):
            m[i] = np.float32(0.9) * m[i] + np.float32(0.1) * g[i]
            v[i] = np.float32(0.999) * v[i] + np.float32(0.001) * (g[i] * g[i])
            theta[i] -= lr * m[i] / (np.sqrt(v[i]) * root + np.float32(1e-8))

    return adam


TRAINING = {"the floor": training}
