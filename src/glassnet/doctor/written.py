"""A case as one would write it: the call of `train` that it is, as Python that can be pasted.

What cannot be written down, like weights by hand, is taken from the `network` that one has.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from glassnet.doctor.case import Case
from glassnet.formulas import activations, initializers, losses
from glassnet.parts.activations import Activation
from glassnet.parts.initializers import ByHand, Initializer
from glassnet.parts.layers import BatchNorm, Dense, Dropout, LayerNorm, Scale
from glassnet.parts.losses import Loss
from glassnet.parts.naming import call_text
from glassnet.parts.network import Network
from glassnet.parts.optimizers import Optimizer
from glassnet.parts.schedules import Schedule
from glassnet.training.settings import Settings
from glassnet.training.stopping import EarlyStopping

WRITTEN = (Dense, Dropout, BatchNorm, LayerNorm, Scale)
RULES = {"sgd": "SGD", "rmsprop": "RMSprop", "adamw": "AdamW", "amsgrad": "AMSGrad", "nadam": "NAdam"}


def code(case: Case, before: Case) -> str:
    """The call, after what is done to the rows first."""
    return "\n".join((*rows_code(case, before), network_code(case.network, before.network), train_code(case)))


def rows_code(case: Case, before: Case) -> list[str]:
    """What is done to arrays."""
    new = [what for what in case.given.changed if what not in before.given.changed]
    lines = []
    if "inputs" in new and case.given.is_arrays:
        lines.append("X = (X - X.mean(axis=0)) / X.std(axis=0).clip(1e-12)")
    if "targets" in new and case.given.is_arrays:
        lines.append("y = (y - y.mean(axis=0)) / y.std(axis=0)")
    return lines


def network_code(network: Network, old: Network) -> str:
    """`network = gn.Network(…)`; what cannot be written is taken from the one that one has."""
    layers = [layer_code(layer, old) for layer in network.layers]
    more = [] if network.loss is None else [f"loss={loss_code(network.loss)}"]
    more += [f"{name}={getattr(network, name)!r}" for name in ("l1", "l2", "penalty_per_row") if getattr(network, name)]
    return f"network = gn.Network({', '.join((*layers, *more))})"


def layer_code(layer: Any, old: Network) -> str:
    """A layer; one that cannot be written is the same of the network that one has."""
    if not isinstance(layer, WRITTEN):
        return f"network.layers[{place(layer, old)}]"
    return "gn." + call_text(
        layer, type(layer)(), ("units", "activation"), lambda name, value: value_code(value, name, layer, old)
    )


def value_code(value: Any, name: str, layer: Any, old: Network) -> str:
    """What a layer has in the place of something usual."""
    if isinstance(value, ByHand) or is_own(value):
        return f"network.layers[{place(layer, old)}].{name}"
    if isinstance(value, Activation):
        return named("activation", value.name, value.options)
    if isinstance(value, Initializer):
        return named("initializer", value.name, value.options)
    return schedule_code(value) if isinstance(value, Schedule) else repr(value)


def is_own(value: Any) -> bool:
    """Whether it is a formula of one's own, which a name does not say."""
    for kind, formulas in ((Activation, activations), (Initializer, initializers), (Loss, losses)):
        if isinstance(value, kind):
            return vars(formulas).get(value.name) is not value.function
    return False


def named(what: str, name: str, options: Mapping[str, Any]) -> str:
    """A part by name, with its options where it has some."""
    if not options:
        return repr(name)
    return f"gn.{what}({', '.join((repr(name), *(f'{key}={value!r}' for key, value in options.items())))})"


def place(layer: Any, old: Network) -> int:
    """Where a layer stands in a network, or one with the same numbers by hand."""
    for k, other in enumerate(old.layers):
        if other is layer or (isinstance(other, Dense) and isinstance(layer, Dense) and other.weights is layer.weights):
            return k
    return 0


def loss_code(loss: Loss) -> str:
    """A loss."""
    if is_own(loss):
        return "network.loss"
    given = [f"{key}={value!r}" for key, value in loss.options.items()]
    given += [] if loss.reduction == "mean" else [f"reduction={loss.reduction!r}"]
    given += [f"label_smoothing={loss.label_smoothing!r}"] if loss.label_smoothing else []
    return f"gn.loss({', '.join((repr(loss.name), *given))})" if given else repr(loss.name)


def train_code(case: Case) -> str:
    """`model = gn.train(…)`."""
    usual, how = Settings(), case.how
    rows = "X, y" if case.given.is_arrays else f"{case.given.called}, target={case.given.options.get('target')!r}"
    given = [f"optimizer={optimizer_code(case.optimizer)}", f"epochs={how.epochs}"]
    for name in ("batch_size", "shuffle", "drop_last"):
        if getattr(how, name) != getattr(usual, name):
            given.append(f"{name}={getattr(how, name)!r}")
    if how.early_stopping:
        given.append(f"early_stopping={stopping_code(how.early_stopping)}")
    for name in ("scale", "class_weight", "kind"):
        value = case.given.options.get(name)
        if value is not None and isinstance(value, str | bool | dict):
            given.append(f"{name}={value!r}")
    for name in ("sample_weight", "validation"):
        if case.given.options.get(name) is not None:
            given.append(f"{name}={name}")
    return f"model = gn.train(network, {rows}, {', '.join(given)}, seed=0)"


def optimizer_code(rule: Optimizer) -> str:
    """`gn.Adam(0.01)`."""
    rate = rule.learning_rate
    given = [] if rate is None else [schedule_code(rate) if isinstance(rate, Schedule) else number_code(rate)]
    given += [f"{k}={schedule_code(v) if isinstance(v, Schedule) else repr(v)}" for k, v in rule.options.items()]
    given += [f"{k}={getattr(rule, k)!r}" for k in ("clip_norm", "clip_value") if getattr(rule, k) is not None]
    return f"gn.{RULES.get(rule.name, rule.name.capitalize())}({', '.join(given)})"


def number_code(value: float) -> str:
    """A number as one types it, and all of it."""
    return f"{value:g}" if float(f"{value:g}") == value else repr(value)


def schedule_code(schedule: Schedule) -> str:
    """`gn.schedule("cosine", 0.1)`."""
    given = [f"{key}={value!r}" for key, value in schedule.options.items() if key != "initial"]
    given += [f"warm_up={schedule.warm_up!r}"] if schedule.warm_up else []
    return f"gn.schedule({', '.join((repr(schedule.name), repr(schedule.options['initial']), *given))})"


def stopping_code(stopping: Any) -> str:
    """`gn.EarlyStopping(…)`, or how patient it is."""
    if not isinstance(stopping, EarlyStopping):
        return repr(stopping)
    return f"gn.{call_text(stopping, EarlyStopping())}"
