"""Spellings of numbers that are not read as numbers: which number each surely means, for the words of an error.

None of them is read silently: 5 % may be wanted as 5 or as 0.05, and 1_000 or 0x10 may be a name.
"""

import re

from glassnet.data.tables.cells import plain_number
from glassnet.data.tables.table import Table
from glassnet.data.tables.wording import shown
from glassnet.data.tables.words import Words

_CURRENCIES = "$€£¥₹"
_HEX = re.compile(r"[+-]?0[xX][0-9a-fA-F]{1,13}")
_FORTRAN, _EXPONENT = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)[dD][+-]?\d+", re.ASCII), str.maketrans("dD", "ee")
_GROUPED = re.compile(r"[+-]?\d{1,3}(_\d{3})+(\.\d+)?")


def first_spelled(table: Table, name: str) -> str:
    """Where a column of words is one of numbers that are spelled otherwise: the first, and how it is to be written.

    >>> from glassnet.data.tables import as_table
    >>> first_spelled(as_table({"x": ["7", "5%"]}), "x")
    "not read as numbers for '5%' in dictionary, row 2: write 5"
    """
    column = table.column(name)
    if not isinstance(column, Words):
        return ""
    plain = {word: plain_spelling(word) for word in column.different()}
    i = column.first(lambda word: plain.get(word) is not None)
    if i is None or not all(plain[word] is not None or plain_number(word) is not None for word in plain):
        return ""
    return f"not read as numbers for {shown(column[i])} in {table.where(i)}: write {plain[str(column[i])]}"


def plain_spelling(word: str) -> str | None:
    """The number that a word is another spelling of, as it would be read; None for any other word.

    >>> [plain_spelling(word) for word in ("1_000", "0x10", "1d5", "5%", "$5.00", "٣", "5", "five")]
    ['1000', '16', '1e5', '5', '5.00', '3', None, None]
    """
    text = word.strip()
    if plain_number(text) is not None:
        return None
    if _HEX.fullmatch(text):
        return str(int(text, 16))
    if _FORTRAN.fullmatch(text):
        return text.translate(_EXPONENT)
    if _GROUPED.fullmatch(text):
        return text.replace("_", "")
    bare = "".join(str(int(letter)) if letter.isdecimal() else letter for letter in text)
    bare = bare.removesuffix("%").strip(_CURRENCIES).strip()
    return bare if plain_number(bare) is not None else None
