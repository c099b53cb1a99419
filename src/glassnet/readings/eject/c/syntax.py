"""How C writes numbers, texts, arrays and loops."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from glassnet.expressions.expression import ROWS, Dim, Expression
from glassnet.expressions.notation import ATOM, POWER, PRODUCT, Form
from glassnet.readings.eject.c_family.program import WIDTH, comment_lines, listed
from glassnet.readings.eject.c_family.syntax import C_LIKE, REAL, Syntax
from glassnet.readings.eject.names import is_harmless

PLAIN = "/;<>[]{}|#$@^~!'"  # signs that a text may have besides harmless ones
SHORT = 6  # characters: a decimal of up to so many is as exact as the number itself, and easier to read
BATCH = "BATCH"  # the largest number of rows in an array

# What formulas and steps may not be called: C's words, its mathematics, what the headers and the program define
WORDS = """
auto break case char const continue default do double else enum extern float for goto if inline int long
register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while
_Bool _Complex _Imaginary asm typeof fortran bool true false NULL NAN INFINITY acos asin atan atan2 ceil cos
cosh exp fabs floor fmod frexp ldexp log log10 modf pow sin sinh sqrt tan tanh acosh asinh atanh cbrt copysign
erf erfc exp2 expm1 fdim fma fmax fmin hypot ilogb lgamma llrint llround log1p log2 logb lrint lround nan
nearbyint nextafter nexttoward remainder remquo rint round scalbln scalbn tgamma trunc fpclassify isfinite isinf
isnan isnormal signbit isgreater isless islessgreater isunordered math_errhandling j0 j1 jn y0 y1 yn gamma
signgam drem significand scalb finite exp10 pow10 sincos roundeven div abs labs printf puts putchar remove
rename signal index rindex time clock exit abort random srandom rand srand read write open close link unlink
access select strlen strcmp memcmp memcpy memset main stdin stdout stderr errno uint32_t uint64_t size_t
UINT64_C real forward forward_training loss_of_batch backward update train predict encode check refused Row
Column square sign uniform next32 next64 product_high state_high state_low has_half half shuffle_rows order
epochs_done steps_done network_error network_error_place is_blank is_word is_missing_word is_in best column row
penalised trainable rates probabilities scores prediction batch first loss share epochs seen expected difference
digits days_of lengths year month day clock seconds minutes hours zone_hours zone_minutes is_leap days angle rounds
turns largest found same total smooth_clip flag normal_quantile points slope predict_interval predict_set ends members
COLUMNS CLASSES MISSING ROWS EXPECTED SCALES CATEGORIES UNITS BATCH EPOCHS LEAST EDGES WIDTHS N_WIDTHS
"""
RESERVED = frozenset(WORDS.split())

FUNCTIONS = {"absolute": "fabs", "maximum": "fmax", "minimum": "fmin"}
OWN_FUNCTIONS = {"sign": "sign", "random": "uniform"}


NOTATION = replace(
    C_LIKE,
    number=lambda node: literal(node.value, node.dtype == np.float32),
    forms={
        **C_LIKE.forms,
        "itself twice": Form("{0} * {0}".format, (ATOM,), PRODUCT),
        "cast": Form("(real){}".format, (ATOM,), POWER),
    },
)


def syntax(single: bool) -> Syntax:
    """C with numbers in arrays as `float` or as `double`."""

    def number(value: float, kind: str) -> str:
        return literal(value, single and kind == REAL)

    def function(op: str, kind: str) -> str:
        if op in OWN_FUNCTIONS:
            return OWN_FUNCTIONS[op]
        return FUNCTIONS.get(op, op) + ("f" if single and kind == REAL else "")

    def power(base: Expression, exponent: Expression, kind: str) -> Expression:
        if exponent.op == "constant" and exponent.value == 2.0 and (kind == REAL or not single):
            is_short = base.op == "symbol" and re.fullmatch(r"\w+(\[\w+\])*", base.name)
            return Expression("itself twice" if is_short else "square", (base,))
        return Expression(function("pow", kind), (base, exponent))

    return Syntax(
        number=number,
        notation=NOTATION,
        single=single,
        function=function,
        power=power,
        constant=lambda kind, name, value: f"const {kind} {name} = {value};",
        variable=lambda kind, name, value: f"{kind} {name} = {value};",
        buffer=buffer,
        place=lambda name, dims, variables: name + ("".join(f"[{item}]" for item in variables) or "[0]"),
        loop=lambda variable, stop: f"for (int {variable} = 0; {variable} < {stop}; {variable}++)",
        comment=lambda words: comment(words),
    )


def buffer(name: str, dims: tuple[Dim, ...]) -> str:
    """The declaration of an array; one with a place for each row of a batch is kept, as it may be large."""
    return f"{'static ' if ROWS in dims else ''}real {name}{brackets(dims)};"


def brackets(dims: Sequence[Dim]) -> str:
    """`[2][4]`."""
    return "".join(f"[{BATCH if dim == ROWS else dim}]" for dim in dims) or "[1]"


# numbers


def literal(value: float, single: bool) -> str:
    """A constant of a formula, in the shortest decimals that read back as it."""
    if math.isinf(value):
        return "INFINITY" if value > 0 else "-INFINITY"
    if not single:
        return repr(float(value))
    most = float(np.finfo(np.float32).max)
    return f"{np.float32(min(max(value, -most), most))!s}f"


def datum(value: Any, single: bool = False) -> str:
    """A weight or other number of the data: exactly itself, hexadecimal unless the decimals are few and exact.

    >>> datum(0.5), datum(0.1)
    ('0.5', '0x1.999999999999ap-4')
    """
    value = float(np.float32(value)) if single else float(value)
    ending = "f" if single else ""
    if not math.isfinite(value):
        return "NAN" if math.isnan(value) else literal(value, single)
    text = repr(value)
    if len(text) <= SHORT and Fraction(text) == Fraction(value):
        return text + ending
    mantissa, exponent = value.hex().split("p")
    return f"{re.sub('[.]?0*$', '', mantissa) if '.' in mantissa else mantissa}p{exponent}{ending}"


def array(declaration: str, values: np.ndarray, shape: tuple[int, ...], note: str, single: bool) -> list[str]:
    """The definition of an array, with a comment: `static const real b1[2] = {0.5, -1.5}; /* (2,) */`."""
    dims = tuple(dim for dim in shape if dim != 1) or (1,)
    first, *rest = nested(np.asarray(values).reshape(dims), single, WIDTH - len(declaration) - 4)
    lines = [f"{declaration} = {first}", *rest]
    return [*([f"/* {note} */"] if note else []), *lines[:-1], f"{lines[-1]};"]


def nested(values: np.ndarray, single: bool, room: int) -> list[str]:
    """The lines of `{{1, 2}, {3, 4}}`; a single line has at most so many characters."""
    if values.ndim == 1:
        return braced([datum(value, single) for value in values], room)
    lines = [line for row in values for line in with_comma(nested(row, single, WIDTH - 6))]
    return ["{", *(f"    {line}" for line in lines), "}"]


def braced(items: Sequence[str], room: int) -> list[str]:
    """`{1, 2}`, on several lines where it is long."""
    one = f"{{{', '.join(items)}}}"
    return [one] if len(one) <= room else ["{", *(f"    {line}" for line in listed(items, WIDTH - 4)), "}"]


def with_comma(lines: list[str]) -> list[str]:
    """The lines, and a comma behind them."""
    return [*lines[:-1], f"{lines[-1]},"]


# texts


def string(words: str) -> str:
    """A string literal; what is not harmless, or not ASCII, as octal bytes of UTF-8. It may stand in a comment."""
    if "\0" in words:
        raise NotImplementedError(f"C's texts end at a NUL character, which {words!r:.60} has inside")
    pieces: list[str] = []
    for letter in words:
        lone = letter == "?" and pieces[-1:] != ["?"]  # two begin a trigraph: ??/ is a backslash
        if ((is_harmless(letter) or letter in PLAIN) and letter.isascii()) or lone:
            pieces.append(letter)
        else:
            pieces += [f"\\{byte:03o}" for byte in letter.encode("utf-8", "surrogatepass")]
    return '"' + "".join(pieces) + '"'


def comment(words: str) -> list[str]:
    """A comment, wrapped; nothing in it can end it."""
    lines = comment_lines(words, WIDTH - 10, {"*/": "* /", "/*": "/ *", "??/": "? ?/", "\\": "/"})
    return (
        [f"/* {lines[0]}", *(f"   {line}" for line in lines[1:-1]), f"   {lines[-1]} */"]
        if len(lines) > 1
        else [f"/* {lines[0]} */"]
    )


def strings(declaration: str, words: Iterable[str]) -> list[str]:
    """The definition of an array of texts."""
    lines = listed([string(word) for word in words])
    if len(lines) == 1 and len(declaration) + len(lines[0]) + 6 <= WIDTH:
        return [f"{declaration} = {{{lines[0][:-1]}}};"]
    return [f"{declaration} = {{", *(f"    {line}" for line in lines), "};"]
