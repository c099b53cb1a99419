"""XOR and what else has few rows. In each function `good` is the network as the answer has it."""

from __future__ import annotations

import numpy as np

import glassnet as gn
from patients import rows
from patients.asked import TAXONOMY, asked
from patients.patient import Case
from patients.rows import Rng

HALF_OF_SQUARES = gn.loss("squared", half=True, reduction="sum")


@asked(
    "XOR with Neural Network, stats.stackexchange.com/questions/433365",
    *("output activation", "no nonlinearity", "too few epochs"),
)
def xor_of_goodfellow(rng: Rng, good: bool) -> Case:
    """Keras: the first layer linear, a relu at the end, squares, plain gradient descent, five epochs. Many faults."""
    X, y = rows.gate("xor")
    at = rng.integers(0, 4, 1500)
    first, last = ("tanh", "sigmoid") if good else ("identity", "relu")
    network = gn.Network(gn.Dense(8 if good else 2, first), gn.Dense(8, "relu"), gn.Dense(1, last), loss="squared")
    how = {"optimizer": gn.SGD(0.5 if good else 0.01), "epochs": 40 if good else 5}
    return Case(network, X[at], y[at], how)


@asked(
    "Why does my neural network to solve the XOR problem always output 0.5?, ai.stackexchange.com/questions/27010",
    *("too few units", "no nonlinearity", "hidden activation"),
)
def xor_without_a_hidden_layer(rng: Rng, good: bool) -> Case:
    """One layer with softmax: it can only divide by a line. The answer: hidden units."""
    X, y = rows.gate("xor")
    hidden = [gn.Dense(8, "tanh")] if good else []
    how = {"optimizer": gn.Adam(0.05), "epochs": 500}
    return Case(gn.Network(*hidden, gn.Dense(2, "softmax")), X, y.astype(int), how)


@asked("Neural network for XOR, biases omitted for simplicity, stackoverflow.com/questions/59399842", "no bias")
def xor_without_biases(rng: Rng, good: bool) -> Case:
    """XOR of -1 and 1 without biases: what a tanh network says of x, it says of -x with the other sign."""
    X, y = rows.gate("xor")
    network = gn.Network(gn.Dense(6, "tanh", bias=good), gn.Dense(1, "tanh", bias=good), loss="squared")
    return Case(network, 2 * X - 1, 2 * y - 1, {"optimizer": gn.SGD(0.3), "epochs": 1500, "batch_size": None})


@asked(
    "Training does not reliably converge, even with the simple XOR problem, CodingTrain/Toy-Neural-Network-JS#155",
    *("learning rate too low", "too few epochs"),
)
def xor_at_a_hundredth(rng: Rng, good: bool) -> Case:
    """Sigmoids and squares at a rate of 0.01: it does not get going."""
    network = gn.Network(gn.Dense(6, "sigmoid"), gn.Dense(1, "sigmoid"), loss=HALF_OF_SQUARES)
    how = {"optimizer": gn.SGD(2.0 if good else 0.01), "epochs": 5000, "batch_size": None}
    return Case(network, *rows.gate("xor"), how)


@asked(
    f"{TAXONOMY}: wrong weights initialisation",
    *("starting weights", "identical units"),
)
def xor_from_faint_weights(rng: Rng, good: bool) -> Case:
    """Weights start a hundredth of what they should be: all units are alike, and there is no slope."""
    start = gn.initializer("normal", std=1.0 if good else 0.01)
    layers = (gn.Dense(8, "sigmoid", weights=start), gn.Dense(1, "sigmoid", weights=start))
    how = {"optimizer": gn.SGD(1.0), "epochs": 3000, "batch_size": None}
    return Case(gn.Network(*layers, loss=HALF_OF_SQUARES), *rows.gate("xor"), how)


@asked(f"{TAXONOMY}: suboptimal number of neurons in the layer", "too few units")
def xor_with_one_unit(rng: Rng, good: bool) -> Case:
    """One hidden unit where two are the least, and eight are safe."""
    network = gn.Network(gn.Dense(8 if good else 1, "tanh"), gn.Dense(1, "sigmoid"), loss="squared")
    return Case(network, *rows.gate("xor"), {"optimizer": gn.Adam(0.05), "epochs": 1000})


@asked("XOR with relu dies at a saddle, harvard-edge/cs249r_book#1618", "dead units", "starting weights")
def xor_of_dead_relus(rng: Rng, good: bool) -> Case:
    """Biases of -2 from the start: no row wakes a unit."""
    biases = "zeros" if good else gn.initializer("constant", value=-2.0)
    network = gn.Network(gn.Dense(16, "relu", biases=biases), gn.Dense(1), loss="squared")
    return Case(network, *rows.gate("xor"), {"optimizer": gn.Adam(0.02), "epochs": 800})


@asked("Sigmoid overflow with lrate=8.1, stackoverflow.com/questions/47044541", "learning rate too high")
def and_at_8_1(rng: Rng, good: bool) -> Case:
    """Tanh and squares at a rate of 8.1: the first steps throw all units to where they are flat."""
    network = gn.Network(gn.Dense(4, "tanh"), gn.Dense(1, "tanh"), loss=gn.loss("squared", reduction="sum"))
    how = {"optimizer": gn.SGD(0.1 if good else 8.1), "epochs": 500}
    return Case(network, *rows.gate("and"), how)


@asked(
    "Loss values do not change, community.deeplearning.ai/t/324182",
    *("output activation", "targets out of reach", "dead units"),
)
def a_line_below_zero(rng: Rng, good: bool) -> Case:
    """Seven rows of y = 2x - 1 with a relu in each layer, the last too: below zero it cannot go."""
    x = np.array([[-1.0], [0.0], [1.0], [2.0], [3.0], [4.0], [5.0]])
    network = gn.Network(gn.Dense(4, "relu"), gn.Dense(2, "relu"), gn.Dense(1, "relu"), loss="squared")
    if good:
        network = gn.Network(gn.Dense(8, "tanh"), gn.Dense(1), loss="squared")
    return Case(network, x, 2 * x[:, 0] - 1, {"optimizer": gn.Adam(0.02 if good else 0.001), "epochs": 800})


@asked(
    "Neural network in Python: targets 1, 2, 3, 4, ansaurus.com/question/3644795",
    *("targets out of reach", "output activation", "targets not scaled"),
)
def four_numbers_by_tanh(rng: Rng, good: bool) -> Case:
    """A tanh at the end says at most 1, and what is wanted is 1 to 4."""
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    network = gn.Network(gn.Dense(6, "tanh"), gn.Dense(1, "identity" if good else "tanh"), loss="squared")
    return Case(network, X, np.array([1.0, 2.0, 3.0, 4.0]), {"optimizer": gn.SGD(0.1), "epochs": 1000})


@asked(
    "Algorithm not converging in given number of repetitions, stackoverflow.com/questions/31873829",
    *("too few epochs", "learning rate too low"),
    truth=("more", "sick"),
)
def stepmax_of_a_hundred(rng: Rng, good: bool) -> Case:
    """R's neuralnet with stepmax = 100 and a rate of 0.2: a hundred steps are too few for sigmoids."""
    X = rng.integers(0, 2, (120, 7)).astype(float)
    y = (X.sum(axis=1) > 3).astype(float)
    network = gn.Network(gn.Dense(5, "sigmoid"), gn.Dense(1, "sigmoid"), loss="squared")
    return Case(network, X, y, {"optimizer": gn.SGD(0.2), "epochs": 20_000 if good else 100, "batch_size": None})


@asked(
    "XOR problem: 1, 0.5, 0.5, makeyourownneuralnetwork/makeyourownneuralnetwork#70",
    "too few units",
    truth=("seed", "sick"),
)
def xor_with_two_units(rng: Rng, good: bool) -> Case:
    """Two sigmoids are enough for XOR, from some starts and not from others. The answer: four, or start anew."""
    network = gn.Network(gn.Dense(6 if good else 2, "sigmoid"), gn.Dense(1, "sigmoid"), loss=HALF_OF_SQUARES)
    how = {"optimizer": gn.SGD(2.0), "epochs": 5000, "batch_size": None}
    return Case(network, *rows.gate("xor"), how)


@asked("wrong NN XOR predictions, lmjohns3/theanets#67", "too few units", "hidden activation", truth=("sick", "seed"))
def xor_with_two_relus(rng: Rng, good: bool) -> Case:
    """Two relus: 0, 0.5, 0.99, 0.5 the first time, and right the second. The answer: twenty."""
    network = gn.Network(gn.Dense(20 if good else 2, "relu"), gn.Dense(1), loss="squared")
    return Case(network, *rows.gate("xor"), {"optimizer": gn.Adam(0.02), "epochs": 1000})
