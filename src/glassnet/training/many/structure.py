"""Which runs can go side by side: those whose steps are the same text, whatever the numbers in it."""

from __future__ import annotations

from collections.abc import Hashable

from glassnet.formulas import losses
from glassnet.parts.layers import Dropout
from glassnet.parts.network import Network, structure_of_formula, structure_of_layer
from glassnet.parts.optimizers import Optimizer, Schedule


def structure_of(network: Network, optimizer: Optimizer) -> Hashable:
    """Equal for runs whose training step is derived in the same steps, but for numbers: rates, penalties, limits.

    A network with parts of one's own is only equal to itself.
    """
    return structure_of_network(network), structure_of_update(optimizer)


def structure_of_network(network: Network) -> Hashable:
    """What a network computes, but for the numbers of its penalties and of dropout."""
    layers = ["Dropout" if type(layer) is Dropout else structure_of_layer(layer) for layer in network.layers]
    loss = structure_of_formula(network.loss, losses)
    if network.structure is None or None in layers or loss is None:
        return id(network)
    return (*layers, loss, network.l1 > 0.0, network.l2 > 0.0, network.penalty_per_row)


def structure_of_update(optimizer: Optimizer) -> Hashable:
    """What an optimizer does with a gradient, but for its numbers."""
    rate = optimizer.learning_rate
    schedule = (rate.name, rate.warm_up > 0.0) if isinstance(rate, Schedule) else ""
    return optimizer.name, schedule, optimizer.clip_norm is None, optimizer.clip_value is None
