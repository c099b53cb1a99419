"""Machine code in this process, and the names by which it finds what it calls."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable
from typing import Any

import llvmlite.binding as llvm

ENGINES: list[Any] = []  # what holds machine code: it stays where it is for as long as the process lives


def loaded(objects: Iterable[bytes] = (), text: str = "") -> Any:
    """Machine code in memory, ready to be called: of object files, and of what is given as LLVM's text."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    machine = llvm.Target.from_default_triple().create_target_machine(codemodel="jitdefault")  # the engine will own it
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(text), machine)
    for data in objects:
        engine.add_object_file(llvm.ObjectFileRef.from_data(data))
    engine.finalize_object()
    ENGINES.append(engine)
    return engine


def is_known(name: str) -> bool:
    """Whether LLVM knows where the function of this name is; the C library's are looked up for it."""
    if llvm.address_of_symbol(name) is None:
        library = ctypes.CDLL("ucrtbase" if os.name == "nt" else None)
        function = getattr(library, name, None)
        if function is None:
            return False
        llvm.add_symbol(name, ctypes.cast(function, ctypes.c_void_p).value)
    return True
