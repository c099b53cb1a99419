"""The rows of a CSV file as lists of texts, cut by Python's csv module; what is no row is refused with its line."""

import csv
import re
from collections.abc import Iterable, Iterator

from glassnet.data.tables.cells import plain_number
from glassnet.data.tables.notation import PLAIN, Notation
from glassnet.data.tables.wording import counted, shown
from glassnet.errors import DataError

DELIMITERS = (",", ";", "\t", "|")

Record = tuple[int, list[str]]
"""The line a row begins on, and its cells."""


def up_to_header(lines: Iterator[str]) -> list[str]:
    """Take the lines up to the first that is not blank."""
    lead = []
    for line in lines:
        lead.append(line)
        if line.strip():
            break
    return lead


def delimiter_of(header: str, decimal: str) -> str:
    """Return the delimiter that cuts the header into most names; of two the first.

    It is the decimal sign only where nothing else cuts the header: then cells with that sign are in quotation marks.
    """
    unquoted = re.sub(r'"[^"]*"', "", header)
    others = [known for known in DELIMITERS if known != decimal]
    cuts = [known for known in others if known in unquoted]
    return max(cuts or [known for known in DELIMITERS if known in unquoted] or others, key=unquoted.count)


def records_in(lines: Iterable[str], delimiter: str, source: str) -> Iterator[Record]:
    """Yield the rows that are not empty; turn the csv module's errors into our own."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise DataError(f"{source}, line {line}: {_csv_error(str(error))}") from None
        if cells is None:
            return
        if cells:
            yield line, cells


def _is_blank(cells: list[str]) -> bool:
    return len(cells) == 1 and not cells[0].strip()


def _csv_error(error: str) -> str:
    if "field limit" in error:
        return (
            f"a cell is longer than {csv.field_size_limit():,} characters; "
            "is a quotation mark open that should be closed?"
        )
    if "end of data" in error:
        return "a quotation mark opens a cell and none closes it before the file ends"
    if "expected after" in error:
        return 'text follows a closing quotation mark; inside a quoted cell that mark is written twice: ""'
    return f"not CSV ({error})"


def header_of(records: Iterator[Record], source: str, notation: Notation = PLAIN) -> dict[str, str]:
    """Return the columns' names, and for each how the file spells it."""
    line, cells = next((record for record in records if not _is_blank(record[1])), (0, []))
    if not cells:
        raise DataError(f"{source} is empty: no header and no rows; the first line must name the columns")
    names = [cell.strip() for cell in cells]
    _check_names_are_names(names, f"{source}, line {line}", notation)
    first: dict[str, int] = {}
    for i, name in enumerate(names):
        where = f"{source}, line {line}: column {i + 1} of the header"
        if not name:
            raise DataError(f"{where} has no name; every column needs one (pandas: to_csv(index=False))")
        if first.setdefault(name, i) < i:
            raise DataError(f"{where} is {shown(name)}, and so is column {first[name] + 1}; rename one")
    return dict(zip(names, cells, strict=True))


def _check_names_are_names(names: list[str], where: str, notation: Notation) -> None:
    """Refuse a first line that is a row: numbers only, or numbers in half of its cells, some of them with a fraction.

    Names like 1990 and 1991 beside `country` are names of years; nobody calls columns 5.1, 3.5 and setosa.
    """
    numbers = [name for name in names if plain_number(name, notation) is not None]
    has_fraction = any(not name.lstrip("+-").isdecimal() for name in numbers)
    if len(numbers) == len(names):
        what = f"the header is numbers only ({shown(names[0])}, …)"
    elif 2 * len(numbers) >= len(names) and has_fraction:
        what = f"the header looks like a row ({', '.join(map(shown, names[:5]))}{', …' if len(names) > 5 else ''})"
    else:
        return
    raise DataError(f"{where}: {what}; the first line must name the columns: put a line with names before it")


def whole_rows(records: Iterable[Record], names: list[str], source: str) -> Iterator[Record]:
    """Yield the rows; refuse one with more or fewer cells than the header."""
    for line, cells in records:
        if len(names) > 1 and _is_blank(cells):
            continue
        if len(cells) != len(names):
            raise DataError(
                f"{source}, line {line} has {counted(len(cells), 'field')}, the header has {len(names)}; "
                "every row must have as many (a cell that holds a delimiter needs quotation marks)"
            )
        yield line, cells
