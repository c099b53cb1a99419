"""Matrix products inside compiled code: x @ W forward, x.T @ dz and dz @ W.T backward.

    multiply(a, b, out, m, low)                  out[:m] = a[low:low+m] @ b
    multiply_left_transposed(a, d, out, m, low)  out = a[low:low+m].T @ d[:m]
    multiply_right_transposed(d, b, out, m)      out[:m] = d[:m] @ b.T

All arrays are C-contiguous matrices of one type, float32 or float64; `out` shares no memory with the others. m is
the number of rows that count, low where they begin in a larger a: a batch is a stretch of the training rows, and
buffers may be longer than the batch. What lies beyond stays untouched.

The work is NumPy's BLAS's. Called from compiled code it needs no help at large sizes: a call costs 20 to 50 ns, and
the 24 to 90 GF/s that NumPy shows on small matrices are NumPy's own calls. Four things are done here:

- Where the weights are few, `small_products` multiplies: BLAS copies its matrices first, which takes as long as such a
  product.
- A product with a column is a loop of its own, or that of a row.
- OpenBLAS has kernels for small matrices on processors with AVX-512, half as fast again as its other ones, never on
  more than one thread, but only up to 10⁶ multiplications. A product a few times as large goes there in pieces.
- Those kernels are slow where the right matrix is transposed, so it is transposed first.

benchmarks/products.py measures all of it, at one setting of the constants below. `SMALL` is OpenBLAS' own; the others
were found by trying a few values on one processor: Sapphire Rapids, `SMALL_WEIGHTS` a Zen 3. What `SMALL_WEIGHTS` is
where there are small kernels is a guess that nobody has measured: less than without them, as BLAS is faster there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar, cast

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic
from numba.np.arrayobj import populate_array
from numpy.typing import NDArray

from glassnet.engines import blas
from glassnet.engines.arrays import free, new
from glassnet.engines.blas_calls import dgemm, sgemm
from glassnet.engines.small_products import FAST, FEW_ROWS, part, small_layer, small_product, transpose

Matrix: TypeAlias = NDArray[Any]
Vector: TypeAlias = NDArray[Any]

HAS_BLAS = blas.found.bits > 0
SMALL_KERNELS = blas.found.small_kernels
LOOPS = not SMALL_KERNELS  # Numba leaves out what stands below an `if` on such a constant

SMALL = 1_000_000  # multiplications: the bound of OpenBLAS' small kernels
SMALL_WEIGHTS = 1 << (12 if SMALL_KERNELS else 14)  # bytes, up to which a layer's products need no BLAS
FEWEST_ROWS = 32  # a product whose pieces would have fewer rows goes to the large kernels; 32 wins, fewer was not tried
ROWS_TO_TRANSPOSE = 16  # from about here on d @ b.T gains more by a transposed copy of b than the copy costs

# CBLAS' numbers for the order of elements and for transposition. As NumPy's integers they are ordinary arguments; for
# each Python integer that it meets Numba would compile the functions below once more.
ROW_MAJOR: Any = np.int32(101)
AS_IS: Any = np.int32(111)
TRANSPOSED: Any = np.int32(112)
ONE: Any = np.intp(1)

F = TypeVar("F", bound=Callable[..., Any])


def product(function: F) -> F:
    """Compiled, to be called from anywhere."""
    return cast(F, njit(**FAST)(function))


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
def matrix_times_column(a: Vector, x: Vector, out: Vector) -> None:
    """out[i] = (row i of a) · x."""
    for i in range(out.size):
        row = stretch(a, i * x.size, x.size)
        total = row.dtype.type(0)
        for p in range(x.size):
            total += row[p] * x[p]
        out[i] = total


@part
def is_small(weights: Matrix, m: int) -> bool:
    """Whether the products of m rows with these weights, and those of their gradients, are done without BLAS."""
    if HAS_BLAS:
        return (LOOPS and m <= FEW_ROWS) or weights.size * weights.itemsize <= SMALL_WEIGHTS
    return True


@part
def times(x: Vector, b: Matrix, out: Matrix, m: int) -> None:
    """out[:m] = x @ b, without BLAS."""
    k, n = b.shape
    small_product(x, (k, ONE), stretch(b, 0, k * n), stretch(out, 0, m * n), (m, n, k))


@part
def gemm(
    flips: tuple[int, int, float], sizes: tuple[int, int, int], a: Vector, width: int, b: Matrix, out: Matrix
) -> None:
    """BLAS' product of a, with rows of `width`, and b, each as it is or transposed; in pieces where that pays.

    It is added to so many times what stands in out, which the last of the flips says.
    The sizes are those of the product: its rows, its columns, and what is summed over.
    """
    flip_a, flip_b, beta = flips
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
            sgemm(ROW_MAJOR, flip_a, flip_b, size, n, depth, 1.0, left, width, right, ldb, beta, result, n)
        else:
            dgemm(ROW_MAJOR, flip_a, flip_b, size, n, depth, 1.0, left, width, right, ldb, beta, result, n)


@product
def multiply(a: Matrix, b: Matrix, out: Matrix, m: int, low: int = 0) -> None:
    """out[:m] = a[low:low+m] @ b."""
    k, n = b.shape
    x = stretch(a, low * k, m * k)
    if n == 1:
        matrix_times_column(x, stretch(b, 0, k), stretch(out, 0, m))
    elif is_small(b, m):
        times(x, b, out, m)
    elif HAS_BLAS:
        gemm((AS_IS, AS_IS, 0.0), (m, n, k), x, k, b, out)


@product
def multiply_with_bias(a: Matrix, b: Matrix, bias: NDArray[Any], out: Matrix, m: int, low: int = 0) -> None:
    """out[:m] = a[low:low+m] @ b + bias, which is a vector or a single row: the sums begin with it."""
    k, n = b.shape
    x, first = stretch(a, low * k, m * k), stretch(bias, 0, n)
    if n == 1:
        matrix_times_column(x, stretch(b, 0, k), stretch(out, 0, m))
        for i in range(m):
            out[i, 0] += first[0]
    elif is_small(b, m):
        small_layer(x, stretch(b, 0, k * n), first, stretch(out, 0, m * n), (m, n, k))
    elif HAS_BLAS:
        for i in range(m):
            row = stretch(out, i * n, n)
            for j in range(n):
                row[j] = first[j]
        gemm((AS_IS, AS_IS, 1.0), (m, n, k), x, k, b, out)


@product
def multiply_left_transposed(a: Matrix, d: Matrix, out: Matrix, m: int, low: int = 0) -> None:
    """out = a[low:low+m].T @ d[:m]."""
    k, n = out.shape
    x = stretch(a, low * k, m * k)
    if n == 1 and k > 1:  # the same as a row: d.T @ a
        small_product(stretch(d, 0, m), (m, ONE), x, stretch(out, 0, k), (ONE, k, m))
    elif n == 1:
        matrix_times_column(x, stretch(d, 0, m), stretch(out, 0, 1))
    elif is_small(out, m):
        small_product(x, (ONE, k), stretch(d, 0, m * n), stretch(out, 0, k * n), (k, n, m))
    elif HAS_BLAS:
        gemm((TRANSPOSED, AS_IS, 0.0), (k, n, m), x, k, d, out)


@product
def multiply_right_transposed(d: Matrix, b: Matrix, out: Matrix, m: int) -> None:
    """out[:m] = d[:m] @ b.T."""
    k, n = b.shape
    if k == 1:
        matrix_times_column(stretch(d, 0, m * n), stretch(b, 0, n), stretch(out, 0, m))
    elif n == 1:
        small_product(stretch(d, 0, m), (ONE, m), stretch(b, 0, k), stretch(out, 0, m * k), (m, k, ONE))
    elif is_small(b, m):
        turned = new((n, k), b.dtype)
        transpose(b, turned)
        times(stretch(d, 0, m * n), turned, out, m)
        free(turned)
    elif SMALL_KERNELS and m >= ROWS_TO_TRANSPOSE and (m * n * k <= SMALL or FEWEST_ROWS * n * k <= SMALL):
        turned = new((n, k), b.dtype)
        transpose(b, turned)
        gemm((AS_IS, AS_IS, 0.0), (m, k, n), stretch(d, 0, m * n), n, turned, out)
        free(turned)
    elif HAS_BLAS:
        gemm((AS_IS, TRANSPOSED, 0.0), (m, k, n), stretch(d, 0, m * n), n, b, out)
