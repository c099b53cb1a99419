"""What has `submit`: processes of this machine, or whatever somebody gives, such as a client of Dask."""

from __future__ import annotations

import math
import os
import signal
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import contextmanager
from importlib.util import find_spec
from threading import Thread
from typing import Any

RETRIES = 3  # of Dask
ONE_THREAD = ("OMP", "OPENBLAS", "MKL", "BLIS", "NUMBA")
WAIT = 2.0  # seconds that a process of its own takes until it works
FOR_THE_PARENT = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
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


class Members:
    """Who works for an executor just now, as far as that is known.

    Of a client of Dask it is asked now and then; of other executors nobody knows more than how many there may be.
    """

    def __init__(self, executor: Any) -> None:
        self.threads: Callable[[], Mapping[str, int]] | None = getattr(executor, "nthreads", None)
        self.most = max(1, int(getattr(executor, "_max_workers", 1)))
        self.known: dict[str, int] = {}
        self.asked = -math.inf

    def look(self) -> None:
        """Ask again, if that was long ago: it takes a message to the scheduler and back."""
        if self.threads is not None and time.monotonic() - self.asked > LOOK_AGAIN:
            self.known, self.asked = dict(sorted(self.threads().items())), time.monotonic()

    def count(self) -> int:
        """How many there are; 1, where nobody knows."""
        self.look()
        return max(1, sum(self.known.values())) if self.threads is not None else self.most

    def address(self, number: int, of: int, without: Collection[str] = ()) -> str | None:
        """Who does the how manyth of so many tasks, so that it is the same one each time; None: whoever is free."""
        self.look()
        there = [address for address, threads in self.known.items() for _ in range(threads) if address not in without]
        return there[number * len(there) // of] if there else None


def processes(workers: int) -> Executor:
    """Processes of loky, which need no `if __name__ == "__main__"`, with a thread each."""
    from joblib.externals.loky import ProcessPoolExecutor

    env = {f"{name}_NUM_THREADS": "1" for name in ONE_THREAD}
    found: Executor = ProcessPoolExecutor(workers, initializer=end_with, initargs=(os.getpid(),), env=env)
    with signals_wait():
        found.submit(os.getpid)  # which starts all of them
    return found


@contextmanager
def signals_wait() -> Iterator[None]:
    """What a terminal or a system sends is heard afterwards, and processes that start meanwhile do not hear it.

    Otherwise Ctrl-C ended them while they import, each with a traceback.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # a process of Python's own, whose start would let signals through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, FOR_THE_PARENT)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def end_with(parent: int) -> None:
    """End this process once its parent has, however that was killed: nobody wants its answers any more.

    Ctrl-C, and what else a terminal or a system sends to all processes of a program, is for the parent to answer.
    """
    for signum in FOR_THE_PARENT:
        signal.signal(signum, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, FOR_THE_PARENT)  # for what this process may start

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os._exit(1)

    Thread(target=watch, daemon=True).start()
