"""Subnormal numbers inside compiled code: taken as 0, which the processor does if it is told to.

Weights that only a penalty pulls on, and running means of gradients that are always 0, decay until their numbers are
too small to be normal (under 1.2e-38 in float32, 2.2e-308 in float64). Processors are ten times slower on those, and
none of them moves a weight. The switch belongs to the thread: it is set while steps are taken, and put back after.
"""

from __future__ import annotations

import platform
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from glassnet.engines.within import part

MACHINE = platform.machine().lower()
X86 = MACHINE in ("x86_64", "amd64")
ARM = MACHINE in ("aarch64", "arm64")

ON_X86 = 0x8040  # MXCSR: results to zero (bit 15), operands taken as zero (bit 6)
ON_ARM = 1 << 24  # FPCR: both


def _set_switch(typing_context: Any) -> Any:
    """Set the switch; gives how the register was."""

    def build(context: Any, builder: ir.IRBuilder, signature: Any, args: Any) -> Any:
        before = _control(builder)
        _set_control(builder, builder.or_(before, ir.Constant(before.type, ON_ARM if ARM else ON_X86)))
        return builder.zext(before, ir.IntType(64)) if before.type.width < 64 else before

    return types.uint64(), build


def _set_register(typing_context: Any, before: types.Integer) -> Any:
    """Set the register as it was."""

    def build(context: Any, builder: ir.IRBuilder, signature: Any, args: Any) -> Any:
        _set_control(builder, args[0] if ARM else builder.trunc(args[0], ir.IntType(32)))
        return context.get_dummy_value()

    return types.void(types.uint64), build


set_switch: Any = intrinsic(_set_switch)
set_register: Any = intrinsic(_set_register)


@part
def subnormals_to_zero() -> Any:
    """Take subnormal numbers as 0 from here on; gives what `put_back` wants. On other processors it does nothing."""
    return set_switch()


@part
def put_back(before: Any) -> None:
    """Take them as they are again."""
    set_register(before)


def _control(builder: ir.IRBuilder) -> Any:
    """Read the register with the switch."""
    if X86:
        slot, pointer = _slot(builder)
        instruct(builder, "llvm.x86.sse.stmxcsr", ir.VoidType(), [pointer])
        return builder.load(slot)
    if ARM:
        return instruct(builder, "llvm.aarch64.get.fpcr", ir.IntType(64), [])
    return ir.Constant(ir.IntType(32), 0)


def _set_control(builder: ir.IRBuilder, value: Any) -> None:
    """Write it."""
    if X86:
        slot, pointer = _slot(builder)
        builder.store(value, slot)
        instruct(builder, "llvm.x86.sse.ldmxcsr", ir.VoidType(), [pointer])
    elif ARM:
        instruct(builder, "llvm.aarch64.set.fpcr", ir.VoidType(), [value])


def _slot(builder: ir.IRBuilder) -> tuple[Any, Any]:
    """Four bytes of memory, and their address as the instructions take it."""
    slot: Any = cgutils.alloca_once(builder, ir.IntType(32))  # type: ignore[no-untyped-call]  # Numba has no types
    return slot, builder.bitcast(slot, ir.IntType(8).as_pointer())


def instruct(builder: ir.IRBuilder, name: str, result: ir.Type, args: list[Any]) -> Any:
    """Call an instruction that LLVM knows by name."""
    kind = ir.FunctionType(result, [arg.type for arg in args])
    function: Any = cgutils.get_or_insert_function(builder.module, kind, name)  # type: ignore[no-untyped-call]  # no types
    return builder.call(function, args)
