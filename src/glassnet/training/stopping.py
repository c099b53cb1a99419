"""When to stop, and which weights to keep."""

from __future__ import annotations

import math
from dataclasses import dataclass

from glassnet.naming import check_number, find


@dataclass(frozen=True)
class EarlyStopping:
    """Stop when a score has not improved for some epochs; the best weights are kept.

    Attributes
    ----------
    patience
        How many epochs without improvement, >= 1.
    min_delta
        What counts as an improvement: more than this.
    monitor
        The column of the history to watch; None: "val_loss" if there is a validation set, else "loss".
    mode
        "min" if smaller is better, "max" if larger is; None: "min" for losses and errors, "max" for accuracy and r2.
    """

    patience: int = 10
    min_delta: float = 0.0
    monitor: str | None = None
    mode: str | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.patience, int) or self.patience < 1:
            raise ValueError(f"patience must be a whole number >= 1, got {self.patience!r}")
        check_number("min_delta", self.min_delta, -1e-300, math.inf)
        if self.mode is not None:
            find(self.mode, ("min", "max"), "mode")

    def sign(self, monitor: str) -> float:
        """1 where smaller is better, -1 where larger is."""
        rises = monitor.removeprefix("val_") in ("accuracy", "r2")
        mode = self.mode or ("max" if rises else "min")
        return 1.0 if mode == "min" else -1.0


@dataclass
class Best:
    """The best score so far and how long ago it was."""

    stopping: EarlyStopping
    monitor: str
    score: float = math.inf
    epoch: int = 0
    waited: int = 0

    def better(self, value: float, epoch: int) -> bool:
        """Whether the value is an improvement; it is remembered."""
        score = self.stopping.sign(self.monitor) * value
        if score < self.score - (self.stopping.min_delta if math.isfinite(self.score) else 0.0):
            self.score, self.epoch, self.waited = score, epoch, 0
            return True
        self.waited += 1
        return False

    @property
    def over(self) -> bool:
        """Whether patience is used up."""
        return self.waited >= self.stopping.patience
