"""One line that says how far a pass over a table is that is read part by part: rows, bytes, time left."""

from __future__ import annotations

from glassnet.data.streams.source import Source
from glassnet.lines import LateLine
from glassnet.training.progress import time_text


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
        self.line = LateLine(watched)
        self.rows = self.bytes = 0

    def __enter__(self) -> PassLine:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.line.end("" if kind else f"{self} in {time_text(self.line.seconds)}")

    def __str__(self) -> str:
        return f"{self.what} {self.name}: {self.rows:,} rows"

    def at(self, done: int) -> None:
        """So many bytes are read."""
        self.bytes = done

    def count(self, rows: int) -> None:
        """So many rows more are done with; draw that, if it is time to."""
        self.rows += rows
        if self.line.is_due():
            self.line.draw(f"{self}{self.left()}")

    def left(self) -> str:
        """What is known of how much there is still to do."""
        if not self.size or not self.bytes:
            return ""
        done = min(self.bytes / self.size, 1.0)
        left = time_text(self.line.seconds / done * (1.0 - done))
        return f", {self.bytes / 1e6:,.0f} of {self.size / 1e6:,.0f} MB, {left} left"
