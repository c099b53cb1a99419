"""Spellings of numbers that are not read as numbers: which number each surely means, for the words of an error.

None of them is read silently: 5 % may be wanted as 5 or as 0.05, and 1_000 or 0x10 may be a name.
"""

import re

from glassnet.data.tables.cells import plain_number

_CURRENCIES = "$€£¥₹"
_HEX = re.compile(r"[+-]?0[xX][0-9a-fA-F]{1,13}")
_GROUPED = re.compile(r"[+-]?\d{1,3}(_\d{3})+(\.\d+)?")


def plain_spelling(word: str) -> str | None:
    """The number that a word is another spelling of, as it would be read; None for any other word.

    >>> [plain_spelling(word) for word in ("1_000", "0x10", "5%", "$5.00", "٣", "5", "five")]
    ['1000', '16', '5', '5.00', '3', None, None]
    """
    text = word.strip()
    if plain_number(text) is not None:
        return None
    if _HEX.fullmatch(text):
        return str(int(text, 16))
    if _GROUPED.fullmatch(text):
        return text.replace("_", "")
    bare = "".join(str(int(letter)) if letter.isdecimal() else letter for letter in text)
    bare = bare.removesuffix("%").strip(_CURRENCIES).strip()
    return bare if plain_number(bare) is not None else None
