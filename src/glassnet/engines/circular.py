"""Sine and cosine as a few multiplications, for the loops of the compiled engine; as `elementary` says why and how.

x is a number of quarter turns and a small rest, for which two polynomials are exact to the last digit. π/2 comes as a
sum of three floats, and each product with one of them is taken off in an operation that rounds once: so the rest keeps
all its digits for as long as the quarter turns can be counted, up to |x| = 6·10⁶ in float32 and 10¹⁵ in float64, with
errors below 2 units in the last place. Beyond, results are somewhere between -1 and 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from glassnet.engines.elementary import clamped, polynomial
from glassnet.engines.instructions import Register, compiled, constant, instruction, where


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What a dtype needs.

    Attributes
    ----------
    quarter
        π/2 as a sum of numbers above 0, with which -0.0 stays what it is.
    sine, cosine
        P in sin(r) ≈ r + r³·P(r²) and cos(r) ≈ 1 - ½r² + r⁴·P(r²), |r| ≤ π/4.
    """

    quarter: tuple[float, float, float]
    sine: tuple[float, ...]
    cosine: tuple[float, ...]


# The terms are minimax: Remez's exchange in 50 digits. P is off by 2⁻²⁸ and 2⁻³³ of the sine and cosine here,
FLOAT32 = Terms(
    quarter=(1.570796251296997, 7.549789415861596e-08, 5.390302953474238e-15),
    sine=(-0.1666665562401168, 0.00833220926084647, -0.0001952060669757868),
    cosine=(0.04166665024336303, -0.001388750582283959, 2.4452153311704842e-05),
)
# and by 2⁻⁵⁷ and 2⁻⁶³ here.
FLOAT64 = Terms(
    quarter=(1.5707963267948966, 6.123233995736765e-17, 1.082856673921914e-32),
    sine=(
        -0.1666666666666664,
        0.008333333333324042,
        -0.00019841269830876246,
        2.7557314008491926e-06,
        -2.5050801609255245e-08,
        1.5899050168931805e-10,
    ),
    cosine=(
        0.04166666666666666,
        -0.001388888888888283,
        2.4801587294488105e-05,
        -2.755731569511838e-07,
        2.087589397466056e-09,
        -1.1367963646967736e-11,
    ),
)


@compiled
def cos(x: Register) -> Register:
    """cos(x) = sin(x + π/2)."""
    return _turned(x, 1)


@compiled
def sin(x: Register) -> Register:
    """sin(x); -0.0 where x is."""
    return _turned(x, 0)


def _turned(x: Register, quarters: int) -> Register:
    """sin(x + quarters·π/2), x = n·π/2 + r: the sine or cosine of r, with a sign, as n + quarters says."""
    f = x.format
    terms = FLOAT32 if f.digits == 23 else FLOAT64
    many, r = _without_quarters(x, terms)
    more, r = _without_quarters(r, terms)  # of a large x rounding may have miscounted one
    bits = many + more + quarters
    r = clamped(r, -0.8, 0.8)  # a little more than π/4: only of an x too large for all this is more left
    z = r * r
    half = 0.5 * z
    whole = 1.0 - half  # what is lost in rounding it is added again
    cosine = whole + (((1.0 - whole) - half) + z * (z * polynomial(terms.cosine, z)))
    size = abs(r)
    sine = size + size * (z * polynomial(terms.sine, z))
    sine = (sine.as_bits() | (r.as_bits() & f.sign)).as_float()  # also of -0.0
    is_odd = (((bits & 1) << f.digits) + f.one).as_float() > 1.5  # 1 or 2
    turn = (((bits & 2) << (f.sign.bit_length() - 2)) | f.one).as_float()  # 1 or -1
    return where(is_odd, cosine, sine) * turn


def _without_quarters(x: Register, terms: Terms) -> tuple[Register, Register]:
    """n as the lowest bits of an integer, and r, where x = n·π/2 + r and r is small.

    Added to a number as large as `shifter`, x / (π/2) is rounded to a whole number; its last bits are those of the sum.
    """
    shifter = 1.5 * 2.0**x.format.digits
    shifted = x * (2.0 / math.pi) + shifter
    n = shifted - shifter
    for part in terms.quarter:
        x = _less_product(x, n, part)
    return shifted.as_bits(), x


def _less_product(x: Register, n: Register, part: float) -> Register:
    """x - n·part, rounded once on every processor."""
    fused = instruction(x.builder.module, "llvm.fma", x.format.float_type, 3)
    return x.of(x.builder.call(fused, [n.value, constant(x.format.float_type, -part), x.value]))
