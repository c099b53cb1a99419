"""Updates in blocks: what the formulas give, however short the blocks are, and with buffers no longer than those."""

from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.derivation.derive import derive
from glassnet.engines import numpy_blocks
from glassnet.engines.numpy import training_source
from glassnet.expressions.expression import ROWS, evaluate
from glassnet.formulas import updates
from glassnet.parts.optimizers import RULES, Optimizer

N, INPUTS = 5, 3  # and 36 numbers to learn: 3·7 + 7 + 7 + 1
CLIPS: dict[str, dict[str, float]] = {"as it is": {}, "by value": {"clip_value": 0.01}, "by norm": {"clip_norm": 0.05}}


def pull(theta: Any, g: Any, *, lr: Any) -> Any:
    """A rule with sums over whole vectors, one of which nothing else reads, and with |θ| on both sides of them."""
    r = 2.0 * g
    shrunk = theta * np.exp(-np.abs(theta))
    return theta - lr * g / (1.0 + np.sum(r * r)) - lr * shrunk * np.sum(np.abs(theta)) - lr * np.abs(shrunk)


def initialized(optimizer: Optimizer, frozen: bool) -> tuple[gn.Model, dict[str, Any]]:
    """A model whose optimizer remembers something, and a batch."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(N, INPUTS)), rng.normal(size=(N, 1))
    network = gn.Network(gn.Dense(7, "tanh"), gn.Dense(1), loss="squared", l1=0.01, l2=0.02)
    model = gn.initialize(network, x, y, seed=1)
    if frozen:
        model.freeze("W1", rng.random((INPUTS, 7)) < 0.5)
    model.memory.prepare(optimizer)
    for slot in model.memory.slots.values():
        slot[:] = rng.random(slot.shape)
    return model, {"x": x, "y": y, "t": 3.0}


def by_formulas(model: gn.Model, optimizer: Optimizer, frozen: bool, data: dict[str, Any]) -> dict[str, np.ndarray]:
    """What a training step writes into memory, one formula after the other."""
    derivation = derive(model.network, INPUTS, optimizer, frozen=frozen)
    values: dict[str, Any] = {**model.memory.arrays(), **derivation.constants, **data, ROWS: float(N)}
    g = model.memory.layout.zeros(np.float64)
    values["g"] = g
    for step in derivation.steps:
        if step.phase == "update":
            for name, view in model.memory.layout.views(g).items():
                view[:] = values[derivation.gradients[name]]
        values[step.name] = evaluate(step.expression, values)
    return {step.assigns: values[step.name] for step in derivation.steps if step.assigns}


@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize("clip", CLIPS)
@pytest.mark.parametrize("rule", [*RULES, "pull"])
@pytest.mark.parametrize("block", [5, 18, 35])
def test_an_update_in_blocks_is_what_the_formulas_give(
    monkeypatch: pytest.MonkeyPatch, block: int, rule: str, clip: str, frozen: bool
) -> None:
    monkeypatch.setattr(numpy_blocks, "BLOCK", block)
    monkeypatch.setattr(updates, "pull", pull, raising=False)
    optimizer = Optimizer(name=rule, learning_rate=0.1, **CLIPS[clip])
    model, data = initialized(optimizer, frozen)
    expected = by_formulas(model, optimizer, frozen, data)
    source = training_source(derive(model.network, INPUTS, optimizer, frozen=frozen))
    assert "in blocks" in source.text
    step = source.bind(model.memory.arrays(), N)
    step(*[data[argument] for argument in source.arguments])
    arrays = model.memory.arrays()
    assert "theta" in expected
    for name, value in expected.items():
        np.testing.assert_allclose(arrays[name], value, rtol=1e-10, atol=1e-13, err_msg=name)


def test_a_short_update_is_done_as_a_whole() -> None:
    model, _ = initialized(gn.Adam(), frozen=False)
    assert "blocks" not in training_source(derive(model.network, INPUTS, gn.Adam())).text
