"""Which expressions are the same: one rule, for all who write or compute only once what occurs twice.

Two expressions have the same number if they are written alike, and so give the same bits: 0 and -0 are two numbers,
NaN is one, and random numbers are the same only where they are drawn once.

    >>> import numpy as np
    >>> from glassnet.expressions.expression import symbol
    >>> x, numbering = symbol("x"), Numbering()
    >>> numbering.of(np.tanh(x)) == numbering.of(np.tanh(x)), numbering.of(x * 0.0) == numbering.of(x * -0.0)
    (True, False)
"""

from __future__ import annotations

from glassnet.expressions.expression import Expression, postorder, symbol


class Numbering:
    """Numbers expressions as it meets them, from 0.

    Parameters
    ----------
    closed
        Whether a named formula is an operation on the arguments of its name (`tidy.opaque`) rather than its arithmetic.
    """

    def __init__(self, closed: bool = False) -> None:
        self.closed = closed
        self.numbers: dict[object, int] = {}
        self.known: dict[int, tuple[Expression, int]] = {}  # by id, which the node keeps from being used again

    def of(self, expression: Expression) -> int:
        """The expression's number."""
        if id(expression) not in self.known:
            for node in postorder(expression):
                if id(node) not in self.known:
                    key = own(node, self.closed), tuple(self.known[id(arg)][1] for arg in node.args)
                    self.known[id(node)] = node, self.numbers.setdefault(key, len(self.numbers))
        return self.known[id(expression)][1]

    def call(self, name: str, expression: Expression) -> None:
        """From here on the symbol of that name is the same as the expression."""
        self.numbers[own(symbol(name), self.closed), ()] = self.of(expression)


def same(a: Expression, b: Expression) -> bool:
    """Whether two expressions would have the same number, named formulas being their arithmetic."""
    if a is b or a.op != b.op:  # most are told apart by this
        return a is b
    return own(a) == own(b) and len(a.args) == len(b.args) and all(map(same, a.args, b.args))


def own(node: Expression, closed: bool = False) -> tuple[object, ...]:
    """All by which an operation differs from others, but for its arguments."""
    what = node.call.name if closed and node.call else node.op
    value = repr(node.value) if node.op == "constant" else id(node) if node.op == "random" else ""
    return what, node.name, value, node.axis, node.keepdims, node.columns, node.blocks
