"""The compiled engine: generated loops, compiled by Numba and kept on disk.

The code of a network is a Python file in the user's cache folder, named after a hash of everything it depends on.
Numba compiles it when it is called for the first time and keeps the machine code beside it. Without a folder that can
be written to, it is compiled anew in each process.
"""

from __future__ import annotations

import hashlib
import importlib.util
import linecache
import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from types import ModuleType
from typing import Any, cast

import numpy as np
import platformdirs
from llvmlite.binding import get_host_cpu_name

from glassnet.engines.known_numba import numba  # isort: skip # first: it refuses what the others would import
from glassnet.engines import blas
from glassnet.engines.machine_code import Code

FOLDER = "GLASSNET_CACHE"  # the environment variable with another folder
# modules whose code becomes part of what is compiled
USED = (
    *("blas", "drawing", "elementary", "instructions", "interpreter", "lane_program"),
    *("products", "small_products", "subnormals"),
    *("vector_arithmetic", "vectors"),
)


def folder() -> Path:
    """Where compiled code is kept."""
    return Path(os.environ.get(FOLDER) or platformdirs.user_cache_dir("glassnet"))


@cache
def surroundings() -> str:
    """Everything beside its text that a function's machine code depends on."""
    own = [Path(__file__).with_name(f"{name}.py").read_bytes() for name in USED]
    versions = [sys.version, numba.__version__, version("llvmlite"), get_host_cpu_name(), repr(blas.found)]
    return hashlib.sha256(b"".join(own) + "".join(versions).encode()).hexdigest()


Signature = tuple[Any, ...]  # Numba's types of the arguments

LOADED: dict[str, Callable[..., Any]] = {}  # by text
LOCK = Lock()


def load(code: Code, values: Mapping[str, Any]) -> Callable[..., Any]:
    """The function of a code, compiled for arguments like `values`, or taken from the cache."""
    if code.text not in LOADED:
        with LOCK:
            if code.text not in LOADED:
                type_of: Callable[[Any], Any] = numba.typeof
                signature = tuple(type_of(values[name]) for name in code.arguments)
                LOADED[code.text] = from_cache(code, signature) or from_text(code, signature)
    return LOADED[code.text]


def from_cache(code: Code, signature: Signature) -> Callable[..., Any] | None:
    """The function by way of the cache; None where that does not work: it only costs time."""
    path = file_of(code)
    for _ in range(2):
        try:
            write(path, code.text)
            return compiled(from_file(path), code.name, signature)
        except numba.core.errors.NumbaError:  # it is the code
            raise
        except Exception:  # no folder to write to, or what lies there is broken: away with it, and once more
            with suppress(OSError):
                for file in path.parent.glob(f"__pycache__/{path.stem}*"):
                    file.unlink()
    return None


def from_text(code: Code, signature: Signature) -> Callable[..., Any]:
    """The function, compiled for this process alone."""
    text = code.text.replace("cache=True, ", "")
    file = f"<glassnet compiled engine {hash(text):x}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    module = ModuleType(code.name)
    exec(compile(text, file, "exec"), vars(module))  # generated, from a derivation alone
    return compiled(module, code.name, signature)


def from_file(path: Path) -> ModuleType:
    """A file as a module."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module  # Numba asks for it by its name
    spec.loader.exec_module(module)
    return module


def compiled(module: ModuleType, name: str, signature: Signature) -> Callable[..., Any]:
    """A module's function, compiled for arguments of these types."""
    function: Any = getattr(module, name)
    function.compile(signature)
    return cast("Callable[..., Any]", function)


def write(path: Path, text: str) -> None:
    """Write a file, unless it holds the text already; several processes may do so at once."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    os.utime(name, (0, 0))  # Numba's cache goes by the time: the same whoever wrote it
    os.replace(name, path)


def writable(array: np.ndarray) -> np.ndarray:
    """The array, or a copy, as compiled code takes it: for one that is read-only it would be compiled anew."""
    return np.require(array, requirements=["C", "A", "W"])


def state(code: Code) -> str:
    """Whether a code is "loaded" in this process, "cached" on disk, or has to be "compiled"."""
    if code.text in LOADED:
        return "loaded"
    path = file_of(code)
    there = path.exists() and any(path.parent.glob(f"__pycache__/{path.stem}*.nbi"))
    return "cached" if there else "compiled"


def file_of(code: Code) -> Path:
    """The file that holds a code."""
    key = hashlib.sha256((surroundings() + code.text).encode()).hexdigest()[:24]
    return folder() / f"glassnet_{code.name}_{key}.py"
