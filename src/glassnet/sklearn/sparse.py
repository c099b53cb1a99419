"""Sparse inputs: made dense as a whole where that takes little memory, otherwise batch by batch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import scipy.sparse

from glassnet.engines.forward import PIECE, Forward
from glassnet.training.contract import in_dtype
from glassnet.training.rows import Batches, Rows, Walk

DENSE = 1 << 28  # bytes that a sparse matrix may take as a dense one


def is_sparse(X: Any) -> bool:
    """Whether X is one of SciPy's sparse matrices or arrays."""
    return bool(scipy.sparse.issparse(X))


def rows_of(X: Any, y: np.ndarray, w: np.ndarray | None, dtype: np.dtype[Any]) -> Rows:
    """Rows to train on, of the dtype."""
    if is_sparse(X) and X.shape[0] * X.shape[1] * dtype.itemsize > DENSE:
        return SparseRows(X.tocsr().astype(dtype, copy=False), y, w)
    return Rows(in_dtype(X.toarray() if is_sparse(X) else X, dtype, "X"), y, w)


class SparseRows(Rows):
    """Rows whose x is a sparse matrix in CSR form."""

    def __len__(self) -> int:
        return int(self.x.shape[0])

    def largest(self) -> np.ndarray:
        """As `Rows.largest` says."""
        return np.asarray(abs(self.x).max(axis=0).toarray().ravel())

    def batches(self, walk: Walk) -> Batches:
        """Batches that are made dense when their turn comes."""
        return SparseBatches(self, walk)


class SparseBatches(Batches):
    """Sparse rows cut into dense batches."""

    def __init__(self, rows: Rows, walk: Walk) -> None:
        self.cut(rows, walk)

    def some(self, order: np.ndarray | None, first: int, last: int) -> Iterator[tuple[np.ndarray, ...]]:
        """As `Batches.some` says."""
        for low, high in self.bounds[first:last]:
            yield self.dense(slice(low, high) if order is None else order[low:high])

    def weights(self) -> list[float]:
        """As `Batches.weights` says, the rows as they are."""
        w = self.rows.w
        assert w is not None
        return [float(w[low:high].sum(dtype=np.float64)) for low, high in self.bounds]

    def dense(self, some: Any) -> tuple[np.ndarray, ...]:
        """Some of the rows as a batch."""
        others = [array[some] for array in (self.rows.y, self.rows.w) if array is not None]
        return (self.rows.x[some].toarray(), *others)


def evaluate(forward: Forward, rows: Rows) -> tuple[np.ndarray, float]:
    """Predictions for rows, and their loss."""
    if not isinstance(rows, SparseRows):
        return forward.evaluate(rows.x, rows.y, rows.w)
    batches = SparseBatches(rows, Walk.over(len(rows), PIECE, shuffle=False))
    pieces = (batches.dense(slice(low, high)) for low, high in batches.bounds)
    return forward.evaluate_pieces(pieces, len(rows), rows.w is not None)
