"""Matrix products inside compiled code: x @ W forward, x.T @ dz and dz @ W.T backward.

    multiply(a, b, out, m, low)                  out[:m] = a[low:low+m] @ b
    multiply_left_transposed(a, d, out, m, low)  out = a[low:low+m].T @ d[:m]
    multiply_right_transposed(d, b, out, m)      out[:m] = d[:m] @ b.T

All arrays are C-contiguous matrices of one type, float32 or float64; `out` shares no memory with the others. m is
the number of rows that count, low where they begin in a larger a: a batch is a stretch of the training rows, and
buffers may be longer than the batch. What lies beyond stays untouched.

The work is NumPy's BLAS's. Called from compiled code it needs no help at most sizes: a call costs 20 to 50 ns, and
the 24 to 90 GF/s that NumPy shows on small matrices are NumPy's own calls. Three things are done here:

- Where a matrix is a single row or column, the product is one of three loops over vectors; they win where BLAS has no
  kernel for it. They also compute everything where there is no BLAS.
- OpenBLAS has kernels for small matrices on processors with AVX-512, half as fast again as its other ones, never on
  more than one thread, but only up to 10⁶ multiplications. A product a few times as large goes there in pieces.
- Those kernels are slow where the right matrix is transposed, so it is transposed first.

benchmarks/products.py measures all of it, at one setting of the constants below. `SMALL` is OpenBLAS' own; the others
were found by trying a few values on one processor (Sapphire Rapids), `FEW_ROWS` with OpenBLAS told it was a Haswell.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar, cast

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic
from numba.np.arrayobj import populate_array
from numpy.typing import NDArray

from glassnet.engines import blas
from glassnet.engines.blas import dgemm, sgemm

Matrix: TypeAlias = NDArray[Any]
Vector: TypeAlias = NDArray[Any]

HAS_BLAS = blas.found.bits > 0
SMALL_KERNELS = blas.found.small_kernels
LOOPS = not SMALL_KERNELS  # Numba leaves out what stands below an `if` on such a constant

FEW_ROWS = 4 if HAS_BLAS else sys.maxsize  # up to here loops over vectors beat a BLAS without small kernels
SMALL = 1_000_000  # multiplications: the bound of OpenBLAS' small kernels
FEWEST_ROWS = 32  # a product whose pieces would have fewer rows goes to the large kernels; 32 wins, fewer was not tried
ROWS_TO_TRANSPOSE = 16  # from about here on d @ b.T gains more by a transposed copy of b than the copy costs

# CBLAS' numbers for the order of elements and for transposition. As NumPy's integers they are ordinary arguments; for
# each Python integer that it meets Numba would compile the functions below once more.
ROW_MAJOR: Any = np.int32(101)
AS_IS: Any = np.int32(111)
TRANSPOSED: Any = np.int32(112)
ONE: Any = np.intp(1)

# contract: x·y + z in one instruction; reassoc: sums in an order that vectors like, fixed at compilation.
FAST: dict[str, Any] = {"error_model": "numpy", "nogil": True, "fastmath": {"contract", "reassoc", "nsz"}}
WITHOUT_WRAPPERS: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}

F = TypeVar("F", bound=Callable[..., Any])


def product(function: F) -> F:
    """Compiled, to be called from anywhere."""
    return cast(F, njit(**FAST)(function))


def part(function: F) -> F:
    """Compiled, to be called from compiled code alone: without what a call from Python needs, half the time."""
    return cast(F, njit(**FAST, **WITHOUT_WRAPPERS)(function))


def write_stretch(typingctx: Any, array: Any, start: Any, length: Any) -> Any:
    """The type and the instructions of `stretch`: it counts no references, so the array must outlive the view."""
    vector = types.Array(array.dtype, 1, "C")

    def write(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        whole = context.make_array(array)(context, builder, values[0])
        view = context.make_array(vector)(context, builder)
        itemsize = ir.Constant(ir.IntType(64), array.dtype.bitwidth // 8)
        populate_array(  # type: ignore[no-untyped-call]  # Numba gives it no types
            view,
            data=builder.gep(whole.data, [values[1]]),
            shape=[values[2]],
            strides=[itemsize],
            itemsize=itemsize,
            meminfo=None,
        )
        return view._getvalue()

    return vector(array, types.intp, types.intp), write


# stretch(array, start, length): so many elements of a C-contiguous array, row by row, as a vector that costs nothing.
stretch = cast(Callable[[Matrix, int, int], Vector], intrinsic(write_stretch))


@part
def row_times_matrix(x: Vector, step: int, b: Vector, out: Vector) -> None:
    """out = Σₚ x[p·step] · (row p of b): four rows at a time, so that out is read and written less often."""
    n = out.size
    depth = b.size // n
    whole = depth // 4 * 4
    for j in range(n):
        out[j] = 0
    for p in range(0, whole, 4):
        x0, x1, x2, x3 = x[p * step], x[(p + 1) * step], x[(p + 2) * step], x[(p + 3) * step]
        b0, b1, b2, b3 = (
            stretch(b, p * n, n),
            stretch(b, (p + 1) * n, n),
            stretch(b, (p + 2) * n, n),
            stretch(b, (p + 3) * n, n),
        )
        for j in range(n):
            out[j] += x0 * b0[j] + x1 * b1[j] + x2 * b2[j] + x3 * b3[j]
    for p in range(whole, depth):
        x0, b0 = x[p * step], stretch(b, p * n, n)
        for j in range(n):
            out[j] += x0 * b0[j]


@part
def matrix_times_column(a: Vector, x: Vector, out: Vector) -> None:
    """out[i] = (row i of a) · x."""
    for i in range(out.size):
        row = stretch(a, i * x.size, x.size)
        total = row.dtype.type(0)
        for p in range(x.size):
            total += row[p] * x[p]
        out[i] = total


@part
def outer(x: Vector, y: Vector, out: Matrix) -> None:
    """Row i of out = x[i] · y."""
    for i in range(x.size):
        row, xi = stretch(out, i * y.size, y.size), x[i]
        for j in range(y.size):
            row[j] = xi * y[j]


@part
def transposed(b: Matrix) -> Matrix:
    """b.T, copied."""
    k, n = b.shape
    copy = np.empty((n, k), b.dtype)
    for j in range(n):
        for p in range(k):
            copy[j, p] = b[p, j]
    return copy


@part
def gemm(flips: tuple[int, int], sizes: tuple[int, int, int], a: Vector, width: int, b: Matrix, out: Matrix) -> None:
    """BLAS' product of a, with rows of `width`, and b, each as it is or transposed; in pieces where that pays.

    The sizes are those of the product: its rows, its columns, and what is summed over.
    """
    flip_a, flip_b = flips
    rows, n, depth = sizes
    row, piece = n * depth, rows
    if SMALL_KERNELS and rows * row > SMALL and FEWEST_ROWS * row <= SMALL:
        piece = -(-rows // -(-rows * row // SMALL))
    row_step = width if flip_a == AS_IS else 1
    right, ldb = b.ctypes.data, b.shape[1]
    for i in range(0, rows, max(piece, 1)):
        size = min(piece, rows - i)
        left, result = stretch(a, i * row_step, 1).ctypes.data, stretch(out, i * n, n).ctypes.data
        if out.itemsize == 4:
            sgemm(ROW_MAJOR, flip_a, flip_b, size, n, depth, 1.0, left, width, right, ldb, 0.0, result, n)
        else:
            dgemm(ROW_MAJOR, flip_a, flip_b, size, n, depth, 1.0, left, width, right, ldb, 0.0, result, n)


@product
def multiply(a: Matrix, b: Matrix, out: Matrix, m: int, low: int = 0) -> None:
    """out[:m] = a[low:low+m] @ b."""
    k, n = b.shape
    x = stretch(a, low * k, m * k)
    if n == 1:
        matrix_times_column(x, stretch(b, 0, k), stretch(out, 0, m))
        return
    if LOOPS and m <= FEW_ROWS:
        for i in range(m):
            row_times_matrix(stretch(x, i * k, k), ONE, stretch(b, 0, k * n), stretch(out, i * n, n))
        return
    if HAS_BLAS:
        gemm((AS_IS, AS_IS), (m, n, k), x, k, b, out)


@product
def multiply_left_transposed(a: Matrix, d: Matrix, out: Matrix, m: int, low: int = 0) -> None:
    """out = a[low:low+m].T @ d[:m]."""
    k, n = out.shape
    x = stretch(a, low * k, m * k)
    if LOOPS:
        if n == 1:
            row_times_matrix(stretch(d, 0, m), n, x, stretch(out, 0, k))
            return
        if m == 1:
            outer(x, stretch(d, 0, n), out)
            return
    if HAS_BLAS:
        gemm((TRANSPOSED, AS_IS), (k, n, m), x, k, d, out)
    else:
        for p in range(k):
            row_times_matrix(stretch(x, p, m * k - p), k, stretch(d, 0, m * n), stretch(out, p * n, n))


@product
def multiply_right_transposed(d: Matrix, b: Matrix, out: Matrix, m: int) -> None:
    """out[:m] = d[:m] @ b.T."""
    k, n = b.shape
    if n == 1:
        outer(stretch(d, 0, m), stretch(b, 0, k), out)
        return
    if LOOPS and m <= FEW_ROWS:
        for i in range(m):
            matrix_times_column(stretch(b, 0, k * n), stretch(d, i * n, n), stretch(out, i * k, k))
        return
    if SMALL_KERNELS and m >= ROWS_TO_TRANSPOSE and (m * n * k <= SMALL or FEWEST_ROWS * n * k <= SMALL):
        gemm((AS_IS, AS_IS), (m, k, n), stretch(d, 0, m * n), n, transposed(b), out)
        return
    if HAS_BLAS:
        gemm((AS_IS, TRANSPOSED), (m, k, n), stretch(d, 0, m * n), n, b, out)
