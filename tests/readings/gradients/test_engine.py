"""The engine against the layers' own code run on arrays, and against the update rules called by hand."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from gradient_examples import ACTIVATIONS, LAYERS, LOSSES, REDUCTIONS, rows, targets, weights

import glassnet as gn
from glassnet.derivation.derive import derive
from glassnet.engines.memory import Memory
from glassnet.engines.numpy import gradient_source
from glassnet.parts.optimizers import RULES

NETWORKS = {
    **{f"activation {f!r}": gn.Network(gn.Dense(7, f), gn.Dense(2, f), loss="squared") for f in ACTIVATIONS},
    **{f"loss {f!r}": gn.Network(gn.Dense(7, "tanh"), gn.Dense(2), loss=f) for f in LOSSES},
    **{f"layer {f!r}": gn.Network(gn.Dense(3, "relu"), f, gn.Dense(2), loss="squared") for f in LAYERS},
}


def by_engine(network: gn.Network, dtype: Any, w: Any = None) -> tuple[float, Memory, list[np.ndarray]]:
    data = [rows(), targets(network.loss), *([] if w is None else [w[:, None]])]
    arrays = [array.astype(dtype) for array in data]
    memory = Memory.of(network, 3, dtype)
    memory.initialize(network, 3, np.random.default_rng(0))
    derivation = derive(network, 3, dtype=dtype, weighted=w is not None)
    run = gradient_source(derivation).bind(memory.arrays(), 5, np.random.default_rng(7))
    return run(*arrays), memory, arrays


def by_layers(network: gn.Network, memory: Memory, x: np.ndarray, y: np.ndarray, w: Any = None) -> Any:
    """Loss and gradients of the textbook's loop; every array that passes by."""
    arrays = {**memory.layout.views(memory.theta), **memory.state_layout.views(memory.state)}
    mode = gn.Mode(True, np.random.default_rng(7))
    passed, seen = [], []
    for k, layer in enumerate(network.layers, 1):
        p = SimpleNamespace(**{name: arrays[f"{name}{k}"] for name in layer.parameters(x.shape[1])})
        v = layer.forward(p, x, mode)
        passed.append((k, layer, p, x, SimpleNamespace(**v)))
        seen += v.values()
        x = list(v.values())[-1]
    terms = network.loss(y, x)
    share = np.ones((len(x), 1), x.dtype) if w is None else w
    if network.loss.reduction != "sum":
        share = share / (len(x) if network.loss.reduction == "rowmean" else share.sum())
    if network.loss.reduction == "mean":
        share = share / terms.shape[1]
    d = network.loss.backward(y, x) * share
    g = {}
    for k, layer, p, x, v in reversed(passed):
        grads = layer.backward(p, x, v, d)
        seen += grads.values()
        g.update({f"{name[1:]}{k}": grad for name, grad in grads.items() if f"{name[1:]}{k}" in arrays})
        d = grads["dx"]
    return (terms * share).sum(), g, seen


@pytest.mark.parametrize("name", NETWORKS)
def test_engine_equals_the_layers_on_arrays(name: str) -> None:
    for reduction in REDUCTIONS:
        for w in (None, weights()):
            network = gn.Network(*NETWORKS[name].layers, loss=replace(NETWORKS[name].loss, reduction=reduction))
            found, memory, arrays = by_engine(network, np.float64, w)
            expected, g, _ = by_layers(network, memory, *arrays)
            np.testing.assert_allclose(found, expected, rtol=1e-13)
            for array, view in memory.layout.views(memory.g).items():
                np.testing.assert_allclose(view, g[array], rtol=1e-12, atol=1e-14, err_msg=array)


@pytest.mark.parametrize("name", NETWORKS)
def test_float32_stays_float32_and_is_close(name: str) -> None:
    network = NETWORKS[name]
    _, wide, _ = by_engine(network, np.float64)
    _, narrow, arrays = by_engine(network, np.float32)
    if "Dropout" not in name:  # float32 draws other random numbers
        error = np.linalg.norm(narrow.g - wide.g) / np.linalg.norm(wide.g)
        assert error < 1e-4
    _, g, seen = by_layers(network, narrow, *arrays)
    assert {array.dtype for array in seen} == {np.dtype(np.float32)}
    np.testing.assert_allclose(
        narrow.g, np.concatenate([g[k].ravel() for k in narrow.layout.shapes]), rtol=1e-3, atol=1e-5
    )


OPTIONS = {"momentum": {"momentum": 0.7}, "adam": {"beta1": 0.8}, "adamw": {"weight_decay": 0.3}}


@pytest.mark.parametrize("clip", [{}, {"clip_norm": 0.05, "clip_value": 0.03}], ids=["", "clipped"])
@pytest.mark.parametrize("rate", [0.1, gn.schedule("exponential", 0.1, decay=0.5, warm_up=2)], ids=repr)
@pytest.mark.parametrize("rule", RULES)
def test_every_optimizer_steps_as_its_formula(rule: str, rate: Any, clip: dict[str, float]) -> None:
    optimizer = gn.optimizer(rule, rate, **clip, **OPTIONS.get(rule, {}))
    network = gn.Network(gn.Dense(7, "tanh"), gn.Dense(2), loss="squared", l1=0.01, l2=0.02)
    X, y = rows(), targets("squared")
    model = gn.initialize(network, X, y, seed=0)
    penalised = np.concatenate([np.full(a.size, name[0] == "W", float) for name, a in model.weights.items()])
    theta = model.memory.theta.copy()
    slots = [np.zeros_like(theta) for _ in optimizer.slots]
    hand = Memory.of(network, 3, np.float64)
    unpenalised = gn.Network(*network.layers, loss="squared")
    run = gradient_source(derive(unpenalised, 3)).bind(hand.arrays(), 5)
    for epoch in range(3):
        hand.theta[:] = theta
        run(X, y)
        g = hand.g + penalised * (0.01 * np.sign(theta) + 0.02 * theta)
        if clip:
            g = np.clip(g, -0.03, 0.03)
            g = g * min(1.0, 0.05 / np.linalg.norm(g))
        lr = rate if isinstance(rate, float) else 0.1 * 0.5**epoch * min(1.0, 0.1 + 0.9 * min(epoch / 2, 1.0))
        extra = {"t": epoch + 1, "decayed": penalised}
        extra = {name: extra[name] for name in optimizer.takes}
        result = optimizer.rule(theta, g, *slots, lr=lr, **OPTIONS.get(rule, {}), **extra)
        theta, *slots = result
    gn.train(model, X, y, optimizer=optimizer, epochs=3, batch_size=None)
    np.testing.assert_allclose(model.memory.theta, theta, rtol=1e-12, atol=1e-14)
    for name, slot in zip(optimizer.slots, slots, strict=True):
        np.testing.assert_allclose(model.memory.slots[name], slot, rtol=1e-12, atol=1e-14)
