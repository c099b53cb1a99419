"""One function at work in several threads."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread

LOOK = 0.02  # seconds


def in_threads(work: Callable[[], None], threads: int, look: Callable[[], None] | None = None) -> None:
    """Call a function in so many threads, and wait; what is raised in one of them is raised here.

    Parameters
    ----------
    work
        What each of them does: it takes one thing after the other, until nothing is left to do.
    threads
        How many. This one is among them, unless it is to look.
    look
        Called again and again while they work.
    """
    failures: list[BaseException] = []

    def worker() -> None:
        try:
            work()
        except BaseException as failure:
            failures.append(failure)

    others = [Thread(target=worker) for _ in range(threads if look else threads - 1)]
    for thread in others:
        thread.start()
    if look is None:
        worker()
    for thread in others:
        thread.join(LOOK if look else None)
        while look and thread.is_alive():
            look()
            thread.join(LOOK)
    if failures:
        raise failures[0]
