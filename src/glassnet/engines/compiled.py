"""The compiled engine: generated loops, compiled by Numba and kept on disk.

The machine code of a function is a file in the user's cache folder, named after a hash of everything it depends on.
A process that finds it there needs no Numba. Without a folder that can be written to, each process compiles anew.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from glassnet.engines.known_numba import FOUND  # isort: skip # first: without a known Numba nothing is loaded
from llvmlite.binding import get_host_cpu_features, get_host_cpu_name

from glassnet.engines import blas
from glassnet.engines.cache_folder import SUFFIX, folder, is_there, read
from glassnet.engines.kinds import Kind
from glassnet.engines.machine_code import Code
from glassnet.engines.native import MachineCode, Native, Outdated, kind_of
from glassnet.interrupts import undisturbed

# modules whose code becomes part of what is compiled, or decides how it is entered and kept
USED = (
    *("arrays", "blas", "blas_calls", "circular", "columns", "compiling", "drawing", "elementary", "heap"),
    *("instructions", "interpreter", "kinds", "lane_program", "linking", "meeting", "native", "products"),
    *("python_entry", "sequence", "small_products", "subnormals", "symbols", "team", "vector_arithmetic"),
    *("vector_code", "vectors", "ways", "whole_rows", "wide_rows", "within"),
)


@cache
def surroundings() -> str:
    """Everything beside its text that a function's machine code depends on."""
    own = [Path(__file__).with_name(f"{name}.py").read_bytes() for name in USED]
    processor = [get_host_cpu_name(), get_host_cpu_features().flatten()]
    told = sorted(
        f"{name}={value}" for name, value in os.environ.items() if name.startswith(("NUMBA_CPU", "NUMBA_OPT"))
    )
    versions = [sys.version, FOUND, version("llvmlite"), *processor, *told, repr(blas.found)]
    return hashlib.sha256(b"".join(own) + "".join(versions).encode()).hexdigest()


LOADED: dict[str, Native] = {}  # by statements
LOCK = Lock()


def load(code: Code, values: Mapping[str, Any]) -> Native:
    """The function of a code, compiled for arguments like `values`, or taken from the cache."""
    if code.statements not in LOADED:
        with LOCK:
            if code.statements not in LOADED:
                kinds = tuple(kind_of(values[name]) for name in code.arguments)
                LOADED[code.statements] = from_cache(code, kinds) or from_numba(code, kinds)
    return LOADED[code.statements]


def from_cache(code: Code, kinds: tuple[Kind, ...]) -> Native | None:
    """The function by way of the cache; None where there is none, or what lies there is broken."""
    try:
        kept = MachineCode.from_bytes(read(file_of(code)))
        return Native.of(kept) if kept.kinds == kinds else None
    except (OSError, Outdated):
        return None


def from_numba(code: Code, kinds: tuple[Kind, ...]) -> Native:
    """The function, compiled now, and kept where that can be."""
    from glassnet.engines.compiling import compiled

    path = file_of(code)
    text = path.with_suffix(".py")  # for who wants to read it
    with suppress(OSError):
        write(text, code.text.encode())
    with undisturbed():  # LLVM loses what is raised while it calls Python
        made = compiled(code, kinds, str(text))
        with suppress(OSError):
            write(path, made.to_bytes())
        return Native.of(made)


def write(path: Path, data: bytes) -> None:
    """Write a file as a whole; several processes may do so at once."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # a process runs what lies there
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise


def writable(array: np.ndarray) -> np.ndarray:
    """The array, or a copy, as compiled code takes it."""
    return np.require(array, requirements=["C", "A", "W"])


def state(code: Code) -> str:
    """Whether a code is "loaded" in this process, "cached" on disk, or has to be "compiled".

    Raises
    ------
    ImportError
        It has to be compiled, and Numba is not there.
    """
    if code.statements in LOADED:
        return "loaded"
    if is_there(file_of(code)):
        return "cached"
    if find_spec("numba") is None:
        raise ImportError("Numba is not there, and the code is not in the cache")
    return "compiled"


def file_of(code: Code) -> Path:
    """The file that holds a code."""
    key = hashlib.sha256((surroundings() + code.statements).encode()).hexdigest()[:24]
    return folder() / f"glassnet_{code.name}_{key}{SUFFIX}"
