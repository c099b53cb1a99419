"""An expression of arrays as formulas of cells: one formula for each number of the result.

`z = x @ W + b` has a cell for each row and unit: the products of a row of x and a unit's weights, summed, plus that
unit's bias: `=SUMPRODUCT(B9:C9,Weights!$B$6:$C$6)+Weights!$D$6`. Sums and products of matrices read ranges of cells,
so what they sum must stand in cells; where it does not yet, it gets cells of its own.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np

from glassnet.expressions.element import Index, element, inside, product, together
from glassnet.expressions.expression import BOOL, LOGIC, ROWS, Expression, constant, postorder, symbol
from glassnet.expressions.notation import plain, write
from glassnet.expressions.numbering import Numbering, same
from glassnet.readings.eject.spreadsheet.cells import Block
from glassnet.readings.eject.spreadsheet.functions import LARGEST_EXPONENT, OFTEN, REDUCE, SHEET, number

# What is longer than this, in characters, gets cells of its own: anything, what is used more than once, what a form
# writes several times. And what has more functions inside each other than this.
LONG, LONG_SHARED, LONG_ARGUMENT, DEEP = 800, 120, 60, 24


class Surface(Protocol):
    """A part of a sheet that takes arrays of formulas."""

    name: str

    def put(self, node: Expression, formulas: np.ndarray) -> Block:
        """Write the formulas, of the node's shape, with the node as their title; where they now lie."""


@dataclass(kw_only=True)
class Scribe:
    """Writes formulas for one sheet.

    Attributes
    ----------
    surface
        Where cells of their own go.
    n
        How many rows there are: 1 for a sheet in which each row stands for itself.
    blocks
        Where the arrays lie that expressions name.
    row_by_row
        Whether each row stands for itself, so that rows may not be mixed.
    elsewhere
        The scribe that gives a node cells of its own, where it is not this one.
    """

    surface: Surface
    n: int
    blocks: dict[str, Block]
    row_by_row: bool = False
    elsewhere: Callable[[Expression], Scribe | None] = lambda node: None
    numbering: Numbering = field(default_factory=Numbering)
    placed: dict[int, Block] = field(default_factory=dict)
    cut: set[int] = field(default_factory=set)

    def formulas(self, expression: Expression) -> np.ndarray:
        """A formula, without its `=`, for each number of the result; what needs cells of its own has got them."""
        self.measure(expression)
        texts = np.empty(self.shape(expression), dtype=object)
        for index in np.ndindex(texts.shape):
            texts[index] = write(self.number(expression, index), SHEET)
        return texts

    def shape(self, node: Expression) -> tuple[int, ...]:
        """The shape, with the number of rows in it."""
        return tuple(self.n if dim == ROWS else int(dim) for dim in node.shape)

    # what gets cells of its own

    def measure(self, root: Expression) -> None:
        """Find out what is too long to be written inside another formula."""
        nodes = {self.numbering.of(node): node for node in postorder(root)}
        uses = Counter(self.numbering.of(arg) for node in nodes.values() for arg in node.args)
        length: dict[int, int] = {}
        depth: dict[int, int] = {}
        for kind, node in nodes.items():
            args = [self.numbering.of(arg) for arg in node.args]
            if node.op in ("symbol", "random") or kind in self.placed or kind in self.cut:
                length[kind], depth[kind] = 8, 0
            elif node.op == "constant":
                length[kind], depth[kind] = len(number(node.value)), 0
            elif node.op in REDUCE or node.op == "matmul":
                length[kind], depth[kind] = 40, 2
            else:
                for arg in args:
                    if node.op in OFTEN and length[arg] > LONG_ARGUMENT:
                        self.cut.add(arg)
                        length[arg], depth[arg] = 8, 0
                length[kind] = sum(length[arg] for arg in args) * OFTEN.get(node.op, 1) + 8
                depth[kind] = max((depth[arg] for arg in args), default=0) + 1
                most = LONG_SHARED if uses[kind] > 1 else LONG
                if node is not root and (length[kind] > most or depth[kind] > DEEP):
                    self.cut.add(kind)
                    length[kind], depth[kind] = 8, 0

    def in_cells(self, node: Expression) -> Block:
        """Cells that hold the node's numbers; new ones, if it has none yet."""
        kind = self.numbering.of(node)
        if node.op == "symbol":
            return self.blocks[node.name]
        if node.op == "transpose":
            return self.in_cells(node.args[0]).T
        if node.op == "expand_dims":
            return self.in_cells(node.args[0]).expanded(node.axis or 0)
        if len(node.shape) > 2:
            raise NotImplementedError(
                f"a sheet has two axes, and {plain(node):.60} has {len(node.shape)}; another language can compute it"
            )
        if kind not in self.placed:
            other = self.elsewhere(node)
            self.placed[kind] = other.in_cells(node) if other else self.surface.put(node, self.formulas(node))
        return self.placed[kind]

    # formulas

    def number(self, root: Expression, index: Index) -> Expression:
        """One number of an array, as arithmetic on cells."""

        def leaf(node: Expression, index: Index) -> Expression | None:
            kind = self.numbering.of(node)
            if node.op == "symbol" or (node is not root and (kind in self.placed or kind in self.cut)):
                return symbol(self.in_cells(node)[index].reference(self.surface.name))
            if node.op == "constant" and node.value < 0.0:
                return Expression("negative", (constant(-node.value),))
            if node.op in REDUCE:
                return symbol(self.reduction(node, index))
            return self.product(node, index) if node.op == "matmul" else None

        return element(root, index, leaf, shape=self.shape, made=self.made)

    def made(self, node: Expression, number: Expression) -> Expression:
        """An operation as sheets take it: EXP of what is not too large, AND of truths."""
        if node.op == "exp" and self.upper(node.args[0]) > LARGEST_EXPONENT:
            return replace(number, args=(Expression("minimum", (*number.args, constant(LARGEST_EXPONENT))),))
        if node.op in LOGIC:
            pairs = zip(node.args, number.args, strict=True)
            return replace(
                number,
                args=tuple(
                    item if a.dtype == BOOL else together("not_equal", item, constant(0.0)) for a, item in pairs
                ),
            )
        return number

    def upper(self, node: Expression) -> float:
        """A number that the node's are never above."""
        if node.op == "constant":
            return node.value
        if node.op == "negative" and node.args[0].op in ("absolute", "exp", "square", "sqrt"):
            return 0.0
        if node.op == "minimum":
            return min(self.upper(arg) for arg in node.args)
        if node.op == "subtract" and node.args[1].op == "max":
            return 0.0 if same(node.args[1].args[0], node.args[0]) else math.inf
        return math.inf

    def reduction(self, node: Expression, index: Index) -> str:
        """A sum, mean or maximum of a range."""
        arg = node.args[0]
        self.check(node, arg.shape if node.axis is None else (arg.shape[node.axis],))
        block = self.in_cells(arg)
        if node.axis is not None:
            block = block[inside(node, index, (slice(None),))]
        return f"{REDUCE[node.op]}({self.area(block, node)})"

    def product(self, node: Expression, index: Index) -> Expression:
        """A number of a matrix product: a row of the first times a column of the second, summed."""
        self.check(node, node.args[0].shape[1:])
        i, j = index
        row, column = self.in_cells(node.args[0])[i], self.in_cells(node.args[1])[:, j]
        pair = [self.area(row, node), self.area(column, node)]
        if row.rows.size == 1:
            return product(*map(symbol, pair))
        if row.is_upright == column.is_upright:
            return symbol(f"SUMPRODUCT({','.join(pair)})")
        if row.is_upright:
            pair.reverse()  # MMULT takes what lies across first
        return symbol(f"SUMPRODUCT(MMULT({','.join(pair)}))")

    def area(self, block: Block, node: Expression) -> str:
        """The range that holds the block."""
        if not block.is_filled:
            raise NotImplementedError(
                f"a spreadsheet cannot compute {plain(node):.60}: what is taken together does not lie side by side, "
                "as with three axes; another language can"
            )
        return block.reference(self.surface.name)

    def check(self, node: Expression, dims: tuple[Any, ...]) -> None:
        """Refuse to mix rows on a sheet where each row stands for itself."""
        if self.row_by_row and ROWS in dims:
            raise NotImplementedError(
                f"a spreadsheet predicts row by row, and {plain(node):.60} mixes the rows; another language can"
            )
