"""Every contestant races in a process of its own, so that no library's threads, settings or memory disturb another's.

How many threads a library has is said before it starts: NumPy, JAX and Numba take it from their environment.
"""

from __future__ import annotations

import contextlib
import importlib
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from typing import Any

SHORT = 0.1  # seconds; a work that takes less is done as often as fits, after a first time that does not count
BY_ENVIRONMENT = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "NPROC")


class Worker:
    """A contestant with a number of threads, seen from outside; it idles, waiting at a pipe, while others run."""

    def __init__(self, name: str, module: str, threads: int) -> None:
        self.name, self.module, self.threads = name, module, threads
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=serve, args=(theirs, module), daemon=True)
        with environment(threads):
            self.process.start()
        theirs.close()

    def wait(self) -> None:
        """Until its library is imported (or found missing)."""
        self.forget()

    def prepare(self, kind: str, work: str, calls: int = 1) -> None:
        """Load data, compile; raises Skipped if this contestant cannot take part."""
        self.ask(kind, self.name, work, calls)

    def run(self) -> tuple[float, Any]:
        """Seconds of one call, and what it gave."""
        return self.ask("run")

    def forget(self) -> None:
        """Let go of data and results."""
        with contextlib.suppress(Skipped):
            self.ask("forget")

    def close(self) -> None:
        self.connection.close()
        self.process.join()

    def ask(self, *message: Any) -> Any:
        try:
            self.connection.send(message)
            answer = self.connection.recv()
        except (EOFError, OSError):
            self.process.join()
            answer = Skipped(f"its process ended with exit code {self.process.exitcode}")
        if isinstance(answer, Skipped):
            raise answer
        return answer


class Skipped(Exception):
    """Why a contestant does not take part."""


def serve(connection: Connection, module: str) -> None:
    """Inside the process: do what is asked for until nobody asks."""
    timed: Callable[[], Any] | None = None
    with contextlib.suppress(Exception):  # it is imported again, and says so, when it is needed
        importlib.import_module(f"race.{module}")
    with contextlib.suppress(EOFError, KeyboardInterrupt):
        while True:
            asked, *arguments = connection.recv()
            try:
                answer = None
                if asked == "run":
                    answer = timed()
                else:
                    timed = None
                    if asked != "forget":
                        timed = build(asked, module, *arguments)
            except Exception as error:  # it is told to whoever asked
                answer = Skipped(f"{type(error).__name__}: {error}".splitlines()[0])
            connection.send(answer)


def build(kind: str, module: str, name: str, work_name: str, calls: int) -> Callable[[], tuple[float, Any]]:
    from race.workloads import WORKS

    make = getattr(importlib.import_module(f"race.{module}"), kind)[name]
    work = WORKS[work_name]()
    run, arguments = make(work), (work.X,) if kind == "PREDICTING" else ()

    def timed() -> tuple[float, Any]:
        taken, repeats = 0.0, calls
        while True:
            start = time.perf_counter()
            for _ in range(repeats):
                result = run(*arguments)
            taken = (time.perf_counter() - start) / repeats
            if repeats > calls or taken * repeats > SHORT:
                return taken, result
            repeats = max(calls + 1, int(SHORT / taken))  # the first was cold: others ran before

    return timed


@contextlib.contextmanager
def environment(threads: int) -> Iterator[None]:
    """What a process started inside of it finds in its environment."""
    before = dict(os.environ)
    os.environ.update(dict.fromkeys(BY_ENVIRONMENT, str(threads)))
    os.environ["XLA_FLAGS"] = f"--xla_cpu_multi_thread_eigen={str(threads > 1).lower()}"
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
