"""Columns that must not be learnt from as they are: each is refused with what to do about it.

Reading a table judges nothing: a column with one typing error among a thousand numbers is read as words.
Learning from it would quietly make a category of every number. These checks stand between.
"""

import numpy as np

from glassnet.data.tables.cells import plain_number
from glassnet.data.tables.table import Column, Table, is_missing, is_numbers
from glassnet.data.tables.wording import counted, listed, shown
from glassnet.errors import DataError

NEARLY_ALL, ENOUGH = 0.95, 20  # a column of 20 values or more, over 95 % of them numbers, should be numbers
FEW_CATEGORIES = 10  # up to here a column of words may have a different one in each row


def check_not_empty(table: Table, name: str) -> None:
    """Refuse a column in which every value is missing."""
    if is_missing(table.column(name)).all():
        raise DataError(
            f"column {shown(name)} of {table.source} is missing in every row and gives nothing to "
            f"learn from; leave it out with exclude=[{shown(name)}]"
        )


def check_words_are_words(table: Table, name: str) -> None:
    """Refuse a column of words that was surely meant to be numbers: a decimal comma, a few bad cells."""
    column = table.column(name)
    if is_numbers(column):
        return
    present = np.flatnonzero(~is_missing(column))
    if all(plain_number(column[i], decimal=",") is not None for i in present):
        comma = next((i for i in present if "," in column[i]), None)
        if comma is not None:
            raise DataError(
                f"{table.where(int(comma))}: {shown(column[comma])} in column {shown(name)} looks like a "
                f'number with a decimal comma; read the file with decimal=","'
            )
    odd = [i for i in present if plain_number(column[i]) is None]
    if len(present) >= ENOUGH and 0 < len(odd) < (1 - NEARLY_ALL) * len(present):
        raise DataError(
            f"{table.where(int(odd[0]))}: {shown(column[odd[0]])} in column {shown(name)} is not a "
            f"number, but {len(present) - len(odd):,} of {counted(len(present), 'value')} are; mend "
            f"{counted(len(odd), 'cell')}, or name it in missing=[…] if it means missing"
        )


def check_words_repeat(table: Table, names: list[str]) -> None:
    """Refuse columns with nearly as many different words as rows: they name the rows and say nothing about others."""
    refused = {}
    for name in names:
        present = table.column(name)[~table.missing(name)]
        different = len(set(present))
        if different > max(FEW_CATEGORIES, len(present) / 2):
            refused[name] = (
                f"{shown(name)} ({counted(different, 'different word')} in {len(present):,} rows{_reads(present)})"
            )
    if refused:
        raise DataError(
            f"{table.source} has columns of words with too many different ones to be learnt from, they name the rows: "
            f"{', '.join(refused.values())}; at most half as many as rows are categories; leave them out with "
            f"exclude=[{listed(refused, 20)}]"
        )


def _reads(words: Column) -> str:
    numbers = all(plain_number(word) is not None for word in words)
    return ", all of them numbers written as text: turn the column into numbers" if numbers else ""
