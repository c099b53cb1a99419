"""What may be changed about a network so that it learns. Each gives another case, or none where there is nothing to do.

They change one thing each, so that several can be done together, in the order in which they stand in `changes`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from glassnet.doctor.case import Case
from glassnet.parts.activations import activation
from glassnet.parts.initializers import ByHand, initializer
from glassnet.parts.layers import BatchNorm, Dense, Dropout
from glassnet.parts.network import Network
from glassnet.parts.schedules import Schedule

RELU = activation("relu")
UNITS = 16  # enough for what a yardstick finds
DEEP = 3  # hidden layers; more need care
STEEP = ("relu", "leaky_relu", "elu", "selu", "gelu", "silu", "softplus", "mish", "tanh")
USUAL_STARTS = ("glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform", "lecun_normal")


def fewer_layers(case: Case) -> Case | None:
    """The first two hidden layers, and the last one."""
    hidden = case.hidden
    if len(hidden) <= DEEP:
        return None
    end = hidden[2]
    last = case.dense[-1] if isinstance(case.last, Dense) else len(case.network.layers) - 1
    return fitting(case.with_layers(*case.network.layers[:end], *case.network.layers[last:]))


def more_units(case: Case) -> Case | None:
    """Hidden layers of at least 16 units."""
    few = [k for k in case.hidden if (case.layer(k).units or UNITS) < UNITS]
    return fitting(case.with_dense(*few, units=UNITS)) if few else None


def fitting(case: Case) -> Case:
    """Layers whose numbers by hand are of another size than they need start as usual."""
    layers = list(case.network.layers)
    for k in case.dense:
        layer, width = case.layer(k), case.widths[k]
        if isinstance(layer.weights, ByHand) and np.shape(layer.weights.values) != (width, layer.units):
            layers[k] = layer = replace(layer, weights=initializer("glorot_uniform"))
        if isinstance(layer.biases, ByHand) and np.shape(layer.biases.values) != (layer.units,):
            layers[k] = replace(layer, biases=initializer("zeros"))
    return case.with_layers(*layers)


def hidden_layer(case: Case) -> Case | None:
    """A hidden layer with relu before the last, where there is none; or relu in hidden layers that have nothing."""
    if any(not isinstance(layer, (Dense, Dropout)) for layer in case.network.layers):
        return None
    if not case.hidden:
        return fitting(case.with_layers(*case.network.layers[:-1], Dense(UNITS, "relu"), case.last))
    plain = [k for k in case.hidden if case.layer(k).activation.name == "identity"]
    if len(plain) < len(case.hidden):
        return None
    return case.with_dense(*plain, activation=RELU)


def other_activation(case: Case) -> Case | None:
    """Relu in hidden layers that have something flatter."""
    flat = [k for k in case.hidden if case.layer(k).activation.name not in (*STEEP, "identity")]
    return case.with_dense(*flat, activation=RELU) if flat else None


def tanh(case: Case) -> Case | None:
    """Tanh in the place of relu, whose units may die."""
    found = [k for k in case.hidden if case.layer(k).activation.name == "relu"]
    return case.with_dense(*found, activation=activation("tanh")) if found else None


def reaching_output(case: Case) -> Case | None:
    """A last layer that reaches the targets: without activation for numbers, with one made for what is 0 or 1."""
    last = case.last
    if not isinstance(last, Dense) or last.activation.name == "identity":
        return None
    wanted: Any = "identity"
    if is_zero_or_one(case):
        many = (last.units or case.truth.shape[1]) > 1
        wanted = "softmax" if many else "sigmoid"
    if last.activation.name in (wanted, "sigmoid" if wanted == "softmax" else ""):
        return None
    return case.with_dense(len(case.network.layers) - 1, activation=activation(wanted))


def usual_loss(case: Case) -> Case | None:
    """Cross-entropy for classes, the squared error for numbers; the last layer then gives scores."""
    loss, last = case.network.loss, case.last
    if loss is None or not isinstance(last, Dense):
        return None
    if not is_zero_or_one(case):
        if case.classes is not None or (loss.name == "squared" and loss.reduction == "mean"):
            return None
        return case.with_layers(*case.network.layers[:-1], identity(last), loss="squared")
    if "cross_entropy" in loss.name or (case.truth.shape[1] > 1 and (case.truth.sum(axis=1) != 1.0).any()):
        return None
    one = last.units == 1 or (last.units is None and case.truth.shape[1] == 1)
    made = "binary_cross_entropy" if one else "cross_entropy"
    return case.with_layers(*case.network.layers[:-1], identity(last), loss=made)


def identity(layer: Dense) -> Dense:
    """The layer without its activation."""
    return replace(layer, activation=activation("identity"))


def is_zero_or_one(case: Case) -> bool:
    """Whether all targets are."""
    return bool(np.isin(case.truth, (0.0, 1.0)).all())


def usual_starts(case: Case) -> Case | None:
    """Weights that start as usual, biases at 0."""
    zeros, glorot = initializer("zeros"), initializer("glorot_uniform")
    layers, found = list(case.network.layers), False
    for k in case.dense:
        layer = case.layer(k)
        if layer.scaling != "standard":
            continue
        if layer.weights.name not in USUAL_STARTS:
            layers[k], found = replace(layers[k], weights=glorot), True  # type: ignore[type-var]  # a Dense
        if layer.biases.name != "zeros":
            layers[k], found = replace(layers[k], biases=zeros), True  # type: ignore[type-var]  # a Dense
    return case.with_layers(*layers) if found else None


def biases(case: Case) -> Case | None:
    """Layers with a bias."""
    without = [k for k in case.dense if not case.layer(k).bias]
    followed = [k for k in without if k + 1 < len(case.network.layers)]
    normed = [k for k in followed if isinstance(case.network.layers[k + 1], BatchNorm)]
    bare = [k for k in without if k not in normed]
    return case.with_dense(*bare, bias=True) if bare else None


def no_dropout(case: Case) -> Case | None:
    """Without dropout."""
    layers = [layer for layer in case.network.layers if not isinstance(layer, Dropout) or rate_of(layer) < 0.05]
    return case.with_layers(*layers) if len(layers) < len(case.network.layers) else None


def rate_of(layer: Dropout) -> float:
    """The rate, or the largest that a schedule has."""
    return layer.rate.largest if isinstance(layer.rate, Schedule) else layer.rate


def no_penalty(case: Case) -> Case | None:
    """Without L1, L2 and weight decay."""
    old = case.network
    if old.l1 or old.l2:
        case = replace(case, network=Network(*old.layers, loss=old.loss))
    decay = case.optimizer.options.get("weight_decay", 0.0)
    heavy = isinstance(decay, Schedule) or decay > 0.01
    if heavy:
        case = case.with_optimizer(weight_decay=0.0)
    return case if old.l1 or old.l2 or heavy else None


def no_batch_norm(case: Case) -> Case | None:
    """Without batch norm, where the mean is that of a few rows."""
    layers = [layer for layer in case.network.layers if not isinstance(layer, BatchNorm)]
    few = min(case.batch, len(case.rows) % case.batch or case.batch) <= 4
    return case.with_layers(*layers) if few and len(layers) < len(case.network.layers) else None


def held_back(case: Case) -> list[Case]:
    """Less to learn by heart with: a penalty, dropout, fewer units, fewer epochs."""
    old, found = case.network, list[Case]()
    found += [
        replace(case, network=Network(*old.layers, loss=old.loss, l2=l2, penalty_per_row=old.penalty_per_row))
        for l2 in (0.003, 0.03)
        if l2 > 3.0 * old.l2
    ]
    hidden = case.hidden
    if hidden and not any(isinstance(layer, Dropout) for layer in old.layers):
        layers = [one for k, layer in enumerate(old.layers) for one in (layer, *[Dropout(0.3)] * (k in hidden))]
        found.append(case.with_layers(*layers))
    if hidden and narrowest(case) >= 8:
        layers = list(old.layers)
        for k in hidden:
            layers[k] = replace(case.layer(k), units=max(4, (case.layer(k).units or UNITS) // 4))
        found.append(fitting(case.with_layers(*layers)))
    if case.how.epochs >= 10:
        found.append(case.trained(epochs=case.how.epochs // 5))
    return found


def narrowest(case: Case) -> int:
    """The units of the narrowest hidden layer."""
    return min((case.layer(k).units or UNITS for k in case.hidden), default=0)
