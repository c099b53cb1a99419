"""What is changed about a tutorial: the experiments that it proposes, and a few more."""

from __future__ import annotations

from dataclasses import dataclass, replace

from glassnet.parts.activations import activation_named
from glassnet.parts.naming import check_whole
from glassnet.parts.optimizers import SGD
from glassnet.reproduce.lesson import Lesson


@dataclass(frozen=True, kw_only=True)
class Change:
    """What to do otherwise than the tutorial; None: as it does.

    Attributes
    ----------
    hidden
        Units of each hidden layer, 4 or (4, 3); of one layer, where `layers` says how many there are.
    layers
        How many hidden layers.
    activation, output_activation
        Of the hidden layers, and of the last: names, or what `Dense` takes.
    learning_rate, epochs
        How it trains.
    bias
        Whether layers have biases.
    seed
        Where it starts.
    """

    hidden: int | tuple[int, ...] | None = None
    layers: int | None = None
    activation: str | None = None
    output_activation: str | None = None
    learning_rate: float | None = None
    epochs: int | None = None
    bias: bool | None = None
    seed: int | None = None

    def __bool__(self) -> bool:
        """Whether anything is to be done otherwise."""
        return self != Change()

    def applied(self, lesson: Lesson) -> Lesson:
        """The lesson with the change; ValueError for what makes no sense."""
        changed = {name: value for name, value in vars(self).items() if name not in OF_THEIR_OWN and value is not None}
        lesson = replace(lesson, hidden=self.units(lesson.hidden), **changed)
        for name in (lesson.activation, lesson.output_activation):
            activation_named(name)
        SGD(lesson.learning_rate)
        check_whole("epochs", lesson.epochs)
        if self.seed is not None and not 0 <= self.seed < 2**32:
            raise ValueError(f"seed must be a whole number >= 0 and < 2^32, got {self.seed!r}")
        return lesson

    def units(self, usual: tuple[int, ...]) -> tuple[int, ...]:
        """The units of each hidden layer."""
        given = self.hidden
        units = usual if given is None else given if isinstance(given, tuple) else (given,)
        for count in units:
            check_whole("hidden", count)
        if self.layers is None:
            return units
        layers = check_whole("layers", self.layers)
        if len(units) not in (1, layers):
            raise ValueError(f"layers must be {len(units)}, as hidden says, or hidden one number; got {layers}")
        return units * layers if len(units) == 1 else units


OF_THEIR_OWN = ("hidden", "layers", "seed")
