"""A step of a derivation as loops over single numbers, for languages that have no arrays of their own.

`z1 = x @ W1 + b1` becomes, for one row,

    for (int j = 0; j < 4; j++) {
        double sum = 0.0;
        for (int k = 0; k < 2; k++) sum += x[k] * W1[k][j];
        z1[j] = sum + b1[j];
    }

One number of a step's result is written at a time: the element at `[i][j]` of `a + b` is `a[i][j] + b[j]`. A sum
inside a formula becomes a loop before the line that needs it, outside of all loops on which it does not depend. In
what two languages differ stands in a table (`Syntax`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from glassnet.expressions.expression import BOOL, COMPARISONS, LOGIC, ROWS, Dim, Expression
from glassnet.readings.eject.c_family.graph import (
    axes_of,
    is_cheap,
    is_product,
    is_reduction,
    kept_in_rows,
    written_out,
)
from glassnet.readings.eject.c_family.syntax import (
    ACCUMULATORS,
    ATOM,
    BONDS,
    BOTH,
    CHOICE,
    COMPARE,
    DOUBLE,
    LETTERS,
    PRODUCT,
    REAL,
    SIGN,
    SUM,
    Block,
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
    picked,
    sign_or_atom,
    stored,
    where_needed,
)
from glassnet.readings.eject.formulas import Formula


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


class Loops:
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
        return self.together([item])

    def together(self, items: Sequence[Item]) -> list[str]:
        """The lines that compute steps of the same shape in one loop over their numbers."""
        roots = [written_out(item.expression, self.formulas) for item in items]
        self.fresh_names = set()
        chain: Chain = (Block(),)
        index: list[str] = []
        for dim in roots[0].shape:
            if dim == 1 or (self.one_row and dim == ROWS):
                index.append("" if dim == ROWS else "0")
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
                variables = tuple(letter for letter in index if letter not in ("", "0"))
                chain[-1].lines.append(f"{item.target(variables)} = {text};")
        nested(chain)
        return [*(items[0].comment if len(items) == 1 else []), *chain[0].text()]

    def loop(self, dim: Dim, chain: Chain) -> Block:
        """A loop inside others; rows are counted by i."""
        inside = {block.variable for block in chain}
        letters = (*(LETTERS if dim == ROWS else LETTERS[1:]), *(f"k{k}" for k in range(2, 30)))
        variable = next(name for name in letters if name not in self.taken and name not in inside)
        return Block(self.syntax.loop(variable, str(dim)), variable, dim)

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

    def number(self, node: Expression, index: Index, chain: Chain, kind: str, bond: int = CHOICE) -> str:
        """An element as text that holds as tightly as `bond`, and is a number of a kind."""
        if node.op == "constant" and node.call is None:
            text, own = self.syntax.number(node.value, kind), sign_or_atom(node.value)
        elif node.dtype == BOOL:
            one, zero = self.syntax.number(1.0, kind), self.syntax.number(0.0, kind)
            text, own = f"{self.condition(node, index, chain, COMPARE)} ? {one} : {zero}", CHOICE
        else:
            text, own = self.element(node, index, chain)
            if kind == REAL and kind_of(node) == DOUBLE:
                held = text if own == ATOM else f"({text})"
                cast = self.syntax.cast(held, kind)
                text, own = (text, own) if cast == held else (cast, SIGN)
        return f"({text})" if own < bond or (bond >= SIGN and text.startswith("-")) else text

    def condition(self, node: Expression, index: Index, chain: Chain, bond: int) -> str:
        """An element that is true or false."""
        if node.dtype == BOOL and node.op in COMPARISONS | LOGIC and node.call is None:
            text, own = self.element(node, index, chain)
        else:
            kind = kind_of(node)
            is_bool = node.dtype == BOOL
            left = self.element(node, index, chain)[0] if is_bool else self.number(node, index, chain, kind, SUM)
            text, own = f"{left} {self.syntax.signs['not_equal']} {self.syntax.number(0.0, kind)}", COMPARE
        return f"({text})" if own < bond else text

    def element(self, node: Expression, index: Index, chain: Chain) -> tuple[str, int]:
        """The element of a node, and how tightly it holds."""
        if node.op == "symbol":
            return self.read(node, index), ATOM
        if node.op == "random":
            self.used.add("random")
            return f"{self.syntax.function('random', REAL)}()", ATOM
        if node.op == "transpose" and node.call is None:
            return self.element(node.args[0], index[::-1], chain)
        if node.op == "expand_dims" and node.call is None:
            axis = node.axis or 0
            return self.element(node.args[0], index[:axis] + index[axis + 1 :], chain)
        if node.op == "where" and node.args[0].op == "constant" and node.call is None:
            chosen = node.args[1 if node.args[0].value else 2]
            text = self.number(chosen, picked(chosen, index), chain, kind_of(node), ATOM)
            return text, ATOM
        if is_product(node) and node.args[0].shape[1] == 1:
            left, right = node.args
            first = self.number(left, (index[0], "0"), chain, REAL, PRODUCT)
            return f"{first} * {self.number(right, ('0', index[1]), chain, REAL, SIGN)}", PRODUCT
        if is_reduction(node) or is_product(node):
            return self.kept_number(node, index, chain, self.accumulated), ATOM
        last = {index[-1]} if id(node) in self.kept and node.shape[-1] != 1 and index[-1] else set()
        rest = where_needed(index, chain, last)[1]
        if (rest or (not node.ndim and len(chain) > 1)) and node.dtype != BOOL and not is_cheap(node):
            return self.kept_number(node, index, chain, self.assigned, last), ATOM
        return self.operation(node, index, chain)

    def operation(self, node: Expression, index: Index, chain: Chain) -> tuple[str, int]:
        """The element of what works number by number."""
        if node.call is not None and not self.is_own_function(node):
            formula = self.formulas[node.call.name]
            self.used.add(node.call.name)
            kind = formula_kind(formula)
            args = [self.number(arg, picked(arg, index), chain, kind) for arg in node.args]
            return f"{self.names[formula_key(node.call.name)]}({', '.join(args)})", ATOM
        if node.op == "where":
            condition = self.condition(node.args[0], picked(node.args[0], index), chain, COMPARE)
            arms = [self.argument(node, arg, index, chain, COMPARE) for arg in node.args[1:]]
            return f"{condition} ? {arms[0]} : {arms[1]}", CHOICE
        if node.op in LOGIC:
            return self.logic(node, index, chain)
        if node.op in BONDS:
            return self.infix(node, index, chain)
        if node.op == "negative":
            return f"-{self.argument(node, node.args[0], index, chain, SIGN)}", SIGN
        if node.op in ("power", "square"):
            base, exponent = node.args[0], node.args[1].value if node.op == "power" else 2.0
            fixed = exponent if node.op == "square" or node.args[1].op == "constant" else None
            texts = [self.argument(node, base, index, chain, CHOICE)]
            texts += [self.argument(node, arg, index, chain, CHOICE) for arg in node.args[1:]] or [
                self.syntax.number(2.0, kind_of(node))
            ]
            text, own = self.syntax.power(texts[0], texts[1], fixed, kind_of(node))
            self.used |= {"square"} if text.startswith("square(") else set()
            return text, own
        self.used.add(node.op)
        args = [self.argument(node, arg, index, chain, CHOICE) for arg in node.args]
        return f"{self.syntax.function(node.op, kind_of(node))}({', '.join(args)})", ATOM

    def is_own_function(self, node: Expression) -> bool:
        """Whether a call is of a formula that is nothing but the language's own function: `tanh(z)`."""
        assert node.call is not None
        return is_own_function(self.formulas[node.call.name]) and node.op == self.formulas[node.call.name].body.op

    def argument(self, node: Expression, arg: Expression, index: Index, chain: Chain, bond: int) -> str:
        """An argument of an operation, as a number of the operation's kind."""
        return self.number(arg, picked(arg, index), chain, kind_of(node), bond)

    def infix(self, node: Expression, index: Index, chain: Chain) -> tuple[str, int]:
        """`a + b`, `a < b`."""
        op, (a, b), bond = node.op, node.args, BONDS[node.op]
        kind = REAL if REAL in map(kind_of, node.args) else DOUBLE
        # `a - (b - c)` and `a / (b * c)` need their parentheses; `a + (b - c)` and `a * (b * c)` do not
        strict = bond == COMPARE or not (op == "add" or (op == b.op == "multiply"))
        left = self.number(a, picked(a, index), chain, kind, bond + (bond == COMPARE))
        right = self.number(b, picked(b, index), chain, kind, bond + 1 if strict else bond)
        right = f"({right})" if right.startswith("-") else right
        return f"{left} {self.syntax.signs[op]} {right}", bond

    def logic(self, node: Expression, index: Index, chain: Chain) -> tuple[str, int]:
        """`a && b`, `!a`."""
        bond = ATOM if node.op == "logical_not" else BONDS[node.op]
        texts = [self.condition(arg, picked(arg, index), chain, max(bond, BOTH) + 1) for arg in node.args]
        if node.op == "logical_not":
            return f"!{texts[0]}", SIGN
        return f"{texts[0]} {self.syntax.signs[node.op]} {texts[1]}", bond

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
        text, _ = self.operation(node, index, chain)
        name = name or ("" if place else self.fresh(name_for(node), chain))
        chain[-1].lines.append(f"{place} = {text};" if place else self.syntax.constant(kind_of(node), name, text))
        return name

    def accumulated(self, node: Expression, index: Index, chain: Chain, name: str = "", place: str = "") -> str:
        """Lines that sum up, or find the largest, into a number by itself or a place; its name."""
        kind, block = kind_of(node), chain[-1]
        inner: Chain = chain
        if node.op == "matmul":
            a, b = node.args
            inner = self.inner_loop(a.shape[1], inner)
            k = inner[-1].variable if inner is not chain else "0"
            left = self.number(a, (index[0], k), inner, kind, PRODUCT)
            text = f"{left} * {self.number(b, (k, index[1]), inner, kind, SIGN)}"
        else:
            arg, axes = node.args[0], axes_of(node)
            full, rest = [], list(index)
            for axis, dim in enumerate(arg.shape):
                if axis in axes:
                    if node.keepdims:
                        rest.pop(0)
                    inner = self.inner_loop(dim, inner)
                    full.append(inner[-1].variable if dim != 1 else "0")
                else:
                    full.append(rest.pop(0))
            text = self.number(arg, tuple(full), inner, kind_of(arg))
        total = name or self.fresh(ACCUMULATORS[node.op], chain)
        start = -math.inf if node.op == "max" else 0.0
        block.lines.append(self.syntax.variable(kind, total, self.syntax.number(start, kind)))
        if node.op == "max":
            self.used.add("maximum")
            line = f"{total} = {self.syntax.function('maximum', kind)}({total}, {text});"
        else:
            line = f"{total} += {text};"
        inner[-1].lines.append(line)
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
        return self.syntax.cast(text, kind)


def formula_lines(formula: Formula, loops: Loops) -> tuple[list[tuple[str, str]], str]:
    """The parts and the result of a formula of single numbers, as text."""
    lines = []
    for name, part in formula.parts:
        root = written_out(part, loops.formulas)
        lines.append((name, loops.number(root, ("0",) * root.ndim, (Block(),), formula_kind(formula))))
    root = written_out(formula.result, loops.formulas)
    return lines, loops.number(root, ("0",) * root.ndim, (Block(),), formula_kind(formula))
