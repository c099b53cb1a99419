"""Classes to be told apart: flowers, digits, words. In each function `good` is the network as the answer has it."""

from __future__ import annotations

import numpy as np

import glassnet as gn
from patients import rows
from patients.asked import MADE, asked
from patients.patient import Case
from patients.rows import Rng, one_hot, standard


@asked(
    "MLP on Iris data not working but it does fine on MNIST, datascience.stackexchange.com/questions/13163",
    *("too few epochs", "learning rate too low"),
    truth=("more", "sick"),
)
def iris_of_few_steps(rng: Rng, good: bool) -> Case:
    """Sigmoids and squares at 0.01, 100 rows: it says 0.44 to all. For 60,000 rows of MNIST it was enough."""
    X, y = rows.flowers(rng)
    network = gn.Network(gn.Dense(8, "sigmoid"), gn.Dense(3, "sigmoid"), loss="squared")
    how = {"optimizer": gn.SGD(0.5 if good else 0.01), "epochs": 600 if good else 50}
    return Case(network, standard(X), one_hot(y), how)


@asked(
    "Keras network much worse than nearest neighbours on iris, 55276.net/qa/?qa=864276",
    "too few epochs",
    truth=("more", "sick"),
)
def iris_of_one_epoch(rng: Rng, good: bool) -> Case:
    """Two layers of tanh, and `fit` without a number of epochs, which in Keras is one."""
    X, y = rows.flowers(rng)
    network = gn.Network(gn.Dense(20, "tanh"), gn.Dense(20, "tanh"), gn.Dense(3, "softmax"))
    return Case(network, X, y, {"optimizer": gn.Adam(0.001), "epochs": 200 if good else 1})


@asked(
    "My neural network for MNIST learns for one epoch and then stops learning, offlinew.com/q/q/4098171066",
    *("learning rate too high", "saturated units", "starting weights"),
)
def digits_by_tanh_at_a_tenth(rng: Rng, good: bool) -> Case:
    """Tanh at the end for -1 and 1, gradients summed over the batch, a rate of 0.1: all units flat after an epoch."""
    X, y = rows.digits(rng)
    loss = gn.loss("squared", reduction="sum")
    network = gn.Network(gn.Dense(30, "tanh"), gn.Dense(10, "tanh"), loss=loss)
    how = {"optimizer": gn.SGD(0.001 if good else 0.1), "epochs": 60, "batch_size": 100}
    return Case(network, X / 255, 2 * one_hot(y) - 1, how)


@asked(
    "Replace sigmoid with relu, but useless, MichalDanielDobrzanski/DeepLearningPython#13",
    *("learning rate too high", "starting weights", "dead units"),
)
def nielsen_with_relu(rng: Rng, good: bool) -> Case:
    """The book's network with relus, its weights N(0, 1) and its rate of 3. The answer: 0.01, and weights a tenth."""
    X, y = rows.digits(rng)
    start = gn.initializer("normal", std=0.1 if good else 1.0)
    layers = (gn.Dense(30, "relu", weights=start), gn.Dense(10, "relu", weights=start))
    how = {"optimizer": gn.SGD(0.1 if good else 3.0), "epochs": 60, "batch_size": 10}
    return Case(gn.Network(*layers, loss=gn.loss("squared", half=True)), X / 255, one_hot(y), how)


@asked(
    "Simple neural network fails to learn on MNIST, a question of weight initialisation?, mlog.club/article/5559512",
    *("starting weights", "saturated units", "identical units"),
)
def digits_from_positive_weights(rng: Rng, good: bool) -> Case:
    """Weights by `rand`, all above zero: each sum is far up, where a sigmoid is flat."""
    X, y = rows.digits(rng)
    start = None if good else gn.initializer("uniform", low=0.0, high=1.0)
    layers = [gn.Dense(32, "sigmoid", weights=start) for _ in range(2)]
    network = gn.Network(*layers, gn.Dense(10, "softmax", weights=start))
    return Case(network, X / 255, y, {"optimizer": gn.SGD(0.5), "epochs": 100})


@asked(
    "A network with one hidden layer cannot be trained: tf.zeros for all weights, pullrequest.ru/11818227",
    *("starting weights", "identical units"),
)
def digits_from_zeros(rng: Rng, good: bool) -> Case:
    """All weights start at zero. The answer: do not."""
    X, y = rows.digits(rng)
    start = None if good else "zeros"
    layers = (gn.Dense(32, "tanh", weights=start), gn.Dense(10, "softmax", weights=start))
    return Case(gn.Network(*layers), X / 255, y, {"optimizer": gn.SGD(0.3), "epochs": 60})


@asked("Should Keras automatically scale? keras-team/keras#508", "inputs not scaled", "saturated units")
def pixels_into_sigmoids(rng: Rng, good: bool) -> Case:
    """Pixels from 0 to 255 into sigmoids, which are flat there."""
    X, y = rows.digits(rng)
    network = gn.Network(gn.Dense(32, "sigmoid"), gn.Dense(10, "softmax"))
    return Case(network, X / 255 if good else X * 10, y, {"optimizer": gn.SGD(0.5), "epochs": 100})


@asked(
    "Duplicate pixel normalization despite the model's rescaling layer, Priyanshu-byte-coder/devtrack#927",
    "inputs not scaled",
    "learning rate too low",
    "too few epochs",
)
def pixels_divided_twice(rng: Rng, good: bool) -> Case:
    """Inputs below 0.004: all rows look alike."""
    X, y = rows.digits(rng)
    network = gn.Network(gn.Dense(32, "tanh"), gn.Dense(10, "softmax"))
    return Case(network, X / 255 if good else X / 255 / 255, y, {"optimizer": gn.SGD(0.2), "epochs": 40})


@asked(
    "Binary cross-entropy with softmax over one unit: accuracy stays at a half, geek-tips.imtqy.com/articles/557592",
    "output activation",
)
def softmax_of_one(rng: Rng, good: bool) -> Case:
    """Softmax over a single unit is 1, whatever is learnt."""
    X, y = rows.rings(rng)
    network = gn.Network(gn.Dense(16, "relu"), gn.Dense(1, "sigmoid" if good else "softmax"), loss="squared")
    return Case(network, X, y.astype(float), {"optimizer": gn.Adam(0.02), "epochs": 150})


@asked("Mean squared error for whole numbers that are classes, pullrequest.ru/14126136", "loss", "output activation")
def kinds_as_a_number(rng: Rng, good: bool) -> Case:
    """Ten digits as one number with a squared loss: a 3 would have to be between a 2 and a 4."""
    X, y = rows.digits(rng)
    last = [gn.Dense(10, "softmax")] if good else [gn.Dense(1)]
    network = gn.Network(gn.Dense(16, "relu"), *last, loss=None if good else "squared")
    return Case(network, X / 255, y, {"optimizer": gn.Adam(0.003), "epochs": 60})


@asked(
    "Why MLP only learns bias for unbalanced binary classification?, datascience.stackexchange.com/questions/19283",
    *("rare class", "class weights"),
)
def one_in_ten(rng: Rng, good: bool) -> Case:
    """Classes overlap and one is rare, so that saying no to all is hardly worse. The answer: weigh the classes."""
    X, y = rows.clouds(rng, 1500, 0.08, 1.0)
    network = gn.Network(gn.Dense(8, "relu"), gn.Dense(1, "sigmoid"))
    return Case(
        network, X, y, {"optimizer": gn.Adam(0.005), "epochs": 40, "class_weight": "balanced" if good else None}
    )


@asked(MADE, "class weights", "rare class")
def weights_the_wrong_way_round(rng: Rng, good: bool) -> Case:
    """The frequent class is given the weight that was meant for the rare one."""
    X, y = rows.clouds(rng, 800, 0.1, 1.5)
    network = gn.Network(gn.Dense(8, "tanh"), gn.Dense(1, "sigmoid"))
    weight = {0: 1.0, 1: 9.0} if good else {0: 20.0, 1: 1.0}
    return Case(network, X, y, {"optimizer": gn.Adam(0.005), "epochs": 60, "class_weight": weight})


@asked(
    "Why does only Adam optimiser perform well in my case?, datascience.stackexchange.com/questions/60487",
    "learning rate too low",
    "too few epochs",
    truth=("sick", "more"),
)
def texts_by_defaults(rng: Rng, good: bool) -> Case:
    """Words that are there or not, and little time."""
    X, y = rows.words(rng)
    network = gn.Network(gn.Dense(16, "relu"), gn.Dense(1, "sigmoid"))
    return Case(network, X, y, {"optimizer": gn.SGD(0.3 if good else 0.01), "epochs": 20 if good else 10})


@asked(MADE, "penalty too strong")
def texts_under_a_penalty(rng: Rng, good: bool) -> Case:
    """An l1 that no word is worth."""
    X, y = rows.words(rng)
    network = gn.Network(gn.Dense(16, "relu"), gn.Dense(1, "sigmoid"), l1=0.0 if good else 0.1)
    return Case(network, X, y, {"optimizer": gn.Adam(0.005), "epochs": 20})


@asked("Keras L2 regularization makes the network not learn, stackoom.com/en/question/4HpqD", "penalty too strong")
def everything_regularised(rng: Rng, good: bool) -> Case:
    """An l2 of 1: of what is learnt nothing stays."""
    X, y = rows.rings(rng)
    network = gn.Network(gn.Dense(32, "relu"), gn.Dense(1, "sigmoid"), l2=0.0 if good else 1.0)
    return Case(network, X, y, {"optimizer": gn.Adam(0.01)})


@asked(MADE, "overfitting")
def more_columns_than_rows(rng: Rng, good: bool) -> Case:
    """Two columns matter among sixty; the network knows its forty rows by heart. The answer: pull weights to zero."""
    X, y = rows.clouds(rng, 60, apart=2.0)
    X = np.column_stack([X, rng.standard_normal((len(X), 60))])
    network = gn.Network(gn.Dense(64, "relu"), gn.Dense(1, "sigmoid"), l1=0.05 if good else 0.0)
    return Case(network, X, y, {"optimizer": gn.Adam(0.005), "epochs": 300})
