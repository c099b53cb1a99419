"""Formulas that an explanation gives as text, like `1 - a1[0, 2]`, taken apart to be written as mathematics."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from glassnet.readings.explain.contents import Arithmetic, Factor

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
