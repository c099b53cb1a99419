"""Formulas written in plain Python that become instructions of the loop being compiled.

A formula is a function of a `Register`, a number of that loop; the operators on it are LLVM's instructions. `compiled`
makes of the formula a function for other functions that Numba compiles: its operations then stand in the caller's loop,
and no call is left. The type of the argument decides what the constants are: float32 in, float32 out. The number may as
well be a vector of numbers (`Format.of_vectors`), each of which the formula is then applied to.

A sum with a product in it is rounded once, where the processor can: which sums these are is decided here and not by the
compiler, whose choice may change with what stands around. So a formula has the same bits wherever it stands: in a loop,
in what is left over behind a vectorised loop, in a register that holds a number of many networks.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from glassnet.engines.vectors import Vector, number_of


@dataclass(frozen=True, kw_only=True)
class Format:
    """A dtype: how its bits lie, and as many terms of each polynomial as its digits need.

    Attributes
    ----------
    float_type, bits_type
        The dtype in LLVM's terms, and the integer of the same size.
    digits
        How many bits of the fraction are stored; above them is the exponent, at the top the sign.
    bias
        The stored exponent of 1.
    sqrt_half
        The bits of √½.
    ln2_high, ln2_low
        log 2 as a sum; an exponent times the first is exact.
    exp_lowest, exp_highest
        From these on exp is 0 and inf.
    expm1_lowest, tanh_highest
        From these on expm1 is -1 and tanh is 1.
    exp_terms
        P in exp(r) ≈ 1 + r + r²·P(r), |r| ≤ ½·log 2.
    log_terms
        P in log((1 + s) / (1 - s)) ≈ 2s + s³·P(s²), |s| ≤ (√2 - 1) / (√2 + 1) = 0.172.
    """

    float_type: ir.Type
    bits_type: ir.Type
    digits: int
    bias: int
    sqrt_half: int
    ln2_high: float
    ln2_low: float
    exp_lowest: float
    exp_highest: float
    expm1_lowest: float
    tanh_highest: float
    exp_terms: tuple[float, ...]
    log_terms: tuple[float, ...]

    @property
    def one(self) -> int:
        """The bits of 1."""
        return self.bias << self.digits

    @property
    def sign(self) -> int:
        """The bit that is set where a float is negative."""
        return 1 << (self.digits + (2 * self.bias).bit_length())

    def of_vectors(self, count: int) -> Format:
        """The same for vectors of so many numbers."""
        types = (ir.VectorType(kind, count) for kind in (self.float_type, self.bits_type))
        return replace(self, **dict(zip(("float_type", "bits_type"), types, strict=True)))


# The terms are minimax: Remez's exchange in 50 digits. Here P is off by 2⁻²⁹ and 2⁻²², which is 2⁻³² of exp and 2⁻²⁸
# of log. The last digit of either is 2⁻²⁴; what errors remain come from rounding.
FLOAT32 = Format(
    float_type=ir.FloatType(),
    bits_type=ir.IntType(32),
    digits=23,
    bias=127,
    sqrt_half=0x3F3504F3,
    ln2_high=0.693145751953125,
    ln2_low=1.4286068203094173e-06,
    exp_lowest=-104.0,
    exp_highest=89.0,
    expm1_lowest=-18.0,
    tanh_highest=10.0,
    exp_terms=(0.5, 0.16666667, 0.041666463, 0.008333286, 0.0013933731, 0.00019907704),
    log_terms=(0.66666687, 0.39988717, 0.29582047),
)
# Here P is off by 2⁻⁵⁹ and 2⁻⁵¹, which is 2⁻⁶² of exp and 2⁻⁵⁷ of log; the last digit is 2⁻⁵³.
FLOAT64 = Format(
    float_type=ir.DoubleType(),
    bits_type=ir.IntType(64),
    digits=52,
    bias=1023,
    sqrt_half=0x3FE6A09E667F3BCD,
    ln2_high=0.6931471803691238,
    ln2_low=1.9082149292705877e-10,
    exp_lowest=-746.0,
    exp_highest=710.0,
    expm1_lowest=-40.0,
    tanh_highest=20.0,
    exp_terms=(
        0.5,
        0.1666666666666667,
        0.041666666666666685,
        0.008333333333326084,
        0.0013888888888874285,
        0.00019841269874998368,
        2.4801587347612616e-05,
        2.7557255175130477e-06,
        2.755725264645929e-07,
        2.510531055043855e-08,
        2.092167980922676e-09,
    ),
    log_terms=(
        0.666666666666667,
        0.39999999999898506,
        0.2857142862637165,
        0.22222211077346235,
        0.18182892890438132,
        0.15331607871702205,
        0.14617737831788505,
    ),
)
FORMATS = {types.float32: FLOAT32, types.float64: FLOAT64}
WRITTEN: dict[Any, Callable[..., Any]] = {}  # the formulas behind functions


def format_of(dtype: types.Type) -> Format | None:
    """The format of a float, or of vectors of floats; None of anything else."""
    found = FORMATS.get(number_of(dtype))
    return found.of_vectors(dtype.lanes) if found and isinstance(dtype, Vector) else found


@dataclass(frozen=True)
class Register:
    """A number of the loop being compiled, or its bits: operators on it become instructions.

    Attributes
    ----------
    builder
        Where the instructions go.
    value
        The number in LLVM's terms: a float, an integer, or a truth value; or a vector of them.
    format
        Its dtype, or that of the float it came from.
    factors
        Of a product of floats: the two that it is made of.
    """

    builder: Any
    value: Any
    format: Format
    factors: tuple[Any, Any] | None = None

    def __add__(self, other: Register | float) -> Register:
        return self._sum(self, other)

    def __radd__(self, other: float) -> Register:
        return self._sum(other, self)

    def __sub__(self, other: Register | float) -> Register:
        return self._difference(self, other)

    def __rsub__(self, other: float) -> Register:
        return self._difference(other, self)

    def __mul__(self, other: Register | float) -> Register:
        return self._product(self, other)

    def __rmul__(self, other: float) -> Register:
        return self._product(other, self)

    def __truediv__(self, other: Register | float) -> Register:
        return self.of(self.builder.fdiv(self.value, self.operand(other)))

    def __abs__(self) -> Register:
        return (self.as_bits() & (self.format.sign - 1)).as_float()

    def __and__(self, other: int) -> Register:
        return self.of(self.builder.and_(self.value, self.operand(other)))

    def __or__(self, other: Register | int) -> Register:
        return self.of(self.builder.or_(self.value, self.operand(other)))

    def __lshift__(self, n: int) -> Register:
        return self.of(self.builder.shl(self.value, self.operand(n)))

    def __rshift__(self, n: int) -> Register:
        return self.of(self.builder.lshr(self.value, self.operand(n)))

    def __lt__(self, other: Register | float) -> Register:
        return self.of(self.builder.fcmp_ordered("<", self.value, self.operand(other)))

    def __gt__(self, other: Register | float) -> Register:
        return self.of(self.builder.fcmp_ordered(">", self.value, self.operand(other)))

    def as_bits(self) -> Register:
        """The bits of a float as an integer."""
        return self.of(self.builder.bitcast(self.value, self.format.bits_type))

    def as_float(self) -> Register:
        """The float that has these bits."""
        return self.of(self.builder.bitcast(self.value, self.format.float_type))

    def of(self, value: Any) -> Register:
        """Another value of the same loop."""
        return Register(self.builder, value, self.format)

    def operand(self, other: Register | float) -> Any:
        """What stands beside this number, in LLVM's terms: constants take its type."""
        return other.value if isinstance(other, Register) else constant(self.value.type, other)

    def _sum(self, a: Register | float, b: Register | float) -> Register:
        if self._is_bits:
            return self.of(self.builder.add(self.operand(a), self.operand(b)))
        if isinstance(b, Register) and b.factors:
            return self._fused(*b.factors, self.operand(a))
        if isinstance(a, Register) and a.factors:
            return self._fused(*a.factors, self.operand(b))
        return self.of(self.builder.fadd(self.operand(a), self.operand(b)))

    def _difference(self, a: Register | float, b: Register | float) -> Register:
        if self._is_bits:
            return self.of(self.builder.sub(self.operand(a), self.operand(b)))
        if isinstance(b, Register) and b.factors:
            return self._fused(self.builder.fneg(b.factors[0]), b.factors[1], self.operand(a))
        if isinstance(a, Register) and a.factors:
            return self._fused(*a.factors, self.builder.fneg(self.operand(b)))
        return self.of(self.builder.fsub(self.operand(a), self.operand(b)))

    def _product(self, a: Register | float, b: Register | float) -> Register:
        factors = self.operand(a), self.operand(b)
        return Register(self.builder, self.builder.fmul(*factors), self.format, factors)

    def _fused(self, a: Any, b: Any, c: Any) -> Register:
        fused = instruction(self.builder.module, "llvm.fmuladd", self.format.float_type, 3)
        return self.of(self.builder.call(fused, [a, b, c]))

    @property
    def _is_bits(self) -> bool:
        return bool(self.value.type == self.format.bits_type)


def constant(kind: Any, value: float) -> Any:
    """A constant of a type of LLVM's; in a vector all numbers are the same."""
    return ir.Constant(kind, [value] * kind.count if isinstance(kind, ir.VectorType) else value)


def instruction(module: Any, name: str, kind: Any, arguments: int) -> Any:
    """What LLVM calls `name`, a function of so many numbers, for numbers or vectors of one type."""
    number, count = (kind.element, f"v{kind.count}") if isinstance(kind, ir.VectorType) else (kind, "")
    full = f"{name}.{count}{number.intrinsic_name}"
    return module.globals.get(full) or ir.Function(module, ir.FunctionType(kind, [kind] * arguments), full)


def where(condition: Register, a: Register | float, b: Register | float) -> Register:
    """The float a where the condition holds, else b."""
    dtype = condition.format.float_type
    a, b = (choice.value if isinstance(choice, Register) else constant(dtype, choice) for choice in (a, b))
    return condition.of(condition.builder.select(condition.value, a, b))


def compiled(formula: Callable[..., Register]) -> Any:
    """Make of a formula on lanes a function that functions compiled by Numba can call."""

    def declare(context: Any, *dtypes: Any) -> Any:
        dtype = context.unify_types(*dtypes)
        form = format_of(dtype)
        if form is None:
            return None  # Numba's error then says what it was called with

        def emit(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            return formula(*(Register(builder, value, form) for value in values)).value

        return dtype(*[dtype] * len(dtypes)), emit

    declare.__name__, declare.__doc__ = formula.__name__, formula.__doc__
    first = inspect.Parameter("context", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    arguments = inspect.signature(formula).parameters.values()
    vars(declare)["__signature__"] = inspect.Signature([first, *arguments])  # Numba counts the arguments in it
    function = intrinsic(declare)
    WRITTEN[function] = formula
    return function
