"""Matrix products inside compiled code: x @ W forward, x.T @ dz and dz @ W.T backward.

    multiply(a, b, out, rows, way, factor)                  out[begin:stop] = a[low+begin:low+stop] @ b · factor
    multiply_left_transposed(a, d, out, rows, way, factor)  out = a[low+begin:low+stop].T @ d[begin:stop] · factor
    multiply_right_transposed(d, b, out, rows, way, factor) out[begin:stop] = d[begin:stop] @ b.T · factor

All arrays are C-contiguous matrices of one type, float32 or float64; `out` shares no memory with the others. `rows` are
begin, stop and low: the rows that are multiplied, and where row 0 stands in a larger a. A batch is a stretch of the
training rows, a thread of a team takes some rows of a batch, and buffers may be longer than it.

The work is NumPy's BLAS's. Called from compiled code it needs no help at large sizes: a call costs 20 to 50 ns, and
the 24 to 90 GF/s that NumPy shows on small matrices are NumPy's own calls. Four things are done here:

- Where the weights are few, `small_products` multiplies: BLAS copies its matrices first, which takes as long as such a
  product.
- A product with a column is a loop of its own, or that of a row.
- OpenBLAS has kernels for small matrices on processors with AVX-512, half as fast again as its other ones, never on
  more than one thread, but only up to 10⁶ multiplications. A product a few times as large goes there in pieces.
- Those kernels are slow where the right matrix is transposed, so it is transposed first.

Which of these is the fastest differs from processor to processor. `BY_RULE` goes by the constants below, which are
good on those that they were tried on (benchmarks/products.py); the other ways are asked for by name, by who has
measured them (`verdicts`). BLAS itself is expected to use one thread.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from glassnet.engines import blas
from glassnet.engines.arrays import free, new, stretch
from glassnet.engines.blas_calls import dgemm, sgemm
from glassnet.engines.small_products import FEW_ROWS, small_layer, small_product, transpose
from glassnet.engines.team import cut
from glassnet.engines.ways import BY_RULE, KIND, OWN, PIECES, SMALL, STEP, TURNED
from glassnet.engines.within import part

Matrix: TypeAlias = NDArray[Any]
Vector: TypeAlias = NDArray[Any]
Rows: TypeAlias = tuple[int, int, int]  # begin, stop, and where row 0 stands
Sizes: TypeAlias = tuple[int, int, int]  # of a product: rows, columns, terms of each sum
Flips: TypeAlias = tuple[int, int, float, float]

HAS_BLAS = blas.found.bits > 0
SMALL_KERNELS = blas.found.small_kernels
LOOPS = not SMALL_KERNELS  # Numba leaves out what stands below an `if` on such a constant

VECTOR = 32  # bytes of a vector
SMALL_WEIGHTS = 1 << (7 if SMALL_KERNELS else 14)  # bytes, up to which a layer's products need no BLAS
FEWEST_ROWS = 32  # a product whose pieces would have fewer rows goes to the large kernels; 32 wins, fewer was not tried
ROWS_TO_TRANSPOSE = 8  # from about here on d @ b.T gains more by a transposed copy of b than the copy costs

# CBLAS' numbers for the order of elements and for transposition. As NumPy's integers they are ordinary arguments; for
# each Python integer that it meets Numba would compile the functions below once more.
ROW_MAJOR: Any = np.int32(101)
AS_IS: Any = np.int32(111)
TRANSPOSED: Any = np.int32(112)
ONE: Any = np.intp(1)


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
def scale(out: Vector, factor: float) -> None:
    """out = out·factor."""
    if factor != 1.0:
        number = out.dtype.type(factor)
        for i in range(out.size):
            out[i] *= number


@part
def is_own(weights: Matrix, m: int, way: int) -> bool:
    """Whether the products of m rows with these weights, and those of their gradients, are done without BLAS."""
    kind = way & KIND
    if not HAS_BLAS or kind:
        return not HAS_BLAS or kind == OWN
    return (LOOPS and m <= FEW_ROWS) or weights.size * weights.itemsize <= SMALL_WEIGHTS


@part
def is_turned(b: Matrix, m: int, way: int) -> bool:
    """Whether d @ b.T is done with a transposed copy of b."""
    kind = way & KIND
    if kind or not SMALL_KERNELS:
        return kind == TURNED
    return m >= ROWS_TO_TRANSPOSE and (m * b.size <= SMALL or FEWEST_ROWS * b.size <= SMALL)


@part
def times(x: Vector, b: Matrix, out: Vector, m: int) -> None:
    """out = x @ b, without BLAS; x and out are m rows."""
    k, n = b.shape
    small_product(x, (k, ONE), stretch(b, 0, k * n), out, (m, n, k))


@part
def rows_of_piece(sizes: Sizes, way: int) -> int:
    """How many rows of a product BLAS is given at a time."""
    rows, n, depth = sizes
    kind, row = way & KIND, n * depth
    in_pieces = kind in (PIECES, TURNED) or (SMALL_KERNELS and kind == BY_RULE and FEWEST_ROWS * row <= SMALL)
    if in_pieces and row <= SMALL < rows * row:
        return -(-rows // -(-rows * row // SMALL))
    return max(1, rows)


@part
def gemm(flips: Flips, sizes: Sizes, steps: Sizes, a: Vector, b: Vector, out: Vector) -> None:
    """BLAS' product of a and b, each as it is or transposed; in pieces of so many rows as the last of the steps says.

    It is taken so many times as the third of the flips says, and added to so many times what stands in out, which the
    last says. The sizes are those of the product: its rows, its columns, and what is summed over. The first of the
    steps are the widths of a row of a and b; one of out is as wide as of b, unless that is transposed.
    """
    flip_a, flip_b, alpha, beta = flips
    rows, n, depth = sizes
    width_a, width_b, step = steps
    width = width_b if flip_b == AS_IS else n
    second, row_step = b.ctypes.data, (width_a if flip_a == AS_IS else 1)
    for i in range(0, rows, step):
        size = min(step, rows - i)
        first, result = stretch(a, i * row_step, 1).ctypes.data, stretch(out, i * width, 1).ctypes.data
        if out.itemsize == 4:
            sgemm(
                ROW_MAJOR, flip_a, flip_b, size, n, depth, alpha, first, width_a, second, width_b, beta, result, width
            )
        else:
            dgemm(
                ROW_MAJOR, flip_a, flip_b, size, n, depth, alpha, first, width_a, second, width_b, beta, result, width
            )


@part
def multiply(a: Matrix, b: Matrix, out: Matrix, rows: Rows, way: int = BY_RULE, factor: float = 1.0) -> None:
    """out[begin:stop] = a[low+begin:low+stop] @ b · factor."""
    (begin, stop, low), (k, n) = rows, b.shape
    m = stop - begin
    x, z = stretch(a, (low + begin) * k, m * k), stretch(out, begin * n, m * n)
    if n == 1:
        matrix_times_column(x, stretch(b, 0, k), z)
        scale(z, factor)
    elif is_own(b, m, way):
        times(x, b, z, m)
        scale(z, factor)
    elif HAS_BLAS:
        flips = AS_IS, AS_IS, factor, 0.0
        gemm(flips, (m, n, k), (k, n, rows_of_piece((m, n, k), way)), x, stretch(b, 0, k * n), z)


@part
def multiply_with_bias(a: Matrix, b: Matrix, bias: NDArray[Any], out: Matrix, rows: Rows, way: int = BY_RULE) -> None:
    """out[begin:stop] = a[low+begin:low+stop] @ b + bias, which is a vector or a single row: the sums begin with it."""
    (begin, stop, low), (k, n) = rows, b.shape
    m = stop - begin
    x, z, first = stretch(a, (low + begin) * k, m * k), stretch(out, begin * n, m * n), stretch(bias, 0, n)
    if n == 1:
        matrix_times_column(x, stretch(b, 0, k), z)
        for i in range(m):
            z[i] += first[0]
    elif is_own(b, m, way):
        small_layer(x, stretch(b, 0, k * n), first, z, (m, n, k))
    elif HAS_BLAS:
        for i in range(m):
            row = stretch(z, i * n, n)
            for j in range(n):
                row[j] = first[j]
        flips = AS_IS, AS_IS, 1.0, 1.0
        gemm(flips, (m, n, k), (k, n, rows_of_piece((m, n, k), way)), x, stretch(b, 0, k * n), z)


@part
def multiply_left_transposed(
    a: Matrix, d: Matrix, out: Matrix, rows: Rows, way: int = BY_RULE, factor: float = 1.0
) -> None:
    """out = a[low+begin:low+stop].T @ d[begin:stop] · factor."""
    (begin, stop, low), (k, n) = rows, out.shape
    m, is_by_blas = stop - begin, False
    x, z = stretch(a, (low + begin) * k, m * k), stretch(d, begin * n, m * n)
    if n == 1 and k > 1:  # the same as a row: d.T @ a
        small_product(z, (m, ONE), x, stretch(out, 0, k), (ONE, k, m))
    elif n == 1:
        matrix_times_column(x, z, stretch(out, 0, 1))
    elif (
        is_own(out, m, way) and n * out.itemsize < VECTOR <= k * out.itemsize
    ):  # narrow: its transpose, d.T @ a, is wide
        turned = new((n, k), out.dtype)
        small_product(z, (ONE, n), x, stretch(turned, 0, n * k), (n, k, m))
        transpose(turned, out)
        free(turned)
    elif is_own(out, m, way):
        small_product(x, (ONE, k), z, stretch(out, 0, k * n), (k, n, m))
    elif HAS_BLAS:
        is_by_blas, flips = True, (TRANSPOSED, AS_IS, factor, 0.0)
        gemm(flips, (k, n, m), (k, n, rows_of_piece((k, n, m), way)), x, z, stretch(out, 0, k * n))
    if not is_by_blas:
        scale(stretch(out, 0, k * n), factor)


@part
def multiply_left_transposed_together(
    a: Matrix, d: Matrix, out: Matrix, rows: tuple[int, int], how: tuple[int, int, int], factor: float = 1.0
) -> None:
    """A thread's share of out = a[low:low+m].T @ d[:m] · factor: some of its columns.

    rows: m and low; how: the way, the thread, and how many threads there are.
    """
    (m, low), (way, thread, threads), (k, n) = rows, how, out.shape
    left, right = cut(n, STEP, thread, threads)
    size, x = right - left, stretch(a, low * k, m * k)
    if HAS_BLAS and size:
        step = rows_of_piece((k, size, m), way)
        flips = TRANSPOSED, AS_IS, factor, 0.0
        gemm(flips, (k, size, m), (k, n, step), x, stretch(d, left, 1), stretch(out, left, 1))


@part
def multiply_right_transposed(
    d: Matrix, b: Matrix, out: Matrix, rows: Rows, way: int = BY_RULE, factor: float = 1.0
) -> None:
    """out[begin:stop] = d[begin:stop] @ b.T · factor."""
    (begin, stop, _), (k, n) = rows, b.shape
    m, is_by_blas = stop - begin, False
    z, x = stretch(d, begin * n, m * n), stretch(out, begin * k, m * k)
    if k == 1:
        matrix_times_column(z, stretch(b, 0, n), x)
    elif n == 1:
        small_product(z, (ONE, m), stretch(b, 0, k), x, (m, k, ONE))
    elif is_own(b, m, way):
        turned = new((n, k), b.dtype)
        transpose(b, turned)
        times(z, turned, x, m)
        free(turned)
    elif HAS_BLAS and is_turned(b, m, way):
        turned = new((n, k), b.dtype)
        transpose(b, turned)
        step = rows_of_piece((m, k, n), way)
        is_by_blas, flips = True, (AS_IS, AS_IS, factor, 0.0)
        gemm(flips, (m, k, n), (n, k, step), z, stretch(turned, 0, n * k), x)
        free(turned)
    elif HAS_BLAS:
        step = rows_of_piece((m, k, n), way)
        is_by_blas, flips = True, (AS_IS, TRANSPOSED, factor, 0.0)
        gemm(flips, (m, k, n), (n, n, step), z, stretch(b, 0, k * n), x)
    if not is_by_blas:
        scale(x, factor)
