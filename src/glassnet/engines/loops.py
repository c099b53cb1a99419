"""Writing a program as loops over single numbers, for a compiler.

The text is Python in the dialect of Numba: `z1_ij = z1_3[i, j] + b1[j]`. An array's element is loaded into a variable
before anything is chosen by a condition, since compilers do not vectorise loops that load conditionally. A result that
nobody needs outside its loop is a variable; the others have buffers, which are used again when they are no longer read.
"""

from __future__ import annotations

import math

import numpy as np

from glassnet.derivation.steps import Derivation
from glassnet.engines.fusion import Nest, Segment, is_reduction_of_rows, is_row_reduction
from glassnet.engines.places import OUT, Places
from glassnet.engines.program import LEAVES, Operation, Program
from glassnet.engines.single_numbers import WIDEST, as_code, assignment, code, in_dtype
from glassnet.expressions.element import Index, aligned, element, gathered, is_passed_on, passed_on, product
from glassnet.expressions.expression import ROWS, Dim, Expression, constant, symbol

CONSTANT = 32  # sizes up to this are written into the code, so that the compiler can unroll; larger ones are arguments
Place = tuple[str, Index]  # a result's name, and where in it: "i", "j", 0
DATA = {"x": "X", "y": "Y", "w": "W"}  # rows of a batch, and the arrays they are rows of


class FusedLoops:
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
        self.places = Places(program=program, layout=derivation.layout)
        self.arrays, self.is_kept = self.places.arrays, self.places.is_kept
        self.memory = set(self.places.memory)  # names of arrays in memory that are read or written
        self.sizes: dict[int, str] = {}  # sizes that are arguments, and their names
        self.steps = {step.name for step in derivation.steps}
        self.lines: list[str] = []
        self.depth = 0
        self.named = {item.name: item for item in (*program.leaves, *program.operations)}
        self.row: dict[object, Expression] = {}  # what is known of this row: by a result's name or an element's place
        self.column: dict[object, Expression] = {}  # and of this column of it
        self.inverses: dict[str, str] = {}  # numbers that arrays are divided by, and the variables with one over them

    def write(self) -> None:
        """All nests, one after the other."""
        said = set()
        for nest in self.places.nests:
            for operation in nest.operations:
                step = self.derivation[operation.step]
                if (step.expression is operation.source or nest.kind == "product") and step not in said:
                    said.add(step)
                    self.line(f"# {step.formula}")
            self.nest(nest)
        for target, name in self.places.copies:
            self.line(f"put({target}, {name})")

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
        return code(self.number_of(constant(value), ()))

    def nest(self, nest: Nest) -> None:
        """One nest of loops."""
        self.row, self.column = {}, {}
        if nest.kind == "numbers":
            for operation in nest.operations:
                self.line(assignment(operation))
        elif nest.kind == "product":
            self.product(nest.operations[0])
        elif nest.kind == "random":
            self.random(nest.operations[0])
        else:
            self.prepare(nest)
            if nest.kind == "vector":
                self.segment(nest.segments[0])
            else:
                self.line(f"for i in range({self.size(nest.extent or 0)}):")
                self.depth += 1
                for segment in nest.segments:
                    self.segment(segment)
                self.depth -= 1
            self.finish(nest)

    def prepare(self, nest: Nest) -> None:
        """What stands before the loops: sums start at 0, and one over a number that many are divided by."""
        self.inverses = {}
        for operation in nest.operations:
            if self.is_scaling(operation):
                divisor = operation.args[1]
                self.inverses[divisor.name] = f"{operation.name}_factor"
                one_over = f"{self.number(1.0)} / {code(self.number_of(divisor.operand, ()))}"
                self.line(f"{self.inverses[divisor.name]} = {one_over}")
            if not is_reduction_of_rows(operation):
                continue
            start = "0.0" if operation.op == "sum" else "-np.inf"
            if self.is_total(operation):
                self.line(f"{self.total(operation)} = {start}")
            else:
                self.line(f"{self.arrays[id(operation)]}[:] = {start}")

    def is_scaling(self, operation: Operation) -> bool:
        """Whether an array is divided by a single number: a product with one over it is faster, if rounded twice."""
        return operation.op == "divide" and operation.args[1].is_scalar and not operation.args[0].is_scalar

    def finish(self, nest: Nest) -> None:
        """What stands after them: totals that others want as arrays."""
        for operation in nest.operations:
            if is_reduction_of_rows(operation) and self.is_total(operation) and not operation.is_scalar:
                index = ", ".join("0" for _ in operation.shape)
                total = code(self.number_of(symbol(self.total(operation)), ()))
                self.line(f"{self.arrays[id(operation)]}[{index}] = {total}")

    def total(self, operation: Operation) -> str:
        """The variable in which a total is added up."""
        return operation.name if operation.is_scalar else f"{operation.name}_0"

    def is_total(self, operation: Operation) -> bool:
        """Whether a reduction takes everything together into one number."""
        return math.prod(1 if dim == 1 else 2 for dim in operation.shape) == 1

    def segment(self, segment: Segment) -> None:
        """The loop over the columns of a row (or along a vector), or what is done once per row."""
        loop = segment.width is not None
        reductions = [item for item in segment.operations if is_row_reduction(item)]
        outside, self.lines, self.column = self.lines, [], {}
        self.depth += loop
        before = self.loads(segment)
        for operation in segment.operations:
            self.element_operation(operation, segment, loop)
        self.depth -= loop
        inside, self.lines = self.lines, outside
        for text in before:
            self.line(text)
        if loop:
            for item in reductions:
                self.line(f"{self.variable(item)} = {self.number(0.0 if item.op == 'sum' else -math.inf)}")
            self.line(f"for j in range({self.size(segment.width or 0)}):")
        self.lines += inside
        for item in reductions:
            self.row[item.name] = symbol(self.variable(item))
            if self.is_kept(item):
                index = "i, 0" if len(item.shape) == 2 else "i"
                self.line(f"{self.arrays[id(item)]}[{index}] = {self.variable(item)}")

    def loads(self, segment: Segment) -> list[str]:
        """Load what the segment reads from arrays into variables; the lines for what is the same in all columns."""
        before = []
        for operation in segment.operations:
            for arg in operation.args:
                if arg.is_scalar or self.known(arg.name) is not None or arg.base in segment.operations:
                    continue
                base, index = place = self.place(arg.operand, self.aligned(arg, operation))
                if self.known(place) is not None:
                    continue
                name = f"{self.array(self.named[base])}_{''.join(at for at in index if at in ('i', 'j')) or '0'}"
                line = f"{name} = {self.indexed(place)}"
                if "j" in index:
                    self.line(line)
                    self.column[place] = symbol(name)
                else:
                    before.append(line)
                    self.row[place] = symbol(name)
        return before

    def known(self, key: object) -> Expression | None:
        """What is known of this row or column."""
        return self.column.get(key, self.row.get(key))

    def array(self, base: Operation) -> str:
        """The name of the array that holds a result."""
        if base.op in LEAVES:
            self.memory.add(base.name)
            return DATA.get(base.name, base.name) if self.offset else base.name
        return self.arrays[id(base)]

    def aligned(self, arg: Operation, operation: Operation) -> Index:
        """The place in an operand for row i and column j of an operation's loops, as broadcasting picks it."""
        return aligned(("i", "j")[-len(operation.over) :], arg.shape)

    def place(self, node: Expression, index: Index) -> Place:
        """The name of the result, and the place in it, for a place in what may be a view of it."""
        while is_passed_on(node):
            node, index = passed_on(node, index)
        return node.name, index

    def indexed(self, place: Place) -> str:
        """The element of an array."""
        base, index = self.named[place[0]], place[1]
        if self.is_offset(base):
            index = (f"{self.offset} + {index[0]}", *index[1:])
        return f"{self.array(base)}[{', '.join(map(str, index))}]"

    def number_of(self, node: Expression, index: Index) -> Expression:
        """An element in the loops, as arithmetic on variables."""

        def leaf(node: Expression, index: Index) -> Expression | None:
            if node.op != "symbol" or not node.shape:
                return in_dtype(node, self.derivation.dtype)
            known = self.known(node.name)
            return self.known((node.name, index)) if known is None else known

        return element(node, index, leaf, made=as_code)

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
        if self.is_scaling(operation):
            divided, divisor = operation.args
            factor = symbol(self.inverses[divisor.name])
            number = product(self.number_of(divided.operand, self.aligned(divided, operation)), factor)
        else:
            number = self.number_of(operation.expression, self.aligned(operation, operation))
        known = self.column if loop else self.row
        kept, text = self.is_kept(operation), code(number)
        if self.is_inlined(operation, segment, kept, text):
            known[operation.name] = number
            return
        name = self.variable(operation)
        self.line(f"{name} = {text}")
        known[operation.name] = symbol(name)
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
        term = code(self.number_of(arg.operand, self.aligned(arg, operation)))
        add = "reassociated_add" if operation.op == "sum" else "maximum"
        if is_row_reduction(operation):
            name = self.variable(operation)
            self.line(f"{name} = {add}({name}, {term})" if loop else f"{name} = {term}")
        elif self.is_total(operation):
            wide = f"double({term})" if self.derivation.dtype != np.float64 else term
            self.line(f"{self.total(operation)} = {add}({self.total(operation)}, {wide})")
        else:
            index = "0, j" if len(operation.shape) == 2 else "j"
            element = f"{self.arrays[id(operation)]}[{index}]"
            self.line(f"{element} += {term}" if operation.op == "sum" else f"{element} = maximum({element}, {term})")

    def product(self, operation: Operation) -> None:
        """A matrix product: the call of a function, or loops where there is none for it."""
        text = self.call_of_product(operation)
        if text:
            self.line(text)
        else:
            self.loops_of_product(operation)

    def call_of_product(self, operation: Operation) -> str:
        """The call that computes a product; an empty text where no function does."""
        a, b = operation.args
        (rows, columns), inner, out = operation.shape, a.shape[1], self.arrays[id(operation)]
        direct_a, direct_b = a is a.base, b is b.base
        turned_a, turned_b = (item.op == "transpose" and item.args[0] is item.base for item in (a, b))
        if columns == ROWS or self.is_offset(b.base):
            return ""
        first = self.offset if self.is_offset(a.base) else "0"
        if direct_a and direct_b and inner != ROWS:
            return f"multiply({self.array(a)}, {self.array(b)}, {out}, {self.size(rows)}, {first})"
        if turned_a and direct_b and rows != ROWS:
            name = "multiply_left_transposed"
            return f"{name}({self.array(a.base)}, {self.array(b)}, {out}, {self.size(inner)}, {first})"
        if direct_a and turned_b and inner != ROWS and first == "0":
            return f"multiply_right_transposed({self.array(a)}, {self.array(b.base)}, {out}, {self.size(rows)})"
        return ""

    def is_offset(self, base: Operation) -> bool:
        """Whether these are rows of a batch that lies within a larger array."""
        return bool(self.offset) and base.op in LEAVES and base.name in DATA

    def loops_of_product(self, operation: Operation) -> None:
        """A product, written out."""
        out, (rows, columns), inner = self.arrays[id(operation)], operation.shape, operation.args[0].shape[1]
        a, b = (self.indexed(self.place(*factor)) for factor in gathered(operation.expression, ("i", "j"), "k"))
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

    def random(self, operation: Operation) -> None:
        """Uniform random numbers, in the order in which NumPy draws them."""
        self.line(f"draw(random, {self.arrays[id(operation)]}, {self.size(operation.shape[0])})")
