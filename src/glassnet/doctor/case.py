"""A case: a network, how it is trained, and on which rows. What mends it is another case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from glassnet.doctor.errors import way_of
from glassnet.doctor.given import Given
from glassnet.parts.layers import Dense, Layer
from glassnet.parts.network import Network
from glassnet.parts.optimizers import Optimizer, optimizer_named
from glassnet.parts.schedules import Schedule
from glassnet.training.contract import as_contract
from glassnet.training.many.source import Course
from glassnet.training.many.varying import Setting
from glassnet.training.rows import Rows
from glassnet.training.settings import Settings


@dataclass(frozen=True, eq=False, kw_only=True)
class Case:
    """A network, how it is trained, and on which rows.

    Attributes
    ----------
    network, how, given
        These.
    frozen
        Which numbers of which arrays training leaves as they are, by name.
    way
        How its rows are judged, by "class", "recall" or "distance"; found if not given, and kept by what is made of it.
    """

    network: Network
    how: Settings
    given: Given
    frozen: Mapping[str, np.ndarray] = field(default_factory=dict)
    way: str = ""

    def __post_init__(self) -> None:
        chosen = self.how.optimizer or "adam"
        if not isinstance(chosen, Optimizer):
            object.__setattr__(self, "how", replace(self.how, optimizer=optimizer_named(chosen)))
        if not self.way:
            object.__setattr__(self, "way", way_of(self.truth, self.classes is not None, self.rows.w))

    # other cases

    def with_layers(self, *layers: Layer, **changed: Any) -> Case:
        """The same with other layers, or another loss."""
        return replace(self, network=self.network.with_layers(*layers, **changed))

    def trained(self, **changed: Any) -> Case:
        """The same, trained otherwise."""
        return replace(self, how=replace(self.how, **changed))

    def with_optimizer(self, **changed: Any) -> Case:
        """The same optimizer with other numbers."""
        old = self.optimizer
        known = {"learning_rate": old.learning_rate, "clip_norm": old.clip_norm, "clip_value": old.clip_value}
        return self.trained(optimizer=optimizer_named(old.name, **{**known, **old.options, **changed}))

    # what is known of it

    @cached_property
    def optimizer(self) -> Optimizer:
        """The update rule."""
        return self.how.optimizer  # type: ignore[return-value]  # one, since it was made

    @property
    def rate(self) -> float:
        """The learning rate; of a schedule, what it begins with."""
        rate = self.optimizer.learning_rate
        return float(rate.options["initial"] if isinstance(rate, Schedule) else rate or 0.0)

    @cached_property
    def setting(self) -> Setting:
        """As trainings take it."""
        return self.given.settings(self.network, self.how)

    @cached_property
    def course(self) -> Course:
        """Its network with all sizes, and its rows; errors as `train` has them."""
        return self.given.course(self.setting)

    @property
    def rows(self) -> Rows:
        """The rows that are trained on, as the network takes them."""
        return self.course.seen.rows

    @cached_property
    def truth(self) -> np.ndarray:
        """What is known of them, (n, outputs), as people see it."""
        return as_contract(self.rows.y, self.course.pattern.contract)

    @property
    def classes(self) -> tuple[Any, ...] | None:
        """The labels; None where the target is a number."""
        return self.course.pattern.classes

    @property
    def widths(self) -> list[int]:
        """How many numbers a row has before each layer, and after the last."""
        network, n_inputs = self.course.pattern.network, self.course.pattern.n_inputs
        found, last = [n_inputs], len(network.layers)
        for k in range(1, last + 1):
            found.append(Network(*network.layers[:k]).n_outputs(n_inputs))
        return found

    @property
    def batch(self) -> int:
        """Rows a step."""
        size, n = self.how.batch_size, len(self.rows)
        return n if size is None else min(size, n)

    @property
    def steps(self) -> int:
        """Steps of a training, early ends aside."""
        return self.how.epochs * -(-len(self.rows) // self.batch)

    @property
    def cost(self) -> float:
        """The multiplications of a training, about."""
        return 6.0 * self.steps * self.batch * (1.0 + self.course.pattern.n_parameters)

    @property
    def dense(self) -> list[int]:
        """Where its `Dense` layers stand, from 0, those inside others aside."""
        return [k for k, layer in enumerate(self.network.layers) if isinstance(layer, Dense)]

    @property
    def hidden(self) -> list[int]:
        """Where its hidden `Dense` layers stand."""
        return [k for k in self.dense if k < len(self.network.layers) - 1]

    @property
    def last(self) -> Layer:
        """The layer that gives the scores."""
        return self.network.layers[-1]

    def layer(self, k: int) -> Dense:
        """One of the `Dense` layers."""
        return self.network.layers[k]  # type: ignore[return-value]  # `dense` says where they are

    def with_dense(self, *which: int, **changed: Any) -> Case:
        """The same with some of its `Dense` layers changed."""
        layers = list(self.network.layers)
        for k in which:
            layers[k] = replace(self.layer(k), **changed)
        return self.with_layers(*layers)
