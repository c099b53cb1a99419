"""Where each result of a program goes: nowhere but a variable of its loop, a buffer, or the network's memory.

A result that nobody needs outside its loop is a variable. The others have arrays, and arrays that are no longer read
take turns in the same buffers; an elementwise result may replace what it is made from.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from glassnet.engines.fusion import Nest, fuse, is_reduction_of_rows, is_row_reduction, is_total
from glassnet.engines.program import LEAVES, Operation, Program
from glassnet.expressions.expression import ROWS, Dim, Shape
from glassnet.parts.parameters import Layout

Form = tuple[Shape, Any]  # the shape and dtype of a buffer
OUT = "out"  # the array that predictions are written to


@dataclass(kw_only=True)
class Places:
    """The loop nests of a program, and where the results of each operation go.

    Attributes
    ----------
    program, layout
        What is computed, and how the learnt arrays lie in theta.
    nests
        The loop nests, in order.
    arrays
        For an operation (by id) whose result is kept: the name of its array.
    buffers
        The buffers, with their form and the names of the arrays that take turns in it.
    copies
        What is copied at the end: (array in memory, array), where the old numbers are read until then.
    memory
        The arrays in memory that are written.
    """

    program: Program
    layout: Layout
    nests: list[Nest] = field(init=False)
    arrays: dict[int, str] = field(default_factory=dict)
    buffers: dict[str, tuple[Form, list[str]]] = field(default_factory=dict)
    copies: list[tuple[str, str]] = field(default_factory=list)
    memory: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.nests = fuse(self.program, self.layout)
        self.at = {  # where an operation is computed: nest and segment
            id(operation): (k, s)
            for k, nest in enumerate(self.nests)
            for s, segment in enumerate(nest.segments)
            for operation in segment.operations
        }
        self.users: dict[int, list[Operation]] = {}
        for operation in self.program.operations:
            for arg in operation.args:
                self.users.setdefault(id(arg), []).append(operation)
        self._buffer_of: dict[int, str] = {}
        self._place_all()

    def width(self, operation: Operation) -> Dim | None:
        """The columns that the loop around an operation goes over; None: once per row."""
        k, s = self.at[id(operation)]
        return self.nests[k].segments[s].width

    def widths_of_reductions(self) -> set[Dim]:
        """How many columns are taken together, row by row: by a softmax, say."""
        found = [segment for nest in self.nests for segment in nest.segments if nest.kind == "rows"]
        return {
            segment.width
            for segment in found
            if segment.width is not None and any(map(is_row_reduction, segment.operations))
        }

    def is_kept(self, operation: Operation) -> bool:
        """Whether a result is needed outside its loop and must be in an array."""
        if operation.is_scalar and not operation.target:
            return False
        k, s = self.at[id(operation)]
        if operation.target or self.nests[k].kind in ("product", "random") or is_reduction_of_rows(operation):
            return True
        once_per_row = is_row_reduction(operation) or self.width(operation) is None
        places = [self.at[id(user)] for user in self.readers(operation)]
        return any(nest != k or (segment != s and not once_per_row) for nest, segment in places)

    def readers(self, operation: Operation) -> list[Operation]:
        """The operations that read a result, through views too."""
        found = []
        for user in self.users.get(id(operation), ()):
            found += [user] if id(user) in self.at else self.readers(user)
        return found

    def is_summed_by_call(self, operation: Operation) -> bool:
        """Whether a sum over the rows is that of an array that is in memory anyway, so that a function adds it up."""
        if operation.op != "sum" or not is_reduction_of_rows(operation) or is_total(operation):
            return False
        (arg,) = operation.args
        if arg is not arg.base or len(arg.shape) != 2 or arg.base.op in LEAVES:
            return False
        nest, _ = self.at[id(operation)]
        readers = [self.at[id(user)][0] for user in self.readers(arg) if id(user) in self.at]
        return self.is_kept(arg) and arg.shape[1] not in (1, ROWS) and max(readers, default=-1) > nest

    def is_added_up(self, operation: Operation) -> bool:
        """Whether the rows are added up column by column, in an array that threads cannot share."""
        is_sum = is_reduction_of_rows(operation) and not is_total(operation)
        return is_sum and not self.is_summed_by_call(operation)

    def _last_read(self, operation: Operation) -> int:
        """The last nest that reads a result; -1: none."""
        return max((self.at[id(user)][0] for user in self.readers(operation)), default=-1)

    def _place_all(self) -> None:
        """Give every kept result an array, nest by nest."""
        busy: dict[str, int] = {}  # each buffer, and the last nest that reads what it holds
        for k, nest in enumerate(self.nests):
            for operation in filter(self.is_kept, nest.operations):
                target, last = operation.target, max(self._last_read(operation), k)
                self.arrays[id(operation)] = target or operation.name
                if target:
                    self.memory.add(target)
                    if not self._is_read_later(target, operation):
                        continue
                    self.arrays[id(operation)] = operation.name
                    self.copies.append((target, operation.name))
                    last = len(self.nests)
                form = operation.shape, operation.dtype
                idle = (name for name, until in busy.items() if until < k and self.buffers[name][0] == form)
                name = self._replaced(operation, nest, busy) or next(idle, operation.name)
                self.buffers.setdefault(name, (form, []))[1].append(operation.name)
                self._buffer_of[id(operation)] = name
                busy[name] = last

    def _replaced(self, operation: Operation, nest: Nest, busy: dict[str, int]) -> str:
        """The buffer of an argument that is read here for the last time, element by element; or an empty text."""
        is_reduction = is_reduction_of_rows(operation) or is_row_reduction(operation)
        if is_reduction or nest.kind not in ("rows", "apart", "vector"):
            return ""
        if operation.op == "where":  # compilers store only where it changes, and that they do one by one
            return ""
        k, s = self.at[id(operation)]
        for arg in operation.args:
            name = self._buffer_of.get(id(arg), "")
            if not name or busy[name] > k or self.buffers[name][1][-1] != arg.name:  # needed later, or replaced already
                continue
            here = [user for user in self.readers(arg) if self.at[id(user)][0] == k]
            direct = all(reads_directly(user, arg) and self.at[id(user)][1] <= s for user in here)
            if direct and self.buffers[name][0] == (operation.shape, operation.dtype):
                return name
        return ""

    def _is_read_later(self, target: str, operation: Operation) -> bool:
        """Whether the old numbers of an array in memory are read after its new ones would be written."""
        k, s = self.at[id(operation)]
        parts = set(self.layout.shapes) if target == "theta" else set()
        for leaf in self.program.leaves:
            if leaf.name != target and leaf.name not in parts:
                continue
            for user in self.readers(leaf):
                nest, segment = self.at[id(user)]
                same_element = reads_directly(user, leaf) and leaf.shape == operation.shape
                if nest > k or (nest == k and (segment > s or not same_element)):
                    return True
        return False


def reads_directly(user: Operation, arg: Operation) -> bool:
    """Whether an operation reads a result at the place it works on only, and not through a view as well."""
    return all(item is arg for item in user.args if item.base is arg)
