"""The terms that are shown of a number add up to it, whatever the network."""

import math
import random
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import glassnet as gn
from glassnet.expressions.expression import symbol
from glassnet.parts.activations import NAMES as ACTIVATIONS
from glassnet.parts.layers import Parameter
from glassnet.parts.losses import NAMES as LOSSES
from glassnet.parts.optimizers import RULES
from glassnet.readings.explain.element import Arrays, single
from glassnet.readings.explain.numbers import agree, rounded, written
from glassnet.readings.explain.terms import products


@dataclass(frozen=True)
class Stretch:
    """A layer of one's own, without a backward."""

    backward = None

    def parameters(self, n_inputs: int) -> dict[str, Parameter]:
        return {"k": Parameter((n_inputs,), "normal", penalised=True)}

    def forward(self, p: Any, x: Any, mode: Any) -> Any:
        return {"t": p.k * x, "y": p.k * x + (x * x).mean(axis=1, keepdims=True)}


def bump(z):
    return z / (1.0 + z * z)


@st.composite
def layers(draw):
    found = []
    for _ in range(draw(st.integers(0, 3))):
        kind = draw(st.sampled_from(["dense"] * 4 + ["dropout", "batchnorm", "layernorm", "own"]))
        if kind == "dense":
            function = draw(st.sampled_from([*ACTIVATIONS, bump]))
            bias = draw(st.booleans())
            found.append(gn.Dense(draw(st.integers(1, 5)), function, bias=bias, biases="normal"))
        else:
            own = {"dropout": gn.Dropout(0.3), "batchnorm": gn.BatchNorm(), "layernorm": gn.LayerNorm()}
            found.append(own.get(kind, Stretch()))
    return found


@st.composite
def explanations(draw, dtype=None, rows=None, optimizer=None):
    """A model after a few steps, and its explanation on other rows."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    dtype = dtype or draw(st.sampled_from([np.float64, np.float32]))
    loss = draw(st.sampled_from(LOSSES))
    outputs = {"cross_entropy": 3, "binary_cross_entropy": 1}.get(loss) or draw(st.integers(1, 2))
    penalties = draw(st.sampled_from([{}, {"l2": 0.1}, {"l1": 0.05}, {"l1": 0.05, "l2": 0.1, "penalty_per_row": True}]))
    reduction = draw(st.sampled_from(["mean", "batchmean", "rowmean", "sum"]))
    network = gn.Network(
        *draw(layers()), gn.Dense(outputs, biases="normal"), loss=gn.loss(loss, reduction=reduction), **penalties
    )
    n = rows or draw(st.sampled_from([2, 5, 7]))
    X = rng.normal(size=(n, 3)).astype(dtype)
    y = rng.normal(size=(n, outputs)).astype(dtype)
    if loss == "cross_entropy":
        y = np.eye(3, dtype=dtype)[rng.integers(3, size=n)]
    elif loss in ("binary_cross_entropy", "poisson"):
        y = rng.integers(2, size=(n, outputs)).astype(dtype)
        y[:2] = [[0.0], [1.0]]
    model = gn.initialize(network, X, y, seed=1, dtype=dtype)
    name = optimizer or draw(st.sampled_from(RULES))
    clips = draw(st.sampled_from([{}, {"clip_norm": 0.1}, {"clip_value": 0.01}]))
    weight = rng.uniform(0.5, 2.0, n) if draw(st.booleans()) else None
    rule = gn.optimizer(name, 0.01, **clips)
    if draw(st.booleans()):
        gn.train(model, X, y, optimizer=rule, epochs=2, batch_size=None, engine="numpy", progress=False)
    if draw(st.booleans()):
        layout = model.memory.layout
        array = next(iter(layout.shapes))
        model.freeze(array, rng.random(layout.shapes[array]) < 0.5)
    return model, X, y, weight, rule


SETTINGS = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def places(shape, most=4):
    every = list(np.ndindex(*shape))
    return every if len(every) <= most else random.Random(0).sample(every, most)


def python(text):
    """A formula with numbers put in, worked out by Python."""
    words = "exp log log1p expm1 sqrt square tanh sign maximum minimum where floor cos sin abs pi inf nan"
    return float(eval(text, {"__builtins__": {}}, {name: getattr(np, name) for name in words.split()}))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_terms_of_every_number_add_up_to_it(dtype):
    @SETTINGS
    @given(explanations(dtype=dtype))
    def holds(made):
        model, X, y, weight, rule = made
        explanation = model.explain(X, y, optimizer=rule, sample_weight=weight)
        error = 1e-10 if dtype is np.float64 else 1e-4
        for name in explanation.names:
            step = explanation[name]
            for index in places(step.shape):
                number = step[index]
                values = [term.value for term in number.terms]
                scale = sum(map(abs, values)) + abs(number.value) + 1e-30
                assert abs(math.fsum(values) - number.value) <= error * scale, (name, index)
                for term in number.terms:
                    size = math.prod(f.value for f in term.factors if not f.divides) if term.factors else 0.0
                    size /= math.prod(f.value for f in term.factors if f.divides)
                    if term.factors:
                        assert (-size if term.negative else size) == pytest.approx(term.value, rel=error, abs=1e-30)

    holds()


@SETTINGS
@given(explanations(dtype=np.float64, rows=2))
def test_the_formula_with_numbers_put_in_gives_the_number(made):
    model, X, y, weight, rule = made
    explanation = model.explain(X, y, optimizer=rule, sample_weight=weight)
    evaluated = 0
    for name in explanation.names:
        step = explanation[name]
        for index in places(step.shape, 2):
            number = step[index]
            text = number.numbers
            if text and not any(f"{word}(" in text for word in ("sigmoid", "relu", "softplus", "gelu")):
                try:
                    found = python(text)
                except NameError:  # a formula by its name
                    continue
                evaluated += 1
                scale = 1.0 + max(abs(term.value) for term in number.terms)
                assert found == pytest.approx(number.value, rel=1e-9, abs=1e-12 * scale), (name, index, text)
    assert evaluated


def test_the_formula_of_a_number_is_worked_out_by_hand():
    x, W, b = symbol("x", ("n", 2)), symbol("W", (2, 3)), symbol("b", (3,))
    weights = {"W": np.array([[1.0, 2, 3], [4, 5, -6]]), "b": np.array([7.0, 8, -9])}
    arrays = Arrays({"x": np.array([[1.0, -2.0]]), **weights})
    z = x @ W + b
    assert repr(single(z, (0, 2), arrays, arrays.name)) == "x[0, 0] * W[0, 2] + x[0, 1] * W[1, 2] + b[2]"
    assert repr(single(z, (0, 2), arrays, arrays.number)) == "1 * 3 + (-2 * (-6)) - 9"
    assert [product.value(arrays) for product in products(z, (0, 2), arrays)] == [3.0, 12.0, -9.0]


def test_a_factor_of_a_whole_sum_goes_to_each_term():
    x, n = symbol("x", ("n", 1)), symbol("n")
    arrays = Arrays({"x": np.array([[1.0], [2.0], [6.0]]), "n": 3.0})
    for mean in (x.sum() / n, x.mean(), 1.0 / n * x.sum()):
        values = [product.value(arrays) for product in products(mean, (), arrays)]
        assert values == pytest.approx([1 / 3, 2 / 3, 2.0])


def test_only_the_chosen_side_of_a_where_counts():
    x = symbol("x", ("n", 1))
    arrays = Arrays({"x": np.array([[2.0], [-3.0]])})
    both = np.where(x > 0.0, x + 1.0, 5.0 * x)
    assert [p.value(arrays) for p in products(both, (0, 0), arrays)] == [2.0, 1.0]
    assert [p.value(arrays) for p in products(both, (1, 0), arrays)] == [-15.0]


def test_numbers_have_four_digits_no_false_zero_and_no_minus_zero():
    shown = {
        -0.0: "0", 1.0: "1", 0.5: "0.5", -0.123456: "-0.1235", 1e-3: "0.001", 0.000999: "9.99e-04",
        -3.112e-5: "-3.112e-05", 99999.0: "99999", 1e5: "1e+05", 123456.0: "1.235e+05", 12.3456: "12.35",
        float("inf"): "infinity", -float("inf"): "-infinity", float("nan"): "not a number", 5e-324: "4.941e-324",
    }  # fmt: skip
    assert [written(value) for value in shown] == list(shown.values())
    assert written(0.0) == "0"
    for value in (1 / 3, -2.5e-8, 1e22, 123456.75, np.float32(0.1)):
        assert float(written(value, 17)) == float(value)
    assert written(1 / 3, 2) == "0.33"


def test_rounded_numbers_agree_or_miss_the_last_digit():
    assert agree(0.1 + 0.2, 0.3)
    assert agree(0.12344 + 0.00001, 0.1234)
    assert not agree(0.1235, 0.1234)
    assert not agree(1.9, 2.0)  # "2" is 2.000
    assert not agree(1e-9, 0.0)
    assert rounded(-0.00000) == 0.0
