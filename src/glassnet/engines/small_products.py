"""Matrix products of small matrices, without a BLAS: for layers of ordinary size, whose weights fit the first cache.

    small_product(a, (row_step, depth_step), b, out, (m, n, depth))

    out[i, j] = Σₚ a[i·row_step + p·depth_step] · b[p, j]    for i < m, j < n, p < depth

A BLAS copies its matrices into an order of its own before it multiplies, which pays where numbers are used hundreds of
times. Here nothing is copied: a *tile* of the result, a few rows of one or two vectors, stays in registers while all p
go by; each step loads the row p of b once and multiplies it with one number of each row. The steps tell how a lies in
memory, so a.T is as good as a.

No element is masked: where the columns are no multiple of a vector's lanes, the last vector begins earlier and
computes some columns a second time; where the rows are no multiple of a tile's, the last row is computed more than
once. Each element is the same sum in the same order, whatever tile it lies in, so a row's numbers depend neither on the
number of rows nor on where it stands among them.

Written as LLVM's vectors, because a compiler that is given the loops takes the sum as what should be vectorised, and
has nothing for fewer columns than four vectors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias, cast

from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from glassnet.engines.vector_code import (
    INT,
    Vectors,
    call_once_written,
    counted,
    joined,
    lanes_of,
    larger,
    pointer_of,
    smaller,
)
from glassnet.engines.within import part

Matrix: TypeAlias = NDArray[Any]
Vector: TypeAlias = NDArray[Any]

FEW_ROWS = 4  # up to here one row at a time, of as many vectors as registers hold
DEPTH = 64  # so many terms of the sums at a time: what they read of a and b stays in the first cache


@dataclass(frozen=True, kw_only=True)
class Factors:
    """The values that the instructions of a product work with.

    Attributes
    ----------
    a, b, out
        The addresses of the matrices: of what a sum begins with, of its row of b, of the result's first element.
    row_step, depth_step
        How far apart numbers of a lie, in the next row and in the next term of a sum.
    m, n, depth
        Rows, columns, and the terms of each sum.
    again, start, start_step
        Whether the sums do not begin with 0 but with what stands at an address, and how far apart its rows are.
    """

    a: ir.Value
    b: ir.Value
    out: ir.Value
    row_step: ir.Value
    depth_step: ir.Value
    m: ir.Value
    n: ir.Value
    depth: ir.Value
    again: ir.Value
    start: ir.Value
    start_step: ir.Value


def write_product(builder: ir.IRBuilder, lanes: int, given: Factors) -> None:
    """The instructions of a product: `DEPTH` terms of the sums at a time."""
    mul, f = builder.mul, given
    with counted(builder, larger(builder, f.depth, INT(1)), DEPTH) as p:
        a, b = builder.gep(f.a, [mul(p, f.depth_step)]), builder.gep(f.b, [mul(p, f.n)])
        depth, later = smaller(builder, INT(DEPTH), builder.sub(f.depth, p)), builder.icmp_signed(">", p, INT(0))
        start, start_step = builder.select(later, f.out, f.start), builder.select(later, f.n, f.start_step)
        again = builder.or_(later, f.again)
        piece = replace(f, a=a, b=b, depth=depth, again=again, start=start, start_step=start_step)
        with builder.if_else(builder.icmp_signed(">=", f.n, INT(lanes))) as (wide, narrow):
            with wide:
                write_wide(builder, lanes, piece)
            with narrow:
                write_narrow(builder, lanes // 2, piece)


def write_wide(builder: ir.IRBuilder, lanes: int, f: Factors) -> None:
    """Whole vectors: stripes of two; before them one of one, so that no column is computed in two stripes."""
    widest = 8 * lanes
    rest = builder.srem(f.n, INT(widest))
    too_few = builder.icmp_unsigned("<", builder.sub(rest, INT(1)), INT(lanes - 1))  # 0 < rest < lanes
    first = builder.sub(builder.sub(f.n, rest), builder.select(too_few, INT(widest), INT(0)))
    first = builder.select(builder.icmp_signed("<=", f.m, INT(FEW_ROWS)), first, INT(0))
    with counted(builder, first, widest) as j:
        write_stripe(builder, Tile(1, 8, lanes), f, j, INT(lanes))
    rest = builder.srem(builder.sub(f.n, first), INT(2 * lanes))
    odd = builder.and_(builder.icmp_signed(">", rest, INT(0)), builder.icmp_signed("<=", rest, INT(lanes)))
    with builder.if_then(odd):
        write_stripe(builder, Tile(8, 1, lanes), f, first, INT(0))
    first = builder.select(odd, builder.add(first, INT(lanes)), first)
    with counted(builder, builder.sub(f.n, first), 2 * lanes) as done:
        j = builder.add(first, done)
        last = builder.sub(f.n, builder.add(j, INT(lanes)))
        write_stripe(builder, Tile(4, 2, lanes), f, j, smaller(builder, INT(lanes), last))


def write_narrow(builder: ir.IRBuilder, lanes: int, f: Factors) -> None:
    """Columns of a smaller vector, or of two that may overlap."""
    with builder.if_else(builder.icmp_signed("==", f.n, INT(lanes))) as (one, other):
        with one:
            write_stripe(builder, Tile(8, 1, lanes), f, INT(0), INT(0))
        with other:
            is_wider = builder.icmp_signed(">", f.n, INT(lanes))
            with builder.if_then(is_wider):
                write_stripe(builder, Tile(4, 2, lanes), f, INT(0), builder.sub(f.n, INT(lanes)))
            if lanes > 2:
                with builder.if_then(builder.not_(is_wider)):
                    write_narrow(builder, lanes // 2, f)


@dataclass(frozen=True)
class Tile:
    """What is in registers at once: rows, and in each so many vectors of so many lanes."""

    rows: int
    vectors: int
    lanes: int


def write_stripe(builder: ir.IRBuilder, tile: Tile, f: Factors, column: ir.Value, step: ir.Value) -> None:
    """The columns of one tile, from this one on: tiles, one below the other. Vectors begin `step` apart."""
    v = Vectors(builder, f.a.type.pointee, tile.lanes)
    b, out, start = (builder.gep(matrix, [column]) for matrix in (f.b, f.out, f.start))
    steps = [builder.mul(step, INT(k)) for k in range(tile.vectors)]
    with counted(builder, f.m, tile.rows) as i:
        numbers, places, begun = [], [], []  # where each row's numbers, results and beginnings lie
        for r in range(tile.rows):
            at = smaller(builder, builder.add(i, INT(r)), builder.sub(f.m, INT(1)))  # beyond the last row: its own
            numbers.append(builder.gep(f.a, [builder.mul(at, f.row_step)]))
            row = builder.gep(out, [builder.mul(at, f.n)])
            places += [builder.gep(row, [far]) for far in steps]
            row = builder.gep(start, [builder.mul(at, f.start_step)])
            begun += [builder.gep(row, [far]) for far in steps]
        fresh, more, begin = builder.block, builder.append_basic_block("more"), builder.append_basic_block("begin")
        builder.cbranch(f.again, more, begin)
        builder.position_at_end(more)
        there = [v.load(place) for place in begun]
        builder.branch(begin)
        builder.position_at_end(begin)
        sums = [joined(builder, {fresh: v.zero, more: value}) for value in there]
        with counted(builder, f.depth, 1, sums) as p:
            row, at = builder.gep(b, [builder.mul(p, f.n)]), builder.mul(p, f.depth_step)
            factors = [v.load(builder.gep(row, [far])) for far in steps]
            for r, number in enumerate(numbers):
                x = v.all(builder.load(builder.gep(number, [at])))
                for k, factor in enumerate(factors, r * tile.vectors):
                    sums[k] = v.add_product(sums[k], x, factor)
        for total, place in zip(sums, places, strict=True):
            v.store(total, place)


def write_function(builder: ir.IRBuilder, *arguments: ir.Value) -> None:
    """The instructions of the function that `small_product` calls."""
    names = ("a", "b", "out", "start", "row_step", "depth_step", "m", "n", "depth", "start_step", "again")
    given = dict(zip(names, arguments, strict=True))
    again = builder.icmp_signed("!=", given.pop("again"), INT(0))
    write_product(builder, lanes_of(arguments[0].type.pointee), Factors(**given, again=again))


def _call_product(typingctx: Any, a: Any, b: Any, out: Any, form: Any, start: Any) -> Any:
    """The type and the instructions of `call_product`."""

    def build(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        row_step, depth_step = (builder.extract_value(values[3], [0, k]) for k in range(2))
        m, n, depth = (builder.extract_value(values[3], [1, k]) for k in range(3))
        first = (out, values[2]) if start == types.none else (start, values[4])
        kinds = (a, values[0]), (b, values[1]), (out, values[2]), first
        arrays = [pointer_of(context, builder, kind, value) for kind, value in kinds]
        begins = INT(int(start != types.none))
        call_once_written(
            builder, "product", write_function, [*arrays, row_step, depth_step, m, n, depth, INT(0), begins]
        )
        return context.get_dummy_value()

    return types.void(a, b, out, form, start), build


call_product: Any = intrinsic(_call_product)


@part
def small_product(a: Vector, steps: tuple[int, int], b: Vector, out: Vector, sizes: tuple[int, int, int]) -> None:
    """out[i, j] = Σₚ a[i·row_step + p·depth_step] · b[p, j]; steps: these two; sizes: m, n ≥ 2 and the depth.

    The matrices are given as vectors, row by row.
    """
    call_product(a, b, out, (steps, sizes), None)


@part
def small_layer(a: Vector, b: Vector, bias: Vector, out: Vector, sizes: tuple[int, int, int]) -> None:
    """out[i, j] = bias[j] + Σₚ a[i, p] · b[p, j]."""
    call_product(a, b, out, ((sizes[2], 1), sizes), bias)


def square(lanes: int) -> Callable[..., None]:
    """The instructions that transpose so many rows of so many numbers: square(b, (start, step), out, (start, step))."""

    def write(typingctx: Any, b: Any, where_b: Any, out: Any, where_out: Any) -> Any:
        def build(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
            source = builder.gep(pointer_of(context, builder, b, values[0]), [builder.extract_value(values[1], 0)])
            target = builder.gep(pointer_of(context, builder, out, values[2]), [builder.extract_value(values[3], 0)])
            v, rows = Vectors(builder, source.type.pointee, lanes), []
            for _ in range(lanes):
                rows.append(v.load(source))
                source = builder.gep(source, [builder.extract_value(values[1], 1)])
            half = lanes // 2
            while half:  # the square's upper right and lower left change places, then those of its quarters, …
                upper = [k if not k & half else lanes + k - half for k in range(lanes)]
                lower = [k + half if not k & half else lanes + k for k in range(lanes)]
                pairs = [(r, r + half) for r in range(lanes) if not r & half]
                for r, s in pairs:
                    rows[r], rows[s] = v.shuffle(rows[r], rows[s], upper), v.shuffle(rows[r], rows[s], lower)
                half //= 2
            for row in rows:
                v.store(row, target)
                target = builder.gep(target, [builder.extract_value(values[3], 1)])
            return context.get_dummy_value()

        return types.void(b, where_b, out, where_out), build

    return cast(Callable[..., None], intrinsic(write))


def transposition(lanes: int) -> Callable[..., None]:
    """out = b.T, square by square; b has at least so many rows and columns."""
    block = square(lanes)

    @part
    def run(b: Any, out: Any) -> None:
        k, n = b.shape
        for i in range(0, k, lanes):
            p = min(i, k - lanes)
            for j in range(0, n, lanes):
                q = min(j, n - lanes)
                block(b, (p * n + q, n), out, (q * k + p, k))

    return run


by_eight, by_four = transposition(8), transposition(4)


@part
def transpose(b: Matrix, copy: Matrix) -> None:
    """copy = b.T."""
    k, n = b.shape
    lanes = 32 // b.itemsize
    if lanes == 8 and min(k, n) >= 8:
        by_eight(b, copy)
    elif min(k, n) >= 4:
        by_four(b, copy)
    else:
        for j in range(n):
            for p in range(k):
                copy[j, p] = b[p, j]
