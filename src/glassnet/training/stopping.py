"""When to stop, and which weights to keep."""

from __future__ import annotations

import math
from dataclasses import KW_ONLY, dataclass, replace
from typing import Any, Literal

import numpy as np

from glassnet.engines.memory import Memory, Saved
from glassnet.parts.naming import FROM_0, check_number, check_whole, find
from glassnet.parts.schedules import Schedule
from glassnet.training.metrics import METRICS


@dataclass(frozen=True)
class EarlyStopping:
    """Stop when a score has not improved for some epochs; the best weights are kept.

    Attributes
    ----------
    patience
        How many epochs without improvement, >= 1; None: never stop early, and keep the best of all epochs.
    min_delta
        What counts as an improvement: more than this.
    monitor
        The column of the history to watch; None: "val_loss" if there is a validation set, else "loss".
    mode
        "min" if smaller is better, "max" if larger is; None: "min" for losses and errors, "max" for scores like
        accuracy and r2; for a metric of one's own it must be said.
    ties
        Which of epochs with the same best score is kept: the "first", or the "last", which has learnt longest. Scores
        that count, like accuracy, are often the same.
    among
        The epochs that are looked at: "all"; "rests", those after which the learning rate is lowest for the time being,
        and the last one; or their numbers, (8, 24, 56). While a schedule like `log_cosine` has the rate high, the
        weights are where it throws them, and that one of many such epochs looks best is luck.
    """

    patience: int | None = 10
    min_delta: float = 0.0
    monitor: str | None = None
    mode: Literal["min", "max"] | None = None
    _: KW_ONLY
    ties: Literal["first", "last"] = "first"
    among: Literal["all", "rests"] | tuple[int, ...] = "all"

    def __post_init__(self) -> None:
        if self.patience is not None:
            check_whole("patience", self.patience, ", or None")
        check_number("min_delta", self.min_delta, FROM_0, math.inf)
        if self.mode is not None:
            find(self.mode, MODES, "mode")
        find(self.ties, TIES, "ties")
        if isinstance(self.among, str):
            find(self.among, AMONG, "among")
        elif not isinstance(self.among, list | tuple):
            raise TypeError(f"among must be 'all', 'rests' or the numbers of epochs, (8, 24), got {self.among!r:.60}")
        else:
            object.__setattr__(self, "among", tuple(check_whole("among", epoch) for epoch in self.among))

    def over(self, rate: float | Schedule | None, epochs: int) -> EarlyStopping:
        """The same, with the epochs' numbers in the place of "rests", for a learning rate and so many epochs."""
        return replace(self, among=rests(rate, epochs)) if self.among == "rests" else self

    def looks_at(self, epoch: int) -> bool:
        """Whether the score after so many epochs counts."""
        return isinstance(self.among, str) or epoch in self.among

    def sign(self, monitor: str) -> float:
        """1 where smaller is better, -1 where larger is."""
        found = sign_of(monitor, self.mode)
        if found is None:
            raise ValueError(f"early stopping on {monitor!r} needs mode='min' or mode='max': which is better?")
        return found

    def is_better(self, score: Any, best: Any) -> Any:
        """Whether a score is better than the best, infinity where there is none; of numbers or arrays, the smaller."""
        return score < best - np.where(np.isfinite(best), self.min_delta, 0.0)

    def is_kept(self, score: Any, best: Any) -> Any:
        """Whether weights of this score take the place of the best: they are better, or as good and later."""
        better = self.is_better(score, best)
        return better | (score == best) & np.isfinite(best) if self.ties == "last" else better

    def is_over(self, waited: Any) -> Any:
        """Whether patience is used up after so many epochs without improvement, one number or an array."""
        return waited >= (math.inf if self.patience is None else self.patience)


def rests(rate: float | Schedule | None, epochs: int) -> tuple[int, ...]:
    """The epochs, of so many, after which a learning rate is no higher than an epoch before and after; and the last.

    >>> rests(Schedule("log_cosine", {"initial": 0.1, "epochs": 30.0}), 30)
    (2, 6, 14, 30)
    """
    if not isinstance(rate, Schedule):
        return tuple(range(1, epochs + 1))
    values = [float(rate(float(epoch))) for epoch in range(epochs + 1)]
    low = [epoch for epoch in range(1, epochs) if values[epoch] <= min(values[epoch - 1], values[epoch + 1])]
    return (*low, epochs)


MODES = ("min", "max")
TIES = ("first", "last")
AMONG = ("all", "rests")
MODES_OF = {"loss": "min", **{name: metric.mode for name, metric in METRICS.items()}}


def sign_of(column: str, mode: str | None) -> float | None:
    """1 where smaller is better in a column of the history, -1 where larger is, None where nobody has said."""
    chosen = mode or MODES_OF.get(column.removeprefix("val_"))
    return {"min": 1.0, "max": -1.0}.get(chosen or "")


@dataclass
class Best:
    """The best score so far, its weights, and how long ago it was."""

    stopping: EarlyStopping
    monitor: str
    _: KW_ONLY
    score: float = math.inf
    epoch: int = 0
    waited: int = 0
    kept: Saved | None = None

    @staticmethod
    def of(
        stopping: bool | int | EarlyStopping | None, columns: list[str], rate: float | Schedule | None, epochs: int
    ) -> Best | None:
        """From what a user says, and the columns there are to be watched; None: no early stopping.

        Parameters
        ----------
        rate, epochs
            The learning rate, and which epoch is the last.
        """
        if stopping is None or stopping is False:
            return None
        if not isinstance(stopping, EarlyStopping):
            stopping = EarlyStopping() if stopping is True else EarlyStopping(stopping)
        monitor = stopping.monitor or ("val_loss" if "val_loss" in columns else "loss")
        find(monitor, columns, "column to watch for early stopping")
        stopping.sign(monitor)
        return Best(stopping.over(rate, epochs), monitor)

    def seen(self, values: dict[str, float], epoch: int, memory: Memory) -> None:
        """Look at the scores after an epoch, and keep the weights if they are the best."""
        if not self.stopping.looks_at(epoch):
            return
        score = self.stopping.sign(self.monitor) * values[self.monitor]
        self.waited = 0 if self.stopping.is_better(score, self.score) else self.waited + 1
        if self.stopping.is_kept(score, self.score):
            self.score, self.epoch, self.kept = score, epoch, memory.saved()

    @property
    def is_over(self) -> bool:
        """Whether patience is used up."""
        return bool(self.stopping.is_over(self.waited))

    @property
    def reason(self) -> str:
        """Why training stops."""
        kept = f"the weights of epoch {self.epoch} are kept" if self.kept else "it was never a finite number"
        return f"{self.monitor} has not improved for {self.stopping.patience} epochs; {kept}"
