"""Spellings of numbers that are not read as numbers: which number each surely means, for the words of an error.

None of them is read silently: 5 % may be wanted as 5 or as 0.05, and 1_000 or 0x10 may be a name. A unit is left out
where all cells have the same one: 5 kg and 200 g are not 5 and 200.
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
_INDIAN = re.compile(r"[+-]?\d{1,2}(,\d\d)+,\d{3}(\.\d+)?")  # 12,34,567: lakh and crore
_BRACKETS = re.compile(r"\(([^()+-]*)\)")  # as accountants write what is less than nothing
_ARABIC = str.maketrans({"\u066b": ".", "\u066c": None})
_PRICE = re.compile(r"\d{1,3}(,\d{3})+(\.\d\d)?")  # three digits behind a comma are no cents
_MEASURED = re.compile(
    r"(\S*\d)(?: (\D{1,12})|([^\W\d_A-Z]|°\w|[^\W\d_][^\s\d]{1,7}))"
)  # 5 kg, 5km/h, 5°C; not 5A, 5-6


def first_spelled(table: Table, name: str) -> str:
    """Where a column of words is one of numbers that are spelled otherwise: the first, and how it is to be written.

    >>> from glassnet.data.tables import as_table
    >>> first_spelled(as_table({"x": ["7", "5%"]}), "x")
    "not read as numbers for '5%' in dictionary, row 2: write 5"
    >>> first_spelled(as_table({"x": ["7 kg", "5 kg"]}), "x")
    "not read as numbers for '7 kg' in dictionary, row 1: write 7"
    """
    column = table.column(name)
    if not isinstance(column, Words):
        return ""
    plain = {word: plain_spelling(word) for word in column.different()}
    units = [_MEASURED.fullmatch(word.strip()) for word in plain if plain[word] is None and plain_number(word) is None]
    if any(map(_INDIAN.fullmatch, plain)):  # then 12,345 is no decimal fraction
        plain |= {word: word.replace(",", "") for word in plain if _PRICE.fullmatch(word)}
    if len({found and (found[2] or found[3]) for found in units}) == 1:
        plain |= {found.string: found[1] for found in units if found and plain_number(found[1]) is not None}
    i = column.first(lambda word: plain.get(word) is not None)
    if i is None or not all(plain[word] is not None or plain_number(word) is not None for word in plain):
        return ""
    return f"not read as numbers for {shown(column[i])} in {table.where(i)}: write {plain[str(column[i])]}"


def plain_spelling(word: str) -> str | None:
    """The number that a word is another spelling of, as it would be read; None for any other word.

    >>> [plain_spelling(word) for word in ("1_000", "0x10", "1d5", "5%", "$5.00", "$1,200", "٣", "5", "five")]
    ['1000', '16', '1e5', '5', '5.00', '1200', '3', None, None]
    >>> [plain_spelling(word) for word in ("1,00,000", "(950)", "($1,200)", "١٬٢٠٠٫٥")]
    ['100000', '-950', '-1200', '1200.5']
    """
    text = word.strip()
    if less := _BRACKETS.fullmatch(text):
        amount = less[1].replace(",", "") if _PRICE.fullmatch(less[1]) else less[1]
        amount = amount if plain_number(amount) is not None else plain_spelling(amount) or ""
        return f"-{amount}" if amount else None
    if plain_number(text) is not None:
        return None
    if _HEX.fullmatch(text):
        return str(int(text, 16))
    if _FORTRAN.fullmatch(text):
        return text.translate(_EXPONENT)
    if _GROUPED.fullmatch(text):
        return text.replace("_", "")
    if _INDIAN.fullmatch(text):
        return text.replace(",", "")
    bare = "".join(str(int(letter)) if letter.isdecimal() else letter for letter in text.translate(_ARABIC))
    bare = bare.removesuffix("%")
    sign, unsigned = (bare[0], bare[1:]) if bare[:1] in ("+", "-") else ("", bare)
    amount = unsigned.strip(_CURRENCIES).strip()
    bare = sign + (amount.replace(",", "") if amount != unsigned and _PRICE.fullmatch(amount) else amount)
    return bare if plain_number(bare) is not None else None
