"""exp, log, tanh and their like as a few multiplications, for the loops of the compiled engine.

A processor computes 4 to 16 floats at once, but only where all of a loop is arithmetic. A call of the C library's exp
is not, and with one such call in it a loop runs at a tenth of its speed. So here every function is written out, the
way of Cody and Waite (1980): split the argument into a power of two, which is a shift of bits, and a small rest, for
which a polynomial of a few terms is exact to the last digit. There are no branches, only choices between two values
that are both known.

The functions are for others that Numba compiles; the type of the argument decides: float32 in, float32 out. From
Python they cannot be called.

Results are off by less than 2 units in the last place. Infinity, NaN, -0.0, overflow and gradual
underflow are as in NumPy.
"""

from __future__ import annotations

import math

from glassnet.engines.instructions import Register, compiled, instruction, where

LOG2_E = 1.4426950408889634


@compiled
def reassociated_add(a: Register, b: Register) -> Register:
    """a + b, a step of a sum that may be added up in any order: a loop then keeps many sums and adds them at last."""
    return a.of(a.builder.fadd(a.value, b.value, flags=("reassoc", "nsz", "contract")))


@compiled
def multiply_add(a: Register, b: Register, c: Register) -> Register:
    """a·b + c, rounded once where the processor can."""
    return a * b + c


absolute = abs  # of which Numba makes one instruction


@compiled
def sign(x: Register) -> Register:
    """1 where x > 0, -1 where x < 0, else x, which is 0 or NaN; 0 is added to make -0.0 a 0."""
    return where(x > 0.0, 1.0, where(x < 0.0, -1.0, x + 0.0))


@compiled
def maximum(a: Register, b: Register) -> Register:
    """max(a, b), NaN if either is."""
    return _extreme("llvm.maximum", a, b)


@compiled
def minimum(a: Register, b: Register) -> Register:
    """min(a, b), NaN if either is."""
    return _extreme("llvm.minimum", a, b)


@compiled
def exp(x: Register) -> Register:
    """exp(x) = 2ⁿ·exp(r), x = n·log 2 + r.

    2ⁿ may be too large or too small for a float where the product is not: it comes as 2^⌊n/2⌋·2^⌈n/2⌉.
    """
    f = x.format
    n, r = _split(clamped(x, f.exp_lowest, f.exp_highest), 2 * f.bias)
    half = n >> 1
    return (1.0 + _expm1_of_rest(r)) * _power_of_2(half) * _power_of_2(n - half)


@compiled
def expm1(x: Register) -> Register:
    """exp(x) - 1 = 2ⁿ·(exp(r) - 1) + (2ⁿ - 1), x = n·log 2 + r; x itself where x is tiny.

    2ⁿ may be too large for a float where the result is not: everything is doubled only at the end.
    """
    f = x.format
    n, r = _split(clamped(x, f.expm1_lowest, f.exp_highest), f.bias - 1)
    half = _power_of_2(n)
    return where(_is_tiny(x), x, (half * _expm1_of_rest(r) + (half - 0.5)) * 2.0)


@compiled
def tanh(x: Register) -> Register:
    """tanh x = (1 - exp(y)) / (1 + exp(y)), y = -2|x|, with the sign of x.

    Above and below the line it is (1 ∓ 2ⁿ) ∓ 2ⁿ·(exp(r) - 1), y = n·log 2 + r.
    """
    f = x.format
    n, r = _split(-2.0 * clamped(abs(x), 0.0, f.tanh_highest), f.bias)
    power = _power_of_2(n)
    rest = power * _expm1_of_rest(r)
    a = ((1.0 - power) - rest) / ((1.0 + power) + rest)
    return (a.as_bits() | (x.as_bits() & f.sign)).as_float()


@compiled
def log(x: Register) -> Register:
    """log(x) = n·log 2 + log(1 + f), x = 2ⁿ·(1 + f), √½ ≤ 1 + f < √2."""
    f = x.format
    subnormal = x < 2.0 ** (1 - f.bias)
    n, fraction = _exponent(where(subnormal, x * 2.0**f.digits, x))
    shift = where(subnormal, float(f.bias + f.digits), float(f.bias))
    return _log_of_parts(x, _whole(n) - shift, (fraction + f.sqrt_half).as_float() - 1.0)


@compiled
def log1p(x: Register) -> Register:
    """log(1 + x) = n·log 2 + log(1 + f), 1 + x = 2ⁿ·(1 + f); x itself where x is tiny.

    n is taken from 1 + x as rounded, but f = 2⁻ⁿ·x + (2⁻ⁿ - 1) keeps all digits of x. 2⁻ⁿ may be too small for a
    float: it comes as 2²⁻ⁿ, and x as a quarter of it.
    """
    f = x.format
    n, _ = _exponent(1.0 + x)
    power = _power_of_2((2 * f.bias + 2) - n)
    rest = (0.25 * x) * power + (0.25 * power - 1.0)
    return where(_is_tiny(x), x, _log_of_parts(1.0 + x, _whole(n) - float(f.bias), rest))


def _extreme(name: str, a: Register, b: Register) -> Register:
    """LLVM's own, which also vectorises the largest of a row; which of -0.0 and 0 is larger is left open."""
    function = instruction(a.builder.module, name, a.format.float_type, 2)
    return a.of(a.builder.call(function, [a.value, b.value], fastmath=("nsz",)))


def _is_tiny(x: Register) -> Register:
    """Whether 1 + x is 1, and x² so small that x and expm1(x) have the same digits."""
    return abs(x) < 2.0 ** -(x.format.digits + 2)


def clamped(x: Register, lowest: float, highest: float) -> Register:
    """x, not below the lowest nor above the highest; NaN stays."""
    x = where(x > highest, highest, x)
    return where(x < lowest, lowest, x)


def polynomial(terms: tuple[float, ...], x: Register) -> Register:
    """terms[0] + terms[1]·x + terms[2]·x² + …, by Horner's rule."""
    value = terms[-2] + terms[-1] * x
    for term in terms[-3::-1]:
        value = term + value * x
    return value


def _split(x: Register, bias: int) -> tuple[Register, Register]:
    """n + bias as the lowest bits of an integer, and r, where x = n·log 2 + r and |r| ≤ ½·log 2.

    Added to a number as large as `shifter`, x / log 2 is rounded to an integer, which appears in the last bits of
    the sum. No float is converted to an integer: that would be undefined for NaN.
    """
    f = x.format
    shifter = 1.5 * 2.0**f.digits + bias
    shifted = x * LOG2_E + shifter
    n = shifted - shifter
    return shifted.as_bits(), (x - n * f.ln2_high) - n * f.ln2_low


def _power_of_2(n: Register) -> Register:
    """2ⁿ from n + bias, of which only the bits of an exponent are looked at."""
    return (n << n.format.digits).as_float()


def _expm1_of_rest(r: Register) -> Register:
    """exp(r) - 1 for |r| ≤ ½·log 2."""
    return r + (r * r) * polynomial(r.format.exp_terms, r)


def _exponent(x: Register) -> tuple[Register, Register]:
    """n + bias, x = 2ⁿ·m, √½ ≤ m < √2, and the bits of m less those of √½."""
    f = x.format
    shifted = x.as_bits() + (f.one - f.sqrt_half)
    return shifted >> f.digits, shifted & ((1 << f.digits) - 1)


def _whole(n: Register) -> Register:
    """A small integer n ≥ 0 as a float: n are the last bits of 2ᵈ + n, d the digits of a fraction."""
    f = n.format
    return (n | (f.one + (f.digits << f.digits))).as_float() - 2.0**f.digits


def _log_of_parts(x: Register, n: Register, f: Register) -> Register:
    """n·log 2 + log(1 + f), with s = f / (2 + f) and log(1 + f) = log((1 + s) / (1 - s)) = f - s·(f - s²·P(s²)).

    This is what log(x) is for 0 < x < ∞; for other x the limits are put in its place.
    """
    s = f / (2.0 + f)
    z = s * s
    half = (0.5 * f) * f  # f - s·f = f - ½f² + s·½f²: the large terms are exact
    bend = s * (half + z * polynomial(x.format.log_terms, z))
    value = n * x.format.ln2_high - ((half - (bend + n * x.format.ln2_low)) - f)
    return where(x < math.inf, where(x > 0.0, value, where(x < 0.0, math.nan, -math.inf)), x)
