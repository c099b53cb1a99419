"""Columns that must not be learnt from as they are: each is refused with what to do about it.

Reading a table judges nothing: a column with one typing error among a thousand numbers is read as words.
Learning from it would quietly make a category of every number. These checks stand between.
"""

import re

import numpy as np

from glassnet.data.tables.category_column import words_of
from glassnet.data.tables.cells import plain_number
from glassnet.data.tables.spellings import plain_spelling
from glassnet.data.tables.table import Table, is_missing
from glassnet.data.tables.wording import counted, listed, shown
from glassnet.data.tables.words import Words
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
    if not isinstance(column, Words):
        return
    if all(plain_number(word, decimal=",") is not None for word in column.different()):
        comma = column.first(lambda word: "," in word)
        if comma is not None:
            raise DataError(
                f"{table.where(comma)}: {shown(column[comma])} in column {shown(name)} looks like a "
                f'number with a decimal comma; read the file with decimal=","'
            )
    odd = column.each(np.array([*(plain_number(word) is None for word in column.words), False]))
    n_odd, n_present = int(odd.sum()), int((~column.missing).sum())
    if n_present >= ENOUGH and 0 < n_odd < (1 - NEARLY_ALL) * n_present:
        i = int(odd.argmax())
        plain = plain_spelling(str(column[i]))
        raise DataError(
            f"{table.where(i)}: {shown(column[i])} in column {shown(name)} is not a "
            f"number, but {n_present - n_odd:,} of {counted(n_present, 'value')} are; mend "
            f"{counted(n_odd, 'cell')}{f' (write {plain})' if plain else ''}, "
            "or name it in missing=[…] if it means missing"
        )


def check_words_repeat(table: Table, names: list[str]) -> None:
    """Refuse columns with nearly as many different words as rows: they name the rows and say nothing about others."""
    refused = {}
    for name in names:
        words, present = words_of(table, name).different(), int((~table.missing(name)).sum())
        if len(words) > max(FEW_CATEGORIES, present / 2):
            reads = _reads(table, name, words)
            refused[name] = f"{shown(name)} ({counted(len(words), 'different word')} in {present:,} rows{reads})"
    if refused:
        raise DataError(
            f"{table.source} has columns of words with too many different ones to be learnt from, they name the rows: "
            f"{', '.join(refused.values())}; at most half as many as rows are categories; leave them out with "
            f"exclude=[{listed(refused, 20)}]"
        )


def _reads(table: Table, name: str, words: list[str]) -> str:
    """What the words of a column look like, if not like words, and what to do then."""
    if all(plain_number(word) is not None for word in words):
        return ", all of them numbers written as text: turn the column into numbers"
    plain = {word: plain_spelling(word) for word in words}
    if all(plain[word] is not None or plain_number(word) is not None for word in words):
        column = table.column(name)
        i = next(i for i in range(len(table)) if plain.get(str(column[i])))
        return f", not read as numbers for {shown(column[i])} in {table.where(i)}: write {plain[str(column[i])]}"
    if all(_LIKE_A_DATE.match(word) for word in words):
        return ", dates? write them like 2024-03-01"
    return ""


_LIKE_A_DATE = re.compile(r"\d{1,4}([./-])\d{1,2}\1\d{1,4}\b")
