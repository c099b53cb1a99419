"""One number of an array expression: its arithmetic gives what the arrays give."""

from typing import Any

import numpy as np
import pytest

from glassnet.expressions.element import element, terms_of
from glassnet.expressions.expression import (
    Expression,
    blocks_of,
    constant,
    evaluate,
    expand_dims,
    named,
    symbol,
    times_blocks,
    times_blocks_T,
)
from glassnet.expressions.notation import plain

N = 5
X, W, b, c = symbol("x", ("n", 3)), symbol("W", (3, 7)), symbol("b", (7,)), symbol("c", ("n", 1))
V = symbol("V", (21, 2))
where: Any = np.where
EXPRESSIONS = [
    X @ W + b,
    (W.T @ X.T).T * c,
    X @ W * expand_dims(b, 0),
    np.tanh(X.T),
    X - X.mean(axis=0),
    X / X.sum(axis=1, keepdims=True),
    X.sum(axis=1),
    X.max(axis=0, keepdims=True) - X,
    np.exp(X - X.max()) / np.exp(X - X.max()).sum(),
    where(X > 0.5, X, c),
    where(True, c, X),
    expand_dims(X.sum(axis=1), 1) * X,
    np.sum(expand_dims(X, 2) * W, axis=1),
    X @ W @ W.T,
    (X * X).mean(),
    X[:, 1:3] * X[:, [2, 0]],
    np.concatenate((X[:, [2, 2]], c, X @ W), axis=1),
    times_blocks(X, W, 3) + 1.0,
    times_blocks(times_blocks(X, W, 3), V, 3),
    times_blocks_T(times_blocks(X, W, 3), W * W, 3),
    blocks_of(X, times_blocks(X, W, 3), 3) - W,
]


def named_number(node: Expression, index: tuple[Any, ...]) -> Expression | None:
    return symbol(f"{node.name}[{', '.join(map(str, index))}]") if node.op == "symbol" else None


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=plain)
def test_every_number_is_what_the_arrays_give(expression: Expression) -> None:
    rng = np.random.default_rng(0)
    values = {"x": rng.random((N, 3)), "W": rng.random((3, 7)), "b": rng.random(7), "c": rng.random((N, 1)), "n": 5.0}
    values["V"] = rng.random((21, 2))
    whole = np.asarray(evaluate(expression, values))

    def put_in(node: Expression, index: tuple[int, ...]) -> Expression | None:
        return constant(float(np.asarray(values[node.name])[index])) if node.op == "symbol" else None

    def shape(node: Expression) -> tuple[int, ...]:
        return tuple(N if dim == "n" else int(dim) for dim in node.shape)

    for index in np.ndindex(whole.shape):
        number = element(expression, index, put_in, shape=shape)
        assert number.shape == ()
        np.testing.assert_allclose(evaluate(number, {}), whole[index], rtol=1e-14)


def test_an_index_may_be_a_variable_of_a_loop() -> None:
    assert plain(element(X.T + c.T, ("j", "i"), named_number)) == "x[i, j] + c[i, 0]"


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (X[:, 1:3], "x[i, j + 1]"),
        (X[:, [2]], "x[i, 2]"),
        (times_blocks(X, W, 3), "x[i, (j - j % 7) / 7] * W[(j - j % 7) / 7, j % 7]"),
        (blocks_of(X, X, 3).T, "x[0, j] * x[0, j]"),
    ],
)
def test_columns_of_a_loop_are_arithmetic_on_its_variable(expression: Expression, text: str) -> None:
    number = element(
        expression, ("i", "j"), named_number, shape=lambda node: tuple(3 if d == 3 else 1 for d in node.shape)
    )
    assert plain(number).split(" + x[1")[0] == text


def test_columns_from_here_and_there_have_no_place_in_a_loop() -> None:
    for expression in (X[:, [2, 0]], np.concatenate((X, c), axis=1)):
        with pytest.raises(NotImplementedError, match="a loop over"):
            element(expression, ("i", "j"), named_number)


def test_a_leaf_can_keep_more_than_a_symbol_whole() -> None:
    def leaf(node: Expression, index: tuple[Any, ...]) -> Expression | None:
        return symbol("total") if node.op == "matmul" else named_number(node, index)

    assert plain(element(np.tanh(X @ W) + b, ("i", 2), leaf)) == "tanh(total) + b[2]"


def test_a_formula_keeps_its_name_where_that_is_asked_for() -> None:
    twice = named(X * 2.0, "twice", (X,))
    assert plain(element(twice, (0, 1), named_number)) == "x[0, 1] * 2"
    assert plain(element(twice, (0, 1), named_number, is_named=lambda node: node.call is not None)) == "twice(x[0, 1])"


def test_a_sum_can_be_added_in_another_order() -> None:
    total = element(W.sum(axis=0), (0,), named_number, added=lambda terms: terms[2] + (terms[0] + terms[1]))
    assert [plain(arg) for arg in total.args] == ["W[2, 0]", "W[0, 0] + W[1, 0]"]


def test_a_column_that_no_matrix_side_by_side_has_is_refused() -> None:
    with pytest.raises(IndexError, match="there is no column 4 in concatenate"):
        element(np.concatenate((X, c), axis=1), (0, 4), named_number)


def test_each_number_of_a_product_adds_up_so_many() -> None:
    h, by = symbol("h", ("n", 6)), symbol("B", (6, 7))
    found = [terms_of(product) for product in (h @ by, times_blocks(h, by, 2), blocks_of(h, h, 2))]
    assert found == [6, 3, "n"]
