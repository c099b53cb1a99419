"""Columns as text: calls that copy them, and calls of products by blocks (`columns`)."""

from __future__ import annotations

from itertools import accumulate, pairwise

from glassnet.engines.element_code import Elements
from glassnet.engines.program import Operation
from glassnet.expressions.expression import ROWS, runs


class Columns:
    """Writes the operations on columns of a program into the text of its elements."""

    def __init__(self, elements: Elements) -> None:
        self.elements, self.text, self.places = elements, elements.text, elements.places

    def write(self, operation: Operation) -> None:
        """One operation: its calls, by every thread of a team for its own rows."""
        text, out = self.text, self.places.arrays[id(operation)]
        if operation.op == "blocks_of":
            self.gradient(operation, out)
        elif operation.shape[0] == ROWS:
            text.meet_for("rows")
            rows = "begin, stop" if text.has_team else "0, n"
            for line in self.calls(operation, out, rows):
                text.line(line)
        else:
            text.by_one(self.calls(operation, out, f"0, {text.size(operation.shape[0])}"))

    def calls(self, operation: Operation, out: str, rows: str) -> list[str]:
        """The calls for some rows."""
        if operation.op == "take":
            (a,) = operation.args
            found, at = list[str](), 0
            for start, width in runs(operation.source.columns):
                found.append(self.copied(a, out, rows, (start, at, width)))
                at += width
            return found
        if operation.op == "concatenate":
            ends = accumulate((int(arg.shape[1]) for arg in operation.args), initial=0)
            return [
                self.copied(arg, out, rows, (0, at, end - at))
                for arg, (at, end) in zip(operation.args, pairwise(ends), strict=True)
            ]
        return [self.product(operation, out, rows)]

    def copied(self, a: Operation, out: str, rows: str, columns: tuple[int, int, int]) -> str:
        """Columns copied: from where, to where, how many."""
        start, at, width = (self.text.size(number) if number else "0" for number in columns)
        return f"copy_columns({self.array(a)}, {out}, ({rows}, {self.first(a)}), ({start}, {at}, {width}))"

    def product(self, operation: Operation, out: str, rows: str) -> str:
        """A product by blocks."""
        a, b = operation.args
        blocks = self.text.size(operation.source.blocks)
        return f"{operation.op}({self.array(a)}, {self.array(b)}, {out}, ({rows}, {self.first(a)}), {blocks})"

    def gradient(self, operation: Operation, out: str) -> None:
        """The sum over rows of products by blocks: of a team each adds up its own rows."""
        text, rows = self.text, operation.args[0].shape[0]
        if text.has_team and out in text.gradients and rows == ROWS:
            text.meet_for("rows")
            text.added[out] = "0"
            text.line(self.product(operation, f"own_{out}", "begin, stop"))
        else:
            text.by_one([self.product(operation, out, f"0, {text.size(rows)}")])

    def array(self, operation: Operation) -> str:
        """The name of an operand's array."""
        return self.elements.array(operation.base)

    def first(self, operation: Operation) -> str:
        """Where the first row of a batch stands in an operand."""
        return self.elements.offset if self.elements.is_offset(operation.base) else "0"
