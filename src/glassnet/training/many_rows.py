"""Predicting many rows: by compiled code, where it is there and worth it.

NumPy goes over a layer's values once for each operation, compiled code once in all and in threads; on thousands of rows
it takes half the time. But to compile it takes a second or two, so predicting never does: it takes what a predictor, or
another model of the same form, has left in this process.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from glassnet.engines.program import compile_program
from glassnet.training.choice import FUSED, cost_of

if TYPE_CHECKING:
    from glassnet.engines.compiled_forward import CompiledForward
    from glassnet.training.state import State

WORTH = 0.5e-3  # seconds that compiled code has to save in one call
FEW, SOME = (
    512,
    4096,
)  # rows that are never worth it: one row must not wait for that to be worked out; and of the estimate


def compiled_forward(state: State) -> CompiledForward:
    """What `state.outputs` does, as machine code.

    Raises
    ------
    ImportError, NotImplementedError
        There is no Numba, or the network cannot be compiled.
    """
    from glassnet.engines.compiled_forward import CompiledForward

    return CompiledForward(state.network, state.n_inputs, state.memory, two_columns(state))


def two_columns(state: State) -> bool:
    """Whether the network's one output is the probability of the second of two classes."""
    return state.contract.n_outputs == 2 and state.forward.n_outputs == 1


def prediction_of_many(state: State) -> Callable[[np.ndarray], np.ndarray]:
    """From many encoded rows to predictions: by compiled code if it is there, else by NumPy.

    Where training was to be done by NumPy, or to give the same bits whatever was compiled before, so is this.
    """
    settings = state.settings
    if settings is None or not (settings.deterministic or settings.engine == "numpy"):
        try:
            if is_there(state):
                return compiled_forward(state).predict
        except (ImportError, NotImplementedError):
            pass
    return state.outputs


def is_there(state: State) -> bool:
    """Whether the code is in this process, or is read from the cache in no time."""
    if "numba" not in sys.modules:
        return False
    from glassnet.engines.compiled import state as state_of
    from glassnet.engines.prediction_code import prediction_code

    return state_of(prediction_code(state.derivation(prediction=True), two_columns(state))) != "compiled"


def rows_worth_it(state: State) -> int:
    """From how many rows on compiled code would be worth it, estimated."""
    program = compile_program(state.derivation(prediction=True), [("p", "")])
    _, others = cost_of(program, SOME)
    return int(SOME * WORTH / ((1.0 - FUSED) * others)) + 1
