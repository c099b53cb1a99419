"""A step of a derivation as loops over single numbers, for languages that have no arrays of their own.

`z1 = x @ W1 + b1` becomes, for one row,

    for (int j = 0; j < 4; j++) {
        double sum = 0.0;
        for (int k = 0; k < 2; k++) sum += x[k] * W1[k][j];
        z1[j] = sum + b1[j];
    }

One number of a step's result is written at a time: the element at `[i][j]` of `a + b` is `a[i][j] + b[j]`. A sum
inside a formula becomes a loop before the line that needs it, outside of all loops on which it does not depend. Where a
matrix is large, all sums grow together, so that its rows are gone through as they lie in memory. In what two languages
differ stands in a table (`Syntax`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from glassnet.expressions.element import element, gathered, inside, is_passed_on, passed_on, terms_of, together
from glassnet.expressions.expression import (
    BOOL,
    COMPARISONS,
    LOGIC,
    OF_COLUMNS,
    ROWS,
    Dim,
    Expression,
    constant,
    postorder,
    runs,
    substitute,
    symbol,
    symbols_in,
    take,
)
from glassnet.expressions.notation import BONDS, write
from glassnet.readings.eject.c_family.graph import (
    axes_of,
    is_cheap,
    is_product,
    is_reduction,
    kept_in_rows,
    reached,
    written_out,
)
from glassnet.readings.eject.c_family.syntax import (
    ACCUMULATORS,
    DOUBLE,
    LETTERS,
    REAL,
    Braces,
    Chain,
    Index,
    Syntax,
    formula_key,
    formula_kind,
    free_name_numbered,
    is_own_function,
    kind_of,
    mixes_rows,
    name_for,
    nested,
    stored,
    times,
    where_needed,
)
from glassnet.readings.eject.formulas import Formula
from glassnet.readings.eject.steps import is_scattered

WIDE, LARGE = 16, 1024  # columns, and numbers, of a matrix that is gone through row by row
SUMS = "sums"  # what grows in the place of a step's result


@dataclass(frozen=True, eq=False)
class Item:
    """A step to be written.

    Attributes
    ----------
    expression
        Its formula.
    name
        What the result is called.
    target
        Of a result in an array: from the indices of an element, its place.
    comment
        Lines above it.
    """

    expression: Expression
    name: str = ""
    target: Callable[[tuple[str, ...]], str] | None = None
    comment: tuple[str, ...] = ()


class CommentedLoops:
    """Writes the steps of one function.

    Parameters
    ----------
    syntax
        The language.
    formulas
        The named formulas.
    names
        What each symbol is called in the program, and each formula (under `formula_key`).
    taken
        Names that variables must not have.
    one_row
        Whether there is but one row, and no loop over rows.
    """

    def __init__(
        self,
        syntax: Syntax,
        formulas: Mapping[str, Formula],
        names: Mapping[str, str],
        taken: Iterable[str],
        one_row: bool = False,
    ) -> None:
        self.syntax, self.formulas, self.names, self.one_row = syntax, formulas, names, one_row
        self.taken = set(taken)
        self.places: dict[str, Callable[[Index], str]] = {}  # symbols that are read in another way
        self.used: set[str] = set()  # operations and formulas that need a function of that name
        self.kept: set[int] = set()  # see kept_in_rows
        self.step_name = ""  # of what is being written, for names that other steps see
        self.fresh_names: set[str] = set()

    # steps

    def step(self, item: Item) -> list[str]:
        """The lines that compute one step."""
        if item.target is None:
            return self.together([item])
        root = written_out(item.expression, self.formulas)
        parts = in_parts(root, item.target)
        if len(parts) == 1:
            product = large_product(root)
            return self.together([item]) if product is None else self.row_by_row(item, item.target, root, product)
        lines = [*item.comment]
        for expression, target in parts:
            lines += self.together([Item(expression, item.name, target)])
        return lines

    def row_by_row(
        self, item: Item, target: Callable[[tuple[str, ...]], str], root: Expression, product: Expression
    ) -> list[str]:
        """The lines that compute a step with a large product: its sums, in the place of the result; then the rest."""
        self.fresh_names = set()
        chain: Chain = (Braces(),)
        rows, columns = product.shape
        if rows != 1 and not (self.one_row and rows == ROWS):
            chain = (*chain, self.loop(rows, chain))
        row = chain[-1].variable or ("" if rows == ROWS else 0)
        begun, grown = self.loop(columns, chain), self.loop(columns, chain)
        index, variables = (row, grown.variable), (*filter(None, [chain[-1].variable]), grown.variable)
        kind, place = kind_of(product), target(variables)
        if place.partition("[")[0] in {self.names.get(name, name) for name in symbols_in(root)}:
            return self.together([item])  # what is there is still read
        begun.lines.append(f"{place} = {self.syntax.number(0.0, kind)};")
        terms = self.loop(terms_of(product), (*chain, grown))
        first, second = gathered(product, index, terms.variable)
        factor = self.fresh("factor", (*chain, terms))
        terms.lines.append(self.syntax.constant(kind, factor, self.number(*first, (*chain, terms), kind)))
        of_second = self.single(*second, (*chain, terms, grown), kind)
        grown.lines.append(f"{place} += {write(times(symbol(factor), of_second), self.syntax.notation)};")
        terms.lines.append(grown)
        chain[-1].lines += [begun, terms]
        nested(chain)
        lines = [*item.comment, *chain[0].text()]
        if root is product:
            return lines
        self.places[SUMS] = lambda index: target(tuple(letter for letter in index if letter not in ("", 0)))
        rest = substitute(root, {id(product): symbol(SUMS, product.shape, product.dtype)})
        return [*lines, *self.together([Item(rest, item.name, item.target)])]

    def together(self, items: Sequence[Item]) -> list[str]:
        """The lines that compute steps of the same shape in one loop over their numbers."""
        roots = [written_out(item.expression, self.formulas) for item in items]
        self.fresh_names = set()
        chain: Chain = (Braces(),)
        index: list[Any] = []
        for dim in roots[0].shape:
            if dim == 1 or (self.one_row and dim == ROWS):
                index.append("" if dim == ROWS else 0)
                continue
            chain = (*chain, self.loop(dim, chain))
            index.append(chain[-1].variable)
        for item, root in zip(items, roots, strict=True):
            self.kept, self.step_name = kept_in_rows(root), item.name if len(items) == 1 else ""
            if len(items) > 1:
                chain[-1].lines += item.comment
            if item.target is None and (is_reduction(root) or is_product(root)):
                self.accumulated(root, tuple(index), chain, item.name)
                continue
            text = self.number(root, tuple(index), chain, kind_of(root))
            if item.target is None:
                chain[-1].lines.append(self.syntax.constant(kind_of(root), item.name, text))
            else:
                variables = tuple(letter for letter in index if letter)
                chain[-1].lines.append(f"{item.target(variables)} = {text};")
        nested(chain)
        return [*(items[0].comment if len(items) == 1 else []), *chain[0].text()]

    def loop(self, dim: Dim, chain: Chain) -> Braces:
        """A loop inside others; rows are counted by i."""
        inside = {block.variable for block in chain}
        letters = (*(LETTERS if dim == ROWS else LETTERS[1:]), *(f"k{k}" for k in range(2, 30)))
        variable = next(name for name in letters if name not in self.taken and name not in inside)
        return Braces(head=self.syntax.loop(variable, str(dim)), variable=variable, stop=dim)

    def fresh(self, name: str, chain: Chain) -> str:
        """A name for a variable in the last block."""
        if len(chain) == 1 and self.step_name:
            name = f"{name}_{self.step_name}"
        free = free_name_numbered(name, self.taken | self.fresh_names)
        self.fresh_names.add(free)
        if len(chain) == 1:
            self.taken.add(free)  # other steps of the function see it
        return free

    # one number

    def number(self, node: Expression, index: Index, chain: Chain, kind: str) -> str:
        """An element as text, a number of a kind."""
        return write(self.single(node, index, chain, kind), self.syntax.notation)

    def single(self, node: Expression, index: Index, chain: Chain, kind: str, anew: bool = False) -> Expression:
        """An element as arithmetic, a number of a kind; `anew`: not the name of a number that stands for it."""

        def leaf(item: Expression, index: Index) -> Expression | None:
            return None if anew and item is node else self.leaf(item, index, chain)

        number = element(node, index, leaf, is_named=self.is_called, made=self.made)
        return self.of_kind(node, number, kind)

    def leaf(self, node: Expression, index: Index, chain: Chain) -> Expression | None:
        """What stands for an element: its place in an array, or a number that is computed in lines before."""
        if node.op == "symbol":
            return symbol(self.read(node, index))
        if node.op == "random":
            self.used.add("random")
            return symbol(f"{self.syntax.function('random', REAL)}()")
        if node.call is None and is_passed_on(node):
            return self.single(*passed_on(node, index), chain, kind_of(node)) if node.op == "where" else None
        if is_product(node) and terms_of(node) == 1:
            return times(*(self.single(*factor, chain, REAL) for factor in gathered(node, index, 0)))
        if is_reduction(node) or is_product(node):
            return symbol(self.kept_number(node, index, chain, self.accumulated))
        last = {index[-1]} if id(node) in self.kept and node.shape[-1] != 1 and index[-1] else set()
        rest = where_needed(index, chain, last)[1]
        if (rest or (not node.ndim and len(chain) > 1)) and node.dtype != BOOL and not is_cheap(node):
            return symbol(self.kept_number(node, index, chain, self.assigned, last))
        return None

    def is_called(self, node: Expression) -> bool:
        """Whether it calls a formula, and not one that is nothing but an operation of the language: `tanh(z)`."""
        if node.call is None:
            return False
        formula = self.formulas[node.call.name]
        return not (is_own_function(formula) and node.op == formula.body.op)

    def made(self, node: Expression, number: Expression) -> Expression:
        """An operation as the language has it: its arguments of one kind, its name that of a function."""
        kind, args = kind_of(node), list(zip(node.args, number.args, strict=True))
        if number.call is not None:
            self.used.add(number.call.name)
            kind = formula_kind(self.formulas[number.call.name])
            name = self.names[formula_key(number.call.name)]
            return Expression(name, tuple(self.of_kind(*arg, kind) for arg in args))
        if node.op in LOGIC:
            return replace(number, args=tuple(self.as_truth(*arg) for arg in args))
        if node.op in COMPARISONS:
            kind = REAL if REAL in map(kind_of, node.args) else DOUBLE
        given = tuple(self.of_kind(*arg, kind) for arg in args)
        if node.op == "where":
            return replace(number, args=(self.as_truth(*args[0]), *given[1:]))
        if node.op in ("power", "square"):
            base, exponent = given if node.op == "power" else (*given, self.typed(2.0, kind))
            result = self.syntax.power(base, exponent, kind)
            self.used |= {result.op} & {"square"}
            return result
        if node.op in BONDS or node.op == "negative":
            return replace(number, args=given)
        self.used.add(node.op)
        return Expression(self.syntax.function(node.op, kind), given)

    def of_kind(self, node: Expression, number: Expression, kind: str) -> Expression:
        """An element of a node as a number of a kind."""
        if number.op == "constant":
            return self.typed(number.value, kind)
        if node.dtype == BOOL:
            choice = self.as_truth(node, number), self.typed(1.0, kind), self.typed(0.0, kind)
            return Expression("where", choice)
        return self.cast(number, kind) if kind_of(node) == DOUBLE else number

    def as_truth(self, node: Expression, number: Expression) -> Expression:
        """An element of a node as what is true or false."""
        if node.dtype == BOOL and node.op in COMPARISONS | LOGIC and node.call is None:
            return number
        kind = kind_of(node)
        number = number if node.dtype == BOOL else self.of_kind(node, number, kind)
        return together("not_equal", number, self.typed(0.0, kind))

    def typed(self, value: float, kind: str) -> Expression:
        """A constant of a kind."""
        return replace(constant(value), dtype=np.dtype(np.float32 if self.syntax.single and kind == REAL else float))

    def cast(self, number: Expression, kind: str) -> Expression:
        """A number by itself, as one of a kind."""
        return Expression("cast", (number,)) if self.syntax.single and kind == REAL else number

    def read(self, node: Expression, index: Index) -> str:
        """An element of an array that has a name."""
        if node.name in self.places:
            return self.places[node.name](index)
        name = self.names.get(node.name, node.name)
        if self.one_row and ROWS in (node.name, *node.shape) and node.name == ROWS:
            raise mixes_rows()
        if not node.shape:
            return name
        dims = stored(node.shape, self.one_row)
        variables = tuple(
            item for item, dim in zip(index, node.shape, strict=True) if dim != 1 and not (self.one_row and dim == ROWS)
        )
        return self.syntax.place(name, dims, variables)

    # numbers that are computed before the line that needs them

    def kept_number(
        self, node: Expression, index: Index, chain: Chain, write: Callable[..., str], last: set[str] | None = None
    ) -> str:
        """The element's place, after lines have been written that compute it: once, outside of loops it is not in."""
        around, rest = where_needed(index, chain, last or set())
        key = (id(node), tuple("*" if item in rest else item for item in index))
        variables = tuple(item for item in index if item in rest)
        variables = tuple(dict.fromkeys(variables))
        stops = {block.variable: block.stop for block in chain}
        dims = tuple(stops[item] for item in variables)
        name = next((block.known[key] for block in around if key in block.known), "")
        if not name:
            if not rest:
                name = write(node, index, around)
            else:
                name = self.fresh(name_for(node), around)
                inner: Chain = around
                fresh: dict[str, str] = {}
                for item, dim in zip(variables, dims, strict=True):
                    inner = (*inner, self.loop(dim, inner))
                    fresh[item] = inner[-1].variable
                place = self.syntax.place(name, dims, tuple(fresh.values()))
                write(node, tuple(fresh.get(item, item) for item in index), inner, "", place)
                around[-1].lines.append(self.syntax.buffer(name, dims))
                nested(inner[len(around) - 1 :])
            around[-1].known[key] = name
        return self.syntax.place(name, dims, variables) if rest else name

    def assigned(self, node: Expression, index: Index, chain: Chain, name: str = "", place: str = "") -> str:
        """Lines that compute a number by itself, or into a place; its name."""
        text = write(self.single(node, index, chain, kind_of(node), anew=True), self.syntax.notation)
        name = name or ("" if place else self.fresh(name_for(node), chain))
        chain[-1].lines.append(f"{place} = {text};" if place else self.syntax.constant(kind_of(node), name, text))
        return name

    def accumulated(self, node: Expression, index: Index, chain: Chain, name: str = "", place: str = "") -> str:
        """Lines that sum up, or find the largest, into a number by itself or a place; its name."""
        kind, block = kind_of(node), chain[-1]
        inner: Chain = chain
        if is_product(node):
            inner = self.inner_loop(terms_of(node), inner)
            k = inner[-1].variable if inner is not chain else 0
            item = times(*(self.single(*factor, inner, kind) for factor in gathered(node, index, k)))
        else:
            arg, along = node.args[0], []
            for dim in [arg.shape[axis] for axis in axes_of(node)]:
                inner = self.inner_loop(dim, inner)
                along.append(inner[-1].variable if dim != 1 else 0)
            item = self.single(arg, inside(node, index, tuple(along)), inner, kind_of(arg))
        total = name or self.fresh(ACCUMULATORS[node.op], chain)
        start = -math.inf if node.op == "max" else 0.0
        block.lines.append(self.syntax.variable(kind, total, self.syntax.number(start, kind)))
        if node.op == "max":
            self.used.add("maximum")
            item = Expression(self.syntax.function("maximum", kind), (symbol(total), item))
        text = write(item, self.syntax.notation)
        inner[-1].lines.append(f"{total} = {text};" if node.op == "max" else f"{total} += {text};")
        nested(inner[len(chain) - 1 :])
        if node.op == "mean":
            block.lines.append(f"{total} /= {self.count(node, kind)};")
        if place:
            block.lines.append(f"{place} = {total};")
        return total

    def inner_loop(self, dim: Dim, chain: Chain) -> Chain:
        """The blocks with one more loop, unless there is but one number to go through."""
        if self.one_row and dim == ROWS:
            raise mixes_rows()
        return chain if dim == 1 else (*chain, self.loop(dim, chain))

    def count(self, node: Expression, kind: str) -> str:
        """How many numbers a mean is taken of."""
        dims = [node.args[0].shape[axis] for axis in axes_of(node)]
        known = math.prod(dim for dim in dims if isinstance(dim, int))
        if ROWS not in dims:
            return self.syntax.number(float(known), kind)
        n = self.names.get(ROWS, ROWS)
        text = n if known == 1 else f"({n} * {self.syntax.number(float(known), DOUBLE)})"
        return write(self.cast(symbol(text), kind), self.syntax.notation)


def large_product(root: Expression) -> Expression | None:
    """The product with a large matrix that is in a formula once, each of its numbers by itself; or None."""
    found = [node for node in postorder(root) if is_product(node)]
    if len(found) != 1 or found[0].op != "matmul" or found[0].shape != root.shape or root.ndim != 2:
        return None
    product, around = found[0], reached(root, stop={id(found[0])})
    numbers = [node for node in postorder(root) if id(node) in around and node is not product]
    if any(is_reduction(node) or node.op in OF_COLUMNS for node in numbers):
        return None
    first, second = product.args
    sizes = [1 if dim == ROWS else int(dim) for dim in (terms_of(product), product.shape[1])]
    large = sizes[1] >= WIDE and (terms_of(product) == ROWS or sizes[0] * sizes[1] >= LARGE)
    return product if large and second.op == "symbol" and is_cheap(first) else None


def in_parts(
    root: Expression, target: Callable[[tuple[str, ...]], str]
) -> list[tuple[Expression, Callable[[tuple[str, ...]], str]]]:
    """Columns that come from here and there as what lies side by side, each part with its place."""
    if root.op == "concatenate":
        parts: list[Expression] = [*root.args]
    elif root.op == "take" and is_scattered(root):
        parts = [take(root.args[0], range(start, start + width)) for start, width in runs(root.columns)]
    else:
        return [(root, target)]
    found, at = [], 0
    for part in parts:
        width = int(part.shape[1])
        found += in_parts(part, further(target, at, width))
        at += width
    return found


def further(target: Callable[[tuple[str, ...]], str], at: int, width: int) -> Callable[[tuple[str, ...]], str]:
    """The place of an element `at` columns to the right, in a part of so many columns."""
    if width == 1:
        return lambda variables: target((*variables, str(at)))
    return lambda variables: target((*variables[:-1], f"{variables[-1]} + {at}" if at else variables[-1]))


def formula_lines(formula: Formula, loops: CommentedLoops) -> tuple[list[tuple[str, str]], str]:
    """The parts and the result of a formula of single numbers, as text."""
    lines = []
    for name, part in formula.parts:
        root = written_out(part, loops.formulas)
        lines.append((name, loops.number(root, (0,) * root.ndim, (Braces(),), formula_kind(formula))))
    root = written_out(formula.result, loops.formulas)
    return lines, loops.number(root, (0,) * root.ndim, (Braces(),), formula_kind(formula))
