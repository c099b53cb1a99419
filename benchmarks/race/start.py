"""What the compiled engine's first training costs, beyond training: in a new process, with an empty cache and again
with the cache that left behind.

Run as a program, with the name of a work: one such process; it prints its seconds.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import race
from race.worker import environment

STARTED = ("W1", "W2", "W3", "W4")


def starts(work: str) -> dict[str, dict[str, float]]:
    """The seconds of two processes, one after the other."""
    with tempfile.TemporaryDirectory() as cache, environment(threads=1):
        paths = {"GLASSNET_CACHE": cache, "PYTHONPATH": str(Path(race.__file__).parents[1])}
        command = [sys.executable, "-m", "race.start", work]

        def once() -> dict[str, float]:
            done = subprocess.run(command, env={**os.environ, **paths}, capture_output=True, text=True)
            if done.returncode:
                raise RuntimeError(done.stderr.strip().splitlines()[-1])
            return json.loads(done.stdout)

        return {"empty": once(), "filled": once()}


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
