"""What is seen before a training: networks that say the same whatever they learn, and what can hardly be meant.

The first are refused. The rest is a line each, and only where nobody would mean it: what is merely odd often learns.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from glassnet.derivation.walk import values_of
from glassnet.doctor.usual import rates, reach
from glassnet.parts.initializers import Initializer
from glassnet.parts.layers import BatchNorm, Dense, Dropout, LayerNorm
from glassnet.parts.network import Network
from glassnet.parts.optimizers import Optimizer
from glassnet.parts.optimizers import optimizer as made
from glassnet.parts.schedules import Schedule
from glassnet.training.rows import Rows
from glassnet.training.settings import Settings
from glassnet.training.state import State

FAR = 100.0  # times the largest usual learning rate
OUTSIDE = 0.2  # of the targets
MOST_DROPPED = 0.9  # of the units
LARGE = 1e4  # a number among the inputs
ROWS = 256  # looked at for dead units
DEAD = 0.9  # of a layer's units


def check_meant(network: Network) -> None:
    """ValueError for a network that always says 1.

    >>> check_meant(Network(Dense(1, "softmax")))
    Traceback (most recent call last):
    ...
    ValueError: Dense(1, 'softmax') at the end always says 1: take sigmoid, or a unit for each class
    """
    last = network.layers[-1]
    if isinstance(last, Dense) and last.activation.name == "softmax" and last.units == 1:
        raise ValueError("Dense(1, 'softmax') at the end always says 1: take sigmoid, or a unit for each class")


def doubts(state: State, rows: Rows, settings: Settings) -> tuple[str, ...]:
    """What can hardly be meant about a training that is about to begin, a line each."""
    rule = made(settings.optimizer or state.optimizer or "adam")
    network = state.network
    return (
        *of_rate(rule),
        *of_targets(network, rows),
        *of_dropout(network),
        *of_inputs(network, rows),
        *of_starts(state, rows),
    )


def of_rate(rule: Optimizer) -> Iterator[str]:
    """A learning rate a hundred times as large as any that is usual; gradients cut to nothing."""
    rate, usual = rule.learning_rate, max(rates(rule.name))
    rate = rate.largest if isinstance(rate, Schedule) else rate or 0.0
    if rate > FAR * usual:
        yield f"the learning rate {rate:g} is {rate / usual:,.0f} times the largest that {rule.name} usually takes"
    if rule.clip_norm is not None and rule.clip_norm < 1e-4:
        yield f"clip_norm={rule.clip_norm:g} leaves next to nothing of a gradient"


def of_targets(network: Network, rows: Rows) -> Iterator[str]:
    """Targets that the last layer cannot say."""
    last = network.layers[-1]
    if not isinstance(last, Dense):
        return
    low, high = reach(last.activation.name)
    outside = float(((rows.y < low - 1e-9) | (rows.y > high + 1e-9)).mean())
    if outside > OUTSIDE:
        limits = f"{low:g} to {high:g}" if np.isfinite(high) else f"{low:g} and more"
        share = f"{100 * outside:.0f} %"
        yield f"the last layer's {last.activation.name} gives {limits}; {share} of the targets are outside"


def of_dropout(network: Network) -> Iterator[str]:
    """Layers that leave out nearly all units."""
    for k, layer in enumerate(network.layers, start=1):
        if isinstance(layer, Dropout):
            rate = layer.rate.largest if isinstance(layer.rate, Schedule) else layer.rate
            if rate >= MOST_DROPPED:
                yield f"layer {k} sets {100 * rate:.0f} % of its inputs to 0 at each step"


def of_inputs(network: Network, rows: Rows) -> Iterator[str]:
    """Columns of very large numbers that no layer scales."""
    if any(isinstance(layer, BatchNorm | LayerNorm) for layer in network.layers):
        return
    largest = rows.largest()
    widest = int(largest.argmax())
    if largest[widest] > LARGE:
        yield f"column {widest + 1} of the inputs reaches {largest[widest]:.3g}; scale it to mean 0 and spread 1"


def of_starts(state: State, rows: Rows) -> Iterator[str]:
    """Layers that start otherwise than usual, all of whose units are the same, or dead."""
    odd = {k for k, layer in enumerate(state.network.layers[:-1], start=1) if starts_otherwise(layer)}
    if not odd or state.epochs:
        return
    some = np.linspace(0, len(rows) - 1, min(ROWS, len(rows))).astype(np.intp)
    with np.errstate(all="ignore"):
        values = values_of(state.derivation(prediction=True), state.memory.arrays(), rows.x[some])
    for k in sorted(odd):
        z, a = values[f"z{k}"], values[f"a{k}"]
        if a.shape[1] < 2:
            continue
        if (z == z[:, :1]).all():
            yield f"layer {k}: all {a.shape[1]} units start the same; what starts alike may stay alike"
        elif (a == 0.0).all(axis=0).mean() >= DEAD:
            dead = int((a == 0.0).all(axis=0).sum())
            yield f"layer {k}: {dead} of {a.shape[1]} units say 0 for every row, and have no gradient"


def starts_otherwise(layer: object) -> bool:
    """Whether a layer has an activation, and numbers that are not drawn as usual."""
    if not isinstance(layer, Dense) or layer.activation.name == "identity":
        return False
    drawn = isinstance(layer.weights, Initializer) and layer.weights.name not in ("zeros", "ones", "constant")
    return not drawn or layer.biases.name != "zeros"
