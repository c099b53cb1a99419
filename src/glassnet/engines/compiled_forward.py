"""Running a network forward with compiled code: what `Forward` does with NumPy."""

from __future__ import annotations

from itertools import pairwise
from threading import Thread
from typing import Any

import numpy as np

from glassnet.data.arrays import is_finite
from glassnet.derivation.derive import derive_prediction
from glassnet.engines.compiled import load
from glassnet.engines.memory import Memory
from glassnet.engines.prediction_code import CHECKED, prediction_code
from glassnet.engines.threads import ROWS_A_THREAD, blas_threads, one_blas_thread
from glassnet.parts.network import Network

PIECE = 128  # rows at a time: their values stay in the processor's second cache


class CompiledForward:
    """The prediction of a network as machine code. Any number of threads may call it.

    With `both`, the only output is the probability of the second of two classes, and there is a column for each.
    """

    def __init__(self, network: Network, n_inputs: int, memory: Memory, both: bool = False) -> None:
        self.dtype = memory.theta.dtype
        self.n_outputs = 2 if both else network.n_outputs(n_inputs)
        derivation = derive_prediction(network, n_inputs, dtype=self.dtype)
        code = prediction_code(derivation, both)
        values: dict[str, Any] = {
            **vars(memory),
            "sizes": np.array(code.sizes, np.int64),
            "numbers": np.array(code.numbers),
            "X": np.empty((1, n_inputs), self.dtype),
            "out": np.empty((1, self.n_outputs), self.dtype),
            "piece": PIECE,
        }
        self.function = load(code, values).bound(*(values[name] for name in code.arguments[:-3]))

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Predictions (n, outputs) for rows x (n, inputs) of the network's dtype, contiguous."""
        out = np.empty((len(x), self.n_outputs), self.dtype)
        if len(x) >= 2 * ROWS_A_THREAD and (threads := blas_threads()) > 1:
            self.side_by_side(x, out, min(threads, len(x) // ROWS_A_THREAD))
        else:
            self.function(x, out, PIECE)
        return out

    def predict_finite(self, x: np.ndarray) -> np.ndarray | None:
        """As `predict`; None where a number in x is infinite or NaN. Looking costs next to nothing."""
        if len(x) >= CHECKED:
            return self.predict(x) if is_finite(x) else None
        out = np.empty((len(x), self.n_outputs), self.dtype)
        return out if self.function(x, out, PIECE) == 0.0 else None

    def side_by_side(self, x: np.ndarray, out: np.ndarray, threads: int) -> None:
        """Predict in so many threads, each its part of the rows, with one BLAS thread each."""
        pieces = -(-len(x) // PIECE)  # the same ones, and so the same bits, for any number of threads
        bounds = [min(len(x), pieces * k // threads * PIECE) for k in range(threads + 1)]
        parts = [(x[low:high], out[low:high], PIECE) for low, high in pairwise(bounds)]
        with one_blas_thread():
            others = [Thread(target=self.function, args=part) for part in parts[1:]]
            for thread in others:
                thread.start()
            self.function(*parts[0])
            for thread in others:
                thread.join()
