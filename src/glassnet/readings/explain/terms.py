"""The terms that add up to one number of an array expression, each a product of factors.

>>> from glassnet.expressions.expression import symbol
>>> x, b = symbol("x", ("n", 2)), symbol("b")
>>> arrays = Arrays({"x": np.array([[1.0, 2.0], [3.0, 5.0]]), "b": 7.0, "n": 2.0})
>>> [term.value(arrays) for term in products(x.mean(axis=0) - b, (1,), arrays)]
[1.0, 2.5, -7.0]
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from glassnet.expressions.element import (
    AGGREGATES,
    PRODUCTS,
    aligned,
    counted,
    gathered,
    inside,
    is_passed_on,
    passed_on,
)
from glassnet.expressions.expression import ELEMENTWISE, OF_COLUMNS, Expression
from glassnet.readings.explain.element import Arrays, Element, Index


class Run(NamedTuple):
    """Where a sum is: at place k of an axis of an expression."""

    node: Expression
    axis: int
    k: int


@dataclass(frozen=True, kw_only=True)
class Product:
    """One term of a number: its factors and divisors, and which one of a sum's terms it is."""

    factors: tuple[Element, ...] = ()
    divisors: tuple[Element, ...] = ()
    negative: bool = False
    counted: float = 1.0  # a mean's count, which also divides
    outer: int = 0  # how many factors, the last ones, belong to the whole sum
    over: tuple[Run, ...] = ()

    def value(self, arrays: Arrays) -> float:
        """What the term adds to the number."""
        size = math.prod(arrays.at(*factor) for factor in self.factors)
        for divisor in self.divisors:
            size = quotient(size, arrays.at(*divisor))
        size /= self.counted
        return -size if self.negative else size


def quotient(a: float, b: float) -> float:
    """a / b as NumPy has it, also for 0."""
    with np.errstate(all="ignore"):
        return float(np.float64(a) / np.float64(b))


class Group(NamedTuple):
    """Terms of one sum, or a single one: the values of all, and what writes the k-th as a product."""

    values: np.ndarray  # (terms,)
    write: Callable[[int], Product]


class Terms:
    """The terms that add up to a number: all their values at once, and each as a product when it is asked for.

    A sum over a batch has as many terms as rows, of which a page shows a few.
    """

    def __init__(self, groups: Sequence[Group]) -> None:
        self.groups = groups
        self.values = np.concatenate([group.values for group in groups])

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, k: int) -> Product:
        for group in self.groups:
            if 0 <= k < len(group.values):
                return group.write(k)
            k -= len(group.values)
        raise IndexError("there are no more terms")

    def __iter__(self) -> Iterator[Product]:
        return map(self.__getitem__, range(len(self)))

    def by_size(self) -> list[int]:
        """Their places, the largest first; before all what is not a number."""
        sizes = np.abs(self.values)
        order: list[int] = np.argsort(-np.where(np.isnan(sizes), np.inf, sizes), kind="stable").tolist()
        return order


def products(node: Expression, index: Index, arrays: Arrays) -> Terms:
    """The terms that add up to a number.

    Sums are taken apart, differences, matrix products; a factor that a whole sum is multiplied with goes to each of
    its terms. Named formulas stay whole.
    """
    found: list[Group] = []

    def one(product: Product) -> None:
        found.append(Group(np.array([product.value(arrays)]), lambda k: product))

    def many(values: np.ndarray, common: Product, write: Callable[[int], Product]) -> None:
        with np.errstate(all="ignore"):
            found.append(Group(values.astype(np.float64) * common.value(arrays), write))

    def take(node: Expression, index: Index, common: Product) -> None:
        if node.call:
            one(factored(node, index, common, arrays))
        elif inner := chosen(node, index, arrays):
            take(*inner, common)
        elif node.op in ("add", "subtract"):
            a, b = node.args
            take(a, aligned(index, a.shape), common)
            take(b, aligned(index, b.shape), negated(common, node.op == "subtract"))
        elif node.op == "negative":
            take(node.args[0], index, negated(common))
        elif node.op == "matmul":
            a, b = node.args

            def of_matmul(k: int) -> Product:
                both = factored(a, (index[0], k), common, arrays)
                return replace(factored(b, (k, index[1]), both, arrays), over=(Run(a, 1, k),))

            with np.errstate(all="ignore"):
                many(arrays.of(a)[index[0]].astype(np.float64) * arrays.of(b)[:, index[1]], common, of_matmul)
        elif node.op in PRODUCTS:
            places = [gathered(node, index, k, arrays.shape) for k in range(counted(node, arrays.shape))]
            along = 0 if node.op == "blocks_of" else 1

            def of_blocks(k: int) -> Product:
                first, second = places[k]
                both = factored(*first, common, arrays)
                return replace(factored(*second, both, arrays), over=(Run(first[0], along, first[1][along]),))

            with np.errstate(all="ignore"):
                many(np.array([arrays.at(*a) * arrays.at(*b) for a, b in places]), common, of_blocks)
        elif node.op in ("sum", "mean"):
            divided = replace(
                common, counted=common.counted * (counted(node, arrays.shape) if node.op == "mean" else 1.0)
            )

            def of_sum(k: int) -> Product:
                (part,) = gathered(node, index, k, arrays.shape)
                axes = range(len(part[1])) if node.axis is None else (node.axis,)
                over = tuple(Run(part[0], axis, part[1][axis]) for axis in axes)
                return replace(factored(*part, divided, arrays), over=over)

            many(taken_together(node, index, arrays), divided, of_sum)
        elif node.op in ("multiply", "divide") and sum_in(node) is not None:
            whole, other = node.args if sum_in(node) == 0 else node.args[::-1]
            common = factored(other, aligned(index, other.shape), common, arrays, divides=node.op == "divide")
            common = replace(common, outer=len(common.factors))
            take(whole, aligned(index, whole.shape), common)
        else:
            one(factored(node, index, common, arrays))

    take(node, index, Product())
    return Terms(found)


def taken_together(node: Expression, index: Index, arrays: Arrays) -> np.ndarray:
    """The numbers that a sum or mean takes together, as a vector."""
    values = np.asarray(arrays.of(node.args[0]))
    if node.axis is None:
        return values.ravel()
    return np.asarray(values[inside(node, index, (slice(None),))])


def chosen(node: Expression, index: Index, arrays: Arrays) -> Element | None:
    """The argument's number that a number is, unchanged: where there is a choice, the one that is taken; or None."""
    if is_passed_on(node):
        return passed_on(node, index)
    if node.op != "where":
        return None
    taken = node.args[1 if arrays.at(node.args[0], aligned(index, node.args[0].shape)) else 2]
    return taken, aligned(index, taken.shape)


def negated(term: Product, really: bool = True) -> Product:
    """The term with the other sign."""
    return replace(term, negative=not term.negative) if really else term


def sum_in(node: Expression) -> int | None:
    """Which factor of a product, or dividend of a fraction, is a sum over many; None: neither is."""
    for k, arg in enumerate(node.args if node.op == "multiply" else node.args[:1]):
        inner = arg
        while inner.op in ("transpose", "expand_dims", "negative"):
            inner = inner.args[0]
        if not arg.call and not inner.call and inner.op in ("sum", "mean", *PRODUCTS):
            return k
        if not inner.call and inner.op in ("multiply", "divide") and sum_in(inner) is not None:
            return k
    return None


def factored(node: Expression, index: Index, common: Product, arrays: Arrays, divides: bool = False) -> Product:
    """A term with one more expression multiplied, or divided by: its factors one by one."""
    if not node.call:
        if inner := chosen(node, index, arrays):
            return factored(*inner, common, arrays, divides)
        if node.op in ("multiply", "divide"):
            a, b = node.args
            common = factored(a, aligned(index, a.shape), common, arrays, divides)
            other = divides != (node.op == "divide")
            return factored(b, aligned(index, b.shape), common, arrays, other)
        if node.op == "negative":
            return factored(node.args[0], index, negated(common), arrays, divides)
    if divides:
        return replace(common, divisors=(*common.divisors, (node, index)))
    end = len(common.factors) - common.outer
    return replace(common, factors=(*common.factors[:end], (node, index), *common.factors[end:]))


def runs_along(node: Expression, axis: int, arrays: Arrays) -> tuple[Expression, int]:
    """The symbol whose numbers a sum along an axis goes through, and its axis; without one, where the search ends."""
    while node.op != "symbol":
        if node.op == "transpose":
            node, axis = node.args[0], 1 - axis
        elif node.op == "matmul":
            node = node.args[axis]
        elif node.op in OF_COLUMNS and axis == 0 and node.op != "blocks_of":
            node = node.args[0]
        elif node.op in ELEMENTWISE:
            width = arrays.of(node).ndim
            below = [(arg, axis - width + np.ndim(arrays.of(arg))) for arg in node.args]
            below = [
                (arg, own) for arg, own in below if own >= 0 and arrays.shape(arg)[own] == arrays.shape(node)[axis]
            ]
            if not below:
                break
            node, axis = below[0]
        else:
            break
    return node, axis


def leaves(node: Expression, index: Index, arrays: Arrays) -> list[Element]:
    """The symbols' numbers that a number is made of, each once, in the order in which they are met."""
    found: dict[tuple[str, Index], Element] = {}
    stack = [(node, index)]
    while stack:
        node, index = stack.pop()
        if node.op == "symbol":
            found.setdefault((node.name, index), (node, index))
        elif is_passed_on(node):
            stack.append(passed_on(node, index))
        elif node.op in (*PRODUCTS, *AGGREGATES):
            for k in reversed(range(counted(node, arrays.shape))):
                stack += reversed(gathered(node, index, k, arrays.shape))
        else:
            stack += [(arg, aligned(index, arg.shape)) for arg in reversed(node.args)]
    return list(found.values())
