"""One line, on the terminal or in a notebook, that says how far training is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, TextIO

from glassnet.lines import OneLine, line, where_people_read
from glassnet.printable import printable
from glassnet.training.choice import Choice
from glassnet.training.events import Epoch, Event

if TYPE_CHECKING:
    from glassnet.data.arrays import ArrayContract
    from glassnet.data.tables import DataContract

SLOW = 1.0  # seconds: what an epoch takes that is worth to be followed
REDRAW = 0.1  # seconds between two looks of the line
SAID: ContextVar[bool] = ContextVar("SAID", default=False)


def announce(choice: Choice) -> None:
    """A line, if the choice of an engine is worth one: it takes seconds now, or could save some."""
    if choice.worth_a_line:
        say(str(choice))


def announce_kind(contract: ArrayContract | DataContract) -> None:
    """A line, if the target's kind was chosen by its values and could be another; whoever watches or not."""
    if contract.notes and "kind=" in contract.notes[0]:
        say(f"note: {contract.notes[0]}")


def announce_split(remarks: Iterable[str]) -> None:
    """A line for each thing that one should know of the way rows are held out."""
    for remark in remarks:
        say(f"note: {remark}")


@contextmanager
def said_before() -> Iterator[None]:
    """Within it `say` says nothing: whoever trains here has said it once, for many trainings of the same rows."""
    token = SAID.set(True)
    try:
        yield
    finally:
        SAID.reset(token)


def say(words: str) -> None:
    """A line where people read."""
    stream = where_people_read()
    if stream is not None and not SAID.get():
        stream.write(printable(f"{words}\n", stream))


@dataclass(frozen=True)
class Turn:
    """Which of several trainings it is: that of a member of an ensemble, or one pass of two.

    Attributes
    ----------
    number, of
        The how manyth of how many.
    before, share
        The share of all that was to be done before it, and its own.
    started
        When the first one began, by `time.monotonic`.
    interrupted
        Whether Ctrl-C was pressed since then.
    what
        "member" or "pass".
    """

    _: KW_ONLY
    number: int
    of: int
    before: float
    share: float
    started: float
    interrupted: Callable[[], bool]
    what: str

    def left(self, now: float, part: float) -> float:
        """Seconds until all are trained, where this part of the present one is done."""
        done = self.before + part * self.share
        return (now - self.started) / done * (1.0 - done)

    def __str__(self) -> str:
        return f"{self.what} {self.number} of {self.of}"


class Progress:
    """A bar, the last losses and the time left, drawn over itself; silent where nobody watches.

    Of several networks that are trained one after the other it also says which one that is.
    """

    def __init__(
        self, watched: bool, before: int, epochs: int, stream: TextIO | None = None, turn: Turn | None = None
    ) -> None:
        self.before, self.epochs, self.turn = before, epochs, turn
        self.line = line(stream) if watched else None
        self.started = time.monotonic()
        self.drawn = -REDRAW
        self.last: Epoch | None = None

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self.line and self.last:
            self.draw(self.line, self.last)
            self.line.end()

    def show(self, event: Event) -> None:
        """Draw the line again, if it is time to."""
        if not self.line or not isinstance(event, Epoch):
            return
        self.last = event
        if time.monotonic() - self.drawn >= REDRAW:
            self.draw(self.line, event)

    def within(self, epochs: float) -> None:
        """Draw how far the epoch in progress is, if it is time to."""
        now = time.monotonic()
        if not self.line or self.turn or now - self.drawn < REDRAW or now - self.started < SLOW:
            return
        self.drawn, done = now, epochs - self.before
        bar = "━" * int(20 * done / self.epochs)
        left = f"  {time_text((now - self.started) * (self.epochs / done - 1.0))} left" if done else ""
        self.line.draw(f"epoch {done:.2f}/{self.epochs} {bar:<20}{left}")

    def draw(self, line: OneLine, event: Epoch) -> None:
        """Draw the line."""
        self.drawn = time.monotonic()
        done = event.epoch - self.before
        part = done / self.epochs
        left = self.turn.left(self.drawn, part) if self.turn else (self.drawn - self.started) / part * (1.0 - part)
        values = {"loss": event.loss, **event.metrics}
        numbers = "  ".join(f"{name} {value:.4g}" for name, value in values.items())
        if self.turn:
            line.draw(f"{self.turn}, {time_text(left)} left  epoch {done}/{self.epochs}  {numbers}")
            return
        bar = "━" * (20 * done // self.epochs)
        line.draw(f"epoch {done}/{self.epochs} {bar:<20} {numbers}  {time_text(left)} left")


def time_text(seconds: float) -> str:
    """`7 s`, `2:05 min`, `1:02 h`."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02} min" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02} h"
