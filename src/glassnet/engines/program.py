"""A derivation as a list of operations, the form that engines work from.

The steps of a derivation are formulas for people: a formula may hold many operations, and two formulas may share
one. Here every operation stands alone and only once, what nobody needs is left out, and each result knows where it
is used for the last time, so that its memory can be used again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import KW_ONLY, dataclass, field, replace
from math import prod
from typing import Any

import numpy as np

from glassnet.derivation.report import count_of
from glassnet.derivation.steps import Derivation, Step
from glassnet.expressions.expression import ROWS, Expression, Shape, postorder, symbol
from glassnet.expressions.numbering import Numbering

LEAVES = ("symbol", "constant")
VIEWS = ("transpose", "expand_dims")


@dataclass(eq=False, kw_only=True)
class Operation:
    """One operation: its result, what it is applied to, and where its result goes.

    Attributes
    ----------
    op
        As in `Expression.op`.
    args
        The operations whose results it takes. A "matmul" may have a third: the number that it is divided by.
    name
        A variable's name for the result, unique.
    source
        The expression it came from.
    step
        The step of the derivation it belongs to.
    target
        The name of the array in memory that the result is written to; empty: a buffer.
    last_use
        The position of the last operation that reads the result; -1: nobody reads it.
    """

    op: str
    args: tuple[Operation, ...]
    name: str
    source: Expression
    step: str = ""
    target: str = ""
    last_use: int = -1

    @property
    def shape(self) -> Shape:
        """Of the result."""
        return self.source.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the result."""
        return self.source.dtype

    @property
    def base(self) -> Operation:
        """Whose memory the result lies in: its own, or, for a view, that of what it looks at."""
        return self.args[0].base if self.op in VIEWS else self

    @property
    def expression(self) -> Expression:
        """What it computes, from the results of others by their names."""
        args = tuple(arg.operand for arg in self.args)
        return replace(self.source, op=self.op, args=args, name="", call=None)

    @property
    def operand(self) -> Expression:
        """How others call its result: by its name, if that is no number; a view by what it looks at."""
        if self.op == "constant":
            return self.source
        return self.expression if self.op in VIEWS else symbol(self.name, self.shape, self.dtype)

    @property
    def over(self) -> Shape:
        """The shape that its loops go over: of a sum or maximum that of what it takes together."""
        return self.args[0].shape if self.op in ("sum", "max") else self.shape

    @property
    def is_scalar(self) -> bool:
        """Whether it is one number rather than an array."""
        return self.shape == ()


@dataclass
class Program:
    """Operations in the order in which they run, and the leaves they start from."""

    operations: list[Operation] = field(default_factory=list)
    leaves: list[Operation] = field(default_factory=list)
    results: list[Operation] = field(default_factory=list)
    _: KW_ONLY
    readers: dict[int, list[int]] = field(default_factory=dict)  # id of an operation -> who reads it, by position
    by_name: dict[str, Operation] = field(default_factory=dict)  # the leaves
    written: dict[str, int] = field(default_factory=dict)  # an array in memory -> where it gets its next value

    def schedule(self) -> None:
        """Where each result is read, and for the last time."""
        self.readers, self.by_name = {}, {leaf.name: leaf for leaf in self.leaves}
        self.written = {item.target: k for k, item in enumerate(self.operations) if item.target}
        for position, operation in enumerate(self.operations):
            for arg in operation.args:
                arg.base.last_use = max(arg.base.last_use, position)
                arg.last_use = position
                self.readers.setdefault(id(arg), []).append(position)
        for result in self.results:
            result.base.last_use = len(self.operations)

    def reads_after(self, name: str, position: int) -> bool:
        """Whether the memory called `name` is still read by an operation after `position`."""
        return name in self.by_name and self.by_name[name].last_use > position


def compile_program(derivation: Derivation, wanted: list[tuple[str, str]], also: tuple[Step, ...] = ()) -> Program:
    """The operations that compute the wanted steps, without repetition.

    Parameters
    ----------
    derivation
        What to compute.
    wanted
        The names of the steps whose results are asked for, each with the array in memory that the result is written
        to, or with an empty text.
    also
        Steps that come after those of the derivation.
    """
    numbering = Numbering()
    numbered: dict[int, Operation] = {}
    by_name: dict[str, Operation] = {}
    order: list[Operation] = []
    for step in (*derivation.steps, *also):
        numbering.call(step.name, step.expression)
        count = 0
        for node in postorder(step.expression):
            if numbering.of(node) in numbered:
                continue
            args = tuple(numbered[numbering.of(arg)] for arg in node.args)
            is_result = node is step.expression
            count += not is_result
            name = node.name or (step.name if is_result else f"{step.name}_{count}")
            operation = Operation(op=node.op, args=args, name=name, source=node, step=step.name)
            numbered[numbering.of(node)] = operation
            order.append(operation)
        by_name[step.name] = numbered[numbering.of(step.expression)]
    results = []
    for name, target in wanted:
        root = by_name[name]
        if target and (root.op in (*LEAVES, *VIEWS) or root.target):  # it has its place already
            copy = Operation(
                op="copy", args=(root,), name=f"{target}_copy", source=root.source, step=name, target=target
            )
            order.insert(order.index(root) + 1, copy)
            root = copy
        elif target:
            root.target = target
        results.append(root)
    needed = reach(results)
    order = [operation for operation in order if id(operation) in needed]
    program = Program(
        [item for item in order if item.op not in LEAVES],
        [item for item in order if item.op in LEAVES],
    )
    program.results = results
    return program


def largest_product(program: Program, n: int) -> int:
    """How many multiplications the largest matrix product takes, for n rows."""
    sizes = (
        (*operation.shape, operation.args[0].shape[1]) for operation in program.operations if operation.op == "matmul"
    )
    return max((prod(n if dim == ROWS else int(dim) for dim in dims) for dims in sizes), default=0)


def reach(roots: Iterable[Operation]) -> set[int]:
    """The ids of the roots and of everything they need."""
    seen: set[int] = set()
    stack = list(roots)
    while stack:
        operation = stack.pop()
        if id(operation) not in seen:
            seen.add(id(operation))
            stack.extend(operation.args)
    return seen


def training_program(derivation: Derivation) -> Program:
    """The operations of a training step: what it tells of the batch, and what that counts (the first two results);
    the gradients in their places in g; and what the update assigns.
    """
    assigned = [(step.name, step.assigns) for step in derivation.steps if step.assigns]
    return told(derivation, derivation.reported, [*gradients_in_place(derivation), *assigned])


def told(derivation: Derivation, result: str, wanted: list[tuple[str, str]]) -> Program:
    """The operations of a step's result for a batch, of what that counts, and of what else is wanted."""
    count = count_of(derivation)
    return compile_program(derivation, [(result, ""), (count.name, ""), *wanted], (count,))


def gradients_in_place(derivation: Derivation) -> list[tuple[str, str]]:
    """The steps that are gradients, each with its place in g."""
    return [(derivation.gradients[name], place) for place, name in derivation.layout.gradients.items()]
