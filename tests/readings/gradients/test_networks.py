"""The whole gradient of networks, held against slopes that know nothing of backpropagation."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from gradient_examples import ACTIVATIONS, LAYERS, LOSSES, REDUCTIONS, rows, targets, weights
from hypothesis import given, settings
from hypothesis import strategies as st

import glassnet as gn
from glassnet.model.check_gradient import check_gradient

METHODS = ("central", "complex")

OF_ONE_WIDTH = (gn.Average, gn.Columns, gn.Residual)  # for so many inputs; tests/parts/ checks them


def agrees(network: gn.Network, X: np.ndarray, y: np.ndarray, method: str, **options: Any) -> None:
    check = check_gradient(network, X, y, method=method, **options)
    assert check.passed, check
    assert check.kinks <= 0.05 * check.checked, check


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("activation", ACTIVATIONS, ids=repr)
def test_every_activation(activation: Any, bias: bool, method: str) -> None:
    inner = gn.Dense(7, activation, bias=bias)
    network = gn.Network(inner, gn.Dense(3, activation), gn.Dense(bias=bias), loss="squared")
    agrees(network, rows(), targets("squared"), method)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("weighted", [True, False])
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_every_loss(loss: Any, reduction: str, weighted: bool, method: str) -> None:
    one = gn.loss(loss, reduction=reduction) if isinstance(loss, str) else replaced(loss, reduction)
    network = gn.Network(gn.Dense(7, "tanh"), gn.Dense(2), loss=one, l1=0.01, l2=0.03)
    agrees(network, rows(), targets(loss), method, sample_weight=weights() if weighted else None)


def replaced(loss: gn.parts.losses.Loss, reduction: str) -> gn.parts.losses.Loss:
    return gn.loss(loss.function, loss.derivative, reduction=reduction, **loss.options)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("layer", [item for item in LAYERS if not isinstance(item, OF_ONE_WIDTH)], ids=repr)
def test_every_layer_anywhere(layer: Any, method: str) -> None:
    X, y = rows(), targets("squared")
    for layers in ([layer, gn.Dense()], [gn.Dense(5, "sigmoid"), layer, gn.Dense()], [gn.Dense(3), layer, layer]):
        network = gn.Network(*layers, *([] if layers[-1] != layer else [gn.Dense()]), loss="squared")
        agrees(network, X, y, method, sample_weight=weights())


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("weight", [None, weights()], ids=["plain", "weighted"])
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_penalties_divided_by_rows(reduction: str, weight: Any, method: str) -> None:
    layers = gn.Dense(7, "tanh"), gn.LayerNorm(), gn.Dense(2)
    loss = gn.loss("squared", reduction=reduction)
    agrees(gn.Network(*layers, loss=loss, l1=0.05, l2=0.7, penalty_per_row=True), rows(), targets("squared"), method,
           sample_weight=weight)  # fmt: skip


@dataclass(frozen=True)
class Times:
    """A layer of one's own: y = k·x²; its derivative derived, or by hand."""

    backward = None

    def parameters(self, n_inputs: int) -> dict[str, gn.Parameter]:
        return {"k": gn.Parameter((n_inputs,), gn.initializer("uniform", low=0.5, high=2.0), penalised=True)}

    def forward(self, p: Any, x: Any, mode: gn.Mode) -> dict[str, Any]:
        return {"q": x * x, "y": p.k * (x * x)}


@dataclass(frozen=True)
class TimesByHand:
    def parameters(self, n_inputs: int) -> dict[str, gn.Parameter]:
        return Times().parameters(n_inputs)

    def forward(self, p: Any, x: Any, mode: gn.Mode) -> dict[str, Any]:
        return Times().forward(p, x, mode)

    def backward(self, p: Any, x: Any, v: Any, d: Any) -> dict[str, Any]:
        return {"dk": (d * v.q).sum(axis=0), "dx": d * p.k * (2.0 * x)}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("layer", [Times(), TimesByHand()], ids=repr)
def test_a_layer_of_ones_own(layer: Any, method: str) -> None:
    agrees(gn.Network(layer, gn.Dense(7, "tanh"), layer, gn.Dense(), l2=0.1), rows(), targets("squared"), method)


@st.composite
def networks(draw: st.DrawFn) -> gn.Network:
    smooth = ("tanh", "sigmoid", "softplus", "silu", "gelu", "softsign", "softmax", "relu", "elu", "leaky_relu")
    units = st.integers(1, 7)
    dense = st.builds(gn.Dense, units, st.sampled_from(smooth), st.booleans())
    other = st.sampled_from([gn.Dropout(0.25), gn.BatchNorm(eps=0.1), gn.LayerNorm(eps=0.1), Times()])
    layers = draw(st.lists(st.one_of(dense, other), max_size=4))
    loss = gn.loss(draw(st.sampled_from(["squared", "huber"])), reduction=draw(st.sampled_from(REDUCTIONS)))
    penalties = {name: draw(st.sampled_from([0.0, 0.01])) for name in ("l1", "l2")}
    return gn.Network(*layers, gn.Dense(), loss=loss, **penalties, penalty_per_row=draw(st.booleans()))


@settings(max_examples=30, deadline=None, derandomize=True)
@given(networks(), st.integers(0, 1000), st.integers(2, 7), st.booleans())
def test_random_networks(network: gn.Network, seed: int, n: int, weighted: bool) -> None:
    weight = weights(n) if weighted else None
    options = {"seed": seed, "sample_weight": weight}
    X, y = rows(n, 3, seed), targets("squared", n, seed)
    check = check_gradient(network, X, y, method="complex", **options)
    assert max(check.errors.values()) <= 1e-12, check
    check = check_gradient(network, X, y, method="central", **options)
    assert check.passed, check
