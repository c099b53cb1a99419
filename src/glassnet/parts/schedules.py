"""Numbers that change while a network learns: its learning rate, what an optimizer has besides, a rate of dropout.

The formulas are in `formulas/schedules.py`; `optimizers.py` gives them names and numbers.

    >>> half = Schedule("step", {"initial": 0.5, "every": 10, "factor": 0.5})
    >>> half, float(half(25.0))
    (step(initial=0.5, every=10, factor=0.5), 0.125)
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from glassnet.expressions.expression import Expression, named
from glassnet.formulas import schedules
from glassnet.parts.naming import meaning, options_of, options_text

SCHEDULES = ("constant", "step", "exponential", "cosine", "flat_cosine", "log_cosine", "inverse_scaling")


@dataclass(frozen=True, repr=False)
class Schedule:
    """A number that changes: function(epoch, **options), optionally rising to it over a warm-up.

    `epoch` is the number of epochs done so far, a fraction inside one: steps taken / steps per epoch.
    """

    name: str
    options: Mapping[str, Any]
    warm_up: float = 0.0

    def __call__(self, epoch: Any, of: str = "lr") -> Any:
        """The number after `epoch` epochs; `of` is what it is called on a page."""
        function = vars(schedules)[self.name]
        if self.is_open:
            raise ValueError(f"schedule {self.name} needs epochs: how many it goes over; in training that is all")
        value = function(epoch, **self.options)
        if isinstance(value, Expression):
            words = re.sub(r"^lr = ", f"{of} = ", meaning(function, self.options))
            value = named(value, self.name, (epoch, *self.options.values()), words)
        return schedules.warm_up(epoch, value, epochs=self.warm_up) if self.warm_up else value

    @property
    def is_open(self) -> bool:
        """Whether it has yet to be told how many epochs it goes over."""
        return "epochs" in options_of(vars(schedules)[self.name], 2) and "epochs" not in self.options

    def over(self, epochs: float) -> Schedule:
        """The same, over so many epochs where that was left open."""
        if not self.is_open:
            return self
        taken = {**self.options, "epochs": int(epochs) if epochs == int(epochs) else epochs}
        order = ("initial", *options_of(vars(schedules)[self.name], 2))
        return replace(self, options={name: taken[name] for name in order if name in taken})

    @property
    def largest(self) -> float:
        """The larger of where it starts and where it ends."""
        return float(max(self.options["initial"], self.options.get("final", 0.0)))

    @property
    def structure(self) -> Hashable:
        """Equal for schedules that are the same, and told in the same words."""
        return (self.name, options_text({**self.options, "warm_up": self.warm_up}))

    def __repr__(self) -> str:
        return self.name + options_text({**self.options, **({"warm_up": self.warm_up} if self.warm_up else {})})


Number = TypeVar("Number")


def over(value: Number, epochs: float) -> Number:
    """A number, or whatever is no schedule, as it is; a schedule over so many epochs where that was left open."""
    return value.over(epochs) if isinstance(value, Schedule) else value  # type: ignore[return-value]  # a Schedule is one


def structure_of_number(value: Any) -> Any:
    """Equal for numbers, and for schedules, that are the same and told in the same words."""
    return value.structure if isinstance(value, Schedule) else value
