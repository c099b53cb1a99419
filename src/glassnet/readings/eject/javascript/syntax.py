"""How JavaScript writes numbers, texts, arrays and loops."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from glassnet.data.tables.category_column import CategoryColumn
from glassnet.data.tables.date_column import DateColumn
from glassnet.data.tables.levels import Levels
from glassnet.expressions.expression import ROWS, Dim, Expression
from glassnet.expressions.notation import CHOICE, COMPARE, PRODUCT, SUM, Form
from glassnet.readings.eject.c_family.program import WIDTH, comment_lines, listed
from glassnet.readings.eject.c_family.syntax import C_LIKE, Syntax
from glassnet.readings.eject.names import escaped
from glassnet.readings.eject.plan import scaling_numbers, scaling_points

PLAIN = "/;[]{}|#$@^~!'*?"  # signs that a text may have besides harmless ones
BATCH = "BATCH"  # the largest number of rows in an array

# What formulas and steps may not be called: JavaScript's words, the objects it has, what the program defines
WORDS = """
abstract arguments async await boolean break byte case catch char class const continue debugger default delete do
double else enum eval export extends false final finally float for from function get goto if implements import in
instanceof int interface let long native new null of package private protected public return set short static super
switch synchronized this throw throws transient true try typeof undefined var void volatile while with yield NaN
Infinity Array BigInt Boolean Date Error Float64Array JSON Map Math Number Object RangeError String TypeError console
document globalThis isFinite isNaN process self window constructor prototype
forward forwardTraining lossOfBatch backward update train encode check cell isMissing scaled oneHot predict
predictProba predictScores selfTest isMain shown uniform next32 next64 state half shuffleRows order stepsDone
epochsDone column row value number word absent found best batch first loss share epochs seen expected difference
largest same total rows scores COLUMNS CLASSES MISSING BLANKS NUMBER TESTED EXPECTED SCALES BATCH EPOCHS N_ROWS
CLOCK ZONE DATE daysOf dateInputs smoothClip normalQuantile levels level LEAST EDGES WIDTHS predictInterval
predictSet edge width
N_INPUTS N_PARAMETERS ALL_X ALL_Y ALL_W TIMES PLUS
"""
RESERVED = frozenset(WORDS.split())

FUNCTIONS = {"absolute": "Math.abs", "maximum": "Math.max", "minimum": "Math.min", "random": "uniform"}


def power(base: str, exponent: str) -> str:
    """`x ** 2`; its sign binds tighter than a minus before it, which JavaScript therefore refuses."""
    held = base if re.fullmatch(r"\w+(\[[^\[\]]*\])?", base) else f"({base})"
    return f"{held} ** {exponent if re.fullmatch('[0-9.a-z_]+', exponent) else f'({exponent})'}"


def place(name: str, dims: tuple[Dim, ...], variables: tuple[str, ...]) -> str:
    """An element of an array that is stored row by row: `W1[j * 4 + k]`."""
    text = variables[0] if variables else "0"
    text = f"({text})" if " " in str(text) and len(variables) > 1 else text  # of a product by blocks
    for k, (dim, variable) in enumerate(zip(dims[1:], variables[1:], strict=True)):
        text = f"{f'({text})' if k else text} * {dim} + {variable}"
    return f"{name}[{text}]"


def length(dims: Sequence[Dim], rows: str = "n") -> str:
    """How many numbers an array has."""
    known = math.prod(dim for dim in dims if isinstance(dim, int))
    return str(known) if ROWS not in dims else rows if known == 1 else f"{rows} * {known}"


def literal(value: Any) -> str:
    """The shortest decimals that read back as a number."""
    value = float(value)
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if value.is_integer() and abs(value) < 1e15 and not (value == 0.0 and math.copysign(1.0, value) < 0):
        return str(int(value))
    return repr(value)


SYNTAX = Syntax(
    number=lambda value, kind: literal(value),
    notation=replace(
        C_LIKE,
        number=lambda node: literal(node.value),
        forms={
            **C_LIKE.forms,
            "equal": Form("{} === {}".format, (SUM, SUM), COMPARE),
            "not_equal": Form("{} !== {}".format, (SUM, SUM), COMPARE),
            "power": Form(power, (CHOICE, CHOICE), PRODUCT),
        },
    ),
    single=False,
    function=lambda op, kind: FUNCTIONS.get(op, f"Math.{op}"),
    power=lambda base, exponent, kind: Expression("power", (base, exponent)),
    constant=lambda kind, name, value: f"const {name} = {value};",
    variable=lambda kind, name, value: f"let {name} = {value};",
    buffer=lambda name, dims: f"const {name} = new Float64Array({length(dims)});",
    place=place,
    loop=lambda variable, stop: f"for (let {variable} = 0; {variable} < {stop}; {variable}++)",
    comment=lambda words: comment(words),
)


def array(name: str, values: np.ndarray, note: str) -> list[str]:
    """`const W1 = new Float64Array([...]); // (2, 4)`, a row of a matrix on lines of its own."""
    values = np.asarray(values)
    rows = values.reshape(-1, values.shape[-1]) if values.ndim > 1 and values.shape[-1] > 1 else values.reshape(1, -1)
    inner = [line for row in rows for line in listed([literal(value) for value in row], WIDTH - 4)]
    ending = f" // {note}" if note else ""
    one = f"const {name} = new Float64Array([{' '.join(inner).removesuffix(',')}]);{ending}"
    if len(inner) == 1 and len(one) <= WIDTH:
        return [one]
    return [f"const {name} = new Float64Array([{ending}", *(f"    {line}" for line in inner), "]);"]


def string(words: str) -> str:
    """A string literal that may also stand in a page's script: no < in it, no line separators."""
    return '"' + "".join(letter if letter in PLAIN else escaped(letter, wide="\\u{{{:x}}}") for letter in words) + '"'


def label(value: Any) -> str:
    """A class."""
    if isinstance(value, str):
        return string(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value}n" if isinstance(value, int) and abs(value) > 2**53 else literal(value)


def cell(value: float | str | None) -> str:
    """A value of a row."""
    return "null" if value is None else string(value) if isinstance(value, str) else literal(value)


def column(item: Any, has_levels: bool) -> str:
    """A column as an object."""
    if isinstance(item, CategoryColumn):
        other = ", other: true" if item.other else ", pair: true" if item.pair else ""
        fields = f"categories: {items(map(string, item.categories))}{other}, missing: {str(item.missing).lower()}"
    else:
        numbers = ", ".join(f"{name}: {literal(value)}" for name, value in scaling_numbers(item).items())
        numbers += "".join(f", {name}: {items(map(literal, of))}" for name, of in scaling_points(item).items())
        periods = f", periods: {items(map(literal, item.periods))}" if isinstance(item, DateColumn) else ""
        fields = f"{numbers}{periods}, missing: {str(item.indicator).lower()}"
    if has_levels:
        fields += f", levels: {levels(item.levels)}"
    return f"{{ name: {string(item.name)}, {fields} }},"


def levels(pairs: Levels) -> str:
    """What becomes of 0 and of 1, for each input that is one of them."""
    texts = [f"[{', '.join(map(literal, pair))}]" for pair in pairs]
    if len(texts) > 1 and len(set(texts)) == 1:
        return f"new Array({len(texts)}).fill({texts[0]})"
    return items(texts) if texts else "[]"


def key(name: str) -> str:
    """A property's name in an object; `__proto__` would be another thing there."""
    return f"[{string(name)}]" if name == "__proto__" else string(name)


def comment(words: str) -> list[str]:
    """Lines of comment that cannot end the script of a page."""
    lines = comment_lines(words, WIDTH - 8, {"</": "< /", "<!": "< !", "-->": "-- >", "*/": "* /"})
    return [f"// {line}".rstrip() for line in lines]


def doc(*lines: str) -> list[str]:
    """A JSDoc comment."""
    if len(lines) == 1:
        return [f"/** {lines[0]} */"]
    return ["/**", *(f" * {line}".rstrip() for line in lines), " */"]


def items(words: Iterable[str]) -> str:
    """`[a, b]`, on several lines where it is long."""
    lines = listed(words, WIDTH - 4)
    if len(lines) == 1 and len(lines[0]) < WIDTH - 30:
        return f"[{lines[0].removesuffix(',')}]"
    return "\n".join(["[", *(f"    {line}" for line in lines), "]"])
