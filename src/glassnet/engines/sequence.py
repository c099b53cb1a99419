"""The sequence of NumPy's default generator, PCG64 (O'Neill, 2014), drawn by several threads as if by one.

Its state is a number of 128 bits, which a step multiplies by M and adds c to. So n steps are a product and a sum as
well, whose two numbers take log₂ n products to find: a thread goes to where its rows begin, and draws these alone.
A step gives 64 bits, and two floats: 24 bits of the lower half, and then of the upper one, which waits in the
generator's state where an odd number is drawn.

    begin_drawing(random, state)                             a thread's copy of the state
    draw_together(random, state, out, rows, team, thread)    its rows of out; rows: begin, stop, all, threads
    end_drawing(random, state)                               the generator's state becomes that of the copy
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from glassnet.engines.arrays import stretch
from glassnet.engines.drawing import draw
from glassnet.engines.instructions import instruction
from glassnet.engines.team import meet
from glassnet.engines.within import part

I32, I64, I128 = ir.IntType(32), ir.IntType(64), ir.IntType(128)
# 128 bits: lower half, upper half
WIDE: Any = types.UniTuple(types.uint64, 2)  # type: ignore[no-untyped-call]  # Numba has no types

ZERO, ONE = (np.uint64(0), np.uint64(0)), (np.uint64(1), np.uint64(0))
M = np.uint64(0x4385DF649FCCF645), np.uint64(0x2360ED051FC65DA4)
STREAMS = 4  # states that are worked out at the same time, since a step has to wait for the one before
STATE_SIZE = 6  # numbers of a copy: the state and c, each as two halves; whether a half waits, and which


def _wide(builder: ir.IRBuilder, pair: Any) -> Any:
    """128 bits of two halves."""
    low, high = (builder.zext(builder.extract_value(pair, k), I128) for k in range(2))
    return builder.or_(low, builder.shl(high, I128(64)))


def _times_plus(typing_context: Any, s: Any, a: Any, c: Any) -> Any:
    """s·a + c, of 128 bits each."""

    def build(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        s, a, c = (_wide(builder, value) for value in values)
        found = builder.add(builder.mul(s, a), c)
        halves = builder.trunc(found, I64), builder.trunc(builder.lshr(found, I128(64)), I64)
        return context.make_tuple(builder, WIDE, halves)

    return WIDE(WIDE, WIDE, WIDE), build


def _mixed(typing_context: Any, s: Any) -> Any:
    """The 64 bits that a state gives: both halves together, turned as far as the upper 6 bits say."""

    def build(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        low, high = (builder.extract_value(values[0], k) for k in range(2))
        both = builder.xor(low, high)
        turn = instruction(builder.module, "llvm.fshr", I64, 3)
        return builder.call(turn, [both, both, builder.lshr(high, I64(58))])

    return types.uint64(WIDE), build


def _half(shift: int) -> Any:
    def half(typing_context: Any, bits: Any) -> Any:
        """24 bits of a half as a float on [0, 1)."""

        def build(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
            digits = builder.trunc(builder.lshr(values[0], I64(shift)), I32)
            digits = builder.and_(digits, I32((1 << 24) - 1))
            return builder.fmul(builder.uitofp(digits, ir.FloatType()), ir.Constant(ir.FloatType(), 2.0**-24))

        return types.float32(types.uint64), build

    return half


def _peek(typing_context: Any, address: Any, k: Any) -> Any:
    """The k-th 64 bits from an address on."""

    def build(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        return builder.load(builder.gep(builder.inttoptr(values[0], I64.as_pointer()), [values[1]]))

    return types.uint64(types.int64, types.intp), build


def _poke(typing_context: Any, address: Any, k: Any, bits: Any) -> Any:
    """Write them."""

    def build(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        builder.store(values[2], builder.gep(builder.inttoptr(values[0], I64.as_pointer()), [values[1]]))
        return context.get_dummy_value()

    return types.void(types.int64, types.intp, types.uint64), build


times_plus: Any = intrinsic(_times_plus)
mixed: Any = intrinsic(_mixed)
lower: Any = intrinsic(_half(8))
upper: Any = intrinsic(_half(40))
peek: Any = intrinsic(_peek)
poke: Any = intrinsic(_poke)


@part
def steps_at_once(c: Any, steps: int) -> Any:
    """The two numbers with which so many steps are one."""
    factor, term, many, more = ONE, ZERO, M, c
    while steps > 0:
        if steps & 1:
            factor, term = times_plus(factor, many, ZERO), times_plus(term, many, more)
        many, more = times_plus(many, many, ZERO), times_plus(more, many, more)
        steps >>= 1
    return factor, term


@part
def after(s: Any, c: Any, steps: int) -> Any:
    """The state after so many steps."""
    factor, term = steps_at_once(c, steps)
    return times_plus(s, factor, term)


@part
def draw_pairs(s: Any, c: Any, out: Any) -> None:
    """Fill a vector with the floats of one step after the other, an even number of them; s is the first state."""
    factor, term = steps_at_once(c, STREAMS)
    s1 = times_plus(s, M, c)
    s2 = times_plus(s1, M, c)
    s3 = times_plus(s2, M, c)
    whole = out.size // (2 * STREAMS) * (2 * STREAMS)
    for i in range(0, whole, 2 * STREAMS):
        a, b, d, e = mixed(s), mixed(s1), mixed(s2), mixed(s3)
        out[i], out[i + 1], out[i + 2], out[i + 3] = lower(a), upper(a), lower(b), upper(b)
        out[i + 4], out[i + 5], out[i + 6], out[i + 7] = lower(d), upper(d), lower(e), upper(e)
        s, s1 = times_plus(s, factor, term), times_plus(s1, factor, term)
        s2, s3 = times_plus(s2, factor, term), times_plus(s3, factor, term)
    for i in range(whole, out.size, 2):
        a = mixed(s)
        out[i], out[i + 1] = lower(a), upper(a)
        s = times_plus(s, M, c)


@part
def draw_some(state: Any, out: Any, first: int, last: int, count: int) -> None:
    """Fill out[first:last] of the next `count` numbers, which are all passed over."""
    s, c, waits = (state[0], state[1]), (state[2], state[3]), 1 if state[4] else 0
    if first == 0 and last > 0 and waits:
        out[0] = lower(state[5])
    start = max(first, waits)  # where its steps begin, if the upper half of one does not belong to the thread before
    if start < last:
        done, odd = (start - waits) // 2, (start - waits) % 2
        s = after(s, c, done + 1)
        if odd:
            out[start] = upper(mixed(s))
            s = times_plus(s, M, c)
        pairs = (last - start - odd) // 2 * 2
        draw_pairs(s, c, stretch(out, start + odd, pairs))
        if start + odd + pairs < last:
            out[last - 1] = lower(mixed(after(s, c, pairs // 2)))
    steps = (count - waits + 1) // 2
    if steps > 0:
        s = after((state[0], state[1]), c, steps)
        state[0], state[1] = s
        state[5] = mixed(s) >> np.uint64(32)
    if count > 0:
        state[4] = np.uint64((count - waits) % 2)


@part
def begin_drawing(random: Any, state: Any) -> None:
    """A copy of the generator's state, if it is a PCG64."""
    if random[3]:
        for k in range(4):
            state[k] = peek(random[3], k)
        waits = peek(random[0], 1)
        state[4], state[5] = waits & np.uint64(1), waits >> np.uint64(32)


@part
def end_drawing(random: Any, state: Any) -> None:
    """Put it back."""
    if random[3]:
        for k in range(2):
            poke(random[3], k, state[k])
        poke(random[0], 1, state[4] | (state[5] << np.uint64(32)))


@part
def draw_together(random: Any, state: Any, out: Any, rows: tuple[int, int, int, int], team: Any, thread: int) -> None:
    """A thread's rows of the random numbers of a team; of another generator than PCG64 thread 0 draws all of them."""
    (begin, stop, n, threads), width = rows, out.shape[1]
    if random[3]:
        draw_some(state, stretch(out, 0, n * width), begin * width, stop * width, n * width)
    else:
        meet(team, threads)
        if thread == 0:
            draw(random, out, n)
        meet(team, threads)
