"""The elements of arrays in a loop, as text: `z1[i, j]`, `b1[j]`, or the variables that hold them.

An array's element is loaded into a variable before anything is chosen by a condition, since compilers do not vectorise
loops that load conditionally. A nest over short rows takes several of them as one (`wide_rows`): element j is then one
of a part of the array, and of what is the same for all rows there is an array that has it several times.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet.engines.fusion import Nest, Segment, is_reduction_of_rows, is_row_reduction
from glassnet.engines.places import OUT, Places
from glassnet.engines.program import LEAVES, Operation
from glassnet.engines.single_numbers import as_code, code, in_dtype
from glassnet.engines.team_code import TeamCode
from glassnet.expressions.element import Index, aligned, element, is_passed_on, passed_on
from glassnet.expressions.expression import ROWS, Expression, constant, symbol

Place = tuple[str, Index]  # a result's name, and where in it: "i", "j", 0
DATA = {"x": "X", "y": "Y", "w": "W"}  # rows of a batch, and the arrays they are rows of


class Elements:
    """What is known of the elements in the nest that is written.

    Parameters
    ----------
    text
        Where they are loaded.
    places, dtype
        In which arrays results are, and of which dtype.
    offset
        Of the batch's rows in `X`, `Y`, `W` and `out`: "low", or "" where they are gathered or all rows are a batch.
    """

    def __init__(self, text: TeamCode, places: Places, dtype: np.dtype[Any], offset: str) -> None:
        self.text, self.places, self.dtype, self.offset = text, places, dtype, offset
        self.named = {item.name: item for item in (*places.program.leaves, *places.program.operations)}
        self.memory = set(places.memory)  # names of arrays in memory that are read or written
        self.biased: dict[int, Operation] = {}  # sums that a product makes, by id, with the bias it begins with
        self.wide: dict[str, str] = {}  # arrays of several rows' columns in a row, and the size of one row
        self.begin_nest(Nest("numbers", None))

    def begin_nest(self, nest: Nest) -> None:
        """From here on it is another nest, of whose rows nothing is known yet."""
        self.current = nest
        self.is_wide = False  # whether it takes several rows as one
        self.begin = "0"  # the first of its rows
        self.row: dict[object, Expression] = {}  # what is known of this row: by a result's name or an element's place
        self.begin_loop()

    def begin_loop(self) -> None:
        """From here on it is another loop, of whose columns nothing is known yet."""
        self.column: dict[object, Expression] = {}  # what is known of this column of the row
        self.parts: dict[str, str] = {}  # arrays that this loop goes along, and where in them it begins

    def read(self, operation: Operation) -> list[Operation]:
        """The arrays that an operation reads in its loop."""
        if id(operation) in self.biased:
            return [self.biased[id(operation)]]
        return [] if self.places.is_summed_by_call(operation) else [arg for arg in operation.args if not arg.is_scalar]

    def known(self, key: object) -> Expression | None:
        """What is known of this row or column."""
        return self.column.get(key, self.row.get(key))

    def array(self, base: Operation) -> str:
        """The name of the array that holds a result."""
        if base.op in LEAVES:
            self.memory.add(base.name)
            return DATA.get(base.name, base.name) if self.offset else base.name
        return self.places.arrays[id(base)]

    def is_offset(self, base: Operation) -> bool:
        """Whether these are rows of a batch that lies within a larger array."""
        return bool(self.offset) and base.op in LEAVES and base.name in DATA

    def aligned(self, arg: Operation, operation: Operation) -> Index:
        """The place in an operand for row i and column j of an operation's loops, as broadcasting picks it."""
        return aligned(("i", "j")[-len(operation.over) :], arg.shape)

    def place(self, node: Expression, index: Index) -> Place:
        """The name of the result, and the place in it, for a place in what may be a view of it."""
        while is_passed_on(node):
            node, index = passed_on(node, index)
        return node.name, index

    def number_of(self, node: Expression, index: Index) -> Expression:
        """An element in the loops, as arithmetic on variables."""

        def leaf(node: Expression, index: Index) -> Expression | None:
            if node.op != "symbol" or not node.shape:
                return in_dtype(node, self.dtype)
            known = self.known(node.name)
            return self.known((node.name, index)) if known is None else known

        return element(node, index, leaf, made=as_code)

    def number(self, value: float) -> str:
        """A constant in the dtype of the arrays."""
        return code(self.number_of(constant(value), ()))

    def indexed(self, place: Place) -> str:
        """The element of an array."""
        base, index = self.named[place[0]], place[1]
        if self.is_wide and self.is_row(index):
            return f"{self.widened(self.array(base))}[j]"
        return self.at(self.array(base), index, self.offset if self.is_offset(base) else "")

    def at(self, array: str, index: Index, offset: str = "") -> str:
        """The element of an array whose rows begin at an offset, as text."""
        if self.is_wide and index in (("i", "j"), ("i", 0)):
            self.parts[array] = self.start_of_part(offset)
        elif self.current.kind == "vector" and self.is_row(index):
            self.parts[array] = self.begin
        else:
            first = f"{offset} + {index[0]}" if offset else str(index[0])
            return f"{array}[{', '.join([first, *map(str, index[1:])])}]"
        return f"{array}_part[j]"

    def start_of_part(self, offset: str) -> str:
        """Where in an array, whose rows begin at an offset, the loop begins that takes several rows as one."""
        size = self.text.size(self.current.segments[0].width or 1)
        row = "i" if self.is_repeating(self.current) else self.begin
        terms = [term for term in (offset, row) if term not in ("", "0")]
        return numbers_in(" + ".join(terms), size) if terms else "0"

    def stored(self, operation: Operation) -> str:
        """The element of the array that keeps a result."""
        index: Index = ("j",) if len(operation.shape) == 1 else ("i", "j" if operation.shape[1] != 1 else 0)
        array = self.places.arrays[id(operation)]
        return self.at(array, index, self.offset if array == OUT else "")

    def variable(self, operation: Operation) -> str:
        """The variable of an element of a result."""
        if is_row_reduction(operation) or self.places.width(operation) is None:
            return f"{operation.name}_i"
        nest, _ = self.places.at[id(operation)]
        return f"{operation.name}_{'j' if self.places.nests[nest].kind == 'vector' else 'ij'}"

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
                if "j" in index or (self.is_wide and "i" in index):
                    self.text.line(line)
                    self.column[place] = symbol(name)
                else:
                    before.append(line)
                    self.row[place] = symbol(name)
        return before

    def takes_several_rows_as_one(self, nest: Nest) -> bool:
        """Whether a nest may: then its loops are long, whatever the width of a layer.

        Rows lie one behind the other, so the next row's first column is the column after the last. It needs that
        arrays have either the nest's rows and columns, or one row that is the same for all, or one number. What is done
        once per row has one column; predictions of one column may lie in an array of two.
        """
        if nest.kind == "vector" or len(nest.segments) != 1 or nest.segments[0].width == ROWS:
            return False
        width = nest.segments[0].width or 1
        for operation in nest.operations:
            if is_row_reduction(operation) or (operation.op == "max" and is_reduction_of_rows(operation)):
                return False
            over = operation.args[0].shape if operation.op == "sum" else operation.shape
            if len(over) == 2 and tuple(over) != (nest.extent, width):
                return False
            if width == 1 and self.places.arrays.get(id(operation)) == OUT:
                return False
            for arg in self.read(operation):
                if arg.base in nest.operations:
                    continue
                base, index = self.place(arg.operand, self.aligned(arg, operation))
                is_for_all = self.is_row(index) or not {"i", "j"} & set(index)
                if not is_for_all and tuple(self.named[base].shape) != (nest.extent, width):
                    return False
                if index != ("i", "j" if width != 1 else 0) and not is_for_all:
                    return False
        return True

    def is_repeating(self, nest: Nest) -> bool:
        """Whether not all rows can be one, since something of each column is needed for all of them."""
        return self.is_wide and bool(self.rows_for_all(nest) or any(map(self.places.is_added_up, nest.operations)))

    def is_row(self, index: Index) -> bool:
        """Whether this is the place in an array that is one row for all."""
        return index in (("j",), (0, "j"))

    def widened(self, array: str) -> str:
        """The name of the array that has a row's columns several times."""
        width = self.current.segments[0].width
        self.wide[f"{array}_wide"] = self.text.size(width or 0)
        return f"{array}_wide"

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


def numbers_in(rows: str, columns: str) -> str:
    """How many numbers there are in so many rows of so many columns, as text."""
    if columns == "1":
        return rows
    return f"({rows}) * {columns}" if " " in rows else f"{rows} * {columns}"
