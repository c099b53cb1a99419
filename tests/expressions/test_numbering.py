"""The same expression: one rule for all who write or compute only once what occurs twice."""

import numpy as np
import pytest

from glassnet.derivation.tidy import share
from glassnet.expressions.expression import Expression, expand_dims, named, random, symbol, times_blocks
from glassnet.expressions.notation import plain
from glassnet.expressions.numbering import Numbering, same

X, W = symbol("x", ("n", 3)), symbol("W", (3, 3))
ALIKE = [
    (X, symbol("x", ("n", 3))),
    (np.tanh(X @ W), np.tanh(X @ W)),
    (X.sum(axis=1), X.sum(axis=1)),
    (X * np.nan, X * np.nan),
    (named(np.tanh(X), "tanh", (X,)), np.tanh(X)),
]
DIFFERENT = [
    (X, W),
    (X - 1.0, 1.0 - X),
    (X * 0.0, X * -0.0),
    (X.sum(axis=0), X.sum(axis=1)),
    (X.sum(axis=1), X.sum(axis=1, keepdims=True)),
    (expand_dims(X, 0), expand_dims(X, 1)),
    (X[:, [0, 1]], X[:, [1, 0]]),
    (times_blocks(X, W, 3), times_blocks(X, W, 1)),
    (random((3,), np.float64), random((3,), np.float64)),
]


@pytest.mark.parametrize(("a", "b"), ALIKE)
def test_what_is_written_alike_is_the_same(a: Expression, b: Expression) -> None:
    numbering = Numbering()
    assert numbering.of(a) == numbering.of(b)
    assert same(a, b)


@pytest.mark.parametrize(("a", "b"), DIFFERENT)
def test_what_may_give_other_bits_is_not(a: Expression, b: Expression) -> None:
    numbering = Numbering()
    assert numbering.of(a) != numbering.of(b)
    assert not same(a, b)
    assert same(a, a)


def test_a_symbol_can_stand_for_an_expression() -> None:
    numbering = Numbering()
    numbering.call("z", X @ W)
    assert numbering.of(np.tanh(symbol("z", ("n", 3)))) == numbering.of(np.tanh(X @ W))


def test_closed_formulas_are_told_apart_by_their_names() -> None:
    z = symbol("z", ("n", 3))
    a, b = (named(z * 2.0, name, (z,)) for name in ("twice", "double"))
    assert Numbering().of(a) == Numbering().of(b)
    numbering = Numbering(closed=True)
    assert numbering.of(a) != numbering.of(b)


def test_zero_and_minus_zero_are_not_one_part_of_a_page() -> None:
    z = symbol("z", ("n", 3))
    result, parts = share(np.maximum(np.exp(z), 0.0) / np.maximum(np.exp(z), -0.0), ())
    assert plain(result) == "maximum(exp(z), 0) / maximum(exp(z), -0.0)"
    assert not parts
