"""What the commas, points, apostrophes and spaces in a column of words can be, if its words are numbers.

`1,5` can only have a decimal comma, `1,234,567` and `1,200.5` only commas between thousands, `0,125` only a decimal
one, since no number begins with a group of one 0; `1,200` can be either. A column is decided by any of its cells, or by
a cell of another column, for a file writes its numbers in one way. Where nothing decides, nothing is guessed.
"""

from collections.abc import Iterable
from itertools import product
from weakref import WeakKeyDictionary

from glassnet.data.tables.cells import number_text, plain_number
from glassnet.data.tables.notation import DECIMALS, PLAIN, THOUSANDS, Notation
from glassnet.data.tables.table import Table
from glassnet.data.tables.wording import shown
from glassnet.data.tables.words import Words

WAYS = tuple(
    Notation(decimal, thousands) for decimal, thousands in product(DECIMALS, (None, *THOUSANDS)) if decimal != thousands
)


_ONES = str.maketrans("23456789", "11111111")


def shape_of(word: str) -> str:
    """Return a word with ones for its digits, but for a 0 that comes first: how it can be read depends on no more.

    >>> shape_of("1,200"), shape_of("-0,125")
    ('1,111', '-0,111')
    """
    first = 1 if word[:1] in ("+", "-") else 0
    return word[: first + 1].translate(_ONES) + word[first + 1 :].translate(_ONES).replace("0", "1")


def ways_of(words: Iterable[str], given: Notation = PLAIN) -> list[Notation]:
    """Return the notations in which all these words are numbers, and that have no sign which no word has.

    A decimal comma that was given stays one, if it can.

    >>> [str(way) for way in ways_of(["1,200", "950"])], [str(way) for way in ways_of(["1.234,5", "950"])]
    (['thousands=","', 'decimal=","'], ['decimal="," and thousands="."'])
    """
    shapes = list(dict.fromkeys(map(shape_of, words)))
    ways = [way for way in WAYS if all(plain_number(shape, way) is not None for shape in shapes)]
    used = [way for way in ways if _is_used(way, shapes, given)]
    return [way for way in used if way.decimal == given.decimal != "."] or used


def _is_used(way: Notation, words: list[str], given: Notation) -> bool:
    decimal = way.decimal in (".", given.decimal) or any(way.decimal in word for word in words)
    signs = THOUSANDS.get(way.thousands or "", "")
    return decimal and (not signs or any(sign in word for word in words for sign in signs))


def ways_in(table: Table, name: str) -> list[Notation]:
    """Return the notations in which a column of words is numbers, as the other columns of the table allow."""
    known = _known.get(table)
    if known is None:
        known = _known[table] = {column: tuple(_ways_of_column(table, column)) for column in table.columns}
    ways = list(known[name])
    for there in dict.fromkeys(known.values()):  # its own are among them, and allow all
        if there:
            ways = [way for way in ways if any(_agree(way, other) for other in there)] or ways
    return ways


_known: WeakKeyDictionary[Table, dict[str, tuple[Notation, ...]]] = WeakKeyDictionary()
"""Of each table that was asked for, the ways of each column by itself: to find them takes a look at all cells."""


def only_way(table: Table) -> Notation:
    """Return the one notation in which a column of words is numbers, if there is such a column; else the table's.

    >>> from glassnet.data.tables import as_table
    >>> [only_way(as_table({"x": [*words.split()]})).decimal for words in ("1,5 2", "1,500 2,000", "1,5 two")]
    [',', '.', '.']
    """
    for name in table.columns:
        ways = ways_in(table, name)
        if len(ways) == 1 and _differs(ways[0], table.notation):
            return ways[0]
    return table.notation


def _differs(way: Notation, known: Notation) -> bool:
    """Tell whether a notation has a sign that a known one lacks, and none that this has otherwise."""
    is_new = (way.decimal, way.thousands) != (known.decimal, known.thousands)
    keeps = known.decimal in (".", way.decimal) and known.thousands in (None, way.thousands)
    return is_new and keeps


def _ways_of_column(table: Table, name: str) -> list[Notation]:
    column = table.columns[name]
    if not isinstance(column, Words):
        return []
    words = column.different()
    return ways_of(words, table.notation) if all(may_be_a_number(word) for word in words) else []


def may_be_a_number(word: str) -> bool:
    """Tell whether a word begins and ends as numbers do; most words can be told from them so."""
    return word[:1] in "+-.,0123456789" and word[-1:] in ".,0123456789"


def _agree(one: Notation, other: Notation) -> bool:
    """Tell whether a file can be written in both, one of which may have no thousands."""
    return one.decimal == other.decimal and (one.thousands in (None, other.thousands) or other.thousands is None)


def how_to_read(word: str, ways: list[Notation]) -> str:
    """Return what a word can be, and how to say which.

    >>> print(how_to_read("1,200", ways_of(["1,200"])))
    can be 1200 (thousands=",") or 1.2 (decimal=","); say which when the file is read
    """
    if len(ways) == 1:
        return f"{_kind(ways[0])}; read the file with {ways[0]}"
    return f"can be {numbers_it_can_be(word, ways)}; say which when the file is read"


def numbers_it_can_be(word: str, ways: list[Notation]) -> str:
    """Return the numbers that a word stands for: `1200 (thousands=",") or 1.2 (decimal=",")`."""
    return " or ".join(f"{number_text(plain_number(word, way) or 0.0)} ({way})" for way in ways)


def _kind(way: Notation) -> str:
    sign = {",": "comma", ".": "point"}[way.decimal]
    if way.thousands is None:
        return f"looks like a number with a decimal {sign}"
    beside = f" and a decimal {sign}" if way.decimal == "," else ""
    return f"looks like a number with {shown(way.thousands)} between thousands{beside}"


def not_grouped(notation: Notation) -> str:
    """Return what is wrong with digits that are not grouped as numbers are."""
    return (
        f"is no number with {shown(notation.thousands)} between thousands, "
        "which has three digits in each group but the first"
    )


def where_to_look(table: Table, name: str, ways: list[Notation]) -> tuple[int, str]:
    """Return the row that decides how a column is read, or its first that is no number yet, and what else there is."""
    column = table.columns[name]
    is_odd = isinstance(column, Words) and column.first(lambda word: plain_number(word, table.notation) is None)
    first = int(is_odd or 0)
    if len(ways) > 1:
        return first, ", as three digits follow in all cells of the column"
    deciding = _deciding(table, name, ways)
    if deciding is not None:
        return deciding, ""
    for other in table.columns:
        i = _deciding(table, other, ways)
        if i is not None:
            cell = shown(table.columns[other][i])
            return first, f", as {cell} in column {shown(other)}, {table.unit} {table.lines[i]}, can be nothing else"
    return first, ""


def _deciding(table: Table, name: str, ways: list[Notation]) -> int | None:
    """Return the first row of a column that can be read in one way alone, which is this."""
    column = table.columns[name]
    if not isinstance(column, Words) or not _ways_of_column(table, name):
        return None
    decides = {shape: _decides(shape, ways[0], table.notation) for shape in {*map(shape_of, column.words)}}
    return column.first(lambda word: decides[shape_of(word)])


def _decides(word: str, way: Notation, given: Notation) -> bool:
    alone = ways_of([word], given)
    return plain_number(word, given) is None and len(alone) == 1 and _agree(alone[0], way)
