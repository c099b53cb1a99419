"""Running a network forward over any number of rows, in pieces that stay in the processor's cache."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Any, TypeAlias

import numpy as np

from glassnet.derivation.derive import derive_evaluation, derive_prediction
from glassnet.derivation.report import is_part
from glassnet.engines.memory import Memory
from glassnet.engines.numpy import Source, evaluation_source, prediction_source
from glassnet.engines.threads import PAYS, threads_that_pay
from glassnet.parts.network import Network

Piece: TypeAlias = tuple[int, tuple[np.ndarray, ...]]  # where its rows stand, and they

PIECE = 512  # rows at a time
KEPT = 8  # sets of buffers, for different numbers of rows


class Forward:
    """The prediction of a network, ready to be called; each thread has its own buffers."""

    def __init__(self, network: Network, n_inputs: int, memory: Memory) -> None:
        self.dtype = memory.theta.dtype
        self.network, self.n_inputs, self.memory = network, n_inputs, memory
        self.n_outputs = network.n_outputs(n_inputs)
        self.sources: dict[str, Source] = {}
        self.largest: dict[str, int] = {}  # multiplications a row, of the largest product of a source
        self.is_mean = False  # whether the loss of pieces is a mean of theirs, rather than a sum
        self.local = threading.local()

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Predictions (n, outputs) for rows x (n, inputs) of the network's dtype."""
        n = len(x)
        out = np.empty((n, self.n_outputs), self.dtype)
        if n == 1:
            self.bound("predict", n)(x, out)
            return out
        with self.threads("predict", n):
            for low in range(0, n, PIECE):
                piece = x[low : low + PIECE]
                self.bound("predict", len(piece))(piece, out[low : low + PIECE])
        return out

    def evaluate(
        self, x: np.ndarray, y: np.ndarray, w: np.ndarray | None = None, threads: int = 1
    ) -> tuple[np.ndarray, float]:
        """Predictions (n, outputs) and their loss, as the network's reduction takes rows together.

        So many threads may share the pieces, if BLAS has one in each; the bits are those of one.
        """
        rows = [array for array in (x, y, w) if array is not None]
        pieces = (tuple(array[low : low + PIECE] for array in rows) for low in range(0, len(x), PIECE))
        return self.evaluate_pieces(pieces, len(x), w is not None, threads)

    def evaluate_pieces(
        self, pieces: Iterable[tuple[np.ndarray, ...]], rows: int, weighted: bool, threads: int = 1
    ) -> tuple[np.ndarray, float]:
        """The same for so many rows that come in pieces of at most `PIECE`: x, y and, if they are weighted, w."""
        out = np.empty((rows, self.n_outputs), self.dtype)
        kind = "evaluate weighted" if weighted else "evaluate"
        total = whole = 0.0
        with self.threads(kind, rows):
            if threads == 1 or PIECE * self.largest[kind] < PAYS:
                found = self.losses(kind, with_places(pieces), out)
            else:
                found = self.side_by_side(kind, list(with_places(pieces)), out, threads)
            for loss, count in found:
                total += loss * count
                whole += count
        return out, total / whole if self.is_mean and whole else total

    def evaluate_in_turn(self, chunks: Iterable[tuple[np.ndarray, np.ndarray]]) -> Iterator[tuple[np.ndarray, float]]:
        """The same for rows and targets, x and y, that come in chunks: for each the predictions, and the loss so far.

        The bits are those of all rows at once, where all chunks but the last are whole pieces.
        """
        total = whole = 0.0
        for x, y in chunks:
            out = np.empty((len(x), self.n_outputs), self.dtype)
            pieces = ((x[low : low + PIECE], y[low : low + PIECE]) for low in range(0, len(x), PIECE))
            with self.threads("evaluate", len(x)):
                for loss, count in self.losses("evaluate", with_places(pieces), out):
                    total += loss * count
                    whole += count
            yield out, total / whole if self.is_mean and whole else total

    def losses(self, kind: str, pieces: Iterable[Piece], out: np.ndarray) -> Iterator[tuple[float, float]]:
        """The loss of each piece and what it counts; the predictions go where the piece stands."""
        for low, piece in pieces:
            high = low + len(piece[0])
            yield self.bound(kind, high - low)(*piece, out[low:high])

    def side_by_side(
        self, kind: str, pieces: list[Piece], out: np.ndarray, threads: int
    ) -> Iterator[tuple[float, float]]:
        """The same in several threads, each every so many-th piece."""
        from glassnet.engines.teams import pool

        def share(thread: int) -> list[tuple[float, float]]:
            with np.errstate(all="ignore"):
                return list(self.losses(kind, pieces[thread::threads], out))

        others = [pool().submit(share, thread) for thread in range(1, threads)]
        shares = [share(0), *(other.result() for other in others)]
        return (shares[k % threads][k // threads] for k in range(len(pieces)))

    def threads(self, kind: str, n: int) -> AbstractContextManager[None]:
        """What so many rows are computed in: on one thread, if the products are too small for more."""
        if kind not in self.largest:
            self.largest[kind] = self.source(kind).largest(1)
        return threads_that_pay(min(n, PIECE) * self.largest[kind])

    def source(self, kind: str) -> Source:
        """The code behind it."""
        if kind not in self.sources:
            if kind == "predict":
                derivation = derive_prediction(self.network, self.n_inputs, dtype=self.dtype)
                self.sources[kind] = prediction_source(derivation)
            else:
                weighted = kind.endswith("weighted")
                derivation = derive_evaluation(self.network, self.n_inputs, dtype=self.dtype, weighted=weighted)
                self.is_mean = is_part(derivation)
                self.sources[kind] = evaluation_source(derivation)
        return self.sources[kind]

    def bound(self, kind: str, n: int) -> Callable[..., Any]:
        """The function for n rows."""
        functions: dict[str, Callable[..., Any]] = self.local.__dict__
        key = f"{kind} {n}"
        if key not in functions:
            while len(functions) >= KEPT:
                functions.pop(next(iter(functions)))
            functions[key] = self.source(kind).bind(self.memory.arrays(), n)
        return functions[key]


def with_places(pieces: Iterable[tuple[np.ndarray, ...]]) -> Iterator[Piece]:
    """Each piece, and where it begins."""
    low = 0
    for piece in pieces:
        yield low, piece
        low += len(piece[0])
