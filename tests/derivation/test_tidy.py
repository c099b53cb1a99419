"""Expressions are written as one would by hand, and stay the same numbers."""

from typing import Any

import numpy as np
import pytest

from glassnet.derivation.tidy import fold, rename, share, tidy
from glassnet.expressions.expression import Expression, as_expression, elementwise, evaluate, named, symbol
from glassnet.expressions.notation import plain

x, y = symbol("x", ("n", 3)), symbol("y", ("n", 3))
c, n = symbol("c"), symbol("n")
RNG = np.random.default_rng(0)
VALUES = {"x": RNG.normal(size=(5, 3)), "y": RNG.normal(size=(5, 3)), "c": 0.7, "n": 5.0, "e": 1.0}


def op(name: str, *args: Any) -> Expression:
    return elementwise(name, *map(as_expression, args))


@pytest.mark.parametrize(
    ("expression", "written"),
    [
        (op("multiply", 0.0, c), "0"),
        (op("multiply", 0.0, x), "0 * x"),  # of x's shape
        (op("multiply", 1.0, x), "x"),
        (op("multiply", np.sum(x, axis=0, keepdims=True), 1.0), "sum(x, axis=0, keepdims=True)"),
        (op("multiply", x, x), "x**2"),
        (op("multiply", op("power", x, 2.0), x), "x**3"),
        (op("multiply", op("multiply", c, x), x), "c * x**2"),
        (op("multiply", op("multiply", c, op("power", x, 2.0)), x), "c * x**3"),
        (op("multiply", x, op("divide", 1.0, n)), "x / n"),
        (op("multiply", op("divide", x, n), op("divide", 1.0, n)), "x / n**2"),
        (op("divide", op("divide", x, n), n), "x / n**2"),
        (op("divide", op("divide", x, n), c), "x / n / c"),
        (op("multiply", op("divide", x, c), op("divide", 1.0, n)), "x / c / n"),
        (op("divide", op("divide", x, 2.0), 2.0), "x / 2 / 2"),
        (x.sum(axis=0) / symbol("n"), "mean(x, axis=0)"),
        (x.sum(axis=1) / symbol("n"), "sum(x, axis=1) / n"),
        (op("square", x), "x**2"),
        (op("power", x, 1.0), "x"),
        (op("negative", op("negative", x)), "x"),
        (op("subtract", x, op("negative", y)), "x + y"),
        (op("add", x, op("negative", y)), "x - y"),
        (op("add", x, 0.0), "x"),
        (op("subtract", c, 0.0), "c"),
        (op("multiply", op("negative", x), op("negative", y)), "x * y"),
        (op("multiply", op("negative", x), y), "-x * y"),
        (op("divide", x, op("negative", c)), "-x / c"),
        (np.where(True, c, x) * x, "c * x"),
    ],
)
def test_by_hand_one_would_write(expression: Expression, written: str) -> None:
    tidied = tidy(expression)
    assert plain(tidied) == written
    shape = evaluate(expression, VALUES)
    np.testing.assert_allclose(np.broadcast_to(evaluate(tidied, VALUES), np.shape(shape)), shape, rtol=1e-14)


def test_a_formula_keeps_its_name_unless_that_is_not_asked_for() -> None:
    double = named(op("multiply", x, x), "twice", (op("negative", op("negative", x)),))
    assert plain(tidy(double)) == "twice(x)"
    assert plain(tidy(double), expand=True) == "x**2"
    assert plain(tidy(double, calls=False)) == "x**2"
    assert plain(tidy(op("negative", named(op("negative", x), "minus", (x,))))) == "-minus(x)"


def test_what_occurs_more_than_once_has_a_letter_that_is_free() -> None:
    both = op("add", x * y, c * x)
    whole = np.tanh(both) + both**2.0
    assert written(share(whole, {"x", "y", "c"})) == ("tanh(s) + s**2", {"s": "x * y + c * x"})
    assert written(share(whole, {"x", "y", "c", "s"})) == ("tanh(h) + h**2", {"h": "x * y + c * x"})
    letters = {"x", "y", "c", *"shkfoqj"}
    assert written(share(whole, letters)) == ("tanh(s_0) + s_0**2", {"s_0": "x * y + c * x"})
    other = op("subtract", x * x * x, y * y * c)
    three = whole + np.tanh(other) * other
    assert list(written(share(three, {"x", "y", "c"}))[1]) == ["s", "h"]


def test_an_exponential_is_e_once_and_what_is_short_is_written_again() -> None:
    first, second = np.exp(x * y + 1.0), np.exp(x - y * c)
    assert written(share(first / (1.0 + first), {"x", "y"})) == ("e / (1 + e)", {"e": "exp(x * y + 1)"})
    assert written(share(first / (1.0 + first), {"x", "y", "e"}))[1] == {"s": "exp(x * y + 1)"}
    four = first / (1.0 + first) + second * second
    assert list(written(share(four, {"x", "y", "c"}))[1]) == ["e", "s"]
    assert written(share((x + y) * (x + y), set())) == ("(x + y) * (x + y)", {})


def test_a_formula_that_occurs_twice_is_one_by_its_name() -> None:
    def logistic(z: Expression) -> Expression:
        return named(1.0 / (1.0 + np.exp(-z)), "logistic", (z,))

    whole = logistic(x * y) * (1.0 - logistic(x * y))
    assert written(share(whole, set())) == ("s * (1 - s)", {"s": "logistic(x * y)"})
    assert written(share(logistic(x) + 1.0 / (1.0 + np.exp(-x)), set()))[1] == {}  # one is a name, and one is not


def test_the_arithmetic_of_a_softmax_has_its_name_again() -> None:
    e = np.exp(x - np.max(x, axis=-1, keepdims=True))
    assert plain(fold(tidy(e / np.sum(e, axis=-1, keepdims=True)))) == "softmax(x)"
    assert plain(fold(tidy(e / np.sum(e, axis=0, keepdims=True)))).startswith("exp(")


def test_symbols_are_called_otherwise_in_arguments_too() -> None:
    twice = named(x + x, "twice", (x,))
    renamed = rename(twice * c, {"x": "u", "c": "k"})
    assert (plain(renamed), plain(renamed, expand=True)) == ("twice(u) * k", "(u + u) * k")


def written(shared: tuple[Expression, list[tuple[str, Expression]]]) -> tuple[str, dict[str, str]]:
    return plain(shared[0]), {name: plain(value) for name, value in shared[1]}
