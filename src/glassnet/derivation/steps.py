"""What a derivation is: an ordered list of named steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from glassnet.expressions.expression import Expression, Shape
from glassnet.expressions.notation import plain
from glassnet.parts.network import Network
from glassnet.parts.optimizers import Optimizer
from glassnet.parts.parameters import Layout
from glassnet.parts.schedules import Schedule

PHASES = ("forward", "loss", "backward", "update")


@dataclass(frozen=True, eq=False, kw_only=True)
class Step:
    """One line of a derivation: `name = expression`.

    Attributes
    ----------
    name
        What the result is called from here on; unique.
    expression
        How it is computed from symbols: inputs and the names of earlier steps.
    phase
        "forward", "loss", "backward" or "update"; "report" for what is no part of a training step.
    layer
        The number of the layer it belongs to; 0 for the loss and the update.
    reason
        The rule that was applied, for a reader.
    assigns
        The array in memory that the result replaces, e.g. `theta`; empty for a step that only computes.
    """

    name: str
    expression: Expression
    phase: str
    layer: int = 0
    reason: str = ""
    assigns: str = ""

    @property
    def shape(self) -> Shape:
        """Of the result; "n" stands for the number of rows."""
        return self.expression.shape

    @property
    def formula(self) -> str:
        """`z1 = x @ W1 + b1`, in one line."""
        return " ".join(f"{self.assigns or self.name} = {plain(self.expression)}".splitlines())


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Derivation:
    """A network's own mathematics: what is computed, in order. `WrittenDerivation` shows it.

    Attributes
    ----------
    network
        What was derived.
    steps
        In the order in which they are computed.
    inputs
        The symbols that the steps start from: rows, targets, arrays in memory, numbers that change.
    constants
        The values of named numbers that do not change (beta1, lr without a schedule, …).
    layout
        How the learnt arrays lie in theta, and their gradients in g.
    state_layout
        How what is remembered beside them (running means) lies in `state`.
    gradients
        For each learnt array the step that is its gradient.
    output
        The step that is the result: predictions, or the loss.
    dtype
        Of all numbers.
    optimizer
        The one whose update is derived; None without an update.
    reported
        The step that training reports as the loss of a batch.
    objective
        The step that is made small: the loss, with its penalties if there are any.
    pull
        The step that is the gradient with the penalties' pull; empty without penalties.
    share
        What a batch counts in the loss of an epoch, in terms of n, w and what they are of all rows, N and W
        (`report.py`); None without a loss.
    schedules
        The schedules by the steps that say what they are at: `lr`, `rate2` of dropout.
    """

    network: Network
    steps: tuple[Step, ...]
    inputs: Mapping[str, Expression]
    constants: Mapping[str, float]
    layout: Layout
    state_layout: Layout
    gradients: Mapping[str, str]
    output: str
    dtype: np.dtype[Any]
    optimizer: Optimizer | None = None
    reported: str = "L"
    objective: str = "L"
    pull: str = ""
    share: Step | None = None
    schedules: Mapping[str, Schedule] = field(default_factory=dict)

    @cached_property
    def by_name(self) -> Mapping[str, Step]:
        """The steps by their names."""
        return {step.name: step for step in self.steps}

    def __getitem__(self, name: str) -> Step:
        if name not in self.by_name:
            raise KeyError(f"no step {name!r}; there are {', '.join(self.by_name)}")
        return self.by_name[name]
