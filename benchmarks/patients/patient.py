"""A patient: a network with the rows and settings it is trained with, and what is true of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

CAUSES = (  # the names that the doctor has for what can be wrong
    "learning rate too high",
    "learning rate too low",
    "too few epochs",
    "dead units",
    "saturated units",
    "identical units",
    "vanishing gradients",
    "exploding gradients",
    "starting weights",
    "inputs not scaled",
    "targets not scaled",
    "targets out of reach",
    "output activation",
    "loss",
    "no nonlinearity",
    "hidden activation",
    "too few units",
    "too many layers",
    "batch size",
    "rows not shuffled",
    "dropout too strong",
    "penalty too strong",
    "no bias",
    "frozen weights",
    "optimizer",
    "clipping too tight",
    "early stopping too early",
    "rare class",
    "class weights",
    "overfitting",
    "leak",
    "batch norm over few rows",
    "nothing to be learnt",
)
VERDICTS = ("healthy", "seed", "sick", "nothing", "more", "unknown")
GROUPS = ("sick", "several", "real", "healthy")
HALVES = ("dev", "kept")


class Case(NamedTuple):
    """What `gn.train(network, X, y, **settings)` is given; of a table y is None and the settings have its target."""

    network: Any
    X: Any
    y: Any
    settings: dict[str, Any]


@dataclass(frozen=True, kw_only=True, eq=False)
class Patient:
    """One patient.

    Attributes
    ----------
    name, group
        What it is called; "sick" (a fault put into a sound network), "several" (two or three), "real" (as somebody
        asked) or "healthy".
    about, source
        What was done, in words; where such a case comes from.
    truth
        The verdicts that are right; the first is the best.
    causes
        The names that are right for the main cause, the best first. Several where the literature counts them alike.
    faults
        Where there are several: of each the causes that are right for it.
    case
        Of the number of a draw: other numbers are other rows of the same kind.
    mended
        The same with the fault put right, the same rows; None: there is no fault.
    alone
        The same with one of several faults each; any of them is enough to make it sick.
    """

    name: str
    group: str
    about: str
    source: str = ""
    truth: tuple[str, ...] = ("healthy",)
    causes: tuple[str, ...] = ()
    faults: tuple[tuple[str, ...], ...] = ()
    case: Callable[[int], Case]
    mended: Callable[[int], Case] | None = None
    alone: tuple[Callable[[int], Case], ...] = ()

    def __post_init__(self) -> None:
        wrong = [*({*self.causes} - {*CAUSES}), *({*self.truth} - {*VERDICTS}), *({self.group} - {*GROUPS})]
        if wrong:
            raise ValueError(f"{self.name}: no cause, verdict or group is called {wrong[0]!r}")

    @property
    def half(self) -> str:
        """ "dev" or "kept": the doctor is tuned on the one and judged by the other."""
        return HALVES[hashlib.sha256(self.name.encode()).digest()[0] % 2]
