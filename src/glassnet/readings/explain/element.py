"""One number of an array expression: which numbers it is made of, and how.

`x @ W1 + b1` is arithmetic on arrays. Its number at (0, 2) is arithmetic on numbers: a sum of products
`x[0, k] * W1[k, 2]`, and `b1[2]`. Everything that an explanation shows of a number is read off here: its formula, with
numbers put in (`single`), and the numbers that it is made of. `terms.py` beside this finds what adds up to it.

    >>> from glassnet.expressions.expression import symbol
    >>> x, W, b = symbol("x", ("n", 2)), symbol("W", (2, 3)), symbol("b", (3,))
    >>> values = {"x": np.array([[1.0, 2.0]]), "W": np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), "b": np.zeros(3)}
    >>> arrays = Arrays(values)
    >>> single(x @ W + b, (0, 2), arrays, arrays.name)
    x[0, 0] * W[0, 2] + x[0, 1] * W[1, 2] + b[2]
    >>> single(x @ W + b, (0, 2), arrays, arrays.number)
    1 * 3 + 2 * 6 + 0
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from typing import Any

import numpy as np

from glassnet.expressions.element import AGGREGATES, PRODUCTS, aligned, counted, element, is_passed_on, together
from glassnet.expressions.expression import ELEMENTWISE, Expression, apply, constant, evaluate, postorder, symbol
from glassnet.expressions.notation import is_spread, plain

Index = tuple[int, ...]
Element = tuple[Expression, Index]
Leaf = Callable[[Expression, Index], Expression]

FEW = 6  # a sum of more is written in a formula as one number; its terms are shown for themselves
LARGEST_FORMULA = 48  # numbers in a formula; a longer one is not written out
GUARD = 1e30  # a bound beyond this keeps a formula from overflowing, and says nothing to a reader


class Arrays:
    """The numbers of expressions, and of every expression inside them, for given values of the symbols.

    Parameters
    ----------
    values
        Arrays and numbers, by the names of the symbols.
    draw
        Gives the random numbers, where an expression asks for some.
    call_it
        What a symbol's number is called in a formula, from the symbol's name and the number's place in it.
    """

    def __init__(
        self,
        values: Mapping[str, Any],
        draw: Callable[[Any, Any], Any] | None = None,
        call_it: Callable[[str, Index], str] | None = None,
    ) -> None:
        self.values = values
        self.draw = draw
        self.call_it = call_it or place_name
        self.known: dict[int, Any] = {}
        self.kept: list[Expression] = []  # keeps the ids of what is known alive

    def of(self, node: Expression) -> Any:
        """An expression's value."""
        if id(node) not in self.known:
            self.kept.append(node)
            with np.errstate(all="ignore"):
                evaluate(node, self.values, self.draw, self.known, apply_with_mean)
        return self.known[id(node)]

    def shape(self, node: Expression) -> Index:
        """The shape of an expression's value."""
        return np.shape(self.of(node))

    def at(self, node: Expression, index: Index) -> float:
        """One number of it."""
        return float(np.asarray(self.of(node))[index])

    def number(self, node: Expression, index: Index) -> Expression:
        """A number as a constant: for a formula with numbers put in."""
        return constant_of(self.at(node, index))

    def name(self, node: Expression, index: Index) -> Expression:
        """A number by its name: for a formula in symbols."""
        if node.op == "symbol":
            return symbol(self.call_it(node.name, index))
        if node.op in AGGREGATES and node.args[0].op == "symbol" and node.axis is not None:
            return symbol(f"{node.op}({node.args[0].name}{gone_through(node.axis, index)})")
        return symbol(place_name(plain(node) if node.call or node.op in AGGREGATES else f"({plain(node)})", index))


def apply_with_mean(op: str, args: list[Any], axis: int | None, keepdims: bool) -> Any:
    """One operation; a mean as engines compute it: a sum, divided by its count."""
    if op != "mean":
        return apply(op, args, axis, keepdims)
    total = apply("sum", args, axis, keepdims)
    total = float(total) if isinstance(total, np.floating) else total
    return total / (np.size(args[0]) / max(np.size(total), 1))


def place_name(name: str, index: Index) -> str:
    """`W1[0, 2]`; of what has no axes the name alone."""
    return f"{name}[{', '.join(map(str, index))}]" if index else name


def gone_through(axis: int, index: Index) -> str:
    """The part of a matrix that a sum or max goes through: `[3]`, its fourth row, or `[:, 3]`, a column."""
    if not index:
        return ""
    return f"[:, {index[-1]}]" if axis == 0 else f"[{index[0]}]"


def constant_of(value: float) -> Expression:
    """A number as it is, NaN and infinity included; no -0."""
    return constant(value + 0.0)


def is_pointwise(node: Expression) -> bool:
    """Whether each number of it is made of one number of each symbol: a sigmoid, but not a softmax."""
    return all(inner.op in ELEMENTWISE or not inner.args or is_spread(inner) for inner in postorder(node))


def has_long_sum(node: Expression, arrays: Arrays) -> bool:
    """Whether there is a sum in it that is too long to be written out: in a softmax over many classes."""
    return any(counted(inner, arrays.shape) > FEW for inner in postorder(node) if inner.op in ("sum", "mean"))


# ------------------------------------------------------------------------------------- the formula of a number


def single(node: Expression, index: Index, arrays: Arrays, leaf: Leaf) -> Expression:
    """The arithmetic of one number as an expression of numbers; `leaf` gives what stands for a symbol's number.

    Named formulas that work number by number keep their names; of others, like a softmax, the arithmetic is given.
    """

    def kept(node: Expression, index: Index) -> Expression | None:
        if node.op == "constant" or is_passed_on(node):
            return None
        is_long = node.op in (*PRODUCTS, *AGGREGATES) and (node.op == "max" or counted(node, arrays.shape) > FEW)
        if not node.args or is_long:
            return leaf(node, index)
        if is_idle_guard(node):
            guarded = next(arg for arg in node.args if arg.op != "constant")
            return single(guarded, aligned(index, guarded.shape), arrays, leaf)
        return leaf(node, index) if node.call and not is_pointwise(node) and has_long_sum(node, arrays) else None

    def is_named(node: Expression) -> bool:
        is_arithmetic = node.op in ("add", "subtract") or is_passed_on(node)
        return node.call is not None and not is_arithmetic and is_pointwise(node)

    def made(node: Expression, number: Expression) -> Expression:
        return signed(number)

    return element(node, index, kept, shape=arrays.shape, is_named=is_named, made=made, added=added)


def is_idle_guard(node: Expression) -> bool:
    """Whether it is a bound that is only there against overflow."""
    return node.op in ("maximum", "minimum") and any(
        arg.op == "constant" and abs(arg.value) >= GUARD for arg in node.args
    )


def added(terms: Sequence[Expression]) -> Expression:
    """a + b + c."""
    return reduce(lambda a, b: signed(together("add", a, b)), terms)


def signed(number: Expression) -> Expression:
    """a + b or a - b where b is a negative number, as one would write it; anything else as it is."""
    if number.op in ("add", "subtract") and number.args[1].op == "constant" and number.args[1].value < 0.0:
        a, b = number.args
        return replace(number, op="subtract" if number.op == "add" else "add", args=(a, constant(-b.value)))
    return number


def is_short(expression: Expression) -> bool:
    """Whether a formula is short enough to be read."""
    return sum(not node.args for node in walk(expression)) <= LARGEST_FORMULA


def walk(expression: Expression) -> Iterator[Expression]:
    """Every node as often as it is written, named formulas by their arguments."""
    stack = [expression]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(node.call.args if node.call else node.args)


def result_of(expression: Expression) -> float:
    """What an expression of numbers alone gives."""
    with np.errstate(all="ignore"):
        return float(evaluate(expression, {}))
