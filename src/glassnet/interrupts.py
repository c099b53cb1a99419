"""Ctrl-C while numbers change: what is in progress is finished, and whoever asks is told.

In a program of one's own this is about SIGINT, and only while glassnet trains or compiles. The command line takes more
signals, for as long as it runs (`ending`); what hears them is the same.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

HEARD: list[int] = []  # signals, since somebody began to ask
TAKEN: list[int] = []  # signals that the command line hears for as long as it runs
OPEN: list[Callable[[Any], Any]] = []  # the `so_far` of each `interruptible` that is open, the outermost first
ENDING = threading.RLock()  # held by who ends this process


def hear(signum: int, frame: FrameType | None) -> None:
    """Note a signal, where somebody asks for it; otherwise, and the second time, KeyboardInterrupt."""
    HEARD.append(signum)
    if len(HEARD) > 1 or not OPEN:
        if signal.getsignal(signum) is hear:  # what this raises may keep others from putting Python's own back
            signal.signal(signum, signal.default_int_handler)
        raise KeyboardInterrupt


def interrupted() -> bool:
    """Whether a signal was heard. Where another thread ends this process, it does not come back."""
    with ENDING:
        return bool(HEARD)


@contextmanager
def interruptible(so_far: Callable[[Any], Any] = lambda found: found) -> Iterator[Callable[[], bool]]:
    """Within it, Ctrl-C only sets what the given function returns; a second one stops at once.

    Where Ctrl-C is not Python's own KeyboardInterrupt, because the program handles or ignores it, and outside the
    main thread, which signals do not reach, nothing is changed.

    `so_far` is asked by another thread, if this one does not ask in time: what would come of it if it ended now, after
    the last step that is whole, and whatever is open inside it gave what it is called with; None: nothing.
    """
    is_main = threading.current_thread() is threading.main_thread()
    is_own = is_main and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if not is_own and not (is_main and (TAKEN or OPEN)):
        yield lambda: False
        return
    depth = len(OPEN)
    try:
        OPEN.append(so_far)
        if is_own:
            HEARD.clear()
            signal.signal(signal.SIGINT, hear)
        yield interrupted
    finally:
        try:
            if is_own:  # first, for `hear` raises where nothing is open
                signal.signal(signal.SIGINT, signal.default_int_handler)
        finally:
            del OPEN[depth:]


@contextmanager
def undisturbed() -> Iterator[None]:
    """Within it Ctrl-C raises nothing, which others' code would lose: where nobody asks for it, it does so at the end.

    Raises
    ------
    KeyboardInterrupt
        Ctrl-C was pressed meanwhile, and nobody else will ask.
    """
    if OPEN:
        yield
        return
    with interruptible() as asked:
        yield
        late = asked()
    if late:
        raise KeyboardInterrupt


def so_far() -> Any:
    """What would come of all that is open, if it ended now; None: nothing."""
    found = None
    for gives in reversed(OPEN):
        found = gives(found)
    return found
