"""A function of one's own that cannot be called as it will be is refused where it is given."""

import re

import numpy as np
import pytest

import glassnet as gn

X = np.linspace(-1.0, 1.0, 12).reshape(6, 2)


def train(layer=None, loss=None, **how):
    return gn.train(gn.Network(layer or gn.Dense(2), gn.Dense(), loss=loss), X, X[:, 0], epochs=1, seed=1, **how)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (lambda f: train(gn.Dense(2, f)), "activation must be a function of (z), and of numbers"),
        (lambda f: train(loss=f), "loss must be a function of (y, s), and of numbers"),
        (lambda f: train(gn.Dense(2, weights=f)), "initializer must be a function of (rng, shape), and of numbers"),
        (lambda f: train(metrics=[f]), "metric must be a function of (y, predicted)"),
        (lambda f: gn.train_many(gn.Network(gn.Dense()), X, X[:, 0], seeds=2, metrics=[f]), "metric must be a funct"),
        (lambda f: train(callbacks=[f]), "a callback must be a function of (event, model)"),
    ],
    ids=["activation", "loss", "initializer", "metric", "metric of many", "callback"],
)
def test_arguments_that_do_not_fit_are_said(given, said):
    def none():
        return 1.0

    for function, shown in ((none, "got none()"), (lambda *, z: z, "(*, z)")):
        with pytest.raises(TypeError, match=f"{re.escape(said)}.*{re.escape(shown)}"):
            given(function)


def test_what_else_a_function_needs_is_named():
    with pytest.raises(ValueError, match=re.escape("activation of (z) needs slope")):
        gn.activation(lambda z, slope: z * slope)
    assert gn.activation(lambda z, slope: z * slope, slope=2.0)(np.ones(1)) == 2.0
    with pytest.raises(TypeError, match=r"a callback must be a function of \(event, model\), got lambda \(a, b, c\)"):
        train(callbacks=[lambda a, b, c: None])
    train(metrics=[lambda *all: 1.0], callbacks=[lambda *all: None])
