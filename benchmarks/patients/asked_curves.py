"""Curves and other numbers to be said. In each function `good` is the network as the answer has it."""

from __future__ import annotations

import numpy as np

import glassnet as gn
from patients import rows
from patients.asked import RECIPE, TAXONOMY, asked
from patients.patient import Case
from patients.rows import Rng, standard


@asked(
    "Neural network cannot learn a simple function, a forum's question about (x - 0.5)²",
    "learning rate too low",
    "too few epochs",
)
def a_parabola_at_a_thousandth(rng: Rng, good: bool) -> Case:
    """Two layers of relus with gradient descent at 0.001; what it finds is a line."""
    X = rng.uniform(0, 1, (100, 1))
    network = gn.Network(gn.Dense(16, "relu"), gn.Dense(16, "relu"), gn.Dense(1))
    return Case(network, X, (X[:, 0] - 0.5) ** 2, {"optimizer": gn.SGD(0.3 if good else 0.001), "epochs": 400})


@asked(
    "Failing to learn a quadratic function with PyTorch, discuss.pytorch.org, July 2020",
    *("learning rate too low", "inputs not scaled", "targets not scaled"),
)
def a_parabola_from_30_to_50(rng: Rng, good: bool) -> Case:
    """Inputs from 30 to 50 as they are, Adam at 0.00001, 200 epochs: always a straight line. Two faults."""
    x = rng.uniform(30, 50, (60, 1))
    y = x[:, 0] ** 2 / 64 - 5 * x[:, 0] / 4 + 25
    network = gn.Network(gn.Dense(64, "relu"), gn.Dense(64, "relu"), gn.Dense(1), loss="absolute")
    how = {"optimizer": gn.Adam(0.005 if good else 0.00001), "epochs": 200}
    return Case(network, standard(x) if good else x, standard(y) if good else y, how)


@asked(
    "Neural network toy model to fit sine function fails, what's wrong?, stackoverflow.com/questions/46995209",
    *("inputs not scaled", "saturated units"),
)
def a_sine_of_0_to_1000(rng: Rng, good: bool) -> Case:
    """Inputs from 0 to 1000 into a tanh: flat for nearly all of them."""
    x = rng.uniform(0, 1000, (300, 1))
    network = gn.Network(gn.Dense(32, "tanh"), gn.Dense(32, "tanh"), gn.Dense(1))
    how = {"optimizer": gn.Adam(0.01), "epochs": 200}
    return Case(network, standard(x) if good else x, np.sin(x[:, 0] * 2 * np.pi / 1000), how)


@asked(
    "Neural net to approximate a sine function, discuss.pytorch.org/t/101647", "no nonlinearity", "hidden activation"
)
def a_sine_of_linear_layers(rng: Rng, good: bool) -> Case:
    """Three linear layers and nothing between them."""
    X, y = rows.sine(rng, 300, turns=2.0)
    between = "tanh" if good else "identity"
    network = gn.Network(gn.Dense(50, between), gn.Dense(50, between), gn.Dense(1))
    return Case(network, X, y, {"optimizer": gn.Adam(0.01), "epochs": 200})


@asked(
    "Why do I fail to predict y = x**4 with Keras?, stackoverflow.com/questions/52800582",
    *("targets not scaled", "inputs not scaled"),
)
def the_fourth_power(rng: Rng, good: bool) -> Case:
    """Inputs to 100 and targets to 100,000,000, a sigmoid first: too large for the weights there are. Two faults."""
    x = rng.uniform(-100, 100, (400, 1))
    y = x[:, 0] ** 4
    network = gn.Network(gn.Dense(32, "sigmoid"), gn.Dense(32, "elu"), gn.Dense(1))
    how = {"optimizer": gn.Adam(0.01), "epochs": 200}
    return Case(network, standard(x) if good else x, standard(y) if good else y, how)


@asked(
    "R neuralnet does not converge within stepmax for time series, stackoverflow.com/questions/16631065",
    *("targets out of reach", "output activation", "targets not scaled"),
)
def a_trend_by_tanh(rng: Rng, good: bool) -> Case:
    """x + sin(x²) rises without end, and the last layer is a tanh. The answer: take it away, or the trend."""
    t = rng.uniform(1, 25, 200)
    window = np.column_stack([t + k + np.sin((t + k) ** 2) for k in range(4)])
    y = t + 4 + np.sin((t + 4) ** 2)
    network = gn.Network(gn.Dense(10, "tanh"), gn.Dense(1, "identity" if good else "tanh"), loss="squared")
    how = {"optimizer": gn.Adam(0.01), "epochs": 300}
    return Case(network, standard(window), standard(y) if good else y, how)


@asked(
    "Tensorflow regression model giving same prediction every time, a forum's question about marks",
    *("targets out of reach", "output activation", "targets not scaled"),
)
def marks_by_sigmoid(rng: Rng, good: bool) -> Case:
    """Marks from 0 to 50, and a sigmoid at the end."""
    hours = rng.uniform(0, 12, (200, 4))
    y = np.clip(25 + hours @ [1.0, 2.5, -1.0, -1.0] - 9, 0, 50)
    network = gn.Network(gn.Dense(8, "sigmoid"), gn.Dense(1, "identity" if good else "sigmoid"), loss="squared")
    how = {"optimizer": gn.Adam(0.02), "epochs": 200}
    return Case(network, standard(hours), standard(y) if good else y, how)


@asked(
    "Celsius to Fahrenheit with gradient descent, forums.fast.ai, July 2018",
    *("inputs not scaled", "learning rate too high", "exploding gradients"),
)
def celsius_to_fahrenheit(rng: Rng, good: bool) -> Case:
    """One weight, one bias, degrees from -500 to 500, a rate of 0.01: it blows up."""
    x = rng.uniform(-500, 500, (200, 1))
    y = 1.8 * x[:, 0] + 32
    how = {"optimizer": gn.SGD(0.01), "epochs": 200}
    return Case(gn.Network(gn.Dense(1), loss="squared"), standard(x) if good else x, y, how)


@asked(
    "Linear regression in Python blows up gradients for larger values of x, mejorcodigo.com/p/45698.html",
    *("learning rate too high", "inputs not scaled", "exploding gradients"),
)
def a_line_from_0_to_100(rng: Rng, good: bool) -> Case:
    """x from 0 to 100 instead of 0 to 1, the same rate: the answer says that it has to shrink with the square."""
    x = rng.uniform(0, 100, (500, 1))
    y = 5 * x[:, 0] + 3 + 0.1 * rng.standard_normal(500)
    how = {"optimizer": gn.SGD(1e-4 if good else 0.01), "epochs": 200, "batch_size": None}
    return Case(gn.Network(gn.Dense(1, weights="zeros"), loss="squared"), x, y, how)


@asked(
    "NaN loss when training regression network, stackoverflow.com/questions/37232782",
    *("targets not scaled", "exploding gradients", "inputs not scaled", "learning rate too high"),
)
def prices_that_are_nan(rng: Rng, good: bool) -> Case:
    """House prices in dollars, inputs as they are, gradient descent: not a number after a few steps."""
    X, y = rows.prices(rng)
    network = gn.Network(gn.Dense(32, "relu"), gn.Dense(1))
    how = {"optimizer": gn.SGD(0.01), "epochs": 100}
    return Case(network, standard(X) if good else X, standard(y) if good else y, how)


@asked(f"{RECIPE}: init well", "targets not scaled", "learning rate too low")
def prices_that_stay_near_zero(rng: Rng, good: bool) -> Case:
    """Inputs scaled, prices in dollars, Adam at 0.001: it walks a thousandth a step, and has to go to 400,000."""
    X, y = rows.prices(rng)
    network = gn.Network(gn.Dense(32, "tanh"), gn.Dense(1))
    return Case(network, standard(X), standard(y) if good else y, {"optimizer": gn.Adam(0.005 if good else 0.001)})


@asked(
    "Linear regression predicts Boston housing prices and the reason for loss is NaN, syntaxbug.com",
    *("inputs not scaled", "exploding gradients", "learning rate too high"),
)
def boston_that_is_nan(rng: Rng, good: bool) -> Case:
    """Columns of different size, one of them taxes in dollars, as they are: not a number."""
    X = np.column_stack([rng.exponential(4, 300), rng.normal(6, 0.7, 300), rng.uniform(180, 720, 300)])
    y = 22 - 0.3 * X[:, 0] + 5 * (X[:, 1] - 6) - 0.01 * (X[:, 2] - 400) + rng.standard_normal(300)
    how = {"optimizer": gn.SGD(0.01), "epochs": 100}
    return Case(gn.Network(gn.Dense(1), loss="squared"), standard(X) if good else X, y, how)


@asked(f"{TAXONOMY}: wrong type of activation function", "output activation", "targets out of reach")
def standardised_prices_by_relu(rng: Rng, good: bool) -> Case:
    """The target is standardised, so half of it is below zero, where a relu at the end never is."""
    X, y = rows.prices(rng)
    network = gn.Network(gn.Dense(32, "relu"), gn.Dense(1, "identity" if good else "relu"), loss="squared")
    return Case(network, standard(X), standard(y), {"optimizer": gn.Adam(0.005)})


@asked(
    "MLPRegressor quits fitting too soon due to self._no_improvement_count, scikit-learn/scikit-learn#9456",
    *("early stopping too early", "learning rate too low"),
)
def a_regressor_that_quits(rng: Rng, good: bool) -> Case:
    """Two epochs without an improvement of 0.001, and it is done; a slow start looks like the end."""
    X, y = rows.sine(rng, turns=2.0)
    network = gn.Network(gn.Dense(32, "tanh"), gn.Dense(32, "tanh"), gn.Dense(1))
    early = False if good else gn.EarlyStopping(2, min_delta=0.01)
    return Case(network, X, y, {"optimizer": gn.SGD(0.05), "epochs": 600, "early_stopping": early})


@asked(
    "R neuralnet taking huge number of steps for linear function f(x) = 19x, example-a.com/answer/42913347",
    "too few epochs",
    "targets not scaled",
    truth=("more", "sick"),
)
def twenty_times_x(rng: Rng, good: bool) -> Case:
    """Sigmoids for y = 20x: their weights have a long way, and the steps allowed are few."""
    x = rng.uniform(-2, 2, (50, 1))
    network = gn.Network(gn.Dense(3, "sigmoid"), gn.Dense(3, "sigmoid"), gn.Dense(1))
    how = {"optimizer": gn.Adam(0.01), "epochs": 1500 if good else 50}
    return Case(network, x, 20 * x[:, 0], how)


@asked(f"{RECIPE}: init well, a target about 50 wants a bias of 50", "targets not scaled", "learning rate too low")
def a_sine_about_a_thousand(rng: Rng, good: bool) -> Case:
    """The target is a sine about 1000; all that is learnt is how to get there."""
    X, y = rows.sine(rng)
    network = gn.Network(gn.Dense(32, "tanh"), gn.Dense(1))
    return Case(network, X, y if good else y + 1000.0, {"optimizer": gn.Adam(0.01), "epochs": 200})


@asked(f"{TAXONOMY}: suboptimal learning rate, one that decays too fast", "learning rate too low", "too few epochs")
def a_rate_that_falls_at_once(rng: Rng, good: bool) -> Case:
    """The learning rate is a tenth after each epoch: soon nothing moves."""
    X, y = rows.sine(rng, turns=2.0)
    network = gn.Network(gn.Dense(32, "tanh"), gn.Dense(32, "tanh"), gn.Dense(1))
    falling = gn.schedule("exponential", 0.1, decay=0.1)
    return Case(network, X, y, {"optimizer": gn.SGD(0.1 if good else falling), "epochs": 300})
