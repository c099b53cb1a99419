"""Tasks handed out, and their answers taken in, whichever worker dies or hangs meanwhile.

Nothing here schedules, and nothing is sent but a function and its small arguments. What a worker that died was doing is
done again; what does not come is done by another one, and the first answer counts. That changes no number, for the
function is one of its arguments alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from contextlib import contextmanager
from contextvars import Context
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol, TypeVar, cast

from glassnet.data.tables.wording import counted
from glassnet.errors import GlassnetError
from glassnet.workers import executors

T = TypeVar("T")
A = TypeVar("A")

LOOK = 0.1  # seconds until somebody who asks to stop is heard
TRIES = 3  # how often all workers may die before anything is done
COPIES = 4  # how often at most a task is handed out before workers of this place are ended
MORE = 1.5  # times as long is waited after each time that tasks were handed out once more


class Place(Protocol):
    """Where tasks are done."""

    def answers(
        self, call: Callable[[T], A], tasks: Sequence[T], enough: Callable[[], bool], late: float = ...
    ) -> Iterator[tuple[T, A]]:
        """Each task with what `call` gives for it, in whatever order; KeyboardInterrupt once it is `enough`.

        Where no answer has come for `late` seconds, what is left is handed out once more.
        """

    def workers(self) -> int:
        """How many there are just now, as far as that is known."""


@dataclass(frozen=True)
class Here:
    """This process, one task after the other."""

    def answers(
        self, call: Callable[[T], A], tasks: Sequence[T], enough: Callable[[], bool], late: float = float("inf")
    ) -> Iterator[tuple[T, A]]:
        """As `Place` says."""
        for task in tasks:
            if enough():
                raise KeyboardInterrupt
            yield task, Context().run(call, task)  # as elsewhere: outside of any `checkpoints`

    def workers(self) -> int:
        """As `Place` says."""
        return 1


@dataclass(eq=False, kw_only=True)
class Elsewhere:
    """The workers of an executor.

    Attributes
    ----------
    make
        Gives one that works, at first and where the workers of the last have died.
    members
        Who works there just now, as far as that is known.
    doing
        What the tasks are called where all workers die, and what may be done about it.
    to_the_same
        Whether each worker of a cluster is given the same part of the tasks each time, if it is there: it has read what
        they take.
    is_own
        Whether the executor is of this place, which may end its workers where they hang.
    copies
        How many tasks were handed out once more, so far, as no answer came.
    stuck
        Those that never came to an end, and who has them: while they are there, a scheduler takes that one for busy.
    """

    make: Callable[[], Executor]
    members: executors.Members
    doing: tuple[str, str, str] = ("task", "done", "they may need more memory")
    to_the_same: bool = False
    is_own: bool = False
    executor: Executor | None = field(default=None, init=False)
    copies: int = field(default=0, init=False)
    stuck: dict[Future[Any], str | None] = field(default_factory=dict, init=False)

    def workers(self) -> int:
        """As `Place` says."""
        return self.members.count()

    def answers(
        self, call: Callable[[T], A], tasks: Sequence[T], enough: Callable[[], bool], late: float = float("inf")
    ) -> Iterator[tuple[T, A]]:
        """As `Place` says."""
        left, idle = dict(enumerate(tasks)), 0
        while left:
            before = len(left)
            for number, answer in self.round(call, left, enough, late):
                yield left.pop(number), answer
            idle = idle + 1 if len(left) == before else 0
            if idle == TRIES:
                what, done, remedy = self.doing
                many = counted(before, what)
                if self.is_broken:
                    raise GlassnetError(
                        f"the executor that was given is broken, as one of its workers died, before any of {many} was "
                        f"{done}: it takes no more; without executor=, workers= starts new ones where they die"
                    )
                raise GlassnetError(f"all workers died, {TRIES} times, before any of {many} was {done}; {remedy}")

    def round(
        self, call: Callable[[T], A], left: dict[int, T], enough: Callable[[], bool], late: float
    ) -> Iterator[tuple[int, A]]:
        """Hand out all that is left, and take in what is done; workers may die or hang meanwhile."""
        self.stuck = {future: who for future, who in self.stuck.items() if not future.done()}
        waiting: dict[Future[A], int] = {}
        asked = self.hand_out(call, left, waiting, to_the_same=self.to_the_same)
        handed_out, heard = 1, time.monotonic()
        try:
            while left and waiting:
                done, _ = wait(waiting, LOOK, FIRST_COMPLETED)
                if enough():
                    raise KeyboardInterrupt
                for future in done:
                    number = waiting.pop(future)
                    if number not in left:  # another copy was first
                        continue
                    error = CancelledError() if future.cancelled() else future.exception()
                    if isinstance(error, (BrokenExecutor, CancelledError)):
                        self.executor = None
                    if error is not None and is_death(error):
                        continue
                    answer = future.result()
                    heard = time.monotonic()
                    yield number, answer
                if done or time.monotonic() - heard < late:
                    continue
                if self.is_own and handed_out == COPIES:
                    self.end()
                    return
                self.copies += len(left)
                self.hand_out(call, left, waiting, to_the_same=False)
                handed_out, heard, late = handed_out + 1, time.monotonic(), late * MORE
        finally:
            for future in waiting:
                if handed_out > 1 and not left:
                    self.stuck[future] = asked.get(future)
                else:
                    future.cancel()

    def hand_out(
        self, call: Callable[[T], A], left: dict[int, T], waiting: dict[Future[A], int], *, to_the_same: bool
    ) -> dict[Future[A], str]:
        """All that is left; where the executor breaks meanwhile, what it took. Who was asked, if anybody was."""
        asked, of = dict[Future[A], str](), len(left)
        hung = {who for who in self.stuck.values() if who}
        try:
            self.executor = self.executor or self.make()
            for place, (number, task) in enumerate(left.items()):
                who = self.members.address(place, of, hung) if to_the_same else None
                more: dict[str, Any] = {"workers": [who], "allow_other_workers": True} if who else {}
                future = self.executor.submit(call, task, **more)
                waiting[future] = number
                if who:
                    asked[future] = who
        except BrokenExecutor:
            self.executor = None
        return asked

    @property
    def is_broken(self) -> bool:
        """Whether an executor that was given, such as a `ProcessPoolExecutor`, has ended for good."""
        return not self.is_own and bool(getattr(self.make(), "_broken", False))

    def end(self) -> None:
        """Want no more answers, and end the workers, if they are of this place."""
        for future in self.stuck:
            future.cancel()
        self.stuck = {}
        if self.is_own and self.executor is not None:
            cast(Any, self.executor).shutdown(kill_workers=True)
        self.executor = None


DEATHS = ("KilledWorker", "LostWorker", "FutureCancelledError", "FuturesCancelledError")  # as Dask has them


def is_death(error: BaseException) -> bool:
    """Whether it says that workers have died, or were interrupted, rather than what a task did."""
    interrupted = isinstance(error, (BrokenExecutor, CancelledError, KeyboardInterrupt))
    return interrupted or type(error).__name__ in DEATHS


@contextmanager
def elsewhere(
    executor: Any,
    workers: int,
    doing: tuple[str, str, str] = ("task", "done", "they may need more memory"),
    *,
    to_the_same: bool = False,
) -> Iterator[Elsewhere]:
    """The workers of an executor that is given; or processes of this machine, which end with it.

    Raises
    ------
    TypeError
        An executor that is none.
    """
    if executor is not None:
        given = executors.executor_of(executor)
        place = Elsewhere(make=lambda: given, members=executors.Members(executor), doing=doing, to_the_same=to_the_same)
    else:
        made, members = partial(executors.processes, workers), executors.Members(None)
        members.most = workers
        place = Elsewhere(make=made, members=members, doing=doing, is_own=True)
    try:
        yield place
    finally:
        place.end()
