"""A team of threads that run one function together, each its share of every loop.

All of them call the same function with the same arguments, but for `thread`, which numbers them: 0, 1, … Each takes
its share of the rows or columns, and where one needs what others have computed, all wait until all are there.

    threads = joined(team, thread)                   how many they are; 0: it was called off
    meet(team, threads)                              nobody goes on before all are here
    begin, stop = share(n, width, thread, threads)   a thread's share of n rows of so many numbers
    begin, stop = cut(n, step, thread, threads)      in steps of so many, however few they are
    begin, stop = alone(n, thread)                   all of them, for thread 0; for the others none
    new_for_all(team, place, thread, shape, dtype)   one array for all of them

`team` is a vector of whole numbers (`meeting`, `teams`). Waiting is looking again and again, which takes some hundred
nanoseconds where every thread has a core; who has waited long lets others have its core, but does not sleep.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

from glassnet.engines.arrays import I64, POINTER, array_or_error, bytes_of, memory, sizes_of, stretch
from glassnet.engines.meeting import ARRIVED, BEGUN, BUFFERS, CALLED_OFF, ROUND, THREADS
from glassnet.engines.subnormals import ARM, X86, instruct
from glassnet.engines.ways import TOGETHER
from glassnet.engines.within import part

Team = NDArray[np.int64]

PATIENCE = 2000  # looks, some 50 µs
WORTH_SHARING = 4096  # numbers: a thread computes as many in the time of some meetings
LINE = 32  # numbers of a vector that are not shared out further: two lines of the cache
HAS_YIELD = hasattr(os, "sched_yield")


def _address(context: Any, builder: ir.IRBuilder, kind: Any, values: Any) -> Any:
    """The address of a number of a team."""
    return builder.gep(context.make_array(kind)(context, builder, values[0]).data, [values[1]])


def _seen(typing_context: Any, team: Any, place: Any) -> Any:
    def build(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        return builder.load_atomic(_address(context, builder, team, values), "acquire", 8)

    return types.int64(team, types.intp), build


def _tell(typing_context: Any, team: Any, place: Any, number: Any) -> Any:
    def build(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        builder.store_atomic(values[2], _address(context, builder, team, values), "release", 8)
        return context.get_dummy_value()

    return types.void(team, types.intp, types.int64), build


def _add_one(typing_context: Any, team: Any, place: Any) -> Any:
    def build(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        one = ir.Constant(ir.IntType(64), 1)
        return builder.atomic_rmw("add", _address(context, builder, team, values), one, "acq_rel")

    return types.int64(team, types.intp), build


def _breathe(typing_context: Any) -> Any:
    def build(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        if X86:
            instruct(builder, "llvm.x86.sse2.pause", ir.VoidType(), [])
        elif ARM:
            instruct(builder, "llvm.aarch64.hint", ir.VoidType(), [ir.Constant(ir.IntType(32), 1)])
        return context.get_dummy_value()

    return types.void(), build


def _give_way(typing_context: Any) -> Any:
    def build(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        if HAS_YIELD:
            kind = ir.FunctionType(ir.IntType(32), [])
            builder.call(cgutils.get_or_insert_function(builder.module, kind, "sched_yield"), [])  # type: ignore[no-untyped-call]  # no types
        return context.get_dummy_value()

    return types.void(), build


# What threads tell each other: all that a thread wrote before it told, another sees that has seen what was told.
seen: Any = intrinsic(_seen)  # seen(team, place): the number there
tell: Any = intrinsic(_tell)  # tell(team, place, number)
add_one: Any = intrinsic(_add_one)  # add_one(team, place): what stood there before
breathe: Any = intrinsic(_breathe)  # tells the processor that a loop only waits
give_way: Any = intrinsic(_give_way)  # lets another thread have this core


@part
def wait_while(team: Team, place: int, number: int) -> int:
    """Wait as long as a number stands there; gives the one that follows it."""
    looks, found = 0, seen(team, place)
    while found == number:
        looks += 1
        if looks < PATIENCE:
            breathe()
        else:
            give_way()
        found = seen(team, place)
    return int(found)


@part
def joined(team: Team, thread: int) -> int:
    """How many threads work together; 0: thread 0 does not come."""
    threads = team[THREADS]
    if threads > 1:
        if thread == 0:
            tell(team, BEGUN, 1)
        elif wait_while(team, BEGUN, 0) == CALLED_OFF:
            threads = 0
    return int(threads)


@part
def meet(team: Team, threads: int) -> None:
    """Wait until all threads are here; no longer where one of them has ended with an error."""
    if threads > 1:
        this = seen(team, ROUND)
        if this == CALLED_OFF:
            return
        if add_one(team, ARRIVED) == threads - 1:
            tell(team, ARRIVED, 0)
            if seen(team, ROUND) != CALLED_OFF:
                tell(team, ROUND, this + 1)
        else:
            wait_while(team, ROUND, this)


@part
def cut(n: int, step: int, thread: int, threads: int) -> tuple[int, int]:
    """A thread's share of n, from … to before …: about as much as the others', in whole steps."""
    size = -(-n // (threads * step)) * step
    return min(n, thread * size), min(n, (thread + 1) * size)


@part
def share(n: int, width: int, thread: int, threads: int) -> tuple[int, int]:
    """A thread's share of n rows, from … to before …; thread 0's are all where they are few numbers."""
    if threads == 1 or (thread == 0 and n * width < WORTH_SHARING):
        return 0, n
    if n * width < WORTH_SHARING:
        return n, n
    return cut(n, LINE if width == 1 else 1, thread, threads)


@part
def alone(n: int, thread: int) -> tuple[int, int]:
    """All n rows are thread 0's."""
    return (0, n) if thread == 0 else (n, n)


def _room_for_all(builder: ir.IRBuilder, slot: ir.Value, thread: ir.Value, size: ir.Value) -> Any:
    """The address of so many bytes, which thread 0 gets and tells the others; -1 where there is no room.

    It comes from a function that LLVM takes for one like `malloc`: what is there is nothing else's, so that loops over
    several such arrays can be vectors.
    """
    name = "glassnet_room_for_all"
    if name not in builder.module.globals:
        kind = ir.FunctionType(POINTER, [slot.type, thread.type, size.type])
        function = ir.Function(builder.module, kind, name)
        function.linkage = "linkonce_odr"
        function.attributes.add("noinline")
        function.return_value.add_attribute("noalias")
        inside = ir.IRBuilder(function.append_basic_block())
        place, number, needed = function.args
        with inside.if_then(inside.icmp_signed("==", number, number.type(0))):
            inside.store_atomic(memory(inside, needed), place, "release", 8)
        wait = inside.append_basic_block()
        inside.branch(wait)
        inside.position_at_end(wait)
        found = inside.load_atomic(place, "acquire", 8)
        ready = inside.append_basic_block()
        inside.cbranch(inside.icmp_signed("==", found, found.type(0)), wait, ready)
        inside.position_at_end(ready)
        inside.ret(inside.inttoptr(found, POINTER))
    return builder.ptrtoint(builder.call(builder.module.globals[name], [slot, thread, size]), I64)


def _new_for_all(typing_context: Any, team: Any, place: Any, thread: Any, shape: Any, dtype: Any) -> Any:
    """An array that all threads share, with any numbers in it; MemoryError, in all of them, where there is no room."""
    array = types.Array(dtype.dtype, len(shape), "C")

    def build(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        sizes = sizes_of(context, builder, shape, values[3])
        slot = _address(context, builder, team, [values[0], builder.add(values[1], I64(BUFFERS))])
        address = _room_for_all(builder, slot, values[2], bytes_of(context, builder, array, sizes))
        builder.store_atomic(address, slot, "release", 8)  # said here, LLVM knows that others write to it, too
        return array_or_error(context, builder, array, address, sizes)

    return array(team, types.intp, types.intp, shape, dtype), build


new_for_all: Any = intrinsic(_new_for_all)


@part
def sum_of_parts(parts: NDArray[np.float64], k: int, threads: int) -> float:
    """The sum of what the threads have put into column k."""
    total = parts[0, k]
    for thread in range(1, threads):
        total += parts[thread, k]
    return float(total)


@part
def largest_part(parts: NDArray[np.float64], k: int, threads: int) -> float:
    """The largest number that the threads have put into column k."""
    largest = parts[0, k]
    for thread in range(1, threads):
        part_of_thread = parts[thread, k]
        if part_of_thread > largest or part_of_thread != part_of_thread:  # NaN stays
            largest = part_of_thread
    return float(largest)


@part
def add_others(array: Any, others: Any, at: int, way: int, thread: int, threads: int) -> None:
    """Add to an array what the other threads have, at a place in a vector each; not where all have worked together."""
    if threads > 1 and not way & TOGETHER:
        begin, stop = share(array.size, 1, thread, threads)
        total = stretch(array, begin, stop - begin)
        for other in range(threads - 1):
            more = stretch(others, other * others.shape[1] + at + begin, stop - begin)
            for j in range(stop - begin):
                total[j] += more[j]
