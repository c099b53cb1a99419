"""One line on the terminal that says how far training is."""

from __future__ import annotations

import sys
import time
from typing import TextIO

from glassnet.training.events import Epoch, Event


class Progress:
    """A bar, the last losses and the time left, drawn over itself on stderr; silent where nobody watches."""

    def __init__(self, watched: bool, before: int, epochs: int, stream: TextIO | None = None) -> None:
        self.watched, self.before, self.epochs = watched, before, epochs
        self.stream = stream or sys.stderr
        self.started = time.monotonic()
        self.drawn = -1.0

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self.watched and self.drawn >= 0:
            self.stream.write("\n")
            self.stream.flush()

    def show(self, event: Event) -> None:
        """Draw, at most ten times a second."""
        now = time.monotonic()
        if not self.watched or not isinstance(event, Epoch):
            return
        done = event.epoch - self.before
        if now - self.drawn < 0.1 and done < self.epochs:
            return
        self.drawn = now
        left = (now - self.started) / done * (self.epochs - done)
        bar = "━" * (20 * done // self.epochs)
        numbers = "  ".join(f"{name} {value:.4g}" for name, value in {"loss": event.loss, **event.metrics}.items())
        text = f"epoch {done}/{self.epochs} {bar:<20} {numbers}  {left:.0f} s left"
        self.stream.write(f"\r\x1b[2K{text}")
        self.stream.flush()
