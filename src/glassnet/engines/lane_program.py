"""A program as instructions: data for a function that is compiled once, rather than text that is compiled each time.

The function (`interpreter`) computes a few networks side by side, the lanes of a group. Every number of a network is a
vector there, with the number of each lane; so an instruction is a loop over vectors, and reading what to do next costs
nothing beside it. All constants, those with names and those in the formulas, are such vectors too: networks with the
same instructions are lanes of one group, whatever their learning rate, decay or slope.

Numbers by themselves (lr, t, a loss) are float64 whatever the arrays are, and are cast where they meet arrays.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from math import prod
from typing import Any

import numpy as np
from llvmlite.binding import get_host_cpu_features

from glassnet.derivation.steps import Derivation
from glassnet.engines.fusion import check
from glassnet.engines.program import LEAVES, VIEWS, Operation, Program
from glassnet.expressions.expression import BOOL, ELEMENTWISE, LOGIC, OF_COLUMNS, ROWS, Dim, Shape
from glassnet.parts.naming import gradient_name
from glassnet.parts.parameters import MARKS

WORDS = 16  # of an instruction: op, rows, columns, inner; its result and three operands, each with two strides
MAPS = (*sorted(ELEMENTWISE), "copy", "multiply_add")
OPERATIONS = (
    *MAPS,  # of arrays
    *(f"{op} numbers" for op in MAPS),
    *("cast", "cast condition", "sum", "max", "total", "largest", "matmul", "random"),
)
CODES = {name: code for code, name in enumerate(OPERATIONS)}
HIGHEST_POWER = 8  # up to it powers with a whole exponent are products


@cache  # LLVM takes 0.2 ms to tell
def vector_bytes() -> int:
    """Of the vectors that this processor computes with."""
    return 64 if get_host_cpu_features().get("avx512f") else 32


def lanes_of(dtype: np.dtype[Any]) -> int:
    """How many networks of a dtype a group has: of two registers for each number more would be spilled."""
    return int(vector_bytes() // dtype.itemsize)


@dataclass(eq=False, kw_only=True)
class Region:
    """A piece of memory.

    Attributes
    ----------
    shape
        Of the numbers in it.
    wide
        Whether they are float64 whatever the arrays are.
    condition
        Whether they are truth values.
    offset
        Where it begins, in bytes.
    """

    shape: Shape
    wide: bool = False
    condition: bool = False
    offset: int = -1


@dataclass(frozen=True, eq=False)
class Operand:
    """Numbers as an instruction looks at them.

    Attributes
    ----------
    region
        Where they are.
    shape
        As they lie there, row after row, from number `start` on.
    axes
        For each axis that is seen, which of theirs it is; None: one of size 1.
    start
        The first of them.
    """

    region: Region
    shape: Shape
    axes: tuple[int | None, ...]
    start: int = 0

    @property
    def condition(self) -> bool:
        """Whether they are truth values."""
        return self.region.condition

    @property
    def seen(self) -> Shape:
        """The shape that is seen."""
        return tuple(1 if axis is None else self.shape[axis] for axis in self.axes)

    @property
    def is_whole(self) -> bool:
        """Whether it is seen as it lies there."""
        return self.axes == tuple(range(len(self.shape)))

    def strides(self, n: int) -> tuple[int, int]:
        """How many numbers further the next row lies, and the next column, for n rows; 0 along an axis of size 1."""
        dims = sizes(self.shape, n)
        steps = [0 if axis is None or dims[axis] == 1 else prod(dims[axis + 1 :]) for axis in self.axes]
        return (0, 0, *steps)[-2], (0, *steps)[-1]


@dataclass(frozen=True, eq=False, kw_only=True)
class Instruction:
    """One loop over vectors.

    Attributes
    ----------
    op
        One of `OPERATIONS`.
    out, args
        Where results go, and where operands are.
    over
        The rows and columns that it goes over; of a matrix product those of its result.
    inner
        How many products each number of a matrix product adds up, or how many numbers one of "sum" and "max".
    """

    op: str
    out: Operand
    args: tuple[Operand, ...] = ()
    over: Shape = ()
    inner: Dim = 1


def sizes(shape: Shape, n: int) -> tuple[int, ...]:
    """A shape with the number of rows in it."""
    return tuple(n if dim == ROWS else int(dim) for dim in shape)


@dataclass(eq=False, kw_only=True)
class Instructions:
    """What is done in a step, and the memory it takes.

    Attributes
    ----------
    fixed
        What depends on nothing but constants and the number of rows: done once.
    steps
        What is done in each step.
    constants
        Those with names, and those in formulas, which are called "0", "1", …
    memory
        The regions that have names: vectors of the network's memory, rows, numbers that change.
    results
        The operands that are asked for.
    values
        Of the constants, as this derivation has them.
    """

    fixed: list[Instruction] = field(default_factory=list)
    steps: list[Instruction] = field(default_factory=list)
    constants: dict[str, Region] = field(default_factory=dict)
    memory: dict[str, Region] = field(default_factory=dict)
    results: list[Operand] = field(default_factory=list)
    values: dict[str, float] = field(default_factory=dict)


class Writer:
    """Writes the instructions of one program.

    Parameters
    ----------
    derivation, program
        What to write, and the same as operations.
    """

    def __init__(self, derivation: Derivation, program: Program) -> None:
        self.derivation, self.program = derivation, program
        self.written = Instructions()
        self.single = derivation.dtype != np.float64
        self.places: dict[int, Operand] = {}  # by the id of an operation
        self.cast: dict[int, Operand] = {}  # numbers by themselves as arrays, by their region's id
        self.inverses: dict[int, Operand] = {}
        self.is_fixed: set[int] = set()  # ids of regions of what is computed once
        self.late: list[Instruction] = []
        self.users: dict[int, int] = {}
        layout, state_layout = derivation.layout, derivation.state_layout
        self.parts: dict[str, tuple[str, slice, Shape]] = {}
        for vector, called, held in (
            ("theta", str, layout),
            ("g", gradient_name, layout),
            ("state", str, state_layout),
        ):
            for name, shape in held.shapes.items():
                self.parts[called(name)] = vector, held.slices[name], shape
        self.vectors = {"theta": layout.size, "g": layout.size, "state": state_layout.size}
        slots = derivation.optimizer.slots if derivation.optimizer else ()
        self.vectors |= dict.fromkeys((*MARKS, *slots), layout.size)

    def write(self) -> Instructions:
        """All operations, one after the other."""
        program = self.program
        program.schedule()
        for operation in program.operations:
            check(operation)
            if operation.op in OF_COLUMNS:
                raise NotImplementedError(f"{operation.step}: columns taken, put side by side or multiplied by blocks")
            for arg in operation.args:
                self.users[id(arg)] = self.users.get(id(arg), 0) + 1
        for position, operation in enumerate(program.operations):
            if operation.op not in VIEWS:
                self.operation(operation, position)
        self.written.steps += self.late
        self.written.results = [self.operand(result) for result in program.results]
        return self.written

    # operands

    def operand(self, operation: Operation) -> Operand:
        """Where the result of an operation is, or a leaf."""
        if id(operation) not in self.places:
            if operation.op == "transpose":
                looked_at = self.operand(operation.args[0])
                found = seen_as(looked_at, looked_at.axes[::-1])
            elif operation.op == "expand_dims":
                looked_at = self.operand(operation.args[0])
                axis = operation.source.axis or 0
                found = seen_as(looked_at, (*looked_at.axes[:axis], None, *looked_at.axes[axis:]))
            else:
                found = self.leaf(operation)
            self.places[id(operation)] = found
        return self.places[id(operation)]

    def leaf(self, operation: Operation) -> Operand:
        """Where a constant or a symbol is."""
        if operation.op == "constant":
            return self.literal(operation.source.value)
        name = operation.name
        if operation.is_scalar and name in self.derivation.constants:
            return self.constant(name, self.derivation.constants[name])
        return self.in_memory(name, operation.shape)

    def literal(self, value: float) -> Operand:
        """A number that stands in a formula."""
        written = {repr(number): name for name, number in self.written.values.items() if name.isdigit()}
        return self.constant(written.get(repr(value), str(len(self.written.values))), value)

    def constant(self, name: str, value: float) -> Operand:
        """A number that is given for each lane."""
        known = self.written.constants
        if name not in known:
            known[name] = Region(shape=(), wide=True)
            self.written.values[name] = value
            self.is_fixed.add(id(known[name]))
        return Operand(known[name], (), ())

    def in_memory(self, name: str, shape: Shape) -> Operand:
        """An array in memory, which may be a part of a vector; or a number that changes."""
        memory = self.written.memory
        vector, start = name, 0
        if name in self.parts:
            vector, where, shape = self.parts[name]
            start = where.start
        if vector not in memory:
            whole: Shape = (self.vectors[vector],) if vector in self.vectors else shape
            memory[vector] = Region(shape=whole, wide=whole == ())
            if vector == ROWS:
                self.is_fixed.add(id(memory[vector]))
        return Operand(memory[vector], shape, tuple(range(len(shape))), start)

    def new(self, shape: Shape, *, wide: bool = False, condition: bool = False) -> Operand:
        """Room for a result."""
        return Operand(Region(shape=shape, wide=wide, condition=condition), shape, tuple(range(len(shape))))

    def array(self, operation: Operation, as_condition: bool = False) -> Operand:
        """An operand as an array of numbers, or of truth values; a number by itself is cast."""
        return self.in_kind(self.as_array(self.operand(operation)), as_condition)

    def as_array(self, given: Operand) -> Operand:
        """A number by itself as an array."""
        if not self.single or not given.region.wide:
            return given
        key = id(given.region)
        if key not in self.cast:
            self.cast[key] = self.new((), condition=given.condition)
            self.add("cast condition" if given.condition else "cast", self.cast[key], given)
        return self.cast[key]

    def in_kind(self, given: Operand, as_condition: bool, suffix: str = "") -> Operand:
        """Truth values as 1 and 0, or numbers as whether they are not 0."""
        if given.condition == as_condition:
            return given
        wide = given.region.wide
        made = self.new(given.seen, wide=wide, condition=as_condition)
        literals = [self.literal(value) for value in ((0.0,) if as_condition else (1.0, 0.0))]
        if not wide:
            literals = [self.as_array(literal) for literal in literals]
        op = "not_equal" if as_condition else "where"
        self.add(op + suffix, made, given, *literals, over=given.seen)
        return made

    def add(self, op: str, out: Operand, *args: Operand, over: Shape = (), inner: Dim = 1) -> None:
        """One instruction, with what is done once if nothing in it changes."""
        instruction = Instruction(op=op, out=out, args=args, over=over, inner=inner)
        if not out.shape and all(id(arg.region) in self.is_fixed for arg in args):
            self.is_fixed.add(id(out.region))
            self.written.fixed.append(instruction)
        else:
            self.written.steps.append(instruction)

    # operations

    def operation(self, operation: Operation, position: int) -> None:
        """One operation; its result where it is wanted, at once or at the end of the step."""
        out = self.out(operation)
        if operation.target:
            place = self.in_memory(operation.target, operation.shape)
            if self.may_write(operation, position):
                out = place
            else:
                self.late.append(Instruction(op="copy", out=place, args=(out,), over=place.seen))
        self.places[id(operation)] = out
        if operation.is_scalar:
            self.number(operation, out)
        elif operation.op == "matmul":
            a, b = (self.array(arg) for arg in operation.args)
            self.add("matmul", out, a, b, over=operation.shape, inner=operation.args[0].shape[1])
        elif operation.op == "random":
            self.add("random", out, over=operation.shape)
        elif operation.op in ("sum", "max"):
            self.reduction(operation, out)
        else:
            self.elementwise(operation, out)

    def out(self, operation: Operation) -> Operand:
        """Room for the result of an operation."""
        return self.new(operation.shape, wide=operation.is_scalar, condition=operation.dtype == BOOL)

    def may_write(self, operation: Operation, position: int) -> bool:
        """Whether nobody reads the old numbers any more when new ones take their place."""
        target = operation.target
        parts = {name for name, (vector, _, _) in self.parts.items() if vector == target}
        if any(self.program.reads_after(name, position) for name in (target, *parts)):
            return False
        of_it = [arg for arg in operation.args if arg.base.name in (target, *parts) and arg.base.op in LEAVES]
        mapped = operation.op in ELEMENTWISE or operation.op == "copy"
        return all(
            mapped and arg.name == target and arg.op == "symbol" and arg.shape == operation.shape for arg in of_it
        )

    def number(self, operation: Operation, out: Operand) -> None:
        """A number by itself, from others or from a whole array."""
        op, args = operation.op, operation.args
        if op in ("sum", "max") and not args[0].is_scalar:
            arg = self.array(args[0])
            self.add("total" if op == "sum" else "largest", out, arg, over=arg.seen)
        elif op in ("sum", "max", "copy"):
            self.add("copy numbers", out, self.in_kind(self.operand(args[0]), out.condition, " numbers"))
        elif op == "power" and (exponent := whole_exponent(operation)):
            self.power(self.in_kind(self.operand(args[0]), False, " numbers"), exponent, out, " numbers")
        else:
            given = [self.operand(arg) for arg in args]
            self.add(f"{op} numbers", out, *self.kinds(op, given, " numbers"))

    def kinds(self, op: str, given: list[Operand], suffix: str = "") -> list[Operand]:
        """Operands as the operation takes them: truth values or numbers."""
        wanted = [op in LOGIC or (op == "where" and k == 0) for k in range(len(given))]
        return [self.in_kind(item, kind, suffix) for item, kind in zip(given, wanted, strict=True)]

    def elementwise(self, operation: Operation, out: Operand) -> None:
        """Number by number."""
        op, args, over = operation.op, operation.args, operation.shape
        if op == "where" and args[0].op == "constant":
            op, args = "copy", (args[1 if args[0].source.value else 2],)
        if op == "copy":
            self.add("copy", out, self.array(args[0], as_condition=out.condition), over=over)
        elif op == "divide" and args[1].is_scalar:  # a product with one over it is faster, if rounded twice
            self.add("multiply", out, self.array(args[0]), self.inverse(args[1]), over=over)
        elif op == "power" and (exponent := whole_exponent(operation)):
            self.power(self.array(args[0]), exponent, out, "", over)
        else:
            given = [self.as_array(self.operand(arg)) for arg in args]
            self.add(op, out, *self.kinds(op, given), over=over)

    def inverse(self, divisor: Operation) -> Operand:
        """One over a number by itself, as an array."""
        given = self.array(divisor)
        key = id(given.region)
        if key not in self.inverses:
            self.inverses[key] = self.new((), wide=given.region.wide)
            self.add("divide", self.inverses[key], self.as_array(self.literal(1.0)), given)
        return self.inverses[key]

    def power(self, base: Operand, exponent: int, out: Operand, suffix: str, over: Shape = ()) -> None:
        """A whole power as products."""
        factors: list[Operand] = []
        square = base
        while exponent > 1:
            if exponent % 2:
                factors.append(square)
            exponent //= 2
            last = exponent == 1 and not factors
            doubled = out if last else self.new(out.shape, wide=out.region.wide)
            self.add(f"multiply{suffix}", doubled, square, square, over=over)
            square = doubled
        if base is square:
            self.add(f"copy{suffix}", out, base, over=over)
        for k, factor in enumerate(reversed(factors)):
            product = out if k == len(factors) - 1 else self.new(out.shape, wide=out.region.wide)
            self.add(f"multiply{suffix}", product, square, factor, over=over)
            square = product

    def reduction(self, operation: Operation, out: Operand) -> None:
        """A sum or maximum along an axis; together into one number in float64."""
        op, arg = operation.op, self.array(operation.args[0])
        if all(dim == 1 for dim in operation.shape):
            whole = self.new((), wide=True)
            self.add("total" if op == "sum" else "largest", whole, arg, over=arg.seen)
            self.add("copy", out, self.as_array(whole), over=operation.shape)
            return
        axis = operation.source.axis or 0
        rest = tuple(None if k == axis else k for k in range(len(arg.axes)))
        flat = Operand(out.region, out.shape, out.axes, out.start)
        if len(out.axes) < len(arg.axes):
            kept = iter(out.axes)
            flat = Operand(out.region, out.shape, tuple(None if k is None else next(kept) for k in rest), out.start)
        self.add(op, flat, arg, over=arg.seen, inner=axis)


def seen_as(given: Operand, axes: tuple[int | None, ...]) -> Operand:
    """The same numbers, seen with other axes."""
    return Operand(given.region, given.shape, axes, given.start)


def whole_exponent(operation: Operation) -> int:
    """The exponent of a power, if products say the same; else 0."""
    exponent = operation.args[1]
    value = exponent.source.value if exponent.op == "constant" else 0.0
    return int(value) if value.is_integer() and 0 < value <= HIGHEST_POWER else 0
