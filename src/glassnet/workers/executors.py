"""What has `submit`: processes of this machine, or whatever somebody gives, such as a client of Dask."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from concurrent.futures import Executor
from importlib.util import find_spec
from threading import Thread
from typing import Any

RETRIES = 3  # of Dask
ONE_THREAD = ("OMP", "OPENBLAS", "MKL", "BLIS", "NUMBA")
WAIT = 2.0  # seconds that a process of its own takes until it works
LOOK_AGAIN = 2.0  # seconds until workers of a cluster are counted again


def stays_here(workers: int, seconds: float) -> bool:
    """Whether processes of their own would gain nothing for what takes about so many seconds on one core."""
    return workers == 1 or seconds < WAIT * workers or not find_spec("joblib")


def executor_of(executor: Any) -> Executor:
    """What has `submit`; of a client of Dask, which does not give futures as Python has them, what does.

    Raises
    ------
    TypeError
        It is no executor.
    """
    get_executor = getattr(executor, "get_executor", None)
    if callable(get_executor):
        executor = get_executor(retries=RETRIES, pure=False)  # each copy of a task is one of its own
    if not callable(getattr(executor, "submit", None)):
        raise TypeError(
            "executor must have submit(function, *arguments), as ProcessPoolExecutor and a client of Dask have it, "
            f"got {executor!r:.60}"
        )
    found: Executor = executor
    return found


def count_of(executor: Any) -> Callable[[], int]:
    """What says how many workers an executor has just now; 1, where nobody knows."""
    threads = getattr(executor, "nthreads", None)
    if not callable(threads):
        return lambda: int(getattr(executor, "_max_workers", 1))
    known, asked = 1, -math.inf

    def count() -> int:
        nonlocal known, asked
        if time.monotonic() - asked > LOOK_AGAIN:  # it takes a message to the scheduler and back
            known, asked = sum(threads().values()), time.monotonic()
        return max(1, known)

    return count


def processes(workers: int) -> Executor:
    """Processes of loky, which need no `if __name__ == "__main__"`, with a thread each."""
    from joblib.externals.loky import ProcessPoolExecutor

    env = {f"{name}_NUM_THREADS": "1" for name in ONE_THREAD}
    found: Executor = ProcessPoolExecutor(workers, initializer=end_with, initargs=(os.getpid(),), env=env)
    return found


def end_with(parent: int) -> None:
    """End this process once its parent has, however that was killed: nobody wants its answers any more."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os._exit(1)

    Thread(target=watch, daemon=True).start()
