"""A number of each of many networks as one number of generated code.

The text of a step (`unrolled.py`) is arithmetic on variables. What a variable holds is a matter of its type: a float,
or, for networks side by side, a `Vector`: a float of each of as many networks as one of the processor's registers
holds. `vector_arithmetic` has the operators and functions for it. Where a float meets a vector it is the same for all
networks.

In memory the numbers of all networks are an array whose last axis is the networks; `lanes_of` is some of them as the
text sees it: `theta[3]` is a vector then.
"""

from __future__ import annotations

import operator
from typing import Any

from llvmlite import ir
from numba import types
from numba.core.datamodel import models
from numba.core.typeconv.castgraph import Conversion
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, lower_cast, register_model


class Vector(types.Type):
    """Numbers (float32, float64 or truth values) of so many networks."""

    def __init__(self, number: types.Type, lanes: int) -> None:
        self.number, self.lanes = number, lanes
        super().__init__(name=f"Vector({number}, {lanes})")

    def unify(self, context: Any, other: types.Type) -> types.Type | None:
        """What holds either of two: a vector, where one of them is."""
        number = context.unify_types(self.number, number_of(other))
        return None if number is None else Vector(number, self.lanes)

    def can_convert_from(self, context: Any, other: types.Type) -> Conversion | None:
        """Whether a number or a vector can take this form."""
        return Conversion.safe if isinstance(number_of(other), (types.Number, types.Boolean)) else None


class Packed(types.Type):
    """Where numbers of so many networks lie in memory, those of each place side by side."""

    def __init__(self, number: types.Type, lanes: int) -> None:
        self.vector = Vector(number, lanes)
        super().__init__(name=f"Packed({number}, {lanes})")


def number_of(kind: types.Type) -> types.Type:
    """The type of a vector's numbers, or of a number."""
    return kind.number if isinstance(kind, Vector) else types.unliteral(kind)


@register_model(Vector)
class VectorModel(models.PrimitiveModel):
    """A vector as LLVM has it."""

    def __init__(self, manager: Any, vector: Vector) -> None:
        number = ir.IntType(1) if vector.number == types.boolean else manager[vector.number].get_value_type()
        super().__init__(manager, vector, ir.VectorType(number, vector.lanes))


@register_model(Packed)
class PackedModel(models.StructModel):
    """The first number, how many columns a row has, and how far it is from one place to the next."""

    def __init__(self, manager: Any, packed: Packed) -> None:
        members = [("data", types.CPointer(packed.vector.number)), ("columns", types.intp), ("stride", types.intp)]
        super().__init__(manager, packed, members)


# from one type to another


def _spread(context: Any, builder: Any, kind: types.Type, vector: Vector, value: Any) -> Any:
    """A number as that of all networks."""
    number = context.cast(builder, value, kind, vector.number)
    empty = ir.Constant(ir.VectorType(number.type, vector.lanes), ir.Undefined)
    first = builder.insert_element(empty, number, ir.IntType(32)(0))
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), vector.lanes), [0] * vector.lanes)
    return builder.shuffle_vector(first, empty, zeros)


def _converted(context: Any, builder: Any, before: Vector, after: Vector, value: Any) -> Any:
    """Other numbers of the same value."""
    kind = context.get_value_type(after)
    if value.type == kind:
        return value
    if after.number == types.boolean:
        return builder.fcmp_unordered("!=", value, ir.Constant(value.type, [0.0] * before.lanes))
    if before.number == types.boolean:
        return builder.uitofp(value, kind)
    return (builder.fpext if before.number == types.float32 else builder.fptrunc)(value, kind)


for _kind in (types.Number, types.Boolean):
    lower_cast(_kind, Vector)(_spread)
lower_cast(Vector, Vector)(_converted)


# memory


@intrinsic(prefer_literal=True)
def lanes_of(context: Any, array: Any, first: Any, lanes: Any) -> Any:
    """So many networks of an array (…, networks), from one on; how many is a constant."""
    if not (isinstance(array, types.Array) and isinstance(lanes, types.IntegerLiteral)):
        return None
    packed = Packed(array.dtype, lanes.literal_value)

    def build(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        struct = context.make_array(array)(context, builder, values[0])
        (*_, columns, stride) = _dimensions(context, builder, array, struct)
        found = context.make_helper(builder, packed)
        found.data = builder.gep(struct.data, [values[1]])
        found.columns, found.stride = columns, stride
        return found._getvalue()

    return packed(array, types.intp, lanes), build


def _dimensions(context: Any, builder: Any, array: Any, struct: Any) -> list[Any]:
    """The shape of an array."""
    return [builder.extract_value(struct.shape, k) for k in range(array.ndim)]


@infer_global(operator.getitem)
class _Load(AbstractTemplate):
    def generic(self, args: Any, kws: Any) -> Any:
        packed, index = args
        return signature(packed.vector, packed, types.unliteral(index)) if isinstance(packed, Packed) else None


@infer_global(operator.setitem)
class _Store(AbstractTemplate):
    def generic(self, args: Any, kws: Any) -> Any:
        packed, index, _ = args
        if not isinstance(packed, Packed):
            return None
        return signature(types.none, packed, types.unliteral(index), packed.vector)


def _load(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    """The vector at an index: `theta[3]`, `X[1, 0]`."""
    packed, index = signature.args
    _align_stack(builder, packed.vector.lanes * _alignment(packed))
    return builder.load(_address(context, builder, packed, index, args), align=_alignment(packed))


def _store(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    """Put one there."""
    packed, index, _ = signature.args
    builder.store(args[2], _address(context, builder, packed, index, args), align=_alignment(packed))
    return context.get_dummy_value()


for _index in (types.Integer, types.BaseTuple):
    lower_builtin(operator.getitem, Packed, _index)(_load)
    lower_builtin(operator.setitem, Packed, _index, Vector)(_store)


def _address(context: Any, builder: Any, packed: Packed, index: Any, args: Any) -> Any:
    """Where a vector lies."""
    struct = context.make_helper(builder, packed, value=args[0])
    place = args[1]
    if isinstance(index, types.BaseTuple):
        row, column = (builder.extract_value(place, k) for k in range(2))
        place = builder.add(builder.mul(row, struct.columns), column)
    number = builder.gep(struct.data, [builder.mul(place, struct.stride)])
    return builder.bitcast(number, context.get_value_type(packed.vector).as_pointer())


def _align_stack(builder: Any, size: int) -> None:
    """Let vectors for which no register is left begin at multiples of their size.

    LLVM puts them where the stack happens to be, at a multiple of 16 bytes: then all of them may lie in two lines of
    the processor's cache each.
    """
    attributes = builder.function.attributes
    attributes.alignstack = size
    attributes.add("nounwind")  # which is so anyway; llvmlite writes no attributes where there is not one of these


def _alignment(packed: Packed) -> int:
    """Of a number: a vector may begin anywhere."""
    return 4 if packed.vector.number == types.float32 else 8
