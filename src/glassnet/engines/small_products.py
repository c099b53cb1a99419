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

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeAlias, TypeVar, cast

from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic
from numpy.typing import NDArray

Matrix: TypeAlias = NDArray[Any]
Vector: TypeAlias = NDArray[Any]

FEW_ROWS = 4  # up to here one row at a time, of as many vectors as registers hold
DEPTH = 64  # so many terms of the sums at a time: what they read of a and b stays in the first cache
INT, POSITION = ir.IntType(64), ir.IntType(32)

# contract: x·y + z in one instruction; reassoc: sums in an order that vectors like, fixed at compilation.
FAST: dict[str, Any] = {"error_model": "numpy", "_nrt": False, "fastmath": {"contract", "reassoc", "nsz"}}
WITHOUT_WRAPPERS: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}

F = TypeVar("F", bound=Callable[..., Any])


def part(function: F) -> F:
    """Compiled, to be called from compiled code alone: without what a call from Python needs, half the time."""
    return cast(F, njit(**FAST, **WITHOUT_WRAPPERS)(function))


class Vectors:
    """Vectors of so many lanes, in the code that `builder` writes: in memory and out of it."""

    def __init__(self, builder: ir.IRBuilder, number: ir.Type, lanes: int) -> None:
        self.builder, self.lanes = builder, lanes
        self.type = ir.VectorType(number, lanes)
        self.align = 4 if isinstance(number, ir.FloatType) else 8
        self.zero, self.any = ir.Constant(self.type, [0.0] * lanes), ir.Constant(self.type, ir.Undefined)

    def load(self, pointer: ir.Value) -> ir.Value:
        """The numbers from an address on."""
        value = self.builder.load(self.builder.bitcast(pointer, self.type.as_pointer()))
        value.align = self.align
        return value

    def store(self, value: ir.Value, pointer: ir.Value) -> None:
        """Put them there."""
        self.builder.store(value, self.builder.bitcast(pointer, self.type.as_pointer())).align = self.align

    def all(self, number: ir.Value) -> ir.Value:
        """One number in all lanes."""
        first = self.builder.insert_element(self.any, number, ir.Constant(POSITION, 0))
        return self.shuffle(first, self.any, [0] * self.lanes)

    def shuffle(self, a: ir.Value, b: ir.Value, lanes: list[int]) -> ir.Value:
        """A vector of lanes of a (from 0 on) and of b (after those of a)."""
        return self.builder.shuffle_vector(a, b, ir.Constant(ir.VectorType(POSITION, self.lanes), lanes))

    def add_product(self, total: ir.Value, a: ir.Value, b: ir.Value) -> ir.Value:
        """total + a·b, in one instruction where there is one."""
        flags = ("contract",)
        return self.builder.fadd(total, self.builder.fmul(a, b, flags=flags), flags=flags)


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
    again
        Whether the sums go on from what stands in out.
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


def write_product(builder: ir.IRBuilder, lanes: int, given: Factors) -> None:
    """The instructions of a product: `DEPTH` terms of the sums at a time."""
    mul, f = builder.mul, given
    with counted(builder, larger(builder, f.depth, INT(1)), DEPTH) as p:
        a, b = builder.gep(f.a, [mul(p, f.depth_step)]), builder.gep(f.b, [mul(p, f.n)])
        depth, again = smaller(builder, INT(DEPTH), builder.sub(f.depth, p)), builder.icmp_signed(">", p, INT(0))
        piece = replace(f, a=a, b=b, depth=depth, again=again)
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
    """Columns of one or two smaller vectors, which may overlap."""
    if lanes == 2:
        write_stripe(builder, Tile(4, 2, lanes), f, INT(0), builder.sub(f.n, INT(lanes)))
        return
    with builder.if_else(builder.icmp_signed(">=", f.n, INT(lanes))) as (wide, narrow):
        with wide:
            write_stripe(builder, Tile(4, 2, lanes), f, INT(0), builder.sub(f.n, INT(lanes)))
        with narrow:
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
    b, out = builder.gep(f.b, [column]), builder.gep(f.out, [column])
    steps = [builder.mul(step, INT(k)) for k in range(tile.vectors)]
    with counted(builder, f.m, tile.rows) as i:
        numbers, places = [], []  # where the numbers and the results of each row lie; the last row's, beyond it
        for r in range(tile.rows):
            at = smaller(builder, builder.add(i, INT(r)), builder.sub(f.m, INT(1)))
            numbers.append(builder.gep(f.a, [builder.mul(at, f.row_step)]))
            row = builder.gep(out, [builder.mul(at, f.n)])
            places += [builder.gep(row, [far]) for far in steps]
        fresh, more, begin = builder.block, builder.append_basic_block("more"), builder.append_basic_block("begin")
        builder.cbranch(f.again, more, begin)
        builder.position_at_end(more)
        there = [v.load(place) for place in places]
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


@contextmanager
def counted(
    builder: ir.IRBuilder, end: ir.Value, step: int, carried: list[ir.Value] | None = None
) -> Iterator[ir.Value]:
    """A loop over 0, step, 2·step, … < end; the values of the list go on from turn to turn, and out of it."""
    carried = [] if carried is None else carried
    before, loop, after = builder.block, builder.append_basic_block("loop"), builder.append_basic_block("after")
    starts = list(carried)
    builder.cbranch(builder.icmp_signed("<", INT(0), end), loop, after)
    builder.position_at_end(loop)
    counter = joined(builder, {before: INT(0)})
    inside = [joined(builder, {before: start}) for start in starts]
    carried[:] = inside
    yield counter
    last, following = builder.block, builder.add(counter, INT(step))
    for phi, value in zip([counter, *inside], [following, *carried], strict=True):
        phi.add_incoming(value, last)
    builder.cbranch(builder.icmp_signed("<", following, end), loop, after)
    builder.position_at_end(after)
    carried[:] = [joined(builder, {before: a, last: b}) for a, b in zip(starts, carried, strict=True)]


def joined(builder: ir.IRBuilder, values: dict[Any, ir.Value]) -> Any:
    """A value by the block one comes from; more may be added."""
    phi = builder.phi(next(iter(values.values())).type)
    for block, value in values.items():
        phi.add_incoming(value, block)
    return phi


def smaller(builder: ir.IRBuilder, a: ir.Value, b: ir.Value) -> ir.Value:
    """The smaller of two integers."""
    return builder.select(builder.icmp_signed("<", a, b), a, b)


def larger(builder: ir.IRBuilder, a: ir.Value, b: ir.Value) -> ir.Value:
    """The larger of two integers."""
    return builder.select(builder.icmp_signed(">", a, b), a, b)


def product_function(module: ir.Module, pointer: ir.Type) -> ir.Function:
    """The product as a function that is called, not repeated wherever there is a product."""
    name = f"glassnet_product_{pointer.pointee}"
    if name in module.globals:
        return module.globals[name]
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), [pointer] * 3 + [INT] * 5), name)
    function.linkage = "linkonce_odr"
    function.attributes.add("noinline")
    builder = ir.IRBuilder(function.append_basic_block("entry"))
    lanes = 8 if isinstance(pointer.pointee, ir.FloatType) else 4
    names = ("a", "b", "out", "row_step", "depth_step", "m", "n", "depth")
    given = dict(zip(names, function.args, strict=True))
    write_product(builder, lanes, Factors(**given, again=ir.Constant(ir.IntType(1), 0)))
    builder.ret_void()
    return function


def _call_product(typingctx: Any, a: Any, steps: Any, b: Any, out: Any, sizes: Any) -> Any:
    """The type and the instructions of `call_product`."""

    def build(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        row_step, depth_step = (builder.extract_value(values[1], k) for k in range(2))
        given = [builder.extract_value(values[4], k) for k in range(3)]
        pa, pb, pout = (
            context.make_array(kind)(context, builder, value).data
            for kind, value in ((a, values[0]), (b, values[2]), (out, values[3]))
        )
        function = product_function(builder.module, pa.type)
        builder.call(function, [pa, pb, pout, row_step, depth_step, *given])
        return context.get_dummy_value()

    return types.void(a, steps, b, out, sizes), build


call_product: Any = intrinsic(_call_product)


@part
def small_product(a: Vector, steps: tuple[int, int], b: Vector, out: Vector, sizes: tuple[int, int, int]) -> None:
    """out[i, j] = Σₚ a[i·row_step + p·depth_step] · b[p, j]; steps: these two; sizes: m, n ≥ 2 and the depth.

    The matrices are given as vectors, row by row.
    """
    call_product(a, steps, b, out, sizes)


def pointer_to(context: Any, builder: ir.IRBuilder, kind: types.Array, array: ir.Value, at: ir.Value) -> ir.Value:
    """The address of an array's element."""
    return builder.gep(context.make_array(kind)(context, builder, array).data, [at])


def square(lanes: int) -> Callable[..., None]:
    """The instructions that transpose so many rows of so many numbers: square(b, (start, step), out, (start, step))."""

    def write(typingctx: Any, b: Any, where_b: Any, out: Any, where_out: Any) -> Any:
        def build(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
            source = pointer_to(context, builder, b, values[0], builder.extract_value(values[1], 0))
            target = pointer_to(context, builder, out, values[2], builder.extract_value(values[3], 0))
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
