"""From generated code to machine code, with Numba.

Numba compiles the function for its callers in compiled code alone: what a call from Python would need takes as long to
compile as a small function itself. A second, short function is put in front of it, which takes the arguments from a
table (`native`).
"""

from __future__ import annotations

import linecache
from types import ModuleType
from typing import Any

import numpy as np
from llvmlite import ir
from numba import from_dtype, types
from numba.core.compiler_lock import global_compiler_lock

from glassnet.engines.arrays import array_of
from glassnet.engines.kinds import FAILED, FLOAT, INTEGER, Kind
from glassnet.engines.linking import linked_into
from glassnet.engines.machine_code import Code
from glassnet.engines.native import MachineCode

I64, POINTER = ir.IntType(64), ir.IntType(8).as_pointer()
NUMBERS: dict[Kind, Any] = {INTEGER: types.int64, FLOAT: types.float64}


def compiled(code: Code, kinds: tuple[Kind, ...], file: str) -> MachineCode:
    """The machine code of a function, for arguments of these kinds; `file` as `function_of` takes it."""
    function = function_of(code, file)
    signature = tuple(type_of(kind) for kind in kinds)
    with global_compiler_lock, linked_into(code.name):
        function.compile(signature)
    result = function.overloads[signature]
    entry = f"glassnet_{code.name}"
    with global_compiler_lock:
        library = with_entry(result, entry, kinds)
    return MachineCode(
        entry=entry,
        kinds=kinds,
        needs=tuple(sorted({*missing(result.library), *missing(library)} - {result.fndesc.llvm_func_name})),
        objects=tuple(part.serialize_using_object_code()[2][0] for part in (result.library, library)),
    )


def function_of(code: Code, file: str) -> Any:
    """The function of generated code, which Numba has not compiled yet; in tracebacks its lines are those of a file."""
    linecache.cache[file] = (len(code.text), None, code.text.splitlines(keepends=True), file)
    module = ModuleType(code.name)
    exec(compile(code.text, file, "exec"), vars(module))  # generated, from a derivation alone
    return getattr(module, code.name)


def type_of(kind: Kind) -> Any:
    """Numba's type of an argument."""
    if isinstance(kind, str):
        return NUMBERS[kind]
    element = from_dtype(np.dtype(kind[0]))
    return types.Array(element, kind[1], "C")


def missing(library: Any) -> set[str]:
    """The names that compiled code calls and does not have."""
    module = library._final_module  # there is no public way to it but its text
    declared = {function.name for function in module.functions if function.is_declaration}
    declared |= {variable.name for variable in module.global_variables if variable.is_declaration}
    return {name for name in declared if not name.startswith("llvm.")}


def with_entry(result: Any, name: str, kinds: tuple[Kind, ...]) -> Any:
    """Compiled code that takes arguments from a table and calls the function with them."""
    codegen, context, described = result.library.codegen, result.target_context, result.fndesc
    library = codegen.create_library(name)
    library.enable_object_caching()
    module = library.create_ir_module(name)
    callee = ir.Function(
        module,
        context.call_conv.get_function_type(described.restype, described.argtypes),
        described.llvm_func_name,
    )
    entry = ir.Function(module, ir.FunctionType(ir.DoubleType(), [POINTER]), name)
    builder = ir.IRBuilder(entry.append_basic_block())
    table = builder.bitcast(entry.args[0], I64.as_pointer())
    slots = iter(range(8 * len(kinds)))

    def slot() -> Any:
        return builder.load(builder.gep(table, [I64(next(slots))]))

    given = [argument(context, builder, kind, slot) for kind in kinds]
    status, value = context.call_conv.call_function(builder, callee, described.restype, described.argtypes, given)
    with builder.if_then(status.is_error):
        builder.ret(ir.Constant(ir.DoubleType(), FAILED))
    builder.ret(value if described.restype == types.float64 else ir.Constant(ir.DoubleType(), 0.0))
    library.add_ir_module(module)
    library.finalize()
    return library


def argument(context: Any, builder: Any, kind: Kind, slot: Any) -> Any:
    """An argument as the function takes it."""
    if isinstance(kind, str):
        return builder.bitcast(slot(), context.get_value_type(NUMBERS[kind]))
    array = type_of(kind)
    address, shape = slot(), [slot() for _ in range(kind[1])]
    data = builder.inttoptr(address, context.get_data_type(array.dtype).as_pointer())
    return array_of(context, builder, array, data, shape)
