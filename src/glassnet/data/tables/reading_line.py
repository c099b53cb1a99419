"""One line, on the terminal or in a notebook, that says how far reading a large file is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

from glassnet.lines import LateLine


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
        self.path, self.line = path, LateLine(watched)

    def __enter__(self) -> ReadingLine:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.line.end("" if kind else f"read {self.path.name} in {self.line.seconds:.0f} s")

    def at(self, file: BinaryIO) -> None:
        """Draw how much of the file, open as it is on the disk, was read, if it is time to."""
        if self.line.is_due():
            share = file.tell() / max(os.fstat(file.fileno()).st_size, 1)
            self.line.draw(f"reading {self.path.name}: {100 * min(share, 1):.0f} %")
