"""Formulas of single numbers as a page with mathematics writes them: names with their places, or numbers put in.

HTML and LaTeX have a table each (`Mathematics`). Formulas that an explanation gives as text, like `1 - a1[0, 2]`, are
taken apart to be written in the same way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from glassnet.expressions.expression import Expression
from glassnet.expressions.glyphs import as_number
from glassnet.expressions.node import Node
from glassnet.expressions.notation import POWER, Form, Notation, write
from glassnet.readings.explain.contents import Arithmetic, Entry, Factor, Term, place

NAME = re.compile(r"[^\W\d]\w*(?:\[[\d, ]*\])?")
PARTS = re.compile(rf"(?P<name>{NAME.pattern})|\*\*(?P<power>-?[\d.]+)|(?P<sign>[-*@])")


def without_axes(text: str) -> str:
    """A formula, without what an aggregate runs over: a reader of one number sees that.

    >>> without_axes("z2[0, 1] - max(z2, axis=1, keepdims=True)[0, 0]")
    'z2[0, 1] - max(z2)[0, 0]'
    """
    return re.sub(r", axis=\d|, keepdims=True", "", text)


def pieces(text: str) -> Iterator[tuple[str, str]]:
    """A formula's names, powers and signs, and the text between them, each with what it is.

    >>> list(pieces("1 - a1[0, 2]**2"))
    [('text', '1 '), ('sign', '-'), ('text', ' '), ('name', 'a1[0, 2]'), ('power', '2'), ('text', '')]
    """
    text, end = without_axes(text), 0
    for found in PARTS.finditer(text):
        if found.start() > end:
            yield "text", text[end : found.start()]
        kind = str(found.lastgroup)
        yield kind, found[kind]
        end = found.end()
    yield "text", text[end:]


def is_sum(text: str) -> bool:
    """Whether a formula is a sum or a difference, which in a product needs parentheses.

    >>> is_sum("1 - a1[0, 2]"), is_sum("exp(1 - a1[0, 2])")
    (True, False)
    """
    depth = 0
    for letter in text:
        depth += (letter in "([") - (letter in ")]")
        if depth == 0 and letter in "+-":
            return True
    return False


def is_worded(item: Arithmetic) -> bool:
    """Whether a number is called by words from outside, like a column's name, and not by a symbol."""
    return item.formula is None and item.sum is None


def product(factors: Sequence[Factor], texts: Sequence[str], times: str) -> str:
    """Written factors as a product: `a · b / c`."""
    result = "1" if factors and factors[0].divides else ""
    for factor, text in zip(factors, texts, strict=True):
        result += (" / " if factor.divides else times if result else "") + text
    return result


@dataclass(frozen=True, kw_only=True)
class Mathematics:
    """How a page writes the formulas of single numbers.

    Attributes
    ----------
    notation
        Of formulas of arrays; products of single numbers have a dot instead.
    number
        A number with so many digits.
    place
        The place behind a symbol's name, from what stands between its brackets.
    pieces
        A power, a sign and the text between them, where a formula is given as text.
    raised
        A power, from base and exponent.
    dot, arrow, about
        Between factors; where a number replaces another; where the result is not exact.
    """

    notation: Notation
    number: Callable[[float, int], str]
    place: Callable[[str], str]
    pieces: Mapping[str, Callable[[str], str]]
    raised: Callable[[str, str], str]
    dot: str
    arrow: str
    about: str

    def symbol(self, name: str) -> str:
        """A symbol with its place behind it, `W1[0, 2]`; one that stands for a longer formula as that formula."""
        stem, inside = place(without_axes(name))
        base = self.notation.name(stem) if NAME.fullmatch(stem) else self.text(stem)
        return base + (self.place(inside) if inside else "")

    def text(self, text: str) -> str:
        """A formula that is given as text, `1 - a1[0, 2]`, with its names as names."""
        return "".join(
            self.pieces[kind](piece) if kind in self.pieces else self.symbol(as_number(piece))
            for kind, piece in pieces(text)
        )

    def factor(self, text: str) -> str:
        """A factor that is given as text, a sum in parentheses."""
        return f"({self.text(text)})" if is_sum(text) else self.text(text)

    def formula(self, expression: Expression, digits: int | None = None) -> str:
        """A formula; with digits, one that has numbers put in."""
        forms = self.notation.forms
        powers = {
            "power": Form(self.raised, forms["power"].arguments, POWER),
            "square": Form(lambda base: self.raised(base, "2"), forms["square"].arguments, POWER),
        }
        notation = replace(self.notation, name=self.symbol, infix=self.infix, forms={**forms, **powers})
        if digits is not None:  # flat: numbers stand where their symbols stood, a constant does not go to the front
            notation = replace(notation, number=lambda node: self.number(node.value, digits), flat=True)
        return write(expression, notation)

    def infix(self, node: Node, left: str, right: str) -> str:
        """Products of single numbers with a dot."""
        if node.op == "multiply" and not any(arg.shape for arg in node.args):
            return left + self.dot + right
        return self.notation.infix(node, left, right)

    def step(self, entry: Entry) -> str:
        """A step's name, and its formula if it has one."""
        formula = self.symbol(entry.name) if entry.name else ""
        if entry.formula is None:
            return formula
        return f"{formula} {self.arrow if entry.assigns else '='} {self.formula(entry.formula)}"

    def equal(self, about: bool) -> str:
        """The sign before a result."""
        return self.about if about else "="

    def sides(self, item: Arithmetic, digits: int) -> list[str]:
        """A number's formula and the numbers put in, those of them that there are."""
        found = [] if item.formula is None else [self.formula(item.formula)]
        return found if item.numbers is None else [*found, self.formula(item.numbers, digits)]

    def equated(self, item: Arithmetic, sides: Sequence[str], result: str) -> list[str]:
        """What follows a number's name: `= formula`, `= numbers put in`, `= result`."""
        first = self.arrow if item.assigns else "="
        signs = [first, *["="] * (len(sides) - 1), self.equal(item.about)] if sides else [first]
        return [f"{sign} {side}" for sign, side in zip(signs, (*sides, result), strict=True)]

    def term(self, term: Term, digits: int) -> tuple[str, str]:
        """A term by the names of its factors, and in numbers where there is more than one; either may be empty."""
        sign = self.notation.minus if term.negative else ""
        names = [factor for factor in term.factors if factor.name]
        written = self.factor if len(names) > 1 else self.text
        by_name = product(names, [written(factor.name) for factor in names], self.dot)
        values = [self.number(factor.value, digits) for factor in term.factors]
        inside = [text.startswith(self.notation.minus) and (k > 0 or term.negative) for k, text in enumerate(values)]
        values = [f"({text})" if is_inside else text for text, is_inside in zip(values, inside, strict=True)]
        numbers = product(term.factors, values, self.dot) if len(values) > 1 else ""
        return sign + by_name if by_name else "", (sign if term.value else "") + numbers if numbers else ""
