"""Formulas of single numbers in HTML: names with their places, `W1[0, 2]`, or numbers put in for them."""

from __future__ import annotations

import html

from glassnet.expressions.markup import HTML
from glassnet.readings.explain.formula_text import Mathematics
from glassnet.readings.explain.numbers import written
from glassnet.readings.explain.picture.words import as_text

SIGNS = {"-": "−", "*": "·", "@": ""}


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


def raised(base: str, exponent: str) -> str:
    """A power; a base that is a power of ten itself stands in parentheses."""
    base = f"({base})" if base.endswith("</sup>") else base
    return f"{base}<sup>{exponent}</sup>"


HTML_FORMULAS = Mathematics(
    notation=HTML,
    number=number_markup,
    place=lambda inside: f'<span class="at">[{html.escape(inside)}]</span>',
    pieces={
        "power": lambda power: f"<sup>{power.replace('-', '−')}</sup>",
        "sign": lambda sign: SIGNS[sign],
        "text": lambda text: html.escape(as_text(text)),
    },
    raised=raised,
    dot=" · ",
    arrow="←",
    about="≈",
)
