"""Formulas of single numbers in HTML: names with their places, `W1[0, 2]`, or numbers put in for them."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import replace

from glassnet.expressions.expression import Expression
from glassnet.expressions.markup import HTML, markup_infix, markup_name
from glassnet.expressions.node import Node
from glassnet.expressions.notation import POWER, Form, write
from glassnet.readings.explain.contents import place
from glassnet.readings.explain.formula_text import NAME, is_sum, pieces, without_axes
from glassnet.readings.explain.numbers import written
from glassnet.readings.explain.picture.words import as_text

SIGNS = {"-": "−", "*": "·", "@": ""}


def symbol_markup(name: str) -> str:
    """A symbol with its place behind it, `W1[0, 2]`; one that stands for a longer formula as that formula."""
    stem, inside = place(without_axes(name))
    base = markup_name(stem) if NAME.fullmatch(stem) else words_markup(stem)
    return base + (f'<span class="at">[{html.escape(inside)}]</span>' if inside else "")


def words_markup(text: str) -> str:
    """A formula that is given as text, `1 - a1[0, 2]`, with its names as names."""
    return "".join(PIECES[kind](piece) for kind, piece in pieces(text))


PIECES: dict[str, Callable[[str], str]] = {
    "name": symbol_markup,
    "power": lambda power: f"<sup>{power.replace('-', '−')}</sup>",
    "sign": lambda sign: SIGNS[sign],
    "text": lambda text: html.escape(as_text(text)),
}


def factor_markup(text: str) -> str:
    """A factor that is given as text, a sum in parentheses."""
    return f"({words_markup(text)})" if is_sum(text) else words_markup(text)


def number_markup(value: float, digits: int) -> str:
    """A number with so many digits, a true minus, and ten to a power.

    >>> number_markup(-1.2345e-05, 3)
    '−1.23 · 10<sup>−5</sup>'
    """
    mantissa, e, power = written(value, digits).partition("e")
    if not e or not power.lstrip("+-").isdigit():
        return (mantissa + e + power).replace("-", "−")
    exponent = str(int(power)).replace("-", "−")
    return f"{mantissa.replace('-', '−')} · 10<sup>{exponent}</sup>"


def formula_markup(expression: Expression, digits: int | None = None) -> str:
    """A formula; with digits, one that has numbers put in."""
    notation = replace(HTML, name=symbol_markup, infix=infix, forms={**HTML.forms, **POWERS})
    if digits is not None:  # flat: numbers stand where their symbols stood, a constant does not go to the front
        notation = replace(notation, number=lambda node: number_markup(node.value, digits), flat=True)
    return write(expression, notation)


def infix(node: Node, left: str, right: str) -> str:
    """Products of single numbers with a dot."""
    if node.op == "multiply" and not any(arg.shape for arg in node.args):
        return f"{left} · {right}"
    return markup_infix(node, left, right)


def raised(base: str, exponent: str) -> str:
    """A power; a base that is a power of ten itself stands in parentheses."""
    base = f"({base})" if base.endswith("</sup>") else base
    return f"{base}<sup>{exponent}</sup>"


POWERS = {
    "power": Form(raised, HTML.forms["power"].arguments, POWER),
    "square": Form(lambda base: raised(base, "2"), HTML.forms["square"].arguments, POWER),
}
