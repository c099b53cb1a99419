"""How far a search is, in a line where somebody watches."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from glassnet.lines import line, somebody_watches
from glassnet.parts.naming import check_takes
from glassnet.training.progress import time_text


@contextmanager
def counted(told: Callable[[int, int], object] | None) -> Iterator[Callable[[int, int], object]]:
    """What hears how many fits are done: what was given, or a line where somebody watches."""
    if told is not None:
        check_takes(told, "told", "done", "of")
    shown = line() if told is None and somebody_watches() else None
    if shown is None:
        yield told or (lambda done, of: None)
        return
    started = time.monotonic()

    def draw(done: int, of: int) -> None:
        took = time.monotonic() - started
        left = f"  {time_text(took / done * (of - done))} left" if done else ""
        shown.draw(f"search {done}/{of} fits {'━' * (20 * done // of):<20}{left}")

    try:
        yield draw
    finally:
        shown.end()
