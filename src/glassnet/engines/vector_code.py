"""Writing LLVM's instructions: vectors, loops, and functions that are called.

What a compiler makes of loops over a few numbers is often not vectors. Here they are written as such.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from llvmlite import ir
from numba import types

INT, POSITION = ir.IntType(64), ir.IntType(32)


def lanes_of(number: ir.Type) -> int:
    """How many numbers of a type are a vector."""
    return 8 if isinstance(number, ir.FloatType) else 4


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


def pointer_of(context: Any, builder: ir.IRBuilder, kind: types.Array, array: ir.Value) -> ir.Value:
    """The address of an array's first element."""
    return context.make_array(kind)(context, builder, array).data


def call_once_written(builder: ir.IRBuilder, name: str, write: Callable[..., None], values: list[ir.Value]) -> None:
    """Call a function, which is written when it is called for the first time: its code is not where the call is."""
    module, number = builder.module, values[0].type.pointee
    name = f"glassnet_{name}_{number}"
    if name not in module.globals:
        function = ir.Function(module, ir.FunctionType(ir.VoidType(), [value.type for value in values]), name)
        function.linkage = "linkonce_odr"
        function.attributes.add("noinline")
        inside = ir.IRBuilder(function.append_basic_block("entry"))
        write(inside, *function.args)
        inside.ret_void()
    builder.call(module.globals[name], values)
