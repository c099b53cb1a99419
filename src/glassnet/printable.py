"""Text for streams that cannot show all of it: `L = ½·Σr²` where only ASCII goes is `L = 1/2*Sigma*r^2`, not an error.

A console with a code page, `LC_ALL=C` and files opened with an old encoding know some letters and no others. What is
made to be printed asks `printable`, which replaces what the stream lacks and nothing else; the command line tells its
streams to do so themselves (`REPLACING`).
"""

import codecs
import sys
import unicodedata
from typing import Any, TextIO

REPLACING = "glassnet-readable"
"""The name of the error handler, for `stream.reconfigure(errors=...)` after `register()`."""

WORDS = {
    "·": "*", "…": "...", "←": "<-", "→": "->", "∂": "d", "√": "sqrt", "−": "-", "×": "x", "÷": "/", "±": "+/-",
    "∓": "-/+", "≤": "<=", "≥": ">=", "≠": "!=", "≈": "~", "∞": "inf", "∈": "in", "‖": "||", "⊙": "*", "⊤": "^T",
    "∧": "and", "∨": "or", "¬": "not ", "∑": "sum", "⌊": "floor(", "⌋": ")", "⌈": "ceil(", "⌉": ")", "ℓ": "l",
    "½": "1/2", "¼": "1/4", "¾": "3/4", "⅓": "1/3", "⅔": "2/3", "–": "-", "—": "-", "‘": "'", "’": "'", "“": '"',
    "”": '"', "«": '"', "»": '"', "•": "*", "ß": "ss", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "œ": "oe", "ł": "l",
    "Ł": "L", "đ": "d", "€": "EUR", "°": " deg", "µ": "mu", "\N{COMBINING CIRCUMFLEX ACCENT}": "hat", "✓": "ok",
    "✗": "x", "␀": "<NUL>", "␇": "<BEL>", "␊": "<LF>", "▁": "_", "▂": ".", "▃": ":", "▄": "-", "▅": "=", "▆": "+",
    "▇": "*", "█": "#",
}  # fmt: skip

GREEK = "GREEK SMALL LETTER ", "GREEK CAPITAL LETTER "
BOX = {"HORIZONTAL": "-", "VERTICAL": "|"}


def in_ascii(letter: str, before: str = "") -> str:
    """A letter as people write it who have ASCII alone; `?` where there is no such way.

    >>> [in_ascii(letter) for letter in "∂βΣ²₁é─日"]
    ['d', 'beta', 'Sigma', '^2', '1', 'e', '-', '?']
    """
    if letter in WORDS:
        return WORDS[letter]
    name = unicodedata.name(letter, "")
    for start in GREEK:
        if name.startswith(start):
            word = name.removeprefix(start).split()[0].lower().replace("lamda", "lambda")
            return word.capitalize() if "CAPITAL" in start else word
    if name.startswith("BOX DRAWINGS"):
        return BOX.get(name.split()[-1], "+")
    plain = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
    if is_raised(letter):
        return plain if is_raised(before) else f"^{plain or '-'}"
    if name.startswith(("LATIN SUBSCRIPT", "SUBSCRIPT")) and plain.isalpha():
        return f"_{plain}"
    return plain or "?"


def is_raised(letter: str) -> bool:
    """Whether a letter is an exponent."""
    return bool(letter) and unicodedata.decomposition(letter).startswith("<super>")


def in_encoding(text: str, encoding: str) -> str:
    """A text with what an encoding lacks written in ASCII.

    >>> in_encoding("½·Σ(y − o)², 10⁻⁵", "ascii"), in_encoding("½·Σ(y − o)²", "cp1252")
    ('1/2*Sigma(y - o)^2, 10^-5', '½·Sigma(y - o)²')
    """
    if has(encoding, text):
        return text
    letters = zip(text, " " + text, strict=False)
    return "".join(letter if has(encoding, letter) else in_ascii(letter, before) for letter, before in letters)


def has(encoding: str, text: str) -> bool:
    """Whether an encoding has all letters of a text."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def printable(text: str, stream: TextIO | None = None) -> str:
    """A text as a stream can show it, by default stdout."""
    encoding = encoding_of(sys.stdout if stream is None else stream)
    return text if encoding is None else in_encoding(text, encoding)


def printable_code(text: str, pairs: bool = False) -> str:
    r"""A program as stdout can show it: in escapes that strings in Python, R, JavaScript and C have.

    `pairs`: letters that have more than 16 bits as two escapes, for JavaScript.
    """
    encoding = encoding_of(sys.stdout)
    if encoding is None or has(encoding, text):
        return text
    return "".join(letter if has(encoding, letter) else escape(letter, pairs) for letter in text)


def escape(letter: str, pairs: bool = False) -> str:
    r"""A letter in ASCII.

    >>> print(escape("ö"), escape("😀"), escape("😀", pairs=True))
    \u00f6 \U0001f600 \ud83d\ude00
    """
    if ord(letter) < 1 << 16:
        return f"\\u{ord(letter):04x}"
    halves = letter.encode("utf-16-be").hex()
    return f"\\u{halves[:4]}\\u{halves[4:]}" if pairs else f"\\U{ord(letter):08x}"


def encoding_of(stream: Any) -> str | None:
    """A stream's encoding; None where there is no stream, or none that has one, such as text in memory."""
    return getattr(stream, "encoding", None)  # what stands in for stdout may be anything with a method write


def register() -> None:
    """Make `REPLACING` known to streams."""
    codecs.register_error(REPLACING, replace)


def replace(error: UnicodeError) -> tuple[str, int]:
    """What stands for the letters that an encoding lacks."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    around = error.object
    letters = range(error.start, error.end)
    return "".join(in_ascii(around[k], around[k - 1] if k else "") for k in letters), error.end
