"""Writing a program as loops over single numbers, for a compiler.

The text is Python in the dialect of Numba: `z1_ij = z1_3[i, j] + b1[j]`. An array's element is loaded into a variable
before anything is chosen by a condition, since compilers do not vectorise loops that load conditionally. A result that
nobody needs outside its loop is a variable; the others have buffers, which are used again when they are no longer read.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from glassnet.derivation.steps import Derivation
from glassnet.engines.fusion import Nest, Segment, is_reduction_of_rows, is_row_reduction
from glassnet.engines.places import OUT, Places
from glassnet.engines.program import LEAVES, Operation, Program
from glassnet.expressions.expression import ROWS, Dim, Shape
from glassnet.expressions.notation import plain

INFIX = {
    "add": "+",
    "subtract": "-",
    "multiply": "*",
    "matmul": "*",  # of a column and a row
    "divide": "/",
    "power": "**",
    "greater": ">",
    "greater_equal": ">=",
    "less": "<",
    "less_equal": "<=",
    "equal": "==",
    "not_equal": "!=",
    "logical_and": "and",
    "logical_or": "or",
}
PREFIX = {"negative": "-", "logical_not": "not "}
CALLS = {"sqrt": "math.sqrt", "floor": "np.floor", "cos": "math.cos", "sin": "math.sin"}
CONSTANT = 32  # sizes up to this are written into the code, so that the compiler can unroll; larger ones are arguments
INLINE = 256  # products of so many terms a row are written out as loops
WIDEST = 90  # characters of an expression in one line
DATA = {"x": "X", "y": "Y", "w": "W"}  # rows of a batch, and the arrays they are rows of


class Loops:
    """Writes the loops of one program.

    Parameters
    ----------
    derivation, program
        What to write, and the same as operations.
    offset
        Of the batch's rows in `X`, `Y`, `W` and `out`: "low", or "" where they are gathered or all rows are a batch.
    """

    def __init__(self, derivation: Derivation, program: Program, offset: str = "") -> None:
        self.derivation, self.program, self.offset = derivation, program, offset
        self.places = Places(program, derivation.layout)
        self.arrays, self.is_kept = self.places.arrays, self.places.is_kept
        self.memory = set(self.places.memory)  # names of arrays in memory that are read or written
        self.sizes: dict[int, str] = {}  # sizes that are arguments, and their names
        self.steps = {step.name for step in derivation.steps}
        self.lines: list[str] = []
        self.depth = 0
        self.row: dict[str, str] = {}  # what is known of this row: an element's text -> its variable
        self.column: dict[str, str] = {}  # and of this column of it
        self.inverses: dict[str, str] = {}  # numbers that arrays are divided by, and the variables with one over them

    def write(self) -> None:
        """All nests, one after the other."""
        said = set()
        for nest in self.places.nests:
            for operation in nest.operations:
                is_step = self.derivation[operation.step].expression is operation.source
                if (is_step or nest.kind == "product") and operation.step not in said:
                    said.add(operation.step)
                    self.line(f"# {self.comment(operation.step)}")
            self.nest(nest)
        for target, name in self.places.copies:
            self.line(f"{target}[:] = {name}")

    def comment(self, name: str) -> str:
        """A step's formula, for the reader of the code."""
        step = self.derivation[name]
        return " ".join(f"{step.assigns or step.name} = {plain(step.expression)}".splitlines())

    def line(self, text: str) -> None:
        """One line of code."""
        self.lines.append("    " * self.depth + text)

    def size(self, dim: Dim) -> str:
        """A size as text: the number of rows, a small number, or an argument."""
        if dim == ROWS:
            return "n"
        number = int(dim)
        if number <= CONSTANT:
            return str(number)
        return self.sizes.setdefault(number, f"size_{len(self.sizes)}")

    def number(self, value: float) -> str:
        """A constant in the dtype of the arrays."""
        return number_text(value, self.derivation.dtype)

    def in_dtype(self, name: str) -> str:
        """A single number, in float64, in the dtype of the arrays."""
        return name if self.derivation.dtype == np.float64 else f"float32({name})"

    def nest(self, nest: Nest) -> None:
        """One nest of loops."""
        self.row, self.column = {}, {}
        if nest.kind == "numbers":
            for operation in nest.operations:
                self.line(f"{operation.name} = {formula(operation, [scalar_text(a) for a in operation.args])}")
        elif nest.kind == "product":
            self.product(nest.operations[0])
        elif nest.kind == "random":
            self.random(nest.operations[0])
        else:
            self.prepare(nest)
            if nest.kind == "vector":
                self.segment(nest.segments[0], "")
            else:
                self.line(f"for i in range({self.size(nest.extent or 0)}):")
                self.depth += 1
                for segment in nest.segments:
                    self.segment(segment, "i")
                self.depth -= 1
            self.finish(nest)

    def prepare(self, nest: Nest) -> None:
        """What stands before the loops: sums start at 0, and one over a number that many are divided by."""
        self.inverses = {}
        for operation in nest.operations:
            if self.is_scaling(operation):
                divisor = self.value(operation.args[1], operation)
                self.inverses[divisor] = f"{operation.name}_factor"
                self.line(f"{operation.name}_factor = {self.number(1.0)} / {divisor}")
            if not is_reduction_of_rows(operation):
                continue
            start = "0.0" if operation.op == "sum" else "-np.inf"
            if self.is_total(operation):
                self.line(f"{self.total(operation)} = {start}")
            else:
                self.line(f"{self.arrays[id(operation)]}[:] = {start}")

    def is_scaling(self, operation: Operation) -> bool:
        """Whether an array is divided by a single number; a product with one over it is faster."""
        return operation.op == "divide" and operation.args[1].is_scalar and not operation.args[0].is_scalar

    def finish(self, nest: Nest) -> None:
        """What stands after them: totals that others want as arrays."""
        for operation in nest.operations:
            if is_reduction_of_rows(operation) and self.is_total(operation) and not operation.is_scalar:
                index = ", ".join("0" for _ in operation.shape)
                self.line(f"{self.arrays[id(operation)]}[{index}] = {self.in_dtype(self.total(operation))}")

    def total(self, operation: Operation) -> str:
        """The variable in which a total is added up."""
        return operation.name if operation.is_scalar else f"{operation.name}_0"

    def is_total(self, operation: Operation) -> bool:
        """Whether a reduction takes everything together into one number."""
        return math.prod(1 if dim == 1 else 2 for dim in operation.shape) == 1

    def segment(self, segment: Segment, row: str) -> None:
        """The loop over the columns of a row (or along a vector), or what is done once per row."""
        loop = segment.width is not None
        reductions = [item for item in segment.operations if is_row_reduction(item)]
        if loop:
            for item in reductions:
                start = self.number(0.0 if item.op == "sum" else -math.inf)
                self.line(f"{self.variable(item)} = {start}")
        header = len(self.lines)
        self.column = {}
        self.depth += loop
        self.loads(segment, loop, header)
        for operation in segment.operations:
            self.element_operation(operation, segment, loop)
        self.depth -= loop
        if loop:
            at = header + len([line for line in self.lines[header:] if line.startswith("\0")])
            self.lines[header:] = [line.removeprefix("\0") for line in self.lines[header:]]
            self.lines.insert(at, "    " * self.depth + f"for j in range({self.size(segment.width or 0)}):")
        for item in reductions:
            self.row[self.key(item)] = self.variable(item)
            if self.is_kept(item):
                index = "i, 0" if len(item.shape) == 2 else "i"
                self.line(f"{self.arrays[id(item)]}[{index}] = {self.variable(item)}")

    def loads(self, segment: Segment, loop: bool, header: int) -> None:
        """Load what the segment reads from arrays into variables; what is the same in all columns, before the loop."""
        for operation in segment.operations:
            for arg in operation.args:
                base = arg.base
                if arg.is_scalar or self.known(arg) or self.is_made_in(base, segment):
                    continue
                text, varies = self.element(arg, self.over(operation))
                if text in self.row or text in self.column:
                    continue
                name = f"{self.array(base)}_{''.join(c for c in text.partition('[')[2] if c in 'ij')}".rstrip("_")
                name += "_0" * (name == self.array(base))
                if loop and not varies:
                    self.lines.insert(header, "\0" + "    " * (self.depth - 1) + f"{name} = {text}")
                    self.row[text] = name
                elif loop:
                    self.line(f"{name} = {text}")
                    self.column[text] = name
                else:
                    self.line(f"{name} = {text}")
                    self.row[text] = name

    def is_made_in(self, operation: Operation, segment: Segment) -> bool:
        """Whether an operation's result is computed in this segment."""
        return operation in segment.operations

    def known(self, arg: Operation) -> bool:
        """Whether a result is in a variable of this row or column."""
        key = self.key(arg)
        return key in self.row or key in self.column

    def key(self, operation: Operation) -> str:
        """Where a result is looked up."""
        return f"#{id(operation)}"

    def array(self, base: Operation) -> str:
        """The name of the array that holds a result."""
        if base.op in LEAVES:
            self.memory.add(base.name)
            return DATA.get(base.name, base.name) if self.offset else base.name
        return self.arrays[id(base)]

    def over(self, operation: Operation) -> Shape:
        """The shape that an operation's loops go over."""
        return operation.args[0].shape if operation.op in ("sum", "max") else operation.shape

    def element(self, arg: Operation, over: Shape) -> tuple[str, bool]:
        """An array's element at row i and column j of the loops, and whether it changes with j."""
        index = ["j"] if len(over) == 1 else ["i", "j"]
        index = index[len(index) - len(arg.shape) :]
        index = ["0" if dim == 1 else at for at, dim in zip(index, arg.shape, strict=True)]
        view = arg
        while view is not view.base:
            if view.op == "transpose":
                index.reverse()
            else:
                index.pop(view.source.axis or 0)
            view = view.args[0]
        base = view
        varies = "j" in index
        if self.offset and (base.op in LEAVES and base.name in DATA):
            index[0] = f"{self.offset} + {index[0]}"
        return f"{self.array(base)}[{', '.join(index)}]", varies

    def value(self, arg: Operation, operation: Operation) -> str:
        """An operand in the loops: a number, or the variable with the element."""
        if arg.op == "constant":
            return self.number(arg.source.value)
        if arg.is_scalar:
            return self.in_dtype(scalar_text(arg))
        for known in (self.column, self.row):
            if self.key(arg) in known:
                return known[self.key(arg)]
        text, _ = self.element(arg, self.over(operation))
        return self.column.get(text) or self.row[text]

    def variable(self, operation: Operation) -> str:
        """The variable of an element of a result."""
        if is_row_reduction(operation) or self.places.width(operation) is None:
            return f"{operation.name}_i"
        nest, _ = self.places.at[id(operation)]
        return f"{operation.name}_{'j' if self.places.nests[nest].kind == 'vector' else 'ij'}"

    def element_operation(self, operation: Operation, segment: Segment, loop: bool) -> None:
        """One operation on one element."""
        if operation.op in ("sum", "max") and not (operation.args[0].is_scalar):
            self.reduction(operation, loop)
            return
        args = [self.value(arg, operation) for arg in operation.args]
        text = (
            f"{bracketed(args[0])} * {self.inverses[args[1]]}"
            if self.is_scaling(operation)
            else formula(operation, args)
        )
        known = self.column if loop else self.row
        kept = self.is_kept(operation)
        if self.is_inlined(operation, segment, kept, text):
            known[self.key(operation)] = text
            return
        name = self.variable(operation)
        self.line(f"{name} = {text}")
        known[self.key(operation)] = name
        if kept:
            self.line(f"{self.stored(operation)} = {name}")

    def stored(self, operation: Operation) -> str:
        """The element of the array that keeps a result."""
        index = ["j"] if len(operation.shape) == 1 else ["i", "j" if operation.shape[1] != 1 else "0"]
        array = self.arrays[id(operation)]
        if array == OUT and self.offset:
            index[0] = f"{self.offset} + {index[0]}"
        return f"{array}[{', '.join(index)}]"

    def is_inlined(self, operation: Operation, segment: Segment, kept: bool, text: str) -> bool:
        """Whether a result can stand inside the expression of its only reader."""
        readers = self.places.users.get(id(operation), ())
        if kept or len(readers) != 1 or len(text) > WIDEST or operation.name in self.steps:
            return False
        (reader,) = readers
        uses = sum(arg is operation for arg in reader.args)
        chosen = reader.op == "where" and operation is not reader.args[0]
        return reader in segment.operations and uses == 1 and not chosen and operation.op != "where"

    def reduction(self, operation: Operation, loop: bool) -> None:
        """A sum or maximum, as its terms are made."""
        (arg,) = operation.args
        term = self.value(arg, operation)
        add = "reassociated_add" if operation.op == "sum" else "maximum"
        if is_row_reduction(operation):
            name = self.variable(operation)
            self.line(f"{name} = {add}({name}, {term})" if loop else f"{name} = {term}")
        elif self.is_total(operation):
            wide = f"float64({term})" if self.derivation.dtype != np.float64 else term
            self.line(f"{self.total(operation)} = {add}({self.total(operation)}, {wide})")
        else:
            index = "0, j" if len(operation.shape) == 2 else "j"
            element = f"{self.arrays[id(operation)]}[{index}]"
            self.line(f"{element} += {term}" if operation.op == "sum" else f"{element} = maximum({element}, {term})")

    # products and random numbers

    def product(self, operation: Operation) -> None:
        """A matrix product: loops where it is small, otherwise a function that knows how large it is."""
        a, b = operation.args
        out, (rows, columns), inner = self.arrays[id(operation)], operation.shape, a.shape[1]
        plain_a, plain_b = a.op not in LEAVES[1:] and a is a.base, b is b.base
        turned_a, turned_b = a.op == "transpose" and a.args[0] is a.base, b.op == "transpose" and b.args[0] is b.base
        small = [int(dim) <= CONSTANT for dim in (rows, columns, inner) if dim != ROWS]
        tiny = all(small) and math.prod(int(dim) for dim in (rows, columns, inner) if dim != ROWS) <= INLINE
        if not tiny and plain_a and plain_b:
            self.line(f"multiply({self.array(a)}, {self.array(b)}, {out}, {self.size(rows)}{self.start(a)})")
        elif not tiny and turned_a and plain_b:
            taken = f"{self.size(inner)}{self.start(a.base)}"
            self.line(f"multiply_left_transposed({self.array(a.base)}, {self.array(b)}, {out}, {taken})")
        elif not tiny and plain_a and turned_b:
            self.line(f"multiply_right_transposed({self.array(a)}, {self.array(b.base)}, {out}, {self.size(rows)})")
        else:
            self.loops_of_product(operation, out, rows, columns, inner)

    def start(self, a: Operation) -> str:
        """Where the rows of a batch begin in X."""
        return f", {self.offset}" if self.offset and a.base.name in DATA and a.base.op in LEAVES else ", 0"

    def loops_of_product(self, operation: Operation, out: str, rows: Dim, columns: Dim, inner: Dim) -> None:
        """A small product, written out."""
        a, b = (self.factor(arg, index) for arg, index in zip(operation.args, (["i", "k"], ["k", "j"]), strict=True))
        if inner == ROWS:  # a gradient: row after row adds its part
            self.line(f"{out}[:] = 0.0")
            order = [("k", inner), ("i", rows), ("j", columns)]
        else:
            order = [("i", rows), ("j", columns)]
        for index, dim in order:
            self.line(f"for {index} in range({self.size(dim)}):")
            self.depth += 1
        if inner == ROWS:
            self.line(f"{out}[i, j] += {a} * {b}")
        else:
            self.line(f"term = {self.number(0.0)}")
            self.line(f"for k in range({self.size(inner)}):")
            self.line(f"    term += {a} * {b}")
            self.line(f"{out}[i, j] = term")
        self.depth -= len(order)

    def factor(self, arg: Operation, index: list[str]) -> str:
        """An element of a factor of a product."""
        view = arg
        while view is not view.base:
            if view.op == "transpose":
                index = index[::-1]
            else:
                index = [at for axis, at in enumerate(index) if axis != (view.source.axis or 0)]
            view = view.args[0]
        if self.offset and view.op in LEAVES and view.name in DATA:
            index = [f"{self.offset} + {index[0]}", *index[1:]]
        return f"{self.array(view)}[{', '.join(index)}]"

    def random(self, operation: Operation) -> None:
        """Uniform random numbers, in the order in which NumPy draws them."""
        self.line(f"draw(random, {self.arrays[id(operation)]}, {self.size(operation.shape[0])})")


def number_text(value: float, dtype: np.dtype[Any]) -> str:
    """A constant in a dtype."""
    text = repr(value) if math.isfinite(value) else "np.nan" if math.isnan(value) else f"{'-' * (value < 0)}np.inf"
    return text if dtype == np.float64 else f"float32({text})"


def scalar_text(operation: Operation) -> str:
    """A single number in float64."""
    if operation.op == "constant":
        return number_text(operation.source.value, np.dtype(np.float64))
    if operation.op == "symbol" and operation.name == ROWS:
        return "float(n)"
    return "float(t)" if operation.name == "t" else operation.name


def formula(operation: Operation, args: list[str]) -> str:
    """An operation on single numbers as text."""
    op = operation.op
    if op == "power" and operation.args[1].op == "constant" and operation.args[1].source.value.is_integer():
        exponent = int(operation.args[1].source.value)
        if 0 < exponent <= 8:
            return f"{bracketed(args[0])} ** {exponent}"
    if op in INFIX:
        return f"{bracketed(args[0])} {INFIX[op]} {bracketed(args[1])}"
    if op in PREFIX:
        return f"{PREFIX[op]}{bracketed(args[0])}"
    if op == "where":
        return f"{args[1]} if {args[0]} else {args[2]}"
    if op in ("copy", "sum", "max", "transpose"):  # of a single number
        return args[0]
    if op == "square":
        return f"{bracketed(args[0])} * {bracketed(args[0])}"
    return f"{CALLS.get(op, op)}({', '.join(args)})"


def bracketed(text: str) -> str:
    """An operand, in brackets if it is an expression of several parts."""
    depth = 0
    for letter in text:
        depth += (letter in "([") - (letter in ")]")
        if letter == " " and depth == 0:
            return f"({text})"
    return f"({text})" if text.startswith("-") else text
