"""Predicting many rows: by compiled code, where it is there and worth it.

NumPy goes over a layer's values once for each operation, compiled code once in all and in threads; on thousands of rows
it takes half the time. But to compile it takes a second or two, so predicting never does: it takes what a predictor, or
another model of the same form, has left in this process.
"""

from __future__ import annotations

import sys

from glassnet.derivation.steps import Derivation
from glassnet.engines.program import compile_program
from glassnet.training.choice import FUSED, LOADER, cost_of

WORTH = 0.5e-3  # seconds that compiled code has to save in one call
FEW, SOME = (
    512,
    4096,
)  # rows that are never worth it: one row must not wait for that to be worked out; and of the estimate


def rows_worth_it(prediction: Derivation) -> int:
    """From how many rows on compiled code would be worth it, estimated."""
    _, others = cost_of(compile_program(prediction, [("p", "")]), SOME)
    return int(SOME * WORTH / ((1.0 - FUSED) * others)) + 1


def is_there(prediction: Derivation, both: bool) -> bool:
    """Whether the code is in this process, or is read from the cache in no time; `both` as `prediction_code` takes it.

    Raises
    ------
    ImportError, NotImplementedError
        It cannot be there.
    """
    from glassnet.engines.cache_folder import is_empty

    if LOADER not in sys.modules and is_empty():
        return False  # without what would read it
    from glassnet.engines.compiled import state
    from glassnet.engines.prediction_code import prediction_code

    return state(prediction_code(prediction, both)) != "compiled"
