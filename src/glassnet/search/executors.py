"""Who trains the bundles: this process, others on this machine, or whatever has `submit`, such as a cluster.

Nothing here schedules, and nothing is sent but a function and its small arguments. What a worker that died was doing is
done again, and gives the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from contextvars import Context
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import Any, Protocol

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


@dataclass(frozen=True)
class Elsewhere:
    """The workers of an executor; `make` gives one that works, if those of the last have died."""

    work: Work
    make: Callable[[], Executor]

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
            executor = self.make()
            waiting |= {executor.submit(fits_of, self.work, bundle): bundle for bundle in left}
        except BrokenExecutor:
            pass
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
                        continue
                    left.remove(bundle)
                    yield bundle, fits
        finally:
            for future in waiting:
                future.cancel()


def place_of(work: Work, executor: Any, workers: int, seconds: float) -> Place:
    """Where to train what takes about so many seconds on one core.

    Raises
    ------
    TypeError
        An executor that is none.
    """
    if executor is not None:
        given = executor_of(executor)
        return Elsewhere(work, lambda: given)
    if workers == 1 or seconds < WAIT * workers or not find_spec("joblib"):
        return Here(replace(work, workers=workers))
    return Elsewhere(work, lambda: processes(workers))


WAIT = 2.0  # seconds that a process of its own takes until it trains


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
    """Processes of loky, which need no `if __name__ == "__main__"`; they stay for the next who asks for as many."""
    from joblib.externals.loky import get_reusable_executor

    found: Executor = get_reusable_executor(workers, env={f"{name}_NUM_THREADS": "1" for name in ONE_THREAD})
    return found
