"""Arrays inside compiled code that need nothing of Numba's: views, and memory of the heap's.

    view(vector, start, shape)   a part of a vector, as an array of a shape
    stretch(array, start, size)  so many elements of an array, row by row, as a vector
    new(shape, dtype)            an array with any numbers in it; MemoryError where there is no room
    free(array)                  gives it back
    put(array, source)           copies the numbers of one that is as large

Numba's own `np.empty` counts references, and its `reshape` asks at length whether it can be done. Both take a second to
compile and need Numba's runtime, and so Numba, in every process that calls them. Nobody looks after these arrays: a
view must not outlive its vector, and what is new is to be given back at the end.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import populate_array

from glassnet.engines import heap

I64, POINTER = ir.IntType(64), ir.IntType(8).as_pointer()


def _view(typing_context: Any, vector: Any, start: Any, shape: Any) -> Any:
    array = types.Array(vector.dtype, len(shape), "C")

    def build(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        whole = context.make_array(vector)(context, builder, values[0])
        begin = context.cast(builder, values[1], start, types.intp)
        return array_of(
            context, builder, array, builder.gep(whole.data, [begin]), sizes_of(context, builder, shape, values[2])
        )

    return array(vector, start, shape), build


def _stretch(typing_context: Any, array: Any, start: Any, length: Any) -> Any:
    vector = types.Array(array.dtype, 1, "C")

    def build(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        whole = context.make_array(array)(context, builder, values[0])
        return array_of(context, builder, vector, builder.gep(whole.data, [values[1]]), [values[2]])

    return vector(array, types.intp, types.intp), build


def _new(typing_context: Any, shape: Any, dtype: Any) -> Any:
    array = types.Array(dtype.dtype, len(shape), "C")

    def build(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        sizes = sizes_of(context, builder, shape, values[0])
        return array_or_error(context, builder, array, memory(builder, bytes_of(context, builder, array, sizes)), sizes)

    return array(shape, dtype), build


def _free(typing_context: Any, array: Any) -> Any:
    def build(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        place = builder.bitcast(context.make_array(array)(context, builder, values[0]).data, POINTER)
        builder.call(_library(builder, heap.GIVE, ir.VoidType(), POINTER), [place])
        return context.get_dummy_value()

    return types.void(array), build


def _put(typing_context: Any, array: Any, source: Any) -> Any:
    def build(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        to, given = (
            context.make_array(kind)(context, builder, value)
            for kind, value in zip(signature.args, values, strict=True)
        )
        cgutils.raw_memcpy(builder, to.data, given.data, to.nitems, _itemsize(context, array))  # type: ignore[no-untyped-call]  # no types
        return context.get_dummy_value()

    return (types.void(array, source), build) if array.dtype == source.dtype else None


view: Any = intrinsic(_view)
stretch: Any = intrinsic(_stretch)
new: Any = intrinsic(_new)
free: Any = intrinsic(_free)
put: Any = intrinsic(_put)


def sizes_of(context: Any, builder: Any, shape: Any, values: Any) -> list[Any]:
    """The numbers of a tuple, which may be of several types."""
    given = [builder.extract_value(values, k) for k in range(len(shape))]
    return [context.cast(builder, value, kind, types.intp) for value, kind in zip(given, shape, strict=True)]


def _itemsize(context: Any, array: Any) -> int:
    return int(context.get_abi_sizeof(context.get_data_type(array.dtype)))


def array_of(context: Any, builder: Any, kind: Any, data: Any, sizes: list[Any]) -> Any:
    """An array without a count of references."""
    itemsize = I64(_itemsize(context, kind))
    strides = [itemsize]
    for size in sizes[:0:-1]:
        strides.insert(0, builder.mul(strides[0], size))
    made = context.make_array(kind)(context, builder)
    populate_array(made, data=data, shape=sizes, strides=strides, itemsize=itemsize, meminfo=None)  # type: ignore[no-untyped-call]  # Numba gives it no types
    return made._getvalue()


def bytes_of(context: Any, builder: Any, kind: Any, sizes: list[Any]) -> Any:
    """How many bytes the numbers of an array take."""
    needed: Any = I64(_itemsize(context, kind))
    for size in sizes:
        needed = builder.mul(needed, size)
    return needed


def memory(builder: Any, size: Any) -> Any:
    """The address of so many bytes, at the beginning of a line of the cache; -1 where there is no room."""
    get = _library(builder, heap.GET, POINTER, I64)
    get.return_value.add_attribute("noalias")  # nothing else is there, so that loops over several arrays can be vectors
    return builder.ptrtoint(builder.call(get, [size]), I64)


def array_or_error(context: Any, builder: Any, kind: Any, address: Any, sizes: list[Any]) -> Any:
    """The array at an address; the compiled function ends with a MemoryError if that is -1."""
    with builder.if_then(builder.icmp_signed("==", address, I64(-1)), likely=False):
        context.call_conv.return_user_exc(builder, MemoryError, ())
    data = builder.inttoptr(address, context.get_data_type(kind.dtype).as_pointer())
    return array_of(context, builder, kind, data, sizes)


def _library(builder: Any, name: str, result: Any, argument: Any) -> Any:
    """A function that is known by name."""
    return cgutils.get_or_insert_function(builder.module, ir.FunctionType(result, [argument]), name)  # type: ignore[no-untyped-call]  # no types
