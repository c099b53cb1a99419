"""Writing a program as loops over single numbers, for a compiler.

The text is Python in the dialect of Numba: `z1_ij = z1_3[i, j] + b1[j]`. An array's element is loaded into a variable
before anything is chosen by a condition, since compilers do not vectorise loops that load conditionally. A result that
nobody needs outside its loop is a variable; the others have buffers, which are used again when they are no longer read.
"""

from __future__ import annotations

import math

import numpy as np

from glassnet.derivation.steps import Derivation
from glassnet.engines.fusion import GRADIENT, Nest, Segment, is_reduction_of_rows, is_row_reduction
from glassnet.engines.places import OUT, Places
from glassnet.engines.program import LEAVES, Operation, Program
from glassnet.engines.single_numbers import WIDEST, as_code, assignment, code, in_dtype
from glassnet.expressions.element import Index, aligned, element, gathered, is_passed_on, passed_on
from glassnet.expressions.element import product as times
from glassnet.expressions.expression import ROWS, Dim, Expression, constant, symbol
from glassnet.parts.naming import gradient_name

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
    has_team
        Whether each of several threads runs the text, and takes its share of every loop (`team`).
    """

    def __init__(self, derivation: Derivation, program: Program, offset: str = "", has_team: bool = False) -> None:
        self.derivation, self.program, self.offset, self.has_team = derivation, program, offset, has_team
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
        self.parts: dict[str, str] = {}  # arrays that this loop goes along, and where in them it begins
        self.count = ""  # how many numbers it goes along
        self.begin = "0"  # the first of the nest's rows
        self.touched = {"all"}  # what threads have come at since they met: "rows", their own; "all"
        self.added: dict[str, str] = {}  # gradients to which each thread adds its part, and the way of their product
        self.gradients = {gradient_name(name) for name in derivation.layout.shapes}
        self.wide: dict[str, str] = {}  # arrays of several rows' columns in a row, and the size of one row
        self.biased: dict[int, Operation] = {}  # sums that a product makes, by id, with the bias it begins with
        self.current: Nest = Nest("numbers", None)  # the nest that is written
        self.is_wide = False  # whether it takes several rows as one
        self.inverses: dict[str, str] = {}  # numbers that arrays are divided by, and the variables with one over them
        self.products: list[tuple[str, Dim, Dim, Dim]] = []  # those that are calls: which; rows, columns, terms
        self.buffers = 0  # arrays that a team makes together
        self.totals = 0  # numbers to which each thread adds its part

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
        self.add_gradients()
        for target, name in self.places.copies:
            self.by_one([f"put({target}, {name})"])

    def line(self, text: str) -> None:
        """One line of code."""
        self.lines.append("    " * self.depth + text)

    def by_one(self, lines: list[str], which: str = "all") -> None:
        """Lines that are for one thread of a team alone; `which` as `meet_for` takes it."""
        if self.has_team and lines:
            self.meet_for(which)
            self.line("if thread == 0:")
            lines = [f"    {text}" for text in lines]
        for text in lines:
            self.line(text)

    def meet_for(self, which: str) -> None:
        """What follows reads and writes a thread's own rows alone ("rows"), or others' as well ("all").

        All threads must have come to here, unless everybody has kept to their own rows since they met.
        """
        if self.has_team and ("all" in self.touched or (which == "all" and self.touched)):
            self.meet()
        self.touched.add(which)

    def meet(self) -> None:
        """Wait until all threads are here."""
        self.line("meet(team, threads)")
        self.touched.clear()

    def share_out(self, nest: Nest, width: str) -> tuple[str, str]:
        """The first of a nest's rows that are this thread's, and the one after the last."""
        extent = self.size(nest.extent or 0)
        if not self.has_team:
            return "0", extent
        if any(map(self.is_added_up, nest.operations)):
            share = f"alone({extent}, thread)"
        elif nest.extent == ROWS:
            self.meet_for("rows")
            return "begin", "stop"
        else:
            share = f"share({extent}, {width}, thread, threads)"
        self.meet_for("all")
        self.line(f"start_i, stop_i = {share}")
        return "start_i", "stop_i"

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
        if any(arg.base.name == GRADIENT or self.arrays.get(id(arg.base)) in self.added for arg in arguments(nest)):
            self.add_gradients()
        if nest.kind == "numbers":
            for operation in nest.operations:
                self.line(assignment(operation))
        elif nest.kind == "product":
            self.product(nest.operations[0])
        elif nest.kind == "random":
            operation = nest.operations[0]
            self.by_one([f"draw(random, {self.arrays[id(operation)]}, {self.size(operation.shape[0])})"])
        else:
            self.is_wide = self.takes_several_rows_as_one(nest)
            self.prepare(nest)
            self.loop(nest)
            self.finish(nest)

    def loop(self, nest: Nest) -> None:
        """The loops of a nest over rows or along vectors."""
        widths = [int(segment.width) for segment in nest.segments if segment.width not in (None, ROWS)]
        width = self.size(max(widths, default=1)) if nest.kind == "rows" else "1"
        self.begin, stop = self.share_out(nest, width)
        count = stop if self.begin == "0" else f"{stop} - {self.begin}"
        if nest.kind == "vector":
            self.segment(nest.segments[0], count)
        elif self.is_wide and not self.is_repeating(nest):
            self.segment(nest.segments[0], f"({count}) * {width}" if " " in count else f"{count} * {width}")
        else:
            begin = "" if self.begin == "0" and not self.is_wide else f"{self.begin}, "
            self.line(f"for i in range({begin}{stop}{', many' if self.is_wide else ''}):")
            self.depth += 1
            for segment in nest.segments:
                many = f"min(many, {stop} - i) * " if self.is_wide else ""
                self.segment(segment, f"{many}{self.size(segment.width or 0)}")
            self.depth -= 1

    def is_added_up(self, operation: Operation) -> bool:
        """Whether the rows are added up column by column, in an array that threads cannot share."""
        is_sum = is_reduction_of_rows(operation) and not self.is_total(operation)
        return is_sum and not self.is_summed_by_call(operation)

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
        return self.is_wide and bool(self.rows_for_all(nest) or any(map(self.is_added_up, nest.operations)))

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
            if self.rows_for_all(nest):
                self.meet_for("rows")
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
                self.by_one([f"{self.arrays[id(operation)]}[:] = {start}"])

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
        """What stands after them: sums over all rows, as others want them."""
        self.add_totals(nest)
        for operation in filter(self.is_summed_by_call, nest.operations):
            array, out = self.arrays[id(operation.args[0])], self.arrays[id(operation)]
            if self.has_team and out in self.gradients:
                self.meet_for("rows")
                self.added[out] = "0"
                self.line(f"sum_of_rows({array}, own_{out}, begin, stop)")
            else:
                self.by_one([f"sum_of_rows({array}, {out}, 0, {self.size(nest.extent or 0)})"])
        for operation in nest.operations:
            array = self.arrays.get(id(operation), "")
            if self.is_wide and self.is_added_up(operation):
                self.by_one([f"take_together({self.widened(array)}, {array}, many)"])
            if is_reduction_of_rows(operation) and self.is_total(operation) and not operation.is_scalar:
                index = ", ".join("0" for _ in operation.shape)
                total = code(self.number_of(symbol(self.total(operation)), ()))
                self.by_one([f"{array}[{index}] = {total}"], "rows" if array in self.gradients else "all")

    def add_totals(self, nest: Nest) -> None:
        """Totals of a team: each thread has that of its own rows."""
        totals = [item for item in nest.operations if is_reduction_of_rows(item) and self.is_total(item)]
        if not self.has_team or not totals:
            return
        for k, operation in enumerate(totals, self.totals):
            self.line(f"parts_of_all[thread, {k}] = {self.total(operation)}")
        self.meet()
        for k, operation in enumerate(totals, self.totals):
            taken = "sum_of_parts" if operation.op == "sum" else "largest_part"
            self.line(f"{self.total(operation)} = {taken}(parts_of_all, {k}, threads)")
        self.totals += len(totals)

    def add_gradients(self) -> None:
        """Gradients of a team: each thread has that of its own rows."""
        if self.added:
            self.meet_for("all")
        for array, way in self.added.items():
            self.line(f"add_others({array}, others, at_{array}, {way}, thread, threads)")
        self.added = {}

    def total(self, operation: Operation) -> str:
        """The variable in which a total is added up."""
        return operation.name if operation.is_scalar else f"{operation.name}_0"

    def is_total(self, operation: Operation) -> bool:
        """Whether a reduction takes everything together into one number."""
        return math.prod(1 if dim == 1 else 2 for dim in operation.shape) == 1

    def segment(self, segment: Segment, count: str) -> None:
        """The loop over so many columns of a row (or along a vector), or what is done once per row."""
        loop = segment.width is not None
        self.parts, self.count = {}, count
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
            for array, start in self.parts.items():
                self.line(f"{array}_part = stretch({array}, {start}, {count})")
            self.line(f"for j in range({count}):")
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
        if self.is_wide and index == ("i", "j"):
            self.parts[array] = self.start_of_part(offset)
        elif self.current.kind == "vector" and self.is_row(index):
            self.parts[array] = self.begin
        else:
            first = f"{offset} + {index[0]}" if offset else str(index[0])
            return f"{array}[{', '.join([first, *map(str, index[1:])])}]"
        return f"{array}_part[j]"

    def start_of_part(self, offset: str) -> str:
        """Where in an array, whose rows begin at an offset, the loop begins that takes several rows as one."""
        size = self.size(self.current.segments[0].width or 0)
        row = "i" if self.is_repeating(self.current) else self.begin
        terms = [term for term in (offset, row) if term not in ("", "0")]
        return f"({' + '.join(terms)}) * {size}" if len(terms) > 1 else f"{terms[0]} * {size}" if terms else "0"

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
        found = self.function_of(operation)
        if found is None:
            self.meet_for("all")
            if self.has_team:
                self.line("if thread == 0:")
            self.depth += self.has_team
            self.loops_of_product(operation)
            self.depth -= self.has_team
            return
        name, factors, first = found
        (rows, columns), inner, out = operation.shape, operation.args[0].shape[1], self.arrays[id(operation)]
        count, way = self.size(inner if rows != ROWS else rows), f"ways[{len(self.products)}]"
        if not self.has_team:
            self.line(f"{name}({factors}, {out}, (0, {count}, {first}))")
            return
        self.products.append((name, rows, columns, inner))
        if rows == ROWS:
            self.meet_for("rows")
            self.line(f"{name}({factors}, {out}, (begin, stop, {first}), {way})")
        elif out not in self.gradients or inner != ROWS:
            self.by_one([f"{name}({factors}, {out}, (0, {count}, {first}), {way})"])
        else:
            self.meet_for("rows")
            self.added[out] = way
            self.line(f"if {way} & TOGETHER:")
            self.line("    meet(team, threads)")
            self.line(f"    {name}_together({factors}, {out}, ({count}, {first}), ({way}, thread, threads))")
            self.line("    meet(team, threads)")
            self.line("else:")
            self.line(f"    {name}({factors}, own_{out}, (begin, stop, {first}), {way})")

    def function_of(self, operation: Operation) -> tuple[str, str, str] | None:
        """The function that computes a product, its factors, and where their first row stands; None: there is none."""
        a, b = operation.args
        (rows, columns), inner = operation.shape, a.shape[1]
        direct_a, direct_b = a is a.base, b is b.base
        turned_a, turned_b = (item.op == "transpose" and item.args[0] is item.base for item in (a, b))
        if columns == ROWS or self.is_offset(b.base):
            return None
        first = self.offset if self.is_offset(a.base) else "0"
        if direct_a and direct_b and inner != ROWS:
            bias = self.bias_of(operation)
            name, third = ("multiply", "") if bias is None else ("multiply_with_bias", f", {self.array(bias)}")
            return name, f"{self.array(a)}, {self.array(b)}{third}", first
        if turned_a and direct_b and rows != ROWS:
            return "multiply_left_transposed", f"{self.array(a.base)}, {self.array(b)}", first
        if direct_a and turned_b and inner != ROWS and first == "0":
            return "multiply_right_transposed", f"{self.array(a)}, {self.array(b.base)}", first
        return None

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


def arguments(nest: Nest) -> list[Operation]:
    """All that the operations of a nest are computed from."""
    return [arg for operation in nest.operations for arg in operation.args]
