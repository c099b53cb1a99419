"""Names and numbers as they stand in a picture: short, on one line, and never anything but text."""

from __future__ import annotations

import math
import re
import textwrap
import unicodedata
from itertools import accumulate, takewhile

from glassnet.readings.explain.numbers import written

LETTER = 0.58  # times the size of the type: how wide a letter is, in most typefaces a little less
UNSEEN = {code: chr(0x2400 + code) for code in range(32)} | {0x7F: "\N{SYMBOL FOR DELETE}"}
KEPT = {ord("\n"), ord("\t")}
NOT_XML = re.compile("[\x80-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
DIRECTIONS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def as_text(name: object) -> str:
    r"""A name as XML may hold it: a control character becomes its picture, half a character the sign for unknown.

    >>> as_text("a\x00b")
    'a␀b'
    """
    text = str(name).translate({code: sign for code, sign in UNSEEN.items() if code not in KEPT})
    return NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def one_line(name: object) -> str:
    r"""A name on one line: line ends and tabs become pictures too.

    >>> one_line("a\nb")
    'a␊b'
    """
    return as_text(name).translate(UNSEEN)


def width(text: str, size: float = 12.0) -> float:
    """About how wide a text is in pixels; Chinese letters count twice, accents of their own nothing."""
    return size * LETTER * sum(letter_width(letter) for letter in text)


def letter_width(letter: str) -> int:
    """0 for what is set above another letter, 2 for wide letters, else 1."""
    if unicodedata.combining(letter) or DIRECTIONS.match(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def shortened(name: object, room: float, size: float = 12.0) -> str:
    """A name on one line, cut with … where it is wider than `room`; marks of direction are left out.

    >>> shortened("bill_length_mm", 60)
    'bill_le…'
    """
    text = DIRECTIONS.sub("", one_line(name))
    widths = accumulate(map(letter_width, text), initial=0)  # of its first letters, from none of them on
    fitting = list(takewhile(lambda letters: size * LETTER * letters <= room, widths))
    if len(fitting) > len(text):
        return text
    kept = sum(size * LETTER * (letters + letter_width("…")) <= room for letters in fitting) - 1
    return text[: max(kept, 0)] + "…"


def wrapped(text: str, room: float, size: float = 12.0, most: int = 9) -> list[str]:
    """A text in lines no wider than `room`, the last of `most` lines cut."""
    columns = max(8, int(room / (size * LETTER)))
    lines = textwrap.wrap(one_line(text), columns, break_on_hyphens=False, break_long_words=False)
    return [shortened(line, room, size) for line in lines[: most - 1]] + (
        [shortened(" ".join(lines[most - 1 :]), room, size)] if len(lines) >= most else []
    )


def short(value: float, digits: int = 3) -> str:
    """A number with so many significant digits, in few letters: a true minus, and never −0.

    >>> [short(value) for value in (-0.73125, -0.0, 1234.5, 0.00001234)]
    ['−0.731', '0', '1234', '1.23e−5']
    """
    if not math.isfinite(value):
        return {math.inf: "∞", -math.inf: "−∞"}.get(value, "NaN")
    mantissa, _, power = written(value, digits).partition("e")
    return (f"{mantissa}e{int(power)}" if power else mantissa).replace("-", "−")


def fitting(value: float, room: float, size: float) -> str:
    """A number with three significant digits, or with fewer where there is no room for them.

    >>> fitting(-0.00123456, 37, 10.5)
    '−0.001'
    """
    texts = [short(value, digits) for digits in (3, 2, 1)]
    return next((text for text in texts if width(text, size) <= room), texts[-1])


def exact(value: float) -> str:
    """All digits of a number: the shortest decimal that reads back as it in its dtype; never -0."""
    return "0" if value == 0 else str(value)
