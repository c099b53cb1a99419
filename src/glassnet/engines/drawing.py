"""Random numbers inside compiled code: drawn from NumPy's own bit generator, so that they are the same ones.

A bit generator gives away the addresses of its C functions (`generator.addresses`). The code calls them as
`Generator.random` does: `next_double` for float64, `next_uint32` for float32.

A team of threads draws together where NumPy's default generator gives float32 (`sequence`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import float32, float64, types
from numba.extending import intrinsic, overload

from glassnet.engines.within import part


def _caller(result: ir.Type, given: types.Type) -> Any:
    """An intrinsic that calls a C function result(void *) at an address."""

    @intrinsic
    def call(typing_context: Any, function: types.Integer, state: types.Integer) -> Any:
        def build(context: Any, builder: ir.IRBuilder, signature: Any, args: Any) -> Any:
            pointer = ir.IntType(8).as_pointer()
            target = builder.inttoptr(args[0], ir.FunctionType(result, [pointer]).as_pointer())
            return builder.call(target, [builder.inttoptr(args[1], pointer)])

        return given(types.int64, types.int64), build

    return call


next_double = _caller(ir.DoubleType(), types.float64)
next_uint32 = _caller(ir.IntType(32), types.uint32)


def uniform(random: Any, like: Any) -> Any:
    """A number on [0, 1) of the type of `like`: compiled code takes one of the functions below for it."""
    raise NotImplementedError("only compiled code can call this")


@overload(uniform)
def _uniform(random: Any, like: Any) -> Any:
    def single(random: Any, like: Any) -> Any:
        return float32(next_uint32(random[2], random[0]) >> np.uint32(8)) * float32(2.0**-24)

    def double(random: Any, like: Any) -> Any:
        return float64(next_double(random[1], random[0]))

    return single if like == types.float32 else double


@part
def draw(random: Any, out: Any, rows: Any) -> None:
    """Fill the first rows of `out`, one row after the other."""
    for i in range(rows):
        for j in range(out.shape[1]):
            out[i, j] = uniform(random, out[i, j])


@part
def permute(random: Any, orders: Any, lane: Any) -> None:
    """A row of `orders` becomes 0, 1, … mixed as `Generator.permutation` does it, by the generator of a lane.

    From the last place on, each number changes places with one before it, or with itself. Which one is in as many of
    32 random bits as it takes; where they say too much, in the next 32.
    """
    state, function = random[lane, 0], random[lane, 2]
    for i in range(orders.shape[1]):
        orders[lane, i] = i
    mask = np.uint32(1)
    while mask < orders.shape[1] - 1:
        mask = mask << np.uint32(1) | np.uint32(1)
    for i in range(orders.shape[1] - 1, 0, -1):
        if i <= mask >> np.uint32(1):
            mask >>= np.uint32(1)
        j = next_uint32(function, state) & mask
        while j > i:
            j = next_uint32(function, state) & mask
        kept = orders[lane, i]
        orders[lane, i] = orders[lane, j]
        orders[lane, j] = kept
