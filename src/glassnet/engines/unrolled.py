"""Writing a program of very few numbers without any loops: each number is a variable.

A network like XOR's, with four rows and nine units, is a few hundred operations on single numbers. Written out one by
one they never leave the processor's registers, and twice as many steps are done in the same time as with loops. The
gradient is not written to memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import prod

import numpy as np

from glassnet.derivation.steps import Derivation
from glassnet.engines.element_code import DATA
from glassnet.engines.fusion import check
from glassnet.engines.program import VIEWS, Operation, Program
from glassnet.engines.single_numbers import OF_MANY, WIDEST, assignment, by_halves, code, fused, in_dtype
from glassnet.expressions.element import PRODUCTS, Index, element, terms_of
from glassnet.expressions.expression import ROWS, Expression, symbol
from glassnet.parts.parameters import MARKS

MOST = 800  # operations on single numbers; with more, the code no longer fits where it is fast, and compiles slowly


class Unrolled:
    """Writes out one program for a given number of rows.

    Parameters
    ----------
    derivation, program
        What to write, and the same as operations.
    rows
        How many rows there are.
    """

    def __init__(self, derivation: Derivation, program: Program, rows: int) -> None:
        self.derivation, self.program, self.rows = derivation, program, rows
        self.layouts = {"theta": derivation.layout, "state": derivation.state_layout}
        self.slots = derivation.optimizer.slots if derivation.optimizer else ()
        self.lines: list[str] = []
        self.values: dict[str, dict[Index, Expression]] = {}  # an operation's name -> its elements
        places = derivation.layout.gradients
        self.gradients = {places[item.target]: item for item in program.results if item.target in places}
        self.uses: dict[int, int] = {}
        for operation in program.operations:
            check(operation)
            for arg in operation.args:
                self.uses[id(arg)] = self.uses.get(id(arg), 0) + 1
        for result in program.results:
            self.uses[id(result)] = self.uses.get(id(result), 0) + 2

    def write(self) -> None:
        """All operations, element by element; at the end the new numbers replace the old ones."""
        said: set[str] = set()
        for operation in self.program.operations:
            if operation.step not in said:
                said.add(operation.step)
                self.lines.append(f"# {self.derivation[operation.step].formula}")
            if operation.op not in VIEWS:
                self.values[operation.name] = self.operation(operation)
        for operation in self.program.results:
            if operation.target and operation.target not in self.derivation.layout.gradients:
                for index, value in self.values[operation.name].items():
                    self.lines.append(f"{self.name_in_memory(operation.target, index)} = {code(value, OF_MANY)}")

    def shape(self, node: Expression | Operation) -> tuple[int, ...]:
        """The shape, with the number of rows in it."""
        return tuple(self.rows if dim == ROWS else int(dim) for dim in node.shape)

    def indices(self, operation: Operation) -> Iterator[Index]:
        """The places of all elements of a result."""
        return product(*map(range, self.shape(operation)))

    # memory

    def loaded(self) -> list[str]:
        """Lines that load what is in memory into variables."""
        lines = [f"{name} = {vector}[{k}]" for name, vector, k in self.in_memory()]
        for name in DATA:
            leaf = next((leaf for leaf in self.program.leaves if leaf.name == name), None)
            if leaf is not None:
                lines += [f"{variable(name, (i, j))} = {DATA[name]}[{i}, {j}]" for i, j in self.indices(leaf)]
        return lines

    def stored(self) -> list[str]:
        """Lines that write the variables of what training changes back."""
        return [f"{vector}[{k}] = {name}" for name, vector, k in self.in_memory() if vector not in MARKS]

    def vectors(self) -> list[str]:
        """The vectors of memory that are read."""
        return list(dict.fromkeys(vector for _, vector, _ in self.in_memory()))

    def in_memory(self) -> list[tuple[str, str, int]]:
        """Every number in memory: its variable, the vector it lies in, and its place there."""
        found = []
        for vector, layout in self.layouts.items():
            names = [(name, at) for name, shape in layout.shapes.items() for at in product(*map(range, shape))]
            found += [(variable(name, at), vector, k) for k, (name, at) in enumerate(names)]
        read = {leaf.name for leaf in self.program.leaves}
        marks = [name for name in MARKS if name in read]
        for vector in (*self.slots, *marks):
            found += [(variable(vector, (k,)), vector, k) for k in range(self.derivation.layout.size)]
        return found

    def name_in_memory(self, name: str, index: Index) -> str:
        """The variable of a number in memory; a number of theta belongs to one of the arrays."""
        if name != "theta":
            return variable(name, index)
        part, inner = self.derivation.layout.array_at(index[0])
        return variable(part, inner)

    # operations

    def leaf(self, node: Expression, index: Index) -> Expression | None:
        """The variable (or the expression) of a number that has a name."""
        if node.op != "symbol" or not node.shape:
            return in_dtype(node, self.derivation.dtype)
        name = node.name
        if name == "g":
            part, index = self.derivation.layout.array_at(index[0])
            name = self.gradients[part].name
        return self.values[name][index] if name in self.values else symbol(self.name_in_memory(name, index))

    def operation(self, operation: Operation) -> dict[Index, Expression]:
        """Write one operation; what its elements are."""
        if operation.is_scalar and operation.op not in ("sum", "max"):
            self.lines.append(assignment(operation, OF_MANY))
            return {}
        node, found = operation.expression, {}
        for index in self.indices(operation):
            number = element(node, index, self.leaf, shape=self.shape, made=fused, added=by_halves)
            text = code(number, OF_MANY)
            if operation.is_scalar:
                wide = text if self.derivation.dtype == np.float64 else f"double({text})"
                self.lines.append(f"{operation.name} = {wide}")
            elif self.is_inlined(operation, text):
                found[index] = number
            else:
                found[index] = symbol(variable(operation.name, index), (), operation.dtype)
                self.lines.append(f"{found[index].name} = {text}")
        return found

    def is_inlined(self, operation: Operation, text: str) -> bool:
        """Whether a result can stand inside the expression of its only reader."""
        if (
            self.uses.get(id(operation), 0) != 1
            or len(text) > WIDEST
            or operation.op in ("where", "sum", "max", *PRODUCTS)
        ):
            return False
        (reader,) = (item for item in self.program.operations if operation in item.args)
        chosen = reader.op == "where" and operation is not reader.args[0]
        return reader.op not in PRODUCTS and not chosen and reader.shape == operation.shape


def variable(name: str, index: Index) -> str:
    """The variable of an element: `W1__0_2`."""
    return f"{name}__{'_'.join(map(str, index))}"


def is_small(program: Program, rows: int) -> bool:
    """Whether a program is so small that it is written out."""
    total = 0
    for operation in program.operations:
        if operation.op == "random":
            return False
        if operation.op not in VIEWS:
            dims = [*operation.shape]
            dims += [terms_of(operation.source)] if operation.op in PRODUCTS else []
            dims += operation.args[0].shape if operation.op in ("sum", "max") else []
            total += prod(rows if dim == ROWS else int(dim) for dim in dims)
    return total <= MOST
