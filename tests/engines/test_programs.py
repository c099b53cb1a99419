"""Programs that were once compiled wrongly: the engine against the derivation evaluated step by step."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.derivation.derive import derive
from glassnet.engines.numpy import gradient_source
from glassnet.expressions.expression import ROWS, evaluate

N, INPUTS = 7, 3


@dataclass(frozen=True)
class Own:
    """A layer of one formula: the output from x and the arrays W (3, 3), A (3, 3), b (3,), c (3,)."""

    formula: Any
    backward: Any = field(default=None)

    def parameters(self, n_inputs: int) -> dict[str, gn.Parameter]:
        shapes = {"W": (n_inputs, n_inputs), "A": (n_inputs, n_inputs), "b": (n_inputs,), "c": (n_inputs,)}
        return {name: gn.Parameter(shape, gn.initializer("normal", std=0.6)) for name, shape in shapes.items()}

    def forward(self, p: Any, x: Any, mode: gn.Mode) -> dict[str, Any]:
        return {"y": self.formula(p, x)}


FORMULAS = {
    "two arrays with the same gradient": lambda p, x: x @ (p.W + p.A) + p.b + p.c,
    "a gradient that is a view": lambda p, x: (p.W.T @ x.T).T + p.b,
    "an array used twice": lambda p, x: (x @ p.W + p.b) * (p.b > 0) + p.c,
    "a total of a view": lambda p, x: x * np.sum((x * p.b).T) + p.c,
    "the largest of a matrix": lambda p, x: x * p.W.max(axis=1) + p.c,
    "a choice that guards a logarithm": lambda p, x: np.where(x @ p.W > 0.1, np.log(x @ p.W), 0.0),
    "a choice between numbers": lambda p, x: x * np.where(x @ p.W > 0, 2.0, -0.5) + p.b,
    "a number as condition": lambda p, x: np.where(np.floor(x), x @ p.W, p.b),
    "the absolute value and its opposite": lambda p, x: np.abs(x @ p.W) - np.exp(-np.abs(x @ p.W)) + p.b,
    "a number from all rows": lambda p, x: x * np.tanh(np.sum(x @ p.W)) + p.c,
    "an infinite limit": lambda p, x: np.minimum(x @ p.W, np.inf) + p.b,
    "a new axis at the end": lambda p, x: np.sum(np.expand_dims(x, -1) * p.W, axis=1) + p.b,
}
LOSSES = {
    "squared": "squared",
    "absolute at the end": lambda y, s: np.abs(s - y),
    "a loss without y": lambda y, s: s * s,
    "a total of y": lambda y, s: (s - np.sum(y.T)) ** 2,
}


def by_hand(network: gn.Network, model: gn.Model, x: np.ndarray, y: np.ndarray) -> tuple[float, dict[str, np.ndarray]]:
    """The loss and the gradients by name, one formula after the other."""
    derivation = derive(network, INPUTS)
    values: dict[str, Any] = {**model.memory.arrays(), **derivation.constants, "x": x, "y": y, ROWS: float(N)}
    for step in derivation.steps:
        values[step.name] = evaluate(step.expression, values)
    return values["L"], {name: values[step] for name, step in derivation.gradients.items()}


@pytest.mark.filterwarnings("ignore:invalid value encountered in log", "ignore:divide by zero")
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("formula", FORMULAS)
def test_the_engine_gives_what_the_formulas_give(formula: str, loss: str) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(N, INPUTS)), rng.normal(size=(N, INPUTS))
    network = gn.Network(Own(FORMULAS[formula]), gn.Dense(INPUTS, "tanh", bias=False), loss=LOSSES[loss])
    model = gn.initialize(network, x, y, seed=1)
    expected, gradients = by_hand(model.network, model, x, y)
    with np.errstate(all="ignore"):
        found = gradient_source(derive(model.network, INPUTS)).bind(model.memory.arrays(), N)(x, y)
    assert found == pytest.approx(expected, rel=1e-12)
    for name, gradient in model.memory.layout.views(model.memory.g).items():
        np.testing.assert_allclose(gradient, gradients[name], rtol=1e-10, atol=1e-13, err_msg=name)


def test_a_first_layer_may_have_no_bias() -> None:
    X, y = np.eye(3), np.arange(3.0)
    model = gn.train(gn.Network(gn.Dense(4, "tanh", bias=False), gn.Dense(1)), X, y, epochs=2, seed=0)
    assert np.isfinite(model.predict(X)).all()


def test_a_value_may_be_called_expm() -> None:
    @dataclass(frozen=True)
    class Named:
        backward = None

        def parameters(self, n_inputs: int) -> dict[str, gn.Parameter]:
            return {}

        def forward(self, p: Any, x: Any, mode: gn.Mode) -> dict[str, Any]:
            return {"expm": np.expm1(x)}

    X = np.eye(3)
    model = gn.train(gn.Network(Named(), gn.Dense(1)), X, np.arange(3.0), epochs=2, seed=0)
    assert np.isfinite(model.predict(X)).all()


def test_a_name_used_twice_is_refused() -> None:
    @dataclass(frozen=True)
    class Twice:
        backward = None

        def parameters(self, n_inputs: int) -> dict[str, gn.Parameter]:
            return {"l": gn.Parameter((n_inputs,), "zeros")}

        def forward(self, p: Any, x: Any, mode: gn.Mode) -> dict[str, Any]:
            return {"y": x + p.l}

    network = gn.Network(Twice(), gn.Dense(1), l1=0.1)
    with pytest.raises(ValueError, match="the name l1 is used twice"):
        gn.train(network, np.eye(3), np.arange(3.0), epochs=1)


def test_a_value_with_the_name_of_a_gradient_is_refused() -> None:
    @dataclass(frozen=True)
    class Shifted:
        def parameters(self, n_inputs: int) -> dict[str, gn.Parameter]:
            return {"b": gn.Parameter((n_inputs,), "zeros")}

        def forward(self, p: Any, x: Any, mode: gn.Mode) -> dict[str, Any]:
            return {"db": 2.0 * x, "mean": x.mean(axis=0), "y": x + p.b}

        def backward(self, p: Any, x: Any, v: Any, d: Any) -> dict[str, Any]:
            return {"db": v.mean, "dx": d}  # a gradient known as mean1; db1 is something else

    network = gn.Network(Shifted(), gn.Dense(1), loss="squared")
    with pytest.raises(ValueError, match="the name db1 is used twice"):
        derive(network, INPUTS)


def test_a_gradient_has_the_same_name_in_the_derivation_and_in_memory() -> None:
    network = gn.Network(gn.Dense(5, "tanh"), gn.Dense(1), loss="squared")
    model = gn.train(network, np.eye(N, INPUTS), np.arange(N) / N, epochs=1, seed=0, engine="numpy")
    arrays, layout = model.memory.arrays(), model.memory.layout
    assert list(model.derivation().gradients.values()) == list(layout.gradients) == ["dW1", "db1", "dW2", "db2"]
    assert all(np.shares_memory(arrays[name], model.memory.g) for name in layout.gradients)
    assert "dW1 = memory['dW1']" in model.source("numpy")
