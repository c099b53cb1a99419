"""Products by blocks: each column of a row, or each few columns, times a matrix of its own.

The columns of h (n, d·k) are d blocks of k, and the rows of W (d·k, m) are d blocks too: block j of W belongs to block
j of h. The result has d blocks of m columns. It is h @ block_diag(W), where block_diag(W) (d·k, d·m) has the blocks of
W along its diagonal and 0 elsewhere, without ever multiplying by these zeros.

    >>> h, W = np.array([[1.0, 2.0, 3.0, 4.0]]), np.array([[1.0], [10.0], [100.0], [1000.0]])
    >>> times_blocks(h, W, 2)
    array([[  21., 4300.]])
    >>> h @ block_diag(W, 2)
    array([[  21., 4300.]])

`out`, where it is given, is the array that the result is written to.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Shape = tuple[int | str, ...]


def times_blocks(h: Array, W: Array, blocks: int, out: Array | None = None) -> Array:
    """z = h @ block_diag(W): block j of the columns times block j of W.

    Parameters
    ----------
    h
        (n, d·k).
    W
        (d·k, m).
    blocks
        d.

    Returns
    -------
    ndarray
        (n, d·m).
    """
    n, (rows, m) = len(h), W.shape
    out = np.empty((n, blocks * m), np.result_type(h, W)) if out is None else out
    if not out.flags.c_contiguous:
        out[...] = times_blocks(h, W, blocks)
    elif rows == blocks:  # one column each: no sums
        np.multiply(h[:, :, None], W, out=out.reshape(n, blocks, m))
    else:
        np.matmul(stacked(h, blocks), W.reshape(blocks, -1, m), out=stacked(out, blocks))
    return out


def times_blocks_T(dz: Array, W: Array, blocks: int, out: Array | None = None) -> Array:
    """dh = dz @ block_diag(W)ᵀ: what `times_blocks` made, on its way back; dz (n, d·m), dh (n, d·k)."""
    n, (rows, m) = len(dz), W.shape
    out = np.empty((n, rows), np.result_type(dz, W)) if out is None else out
    if not out.flags.c_contiguous:
        out[...] = times_blocks_T(dz, W, blocks)
    elif m == 1:
        np.multiply(dz[:, :, None], W.reshape(blocks, -1), out=out.reshape(n, blocks, -1))
    else:
        np.matmul(stacked(dz, blocks), W.reshape(blocks, -1, m).swapaxes(1, 2), out=stacked(out, blocks))
    return out


def blocks_of(h: Array, dz: Array, blocks: int, out: Array | None = None) -> Array:
    """dW = diag_blocks(hᵀ @ dz): of all products of columns, those within a block; h (n, d·k), dz (n, d·m)."""
    k, m = h.shape[1] // blocks, dz.shape[1] // blocks
    out = np.empty((h.shape[1], m), np.result_type(h, dz)) if out is None else out
    if not out.flags.c_contiguous:
        out[...] = blocks_of(h, dz, blocks)
    else:
        np.matmul(stacked(h, blocks).swapaxes(1, 2), stacked(dz, blocks), out=out.reshape(blocks, k, m))
    return out


def stacked(h: Array, blocks: int) -> Array:
    """The d blocks of columns as d matrices: (n, d·k) seen as (d, n, k)."""
    return h.reshape(len(h), blocks, -1).swapaxes(0, 1)


def block_diag(W: Array, blocks: int) -> Array:
    """The blocks of W (d·k, m) along the diagonal of a matrix (d·k, d·m), 0 elsewhere."""
    k, m = len(W) // blocks, W.shape[1]
    full = np.zeros((len(W), blocks * m), W.dtype)
    for j in range(blocks):
        full[j * k : (j + 1) * k, j * m : (j + 1) * m] = W[j * k : (j + 1) * k]
    return full


def diag_blocks(full: Array, blocks: int) -> Array:
    """The blocks along the diagonal of a matrix (d·k, d·m), one below the other: (d·k, m)."""
    k, m = full.shape[0] // blocks, full.shape[1] // blocks
    return np.concatenate([full[j * k : (j + 1) * k, j * m : (j + 1) * m] for j in range(blocks)])


def shape_of(op: str, a: Shape, b: Shape, blocks: int) -> Shape:
    """The shape of a product by blocks; ValueError where the shapes do not fit.

    >>> shape_of("times_blocks", ("n", 15), (15, 2), 3)
    ('n', 6)
    """
    by = "each of the blocks must have as many columns as each of W has rows"
    if len(a) != 2 or len(b) != 2 or any(isinstance(dim, str) for dim in (a[1], b[1])) or int(a[1]) % blocks:
        raise ValueError(f"{op} takes two matrices whose columns are {blocks} blocks, got {a} and {b}; {by}")
    if op == "blocks_of":
        if a[0] != b[0] or int(b[1]) % blocks:
            raise ValueError(f"{op} takes two matrices whose columns are {blocks} blocks, got {a} and {b}")
        return int(a[1]), int(b[1]) // blocks
    if isinstance(b[0], str) or b[0] % blocks or a[1] != (b[0] if op == "times_blocks" else blocks * int(b[1])):
        raise ValueError(f"shapes do not fit in {op} of {blocks} blocks: {a} and {b}; {by}")
    return a[0], (blocks * int(b[1]) if op == "times_blocks" else b[0])
