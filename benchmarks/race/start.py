"""What the compiled engine's first training costs, beyond training: in a new process, with an empty cache and again
with the cache that left behind, several times.

Run as a program, with the name of a work: one such process; it prints its seconds.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import race
from race.worker import environment

STARTED = ("W1", "W2", "W3", "W4")


def starts(work: str, repeats: int = 3) -> dict[str, dict[str, float]]:
    """The seconds of processes, one after the other; of those that find a cache the median."""
    with tempfile.TemporaryDirectory() as cache:
        empty, *filled = [in_a_process("start", work, cache, 1) for _ in range(1 + repeats)]
    return {"empty": empty, "filled": {name: statistics.median(one[name] for one in filled) for name in empty}}


def in_a_process(module: str, argument: str, cache: str, threads: int) -> Any:
    """What a module of this folder, run as a program in a new process with this cache of compiled code, prints."""
    with environment(threads):
        here = str(Path(race.__file__).parents[1])
        path = os.pathsep.join([here, *filter(None, [os.environ.get("PYTHONPATH")])])
        done = subprocess.run(
            [sys.executable, "-m", f"race.{module}", argument],
            env={**os.environ, "GLASSNET_CACHE": cache, "PYTHONPATH": path},
            capture_output=True,
            text=True,
        )
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    return json.loads(done.stdout)


def main(name: str) -> None:
    start = time.perf_counter()
    import numba  # noqa: F401 - only to see how long it takes

    imported = time.perf_counter() - start
    import glassnet as gn
    from race.by_glassnet import how, network
    from race.workloads import WORKS

    work = WORKS[name]()
    few = 2 * (work.batch_size or len(work))
    X, y = work.X[:few].copy(), work.y[:few].copy()
    seconds = []
    for _ in range(4):
        start = time.perf_counter()
        gn.train(network(work), X, y, epochs=1, seed=0, engine="compiled", **how(work))
        seconds.append(time.perf_counter() - start)
    first, *again = seconds
    print(json.dumps({"import": imported, "first": first - min(again)}))


if __name__ == "__main__":
    main(sys.argv[1])
