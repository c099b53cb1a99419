"""Columns that must not be learnt from as they are: each is refused with what to do about it.

Reading a table judges nothing: a column with one typing error among a thousand numbers is read as words.
Learning from it would quietly make a category of every number. These checks stand between.
"""

import re
from collections.abc import Collection

import numpy as np

from glassnet.data.tables.cells import plain_number
from glassnet.data.tables.dates import is_dates
from glassnet.data.tables.facts import Facts
from glassnet.data.tables.notation import Notation
from glassnet.data.tables.separators import (
    WAYS,
    how_to_read,
    may_be_a_number,
    not_grouped,
    shape_of,
    ways_in,
    ways_of,
    where_to_look,
)
from glassnet.data.tables.spellings import first_spelled, plain_spelling
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
    """Refuse a column of words that was surely meant to be numbers: commas, badly grouped digits, a few bad cells."""
    column = table.column(name)
    if not isinstance(column, Words):
        return
    _check_groups(table, name, column)
    ways = ways_in(table, name)
    if ways and table.notation not in ways:
        i, why = where_to_look(table, name, ways)
        raise DataError(
            f"{table.where(i)}: {shown(column[i])} in column {shown(name)} {how_to_read(str(column[i]), ways)}{why}"
        )
    if not ways:
        _check_one_notation(table, name, column)
    _check_nearly_all(table, name, column, table.notation)
    counts = column.counts()
    if sum(count for word, count in counts.items() if may_be_a_number(word)) > NEARLY_ALL * sum(counts.values()):
        for way in WAYS:
            _check_nearly_all(table, name, column, way)


def check_all_rows(table: Table, target: str, exclude: Collection[str]) -> None:
    """`check_words_are_words` for the inputs, before rows are held out: the odd cell may be in one of those."""
    for name in table.names:
        if name != target and name not in exclude and name not in table.unreadable and not is_dates(table, name):
            check_words_are_words(table, name)


def _check_groups(table: Table, name: str, column: Words) -> None:
    """Refuse a column of digits that are not grouped as numbers of the table are, where these have groups."""
    notation, words = table.notation, column.different()
    if notation.thousands is None or not all(map(notation.is_like_a_number, words)):
        return
    i = column.first(lambda word: plain_number(word, notation) is None)
    if i is not None:
        ways = ways_in(table, name)
        raise DataError(
            f"{table.where(i)}: {shown(column[i])} in column {shown(name)} {not_grouped(notation)}; mend the cell"
            + (f", or read the file with {ways[0]}, in which all cells of the column are numbers" if ways else "")
        )


def _check_one_notation(table: Table, name: str, column: Words) -> None:
    """Refuse a column whose words are numbers each, but not in one notation: `1.5` and `2,5`."""
    shapes = dict[str, str]()
    for word in column.different():
        shapes.setdefault(shape_of(word), word)
    words = list(shapes.values())
    if not all(map(may_be_a_number, words)) or not all(ways_of([word], table.notation) for word in words):
        return
    left = list(WAYS)
    for odd in words:
        left = [way for way in left if plain_number(odd, way) is not None]
        if not left:
            break
    other = column.first(lambda word: word == odd)
    unlike = {shape for shape in shapes if not ways_of([shape, odd], table.notation)}
    first = column.first(lambda word: shape_of(word) in unlike)
    if other is not None and first is not None:
        raise DataError(
            f"{table.where(other)}: {shown(column[other])} in column {shown(name)} is written in another way than "
            f"{shown(column[first])} in {table.unit} {table.lines[first]}, and no decimal sign with or without a sign "
            "between thousands makes numbers of both; write all cells in one way"
        )


def _check_nearly_all(table: Table, name: str, column: Words, way: Notation) -> None:
    """Refuse a column in which a few cells are no numbers of a notation and all the others are."""
    odd = column.each(np.array([*(plain_number(word, way) is None for word in column.words), False]))
    n_odd, n_present = int(odd.sum()), int((~column.missing).sum())
    if n_present >= ENOUGH and 0 < n_odd < (1 - NEARLY_ALL) * n_present:
        i = int(odd.argmax())
        plain = plain_spelling(str(column[i]))
        read = "" if way == table.notation else f" (read with {way})"
        raise DataError(
            f"{table.where(i)}: {shown(column[i])} in column {shown(name)} is not a "
            f"number, but {n_present - n_odd:,} of {counted(n_present, 'value')} are{read}; mend "
            f"{counted(n_odd, 'cell')}{f' (write {plain})' if plain else ''}, "
            f"or say {as_missing(column[i])} if it means missing"
        )


def as_missing(word: object) -> str:
    """The option with which a word means missing; the command line puts it in its own words."""
    return "missing=[…]" if "]" in str(word) else f"missing=[{shown(word)}]"


def check_words_repeat(table: Table, names: list[str], facts: Facts) -> None:
    """Refuse columns with nearly as many different words as rows: they name the rows and say nothing about others."""
    refused = {}
    for name in names:
        words, present = list(facts.words(name)), facts.rows - facts.missing(name)
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
    if spelled := first_spelled(table, name):
        return f", {spelled}"
    if all(_LIKE_A_DATE.match(word) for word in words):
        return ", dates? write them like 2024-03-01"
    numbers = sum(plain_number(word, table.notation) is not None for word in words)
    column = table.column(name)
    if numbers > len(words) / 2 and isinstance(column, Words):
        i = column.first(lambda word: plain_number(word, table.notation) is None)
        if i is not None:
            odd = column[i]
            return f", most of them numbers, but {shown(odd)} in {table.where(i)}: mend it, or say {as_missing(odd)}"
    return ""


_LIKE_A_DATE = re.compile(r"\d{1,4}([./-])\d{1,2}\1\d{1,4}\b")
