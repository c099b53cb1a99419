"""What a person waits for beside training: the import, Ctrl-C, and a training that runs beside another."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from report import arguments, machine, ratios, spread, table, take_turns, tell

import glassnet as gn

SOURCE = str(Path(gn.__file__).parents[1])

IMPORT = """
import time
start = time.perf_counter()
import numpy
numpys = time.perf_counter() - start
import glassnet
print([numpys, time.perf_counter() - start - numpys])
"""

TRAINING = """
import time
import numpy as np, glassnet as gn
rows, units, batch_size, engine, networks = {how}
rng = np.random.default_rng(0)
X, Y = rng.normal(size=(rows, 3)), rng.normal(size=(rows, 1))
network = gn.Network(gn.Dense(units, "tanh"), gn.Dense(1), loss="squared")
how = dict(batch_size=batch_size, engine=engine, optimizer="adam")

def train(epochs):
    if networks > 1:
        gn.train_many(network, X, Y, seeds=range(networks), epochs=epochs, **how)
    else:
        gn.train(network, X, Y, seed=0, epochs=epochs, progress=False, **how)

train(1)
print("started", flush=True)
try:
    train(10**8)
except KeyboardInterrupt:
    pass
print(time.monotonic())
"""

INTERRUPTED: dict[str, tuple[Any, ...]] = {  # rows, units, batch size, engine, networks
    "compiled, 23 rows, 3-4-1": (23, 4, None, "compiled", 1),
    "compiled, 200,000 rows, 3-32-1, batches of 100,000": (200_000, 32, 100_000, "compiled", 1),
    "numpy, 200 rows, 3-8-1, batches of 32": (200, 8, 32, "numpy", 1),
    "train_many, 50 networks, 23 rows, 3-4-1, batches of 8": (23, 4, 8, "compiled", 50),
}


def imports(repeats: int) -> dict[str, list[float]]:
    """Seconds of NumPy's import and of glassnet's own after it, in new processes."""
    once = partial(subprocess.run, [sys.executable, "-c", IMPORT], capture_output=True, check=True, env=environment())
    once()
    pairs = [json.loads(once().stdout) for _ in range(repeats)]
    return {"NumPy": [pair[0] for pair in pairs], "glassnet": [pair[1] for pair in pairs]}


def heard(how: tuple[Any, ...]) -> float:
    """Seconds from Ctrl-C to when `train` returns or raises."""
    command = [sys.executable, "-c", TRAINING.format(how=how)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment()) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.6)
        sent = time.monotonic()
        process.send_signal(signal.SIGINT)
        return float(process.stdout.read()) - sent


def beside(epochs: int = 60_000) -> dict[str, Callable[[], None]]:
    """Two trainings one after the other, and in two threads."""
    X, y = np.random.default_rng(0).normal(size=(23, 3)), np.random.default_rng(1).normal(size=(23, 1))
    network = gn.Network(gn.Dense(4, "tanh"), gn.Dense(1), loss="squared")

    def run(seed: int) -> None:
        gn.train(network, X, y, epochs=epochs, batch_size=None, seed=seed, engine="compiled", progress=False)

    def one_by_one() -> None:
        run(1)
        run(2)

    def at_once() -> None:
        threads = [threading.Thread(target=run, args=[seed]) for seed in (1, 2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    return {"one by one": one_by_one, "at once": at_once}


def environment() -> dict[str, str]:
    """This process's, with the glassnet that is imported here."""
    return {**os.environ, "PYTHONPATH": SOURCE}


def main() -> None:
    asked = arguments(__doc__, repeats=9)
    imported = imports(asked.repeats)
    interrupted = {name: [heard(how) for _ in range(asked.repeats)] for name, how in INTERRUPTED.items()}
    two = take_turns(beside(), asked.repeats)
    rows = [["import numpy", imported["NumPy"]], ["import glassnet, after it", imported["glassnet"]]]
    rows += [[f"Ctrl-C: {name}", seconds] for name, seconds in interrupted.items()]
    rows += [[f"two trainings, {name}", seconds] for name, seconds in two.items()]
    faster = ratios(two["one by one"], two["at once"])
    tell(
        "Waiting",
        f"{machine()}. Medians of {asked.repeats} times, lowest and highest in brackets; imports and Ctrl-C each in a "
        f"new process. Two threads train {spread(faster, '.2g')} times as fast as one.",
        [table(["", "time"], [[name, spread([s * 1e3 for s in seconds], ".3g", " ms")] for name, seconds in rows])],
        {"imports": imported, "interrupted": interrupted, "two trainings": two},
        asked.json,
    )


if __name__ == "__main__":
    main()
