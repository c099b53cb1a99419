"""How the rows are gone through, how deep it is, what is kept. In each function `good` is the network as mended."""

from __future__ import annotations

import numpy as np

import glassnet as gn
from patients import rows
from patients.asked import TAXONOMY, asked
from patients.patient import Case
from patients.plan import Frozen
from patients.rows import Rng, standard


@asked(
    "Question on MNIST model 03_ConvBatchNorm, minibatches of one, microsoft/CNTK#905",
    "batch norm over few rows",
    "batch size",
)
def batch_norm_of_one_row(rng: Rng, good: bool) -> Case:
    """A batch of one row, less its own mean, is nothing."""
    X, y = rows.digits(rng)
    network = gn.Network(gn.Dense(32), gn.BatchNorm(), gn.Dense(32, "relu"), gn.Dense(10, "softmax"))
    how = {"optimizer": gn.SGD(0.05), "epochs": 20, "batch_size": 32 if good else 1}
    return Case(network, X / 255, y, how)


@asked(
    "TensorFlow 2.0 Adadelta optimizer, the default rate is 0.001, tensorflow/tensorflow#32950",
    "learning rate too low",
    "optimizer",
)
def adadelta_of_tensorflow_2(rng: Rng, good: bool) -> Case:
    """A rate of 0.001 where the method's author has 1."""
    X, y = rows.digits(rng)
    network = gn.Network(gn.Dense(32, "relu"), gn.Dense(10, "softmax"))
    return Case(network, X / 255, y, {"optimizer": gn.Adadelta(1.0 if good else 0.001), "epochs": 40})


@asked("shuffle had no effect in MLPClassifier, scikit-learn/scikit-learn#12582", "rows not shuffled")
def classes_in_order(rng: Rng, good: bool) -> Case:
    """All rows of one class first, then all of the other, and nobody shuffles: it knows the last."""
    X, y = rows.flowers(rng)
    order = np.argsort(y, kind="stable")
    network = gn.Network(gn.Dense(16, "tanh"), gn.Dense(3, "softmax"))
    how = {"optimizer": gn.SGD(0.05), "epochs": 60, "batch_size": 5, "shuffle": good}
    return Case(network, X[order], y[order], how)


@asked(
    "Why should we shuffle data while training a neural network?, stats.stackexchange.com/questions/245502",
    "rows not shuffled",
)
def a_curve_in_order(rng: Rng, good: bool) -> Case:
    """A curve gone through from left to right: what was learnt on the left is forgotten on the right."""
    X, y = rows.sine(rng, 400, turns=2.0)
    order = np.argsort(X[:, 0])
    network = gn.Network(gn.Dense(16, "tanh"), gn.Dense(1))
    how = {"optimizer": gn.Adam(0.03), "epochs": 100, "batch_size": 4, "shuffle": good}
    return Case(network, X[order], y[order], how)


@asked(f"{TAXONOMY}: suboptimal batch size", "batch size", "too few epochs", truth=("sick", "more"))
def one_batch_an_epoch(rng: Rng, good: bool) -> Case:
    """The batch is as large as the table, so that thirty epochs are thirty steps."""
    X, y = rows.digits(rng, 1000)
    network = gn.Network(gn.Dense(32, "relu"), gn.Dense(10, "softmax"))
    how = {"optimizer": gn.SGD(0.02), "epochs": 30, "batch_size": 16 if good else 1000}
    return Case(network, X / 255, y, how)


@asked(
    "Weird behaviour from summary(): trainable was changed and not compiled, keras-team/keras#9940", "frozen weights"
)
def nothing_is_trainable(rng: Rng, good: bool) -> Case:
    """All layers are kept as they start."""
    X, y = rows.flowers(rng)
    layers = [gn.Dense(16, "tanh"), gn.Dense(3, "softmax")]
    network = gn.Network(*layers) if good else gn.Network(*map(Frozen, layers))
    return Case(network, standard(X), y, {"optimizer": gn.Adam(0.01)})


@asked("Freeze the parameters?, ihciah/deep-fashion-retrieval#1", "frozen weights", "too few units")
def the_body_is_frozen(rng: Rng, good: bool) -> Case:
    """Two narrow layers are kept as they start, and the last has too little to choose from."""
    X, y = gn.datasets.spirals(400, turns=0.75, rng=rng)
    body = [gn.Dense(6, "tanh"), gn.Dense(4, "tanh")]
    network = gn.Network(*(body if good else map(Frozen, body)), gn.Dense(2, "softmax"))
    return Case(network, standard(X), y, {"optimizer": gn.Adam(0.01), "epochs": 300})


@asked(
    "Why are deep neural networks hard to train?, neuralnetworksanddeeplearning.com, chapter 5",
    *("vanishing gradients", "hidden activation", "too many layers"),
)
def ten_layers_of_sigmoids(rng: Rng, good: bool) -> Case:
    """A sigmoid's slope is at most a quarter; ten of them leave a millionth."""
    X, y = rows.digits(rng)
    hidden = [gn.Dense(20, "relu" if good else "sigmoid") for _ in range(3 if good else 10)]
    how = {"optimizer": gn.SGD(0.1), "epochs": 60}
    return Case(gn.Network(*hidden, gn.Dense(10, "softmax")), X / 255, y, how)


@asked(
    "Dead relus after a learning rate too high, keras-team/keras#7057 and #3425",
    *("learning rate too high", "dead units"),
)
def relus_killed_by_the_rate(rng: Rng, good: bool) -> Case:
    """One step of gradient descent too far, and no row wakes a unit again."""
    X, y = rows.digits(rng)
    network = gn.Network(gn.Dense(32, "relu"), gn.Dense(32, "relu"), gn.Dense(10, "softmax"))
    return Case(network, X / 255, y, {"optimizer": gn.SGD(0.05 if good else 10.0), "epochs": 40})


@asked(
    "Default value of learning rate in Adam optimizer, datascience.stackexchange.com/questions/51280",
    "learning rate too high",
    "dead units",
)
def adam_at_a_tenth(rng: Rng, good: bool) -> Case:
    """0.1 is small for gradient descent and large for Adam."""
    X, y = rows.digits(rng)
    network = gn.Network(*(gn.Dense(32, "relu") for _ in range(4)), gn.Dense(10, "softmax"))
    return Case(network, X / 255, y, {"optimizer": gn.Adam(0.002 if good else 0.2), "epochs": 30})


@asked("Some questions about dropout: from 90 % to 40 %, parasdahal/deepnet#5", "dropout too strong")
def dropout_in_a_small_network(rng: Rng, good: bool) -> Case:
    """Nine units in ten are left out, of sixteen."""
    X, y = rows.digits(rng)
    rate = 0.1 if good else 0.9
    network = gn.Network(
        gn.Dense(16, "relu"), gn.Dropout(rate), gn.Dense(16, "relu"), gn.Dropout(rate), gn.Dense(10, "softmax")
    )
    return Case(network, X / 255, y, {"optimizer": gn.Adam(0.005), "epochs": 40})


@asked(
    "Why should we use (or not) dropout on the input layer?, datascience.stackexchange.com/questions/38507",
    "dropout too strong",
)
def dropout_of_inputs(rng: Rng, good: bool) -> Case:
    """Half of the time an input is not there, and both are needed."""
    X, y = rows.rings(rng)
    first = [] if good else [gn.Dropout(0.8)]
    network = gn.Network(*first, gn.Dense(32, "relu"), gn.Dense(1, "sigmoid"))
    return Case(network, X, y, {"optimizer": gn.Adam(0.01)})


@asked(
    "How can I compute a meaningful clip_norm threshold for my particular network?, keras-team/keras#28",
    "clipping too tight",
    "learning rate too low",
)
def clipped_for_safety(rng: Rng, good: bool) -> Case:
    """Clipping against rare explosions that cuts each step."""
    X, y = rows.flowers(rng)
    network = gn.Network(gn.Dense(16, "tanh"), gn.Dense(3, "softmax"))
    return Case(network, standard(X), y, {"optimizer": gn.SGD(0.1, clip_norm=1.0 if good else 1e-5)})


@asked("Add activation function, aymericdamien/TensorFlow-Examples#299", "no nonlinearity", "hidden activation")
def layers_without_activation(rng: Rng, good: bool) -> Case:
    """The example's neural network had no activations, and so was a line; on a ring that shows."""
    X, y = rows.rings(rng)
    between = "relu" if good else "identity"
    network = gn.Network(gn.Dense(64, between), gn.Dense(64, between), gn.Dense(2, "softmax"))
    return Case(network, X, y, {"optimizer": gn.Adam(0.005), "epochs": 150})


@asked(
    "R neuralnet, overcoming the non-convergence of the algorithm, stackoverflow.com/questions/19360835",
    "inputs not scaled",
    "saturated units",
)
def eight_columns_as_they_are(rng: Rng, good: bool) -> Case:
    """Columns about 0.1 beside columns about 2000 into sigmoids; the small ones, which matter, are not seen."""
    small = rng.standard_normal((400, 2))
    X = np.column_stack([0.1 * small, 2000 + 300 * rng.standard_normal((400, 3))])
    y = (small[:, 0] * small[:, 1] > 0).astype(int)
    network = gn.Network(gn.Dense(16, "sigmoid"), gn.Dense(1, "sigmoid"))
    return Case(network, standard(X) if good else X, y, {"optimizer": gn.Adam(0.02), "epochs": 300})


@asked(
    "Deep MLPs: should I normalize my input features?, stats.stackexchange.com/questions/266523",
    "inputs not scaled",
    "learning rate too high",
)
def one_column_of_a_million(rng: Rng, good: bool) -> Case:
    """Two columns of size 1, and a third that drowns them."""
    X, y = rows.rings(rng)
    X = np.column_stack([X, rng.uniform(1e6, 2e6, len(X))])
    network = gn.Network(gn.Dense(16, "relu"), gn.Dense(1, "sigmoid"))
    return Case(network, standard(X) if good else X, y, {"optimizer": gn.Adam(0.01), "epochs": 150})


@asked(
    f"{TAXONOMY}: wrong optimisation function",
    "optimizer",
    "learning rate too low",
    "too few epochs",
    truth=("sick", "more"),
)
def plain_descent_down_a_valley(rng: Rng, good: bool) -> Case:
    """Spirals with plain gradient descent at the default rate of 0.01: Adam is there long before."""
    X, y = gn.datasets.spirals(400, turns=0.75, rng=rng)
    network = gn.Network(gn.Dense(32, "tanh"), gn.Dense(32, "tanh"), gn.Dense(2, "softmax"))
    return Case(network, standard(X), y, {"optimizer": gn.Adam(0.01) if good else gn.SGD(0.01), "epochs": 60})


@asked(
    "Custom parametric activation function leading to NaN loss and weights, a question on Stack Overflow",
    "hidden activation",
    "exploding gradients",
)
def exponential_units(rng: Rng, good: bool) -> Case:
    """An activation without a bound, and one after the other."""
    X, y = rows.rings(rng)
    between = "relu" if good else "exponential"
    network = gn.Network(gn.Dense(16, between), gn.Dense(16, between), gn.Dense(1, "sigmoid"))
    return Case(network, X * 2, y, {"optimizer": gn.SGD(0.1), "epochs": 150})


@asked(
    f"{TAXONOMY}: wrong weights initialisation",
    "starting weights",
    "exploding gradients",
    "saturated units",
)
def weights_of_size_ten(rng: Rng, good: bool) -> Case:
    """Weights N(0, 100) in four layers of tanh: every unit is flat from the start."""
    X, y = gn.datasets.spirals(400, turns=1.0, rng=rng)
    start = None if good else gn.initializer("normal", std=10.0)
    hidden = [gn.Dense(16, "tanh", weights=start) for _ in range(4)]
    how = {"optimizer": gn.Momentum(0.05), "epochs": 400}
    return Case(gn.Network(*hidden, gn.Dense(2, "softmax")), standard(X), y, how)


@asked(f"{TAXONOMY}: suboptimal number of neurons in the layer", "too few units")
def a_bottleneck_of_one(rng: Rng, good: bool) -> Case:
    """Between two wide layers is one of a single unit, through which ten digits have to go."""
    X, y = rows.digits(rng)
    network = gn.Network(gn.Dense(32, "tanh"), gn.Dense(16 if good else 1, "tanh"), gn.Dense(10, "softmax"))
    return Case(network, X / 255, y, {"optimizer": gn.Adam(0.003), "epochs": 60})


@asked(
    "Early stopping with a patience of one on few held-out rows, scikit-learn/scikit-learn#6512",
    "early stopping too early",
)
def stopped_by_noise(rng: Rng, good: bool) -> Case:
    """Held-out rows wobble, and the first wobble ends it."""
    X, y = gn.datasets.spirals(300, turns=0.75, rng=rng)
    network = gn.Network(gn.Dense(32, "tanh"), gn.Dense(32, "tanh"), gn.Dense(2, "softmax"))
    how = {"optimizer": gn.SGD(0.3), "epochs": 400, "validation": 0.05, "early_stopping": 100 if good else 1}
    return Case(network, standard(X), y, how)


@asked(
    "Ch2 end-to-end example does not improve in accuracy, PacktPublishing/What-s-New-in-TensorFlow-2.0#1",
    *("inputs not scaled", "saturated units", "learning rate too high"),
)
def digits_as_they_are(rng: Rng, good: bool) -> Case:
    """Pixels from 0 to 255 into the book's network; its accuracy stays at 11 %. The answer: divide by 255."""
    X, y = rows.digits(rng)
    network = gn.Network(gn.Dense(64, "relu"), gn.Dense(10, "softmax"))
    return Case(network, X / 255 if good else X, y, {"optimizer": gn.SGD(0.1), "epochs": 40})
