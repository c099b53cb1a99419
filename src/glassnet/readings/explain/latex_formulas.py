"""Words, names and formulas of single numbers in LaTeX, for an explanation; no letter of a name is a command."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

from glassnet.derivation.latex_page import UNICODE, latex_text
from glassnet.expressions.latex import LATEX
from glassnet.readings.explain.formula_text import Mathematics
from glassnet.readings.explain.numbers import written
from glassnet.readings.explain.picture.words import as_text

BARE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,:;()[]/+=*")


def latex_words(text: str) -> str:
    r"""Text as TeX sets it: no letter is a command, accents are TeX's own, other letters are written as numbers.

    >>> print(latex_words("café, 50 %, 日, a--b"))
    caf{\'{e}}, 50 \%, {[U+65E5]}, a{-}{-}b
    """
    known = {*UNICODE, "\N{NO-BREAK SPACE}"}
    pieces = re.split(f"([{re.escape(''.join(known))}]+)", as_text(text))
    return "".join(latex_text(piece) if k % 2 else "".join(map(latex_letter, piece)) for k, piece in enumerate(pieces))


def letters(text: str) -> int:
    """About how many letters wide a text is as TeX sets it: one that is written as its number, [U+65E5], counts eight.

    >>> letters("café"), letters("日")
    (4, 8)
    """
    return len(text) + 7 * latex_words(text).count("[U+")


ACCENTS = dict(zip("\u0300\u0301\u0302\u0303\u0308\u030a\u0327\u030c", "`'^~\"rcv", strict=True))
QUOTES = {
    "'": "{'}",
    "`": "{`}",
    '"': "{''}",
    "-": "{-}",
    "!": "{!}",
    "?": "{?}",
    "\n": " ",
    "\t": " ",
    "…": r"\dots{}",
}


def latex_letter(letter: str) -> str:
    """One letter."""
    if letter in BARE:
        return letter
    if letter in QUOTES:
        return QUOTES[letter]
    if letter.isascii():
        return latex_text(letter)
    base, accent = unicodedata.normalize("NFD", letter)[:1], unicodedata.normalize("NFD", letter)[1:]
    if base in BARE and accent in ACCENTS:
        dotless = {"i": r"\i"}.get(base, base)
        return rf"{{\{ACCENTS[accent]}{{{dotless}}}}}"
    return f"{{[U+{ord(letter):04X}]}}"


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


def parentheses(text: str) -> str:
    r"""Parentheses that TeX may break a line in, unless there is a fraction inside."""
    return rf"\left({text}\right)" if r"\frac" in text else f"({text})"


def raised(base: str, exponent: str) -> str:
    """A power; a base that is a power of ten itself stands in parentheses."""
    return f"{parentheses(base) if '10^' in base and not base.endswith(')') else base}^{{{exponent}}}"


LATEX_FORMULAS = Mathematics(
    notation=replace(LATEX, parentheses=parentheses),
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
