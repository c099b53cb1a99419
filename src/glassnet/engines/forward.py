"""Running a network forward over any number of rows, in pieces that stay in the processor's cache."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from glassnet.derivation.derive import derive_evaluation, derive_prediction
from glassnet.derivation.report import is_part
from glassnet.engines.memory import Memory
from glassnet.engines.numpy import Source, evaluation_source, prediction_source
from glassnet.engines.threads import threads_that_pay
from glassnet.parts.network import Network

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

    def evaluate(self, x: np.ndarray, y: np.ndarray, w: np.ndarray | None = None) -> tuple[np.ndarray, float]:
        """Predictions (n, outputs) and their loss, as the network's reduction takes rows together."""
        rows = [array for array in (x, y, w) if array is not None]
        pieces = (tuple(array[low : low + PIECE] for array in rows) for low in range(0, len(x), PIECE))
        return self.evaluate_pieces(pieces, len(x), w is not None)

    def evaluate_pieces(
        self, pieces: Iterable[tuple[np.ndarray, ...]], rows: int, weighted: bool
    ) -> tuple[np.ndarray, float]:
        """The same for so many rows that come in pieces of at most `PIECE`: x, y and, if they are weighted, w."""
        out = np.empty((rows, self.n_outputs), self.dtype)
        kind = "evaluate weighted" if weighted else "evaluate"
        total = whole = 0.0
        low = 0
        with self.threads(kind, rows):
            for piece in pieces:
                high = low + len(piece[0])
                loss, count = self.bound(kind, high - low)(*piece, out[low:high])
                total += loss * count
                whole += count
                low = high
        return out, total / whole if self.is_mean and whole else total

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
