"""Training while it goes on: a bar on a terminal; elsewhere a line now and then."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any

from glassnet.model.model import Model
from glassnet.training.events import Epoch, Event

EVERY = 10.0  # seconds between lines where there is no terminal


class Live:
    """What `train` calls after every epoch."""

    def __init__(self, epochs: Sequence[int], silent: bool, what: str = "", which: str = "") -> None:
        self.epochs, self.silent, self.what = epochs, silent, what  # at most so many epochs in each training
        self.which = f"{which}, " * bool(which)  # which of several such trainings it is
        self.models: list[Model] = []  # those whose turn it was: members of an ensemble, or the model of each pass
        self.started = self.said = time.monotonic()
        self.message = ""
        self.seconds = 0.0
        self.bar: Any = None
        if not silent and sys.stderr.isatty():
            self.bar = progress_bar()
            self.task = self.bar.add_task("", total=sum(epochs), numbers="")

    def __enter__(self) -> Live:
        if self.bar:
            self.bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.bar:
            self.bar.stop()
        self.seconds = time.monotonic() - self.started

    def __call__(self, event: Event, model: Model) -> None:
        """Show one event."""
        if not isinstance(event, Epoch):
            self.message = event.message
            return
        if self.silent:
            return
        if not self.models or self.models[-1] is not model:
            self.models.append(model)
        number = len(self.models)
        values = {"loss": event.loss, **event.metrics}
        which = self.which + f"{self.what} {number} of {len(self.epochs)}, " * (len(self.epochs) > 1)
        if self.bar:
            done = sum(self.epochs[: number - 1]) + event.epoch
            self.bar.update(self.task, completed=done, numbers=which.replace(",", "") + numbers_text(values))
        elif time.monotonic() - self.said > EVERY:
            self.said = time.monotonic()
            sys.stderr.write(f"{which}epoch {event.epoch} of {self.epochs[number - 1]}: {numbers_text(values)}\n")

    def within(self, epochs: float) -> None:
        """Show how far the epoch in progress is."""
        now = time.monotonic()
        if self.bar:
            self.bar.update(self.task, completed=epochs)
        elif not self.silent and now - self.said > EVERY:
            self.said = now
            sys.stderr.write(f"epoch {epochs:.2f} of {self.epochs[0]}\n")


def numbers_text(values: dict[str, float]) -> str:
    """Losses and scores, short enough for 80 columns."""
    named = [f"{name} {value:.2g}" for name, value in values.items() if not name.endswith("accuracy")]
    return "  ".join([*named, *(f"{100 * value:.1f} %" for name, value in values.items() if name.endswith("accuracy"))])


class Counted:
    """What hears how many of how many are done: a bar on a terminal, once there is something to say."""

    def __init__(self, what: str, silent: bool) -> None:
        self.what, self.watched = what, not silent and sys.stderr.isatty()
        self.bar: Any = None

    def __enter__(self) -> Counted:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.bar:
            self.bar.stop()

    def __call__(self, done: int, of: int) -> None:
        """Show how far it is; at the end nothing any more."""
        if not self.watched:
            return
        if self.bar is None:
            self.bar = progress_bar(self.what)
            self.task = self.bar.add_task("", total=of, numbers="")
            self.bar.start()
        self.bar.update(self.task, completed=done)
        if done == of:
            self.bar.stop()


def progress_bar(what: str = "epoch") -> Any:
    """A bar that goes away when it is done, drawn on stderr."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    console.width -= 4  # room for the ^C that a terminal writes behind the bar: on a full line it would begin another
    return Progress(
        TextColumn(what),
        MofNCompleteColumn(),
        BarColumn(bar_width=10),
        TextColumn("{task.fields[numbers]}", markup=False),
        TimeRemainingColumn(compact=True),
        console=console,
        transient=True,
        refresh_per_second=12,
    )


class Waiting:
    """A line on a terminal that says what is being done and for how long now, and goes away."""

    def __init__(self, what: str, silent: bool) -> None:
        self.what, self.watched = what, not silent and sys.stderr.isatty()
        self.bar: Any = None

    def __enter__(self) -> Waiting:
        if self.watched:
            from rich.console import Console
            from rich.progress import Progress, TextColumn, TimeElapsedColumn

            columns = (TextColumn(self.what, markup=False), TimeElapsedColumn())
            self.bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self.bar.add_task("", total=None)
            self.bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.bar:
            self.bar.stop()
