"""One line on the terminal that says how far training is."""

from __future__ import annotations

import shutil
import sys
import time
from typing import TYPE_CHECKING, TextIO

from glassnet.printable import printable
from glassnet.training.choice import Choice
from glassnet.training.events import Epoch, Event

if TYPE_CHECKING:
    from glassnet.data.arrays import ArrayContract
    from glassnet.data.tables import DataContract

REDRAW = 0.1  # seconds between two looks of the line


def somebody_watches() -> bool:
    """Whether stderr is a terminal."""
    return sys.stderr is not None and sys.stderr.isatty()


def announce(choice: Choice) -> None:
    """A line on stderr, if the choice of an engine is worth one: it takes seconds now, or could save some."""
    if choice.worth_a_line:
        sys.stderr.write(printable(f"{choice}\n", sys.stderr))


def announce_kind(contract: ArrayContract | DataContract) -> None:
    """A line on stderr, if the target's kind was chosen by its values and could be another; whoever watches or not."""
    if contract.notes and "kind=" in contract.notes[0] and sys.stderr is not None:
        sys.stderr.write(f"note: {contract.notes[0]}\n")


class Progress:
    """A bar, the last losses and the time left, drawn over itself on stderr; silent where nobody watches."""

    def __init__(self, watched: bool, before: int, epochs: int, stream: TextIO | None = None) -> None:
        self.watched, self.before, self.epochs = watched, before, epochs
        self.stream = stream or sys.stderr
        self.started = time.monotonic()
        self.drawn = -REDRAW
        self.last: Epoch | None = None

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self.watched and self.last:
            self.draw(self.last)
            self.stream.write("\n")
            self.stream.flush()

    def show(self, event: Event) -> None:
        """Draw the line again, if it is time to."""
        if not self.watched or not isinstance(event, Epoch):
            return
        self.last = event
        if time.monotonic() - self.drawn >= REDRAW:
            self.draw(event)

    def draw(self, event: Epoch) -> None:
        """Draw the line: as much as the terminal is wide."""
        self.drawn = time.monotonic()
        done = event.epoch - self.before
        left = (self.drawn - self.started) / done * (self.epochs - done)
        bar = "━" * (20 * done // self.epochs)
        values = {"loss": event.loss, **event.metrics}
        numbers = "  ".join(f"{name} {value:.4g}" for name, value in values.items())
        text = f"epoch {done}/{self.epochs} {bar:<20} {numbers}  {time_text(left)} left"
        shown = printable(text, self.stream)[: shutil.get_terminal_size().columns - 1]
        self.stream.write(f"\r\x1b[2K{shown}")
        self.stream.flush()


def time_text(seconds: float) -> str:
    """`7 s`, `2:05 min`, `1:02 h`."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02} min" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02} h"
