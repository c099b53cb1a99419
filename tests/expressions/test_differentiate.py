"""Derived derivatives: against complex steps, which are exact to the last digits."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from glassnet.expressions.differentiate import SLOPES, pull_back
from glassnet.expressions.expression import (
    ARITHMETIC,
    FUNCTIONS,
    OF_COLUMNS,
    REDUCTIONS,
    blocks_of,
    evaluate,
    symbol,
    times_blocks,
    times_blocks_T,
)

RNG = np.random.default_rng(3)
ARRAYS = {
    "x": RNG.normal(size=(7, 3)),
    "v": RNG.normal(size=3),
    "c": RNG.normal(size=(7, 1)),
    "W": RNG.normal(size=(3, 5)),
}
SHAPES = {"x": ("n", 3), "v": (3,), "c": ("n", 1), "W": (3, 5)}


def two_blocks(W: Any) -> Any:
    """W and its sine, one below the other."""
    return np.concatenate((W.T, np.sin(W.T)), axis=1).T


FORMULAS: dict[str, Callable[..., Any]] = {
    "add and broadcast": lambda x, v, c, W: x + v - c,
    "products": lambda x, v, c, W: x * v * c * x,
    "quotients": lambda x, v, c, W: x / (2.0 + v * v) / (c * c + 1.0),
    "powers": lambda x, v, c, W: x**3 + (v * v + 1.0) ** 0.5 - (c * c + 1.0) ** -1.5 + x**2,
    "exponentials": lambda x, v, c, W: np.exp(x) * np.expm1(v) + np.log(c * c + 1.0) + np.log1p(x * x),
    "roots": lambda x, v, c, W: np.sqrt(x * x + 1.0) + np.square(v) - np.tanh(c),
    "waves": lambda x, v, c, W: np.sin(x) * np.cos(v * c),
    "matrices": lambda x, v, c, W: np.tanh(x @ W) @ W.T + (W.T @ x.T).T.sum(axis=1, keepdims=True),
    "sums": lambda x, v, c, W: x.sum(axis=0) * v + x.sum(axis=1, keepdims=True) + np.sum(W) + x.mean() * c,
    "softmax": lambda x, v, c, W: np.exp(x - c) / np.exp(x - c).sum(axis=1, keepdims=True),
    "used often": lambda x, v, c, W: (x + x * x) * (x + x * x) + x,
    "columns": lambda x, v, c, W: x[:, 1:3] * x[:, [0, 0]] + x[:, [2]] - x[:, [2, 0, 1, 1]][:, 2:4],
    "side by side": lambda x, v, c, W: np.concatenate((x, c, x * v, c), axis=1) ** 2,
    "by blocks": lambda x, v, c, W: np.tanh(times_blocks(np.concatenate((x, x * v), axis=1), two_blocks(W), 2)),
    "by blocks, back": lambda x, v, c, W: times_blocks_T(np.concatenate((x @ W, c * x @ W), axis=1), two_blocks(W), 2),
    "by blocks of one": lambda x, v, c, W: times_blocks_T(times_blocks(x, np.sin(W), 3), W * W, 3) * c,
    "blocks of a product": lambda x, v, c, W: blocks_of(x * v, times_blocks(x, W, 3), 3) + W,
    "a vector times a column": lambda x, v, c, W: np.expand_dims(v, 0) * c,
}


@pytest.mark.parametrize("name", FORMULAS)
@pytest.mark.parametrize("wrt", SHAPES)
def test_slopes_are_those_of_complex_steps(name: str, wrt: str) -> None:
    symbols = {key: symbol(key, shape) for key, shape in SHAPES.items()}
    result = FORMULAS[name](*symbols.values())
    d = symbol("d", result.shape)
    values = {**ARRAYS, "n": 7.0}
    values["d"] = RNG.normal(size=evaluate(result, values).shape)
    found = evaluate(pull_back(result, d, [symbols[wrt]])[0], values)
    expected = np.zeros_like(ARRAYS[wrt])
    for index in np.ndindex(expected.shape):
        stepped = ARRAYS[wrt].astype(complex)
        stepped[index] += 1e-200j
        moved = FORMULAS[name](*{**ARRAYS, wrt: stepped}.values())
        expected[index] = (moved.imag / 1e-200 * values["d"]).sum()
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


KINKED: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "absolute": (np.abs, np.sign),
    "sign": (np.sign, np.zeros_like),
    "floor": (np.floor, np.zeros_like),
    "maximum": (lambda z: np.maximum(z, 0.0), lambda z: (z >= 0) * 1.0),
    "minimum": (lambda z: np.minimum(0.0, z), lambda z: (z < 0) * 1.0),
    "maximum, second": (lambda z: np.maximum(0.0, z), lambda z: (z > 0) * 1.0),
    "minimum, second": (lambda z: np.minimum(z, 0.0), lambda z: (z <= 0) * 1.0),
    "where": (lambda z: np.where(z > 0.3, z * z, -z), lambda z: np.where(z > 0.3, 2 * z, -1.0)),
    "max": (lambda z: z.max(axis=1, keepdims=True) + 0.0 * z, lambda z: 3.0 * (z == z.max(axis=1, keepdims=True))),
    "max of all": (lambda z: np.max(z) + 0.0 * z, lambda z: z.size * (z == z.max())),
    "max along rows": (lambda z: z.max(axis=0) + 0.0 * z, lambda z: 7.0 * (z == z.max(axis=0))),
    "a condition as a number": (lambda z: (z > 0) * z, lambda z: (z > 0) * 1.0),
    "no part of it": (lambda z: np.where(z > 0, 1.0, 2.0), np.zeros_like),
}


@pytest.mark.parametrize("name", KINKED)
def test_at_a_kink_the_slope_is_that_of_the_side_taken(name: str) -> None:
    formula, slope = KINKED[name]
    z = symbol("z", ("n", 3))
    numbers = ARRAYS["x"].copy()
    numbers[0] = [0.0, 0.3, 1.0]
    values = {"z": numbers, "d": np.ones((7, 3)), "n": 7.0}
    found = evaluate(pull_back(formula(z), symbol("d", ("n", 3)), [z])[0], values)
    np.testing.assert_allclose(np.broadcast_to(found, (7, 3)), slope(numbers), rtol=1e-12)


def test_every_operation_has_a_slope() -> None:
    others = {"where", "matmul", "transpose", "expand_dims", *OF_COLUMNS}
    assert ARITHMETIC | FUNCTIONS | REDUCTIONS | others == set(SLOPES)


def test_an_exponent_that_changes_has_none() -> None:
    z = symbol("z", ("n", 3))
    with pytest.raises(TypeError, match="the exponent must be a number"):
        pull_back(2.0**z, z, [z])
