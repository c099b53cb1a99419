"""Writing a program as loops over single numbers, for a compiler.

The text is Python in the dialect of Numba: `z1_ij = z1_3[i, j] + b1[j]`. It has a stretch for each of the nests that
`fusion` gathers operations into. A result that nobody needs outside its loop is a variable; the others have buffers,
which are used again when they are no longer read.
"""

from __future__ import annotations

import math
import re

import numpy as np

from glassnet.derivation.steps import Derivation
from glassnet.engines.column_code import Columns
from glassnet.engines.element_code import Elements, numbers_in
from glassnet.engines.fusion import GRADIENT, Nest, Segment, is_reduction_of_rows, is_row_reduction, is_total
from glassnet.engines.places import Places
from glassnet.engines.product_code import Products
from glassnet.engines.program import LEAVES, VIEWS, Operation, Program
from glassnet.engines.rewriting import draw_early, scale_products
from glassnet.engines.single_numbers import WIDEST, assignment, code
from glassnet.engines.team_code import TeamCode
from glassnet.expressions.element import product as times
from glassnet.expressions.expression import OF_COLUMNS, ROWS, Dim, symbol
from glassnet.parts.naming import gradient_name

CONSTANT = 32  # a softmax over so many columns has their number in its code, so that the compiler can unroll it
MOST = 190  # loops: Numba follows variables from one to the next, 4.3 calls a loop, and Python allows a thousand


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
        self.derivation, self.program = derivation, program
        scale_products(program)
        draw_early(program)
        self.places = Places(program=program, layout=derivation.layout)
        constants = {1, *map(int, filter(is_written_in, self.places.widths_of_reductions()))}
        gradients = {gradient_name(name) for name in derivation.layout.shapes}
        self.text = TeamCode(has_team, constants, gradients)
        self.elements = Elements(self.text, self.places, derivation.dtype, offset)
        self.products, self.columns = Products(self.elements), Columns(self.elements)
        self.steps = {step.name for step in derivation.steps}
        self.inverses: dict[str, str] = {}  # numbers that arrays are divided by, and the variables with one over them

    @property
    def draws_together(self) -> bool:
        """Whether each thread of a team draws its own rows of all random numbers."""
        drawn = [operation for operation in self.program.operations if operation.op == "random"]
        is_of_rows = bool(drawn) and all(operation.shape[0] == ROWS for operation in drawn)
        return self.text.has_team and is_of_rows and self.derivation.dtype == np.float32

    def write(self) -> None:
        """All nests, one after the other; NotImplementedError where they are too many."""
        text, said = self.text, set()
        for nest in self.places.nests:
            for operation in nest.operations:
                step = self.derivation[operation.step]
                begins = step.expression is operation.source or nest.kind == "product" or is_row_reduction(operation)
                if begins and step not in said:
                    said.add(step)
                    text.line(f"# {step.formula}")
            self.nest(nest)
        text.add_gradients()
        for target, name in self.places.copies:
            text.by_one([f"put({target}, {name})"])
        self.check_count()

    def check_count(self) -> None:
        """NotImplementedError for more loops than can be compiled."""
        count = len(re.findall(r"^ *for ", "\n".join(self.text.lines), re.MULTILINE))
        if count > MOST:
            operations = sum(one.op not in (*LEAVES, *VIEWS) for one in self.program.operations)
            raise NotImplementedError(
                f"{operations:,} operations in {count:,} loops, of which at most {MOST} are compiled"
            )

    def nest(self, nest: Nest) -> None:
        """One nest of loops."""
        text, elements = self.text, self.elements
        elements.begin_nest(nest)
        read = [arg.base for arg in arguments(nest)]
        if any(base.name == GRADIENT or self.places.arrays.get(id(base)) in text.added for base in read):
            text.add_gradients()
        if nest.kind == "numbers":
            for operation in nest.operations:
                text.line(assignment(operation))
        elif nest.kind == "product":
            operation = nest.operations[0]
            (self.columns if operation.op in OF_COLUMNS else self.products).write(operation)
        elif nest.kind == "random":
            operation = nest.operations[0]
            array, count = self.places.arrays[id(operation)], text.size(operation.shape[0])
            if self.draws_together:
                text.meet_for("rows")
                text.line(f"draw_together(random, drawn, {array}, (begin, stop, n, threads), team, thread)")
            else:
                text.by_one([f"draw(random, {array}, {count})"])
        else:
            elements.is_wide = elements.takes_several_rows_as_one(nest)
            self.prepare(nest)
            if not all(map(self.places.is_summed_by_call, nest.operations)):
                self.loop(nest)
            self.finish(nest)

    def loop(self, nest: Nest) -> None:
        """The loops of a nest over rows or along vectors."""
        text, elements = self.text, self.elements
        widths = [int(segment.width) for segment in nest.segments if segment.width not in (None, ROWS)]
        width = text.size(max(widths, default=1)) if nest.kind != "vector" else "1"
        is_for_one = any(self.places.is_added_up(item) and not self.is_own(item, nest) for item in nest.operations)
        elements.begin, stop = text.share_out(nest.extent or 0, width, is_for_one)
        count = stop if elements.begin == "0" else f"{stop} - {elements.begin}"
        if nest.kind == "vector":
            self.segment(nest.segments[0], count)
        elif elements.is_wide and not elements.is_repeating(nest):
            self.segment(nest.segments[0], numbers_in(count, width))
        else:
            begin = "" if elements.begin == "0" and not elements.is_wide else f"{elements.begin}, "
            text.line(f"for i in range({begin}{stop}{', many' if elements.is_wide else ''}):")
            text.depth += 1
            for segment in nest.segments:
                if all(map(self.places.is_summed_by_call, segment.operations)):
                    continue
                many = f"min(many, {stop} - i) * " if elements.is_wide else ""
                self.segment(segment, f"{many}{text.size(segment.width or 0)}")
            text.depth -= 1

    def prepare(self, nest: Nest) -> None:
        """What stands before the loops: sums start at 0, and one over a number that many are divided by."""
        text, elements, places = self.text, self.elements, self.places
        self.inverses = {}
        if elements.is_repeating(nest):
            size = text.size(nest.segments[0].width or 0)
            text.line(f"many = rows_at_once({text.size(nest.extent or 0)}, {size})")
            if elements.rows_for_all(nest):
                text.meet_for("rows")
            for array in elements.rows_for_all(nest):
                text.line(f"repeat({array}, {elements.widened(array)}, many)")
        for operation in nest.operations:
            if is_scaling(operation):
                divisor = operation.args[1]
                self.inverses[divisor.name] = f"{operation.name}_factor"
                one_over = f"{elements.number(1.0)} / {code(elements.number_of(divisor.operand, ()))}"
                text.line(f"{self.inverses[divisor.name]} = {one_over}")
            if not is_reduction_of_rows(operation) or places.is_summed_by_call(operation):
                continue
            start = "0.0" if operation.op == "sum" else "-np.inf"
            if is_total(operation):
                text.line(f"{total_of(operation)} = {start}")
            elif elements.is_wide:
                text.line(f"{elements.widened(places.arrays[id(operation)])}[:] = {start}")
            elif self.is_own(operation, nest):
                text.line(f"{self.added_to(operation, nest)}[:] = {start}")
            else:
                text.by_one([f"{places.arrays[id(operation)]}[:] = {start}"])

    def finish(self, nest: Nest) -> None:
        """What stands after them: sums over all rows, as others want them."""
        text, elements, places = self.text, self.elements, self.places
        totals = [item for item in nest.operations if is_reduction_of_rows(item) and is_total(item)]
        text.add_totals({total_of(item): item.op for item in totals})
        for operation in filter(places.is_summed_by_call, nest.operations):
            array, out = places.arrays[id(operation.args[0])], places.arrays[id(operation)]
            if text.has_team and out in text.gradients and nest.extent == ROWS:
                text.meet_for("rows")
                text.added[out] = "0"
                text.line(f"sum_of_rows({array}, own_{out}, begin, stop)")
            else:
                text.by_one([f"sum_of_rows({array}, {out}, 0, {text.size(nest.extent or 0)})"])
        for operation in nest.operations:
            array = places.arrays.get(id(operation), "")
            if places.is_added_up(operation) and self.is_own(operation, nest):
                text.added[array] = "0"
            if elements.is_wide and places.is_added_up(operation):
                line = f"take_together({elements.widened(array)}, {self.added_to(operation, nest)}, many)"
                if self.is_own(operation, nest):
                    text.line(line)
                else:
                    text.by_one([line])
            if is_reduction_of_rows(operation) and is_total(operation) and not operation.is_scalar:
                index = ", ".join("0" for _ in operation.shape)
                total = code(elements.number_of(symbol(total_of(operation)), ()))
                is_for_update = array in text.gradients and not places.readers(operation)
                text.by_one([f"{array}[{index}] = {total}"], "rows" if is_for_update else "all")

    def is_own(self, operation: Operation, nest: Nest) -> bool:
        """Whether each thread of a team adds up its own rows, and these sums are added later: a gradient's."""
        is_gradient = self.places.arrays[id(operation)] in self.text.gradients
        return self.text.has_team and is_gradient and nest.extent == ROWS and operation.op == "sum"

    def added_to(self, operation: Operation, nest: Nest) -> str:
        """The array that rows are added up in."""
        array = self.places.arrays[id(operation)]
        return f"own_{array}" if self.is_own(operation, nest) else array

    def segment(self, segment: Segment, count: str) -> None:
        """The loop over so many columns of a row (or along a vector), or what is done once per row."""
        text, elements = self.text, self.elements
        loop = segment.width is not None or elements.is_wide
        elements.begin_loop()
        reductions = [item for item in segment.operations if is_row_reduction(item)]
        outside, text.lines = text.lines, []
        text.depth += loop
        before = elements.loads(segment)
        for operation in segment.operations:
            self.element_operation(operation, segment, loop)
        text.depth -= loop
        inside, text.lines = text.lines, outside
        for line in before:
            text.line(line)
        if loop:
            for item in reductions:
                text.line(f"{elements.variable(item)} = {elements.number(0.0 if item.op == 'sum' else -math.inf)}")
            for array, start in elements.parts.items():
                text.line(f"{array}_part = stretch({array}, {start}, {count})")
            text.line(f"for j in range({count}):")
        text.lines += inside
        for item in reductions:
            elements.row[item.name] = symbol(elements.variable(item))
            if self.places.is_kept(item):
                index = "i, 0" if len(item.shape) == 2 else "i"
                text.line(f"{self.places.arrays[id(item)]}[{index}] = {elements.variable(item)}")

    def element_operation(self, operation: Operation, segment: Segment, loop: bool) -> None:
        """One operation on one element."""
        elements = self.elements
        if self.places.is_summed_by_call(operation):
            return
        if operation.op in ("sum", "max") and not (operation.args[0].is_scalar):
            self.reduction(operation, loop)
            return
        if id(operation) in elements.biased:
            product = elements.biased[id(operation)]
            number = elements.number_of(product.operand, elements.aligned(product, operation))
        elif is_scaling(operation):
            divided, divisor = operation.args
            factor = symbol(self.inverses[divisor.name])
            number = times(elements.number_of(divided.operand, elements.aligned(divided, operation)), factor)
        else:
            number = elements.number_of(operation.expression, elements.aligned(operation, operation))
        known = elements.column if loop else elements.row
        kept, written = self.places.is_kept(operation), code(number)
        if self.is_inlined(operation, segment, kept, written):
            known[operation.name] = number
            return
        name = elements.variable(operation)
        self.text.line(f"{name} = {written}")
        known[operation.name] = symbol(name)
        if kept:
            self.text.line(f"{elements.stored(operation)} = {name}")

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
        text, elements = self.text, self.elements
        (arg,) = operation.args
        term = code(elements.number_of(arg.operand, elements.aligned(arg, operation)))
        add = "reassociated_add" if operation.op == "sum" else "maximum"
        if is_row_reduction(operation):
            name = elements.variable(operation)
            text.line(f"{name} = {add}({name}, {term})" if loop else f"{name} = {term}")
        elif is_total(operation):
            wide = f"double({term})" if self.derivation.dtype != np.float64 else term
            text.line(f"{total_of(operation)} = {add}({total_of(operation)}, {wide})")
        else:
            index = "0, j" if len(operation.shape) == 2 else "j"
            array = self.places.arrays[id(operation)]
            one_row = f"{self.added_to(operation, elements.current)}[{index}]"
            element = f"{elements.widened(array)}[j]" if elements.is_wide else one_row
            text.line(f"{element} += {term}" if operation.op == "sum" else f"{element} = maximum({element}, {term})")


def arguments(nest: Nest) -> list[Operation]:
    """All that the operations of a nest are computed from."""
    return [arg for operation in nest.operations for arg in operation.args]


def is_written_in(width: Dim) -> bool:
    """Whether the number of columns that are taken together row by row is written into the code."""
    return width != ROWS and int(width) <= CONSTANT


def is_scaling(operation: Operation) -> bool:
    """Whether an array is divided by a single number: a product with one over it is faster, if rounded twice."""
    return operation.op == "divide" and operation.args[1].is_scalar and not operation.args[0].is_scalar


def total_of(operation: Operation) -> str:
    """The variable in which a total is added up."""
    return operation.name if operation.is_scalar else f"{operation.name}_0"
