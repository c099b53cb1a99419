"""One line that says how far a pass over a table is that is read part by part: rows, bytes, time left."""

from __future__ import annotations

import time

from glassnet.data.streams.source import Source
from glassnet.lines import OneLine, line, somebody_watches
from glassnet.training.progress import time_text

QUIET, REDRAW = 1.0, 0.1  # seconds: most passes are over before a line would help; then between two looks of it


class PassLine:
    """`learning from big.csv: 1,200,000 rows, 270 of 1,007 MB, 12 s left`, drawn over itself.

    Parameters
    ----------
    what, source
        What is done, and with which table.
    watched
        Whether anybody looks; None: if stderr is a terminal, or in a notebook.
    """

    def __init__(self, what: str, source: Source, watched: bool | None) -> None:
        self.what, self.name, self.size = what, source.name, source.size
        self.watched = somebody_watches() if watched is None else watched
        self.started = time.monotonic()
        self.next = self.started + QUIET
        self.rows = self.bytes = 0
        self.line: OneLine | None = None

    def __enter__(self) -> PassLine:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self.line:
            if kind is None:
                took = time_text(time.monotonic() - self.started)
                self.line.draw(f"{self.what} {self.name}: {self.rows:,} rows in {took}")
            self.line.end()

    def at(self, done: int) -> None:
        """So many bytes are read."""
        self.bytes = done

    def count(self, rows: int) -> None:
        """So many rows more are done with; draw that, if it is time to."""
        self.rows += rows
        now = time.monotonic()
        if not self.watched or now < self.next:
            return
        self.line = self.line or line()
        self.next = now + REDRAW
        if self.line:
            self.line.draw(f"{self.what} {self.name}: {self.rows:,} rows{self.left(now)}")

    def left(self, now: float) -> str:
        """What is known of how much there is still to do."""
        if not self.size or not self.bytes:
            return ""
        done = min(self.bytes / self.size, 1.0)
        left = time_text((now - self.started) / done * (1.0 - done))
        return f", {self.bytes / 1e6:,.0f} of {self.size / 1e6:,.0f} MB, {left} left"
