"""How to train: what `train` is told, checked once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np

from glassnet.engines.threads import controller
from glassnet.parts.naming import check_choice, check_whole
from glassnet.parts.optimizers import Optimizer
from glassnet.parts.optimizers import optimizer_named as make_optimizer
from glassnet.training.stopping import EarlyStopping

if TYPE_CHECKING:
    from glassnet.parts.literals import EngineName, OptimizerName
    from glassnet.training.metrics import Metrics


class StepOptions(TypedDict, total=False):
    """The fields of `Settings` that hold for many trainings as for one, as keywords."""

    optimizer: OptimizerName | Optimizer | None
    epochs: int
    batch_size: int | None
    shuffle: bool
    drop_last: bool
    metrics: Metrics
    early_stopping: bool | int | EarlyStopping
    engine: EngineName


class SettingsOptions(StepOptions, total=False):
    """The fields of `Settings`, as keywords."""

    deterministic: bool


@dataclass(frozen=True, eq=False, kw_only=True)
class Settings:
    """How to train, checked once; `train` says what the fields are, and has the same defaults."""

    optimizer: OptimizerName | Optimizer | None = None
    epochs: int = 100
    batch_size: int | None = 32
    shuffle: bool = True
    drop_last: bool = False
    metrics: Any = None
    early_stopping: bool | int | EarlyStopping = False
    engine: EngineName = "auto"
    deterministic: bool = False
    times: float = 1  # how often as many epochs are done in all, by this training and others like it

    @property
    def all_epochs(self) -> int:
        """The epochs of this training and others like it."""
        return round(self.epochs * self.times)

    def __post_init__(self) -> None:
        checked: dict[str, Any] = {"epochs": check_whole("epochs", self.epochs)}
        if self.batch_size is not None:
            checked["batch_size"] = check_whole("batch_size", self.batch_size, ", or None for all rows")
        for name in ("shuffle", "drop_last", "deterministic"):
            checked[name] = check_choice(name, getattr(self, name))
        if self.optimizer is not None:
            make_optimizer(self.optimizer)
        checked["early_stopping"] = stopping(self.early_stopping)
        for name, value in checked.items():
            object.__setattr__(self, name, value)
        if self.deterministic:
            controller()  # an ImportError, where it is not there, before anything is changed


def stopping(asked: Any) -> bool | int | EarlyStopping | None:
    """What was asked for; ValueError for what says neither whether nor when to stop."""
    if asked is None or isinstance(asked, EarlyStopping):
        return asked
    if isinstance(asked, bool | np.bool_):
        return bool(asked)
    return check_whole("early_stopping", asked, " (a patience), True or EarlyStopping(…)")
