"""The matrix products of the BLAS that NumPy itself has loaded, callable from compiled code.

Numba's own way to a BLAS (`np.dot` in compiled code) needs SciPy and wakes SciPy's second copy of OpenBLAS. But NumPy
has a BLAS in this process already. Here its `cblas_sgemm` and `cblas_dgemm` are looked up by name in the loaded
libraries, and made known to LLVM under names of our own. Machine code that Numba keeps on disk holds only these names,
so this module must be imported before such code is loaded; and the names tell how wide the library's integers are, so
code compiled for one kind of library never calls the other. The repr of `found` says what there
is, the same in every process: it belongs into the key of whatever is cached.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass, field
from importlib import import_module

import llvmlite.binding

from glassnet.engines.threads import controller

# The names that cblas_sgemm goes by: in NumPy's wheels, in other OpenBLAS and MKL with 64-bit integers, in Apple's
# Accelerate; last the plain name, with 32-bit integers, in conda's and the distributions' libraries.
SPELLINGS = (
    ("scipy_cblas_{}64_", 64),
    ("cblas_{}64_", 64),
    ("cblas_{}_64", 64),
    ("cblas_{}$NEWLAPACK$ILP64", 64),
    ("scipy_cblas_{}", 32),
    ("cblas_{}$NEWLAPACK", 32),
    ("cblas_{}", 32),
)
SMALL_KERNELS = {"SkylakeX", "Cooperlake", "SapphireRapids"}


@dataclass(frozen=True)
class Found:
    """A BLAS in this process: how many bits its integers have (0: there is none), and where its two products lie."""

    bits: int
    small_kernels: bool  # OpenBLAS' own for small matrices, which it has for AVX-512
    sgemm: int = field(repr=False)
    dgemm: int = field(repr=False)


def find() -> Found:
    """The BLAS that NumPy uses, or one without address where no library of this process has the products."""
    for path in _libraries():
        try:
            library = ctypes.CDLL(path)
        except OSError:
            continue
        for spelling, bits in SPELLINGS:
            addresses = [_address(library, spelling.format(name)) for name in ("sgemm", "dgemm")]
            if all(addresses):
                return Found(bits, _has_small_kernels(), *addresses)
    return Found(0, False, 0, 0)


def _libraries() -> list[str]:
    """NumPy's own extension module, through which the libraries it is linked with are seen (not on Windows); then all
    loaded ones that threadpoolctl knows.
    """
    numpy_itself: str = import_module("numpy._core._multiarray_umath").__file__ or ""
    return [numpy_itself, *(pool.filepath for pool in controller().lib_controllers if pool.user_api == "blas")]


def _has_small_kernels() -> bool:
    """Whether OpenBLAS chose kernels among which are some for small matrices."""
    return any(getattr(pool, "architecture", None) in SMALL_KERNELS for pool in controller().lib_controllers)


def _address(library: ctypes.CDLL, name: str) -> int:
    """Where the function of this name lies, 0 where the library has none."""
    function = getattr(library, name, None)
    return ctypes.cast(function, ctypes.c_void_p).value or 0 if function is not None else 0


found = find()


def symbol(name: str) -> str:
    """What LLVM knows `sgemm` or `dgemm` as."""
    return f"glassnet_{name}_{found.bits}"


if found.bits:
    llvmlite.binding.add_symbol(symbol("sgemm"), found.sgemm)
    llvmlite.binding.add_symbol(symbol("dgemm"), found.dgemm)
