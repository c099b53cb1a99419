"""A line that is drawn over itself: on a terminal, or in a notebook below the cell that reads or trains."""

from __future__ import annotations

import shutil
import sys
import time
from typing import Any, Protocol, TextIO

from glassnet.printable import printable

CLEAR = "\r\x1b[2K"
QUIET, REDRAW = 1.0, 0.1  # seconds: most readings are over before a line would help; then between two looks of it


class OneLine(Protocol):
    """Where a line is shown."""

    def draw(self, text: str) -> None:
        """Show this in place of what was shown."""

    def end(self) -> None:
        """Leave it as it is."""


class TerminalLine:
    """On a terminal, or in a file that is to look like one: as much as there are columns."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def draw(self, text: str) -> None:
        """Go back to the line's beginning, and write."""
        shown = printable(text, self.stream)[: shutil.get_terminal_size().columns - 1]
        self.stream.write(f"{CLEAR}{shown}")
        self.stream.flush()

    def end(self) -> None:
        """Go on to the next line."""
        self.stream.write("\n")
        self.stream.flush()


class JupyterLine:
    """In a notebook of Jupyter's, VS Code's or Colab's: an output that changes, of which the file keeps the last."""

    def __init__(self) -> None:
        self.output: Any = None

    def draw(self, text: str) -> None:
        """Display it, or change what is displayed."""
        from IPython.display import display

        if self.output is None:
            self.output = display({"text/plain": text}, raw=True, display_id=True)
        else:
            self.output.update({"text/plain": text}, raw=True)

    def end(self) -> None:
        """It stays."""


def notebook() -> str:
    """The notebook that this runs in, "jupyter" or "marimo"; nothing elsewhere: stderr is the notebook's own."""
    package = type(sys.stderr).__module__.partition(".")[0]
    return {"ipykernel": "jupyter", "marimo": "marimo"}.get(package, "")


def somebody_watches() -> bool:
    """Whether stderr is a terminal, or this runs in a notebook."""
    return sys.stderr is not None and (sys.stderr.isatty() or bool(notebook()))


def where_people_read() -> TextIO | None:
    """The stream for a word to them: stderr, but in a notebook stdout, since there stderr is red."""
    return sys.stdout if notebook() else sys.stderr


def line(stream: TextIO | None = None) -> OneLine | None:
    """A line on a stream, by default where people read; None where there is no stream."""
    if stream is None and notebook() == "jupyter":
        return JupyterLine()
    stream = stream or where_people_read()
    return None if stream is None else TerminalLine(stream)


class LateLine:
    """A line for what may take long, drawn from its second second on.

    Parameters
    ----------
    watched
        Whether anybody looks; None: if stderr is a terminal, or in a notebook.
    """

    def __init__(self, watched: bool | None) -> None:
        self.watched = somebody_watches() if watched is None else watched
        self.started = time.monotonic()
        self.next = self.started + QUIET
        self.line: OneLine | None = None

    @property
    def seconds(self) -> float:
        """Since it began."""
        return time.monotonic() - self.started

    def is_due(self) -> bool:
        """Whether it is time to draw it."""
        return self.watched and time.monotonic() >= self.next

    def draw(self, text: str) -> None:
        """Show this."""
        self.line = self.line or line()
        self.next = time.monotonic() + REDRAW
        if self.line:
            self.line.draw(text)

    def end(self, text: str) -> None:
        """Leave it as it is, or with a last text; where it was never drawn there is none."""
        if self.line:
            if text:
                self.line.draw(text)
            self.line.end()
