"""Functions of Python that enter machine code without a detour: they are machine code themselves.

By way of ctypes a call takes more than a microsecond longer, most of it to find where the numbers of arrays lie. A
function made here reads that where NumPy keeps it, as whatever is compiled against NumPy does. It is compiled once in
a process, in some milliseconds, for each list of kinds.
"""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Callable
from functools import cache
from typing import Any, cast

import llvmlite.binding as llvm
import numpy as np

from glassnet.engines.kinds import FAILED, FLOAT, INTEGER, NO_MEMORY, Kind, slots_of

HEAD = object.__basicsize__  # bytes of an object in front of what is its own; the last word says of which type it is
WORD = 8
# where a NumPy array keeps: its numbers, how many axes it has, their lengths, its dtype, and its flags
DATA, AXES, SHAPE, DTYPE, FLAGS = HEAD, HEAD + 8, HEAD + 16, HEAD + 40, HEAD + 48
C_CONTIGUOUS = 1  # the first of the flags

FORM = """\
@no_memory = private constant {no_memory}

define ptr @call(ptr %held, ptr %given, i64 %count) {{
begin:
  %table = alloca [{slots} x i64], align 8
  %right_count = icmp eq i64 %count, {count}
  br i1 %right_count, label %known, label %wrong
known:
  %packed = call ptr {PyTuple_GetItem}(ptr %held, i64 0)
  %first = call ptr {PyBytes_AsString}(ptr %packed)
  %entry = load ptr, ptr %first, align 1
  %arguments = getelementptr i64, ptr %first, i64 1
  call void @llvm.memcpy.p0.p0.i64(ptr %table, ptr %arguments, i64 {first_bytes}, i1 false)
{arguments}
  %thread = call ptr {PyEval_SaveThread}()
  %result = call double %entry(ptr %table)
  call void {PyEval_RestoreThread}(ptr %thread)
  %failed = fcmp oeq double %result, {failed}
  br i1 %failed, label %without_memory, label %done
done:
  %number = call ptr {PyFloat_FromDouble}(double %result)
  ret ptr %number
without_memory:
  call void {PyErr_SetString}(ptr {memory_error}, ptr @no_memory)
  ret ptr null
wrong:
  %otherwise = call ptr {PyTuple_GetItem}(ptr %held, i64 1)
  %answer = call ptr {PyObject_Vectorcall}(ptr %otherwise, ptr %given, i64 %count, ptr null)
  ret ptr %answer
raised:
  ret ptr null
}}

declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)
"""

LOADED = """\
  %at{k} = getelementptr ptr, ptr %given, i64 {k}
  %a{k} = load ptr, ptr %at{k}
"""

NUMBER = """\
  %v{k} = call {type} {read}(ptr %a{k})
  %raised{k} = call ptr {PyErr_Occurred}()
  %well{k} = icmp eq ptr %raised{k}, null
  br i1 %well{k}, label %next{k}, label %raised
next{k}:
  %slot{k} = getelementptr i64, ptr %table, i64 {slot}
  store {type} %v{k}, ptr %slot{k}
"""

ARRAY = """\
  %type_at{k} = getelementptr i8, ptr %a{k}, i64 {type_at}
  %type{k} = load i64, ptr %type_at{k}
  %is_array{k} = icmp eq i64 %type{k}, {ndarray}
  br i1 %is_array{k}, label %array{k}, label %wrong
array{k}:
  %axes_at{k} = getelementptr i8, ptr %a{k}, i64 {AXES}
  %axes{k} = load i32, ptr %axes_at{k}
  %flags_at{k} = getelementptr i8, ptr %a{k}, i64 {FLAGS}
  %flags{k} = load i32, ptr %flags_at{k}
  %contiguous{k} = and i32 %flags{k}, {C_CONTIGUOUS}
  %in_order{k} = icmp ne i32 %contiguous{k}, 0
  %right_axes{k} = icmp eq i32 %axes{k}, {axes}
  %fits{k} = and i1 %in_order{k}, %right_axes{k}
  %dtype_at{k} = getelementptr i8, ptr %a{k}, i64 {DTYPE}
  %dtype{k} = load i64, ptr %dtype_at{k}
  %right_dtype{k} = icmp eq i64 %dtype{k}, {dtype}
  %right{k} = and i1 %fits{k}, %right_dtype{k}
  br i1 %right{k}, label %next{k}, label %wrong
next{k}:
  %data_at{k} = getelementptr i8, ptr %a{k}, i64 {DATA}
  %data{k} = load i64, ptr %data_at{k}
  %slot{k} = getelementptr i64, ptr %table, i64 {slot}
  store i64 %data{k}, ptr %slot{k}
  %shape_at{k} = getelementptr i8, ptr %a{k}, i64 {SHAPE}
  %shape{k} = load ptr, ptr %shape_at{k}
  %lengths{k} = getelementptr i64, ptr %table, i64 {after}
  call void @llvm.memcpy.p0.p0.i64(ptr %lengths{k}, ptr %shape{k}, i64 {shape_bytes}, i1 false)
"""

NAMES = (
    *("PyBytes_AsString", "PyErr_Occurred", "PyErr_SetString", "PyEval_RestoreThread", "PyEval_SaveThread"),
    *("PyFloat_AsDouble", "PyFloat_FromDouble", "PyLong_AsLongLong", "PyObject_Vectorcall"),
    *("PyTuple_GetItem",),
)


class Definition(ctypes.Structure):
    """What Python wants to know of a function (`PyMethodDef`)."""

    _fields_ = [("name", ctypes.c_char_p), ("call", ctypes.c_void_p), ("flags", ctypes.c_int), ("doc", ctypes.c_char_p)]


FASTCALL = 0x80  # it takes its arguments as they lie one after the other


def python_function(
    entry: int, first: bytes, last: tuple[Kind, ...], otherwise: Callable[..., float]
) -> Callable[..., float]:
    """A function of arguments of these last kinds: it calls machine code, without Python's lock.

    Parameters
    ----------
    entry
        The address of what is called, with a table of arguments.
    first
        The part of the table that stays what it is.
    last
        The kinds of the arguments that follow.
    otherwise
        What is called instead with arrays that it does not know at first sight: of other types, dtypes or axes, or
        whose rows do not follow each other. It lives as long as the function.
    """
    definition = definition_of(last, len(first) // WORD)
    made = ctypes.pythonapi.PyCFunction_NewEx
    prototype = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p)
    new = prototype(ctypes.cast(made, ctypes.c_void_p).value or 0)
    kept = struct.pack("=Q", entry) + first, otherwise
    return cast(Callable[..., float], new(ctypes.addressof(definition), kept, None))


@cache
def definition_of(kinds: tuple[Kind, ...], before: int) -> Definition:
    """The function for arguments of these kinds after so many slots of the table; it is never given back."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    machine = llvm.Target.from_default_triple().create_target_machine(opt=1, codemodel="jitdefault")
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(text_of(kinds, before)), machine)
    engine.finalize_object()
    definition = Definition(b"call", engine.get_function_address("call"), FASTCALL, None)
    KEPT.append((engine, definition))
    return definition


KEPT: list[Any] = []  # machine code stays where it is for as long as the process lives


def text_of(kinds: tuple[Kind, ...], before: int) -> str:
    """The function, as LLVM reads it."""
    python = {name: pointer(ctypes.cast(ctypes.pythonapi[name], ctypes.c_void_p).value or 0) for name in NAMES}
    lines, slot = [], before
    for k, kind in enumerate(kinds):
        lines.append(LOADED.format(k=k))
        if isinstance(kind, str):
            type_, read = {INTEGER: ("i64", "PyLong_AsLongLong"), FLOAT: ("double", "PyFloat_AsDouble")}[kind]
            lines.append(NUMBER.format(k=k, type=type_, read=python[read], slot=slot, **python))
        else:
            places = {
                "AXES": AXES,
                "FLAGS": FLAGS,
                "C_CONTIGUOUS": C_CONTIGUOUS,
                "DATA": DATA,
                "SHAPE": SHAPE,
                "DTYPE": DTYPE,
            }
            places |= {
                "type_at": HEAD - WORD,
                "ndarray": id(np.ndarray),
                "axes": kind[1],
                "dtype": id(np.dtype(kind[0])),
            }  # NumPy has one object for it, nearly always
            lines.append(ARRAY.format(k=k, slot=slot, after=slot + 1, shape_bytes=kind[1] * WORD, **places))
        slot += slots_of(kind)
    return FORM.format(
        no_memory=text_constant(NO_MEMORY),
        slots=max(1, slot),
        count=len(kinds),
        first_bytes=before * WORD,
        arguments="".join(lines),
        failed=f"{FAILED:.1f}",
        memory_error=pointer(id(MemoryError)),
        **python,
    )


def pointer(address: int) -> str:
    """An address of this process."""
    return f"inttoptr (i64 {address} to ptr)"


def text_constant(text: str) -> str:
    """A text of C's, as LLVM writes it."""
    data = text.encode() + b"\0"
    written = "".join(f"\\{byte:02X}" for byte in data)
    return f'[{len(data)} x i8] c"{written}"'
