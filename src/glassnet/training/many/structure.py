"""Which runs can go side by side: those whose steps are the same text, whatever the numbers in it."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from glassnet.formulas import losses
from glassnet.parts.layers import Dropout, Layer
from glassnet.parts.network import Network, structure_of_formula, structure_of_layer
from glassnet.parts.optimizers import Optimizer
from glassnet.parts.schedules import Schedule


def structure_of(network: Network, optimizer: Optimizer) -> Hashable:
    """Equal for runs whose training step is derived in the same steps, but for numbers: rates, penalties, limits.

    A network with parts of one's own is only equal to itself.
    """
    return structure_of_network(network), structure_of_update(optimizer)


def structure_of_network(network: Network) -> Hashable:
    """What a network computes, but for the numbers of its penalties and of dropout."""
    layers = [structure_of_dropout(layer) or structure_of_layer(layer) for layer in network.layers]
    loss = structure_of_formula(network.loss, losses)
    if network.structure is None or None in layers or loss is None:
        return id(network)
    return (*layers, loss, network.l1 > 0.0, network.l2 > 0.0, network.penalty_per_row)


def structure_of_dropout(layer: Layer) -> Hashable:
    """What a dropout layer does, but for its rate; None for another layer."""
    return ("Dropout", structure_of_schedule(layer.rate)) if type(layer) is Dropout else None


def structure_of_update(optimizer: Optimizer) -> Hashable:
    """What an optimizer does with a gradient, but for its numbers."""
    numbers = {**optimizer.hyperparameters, "learning_rate": optimizer.learning_rate}
    schedules = tuple((name, structure_of_schedule(value)) for name, value in numbers.items())
    return optimizer.name, schedules, optimizer.clip_norm is None, optimizer.clip_value is None


def structure_of_schedule(number: Any) -> Hashable:
    """How a schedule goes, but for its numbers; the same for all that are no schedules."""
    return (number.name, tuple(number.options), number.warm_up > 0.0) if isinstance(number, Schedule) else ""
