"""What the compiled engine is made of, and what each part is worth: the same numbers with and without it, in turns."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any
from unittest.mock import patch

import numpy as np
import textbook
from numba import njit
from report import arguments, machine, ratios, spread, table, take_turns, tell

import glassnet as gn
from glassnet.derivation.derive import derive
from glassnet.engines import elementary, training_code
from glassnet.engines.memory import Memory
from glassnet.engines.products import multiply
from glassnet.training.compiled_steps import CompiledSteps
from glassnet.training.lanes import Lanes, Numbers
from glassnet.training.place import Place
from glassnet.training.rows import GeneratorShuffler, Rows, Walk
from glassnet.training.written_out_lanes import WrittenOutLanes

Turns = dict[str, Callable[[], Any]]
WITHOUT, WITH = "without", "with"


@njit(error_model="numpy", fastmath={"contract"})
def adam(theta, g, m, v, lr, root):
    for i in range(theta.size):
        m[i] = np.float32(0.9) * m[i] + np.float32(0.1) * g[i]
        v[i] = np.float32(0.999) * v[i] + np.float32(0.001) * (g[i] * g[i])
        theta[i] -= lr * m[i] / (math.sqrt(v[i]) * root + np.float32(1e-8))


@njit(error_model="numpy", fastmath={"contract"})
def bias_and_relu(z, b, a):
    for i in range(z.shape[0]):
        for j in range(z.shape[1]):
            a[i, j] = max(z[i, j] + b[j], np.float32(0))


@njit(error_model="numpy", fastmath={"contract"})
def exp_called(z, a):
    for i in range(z.size):
        a[i] = math.exp(z[i])


@njit(error_model="numpy", fastmath={"contract"})
def exp_written_out(z, a):
    for i in range(z.size):
        a[i] = elementary.exp(z[i])


@njit
def products(x, W, z, times):
    for _ in range(times):
        multiply(x, W, z, (0, len(x), 0))


def normal(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).standard_normal(shape, dtype=np.float32)


def updates(sizes: tuple[int, ...]) -> Turns:
    """Adam, over arrays as in the textbook, or in one loop over one vector."""
    shapes = {
        name: shape for k, (i, u) in enumerate(pairwise(sizes)) for name, shape in ((f"W{k}", (i, u)), (f"b{k}", (u,)))
    }
    params, grads = ({name: normal(*shape) for name, shape in shapes.items()} for _ in range(2))
    rule, size = textbook.Adam(params), sum(map(math.prod, shapes.values()))
    theta, g, m, v = normal(size), normal(size), np.zeros(size, np.float32), np.zeros(size, np.float32)
    lr, root = np.float32(0.001), np.float32(1.5)
    return {WITHOUT: lambda: rule.update(params, grads), WITH: lambda: adam(theta, g, m, v, lr, root)}


def fusion() -> Turns:
    z, b, a = normal(256, 128), normal(128), normal(256, 128)

    def by_numpy() -> None:
        np.add(z, b, out=a)
        np.maximum(a, 0, out=a)

    return {WITHOUT: by_numpy, WITH: lambda: bias_and_relu(z, b, a)}


def exponentials() -> Turns:
    z, a = normal(100_000), normal(100_000)
    return {WITHOUT: lambda: exp_called(z, a), WITH: lambda: exp_written_out(z, a)}


def products_called(times: int = 1000) -> Turns:
    x, W, z = normal(32, 64), normal(64, 10), normal(32, 10)

    def by_numpy() -> None:
        for _ in range(times):
            np.dot(x, W, out=z)

    return {WITHOUT: by_numpy, WITH: lambda: products(x, W, z, times)}


def xor(epochs: int = 10_000) -> Callable[[], Any]:
    X, y = (array.astype(np.float32) for array in gn.datasets.xor())
    network = gn.Network(gn.Dense(4, "sigmoid"), gn.Dense(1, "sigmoid"), loss="squared")
    how = {"optimizer": gn.SGD(0.5), "batch_size": None, "seed": 0, "progress": False, "engine": "compiled"}
    return lambda: gn.train(network, X, y, epochs=epochs, **how)


def writing_out() -> Turns:
    run = xor()

    def with_loops() -> None:
        with patch.object(training_code, "FEW", 0):
            run()

    return {WITHOUT: with_loops, WITH: run}


def side_by_side(networks: int = 200, epochs: int = 10_000) -> Turns:
    """Steps alone, on one core: one after the other, or 16 in a call."""
    X, y = (array.astype(np.float32) for array in gn.datasets.xor())
    network = gn.Network(gn.Dense(4, "sigmoid"), gn.Dense(1, "sigmoid"), loss="squared")
    rows, walk, never = Rows(X, y), Walk(len(X), False), bool
    derivation = derive(network, 2, gn.SGD(0.5), dtype=np.float32)
    memories = [Memory.of(network, 2, np.float32) for _ in range(networks)]
    for seed, memory in enumerate(memories):
        memory.initialize(network, 2, np.random.default_rng(seed))
    rngs = [np.random.default_rng(0)] * networks
    lanes = Lanes(
        derivations=[derivation],
        setting=np.zeros(networks, np.intp),
        numbers=Numbers(
            theta=np.stack([memory.theta for memory in memories]),
            state=np.stack([memory.state for memory in memories]),
            slots={},
        ),
        marks=memories[0].marks,
        rngs=rngs,
        rows=rows,
        own=np.tile(np.arange(len(X)), (networks, 1)),
        walk=walk,
    )

    def one_by_one() -> None:
        for memory, rng in zip(memories, rngs, strict=True):
            steps = CompiledSteps(derivation, memory, rng, rows=rows, walk=walk, shuffler=GeneratorShuffler(rng))
            steps.take(Place(), epochs, np.inf, never)

    return {WITHOUT: one_by_one, WITH: lambda: WrittenOutLanes(lanes, workers=1).take(epochs, never)}


def epochs_in_a_call() -> Turns:
    run = xor()

    def one_by_one() -> None:
        with patch.object(CompiledSteps, "at_once", lambda self, place, steps, seconds: 1):
            run()

    return {WITHOUT: one_by_one, WITH: run}


PARTS: dict[str, tuple[str, str, Callable[[], Turns]]] = {
    "Adam over one vector (64-64-10)": (
        "array by array in NumPy",
        "one loop",
        lambda: updates((64, 64, 10)),
    ),
    "The same (784-512-512-10)": ("array by array in NumPy", "one loop", lambda: updates((784, 512, 512, 10))),
    "Fusion (256 × 128)": ("NumPy's `z + b`, then `maximum`", "one loop", fusion),
    "exp without a call (100,000 numbers)": ("the C library's, in a loop", "a polynomial", exponentials),
    "BLAS without NumPy, 1,000 times (32 × 64 @ 64 × 10)": (
        "`np.dot(…, out=…)`",
        "BLAS by its symbol",
        products_called,
    ),
    "Many epochs a call (XOR)": ("a call of the code each epoch", "as many as fit into 20 ms", epochs_in_a_call),
    "Number by number (XOR)": ("loops", "every number a variable", writing_out),
    "Lanes (200 networks for XOR, one core)": ("one after the other", "16 in a call", side_by_side),
}


def main() -> None:
    asked = arguments(__doc__, repeats=9)
    rows, found = [], {}
    for name, (without, with_it, turns) in PARTS.items():
        made = turns()
        calls = {key: often(run) for key, run in made.items()}
        turns_of = {key: partial(repeat, run, calls[key]) for key, run in made.items()}
        seconds = found[name] = {
            key: [second / calls[key] for second in values]
            for key, values in take_turns(turns_of, asked.repeats).items()
        }
        worth = ratios(seconds[WITHOUT], seconds[WITH])
        cells = [f"{text}: {readable(seconds[key])}" for text, key in ((without, WITHOUT), (with_it, WITH))]
        rows.append([name, *cells, spread(worth, ".2g", "×")])
    tell(
        "What the compiled engine is made of",
        f"{machine()}. float32. Medians of turns taken one after the other; of the worth also the lowest and highest.",
        [table(["", "without", "with", "times faster"], rows)],
        {"seconds": found},
        asked.json,
    )


def often(run: Callable[[], Any]) -> int:
    """How many calls fill a turn of 20 ms; the first call compiles."""
    run()
    start = time.perf_counter()
    run()
    return max(1, round(0.02 / (time.perf_counter() - start)))


def repeat(run: Callable[[], Any], times: int) -> None:
    for _ in range(times):
        run()


def readable(seconds: list[float]) -> str:
    middle = statistics.median(seconds)
    return f"{middle * 1e3:.3g} ms" if middle >= 0.9e-3 else f"{middle * 1e6:.3g} µs"


if __name__ == "__main__":
    main()
