"""Operations gathered into loop nests, so that what belongs to the same rows is computed in one pass over them.

NumPy makes a pass over memory for each operation. Here `z + b`, the activation and its slope stand in one loop, their
results never leave the processor's registers unless somebody else needs them, and a sum is taken as its terms are
made. A nest goes over rows; within a row, one `Segment` after the other: a loop over columns, or what is done once per
row. What has to be complete before it can be used (a matrix product, a sum over rows) ends a nest.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, field

from glassnet.engines.program import LEAVES, VIEWS, Operation, Program
from glassnet.expressions.expression import OF_COLUMNS, ROWS, Dim
from glassnet.parts.parameters import Layout

GRADIENT = "g"  # the vector whose parts the gradients `dW1`, … are
FEW = 16  # columns: a loop over no more of them is a slow one


@dataclass(eq=False)
class Segment:
    """Operations done in one loop over `width` columns; None: once per row."""

    width: Dim | None
    operations: list[Operation] = field(default_factory=list)


@dataclass(eq=False)
class Nest:
    """Operations computed in one pass.

    Attributes
    ----------
    kind
        "rows": over the rows of matrices; "apart": the same, for what is better done apart; "vector": along vectors;
        "numbers": no loop, single numbers; "product" (also of columns) and "random": one operation that stands alone.
    extent
        How many rows, or how long the vectors are.
    segments
        What is done in each row, in order. All kinds but "rows" and "apart" have one.
    """

    kind: str
    extent: Dim | None
    segments: list[Segment] = field(default_factory=list)

    @property
    def operations(self) -> list[Operation]:
        """All of them, in order."""
        return [operation for segment in self.segments for operation in segment.operations]


@dataclass(frozen=True)
class Space:
    """What an operation goes over: the kind of nest, its extent, and columns (None: once per row)."""

    kind: str
    extent: Dim | None
    width: Dim | None


def check(operation: Operation) -> None:
    """NotImplementedError for what loops over rows and columns cannot do."""
    for shape in (operation.shape, *(arg.shape for arg in operation.args)):
        if len(shape) > 2:
            raise NotImplementedError(f"{operation.step}: an array of {len(shape)} axes")
        if shape.count(ROWS) > 1:
            raise NotImplementedError(f"{operation.step}: an array with a column for each row")
    if operation.op == "random" and len(operation.shape) != 2:
        raise NotImplementedError(f"{operation.step}: random numbers for a single array, not for each row")
    if any(arg.op == "expand_dims" and arg.args[0].is_scalar for arg in operation.args):
        raise NotImplementedError(f"{operation.step}: a single number made an array")


def space_of(operation: Operation) -> Space:
    """The loops that an operation needs."""
    if operation.op == "random":
        return Space("random", None, None)
    if operation.op in OF_COLUMNS:
        return Space("product", None, None)
    if operation.op == "matmul" and operation.args[0].shape[1] != 1:  # (r, 1) @ (1, c) is elementwise
        return Space("product", None, None)
    over = operation.over
    if len(over) == 0:
        return Space("numbers", None, None)
    if len(over) == 1:
        return Space("vector", over[0], over[0])
    return Space("apart" if is_apart(operation) else "rows", over[0], None if over[1] == 1 else over[1])


def is_row_reduction(operation: Operation) -> bool:
    """Whether it takes the columns of each row together."""
    return operation.op in ("sum", "max") and operation.source.axis == 1


def is_apart(operation: Operation) -> bool:
    """Whether it belongs to a softmax over few columns, and takes long: exp(z - max), or the logarithm of its sum.

    Between what takes the columns of a row together, it would stand in a loop over these few. In a nest of its own, all
    rows are one.
    """
    if operation.op == "log":
        (total,) = operation.args
        return total.op == "sum" and is_row_reduction(total) and is_apart(total.args[0])
    if operation.op != "exp" or len(operation.shape) != 2 or operation.shape[0] != ROWS:
        return False
    columns = operation.shape[1]
    is_short = columns != ROWS and 1 < int(columns) <= FEW
    return is_short and any(arg.shape == (ROWS, 1) for arg in operation.args[0].args)


def is_reduction_of_rows(operation: Operation) -> bool:
    """Whether its result is known only when all rows have been seen."""
    return operation.op in ("sum", "max") and operation.source.axis != 1 and not operation.args[0].is_scalar


def is_total(operation: Operation) -> bool:
    """Whether a reduction takes everything together into one number."""
    return math.prod(1 if dim == 1 else 2 for dim in operation.shape) == 1


@dataclass
class Fuser:
    """Puts operations, one by one, into the first pass that can compute them.

    What changes single numbers of one array, like `z > 0`, waits until somebody needs it: done in that nest, it need
    not be kept.

    Attributes
    ----------
    parts_of_g
        The names of the gradients, which lie in the vector g.
    """

    parts_of_g: Collection[str]
    nests: list[Nest] = field(default_factory=lambda: [Nest("numbers", None)])  # what depends on no row comes first
    place: dict[int, tuple[int, int]] = field(default_factory=dict)  # id of an operation -> its nest and segment
    gradients: int = -1  # the last nest that writes a part of g

    def add(self, operation: Operation) -> None:
        """Put one operation into a nest, and before it those of its arguments that waited."""
        space = space_of(operation)
        self.prepare(operation, space)
        k = self.soonest(operation, space)
        if space.kind in ("product", "random"):
            k = len(self.nests)  # random numbers are drawn in the order of the program
        while k < len(self.nests) and not self.fits(k, space):
            k += 1
        if k == len(self.nests):
            self.nests.append(Nest(space.kind, space.extent))
        self.put(operation, space, k)

    def prepare(self, operation: Operation, space: Space) -> None:
        """Give their place to the arguments, and to theirs, that cannot be computed in the same nest."""
        for arg in operation.args:
            base = arg.base
            if base.op in LEAVES or id(base) in self.place:
                continue
            if arg.op not in VIEWS and self.together(base, space):
                self.prepare(base, space)
            else:
                self.add(base)

    def waiting(self, operation: Operation) -> list[Operation]:
        """The arguments that have no place yet."""
        bases = {id(arg.base): arg.base for arg in operation.args}
        return [base for key, base in bases.items() if base.op not in LEAVES and key not in self.place]

    def together(self, arg: Operation, space: Space) -> bool:
        """Whether an argument that waits can be computed in the same nest."""
        own = space_of(arg)
        return (own.kind, own.extent) == (space.kind, space.extent) and space.kind != "product"

    def fits(self, k: int, space: Space) -> bool:
        """Whether nest k goes over the same rows."""
        return (self.nests[k].kind, self.nests[k].extent) == (space.kind, space.extent)

    def soonest(self, operation: Operation, space: Space) -> int:
        """The first nest at which all arguments are known, or can be."""
        first = 0
        for arg in operation.args:
            base = arg.base
            if base.op in LEAVES or id(base) in self.place:
                nest, _ = self.earliest(arg, space)
            else:
                nest = self.soonest(base, space_of(base))
            first = max(first, nest)
        return first

    def put(self, operation: Operation, space: Space, k: int) -> None:
        """Into nest k, after the arguments that waited: the first segment that fits, or a new one."""
        for arg in self.waiting(operation):
            self.put(arg, space_of(arg), k)
        places = [self.earliest(arg, space) for arg in operation.args]
        first = max((segment for nest, segment in places if nest == k), default=0)
        segments = self.nests[k].segments
        for s in range(first, len(segments)):
            if segments[s].width == space.width:
                break
        else:
            s = len(segments)
            segments.append(Segment(space.width))
        segments[s].operations.append(operation)
        self.place[id(operation)] = k, s
        if operation.target in self.parts_of_g:
            self.gradients = max(self.gradients, k)

    def earliest(self, arg: Operation, space: Space) -> tuple[int, int]:
        """The first nest, and the first segment in it, at which an argument that has its place can be used."""
        base = arg.base
        if base.op in LEAVES:
            return (self.gradients + 1 if base.name == GRADIENT else 0), 0
        nest, segment = self.place[id(base)]
        made = self.nests[nest]
        whole = is_reduction_of_rows(base) or arg.op in VIEWS or made.kind in ("product", "random")
        if whole or not self.fits(nest, space):
            return nest + 1, 0
        if is_row_reduction(base) and not base.source.keepdims:
            return nest + 1, 0  # a vector of rows: its readers go along it, not over the rows
        later = is_row_reduction(base) or made.segments[segment].width != space.width
        return nest, segment + later


def can_wait(operation: Operation) -> bool:
    """Whether an operation may be done when it is needed: it keeps no more than one array alive for that."""
    stands_alone = operation.op in ("matmul", "random", "sum", "max", "copy", *OF_COLUMNS)
    if operation.target or stands_alone or operation.is_scalar:
        return False
    arrays = {id(arg.base) for arg in operation.args if arg.shape == operation.shape and arg.base.op not in LEAVES}
    return len(arrays) <= 1


def copy_views(program: Program) -> None:
    """Before columns are taken of a view, or multiplied by blocks, its numbers are put in order."""
    order: list[Operation] = []
    for operation in program.operations:
        if operation.op in OF_COLUMNS:
            copies = [
                Operation(
                    op="copy", args=(arg,), name=f"{operation.name}_of{k}", source=arg.source, step=operation.step
                )
                for k, arg in enumerate(operation.args)
            ]
            pairs = list(zip(operation.args, copies, strict=True))
            order += [copy for arg, copy in pairs if arg.op in VIEWS]
            operation.args = tuple(copy if arg.op in VIEWS else arg for arg, copy in pairs)
        order.append(operation)
    program.operations[:] = order


def fuse(program: Program, layout: Layout) -> list[Nest]:
    """The nests that compute a program of a network with this layout, in order.

    Raises
    ------
    NotImplementedError
        Loops over rows and columns cannot compute it; the message says why.
    """
    copy_views(program)
    fuser = Fuser(layout.gradients)
    for operation in program.operations:
        check(operation)
        if operation.op not in VIEWS and not can_wait(operation):
            fuser.add(operation)
    return fuser.nests
