"""Hand-written derivatives against the chain rule applied to the formula, symbol by symbol."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from gradient_examples import ACTIVATIONS, LAYERS, LOSSES, rows, targets

import glassnet as gn
from glassnet.expressions.differentiate import pull_back
from glassnet.expressions.expression import evaluate, symbol
from glassnet.parts.activations import derived

EXACT = {"rtol": 1e-12, "atol": 1e-13}


def grid() -> np.ndarray:
    """Scores of both signs, small and large, (35, 3), none at a kink."""
    z = np.random.default_rng(0).normal(size=(35, 3))
    return z * np.logspace(-3, 1.2, 35)[:, None]


@pytest.mark.parametrize("chosen", ACTIVATIONS, ids=repr)
def test_activations(chosen: Any) -> None:
    f, z = gn.activation(chosen), grid()
    da = np.random.default_rng(1).normal(size=z.shape)
    by_rule = derived(lambda q: f.function(q, **f.options), da, z)
    np.testing.assert_allclose(f.backward(da, z, f(z)), by_rule, **EXACT)


@pytest.mark.parametrize("chosen", LOSSES, ids=repr)
def test_losses(chosen: Any) -> None:
    loss, y = gn.loss(chosen), targets(chosen, 35)
    s = grid()[:, :2]
    by_rule = derived(lambda y, s: loss.function(y, s, **loss.options), None, y, s)
    np.testing.assert_allclose(loss.backward(y, s), by_rule, **EXACT)


@pytest.mark.parametrize("layer", LAYERS, ids=repr)
def test_layers(layer: Any) -> None:
    rng = np.random.default_rng(3)
    x = rows(5, 3)
    own = layer.parameters(3)
    p = {name: rng.normal(size=item.shape) for name, item in own.items()}
    learnt = [name for name, item in own.items() if item.learnt]
    v = layer.forward(SimpleNamespace(**p), x, gn.Mode(True, np.random.default_rng(7)))
    d = rng.normal(size=list(v.values())[-1].shape)
    by_hand = layer.backward(SimpleNamespace(**p), x, SimpleNamespace(**v), d)

    symbols = {name: symbol(name, item.shape) for name, item in own.items()}
    x_, d_ = symbol("x", ("n", 3)), symbol("d", ("n", d.shape[1]))
    output = list(layer.forward(SimpleNamespace(**symbols), x_, gn.Mode(True)).values())[-1]
    by_rule = pull_back(output, d_, [*(symbols[name] for name in learnt), x_])
    for name, gradient in zip([*learnt, "x"], by_rule, strict=True):
        again = np.random.default_rng(7)
        value = evaluate(gradient, {**p, "x": x, "d": d, "n": 5.0}, lambda *_, r=again: r.random(x.shape))
        np.testing.assert_allclose(by_hand[f"d{name}"], value, **EXACT, err_msg=name)
        assert by_hand[f"d{name}"].shape == (x if name == "x" else p[name]).shape
