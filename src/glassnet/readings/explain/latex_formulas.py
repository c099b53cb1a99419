"""Names and formulas of single numbers in LaTeX, for an explanation."""

from __future__ import annotations

import re

from glassnet.expressions.latex import BREAKABLE, parentheses
from glassnet.expressions.latex_words import latex_words
from glassnet.readings.explain.formula_text import Mathematics
from glassnet.readings.explain.numbers import written


def between_names(text: str) -> str:
    """Parentheses, digits and signs of a formula; anything else as text."""
    return text if re.fullmatch(r"[\d.,()+/ ]*", text) else rf"\text{{{latex_words(text)}}}"


def latex_value(value: float, digits: int) -> str:
    r"""A number with so many digits; ten to a power; words for what is no number.

    >>> print(latex_value(-1.2345e-05, 3))
    -1.23 \cdot 10^{-5}
    """
    text = written(value, digits)
    mantissa, e, power = text.partition("e")
    if e and power.lstrip("+-").isdigit():
        return rf"{mantissa} \cdot 10^{{{int(power)}}}"
    return rf"\text{{{text}}}" if not text.strip("-").replace(".", "").isdigit() else text


def raised(base: str, exponent: str) -> str:
    """A power; a base that is a power of ten itself stands in parentheses."""
    return f"{parentheses(base) if '10^' in base and not base.endswith(')') else base}^{{{exponent}}}"


LATEX_FORMULAS = Mathematics(
    notation=BREAKABLE,
    number=latex_value,
    place=lambda inside: f"[{inside}]",
    pieces={
        "power": lambda power: f"^{{{power}}}",
        "sign": lambda sign: {"-": "-", "*": r"\cdot ", "@": r"\, "}[sign],
        "text": between_names,
    },
    raised=raised,
    dot=r" \cdot ",
    arrow=r"\leftarrow",
    about=r"\approx",
)
