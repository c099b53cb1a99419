"""Whole rows of matrices, in vectors: picked out for a batch, and added up.

As loops that a compiler vectorises both are slow for rows of ordinary length: it has 32 columns in one turn of a loop,
and does those that are left one by one.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from glassnet.engines.arrays import stretch
from glassnet.engines.vector_code import INT, Vectors, call_once_written, counted, lanes_of, pointer_of, smaller
from glassnet.engines.within import part

Matrix: TypeAlias = NDArray[Any]


def write_copy(builder: ir.IRBuilder, source: ir.Value, target: ir.Value, columns: ir.Value) -> None:
    """Copy a row: whole vectors, the last of them as far to the left as it must begin."""

    def copy(lanes: int) -> None:
        v = Vectors(builder, source.type.pointee, lanes)
        last = builder.sub(columns, INT(lanes))
        with counted(builder, columns, lanes) as j:
            at = smaller(builder, j, last)
            v.store(v.load(builder.gep(source, [at])), builder.gep(target, [at]))

    def as_wide_as_fits(lanes: int) -> None:
        if lanes == 1:
            copy(1)
            return
        with builder.if_else(builder.icmp_signed(">=", columns, INT(lanes))) as (wide, narrow):
            with wide:
                copy(lanes)
            with narrow:
                as_wide_as_fits(lanes // 2)

    as_wide_as_fits(lanes_of(source.type.pointee))


def write_gather(builder: ir.IRBuilder, x: ir.Value, order: ir.Value, out: ir.Value, n: ir.Value, k: ir.Value) -> None:
    """Row i of out, of k numbers, is row order[i] of x."""
    with counted(builder, n, 1) as i:
        row = builder.load(builder.gep(order, [i]))
        source, target = builder.gep(x, [builder.mul(row, k)]), builder.gep(out, [builder.mul(i, k)])
        write_copy(builder, source, target, k)


def write_sum(builder: ir.IRBuilder, a: ir.Value, out: ir.Value, n: ir.Value, k: ir.Value) -> None:
    """out[j] = Σᵢ a[i, j]: as four sums at the same time, of every fourth row."""
    whole = builder.and_(n, INT(-4))

    def add(lanes: int) -> None:
        v = Vectors(builder, a.type.pointee, lanes)
        last = builder.sub(k, INT(lanes))
        with counted(builder, k, 2 * lanes) as j:
            columns = [smaller(builder, builder.add(j, INT(more)), last) for more in (0, lanes)]
            sums = [v.zero] * 8
            with counted(builder, whole, 4, sums) as i:
                for r in range(4):
                    row = builder.gep(a, [builder.mul(builder.add(i, INT(r)), k)])
                    for c, column in enumerate(columns, 2 * r):
                        sums[c] = builder.fadd(sums[c], v.load(builder.gep(row, [column])))
            with counted(builder, builder.sub(n, whole), 1, sums) as i:
                row = builder.gep(a, [builder.mul(builder.add(i, whole), k)])
                for c, column in enumerate(columns):
                    sums[c] = builder.fadd(sums[c], v.load(builder.gep(row, [column])))
            for c, column in enumerate(columns):
                total = builder.fadd(builder.fadd(sums[c], sums[c + 2]), builder.fadd(sums[c + 4], sums[c + 6]))
                v.store(total, builder.gep(out, [column]))

    def as_wide_as_fits(lanes: int) -> None:
        if lanes == 1:
            add(1)
            return
        with builder.if_else(builder.icmp_signed(">=", k, INT(lanes))) as (wide, narrow):
            with wide:
                add(lanes)
            with narrow:
                as_wide_as_fits(lanes // 2)

    as_wide_as_fits(lanes_of(a.type.pointee))


def _call_gather(typingctx: Any, x: Any, order: Any, out: Any, n: Any, k: Any) -> Any:
    """The type and the instructions of `call_gather`."""

    def build(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        arrays = [
            pointer_of(context, builder, kind, value) for kind, value in zip((x, order, out), values, strict=False)
        ]
        call_once_written(builder, "gather", write_gather, [*arrays, *values[3:]])
        return context.get_dummy_value()

    return types.void(x, order, out, types.intp, types.intp), build


def _call_sum(typingctx: Any, a: Any, out: Any, n: Any, k: Any) -> Any:
    """The type and the instructions of `call_sum`."""

    def build(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        arrays = [pointer_of(context, builder, kind, value) for kind, value in zip((a, out), values, strict=False)]
        call_once_written(builder, "sum_of_rows", write_sum, [*arrays, *values[2:]])
        return context.get_dummy_value()

    return types.void(a, out, types.intp, types.intp), build


call_gather: Any = intrinsic(_call_gather)
call_sum: Any = intrinsic(_call_sum)


@part
def gather(x: Matrix, order: NDArray[Any], out: Matrix, begin: int, stop: int) -> None:
    """out[i] = x[order[i]] for begin <= i < stop."""
    k = x.shape[1]
    call_gather(x, stretch(order, begin, 1), stretch(out, begin * k, 1), stop - begin, k)


@part
def sum_of_rows(a: Matrix, out: NDArray[Any], begin: int, stop: int) -> None:
    """out = Σᵢ a[i], begin <= i < stop; out is a vector or a single row."""
    k = a.shape[1]
    call_sum(stretch(a, begin * k, 1), out, stop - begin, k)
