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
from glassnet.expressions.element import Index, aligned, element, gathered, is_passed_on, passed_on
from glassnet.expressions.element import product as times
from glassnet.expressions.expression import ROWS, Dim, Expression, constant, symbol

CONSTANT = 32  # a softmax over so many columns has their number in its code, so that the compiler can unroll it
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
        self.constants = {1, *map(int, filter(self.is_written_in, self.places.widths_of_reductions()))}
        self.steps = {step.name for step in derivation.steps}
        self.lines: list[str] = []
        self.depth = 0
        self.named = {item.name: item for item in (*program.leaves, *program.operations)}
        self.row: dict[object, Expression] = {}  # what is known of this row: by a result's name or an element's place
        self.column: dict[object, Expression] = {}  # and of this column of it
        self.flat: dict[str, None] = {}  # arrays that are read or written as one row
        self.wide: dict[str, str] = {}  # arrays of several rows' columns in a row, and the size of one row
        self.biased: dict[int, Operation] = {}  # sums that a product makes, by id, with the bias it begins with
        self.current: Nest = Nest("numbers", None)  # the nest that is written
        self.is_wide = False  # whether it takes several rows as one
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
        """A size as text: the number of rows, a number that is written into the code, or an argument."""
        if dim == ROWS:
            return "n"
        number = int(dim)
        if number in self.constants:
            return str(number)
        return self.sizes.setdefault(number, f"size_{len(self.sizes)}")

    def is_written_in(self, width: Dim) -> bool:
        """Whether the number of columns that are taken together row by row is written into the code."""
        return width != ROWS and int(width) <= CONSTANT

    def number(self, value: float) -> str:
        """A constant in the dtype of the arrays."""
        return code(self.number_of(constant(value), ()))

    def nest(self, nest: Nest) -> None:
        """One nest of loops."""
        self.row, self.column, self.is_wide, self.current = {}, {}, False, nest
        if nest.kind == "numbers":
            for operation in nest.operations:
                self.line(assignment(operation))
        elif nest.kind == "product":
            self.product(nest.operations[0])
        elif nest.kind == "random":
            self.random(nest.operations[0])
        else:
            self.is_wide = self.takes_several_rows_as_one(nest)
            self.prepare(nest)
            if nest.kind == "vector" or (self.is_wide and not self.is_repeating(nest)):
                self.segment(nest.segments[0])
            elif self.is_wide:
                self.line(f"for i in range(0, {self.size(nest.extent or 0)}, many):")
                self.depth += 1
                self.segment(nest.segments[0])
                self.depth -= 1
            else:
                self.line(f"for i in range({self.size(nest.extent or 0)}):")
                self.depth += 1
                for segment in nest.segments:
                    self.segment(segment)
                self.depth -= 1
            self.finish(nest)

    def takes_several_rows_as_one(self, nest: Nest) -> bool:
        """Whether a nest may: then its loops are long, whatever the width of a layer.

        Rows lie one behind the other, so the next row's first column is the column after the last. It needs that
        arrays have either the nest's rows and columns, or one row that is the same for all.
        """
        if nest.kind != "rows" or len(nest.segments) != 1 or nest.segments[0].width in (None, ROWS):
            return False
        for operation in nest.operations:
            if is_row_reduction(operation) or (operation.op == "max" and is_reduction_of_rows(operation)):
                return False
            over = operation.args[0].shape if operation.op == "sum" else operation.shape
            if len(over) == 2 and tuple(over) != (nest.extent, nest.segments[0].width):
                return False
            for arg in self.read(operation):
                if arg.base in nest.operations:
                    continue
                _, index = self.place(arg.operand, self.aligned(arg, operation))
                if index != ("i", "j") and not self.is_row(index):
                    return False
        return True

    def is_repeating(self, nest: Nest) -> bool:
        """Whether not all rows can be one, since something of each column is needed for all of them."""
        sums = [item for item in nest.operations if is_reduction_of_rows(item) and not self.is_total(item)]
        return self.is_wide and bool(self.rows_for_all(nest) or not all(map(self.is_summed_by_call, sums)))

    def is_row(self, index: Index) -> bool:
        """Whether this is the place in an array that is one row for all."""
        return index in (("j",), (0, "j"))

    def widened(self, array: str) -> str:
        """The name of the array that has a row's columns several times."""
        width = self.current.segments[0].width
        self.wide[f"{array}_wide"] = self.size(width or 0)
        return f"{array}_wide"

    def prepare(self, nest: Nest) -> None:
        """What stands before the loops: sums start at 0, and one over a number that many are divided by."""
        self.inverses = {}
        if self.is_repeating(nest):
            size = self.size(nest.segments[0].width or 0)
            self.line(f"many = rows_at_once({self.size(nest.extent or 0)}, {size})")
            for array in self.rows_for_all(nest):
                self.line(f"repeat({array}, {self.widened(array)}, many)")
        for operation in nest.operations:
            if self.is_scaling(operation):
                divisor = operation.args[1]
                self.inverses[divisor.name] = f"{operation.name}_factor"
                one_over = f"{self.number(1.0)} / {code(self.number_of(divisor.operand, ()))}"
                self.line(f"{self.inverses[divisor.name]} = {one_over}")
            if not is_reduction_of_rows(operation) or self.is_summed_by_call(operation):
                continue
            start = "0.0" if operation.op == "sum" else "-np.inf"
            if self.is_total(operation):
                self.line(f"{self.total(operation)} = {start}")
            elif self.is_wide:
                self.line(f"{self.widened(self.arrays[id(operation)])}[:] = {start}")
            else:
                self.line(f"{self.arrays[id(operation)]}[:] = {start}")

    def rows_for_all(self, nest: Nest) -> list[str]:
        """The arrays that a nest reads of which one row is for all rows."""
        found: dict[str, None] = {}
        for operation in nest.operations:
            for arg in self.read(operation):
                if arg.base not in nest.operations:
                    base, index = self.place(arg.operand, self.aligned(arg, operation))
                    if self.is_row(index):
                        found[self.array(self.named[base])] = None
        return list(found)

    def is_scaling(self, operation: Operation) -> bool:
        """Whether an array is divided by a single number: a product with one over it is faster, if rounded twice."""
        return operation.op == "divide" and operation.args[1].is_scalar and not operation.args[0].is_scalar

    def finish(self, nest: Nest) -> None:
        """What stands after them: totals that others want as arrays."""
        for operation in nest.operations:
            if self.is_summed_by_call(operation):
                summed = self.arrays[id(operation.args[0])]
                self.line(f"sum_of_rows({summed}, {self.arrays[id(operation)]}, {self.size(nest.extent or 0)})")
            elif self.is_wide and is_reduction_of_rows(operation) and not self.is_total(operation):
                array = self.arrays[id(operation)]
                self.line(f"take_together({self.widened(array)}, {array}, many)")
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
            size = self.size(segment.width or 0)
            rows = self.size(self.current.extent or 0)
            if self.is_repeating(self.current):
                size = f"min(many, {rows} - i) * {size}"
            elif self.is_wide:
                size = f"{rows} * {size}"
            self.line(f"for j in range({size}):")
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
            for arg in self.read(operation):
                if self.known(arg.name) is not None or arg.base in segment.operations:
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

    def read(self, operation: Operation) -> list[Operation]:
        """The arrays that an operation reads in its loop."""
        if id(operation) in self.biased:
            return [self.biased[id(operation)]]
        return [] if self.is_summed_by_call(operation) else [arg for arg in operation.args if not arg.is_scalar]

    def is_summed_by_call(self, operation: Operation) -> bool:
        """Whether a sum over the rows is that of an array that is in memory anyway, so that a function adds it up."""
        if operation.op != "sum" or not is_reduction_of_rows(operation) or self.is_total(operation):
            return False
        (arg,) = operation.args
        if arg is not arg.base or len(arg.shape) != 2 or arg.base.op in LEAVES:
            return False
        nest, _ = self.places.at[id(operation)]
        readers = [self.places.at[id(user)][0] for user in self.places.readers(arg) if id(user) in self.places.at]
        return self.is_kept(arg) and arg.shape[1] not in (1, ROWS) and max(readers, default=-1) > nest

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
        if self.is_wide and self.is_row(index):
            return f"{self.widened(self.array(base))}[j]"
        return self.at(self.array(base), index, self.offset if self.is_offset(base) else "")

    def at(self, array: str, index: Index, offset: str = "") -> str:
        """The element of an array whose rows begin at an offset, as text."""
        first = f"{offset} + {index[0]}" if offset else str(index[0])
        if self.is_wide and index == ("i", "j"):
            self.flat[array] = None
            row = first if self.is_repeating(self.current) else offset
            size = self.size(self.current.segments[0].width or 0)
            start = f"({row}) * {size} + " if " " in row else f"{row} * {size} + " if row else ""
            return f"{array}_flat[{start}j]"
        return f"{array}[{', '.join([first, *map(str, index[1:])])}]"

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
        if self.is_summed_by_call(operation):
            return
        if operation.op in ("sum", "max") and not (operation.args[0].is_scalar):
            self.reduction(operation, loop)
            return
        if id(operation) in self.biased:
            product = self.biased[id(operation)]
            number = self.number_of(product.operand, self.aligned(product, operation))
        elif self.is_scaling(operation):
            divided, divisor = operation.args
            factor = symbol(self.inverses[divisor.name])
            number = times(self.number_of(divided.operand, self.aligned(divided, operation)), factor)
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
        index: Index = ("j",) if len(operation.shape) == 1 else ("i", "j" if operation.shape[1] != 1 else 0)
        array = self.arrays[id(operation)]
        return self.at(array, index, self.offset if array == OUT else "")

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
            array = self.arrays[id(operation)]
            element = f"{self.widened(array)}[j]" if self.is_wide else f"{array}[{index}]"
            self.line(f"{element} += {term}" if operation.op == "sum" else f"{element} = maximum({element}, {term})")

    def bias_of(self, product: Operation) -> Operation | None:
        """The bias that is added to a product and nothing else done with it, where the product can begin with it."""
        readers = self.places.users.get(id(product), ())
        if len(readers) != 1:
            return None
        (add,) = readers
        others = [arg for arg in add.args if arg is not product]
        if add.op != "add" or len(others) != 1 or product.shape[0] != ROWS:
            return None
        (bias,) = others
        is_row = bias.op in LEAVES and bias.shape in ((product.shape[1],), (1, product.shape[1]))
        if not is_row or add.shape != product.shape:
            return None
        self.biased[id(add)] = product
        return bias

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
            bias = self.bias_of(operation)
            name, third = ("multiply", "") if bias is None else ("multiply_with_bias", f"{self.array(bias)}, ")
            return f"{name}({self.array(a)}, {self.array(b)}, {third}{out}, {self.size(rows)}, {first})"
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
