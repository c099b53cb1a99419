"""What keeping has taken of a training's time, all together, and whether that allows to write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

SHARE = 0.02  # of the time of training that all of keeping may take
LEAST = 0.25  # seconds from one to the next


class Spent:
    """Seconds that keeping has taken, of those since a training began: opening the folder, the beginning, each state.

    Parameters
    ----------
    before
        So many, before a training that begins now.

    Attributes
    ----------
    seconds
        All of them.
    due
        When the next may be written, so that it and one more at the end stay within the share: if it takes as long as
        the one before, and the end as long as the longest.
    """

    def __init__(self, before: float = 0.0) -> None:
        self.seconds, self.longest = before, 0.0
        now = monotonic()
        self.began, self.due = now - before, now + LEAST

    @contextmanager
    def counted(self) -> Iterator[None]:
        """What is done within it is keeping."""
        started = monotonic()
        try:
            yield
        finally:
            now = monotonic()
            last = now - started
            self.seconds += last
            self.longest = max(self.longest, last)
            own = (self.seconds + last + self.longest) / SHARE  # seconds of training that pay for it
            self.due = max(now + LEAST, self.began + self.seconds + own)
