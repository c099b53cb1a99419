"""Instructions laid out in memory, as the interpreter reads them: whole numbers, WORDS for each.

The memory of a group of lanes begins with what each group keeps: its vectors and its constants. The rest is room that
groups which run one after the other share, small enough for the processor's second cache.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import prod

import numpy as np

from glassnet.derivation.report import is_part
from glassnet.derivation.steps import Derivation
from glassnet.engines.lane_program import CODES, MAPS, WORDS, Instruction, Instructions, Operand, Region, Writer, sizes
from glassnet.engines.program import told, training_program
from glassnet.engines.rewriting import share_exponentials, with_named_schedules
from glassnet.expressions.expression import ROWS

NUMBERS = ("t", "epoch", ROWS)  # that change
DATA = ("x", "y", "w")  # rows of a batch
OUT = "out"  # predictions


@dataclass(eq=False, kw_only=True)
class LaneCode:
    """The instructions of a derivation, and where everything lies.

    Attributes
    ----------
    derivation
        What they compute.
    written
        The instructions.
    lanes
        How many networks a group has.
    most
        Rows of a batch at most.
    constants_at
        Where the constants begin, in bytes.
    size
        Bytes of all.
    """

    derivation: Derivation
    written: Instructions
    lanes: int
    most: int
    constants_at: int = 0
    size: int = 0

    def bytes_of(self, region: Region) -> int:
        """How much memory a region takes."""
        number = 8 if region.wide else self.derivation.dtype.itemsize
        return prod(sizes(region.shape, self.most)) * self.lanes * number

    @property
    def vectors(self) -> list[str]:
        """What training changes, in the order in which it lies in memory."""
        slots = self.derivation.optimizer.slots if self.derivation.optimizer else ()
        return ["theta", "state", *slots]

    @property
    def shared(self) -> int:
        """How many numbers, of all lanes, theta and state have."""
        return (self.derivation.layout.size + self.derivation.state_layout.size) * self.lanes

    def lay_out(self) -> None:
        """Give every region its place."""
        written = self.written
        derivation = self.derivation
        for name in self.vectors:
            size = derivation.state_layout.size if name == "state" else derivation.layout.size
            self.put(written.memory.setdefault(name, Region(shape=(size,))))
        self.constants_at = self.size
        for region in written.constants.values():
            self.put(region)
        for name in NUMBERS:
            written.memory.setdefault(name, Region(shape=(), wide=True))
        for name, region in written.memory.items():
            self.put(region)
            if name in DATA:
                self.size += (self.lanes - 1) * self.lanes * derivation.dtype.itemsize  # gathering writes behind them
        for instruction in written.fixed:
            self.put(instruction.out.region)
        self.put_buffers()

    def put(self, region: Region) -> None:
        """A place at the end for a region that has none."""
        if region.offset < 0:
            region.offset = self.size
            self.size += self.bytes_of(region)

    def put_buffers(self) -> None:
        """Places for results, which are used again when nobody reads them any more."""
        steps = self.written.steps
        last: dict[int, int] = {}
        for k, instruction in enumerate(steps):
            for operand in (instruction.out, *instruction.args):
                last[id(operand.region)] = k
        for result in self.written.results:
            last[id(result.region)] = len(steps)
        free: list[tuple[int, int]] = []  # (offset, bytes) of holes
        owned: set[int] = set()
        for k, instruction in enumerate(steps):
            out = instruction.out.region
            ending = {id(arg.region): arg.region for arg in instruction.args}
            ending = {key: item for key, item in ending.items() if last[key] == k and key in owned}
            if out.offset < 0:
                taken = self.place_taken_over(instruction, ending)
                if taken is not None:
                    out.offset = taken.offset
                    del ending[id(taken)]
                    owned.discard(id(taken))
                else:
                    out.offset = self.hole(free, self.bytes_of(out))
                owned.add(id(out))
            for region in ending.values():
                owned.discard(id(region))
                give_back(free, region.offset, self.bytes_of(region))
            if last[id(out)] == k and id(out) in owned:
                give_back(free, out.offset, self.bytes_of(out))

    def place_taken_over(self, instruction: Instruction, ending: dict[int, Region]) -> Region | None:
        """An operand that the result may take the place of."""
        out = instruction.out
        if instruction.op.removesuffix(" numbers") not in MAPS:
            return None
        for arg in instruction.args:
            region = arg.region
            alike = region.wide == out.region.wide and region.shape == out.region.shape
            seen = [item for item in instruction.args if item.region is region]
            if id(region) in ending and alike and all(item.is_whole and item.shape == region.shape for item in seen):
                return region
        return None

    def hole(self, free: list[tuple[int, int]], room: int) -> int:
        """The smallest hole that is large enough; or new room."""
        fitting = [item for item in free if item[1] >= room]
        if not fitting:
            self.size += room
            return self.size - room
        offset, size = hole = min(fitting, key=lambda item: item[1])
        free.remove(hole)
        if size > room:
            free.append((offset + room, size - room))
        return offset

    def words(self, n: int) -> tuple[np.ndarray, np.ndarray]:
        """What is done once, and in each step, for n rows: (instructions, WORDS) each."""
        parts = (self.written.fixed, self.written.steps)
        fixed, steps = (
            np.array([self.encoded(item, n) for item in part], np.int64).reshape(-1, WORDS) for part in parts
        )
        return fixed, steps

    def encoded(self, instruction: Instruction, n: int) -> list[int]:
        """One instruction as numbers."""
        op, over = instruction.op, sizes(instruction.over, n)
        rows, columns = (1, 1, *over)[-2:]
        operands = [instruction.out, *instruction.args]
        strides = [self.strides(operand, n) for operand in operands]
        inner = 1
        if op == "matmul":
            inner = sizes((instruction.inner,), n)[0]
        elif op in ("sum", "max"):
            if instruction.inner == 0:  # along the rows
                rows, inner = columns, rows
                strides = [(columns, rows) for rows, columns in strides]
            else:
                inner = columns
            columns = 1
        elif op != "random":
            rows, columns, strides = flattened(rows, columns, strides)
        if self.derivation.dtype == np.float64:  # what numbers by themselves are, too
            op = op.removesuffix(" numbers")
        words = [CODES[op], rows, columns, inner]
        for operand, (row, column) in zip(operands, strides, strict=True):
            words += [self.address(operand), row, column]
        return words + [0] * (WORDS - len(words))

    def strides(self, operand: Operand, n: int) -> tuple[int, int]:
        """In bytes."""
        row, column = operand.strides(n)
        return row * self.number(operand), column * self.number(operand)

    def number(self, operand: Operand) -> int:
        """Bytes of a number in all lanes."""
        return self.lanes * (8 if operand.region.wide else self.derivation.dtype.itemsize)

    def address(self, operand: Operand) -> int:
        """Where an operand begins, in bytes."""
        return operand.region.offset + operand.start * self.number(operand)

    @cached_property
    def constants(self) -> np.ndarray:
        """The values of the constants, (constants,), as the derivation has them."""
        return np.array(list(self.written.values.values()))

    def place(self, region: Region) -> int:
        """Where a region begins: which number of its kind in memory."""
        return region.offset // (8 if region.wide else self.derivation.dtype.itemsize)

    def key(self) -> tuple[object, ...]:
        """What codes have in common whose networks can be lanes of one group."""
        regions = [(name, region.offset) for name, region in self.written.memory.items()]
        results = [self.address(result) for result in self.written.results]
        words = [part.tobytes() for part in self.words(self.most)]
        return (*words, *regions, *results, *self.written.constants, self.size, is_part(self.derivation))


def lane_code(derivation: Derivation, lanes: int, most: int, training: bool) -> LaneCode:
    """The instructions of a training step, or of predictions and their loss, for batches of at most so many rows.

    Raises
    ------
    NotImplementedError
        It holds what loops over rows and columns cannot do.
    """
    if training:
        derivation = with_named_schedules(derivation)
        program = training_program(derivation)
    else:
        program = told(derivation, "L", [("p", OUT)])
    share_exponentials(program)
    code = LaneCode(derivation=derivation, written=Writer(derivation, program).write(), lanes=lanes, most=most)
    code.lay_out()
    return code


def flattened(rows: int, columns: int, strides: list[tuple[int, int]]) -> tuple[int, int, list[tuple[int, int]]]:
    """One loop where two are not needed, and the longer one inside."""
    if rows == 1 or columns == 1:
        return 1, rows * columns, [(0, row if columns == 1 else column) for row, column in strides]
    if all(row == columns * column for row, column in strides):
        return 1, rows * columns, [(0, column) for _, column in strides]
    if all(column == rows * row for row, column in strides):
        return 1, rows * columns, [(0, row) for row, _ in strides]
    if rows > columns:
        return columns, rows, [(column, row) for row, column in strides]
    return rows, columns, strides


def give_back(free: list[tuple[int, int]], offset: int, room: int) -> None:
    """Make a hole, together with those beside it."""
    free.append((offset, room))
    free.sort()
    merged: list[tuple[int, int]] = []
    for item in free:
        if merged and sum(merged[-1]) == item[0]:
            merged[-1] = (merged[-1][0], merged[-1][1] + item[1])
        else:
            merged.append(item)
    free[:] = merged
