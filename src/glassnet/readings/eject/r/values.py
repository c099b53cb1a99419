"""Numbers, texts, arrays, columns and rows as R reads them back unchanged, in any locale and on any machine."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from glassnet.data.tables.category_column import CategoryColumn
from glassnet.data.tables.date_column import DateColumn
from glassnet.data.tables.levels import Levels
from glassnet.readings.eject import templates
from glassnet.readings.eject.plan import Plan, scaling_numbers, scaling_points
from glassnet.readings.eject.random_rows import RawRows

WIDTH = 100
LONGEST = 250  # lines of a statement
NARROW = 9  # columns of a matrix that is shown above its hexadecimal numbers


def number(value: float) -> str:
    """A number: as a decimal where R is sure to read that exactly, else in hexadecimal.

    R reads some decimals one unit in the last place off; hexadecimal floats it reads exactly.

    >>> number(0.25), number(-3.0), number(1e-05), number(0.1 + 0.2)
    ('0.25', '-3', '1e-05', '0x1.3333333333334p-2')
    """
    value = float(value)
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Inf" if value > 0 else "-Inf"
    if not is_read_exactly(value):
        return hexadecimal(value)
    text = repr(value)
    return text.removesuffix(".0")


def hexadecimal(value: float) -> str:
    """`0x1.8p-2`: the bits as they are."""
    return re.sub(r"\.?0+p", "p", value.hex()) if value and math.isfinite(value) else number(value)


def is_read_exactly(value: float) -> bool:
    """Whether R reads the shortest decimal exactly: its digits, divided once by a power of ten.

    R divides in 64 bits and rounds to 53, or, on some machines, in 53 at once. Both must give the value.
    """
    _, digits, exponent = Decimal(repr(abs(value))).as_tuple()
    assert isinstance(exponent, int)
    whole = int("".join(map(str, digits))) * 10 ** max(exponent, 0)
    if whole >= 2**53 or exponent < -22:
        return False
    exact = Fraction(whole, 10 ** max(-exponent, 0))
    if not exact:
        return True
    unit = Fraction(2) ** (exact.numerator.bit_length() - exact.denominator.bit_length() - 64)
    return all(float(round(exact / (unit * part)) * (unit * part)) == abs(value) for part in (1, 2))


def text(words: str) -> str:
    """A text in quotes, in ASCII; nothing in it can end it.

    >>> print(text('5" é'))
    "5\\" \\u00e9"
    """
    odd = next((sign for sign in words if sign == "\0" or 0xD800 <= ord(sign) < 0xE000), None)
    if odd is not None:
        raise NotImplementedError(f"a text in R cannot hold the character {odd!r}, and {words!r:.60} does; rename it")
    return '"' + "".join(map(letter, words)) + '"'


def letter(sign: str) -> str:
    """A letter inside a text: ASCII as it is, everything else by its code point."""
    if sign in '"\\':
        return "\\" + sign
    if sign.isascii() and sign.isprintable():
        return sign
    return f"\\u{ord(sign):04x}" if ord(sign) < 0x10000 else f"\\U{ord(sign):08x}"


def cell(value: object) -> str:
    """A value of a table: a number, a text, TRUE or FALSE, or NA."""
    if value is None:
        return "NA"
    if isinstance(value, str):
        return text(value)
    if isinstance(value, bool | np.bool_):
        return "TRUE" if value else "FALSE"
    return number(float(value))  # type: ignore[arg-type]  # a table holds nothing else


def vector(items: Sequence[str], indent: int = 0, first: int = 0) -> str:
    """`c(a, b)`, on as many lines as it needs; `first` is how much stands before it on its line."""
    if len(items) == 1:
        return items[0]
    one = f"c({', '.join(items)})"
    if indent + first + len(one) <= WIDTH:
        return one
    lines = packed(items, WIDTH - indent - 2)
    return "c(\n" + "\n".join(" " * (indent + 2) + line for line in lines) + "\n" + " " * indent + ")"


def packed(items: Sequence[str], width: int) -> list[str]:
    """Items on lines of at most so many characters, each line but the last with a comma behind it."""
    *lines, last = templates.packed(items, width - 1) or [""]
    return [*(f"{line}," for line in lines), last]


def array(values: np.ndarray, indent: int = 0, decimals: bool = True) -> str:
    """An array of one or two axes, row by row; with `decimals`, a comment says what hexadecimal numbers are."""
    values = np.asarray(values, np.float64)
    flat = values.ravel().tolist()
    if values.size == 1 and values.ndim < 2:
        return number(flat[0])
    same = values.size > 1 and len({value.hex() for value in flat}) == 1
    if values.ndim == 1:
        return f"rep({number(flat[0])}, {values.size})" if same else numbers(flat, indent, decimals)
    rows, columns = values.shape
    if same:
        return f"matrix({number(flat[0])}, nrow = {rows}, ncol = {columns})"
    if columns == 1:
        return f"matrix({numbers(flat, indent, decimals)}, ncol = 1)"
    lines = row_lines(values.tolist(), decimals)
    return f"matrix(c(\n{indented(lines, indent + 2)}\n{' ' * indent}), ncol = {columns}, byrow = TRUE)"


def assigned(name: str, values: np.ndarray, about: str = "", decimals: bool = True) -> str:
    """`W1 <- matrix(...)`, in parts where it is long: Rscript reads a statement again with each line of it."""
    lines = f"{name} <- {array(values, decimals=decimals)}".splitlines()
    if decimals and len(lines) == 1 and values.size == 1 and "0x" in lines[0]:
        about = f"{about}  {values.item():.4g}".strip()
    if about:
        lines[0] += f"  # {about}"
    if len(lines) <= LONGEST:
        return "\n".join(lines)
    count = max(1, len(values) * LONGEST // len(lines))
    empty = "matrix(0, nrow = {}, ncol = {})" if values.ndim == 2 else "numeric({})"
    parts = [f"{name} <- {empty.format(*values.shape)}" + (f"  # {about}" if about else "")]
    for low in range(0, len(values), count):
        part = values[low : low + count]
        place = f"{low + 1}:{low + len(part)}" + (", " if values.ndim == 2 else "")
        parts.append(f"{name}[{place}] <- {array(part, decimals=decimals)}")
    return "\n".join(parts)


def indented(lines: Iterable[str], indent: int) -> str:
    """Lines further to the right."""
    return "\n".join(" " * indent + line for line in lines)


def numbers(values: Sequence[float], indent: int, decimals: bool) -> str:
    """Numbers as a vector."""
    if all(map(is_short, values)):
        return vector([number(value) for value in values], indent, 20)
    pieces = [values[low:high] for low, high in pieces_of(len(values), 3 if decimals else 4)]
    return f"c(\n{indented(hex_lines(pieces, decimals), indent + 2)}\n{' ' * indent})"


def row_lines(rows: Sequence[Sequence[float]], decimals: bool) -> list[str]:
    """The rows of a matrix as lines: decimals where all are short, else hexadecimal."""
    if all(is_short(value) for row in rows for value in row):
        return with_commas(line for row in rows for line in packed([number(value) for value in row], WIDTH - 6))
    if not decimals:
        return with_commas(
            line for row in rows for line in packed([short_or_hexadecimal(value) for value in row], WIDTH - 6)
        )
    beside = len(rows[0]) > NARROW
    pieces = [row[low:high] for row in rows for low, high in pieces_of(len(row), 3 if beside else 4)]
    above = [] if beside else [f"# {in_short(row)}" for row in rows]
    return [*above, *hex_lines(pieces, beside)]


def hex_lines(pieces: Sequence[Sequence[float]], beside: bool) -> list[str]:
    """Numbers as lines in hexadecimal, with what they are beside them or not."""
    lines = with_commas(", ".join(map(short_or_hexadecimal, piece)) for piece in pieces)
    width = max(map(len, lines), default=0)
    if not beside:
        return lines
    return [f"{line.ljust(width)}  # {in_short(piece)}" for line, piece in zip(lines, pieces, strict=True)]


def in_short(values: Sequence[float]) -> str:
    """Numbers in four digits, to be read by people."""
    return " ".join(f"{value:9.4g}" for value in values)


def pieces_of(size: int, most: int) -> list[tuple[int, int]]:
    """Bounds of pieces of nearly the same length, of `most` numbers or fewer."""
    count = -(-size // most)
    step = -(-size // max(count, 1)) or 1
    return [(low, min(low + step, size)) for low in range(0, size, step)]


def with_commas(lines: Iterable[str]) -> list[str]:
    """Lines with a comma behind each but the last."""
    lines = [line.rstrip(",") for line in lines]
    return [*(f"{line}," for line in lines[:-1]), *lines[-1:]]


def short_or_hexadecimal(value: float) -> str:
    """A number among hexadecimal ones."""
    return number(value) if is_short(value) else hexadecimal(value)


def is_short(value: float) -> bool:
    """Whether a number is a decimal of a few digits, which R reads exactly."""
    return len(repr(value)) <= 8 and math.isfinite(value) and is_read_exactly(value)


ASCII = {
    "½": "1/2", "¼": "1/4", "≤": "<=", "≥": ">=", "≠": "!=", "·": " ", "∈": "in", "±": "+-", "ⱼ": "_j", "ₖ": "_k",
    "ᵢ": "_i", "Σ": "sum", "σ": "sigmoid", "λ": "lambda", "α": "alpha", "β": "beta", "γ": "gamma", "ε": "eps",
    "√": "sqrt", "π": "pi", "Φ": "Phi", "∂": "d", "…": "...", "−": "-", "–": "-", "—": "-", "×": "x", "→": "->",
    "∞": "Inf", "’": "'", "“": "'", "”": "'", "∑": "sum",
}  # fmt: skip
RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"
LOWERED = str.maketrans(RAISED, "0123456789-")


def comment(words: str) -> str:
    """Words for a comment, in ASCII and on one line.

    >>> comment("½r² where |r| ≤ delta, 2⁻⁵²")
    '1/2 r^2 where |r| <= delta, 2^-52'
    """
    words = re.sub(r"(?<=\S)·(?=\S)", "*", words)
    words = re.sub(r"([½¼])(?=[A-Za-z(])", r"\1 ", words)
    words = re.sub(f"[{RAISED}]+", lambda match: "^" + match[0].translate(LOWERED), words)
    words = "".join(ASCII.get(sign, sign) for sign in words)
    return "".join(sign if sign.isascii() and sign.isprintable() else "?" for sign in words).strip()


def column_text(column: Any, has_levels: bool) -> str:
    """A column of the contract as a list."""
    name = text(column.name)
    if isinstance(column, CategoryColumn):
        categories = vector(list(map(text, column.categories)), indent=4, first=30)
        other = ", other = TRUE" if column.other else ", pair = TRUE" if column.pair else ""
        levels = f",\n    levels = {levels_text(column.levels)}" if has_levels else ""
        return f"list(name = {name}, categories = {categories}{other}, missing = {cell(column.missing)}{levels})"
    given = scaling_numbers(column)
    numbers = ", ".join(f"{key} = {number(value)}" for key, value in given.items())
    about = ", ".join(f"{key} {value:.4g}" for key, value in given.items() if "0x" in number(value))
    periods = ""
    if isinstance(column, DateColumn):
        lengths = ", ".join(map(number, column.periods))
        periods = f",\n    periods = c({lengths})" if lengths else ",\n    periods = numeric(0)"
    levels = f", levels = {levels_text(column.levels)}" if has_levels else ""
    for key, of in scaling_points(column).items():
        inner = "\n      ".join(packed(list(map(number, of)), WIDTH - 24))
        periods += f",\n    {key} = c({inner})"
    rest = f"{numbers}{periods}, missing = {cell(column.indicator)}{levels})"
    one = f"list(name = {name}, {rest}"
    if not about and len(one) <= WIDTH - 3:
        return one
    return f"list(name = {name},{about and f'  # {about}'}\n    {rest}"


def levels_text(levels: Levels) -> str:
    """What becomes of 0 and of 1, for each input that is one of them."""
    texts = [vector(list(map(number, level))) for level in levels]
    if len(texts) > 1 and len(set(texts)) == 1:
        return f"rep(list({texts[0]}), {len(texts)})"
    inner = "\n      ".join(packed(texts, WIDTH - 24))
    return f"list({inner})"


def rows_text(name: str, plan: Plan, rows: RawRows) -> str:
    """Rows as a user has them: a matrix or a data frame."""
    if isinstance(rows, np.ndarray):
        return assigned(name, rows)
    lines = [f"{name} <- list2DF(list("]
    columns = [column.name for column in plan.table.features] if plan.table else []
    for k, column in enumerate(columns, start=1):
        cells = vector([cell(row[column]) for row in rows], indent=2)
        lines.append(f"  {cells}{',' if k < len(columns) else ''}")
    return "\n".join([*lines, "))", f'names({name}) <- vapply(columns, function(column) column$name, "")'])
