"""Threads of a team, each on a core of its own.

Linux often wakes a thread on the core of who woke it. Where both then wait for each other by looking, neither sleeps,
and it takes 10 to 20 ms until the system moves one to an idle core: as long as a whole call. So a thread that finds
itself on a core that is taken moves itself; afterwards it may go wherever the system likes, as before.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable


def _current_core() -> Callable[[], int] | None:
    """What tells the number of the core that a thread runs on; None where threads cannot be moved."""
    if not hasattr(os, "sched_setaffinity"):
        return None
    return getattr(ctypes.CDLL(None), "sched_getcpu", None)


current_core = _current_core()


def move_apart(taken: set[int]) -> None:
    """Move the thread that calls this to a core that is not taken, if there is one, and note it."""
    if current_core is None:
        return
    core = current_core()
    if core in taken:
        allowed = os.sched_getaffinity(0)
        if allowed - taken:
            core = min(allowed - taken)
            os.sched_setaffinity(0, {core})
            os.sched_setaffinity(0, allowed)
    taken.add(core)
