"""Where results lie: in few arrays, made once and used again as soon as their content is no longer needed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from glassnet.engines.numpy_blocks import Blocks
from glassnet.engines.program import Operation, Program
from glassnet.expressions.expression import BOOL, ROWS, Shape

DTYPES = {"float32": "single", "float64": "double"}  # NumPy's other names: a layer's value `float` can be `float32`


@dataclass(eq=False, kw_only=True)
class Buffers:
    """The arrays that the results of a program are written to.

    Attributes
    ----------
    program
        Whose results.
    blocks
        By the id of an operation, the blocks it is done in.
    made
        Each buffer by its name: the code that makes it, and the names of the results it holds in turn.
    place
        By the id of an operation, the buffer (or the array in memory) that holds its result.
    """

    program: Program
    blocks: dict[int, Blocks]
    made: dict[str, list[str]] = field(default_factory=dict)
    place: dict[int, str] = field(default_factory=dict)
    free: dict[tuple[Shape, Any], list[str]] = field(default_factory=dict)

    def find(self, operation: Operation, position: int, reusable: list[Operation]) -> str:
        """A place for a result: that of an operand that is no longer needed, or a buffer."""
        spent = (place for arg in reusable if (place := self.spent(arg, operation, position)))
        self.place[id(operation)] = place = next(spent, "") or self.take(operation)
        return place

    def is_short(self, operation: Operation) -> bool:
        """Whether a result needs no more than a block's length."""
        blocks = self.blocks.get(id(operation))
        return bool(blocks and blocks.is_inside(operation))

    def shape(self, operation: Operation) -> Shape:
        """Of the array that a result needs."""
        return (self.blocks[id(operation)].length,) if self.is_short(operation) else operation.shape

    def spent(self, arg: Operation, operation: Operation, position: int) -> str:
        """The place of an operand that fits the result and is not needed any more.

        Not for columns: NumPy takes twice as long in place where there is but one number.
        """
        if operation.shape[1:] == (1,) or arg.last_use != position:
            return ""
        if arg.shape != operation.shape or arg.dtype != operation.dtype:
            return ""
        if arg.op == "symbol" and self.will_be_overwritten(arg.name, operation.last_use):
            return arg.name
        place = self.place.get(id(arg), "")
        if self.shape(arg) != self.shape(operation):
            return ""
        return place if place in self.made or self.will_be_overwritten(place, operation.last_use) else ""

    def will_be_overwritten(self, name: str, until: int) -> bool:
        """Whether an array in memory gets its next value at `until` or later, so that it may serve as a buffer."""
        if name == "g":
            return True  # the gradient: new at every step
        written = self.program.written.get(name)
        return written is not None and until <= written and not self.program.reads_after(name, written - 1)

    def take(self, operation: Operation) -> str:
        """A buffer that is free, or a new one."""
        shape = self.shape(operation)
        if self.free.get((shape, operation.dtype)):
            return self.free[shape, operation.dtype].pop()
        dims = ", ".join("n" if dim == ROWS else str(dim) for dim in shape)
        dtype = "bool_" if operation.dtype == BOOL else DTYPES[operation.dtype.name]
        self.made[operation.name] = [f"empty(({dims},), {dtype})"]
        return operation.name

    def release(self, operation: Operation, position: int) -> None:
        """Buffers that were read for the last time can be used again."""
        mine = self.place.get(id(operation))
        for arg in {id(arg.base): arg.base for arg in operation.args}.values():
            place = self.place.get(id(arg))
            if arg.last_use == position and place in self.made and place != mine:
                self.free.setdefault((self.shape(arg), arg.dtype), []).append(place)
