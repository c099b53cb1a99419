"""One line on the terminal that says how far reading a large file is."""

import os
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

QUIET, REDRAW = 1.0, 0.1  # seconds: most files are read before a line would help; then between two looks of it


class ReadingLine:
    """`reading big.csv: 43 %`, drawn over itself on stderr and gone when the file is read.

    Parameters
    ----------
    path
        The file.
    watched
        Whether anybody looks; None: if stderr is a terminal.
    """

    def __init__(self, path: Path, watched: bool | None) -> None:
        self.path = path
        self.watched = sys.stderr is not None and sys.stderr.isatty() if watched is None else watched
        self.next = time.monotonic() + QUIET
        self.is_drawn = False

    def __enter__(self) -> "ReadingLine":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.is_drawn:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()

    def at(self, file: BinaryIO) -> None:
        """Draw how much of the file, open as it is on the disk, was read, if it is time to."""
        if self.watched and time.monotonic() >= self.next:
            share = file.tell() / max(os.fstat(file.fileno()).st_size, 1)
            sys.stderr.write(f"\r\x1b[2Kreading {self.path.name}: {100 * min(share, 1):.0f} %")
            sys.stderr.flush()
            self.next, self.is_drawn = time.monotonic() + REDRAW, True
