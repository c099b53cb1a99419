"""One line, on the terminal or in a notebook, that says how far reading a large file is."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import BinaryIO

from glassnet.lines import OneLine, line, somebody_watches
from glassnet.parts.naming import check_choice

QUIET, REDRAW = 1.0, 0.1  # seconds: most files are read before a line would help; then between two looks of it


class ReadingLine:
    """`reading big.csv: 43 %`, drawn over itself.

    Parameters
    ----------
    path
        The file.
    watched
        Whether anybody looks; None: if stderr is a terminal, or in a notebook.
    """

    def __init__(self, path: Path, watched: bool | None) -> None:
        self.path = path
        if watched is not None:
            check_choice("progress", watched)
        self.watched = somebody_watches() if watched is None else watched
        self.started = time.monotonic()
        self.next = self.started + QUIET
        self.line: OneLine | None = None

    def __enter__(self) -> ReadingLine:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self.line:
            if kind is None:
                self.line.draw(f"read {self.path.name} in {time.monotonic() - self.started:.0f} s")
            self.line.end()

    def at(self, file: BinaryIO) -> None:
        """Draw how much of the file, open as it is on the disk, was read, if it is time to."""
        if not self.watched or time.monotonic() < self.next:
            return
        self.line = self.line or line()
        if self.line:
            share = file.tell() / max(os.fstat(file.fileno()).st_size, 1)
            self.line.draw(f"reading {self.path.name}: {100 * min(share, 1):.0f} %")
        self.next = time.monotonic() + REDRAW
