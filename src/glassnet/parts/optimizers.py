"""How gradients become steps: an update rule, its learning rate, and what is done to the gradient before.

The rules themselves are in `formulas/updates.py`; here they get names and numbers, or schedules for those that are to
change.

    >>> Adam(0.001)
    adam(learning_rate=0.001)
    >>> SGD(schedule("cosine", 0.5, epochs=20), clip_norm=1.0)
    sgd(learning_rate=cosine(initial=0.5, epochs=20), clip_norm=1.0)
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, Unpack, overload

from glassnet.formulas import schedules, updates
from glassnet.parts.naming import FROM_0, check_number, check_options, find, options_of, options_text
from glassnet.parts.schedules import SCHEDULES, Schedule, over, structure_of_number

if TYPE_CHECKING:
    from glassnet.parts import literals as known

RULES = (
    "sgd",
    "momentum",
    "nesterov",
    "rmsprop",
    "adagrad",
    "adadelta",
    "adam",
    "adam_hat",
    "amsgrad",
    "nadam",
    "adamw",
    "rprop",
)


# what each schedule takes: written by scripts/write_names.py
@overload
def schedule(
    name: known.ConstantScheduleName, initial: float, **options: Unpack[known.ConstantScheduleOptions]
) -> Schedule: ...
@overload
def schedule(
    name: known.StepScheduleName, initial: float, **options: Unpack[known.StepScheduleOptions]
) -> Schedule: ...
@overload
def schedule(
    name: known.ExponentialScheduleName, initial: float, **options: Unpack[known.ExponentialScheduleOptions]
) -> Schedule: ...
@overload
def schedule(
    name: known.CosineScheduleName, initial: float, **options: Unpack[known.CosineScheduleOptions]
) -> Schedule: ...
@overload
def schedule(
    name: known.FlatCosineScheduleName, initial: float, **options: Unpack[known.FlatCosineScheduleOptions]
) -> Schedule: ...
@overload
def schedule(
    name: known.LogCosineScheduleName, initial: float, **options: Unpack[known.LogCosineScheduleOptions]
) -> Schedule: ...
@overload
def schedule(
    name: known.InverseScalingScheduleName, initial: float, **options: Unpack[known.InverseScalingScheduleOptions]
) -> Schedule: ...
# so far the schedules
def schedule(name: str, initial: float, *, warm_up: float = 0.0, **options: float) -> Schedule:
    """A number that changes while a network learns, by the name of its schedule: a learning rate, a rate of dropout.

    Parameters
    ----------
    name
        "constant", "step" (every, factor), "exponential" (decay), "cosine" (epochs, final), "flat_cosine" (epochs),
        "log_cosine" (epochs, cycles) or "inverse_scaling" (power).
    initial
        The number at the start, or the largest in "log_cosine", > 0.
    warm_up
        Over how many epochs it rises linearly, from a tenth, to what the schedule says; 0: no warm-up.
    **options
        What the schedule takes: `schedule("step", 0.1, every=10, factor=0.5)`. Without `epochs` it goes over all epochs
        of the training that it is used in.

    Raises
    ------
    ValueError
        An unknown name or option, or a number out of range.
    """
    name = find(name, SCHEDULES, "schedule")
    function = vars(schedules)[name]
    check_number("initial", initial, 0, math.inf, "schedule: ")
    check_number("warm_up", warm_up, FROM_0, math.inf, "schedule: ")
    allowed = options_of(function, 2)
    if "epochs" in allowed:
        allowed["epochs"] = 0.0  # may be left open
    check_options(allowed, options, f"schedule {name}")
    ordered = {option: options[option] for option in options_of(function, 2) if option in options}
    return Schedule(name, {"initial": float(initial), **ordered}, warm_up)


@dataclass(frozen=True, repr=False, kw_only=True)
class Optimizer:
    """An update rule with its numbers. Made by `SGD`, `Adam`, … .

    Attributes
    ----------
    name
        The rule's name.
    learning_rate
        A number, or a schedule; None: `Memory.lr`, which may be set anew between epochs.
    options
        The rule's other numbers, or schedules.
    clip_norm
        The gradient as a whole is shortened to this length if it is longer.
    clip_value
        Each number of the gradient is held between -clip_value and clip_value (before `clip_norm`).
    """

    name: str
    learning_rate: float | Schedule | None
    options: Mapping[str, Any] = field(default_factory=dict)
    clip_norm: float | None = None
    clip_value: float | None = None

    @property
    def rule(self) -> Callable[..., Any]:
        """The formula of one step."""
        rule: Callable[..., Any] = vars(updates)[self.name]
        return rule

    @property
    def slots(self) -> tuple[str, ...]:
        """What the rule remembers from step to step, each a vector as long as θ that starts as zeros."""
        parameters = parameters_of(self.rule).values()
        return tuple(item.name for item in parameters if item.kind is item.POSITIONAL_OR_KEYWORD)[2:]

    @property
    def takes(self) -> frozenset[str]:
        """Which of `t` (the step's number) and `decayed` the rule takes."""
        return frozenset(parameters_of(self.rule)) & {"t", "decayed"}

    @property
    def hyperparameters(self) -> dict[str, float | Schedule]:
        """Every number of the rule, the ones left at their default included."""
        return {**numbers_of(self.rule), **self.options}

    @property
    def structure(self) -> Hashable:
        """Equal for optimizers that take the same steps, and are told in the same words."""
        options = tuple((name, structure_of_number(value)) for name, value in self.options.items())
        return (self.name, structure_of_number(self.learning_rate), options, self.clip_norm, self.clip_value)

    def over(self, epochs: float) -> Optimizer:
        """The same, its schedules over so many epochs where that was left open."""
        options = {name: over(value, epochs) for name, value in self.options.items()}
        return replace(self, learning_rate=over(self.learning_rate, epochs), options=options)

    def __repr__(self) -> str:
        clips = {"clip_norm": self.clip_norm, "clip_value": self.clip_value}
        shown = {"learning_rate": self.learning_rate, **self.options}
        return self.name + options_text({**shown, **{name: v for name, v in clips.items() if v is not None}})


@cache  # there are a dozen rules, and each training asks several times
def parameters_of(rule: Callable[..., Any]) -> Mapping[str, inspect.Parameter]:
    """What a rule takes."""
    return inspect.signature(rule).parameters


def numbers_of(rule: Callable[..., Any]) -> dict[str, float]:
    """The numbers that a rule takes, with their defaults."""
    parameters = parameters_of(rule).values()
    return {p.name: p.default for p in parameters if p.default is not p.empty and p.name != "decayed"}


# what each optimizer takes: written by scripts/write_names.py
@overload
def optimizer(name: known.SgdName, learning_rate: Rate = None, **options: Unpack[known.SgdOptions]) -> Optimizer: ...
@overload
def optimizer(
    name: known.MomentumName, learning_rate: Rate = None, **options: Unpack[known.MomentumOptions]
) -> Optimizer: ...
@overload
def optimizer(
    name: known.RmspropName, learning_rate: Rate = None, **options: Unpack[known.RmspropOptions]
) -> Optimizer: ...
@overload
def optimizer(
    name: known.AdagradName, learning_rate: Rate = None, **options: Unpack[known.AdagradOptions]
) -> Optimizer: ...
@overload
def optimizer(name: known.AdamName, learning_rate: Rate = None, **options: Unpack[known.AdamOptions]) -> Optimizer: ...
@overload
def optimizer(
    name: known.AdamwName, learning_rate: Rate = None, **options: Unpack[known.AdamwOptions]
) -> Optimizer: ...
@overload
def optimizer(
    name: known.RpropName, learning_rate: Rate = None, **options: Unpack[known.RpropOptions]
) -> Optimizer: ...
# so far the optimizers
@overload
def optimizer(name: Optimizer) -> Optimizer: ...
def optimizer(
    name: str | Optimizer,
    learning_rate: float | Schedule | None = None,
    *,
    clip_norm: float | None = None,
    clip_value: float | None = None,
    **options: float | Schedule,
) -> Optimizer:
    """An optimizer by name; `SGD`, `Adam`, … are the same with the name filled in.

    Parameters
    ----------
    name
        One of "sgd", "momentum", "nesterov", "rmsprop", "adagrad", "adadelta", "adam", "adam_hat", "amsgrad", "nadam",
        "adamw", "rprop".
    learning_rate
        > 0, or a `schedule`. Default: 0.01 for sgd, momentum, nesterov, adagrad and rprop, 1.0 for adadelta, 0.001
        for the others.
    clip_norm, clip_value
        Longest gradient, largest number in it; > 0. None: no limit.
    **options
        The rule's other numbers, `optimizer("adam", beta1=0.8)`, each a number or a `schedule`.

    Raises
    ------
    ValueError
        An unknown name or option, or a number out of range; the message lists what is allowed.
    """
    if isinstance(name, Optimizer):
        return name
    if not isinstance(name, str):
        raise TypeError(f"optimizer must be a name or an optimizer like Adam(0.001), got {name!r:.60}")
    name = find(name, RULES, "optimizer")
    rule = vars(updates)[name]
    shared = {"learning_rate": 0.0, "clip_norm": 0.0, "clip_value": 0.0}
    largest = {option: value.largest if isinstance(value, Schedule) else value for option, value in options.items()}
    check_options({**numbers_of(rule), **shared}, largest, f"optimizer {name}")
    learning_rate = default_rate(name) if learning_rate is None else learning_rate
    if not isinstance(learning_rate, Schedule):
        check_number("learning_rate", learning_rate, 0, math.inf)
        learning_rate = float(learning_rate)
    for limit, value in (("clip_norm", clip_norm), ("clip_value", clip_value)):
        if value is not None:
            check_number(limit, value, 0, math.inf)
    numbers = {option: value if isinstance(value, Schedule) else float(value) for option, value in options.items()}
    return Optimizer(
        name=name, learning_rate=learning_rate, options=numbers, clip_norm=clip_norm, clip_value=clip_value
    )


def default_rate(name: str) -> float:
    """The learning rate of a rule where none is given."""
    known = {"sgd": 0.01, "momentum": 0.01, "nesterov": 0.01, "adagrad": 0.01, "rprop": 0.01, "adadelta": 1.0}
    return known.get(name, 0.001)


Rate = float | Schedule | None
Made = TypeVar("Made", bound=Callable[..., Optimizer])


def signature_of(name: str) -> Callable[[Made], Made]:
    """For a function that makes one rule: `help` shows its numbers with their defaults, those of the formula."""
    of_rule = [*numbers_of(vars(updates)[name]).items(), ("clip_norm", None), ("clip_value", None)]
    rate = inspect.Parameter("learning_rate", inspect.Parameter.POSITIONAL_OR_KEYWORD, default=None)
    options = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=value) for name, value in of_rule]

    def decorate(function: Made) -> Made:
        # help() reads __signature__, which functions may have but their type does not declare
        function.__signature__ = inspect.Signature([rate, *options])  # type: ignore[attr-defined]  # a function has it
        return function

    return decorate


# by a name that comes as text, which no type checker knows
schedule_named: Callable[..., Schedule] = schedule
optimizer_named: Callable[..., Optimizer] = optimizer


@signature_of("sgd")
def SGD(learning_rate: Rate = None, **options: Unpack[known.SgdOptions]) -> Optimizer:
    """Stochastic gradient descent: θ ← θ - lr·g."""
    return optimizer("sgd", learning_rate, **options)


@signature_of("momentum")
def Momentum(learning_rate: Rate = None, **options: Unpack[known.MomentumOptions]) -> Optimizer:
    """Gradient descent with a velocity; option `momentum` (0.9)."""
    return optimizer("momentum", learning_rate, **options)


@signature_of("nesterov")
def Nesterov(learning_rate: Rate = None, **options: Unpack[known.MomentumOptions]) -> Optimizer:
    """Momentum that looks ahead; option `momentum` (0.9)."""
    return optimizer("nesterov", learning_rate, **options)


@signature_of("rmsprop")
def RMSprop(learning_rate: Rate = None, **options: Unpack[known.RmspropOptions]) -> Optimizer:
    """Steps divided by the root of a running mean of g²; options `rho`, `eps`."""
    return optimizer("rmsprop", learning_rate, **options)


@signature_of("adagrad")
def Adagrad(learning_rate: Rate = None, **options: Unpack[known.AdagradOptions]) -> Optimizer:
    """Steps divided by the root of the sum of all g²; option `eps`."""
    return optimizer("adagrad", learning_rate, **options)


@signature_of("adadelta")
def Adadelta(learning_rate: Rate = None, **options: Unpack[known.RmspropOptions]) -> Optimizer:
    """Steps in the ratio of past steps to past gradients; options `rho`, `eps`."""
    return optimizer("adadelta", learning_rate, **options)


@signature_of("adam")
def Adam(learning_rate: Rate = None, **options: Unpack[known.AdamOptions]) -> Optimizer:
    """Adaptive moments (Kingma & Ba 2015); options `beta1`, `beta2`, `eps`."""
    return optimizer("adam", learning_rate, **options)


@signature_of("amsgrad")
def AMSGrad(learning_rate: Rate = None, **options: Unpack[known.AdamOptions]) -> Optimizer:
    """Adam whose second moment never shrinks; options `beta1`, `beta2`, `eps`."""
    return optimizer("amsgrad", learning_rate, **options)


@signature_of("nadam")
def NAdam(learning_rate: Rate = None, **options: Unpack[known.AdamOptions]) -> Optimizer:
    """Adam with Nesterov's look ahead; options `beta1`, `beta2`, `eps`."""
    return optimizer("nadam", learning_rate, **options)


@signature_of("adamw")
def AdamW(learning_rate: Rate = None, **options: Unpack[known.AdamwOptions]) -> Optimizer:
    """Adam with decoupled weight decay; options `weight_decay` and Adam's."""
    return optimizer("adamw", learning_rate, **options)


@signature_of("rprop")
def Rprop(learning_rate: Rate = None, **options: Unpack[known.RpropOptions]) -> Optimizer:
    """Resilient propagation: the gradient's sign alone; for full batches."""
    return optimizer("rprop", learning_rate, **options)
