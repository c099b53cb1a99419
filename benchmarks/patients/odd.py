"""Traps: networks that look wrong and are not. Beside each stands why nothing is to be changed."""

from __future__ import annotations

import numpy as np

import glassnet as gn
from patients import rows
from patients.healthy import Made, healthy
from patients.patient import Case, Patient
from patients.plan import Frozen
from patients.rows import Rng

ALL: list[Patient] = []


def odd(made: Made) -> Made:
    """Put a network among these."""
    ALL.append(healthy(made))
    return made


def straight(network: gn.Network, rng: Rng, **how: object) -> Case:
    """A linear problem with three inputs."""
    X, y = rows.line(rng)
    return Case(network, X, y, {"optimizer": gn.Adam(0.02), **how})


def ring(network: gn.Network, rng: Rng, **how: object) -> Case:
    """A disc in a ring."""
    X, y = rows.rings(rng)
    return Case(network, X, y, {"optimizer": gn.Adam(0.01), **how})


# it looks wrong


@odd
def no_nonlinearity_where_none_is_needed(rng: Rng) -> Case:
    """Two linear layers, on a linear problem."""
    return straight(gn.Network(gn.Dense(4), gn.Dense(1)), rng)


@odd
def zeros_in_a_linear_network(rng: Rng) -> Case:
    """Weights start at zero, but there is no hidden layer, so nothing is alike that should differ."""
    return straight(gn.Network(gn.Dense(1, weights="zeros")), rng, epochs=200)


@odd
def zeros_in_the_last_layer(rng: Rng) -> Case:
    """Only the last layer starts at zero; the first has different units, and learns from the second step on."""
    return ring(gn.Network(gn.Dense(16, "tanh"), gn.Dense(1, "sigmoid", weights="zeros")), rng)


@odd
def one_unit_is_enough(rng: Rng) -> Case:
    """A single hidden unit, for two clouds that a line divides."""
    X, y = rows.clouds(rng)
    return Case(gn.Network(gn.Dense(1, "tanh"), gn.Dense(1, "sigmoid")), X, y, {"optimizer": gn.Adam(0.05)})


@odd
def no_bias_where_none_is_needed(rng: Rng) -> Case:
    """No bias, and the target is a sum of the inputs without a constant."""
    X = rng.standard_normal((200, 3))
    return Case(gn.Network(gn.Dense(1, bias=False)), X, X @ [1.0, 2.0, -1.0], {"optimizer": gn.Adam(0.05)})


@odd
def relu_at_the_end_of_positive_targets(rng: Rng) -> Case:
    """The last layer is a relu, and targets are above zero."""
    X, y = rows.sine(rng)
    network = gn.Network(gn.Dense(32, "tanh"), gn.Dense(1, "relu", biases=gn.initializer("constant", value=1.0)))
    return Case(network, X, y + 3.0, {"optimizer": gn.Adam(0.01), "epochs": 200})


@odd
def sigmoid_with_squares(rng: Rng) -> Case:
    """A squared loss after a sigmoid, which tutorials use; slower than cross-entropy, and there."""
    X, y = rows.rings(rng)
    network = gn.Network(gn.Dense(16, "tanh"), gn.Dense(1, "sigmoid"), loss="squared")
    return Case(network, X, y.astype(float), {"optimizer": gn.Adam(0.02), "epochs": 150})


@odd
def tanh_with_signs(rng: Rng) -> Case:
    """Classes as -1 and 1 after a tanh."""
    X, y = rows.rings(rng)
    network = gn.Network(gn.Dense(16, "tanh"), gn.Dense(1, "tanh"), loss="squared")
    return Case(network, X, 2.0 * y - 1.0, {"optimizer": gn.Adam(0.02), "epochs": 150})


@odd
def sorted_rows_in_one_batch(rng: Rng) -> Case:
    """Rows are sorted and not shuffled, but each step has all of them."""
    X, y = rows.rings(rng)
    order = np.argsort(y)
    how = {"optimizer": gn.Adam(0.03), "epochs": 300, "batch_size": None, "shuffle": False}
    return Case(gn.Network(gn.Dense(16, "tanh"), gn.Dense(1, "sigmoid")), X[order], y[order], how)


@odd
def sorted_rows_that_are_shuffled(rng: Rng) -> Case:
    """Rows are sorted, and mixed anew each epoch."""
    X, y = rows.rings(rng)
    order = np.argsort(y)
    network = gn.Network(gn.Dense(16, "tanh"), gn.Dense(1, "sigmoid"))
    return Case(network, X[order], y[order], {"optimizer": gn.Adam(0.01)})


@odd
def random_features(rng: Rng) -> Case:
    """The hidden layer is kept as it starts, but has 200 units: there is something for the last to choose from."""
    start = gn.initializer("normal", std=1.5)
    network = gn.Network(Frozen(gn.Dense(200, "tanh", weights=start, biases=start)), gn.Dense(1, "sigmoid"))
    return ring(network, rng, epochs=150)


@odd
def clipped_before_adam(rng: Rng) -> Case:
    """The gradient is cut to a thousandth; Adam divides by its size, so that does not matter."""
    network = gn.Network(gn.Dense(16, "tanh"), gn.Dense(1, "sigmoid"))
    return ring(network, rng, optimizer=gn.Adam(0.01, clip_norm=1e-3))


@odd
def low_rate_for_long(rng: Rng) -> Case:
    """A rate of 0.0003 with Adam, for as long as that needs."""
    network = gn.Network(gn.Dense(64, "relu"), gn.Dense(1, "sigmoid"))
    return ring(network, rng, optimizer=gn.Adam(0.0003), epochs=400)


@odd
def high_rate_that_is_borne(rng: Rng) -> Case:
    """Gradient descent with a rate of 1, which a sigmoid bears."""
    network = gn.Network(gn.Dense(8, "sigmoid"), gn.Dense(1, "sigmoid"), loss="squared")
    X, y = rows.rings(rng)
    return Case(network, X, y.astype(float), {"optimizer": gn.SGD(1.0), "epochs": 400})


@odd
def few_epochs_that_are_enough(rng: Rng) -> Case:
    """Five epochs, on a problem for which they are enough."""
    X, y = rows.clouds(rng, 1000, apart=4.0)
    return Case(
        gn.Network(gn.Dense(8, "relu"), gn.Dense(1, "sigmoid")), X, y, {"optimizer": gn.Adam(0.02), "epochs": 5}
    )


@odd
def units_to_spare(rng: Rng) -> Case:
    """Half the units are dead from the start, and the others are enough."""
    dead = tuple(-100.0 if k % 2 else 0.0 for k in range(64))
    return ring(gn.Network(gn.Dense(64, "relu", biases=dead), gn.Dense(1, "sigmoid")), rng)


@odd
def pixels_from_0_to_255(rng: Rng) -> Case:
    """Inputs are not scaled, and a relu with Adam bears it."""
    X, y = rows.digits(rng)
    network = gn.Network(gn.Dense(64, "relu"), gn.Dense(10, "softmax"))
    return Case(network, X, y, {"optimizer": gn.Adam(0.001), "epochs": 60})


@odd
def a_column_that_never_changes(rng: Rng) -> Case:
    """One input is the same in all rows."""
    X, y = rows.rings(rng)
    network = gn.Network(gn.Dense(16, "tanh"), gn.Dense(1, "sigmoid"))
    return Case(network, np.column_stack([X, np.ones(len(X))]), y, {"optimizer": gn.Adam(0.01)})


@odd
def columns_that_say_nothing(rng: Rng) -> Case:
    """Beside two inputs that matter are five of noise."""
    X, y = rows.clouds(rng, 600)
    network = gn.Network(gn.Dense(8, "tanh"), gn.Dense(1, "sigmoid"), l2=0.01)
    return Case(network, np.column_stack([X, rng.standard_normal((len(X), 5))]), y, {"optimizer": gn.Adam(0.01)})


@odd
def units_of_different_scale(rng: Rng) -> Case:
    """One input is ten times the other, which is no trouble."""
    X, y = rows.rings(rng)
    network = gn.Network(gn.Dense(32, "tanh"), gn.Dense(1, "sigmoid"))
    return Case(network, X * [1.0, 5.0], y, {"optimizer": gn.Adam(0.02), "epochs": 200})


@odd
def targets_of_five(rng: Rng) -> Case:
    """Targets about 5 with a spread of 1: the last bias finds it."""
    X, y = rows.sine(rng)
    network = gn.Network(gn.Dense(32, "tanh"), gn.Dense(1))
    return Case(network, X, y + 5.0, {"optimizer": gn.Adam(0.02), "epochs": 400})


@odd
def small_penalty(rng: Rng) -> Case:
    """An l1 and an l2 that keep weights small, and the fit good."""
    return ring(gn.Network(gn.Dense(16, "tanh"), gn.Dense(1, "sigmoid"), l1=1e-4, l2=1e-3), rng)


@odd
def as_many_weights_as_rows(rng: Rng) -> Case:
    """Far more weights than rows, and no harm done."""
    X, y = rows.clouds(rng, 60, apart=3.0)
    network = gn.Network(gn.Dense(128, "relu"), gn.Dense(1, "sigmoid"))
    return Case(network, X, y, {"optimizer": gn.Adam(0.005), "epochs": 50})


@odd
def two_units_of_softmax(rng: Rng) -> Case:
    """Two classes with two outputs, where one would do."""
    return ring(gn.Network(gn.Dense(16, "relu"), gn.Dense(2, "softmax")), rng)
