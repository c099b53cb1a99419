"""Words in LaTeX, in lines of text: no letter of them is a command, and Unicode mathematics is mathematics."""

from __future__ import annotations

import re
import unicodedata

NO_BREAK = "\N{NO-BREAK SPACE}"
UNICODE = {
    "α": r"\alpha",
    "β": r"\beta",
    "δ": r"\delta",
    "ε": r"\varepsilon",
    "η": r"\eta",
    "θ": r"\theta",
    "λ": r"\lambda",
    "μ": r"\mu",
    "π": r"\pi",
    "ρ": r"\rho",
    "σ": r"\sigma",
    "Σ": r"\Sigma",
    "Φ": r"\Phi",
    "√": r"\surd",
    "∂": r"\partial",
    "·": r"\cdot",
    "×": r"\times",
    "±": r"\pm",
    "→": r"\to",
    "⊙": r"\odot",
    "⊤": r"\top",
    "←": r"\leftarrow",
    "≥": r"\ge",
    "≤": r"\le",
    "≈": r"\approx",
    "∈": r"\in",
    "∞": r"\infty",
    "⌊": r"\lfloor",
    "⌋": r"\rfloor",
    "½": r"\tfrac{1}{2}",
    "¼": r"\tfrac{1}{4}",
    "−": "-",
    **{letter: f"^{{{plain}}}" for letter, plain in zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ᵗ", "0123456789+-t", strict=True)},
    **{letter: f"_{{{plain}}}" for letter, plain in zip("₀₁₂ₖⱼᵢ", "012kji", strict=True)},
    "\N{COMBINING CIRCUMFLEX ACCENT}": r"\hat{}",
}
SPECIAL = {letter: "\\" + letter for letter in "&%$#_{}"} | {
    "\\": r"\backslash{}",
    "^": r"\wedge{}",
    "~": r"\sim{}",
    "<": "<",
    ">": ">",
    "|": "|",
}
MATH_ONLY = frozenset("\\^~<>|")  # in text, these need mathematics around them
BARE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,:;()[]/+=*")


def latex_text(words: str) -> str:
    r"""Words for \text{…}: no letter is a command, and Unicode mathematics stands between dollars.

    >>> print(latex_text("dz = da·(1 - a²), 50 %"))
    dz = da$\cdot$(1 - a$^{2}$), 50 \%
    """
    words = words.replace(NO_BREAK, " ")
    pieces = re.split(f"([{re.escape(''.join(MATH_ONLY) + ''.join(UNICODE))}]+)", words)
    return "".join(
        f"${' '.join(merged(piece))}$" if k % 2 else "".join(SPECIAL.get(letter, letter) for letter in piece)
        for k, piece in enumerate(pieces)
    )


def merged(piece: str) -> list[str]:
    """Letters as commands; neighbouring superscripts as one, since LaTeX refuses two."""
    commands: list[str] = []
    for letter in piece:
        command = SPECIAL.get(letter) or UNICODE[letter]
        if commands and command[0] in "^_" and commands[-1][:2] == command[:2] == command[0] + "{":
            commands[-1] = commands[-1][:-1] + command[2:]
        else:
            commands.append(command)
    return commands


def latex_words(text: str) -> str:
    r"""Text as TeX sets it: no letter is a command, accents are TeX's own, other letters are written as numbers.

    >>> print(latex_words("café, 50 %, 日, a--b"))
    caf{\'{e}}, 50 \%, {[U+65E5]}, a{-}{-}b
    """
    pieces = re.split(f"([{re.escape(''.join((*UNICODE, NO_BREAK)))}]+)", text)
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
    if letter.isascii() and letter.isprintable():
        return latex_text(letter)
    base, accent = unicodedata.normalize("NFD", letter)[:1], unicodedata.normalize("NFD", letter)[1:]
    if base in BARE and accent in ACCENTS:
        dotless = {"i": r"\i"}.get(base, base)
        return rf"{{\{ACCENTS[accent]}{{{dotless}}}}}"
    return f"{{[U+{ord(letter):04X}]}}"
