"""Who trains the bundles: this process, others on this machine, or whatever has `submit`, such as a cluster.

Nothing here schedules, and nothing is sent but a function and its small arguments. What a worker that died was doing is
done again, and gives the same numbers.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from contextlib import contextmanager
from contextvars import Context
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from threading import Thread
from typing import Any, Protocol, cast

from glassnet.data.tables.wording import counted
from glassnet.errors import GlassnetError
from glassnet.search.bundles import Bundle
from glassnet.search.task import Fits, Work, fits_of

LOOK = 0.1  # seconds until somebody who asks to stop is heard
TRIES = 3  # how often all workers may die before anything is done
RETRIES = 3  # of Dask
ONE_THREAD = ("OMP", "OPENBLAS", "MKL", "BLIS", "NUMBA")
Answer = tuple[Bundle, Fits]


class Place(Protocol):
    """Where bundles are trained."""

    def answers(self, bundles: Sequence[Bundle], enough: Callable[[], bool]) -> Iterator[Answer]:
        """Each bundle with what came of it, in whatever order; KeyboardInterrupt once it is `enough`."""


@dataclass(frozen=True)
class Here:
    """This process, one bundle after the other."""

    work: Work

    def answers(self, bundles: Sequence[Bundle], enough: Callable[[], bool]) -> Iterator[Answer]:
        """As `Place` says."""
        for bundle in bundles:
            if enough():
                raise KeyboardInterrupt
            yield bundle, Context().run(fits_of, self.work, bundle)  # as elsewhere: outside of any `checkpoints`


@dataclass(eq=False)
class Elsewhere:
    """The workers of an executor; `make` gives one that works, at first and where those of the last have died."""

    work: Work
    make: Callable[[], Executor]
    executor: Executor | None = None

    def answers(self, bundles: Sequence[Bundle], enough: Callable[[], bool]) -> Iterator[Answer]:
        """As `Place` says."""
        left, idle = list(bundles), 0
        while left:
            before = len(left)
            yield from self.round(left, enough)
            idle = idle + 1 if len(left) == before else 0
            if idle == TRIES:
                many = counted(before, "bundle")
                raise GlassnetError(
                    f"all workers died, {TRIES} times, before any of {many} was trained; they may need more "
                    "memory, or a smaller batch_size"
                )

    def round(self, left: list[Bundle], enough: Callable[[], bool]) -> Iterator[Answer]:
        """Hand out all that is left, and take from it what is done; workers may die meanwhile."""
        waiting: dict[Future[Fits], Bundle] = {}
        try:
            self.executor = self.executor or self.make()
            for bundle in left:
                waiting[self.executor.submit(fits_of, self.work, bundle)] = bundle
        except BrokenExecutor:
            self.executor = None
        try:
            while waiting:
                done, _ = wait(waiting, LOOK, FIRST_COMPLETED)
                if enough():
                    raise KeyboardInterrupt
                for future in done:
                    bundle = waiting.pop(future)
                    try:
                        fits = future.result()
                    except BrokenExecutor:
                        self.executor = None
                        continue
                    left.remove(bundle)
                    yield bundle, fits
        finally:
            for future in waiting:
                future.cancel()


def stays_here(workers: int, seconds: float) -> bool:
    """Whether processes of their own would gain nothing for what takes about so many seconds on one core."""
    return workers == 1 or seconds < WAIT * workers or not find_spec("joblib")


WAIT = 2.0  # seconds that a process of its own takes until it trains


@contextmanager
def elsewhere(work: Work, executor: Any, workers: int) -> Iterator[Elsewhere]:
    """The workers of an executor that is given; or processes of this machine, which end with it.

    Raises
    ------
    TypeError
        An executor that is none.
    """
    if executor is not None:
        given = executor_of(executor)
        yield Elsewhere(work, lambda: given)
        return
    place = Elsewhere(work, partial(processes, workers))
    try:
        yield place
    finally:
        if place.executor is not None:
            cast(Any, place.executor).shutdown(kill_workers=True)


def executor_of(executor: Any) -> Executor:
    """What has `submit`; of a client of Dask, which does not give futures as Python has them, what does."""
    get_executor = getattr(executor, "get_executor", None)
    if callable(get_executor):
        executor = get_executor(retries=RETRIES, pure=True)
    if not callable(getattr(executor, "submit", None)):
        raise TypeError(
            "executor must have submit(function, *arguments), as ProcessPoolExecutor and a client of Dask have it, "
            f"got {executor!r:.60}"
        )
    found: Executor = executor
    return found


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
