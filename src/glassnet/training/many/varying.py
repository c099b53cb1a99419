"""What runs differ in: from `vary={"learning_rate": [0.1, 0.01], "l2": [0.0, 0.001]}` to settings for each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np

from glassnet.parts.activations import Activation, activation
from glassnet.parts.layers import Dense, Dropout, Layer
from glassnet.parts.naming import check_options, guess, is_number
from glassnet.parts.network import Network
from glassnet.parts.optimizers import Optimizer, optimizer, optimizer_named
from glassnet.parts.schedules import Schedule
from glassnet.training.settings import Settings

Vary = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None


@dataclass(frozen=True, eq=False)
class Setting:
    """What is trained, and how.

    Attributes
    ----------
    network, settings
        With what was varied put in; the optimizer is chosen.
    values
        What was varied, by name, as it is shown.
    """

    network: Network
    settings: Settings
    _: KW_ONLY
    values: Mapping[str, Any]

    @cached_property
    def optimizer(self) -> Optimizer:
        """The update rule."""
        return optimizer_named(self.settings.optimizer)


@dataclass(frozen=True)
class Knob:
    """Something that can be varied: how it is found in a setting, and how it is put there."""

    read: Callable[[Setting], Any]
    put: Callable[[Setting, Any], Setting]


def settings_of(network: Network, settings: Settings, vary: Vary) -> list[Setting]:
    """Every combination of what varies, the last name changing fastest; of several grids one after the other.

    Raises
    ------
    ValueError, TypeError
        A name that nothing has, an empty list, or a value that `train` would refuse.
    """
    base = Setting(network, replace(settings, optimizer=optimizer(settings.optimizer or "adam")), values={})
    grids = [{name: values_of(name, given) for name, given in grid.items()} for grid in grids_of(vary)]
    names = list(dict.fromkeys(name for grid in grids for name in grid))
    return [
        combined(base, dict(zip(grid, values, strict=True)), names)
        for grid in grids
        for values in product(*grid.values())
    ]


def grids_of(vary: Vary) -> list[Mapping[str, Any]]:
    """The grids that are given: one, several, or none, which is one setting."""
    if vary is None or isinstance(vary, Mapping):
        grids = [vary or {}]
    else:
        grids = list(vary) if isinstance(vary, Iterable) and not isinstance(vary, str) else [vary]
    for grid in grids:
        if not isinstance(grid, Mapping):
            raise TypeError(
                f"vary must be a dict of lists, {{'learning_rate': [0.1, 0.01]}}, or several, got {grid!r:.60}"
            )
    if not grids:
        raise ValueError("vary must hold at least one dict of lists, got none")
    return grids


def values_of(name: str, given: Any) -> list[Any]:
    """The values of one name: those of a list, an array or a range; what holds nothing else is one value."""
    if isinstance(given, np.ndarray):
        given = given.tolist()
    if not isinstance(given, (list, tuple, range)):
        if isinstance(given, Iterable) and not isinstance(given, (str, Network)):
            raise TypeError(f"vary: give the values of {name!r} as a list, got {given!r:.60}")
        return [given]
    values = list(given)
    if name == "hidden" and isinstance(given, tuple) and all(is_number(units) for units in values) and values:
        raise ValueError(
            f"vary: hidden={given!r:.60} may be several networks or the layers of one; "
            f"write [{given!r:.60}] for layers of one, {values!r:.60} for a network each"
        )
    if not values:
        raise ValueError(f"vary: {name!r} needs at least one value, got an empty list")
    return [value.item() if isinstance(value, np.generic) else value for value in values]


def combined(base: Setting, values: Mapping[str, Any], names: Sequence[str]) -> Setting:
    """A setting with these values; `names` are all that are shown."""
    for name in values:
        check_name(base, name, values)
    setting = base
    for name in sorted(values, key=order_of):
        setting = knob_of(name).put(setting, values[name])
    shown = {name: read(setting, name) if values.get(name) is None else values[name] for name in names}
    return filled(replace(setting, values=shown))


def filled(setting: Setting) -> Setting:
    """The setting with schedules that go over all epochs where they leave that open."""
    epochs, chosen = setting.settings.epochs, setting.optimizer
    return replace(with_setting(setting, optimizer=chosen.over(epochs)), network=setting.network.over(epochs))


def read(setting: Setting, name: str) -> Any:
    """What a setting has that another one varies; None where it has no such thing."""
    known = {*KNOBS, *options_of_optimizer(setting.optimizer)}
    return knob_of(name).read(setting) if name in known else None


def check_name(setting: Setting, name: str, values: Mapping[str, Any]) -> None:
    """ValueError, with a guess, for what a setting with these values does not have."""
    chosen = optimizer(values.get("optimizer", setting.settings.optimizer))
    known = [*KNOBS, *options_of_optimizer(chosen)]
    if name not in known:
        hint = guess(name, known, "option")
        raise ValueError(
            f"vary: there is no {name!r} to be varied{hint}; with {chosen.name} there are {', '.join(known)}"
        )


def options_of_optimizer(chosen: Optimizer) -> dict[str, Any]:
    """The numbers of an optimizer that are no learning rate."""
    return {**chosen.hyperparameters, "clip_norm": chosen.clip_norm, "clip_value": chosen.clip_value}


def order_of(name: str) -> int:
    """When a value is put in: the network first, the optimizer before its numbers."""
    return list(KNOBS).index(name) if name in KNOBS else len(KNOBS)


def knob_of(name: str) -> Knob:
    """How something is read and put in; what is not in `KNOBS` is an option of the optimizer."""
    return KNOBS.get(name) or Knob(
        lambda setting: options_of_optimizer(setting.optimizer)[name],
        lambda setting, value: with_optimizer(setting, **{name: value}),
    )


# the network


def with_network(setting: Setting, network: Any) -> Setting:
    """Another network."""
    if not isinstance(network, Network):
        raise TypeError(f"vary: network must be a Network, got {network!r:.60}")
    return replace(setting, network=network)


def with_penalty(setting: Setting, **penalty: float) -> Setting:
    """Another l1 or l2."""
    old = setting.network
    penalties = {"l1": old.l1, "l2": old.l2, **penalty}
    return replace(
        setting, network=Network(*old.layers, loss=old.loss, penalty_per_row=old.penalty_per_row, **penalties)
    )


def blocks(network: Network) -> list[list[Layer]]:
    """The layers cut before each `Dense`: what stands before the first, each with what follows it."""
    found: list[list[Layer]] = [[]]
    for layer in network.layers:
        if isinstance(layer, Dense):
            found.append([])
        found[-1].append(layer)
    return found


def hidden(network: Network, name: str) -> list[list[Layer]]:
    """The blocks of the hidden layers; ValueError where there is none."""
    found = blocks(network)[1:-1]
    if not found:
        raise ValueError(f"vary: {name} needs a hidden Dense layer, which {network!r:.80} has not")
    return found


def with_hidden(setting: Setting, units: Any) -> Setting:
    """Other hidden layers: so many units in each, or a tuple of units; more layers than there are repeat the last."""
    first, *between, last = blocks(setting.network)
    there = hidden(setting.network, "hidden")
    sizes = [units] * len(there) if not isinstance(units, (list, tuple)) else list(units)
    layers = list(first)
    for k, size in enumerate(sizes):
        dense, *others = between[min(k, len(between) - 1)]
        assert isinstance(dense, Dense)
        layers += [replace(dense, units=size), *others]
    return replace(setting, network=setting.network.with_layers(*layers, *last))


def with_activation(setting: Setting, chosen: Any) -> Setting:
    """Another activation in all hidden layers."""
    if not isinstance(chosen, (str, Activation)) and not callable(chosen):
        raise TypeError(f"vary: activation must be a name or a function, got {chosen!r:.60}")
    there = [block[0] for block in hidden(setting.network, "activation")]
    layers = [
        replace(layer, activation=activation(chosen))
        if isinstance(layer, Dense) and any(layer is item for item in there)
        else layer
        for layer in setting.network.layers
    ]
    return replace(setting, network=setting.network.with_layers(*layers))


def with_dropout(setting: Setting, rate: Any) -> Setting:
    """Another rate in all `Dropout` layers; ValueError where there is none."""
    if not any(isinstance(layer, Dropout) for layer in setting.network.layers):
        raise ValueError(f"vary: dropout needs a Dropout layer, which {setting.network!r:.80} has not")
    layers = [Dropout(rate) if isinstance(layer, Dropout) else layer for layer in setting.network.layers]
    return replace(setting, network=setting.network.with_layers(*layers))


def dropout_of(setting: Setting) -> float | Schedule | None:
    """The rate of the first `Dropout` layer."""
    return next((layer.rate for layer in setting.network.layers if isinstance(layer, Dropout)), None)


def hidden_of(setting: Setting) -> int | tuple[int | None, ...] | None:
    """The units of the hidden layers: a number where all have as many, None where there is none."""
    units = tuple(block[0].units for block in blocks(setting.network)[1:-1] if isinstance(block[0], Dense))
    return units[0] if len({*units}) == 1 else units or None


def activation_of(setting: Setting) -> Any:
    """The activation of the first hidden layer."""
    found = blocks(setting.network)[1:-1]
    return found[0][0].activation if found and isinstance(found[0][0], Dense) else None


# how it is trained


def with_setting(setting: Setting, **changed: Any) -> Setting:
    """The same with other settings."""
    return replace(setting, settings=replace(setting.settings, **changed))


def with_shuffle(setting: Setting, shuffle: Any) -> Setting:
    """The rows in another order in each epoch, or not."""
    if not isinstance(shuffle, bool):
        raise TypeError(f"vary: shuffle must be True or False, got {shuffle!r:.60}")
    return with_setting(setting, shuffle=shuffle)


def with_optimizer(setting: Setting, **changed: Any) -> Setting:
    """The same optimizer with other numbers."""
    old = setting.optimizer
    given = {"learning_rate": old.learning_rate, "clip_norm": old.clip_norm, "clip_value": old.clip_value}
    return with_setting(setting, optimizer=optimizer_named(old.name, **{**given, **old.options, **changed}))


def with_learning_rate(setting: Setting, rate: Any) -> Setting:
    """Another learning rate; where there is a schedule, a number is what it begins with."""
    old = setting.optimizer.learning_rate
    if isinstance(old, Schedule) and not isinstance(rate, Schedule):
        check_options({"learning_rate": 0.0}, {"learning_rate": rate}, "vary")
        rate = replace(old, options={**old.options, "initial": float(rate)})
    return with_optimizer(setting, learning_rate=rate)


def learning_rate_of(setting: Setting) -> Any:
    """The learning rate, or what it begins with."""
    rate = setting.optimizer.learning_rate
    return rate.options["initial"] if isinstance(rate, Schedule) else rate


KNOBS: dict[str, Knob] = {  # in the order in which they are put in
    "network": Knob(lambda setting: setting.network, with_network),
    "hidden": Knob(hidden_of, with_hidden),
    "activation": Knob(activation_of, with_activation),
    "dropout": Knob(dropout_of, with_dropout),
    "l1": Knob(lambda setting: setting.network.l1, lambda setting, value: with_penalty(setting, l1=value)),
    "l2": Knob(lambda setting: setting.network.l2, lambda setting, value: with_penalty(setting, l2=value)),
    "optimizer": Knob(
        lambda setting: setting.optimizer, lambda setting, value: with_setting(setting, optimizer=optimizer(value))
    ),
    "learning_rate": Knob(learning_rate_of, with_learning_rate),
    "batch_size": Knob(
        lambda setting: setting.settings.batch_size, lambda setting, value: with_setting(setting, batch_size=value)
    ),
    "epochs": Knob(lambda setting: setting.settings.epochs, lambda setting, value: with_setting(setting, epochs=value)),
    "shuffle": Knob(lambda setting: setting.settings.shuffle, with_shuffle),
    "early_stopping": Knob(
        lambda setting: setting.settings.early_stopping,
        lambda setting, value: with_setting(setting, early_stopping=value),
    ),
}
