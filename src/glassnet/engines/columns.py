"""Columns inside compiled code: copied from matrix to matrix, and products by blocks (`expressions/blocks`).

    copy_columns(a, out, rows, (start, at, width))  out[:, at:at+width] = a[low:, start:start+width]
    times_blocks(h, W, out, rows, blocks)           out = h[low:] @ block_diag(W)
    times_blocks_T(dz, W, out, rows, blocks)        out = dz[low:] @ block_diag(W).T
    blocks_of(h, dz, out, rows, blocks)             out = diag_blocks(h[low:].T @ dz)

All arrays are C-contiguous matrices of one type. `rows` are begin, stop and low, as in `products`: the rows that are
taken, and where row 0 stands in a larger h.

A block has few columns on one side, 1 to 3, and a vector's length on the other, so the inner loop goes along the longer
side; where the rows of W are the shorter, W is turned first.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from numpy.typing import NDArray

from glassnet.engines.arrays import free, new, stretch
from glassnet.engines.within import part

Matrix: TypeAlias = NDArray[Any]
Rows: TypeAlias = tuple[int, int, int]  # begin, stop, and where row 0 stands


@part
def copy_columns(a: Matrix, out: Matrix, rows: Rows, columns: tuple[int, int, int]) -> None:
    """out[begin:stop, at:at+width] = a[low+begin:low+stop, start:start+width]."""
    (begin, stop, low), (start, at, width) = rows, columns
    for i in range(begin, stop):
        source = stretch(a, (low + i) * a.shape[1] + start, width)
        target = stretch(out, i * out.shape[1] + at, width)
        for j in range(width):
            target[j] = source[j]


@part
def turn_blocks(W: Matrix, blocks: int, turned: Matrix) -> None:
    """Each block of W (blocks·k, m) transposed: turned is (blocks·m, k)."""
    m, k = W.shape[1], turned.shape[1]
    for j in range(blocks):
        for c in range(m):
            for p in range(k):
                turned[j * m + c, p] = W[j * k + p, c]


@part
def times_blocks(h: Matrix, W: Matrix, out: Matrix, rows: Rows, blocks: int) -> None:
    """out[begin:stop] = h[low+begin:low+stop] @ block_diag(W)."""
    (begin, stop, low), (width, m) = rows, W.shape
    k = width // blocks
    if k == 1:
        for i in range(begin, stop):
            x = stretch(h, (low + i) * width, width)
            for j in range(blocks):
                z, w, factor = stretch(out, (i * blocks + j) * m, m), stretch(W, j * m, m), x[j]
                for c in range(m):
                    z[c] = factor * w[c]
        return
    turned = new((blocks * m, k), W.dtype)
    turn_blocks(W, blocks, turned)
    for i in range(begin, stop):
        z = stretch(out, i * blocks * m, blocks * m)
        for j in range(blocks):
            x = stretch(h, (low + i) * width + j * k, k)
            for c in range(m):
                w = stretch(turned, (j * m + c) * k, k)
                total = x.dtype.type(0)
                for p in range(k):
                    total += x[p] * w[p]
                z[j * m + c] = total
    free(turned)


@part
def times_blocks_T(dz: Matrix, W: Matrix, out: Matrix, rows: Rows, blocks: int) -> None:
    """out[begin:stop] = dz[low+begin:low+stop] @ block_diag(W).T."""
    (begin, stop, low), (width, m) = rows, W.shape
    k = width // blocks
    if m >= k:
        for i in range(begin, stop):
            x = stretch(out, i * width, width)
            for j in range(blocks):
                d = stretch(dz, ((low + i) * blocks + j) * m, m)
                for p in range(k):
                    w = stretch(W, (j * k + p) * m, m)
                    total = d.dtype.type(0)
                    for c in range(m):
                        total += d[c] * w[c]
                    x[j * k + p] = total
        return
    turned = new((blocks * m, k), W.dtype)
    turn_blocks(W, blocks, turned)
    for i in range(begin, stop):
        for j in range(blocks):
            x, d = stretch(out, i * width + j * k, k), stretch(dz, ((low + i) * blocks + j) * m, m)
            for p in range(k):
                x[p] = 0.0
            for c in range(m):
                w, factor = stretch(turned, (j * m + c) * k, k), d[c]
                for p in range(k):
                    x[p] += factor * w[p]
    free(turned)


@part
def blocks_of(h: Matrix, dz: Matrix, out: Matrix, rows: Rows, blocks: int) -> None:
    """out = diag_blocks(h[low+begin:low+stop].T @ dz[begin:stop])."""
    (begin, stop, low), (width, m) = rows, out.shape
    k = width // blocks
    if m >= k:
        whole = stretch(out, 0, width * m)
        for q in range(width * m):
            whole[q] = 0.0
        for i in range(begin, stop):
            x = stretch(h, (low + i) * width, width)
            for j in range(blocks):
                d = stretch(dz, (i * blocks + j) * m, m)
                for p in range(k):
                    w, factor = stretch(out, (j * k + p) * m, m), x[j * k + p]
                    for c in range(m):
                        w[c] += factor * d[c]
        return
    turned = new((blocks * m, k), out.dtype)
    whole = stretch(turned, 0, width * m)
    for q in range(width * m):
        whole[q] = 0.0
    for i in range(begin, stop):
        z = stretch(dz, i * blocks * m, blocks * m)
        for j in range(blocks):
            x = stretch(h, (low + i) * width + j * k, k)
            for c in range(m):
                w, factor = stretch(turned, (j * m + c) * k, k), z[j * m + c]
                for p in range(k):
                    w[p] += factor * x[p]
    for j in range(blocks):
        for p in range(k):
            for c in range(m):
                out[j * k + p, c] = turned[j * m + c, p]
    free(turned)
