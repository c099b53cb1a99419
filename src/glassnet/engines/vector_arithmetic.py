"""What generated code does with numbers that may be vectors: operators, choices and functions.

To every number of a vector the same is done as to a float, to the last bit. A choice, and what is true or not, are
functions here rather than `a if c else b`, `and`, `not`: these are for Python, and of vectors it cannot be asked.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import lower_builtin

from glassnet.engines.instructions import instruction
from glassnet.engines.vectors import Vector, number_of

Emitter = Callable[[Any, Any, Any, Any], Any]  # context, builder, signature, arguments: the result

# What a text calls, as it is for one number; for Numba, and for vectors, it is declared below.


def single(x: Any) -> Any:
    """The number in float32."""
    return np.float32(x)


def double(x: Any) -> Any:
    """The number in float64."""
    return np.float64(x)


def where(condition: Any, a: Any, b: Any) -> Any:
    """The number a where the condition holds, else b."""
    return a if condition else b


def both(a: Any, b: Any) -> bool:
    """Whether a and b are true; of numbers all but 0 are."""
    return bool(a) and bool(b)


def either(a: Any, b: Any) -> bool:
    """Whether a or b is true."""
    return bool(a) or bool(b)


def opposite(a: Any) -> bool:
    """Whether a is not true."""
    return not a


def floor(x: Any) -> Any:
    """The largest whole number that is not above x, as a float."""
    return np.floor(x)


def must_end(loss: Any) -> bool:
    """Whether training ends because its loss is not finite; of many networks the others go on."""
    return not math.isfinite(loss)


# types


def like(number: types.Type, *kinds: types.Type) -> types.Type:
    """A type for such a number, or for a vector of them, if one of the others is a vector."""
    lanes = next((kind.lanes for kind in kinds if isinstance(kind, Vector)), 0)
    return Vector(number, lanes) if lanes else number


KNOWN: dict[tuple[Any, ...], Any] = {}  # Numba looks long for each: a sixth of the time in which a step is compiled


def of_numbers(context: Any, function: Any, kinds: tuple[types.Type, ...]) -> Any:
    """The signature of a function for one number of each type; None: there is none."""
    asked = (function, *map(number_of, kinds))
    if asked not in KNOWN:
        KNOWN[asked] = context.resolve_function_type(function, asked[1:], {})
    return KNOWN[asked]


class OnNumbers(AbstractTemplate):
    """Of vectors what it is of numbers."""

    key: Any

    def generic(self, args: Any, kws: Any) -> Any:
        """The signature for arguments of these types; None: there is none."""
        if not any(isinstance(kind, Vector) for kind in args):
            return None
        if any(isinstance(kind, (types.Literal, types.Omitted)) for kind in args):
            return None  # asked for a constant: then it is asked again for a number
        found = of_numbers(self.context, self.key, args)
        return found and signature(like(found.return_type, *args), *(like(kind, *args) for kind in found.args))


class OfPower(AbstractTemplate):
    """Of vectors what it is of numbers; of two, one may be a number."""

    key: Any

    def generic(self, args: Any, kws: Any) -> Any:
        """The signature for arguments of these types; None: there is none."""
        if not any(isinstance(kind, Vector) for kind in args) or isinstance(args[1], types.Omitted):
            return None
        found = of_numbers(self.context, self.key, args)
        if found is None:
            return None
        base, exponent = (like(kind, given) for kind, given in zip(found.args, args, strict=True))
        is_constant = isinstance(args[1], types.IntegerLiteral)
        return signature(like(found.return_type, *args), base, args[1] if is_constant else exponent)


class OfChoice(AbstractTemplate):
    """A vector, where anything is one."""

    def generic(self, args: Any, kws: Any) -> Any:
        """The signature for arguments of these types; None: there is none."""
        condition, *choices = args
        number = self.context.unify_types(*map(number_of, choices))
        kind = number and like(number, *args)
        return number and signature(kind, like(types.boolean, condition), kind, kind)


class OfTruth(AbstractTemplate):
    """Truth values."""

    def generic(self, args: Any, kws: Any) -> Any:
        """The signature for arguments of these types; None: there is none."""
        kind = like(types.boolean, *args)
        return signature(kind, *[kind] * len(args))


def to(number: types.Type) -> type[AbstractTemplate]:
    """The type of a conversion."""

    class OfConversion(AbstractTemplate):
        def generic(self, args: Any, kws: Any) -> Any:
            """The signature for arguments of these types; None: there is none."""
            (given,) = args
            is_number = isinstance(number_of(given), (types.Number, types.Boolean))
            return signature(like(number, given), types.unliteral(given)) if is_number else None

    return OfConversion


class OfFloat(AbstractTemplate):
    """The same as its argument's."""

    def generic(self, args: Any, kws: Any) -> Any:
        """The signature for arguments of these types; None: there is none."""
        return signature(args[0], args[0]) if isinstance(number_of(args[0]), types.Float) else None


class OfEnd(AbstractTemplate):
    """One truth value, also for a vector."""

    def generic(self, args: Any, kws: Any) -> Any:
        """The signature for arguments of these types; None: there is none."""
        return signature(types.boolean, *args)


# instructions


def each(function: Any) -> Emitter:
    """What a function of numbers makes of each of a vector; it is called once where all are the same."""

    def emit(context: Any, builder: Any, given: Any, args: Any) -> Any:
        called = context.get_function(function, signature(*map(number_of, (given.return_type, *given.args))))
        vectors = [arg for arg, kind in zip(args, given.args, strict=True) if isinstance(kind, Vector)]
        lanes = given.return_type.lanes

        def of(k: int) -> Any:
            place = ir.IntType(32)(k)
            picked = (
                builder.extract_element(arg, place) if isinstance(kind, Vector) else arg
                for arg, kind in zip(args, given.args, strict=True)
            )
            return called(builder, tuple(picked))

        result = cgutils.alloca_once(builder, context.get_value_type(given.return_type))
        same = ir.IntType(1)(1)
        for vector in vectors:
            same = builder.and_(same, all_the_same(builder, vector))
        with builder.if_else(same) as (then, otherwise):
            with then:
                builder.store(context.cast(builder, of(0), number_of(given.return_type), given.return_type), result)
            with otherwise:
                found = ir.Constant(context.get_value_type(given.return_type), ir.Undefined)
                for k in range(lanes):
                    found = builder.insert_element(found, of(k), ir.IntType(32)(k))
                builder.store(found, result)
        return builder.load(result)

    return emit


def all_the_same(builder: Any, vector: Any) -> Any:
    """Whether all numbers of a vector have the same bits."""
    lanes, number = vector.type.count, vector.type.element
    width = {"float": 32, "double": 64}.get(str(number), 1)
    bits = builder.bitcast(vector, ir.VectorType(ir.IntType(width), lanes))
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), lanes), [0] * lanes)
    first = builder.shuffle_vector(bits, bits, zeros)
    return builder.icmp_unsigned(
        "==", builder.bitcast(builder.icmp_unsigned("==", bits, first), ir.IntType(lanes)), ir.IntType(lanes)(-1)
    )


def instructions(function: Any, made: Callable[..., Any]) -> Emitter:
    """One instruction for vectors of floats; of truth values what is done to each."""

    def emit(context: Any, builder: Any, given: Any, args: Any) -> Any:
        if number_of(given.args[0]) == types.boolean:
            return each(function)(context, builder, given, args)
        return made(builder, *args)

    return emit


def llvm(name: str) -> Callable[..., Any]:
    """LLVM's own function of this name."""

    def made(builder: Any, x: Any) -> Any:
        return builder.call(instruction(builder.module, name, x.type, 1), [x])

    return made


def power_of_constant(context: Any, builder: Any, given: Any, args: Any) -> Any:
    """A small whole power as products, in the order in which Numba takes them for a float."""
    exponent, factor = given.args[1].literal_value, args[0]
    result = None
    while exponent > 0:
        if exponent & 1:
            result = factor if result is None else builder.fmul(result, factor)
        exponent >>= 1
        factor = builder.fmul(factor, factor)
    return result


def compared(sign: str) -> Callable[..., Any]:
    """Whether two floats compare so; of NaN nothing is true but that it differs."""

    def made(builder: Any, a: Any, b: Any) -> Any:
        return (builder.fcmp_unordered if sign == "!=" else builder.fcmp_ordered)(sign, a, b)

    return made


BINARY: dict[Any, Callable[..., Any]] = {
    operator.add: lambda builder, a, b: builder.fadd(a, b),
    operator.sub: lambda builder, a, b: builder.fsub(a, b),
    operator.mul: lambda builder, a, b: builder.fmul(a, b),
    operator.truediv: lambda builder, a, b: builder.fdiv(a, b),
    operator.gt: compared(">"),
    operator.ge: compared(">="),
    operator.lt: compared("<"),
    operator.le: compared("<="),
    operator.eq: compared("=="),
    operator.ne: compared("!="),
}
UNARY: dict[Any, Callable[..., Any]] = {
    operator.neg: lambda builder, a: builder.fneg(a),
    abs: llvm("llvm.fabs"),
    math.sqrt: llvm("llvm.sqrt"),
}

for _function, _made in BINARY.items():
    infer_global(_function)(OnNumbers)
    lower_builtin(_function, Vector, Vector)(instructions(_function, _made))
infer_global(operator.iadd)(OnNumbers)  # `total += L`: done as `total + L`
for _function, _made in UNARY.items():
    infer_global(_function)(OnNumbers)
    lower_builtin(_function, Vector)(instructions(_function, _made))

infer_global(operator.pow)(OfPower)
lower_builtin(operator.pow, Vector, types.IntegerLiteral)(power_of_constant)
for _kinds in ((Vector, Vector), (Vector, types.Float), (Vector, types.Integer), (types.Float, Vector)):
    lower_builtin(operator.pow, *_kinds)(each(operator.pow))


def _convert(context: Any, builder: Any, given: Any, args: Any) -> Any:
    return context.cast(builder, args[0], given.args[0], given.return_type)


def _choose(context: Any, builder: Any, given: Any, args: Any) -> Any:
    return builder.select(*args)


def _end(context: Any, builder: Any, given: Any, args: Any) -> Any:
    if isinstance(given.args[0], Vector):
        return ir.IntType(1)(0)
    return builder.not_(context.get_function(math.isfinite, given)(builder, args))


for _function, _kind in ((single, types.float32), (double, types.float64)):
    infer_global(_function)(to(_kind))
    lower_builtin(_function, types.Any)(_convert)
infer_global(where)(OfChoice)
lower_builtin(where, types.Any, types.Any, types.Any)(_choose)
for _function in (both, either, opposite):
    infer_global(_function)(OfTruth)
lower_builtin(both, types.Any, types.Any)(lambda context, builder, given, args: builder.and_(*args))
lower_builtin(either, types.Any, types.Any)(lambda context, builder, given, args: builder.or_(*args))
lower_builtin(opposite, types.Any)(lambda context, builder, given, args: builder.not_(*args))
infer_global(floor)(OfFloat)
lower_builtin(floor, types.Any)(instructions(floor, llvm("llvm.floor")))
infer_global(must_end)(OfEnd)
lower_builtin(must_end, types.Any)(_end)
