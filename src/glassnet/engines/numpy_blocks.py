"""Long vectors in blocks: an update that stays in the processor's cache.

An update is a dozen operations over vectors as long as theta. Where those are longer than the cache, each operation
would fetch them from memory again. So it is done block after block: all operations on the first 65,536 numbers, then
all on the next. Results that only the block itself needs get buffers of a block's length.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from glassnet.derivation.steps import Derivation
from glassnet.engines.program import VIEWS, Operation, Program

BLOCK = 65536  # numbers: half a dozen such vectors fit into a core's cache
WHOLE = (*VIEWS, "matmul", "copy", "random", "sum", "max", "absolute")  # operations that are not done in blocks


@dataclass(eq=False, kw_only=True)
class Blocks:
    """Operations that are done together, block after block.

    Attributes
    ----------
    size, length
        How long the vectors are, and how long a block is.
    operations
        By their ids, their positions.
    lines
        Their code, in the names of the whole vectors.
    arrays
        The vectors that the code names; true: one of a block's length.
    """

    size: int
    length: int
    operations: dict[int, int] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    arrays: dict[str, bool] = field(default_factory=dict)

    @property
    def last(self) -> int:
        """The position of the last operation."""
        return max(self.operations.values())

    def is_inside(self, operation: Operation) -> bool:
        """Whether nobody but these operations needs a result."""
        return id(operation) in self.operations and not operation.target and operation.last_use <= self.last

    def made(self, name: str) -> list[str]:
        """Code that cuts the vectors, once."""
        cuts = [
            f"{array}[: {self.size} - k]" if short else f"{array}[k : k + {self.length}]"
            for array, short in self.arrays.items()
        ]
        return [f"{name} = [({', '.join(cuts)}) for k in range(0, {self.size}, {self.length})]"]

    def loop(self, name: str) -> list[str]:
        """Code that goes through the blocks."""
        names = re.compile(rf"\b({'|'.join(self.arrays)})\b")
        lines = [line if line.startswith("#") else names.sub(r"\1_k", line) for line in self.lines]
        parts = ", ".join(f"{array}_k" for array in self.arrays)
        return [f"for {parts} in {name}:", *(f"    {line}" for line in lines)]


def find_blocks(program: Program, derivation: Derivation) -> dict[int, Blocks]:
    """By the id of an operation, the blocks it is done in; short vectors are done as a whole.

    Numbers that are worked out between two vector operations are none of the vectors', so they come before the loop;
    whatever else stands between them ends it: a sum over g needs all of g.
    """
    found: dict[int, Blocks] = {}
    current: Blocks | None = None
    summed = {id(arg) for operation in program.operations if operation.op == "sum" for arg in operation.args}
    for position, operation in enumerate(program.operations):
        shape, args = operation.shape, operation.args
        long = len(shape) == 1 and isinstance(shape[0], int) and shape[0] > BLOCK
        by_element = operation.op not in WHOLE and all(arg.is_scalar or arg.shape == shape for arg in args)
        if long and by_element and derivation[operation.step].phase == "update" and id(operation) not in summed:
            if current is None or current.size != shape[0]:
                current = Blocks(size=int(shape[0]), length=BLOCK)
            current.operations[id(operation)] = position
            found[id(operation)] = current
        elif not operation.is_scalar or not all(arg.is_scalar for arg in args) or operation.op in WHOLE:
            current = None
    return found
