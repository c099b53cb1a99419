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
from glassnet.engines.fusion import check
from glassnet.engines.loops import DATA
from glassnet.engines.program import LEAVES, VIEWS, Operation, Program
from glassnet.engines.single_numbers import WIDEST, bracketed, formula, in_dtype, number_text, scalar_text
from glassnet.expressions.expression import ROWS

MOST = 800  # operations on single numbers; with more, the code no longer fits where it is fast, and compiles slowly

Index = tuple[int, ...]


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
        n_inputs = int(derivation.inputs["x"].shape[1])
        self.layouts = {"theta": derivation.layout, "state": derivation.network.layout(n_inputs, learnt=False)}
        self.slots = derivation.optimizer.slots if derivation.optimizer else ()
        self.lines: list[str] = []
        self.values: dict[int, dict[Index, str]] = {}  # id of an operation -> its elements' variables
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
            self.values[id(operation)] = self.operation(operation)
        for operation in self.program.results:
            if operation.target and operation.target not in self.derivation.layout.gradients:
                for index, value in self.values[id(operation)].items():
                    self.lines.append(f"{self.name_in_memory(operation.target, index)} = {value}")

    def indices(self, operation: Operation) -> Iterator[Index]:
        """The places of all elements of a result."""
        return product(*(range(self.rows if dim == ROWS else int(dim)) for dim in operation.shape))

    # memory

    def loaded(self) -> list[str]:
        """Lines that load what is in memory into variables."""
        lines = [f"{name} = {element}" for name, element in self.in_memory()]
        for name in DATA:
            leaf = next((leaf for leaf in self.program.leaves if leaf.name == name), None)
            if leaf is not None:
                lines += [f"{variable(name, (i, j))} = {DATA[name]}[{i}, {j}]" for i, j in self.indices(leaf)]
        return lines

    def stored(self) -> list[str]:
        """Lines that write the variables of what training changes back."""
        fixed = ("penalised[", "trainable[")
        return [f"{element} = {name}" for name, element in self.in_memory() if not element.startswith(fixed)]

    def vectors(self) -> list[str]:
        """The vectors of memory that are read."""
        return list(dict.fromkeys(element.partition("[")[0] for _, element in self.in_memory()))

    def in_memory(self) -> list[tuple[str, str]]:
        """Every number in memory: its variable, and the element of the vector it lies in."""
        found = []
        for vector, layout in self.layouts.items():
            names = [(name, at) for name, shape in layout.shapes.items() for at in product(*map(range, shape))]
            found += [(variable(name, at), f"{vector}[{k}]") for k, (name, at) in enumerate(names)]
        read = {leaf.name for leaf in self.program.leaves}
        marks = [name for name in ("penalised", "trainable") if name in read]
        for vector in (*self.slots, *marks):
            found += [(variable(vector, (k,)), f"{vector}[{k}]") for k in range(self.derivation.layout.size)]
        return found

    def name_in_memory(self, name: str, index: Index) -> str:
        """The variable of a number in memory; a number of theta belongs to one of the arrays."""
        if name != "theta":
            return variable(name, index)
        part, inner = self.derivation.layout.array_at(index[0])
        return variable(part, inner)

    # operations

    def element(self, operation: Operation, index: Index) -> str:
        """The variable (or the expression) of an element of an operand, as broadcasting picks it."""
        index = index[len(index) - len(operation.shape) :]
        index = tuple(0 if dim == 1 else at for at, dim in zip(index, operation.shape, strict=True))
        if operation.op == "transpose":
            return self.element(operation.args[0], index[::-1])
        if operation.op == "expand_dims":
            axis = operation.source.axis or 0
            return self.element(operation.args[0], index[:axis] + index[axis + 1 :])
        if operation.op == "constant":
            return number_text(operation.source.value, self.derivation.dtype)
        if operation.op not in LEAVES:
            return self.values[id(operation)][index]
        if operation.is_scalar:
            return in_dtype(scalar_text(operation), self.derivation.dtype)
        if operation.name == "g":
            part, inner = self.derivation.layout.array_at(index[0])
            return self.values[id(self.gradients[part])][inner]
        return self.name_in_memory(operation.name, index)

    def operation(self, operation: Operation) -> dict[Index, str]:
        """Write one operation; where its elements are."""
        if operation.op in VIEWS:
            return {index: self.element(operation, index) for index in self.indices(operation)}
        if operation.is_scalar and operation.op not in ("sum", "max"):
            args = [scalar_text(arg) for arg in operation.args]
            self.lines.append(f"{operation.name} = {formula(operation, args)}")
            return {(): in_dtype(operation.name, self.derivation.dtype)}
        if operation.is_scalar:
            text = self.text(operation, ())
            wide = text if self.derivation.dtype == np.float64 else f"double({text})"
            self.lines.append(f"{operation.name} = {wide}")
            return {(): in_dtype(operation.name, self.derivation.dtype)}
        found = {}
        for index in self.indices(operation):
            text = self.text(operation, index)
            if self.is_inlined(operation, text):
                found[index] = text
            else:
                found[index] = variable(operation.name, index)
                self.lines.append(f"{found[index]} = {text}")
        return found

    def is_inlined(self, operation: Operation, text: str) -> bool:
        """Whether a result can stand inside the expression of its only reader."""
        if (
            self.uses.get(id(operation), 0) != 1
            or len(text) > WIDEST
            or operation.op in ("where", "sum", "max", "matmul")
        ):
            return False
        (reader,) = (item for item in self.program.operations if operation in item.args)
        chosen = reader.op == "where" and operation is not reader.args[0]
        return reader.op != "matmul" and not chosen and reader.shape == operation.shape

    def text(self, operation: Operation, index: Index) -> str:
        """One element of a result."""
        if operation.op == "matmul":
            a, b = operation.args
            inner = self.rows if a.shape[1] == ROWS else int(a.shape[1])
            i, j = index
            pairs = [(self.element(a, (i, k)), self.element(b, (k, j))) for k in range(inner)]
            return added([f"{bracketed(left)} * {bracketed(right)}" for left, right in pairs])
        if operation.op in ("sum", "max"):
            return self.reduction(operation, index)
        return formula(operation, [self.element(arg, index) for arg in operation.args])

    def reduction(self, operation: Operation, index: Index) -> str:
        """A sum or maximum of elements."""
        (arg,) = operation.args
        axis, places = operation.source.axis, list(self.indices(arg))
        if axis is not None:
            kept = index if operation.source.keepdims else (*index[:axis], 0, *index[axis:])
            places = [at for at in places if all(k == axis or at[k] == kept[k] for k in range(len(at)))]
        terms = [self.element(arg, at) for at in places]
        if operation.op == "sum":
            return added([bracketed(term) for term in terms])
        text = terms[0]
        for term in terms[1:]:
            text = f"maximum({text}, {term})"
        return text


def variable(name: str, index: Index) -> str:
    """The variable of an element: `W1__0_2`."""
    return f"{name}__{'_'.join(map(str, index))}"


def added(terms: list[str]) -> str:
    """A sum taken by halves: what does not depend on each other is done at the same time."""
    if len(terms) == 1:
        return terms[0]
    middle = len(terms) // 2
    left, right = added(terms[:middle]), added(terms[middle:])
    return f"({left}) + ({right})" if len(terms) > 2 else f"{left} + {right}"


def is_small(program: Program, rows: int) -> bool:
    """Whether a program is so small that it is written out."""
    total = 0
    for operation in program.operations:
        if operation.op == "random":
            return False
        if operation.op not in VIEWS:
            dims = [*operation.shape]
            dims += [operation.args[0].shape[1]] if operation.op == "matmul" else []
            dims += operation.args[0].shape if operation.op in ("sum", "max") else []
            total += prod(rows if dim == ROWS else int(dim) for dim in dims)
    return total <= MOST
