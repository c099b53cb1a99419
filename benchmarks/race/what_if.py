"""W6c: sixty different small networks, one after the other, as a search or a diagnosis tries them: must it wait for the
compiler?

Each is trained from ten seeds by `train_many`, by the engine that it chooses and by the compiled one. In new processes:
with an empty cache of compiled code, with the cache that left behind, and once more in that process; and with the NumPy
engine alone.

Run as a program, with the name of an engine: one such process; it prints the seconds of all networks, twice.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from race.start import in_a_process
from race.turns import CORES

NETWORKS, ROWS, INPUTS, CLASSES = 60, 200, 7, 3
EPOCHS, BATCH, SEEDS = 100, 32, 10
WIDTHS = range(2, 33)
ENGINES = ("auto", "compiled")
COLD, CACHED, WARM, NUMPY = "nothing compiled", "from the cache", "again in that process", "glassnet, numpy"
WHAT = (
    f"{NETWORKS} different networks of one or two hidden layers of {min(WIDTHS)} to {max(WIDTHS)} units, {ROWS} rows, "
    f"{EPOCHS} epochs, batches of {BATCH}, from {SEEDS} seeds each"
)

Shape = tuple[tuple[int, ...], str, str]


def shapes() -> list[Shape]:
    """Hidden layers, activation and optimizer of each, all different."""
    rng, found = random.Random(6), dict[Shape, None]()
    while len(found) < NETWORKS:
        hidden = tuple(rng.choice(WIDTHS) for _ in range(rng.choice((1, 2))))
        found[hidden, rng.choice(("relu", "tanh", "sigmoid")), rng.choice(("sgd", "adam"))] = None
    return list(found)


def raced(repeats: int) -> dict[str, Any]:
    """The seconds of several processes of each kind, one after the other."""
    names = [f"{engine}, {when}" for engine in ENGINES for when in (COLD, CACHED, WARM)]
    seconds: dict[str, list[float]] = {name: [] for name in (*names, NUMPY)}
    for _ in range(repeats):
        for engine in ENGINES:
            with tempfile.TemporaryDirectory() as cache:
                cold, _ = one_process(engine, cache)
                cached, warm = one_process(engine, cache)
            for when, taken in ((COLD, cold), (CACHED, cached), (WARM, warm)):
                seconds[f"{engine}, {when}"].append(taken)
    seconds[NUMPY].append(one_process("numpy", "")[0])
    contestants = [{"name": name, "threads": CORES, "seconds": taken} for name, taken in seconds.items()]
    return {"kind": "WHAT-IF", "work": "W6c", "what": WHAT, "skipped": {}, "contestants": contestants}


def one_process(engine: str, cache: str) -> list[float]:
    found: list[float] = in_a_process("what_if", engine, cache, CORES)
    return found


def trying(engine: str) -> Callable[[], float]:
    """All networks, one after the other; the best of their median losses."""
    import glassnet as gn

    rng = np.random.default_rng(6)
    X = rng.standard_normal((ROWS, INPUTS)).astype(np.float32)
    y = (X[:, :CLASSES] + 0.5 * rng.standard_normal((ROWS, CLASSES))).argmax(axis=1)
    optimizers = {"sgd": gn.SGD(0.1), "adam": gn.Adam(0.01)}

    def run() -> float:
        losses = []
        for hidden, activation, optimizer in shapes():
            network = gn.Network(*(gn.Dense(u, activation) for u in hidden), gn.Dense(CLASSES), loss="cross_entropy")
            how = {"optimizer": optimizers[optimizer], "epochs": EPOCHS, "batch_size": BATCH, "engine": engine}
            losses.append(statistics.median(gn.train_many(network, X, y, seeds=range(SEEDS), **how)["loss"]))
        return min(losses)

    return run


def main(engine: str) -> None:
    if engine != "numpy":
        import numba  # noqa: F401 - importing it is not counted
    import glassnet  # noqa: F401

    run, seconds = trying(engine), []
    for _ in range(1 if engine == "numpy" else 2):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    print(json.dumps(seconds))


if __name__ == "__main__":
    main(sys.argv[1])
