"""Matrix products in compiled code, in each of the ways that it has, and PyTorch's.

Each way repeats a product inside compiled code (PyTorch, where it is installed: from Python, into a given tensor, on
one thread), in turns; the table shows 10⁹ additions and multiplications a second, from the fastest turn: what is
measured is code, and what slows a turn down is the machine. The constants of glassnet/engines/products.py come from it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit
from report import arguments, machine, table, take_turns, tell
from threadpoolctl import threadpool_limits

from glassnet.engines import products
from glassnet.engines.ways import BY_RULE, CALL, OWN, PIECES, TURNED, in_words

FORMS = {"x @ W": "multiply", "x.T @ dz": "multiply_left_transposed", "dz @ W.T": "multiply_right_transposed"}
# rows, inputs, outputs of the layers of some networks
LAYERS = {
    "float32": (
        *((32, 64, 64), (32, 64, 10), (256, 30, 128), (256, 128, 64), (256, 64, 1)),
        *((128, 784, 512), (128, 512, 512), (128, 512, 10)),
        *((1, 30, 128), (1, 128, 64), (1, 64, 1), (4, 128, 64), (16, 128, 64), (256, 256, 256)),
    ),
    "float64": ((32, 64, 64), (32, 64, 10), (200, 64, 100), (200, 100, 10), (4, 2, 4), (4, 4, 1)),
}


def repeated(form: str) -> Callable[..., None]:
    """The product of this form, some number of times, in compiled code."""
    product = getattr(products, FORMS[form])

    @njit(nogil=True)
    def run(a: Any, b: Any, out: Any, m: int, way: int, times: int) -> None:
        for _ in range(times):
            product(a, b, out, (0, m, 0), way)

    return run


def measure(dtype: str, form: str, layer: tuple[int, int, int], repeats: int, all_threads: int) -> dict[str, float]:
    """10⁹ operations a second of each rival."""
    m, k, n = layer
    rng = np.random.default_rng(1)
    x, W, dz = (rng.normal(size=size).astype(dtype) for size in ((m, k), (k, n), (m, n)))
    a, b, expected = {"x @ W": (x, W, x @ W), "x.T @ dz": (x, dz, x.T @ dz), "dz @ W.T": (dz, W, dz @ W.T)}[form]
    out = np.empty_like(expected, order="C")
    times = max(1, 20_000_000 // (m * k * n + 2_000))

    def rival(way: int) -> Callable[[], None]:
        def turn() -> None:
            COMPILED[form](a, b, out, m, way, times)

        turn()
        assert np.allclose(out, expected, rtol=1e-3, atol=1e-3)
        return turn

    rivals = {in_words(way): rival(way) for way in (BY_RULE, OWN, CALL, PIECES, TURNED)}
    if torch is not None:
        left, right = torch.from_numpy(a), torch.from_numpy(b)
        left, right = (left.T if form == "x.T @ dz" else left), (right.T if form == "dz @ W.T" else right)
        result = torch.from_numpy(out)

        def by_torch() -> None:
            for _ in range(times):
                torch.mm(left, right, out=result)

        rivals["PyTorch"] = by_torch
    with threadpool_limits(1, "blas"):
        seconds = take_turns(rivals, repeats)
    with threadpool_limits(all_threads, "blas"):
        seconds |= {f"one call, {all_threads} threads": take_turns({"": rivals[in_words(CALL)]}, repeats)[""]}
    return {name: 2e-9 * m * k * n * times / min(taken) for name, taken in seconds.items()}


COMPILED = {form: repeated(form) for form in FORMS}

try:
    import torch

    torch.set_num_threads(1)
except ImportError:
    torch = None

if __name__ == "__main__":
    given = arguments(__doc__, repeats=15, threads=2)
    lines, numbers = [], []
    for dtype, layers in LAYERS.items():
        for layer in layers:
            for form in FORMS:
                speeds = measure(dtype, form, layer, given.repeats, given.threads)
                m, k, n = layer
                micro = 2e-3 * m * k * n / speeds[in_words(BY_RULE)]
                lines.append([dtype, f"{m} × {k} × {n}", form, f"{micro:.3g}", *(f"{v:.0f}" for v in speeds.values())])
                numbers.append({"dtype": dtype, "layer": layer, "form": form, **speeds})
                names = list(speeds)
    header = ["type", "rows × inputs × outputs", "form", "µs by rule", *names]
    tell("Products", machine(), [table(header, lines)], {"products": numbers}, given.json)
