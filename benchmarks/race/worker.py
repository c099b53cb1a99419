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

from race.searches import Search
from race.workloads import Work

SHORT = 0.1  # seconds; a work that takes less is done as often as fits, after a first time that does not count
BY_ENVIRONMENT = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "NPROC")


class Worker:
    """A contestant with a number of threads, seen from outside; it idles, waiting at a pipe, while others run.

    One that is given the worker of another of its module shares its process.
    """

    def __init__(self, name: str, module: str, threads: int, beside: Worker | None = None) -> None:
        self.name, self.module, self.threads = name, module, threads
        if beside is not None:
            self.connection, self.process = beside.connection, beside.process
            return
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=serve, args=(theirs, module))
        with environment(threads):
            self.process.start()
        theirs.close()

    def wait(self) -> None:
        """Until its library is imported (or found missing)."""
        self.forget()

    def prepare(self, kind: str, make: Callable[[], Work | Search], calls: int = 1, short: float = SHORT) -> None:
        """Load data, compile; `answer` then raises Skipped if this contestant cannot take part."""
        self.send(kind, self.name, make, calls, short)

    def run(self) -> tuple[float, Any]:
        """Seconds of one call, and what it gave."""
        return self.ask("run", self.name)

    def forget(self) -> None:
        """Let go of data and results."""
        with contextlib.suppress(Skipped):
            self.ask("forget", self.name)

    def close(self) -> None:
        self.connection.close()
        self.process.join()

    def ask(self, *message: Any) -> Any:
        self.send(*message)
        return self.answer()

    def send(self, *message: Any) -> None:
        """Begin something, and do not wait for it."""
        with contextlib.suppress(OSError):  # the process has ended: its answer says so
            self.connection.send(message)

    def answer(self) -> Any:
        """What it says to what was sent last."""
        try:
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
    timed: dict[str, Callable[[], Any]] = {}
    with contextlib.suppress(Exception):  # it is imported again, and says so, when it is needed
        importlib.import_module(f"race.{module}")
    with contextlib.suppress(EOFError, KeyboardInterrupt):
        while True:
            asked, name, *arguments = connection.recv()
            try:
                answer = None
                if asked == "run":
                    answer = timed[name]()
                else:
                    timed.pop(name, None)
                    if asked != "forget":
                        timed[name] = build(module, asked, name, *arguments)
            except Exception as error:  # it is told to whoever asked
                answer = Skipped(f"{type(error).__name__}: {error}".splitlines()[0])
            connection.send(answer)


def build(
    module: str, kind: str, name: str, make: Callable[[], Work | Search], calls: int, short: float
) -> Callable[[], tuple[float, Any]]:
    work = make()
    run = getattr(importlib.import_module(f"race.{module}"), kind)[name](work)
    if kind == "FLOOR":  # it tells its seconds by itself
        return lambda: (run(), None)
    arguments = (work.X,) if kind == "PREDICTING" else ()

    def timed() -> tuple[float, Any]:
        taken, repeats = 0.0, calls
        while True:
            start = time.perf_counter()
            for _ in range(repeats):
                result = run(*arguments)
            taken = (time.perf_counter() - start) / repeats
            if repeats > calls or taken * repeats > short:
                return taken, result
            repeats = max(calls + 1, int(short / taken))  # the first was cold: others ran before

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
