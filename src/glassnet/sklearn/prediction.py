"""Predicting with a fitted estimator, with as little as possible between a call and its numbers."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet.engines.threads import ROWS_A_THREAD, one_blas_thread
from glassnet.model.model import Model

if TYPE_CHECKING:
    from glassnet.calibration.calibration import Calibration
    from glassnet.engines.compiled_forward import CompiledForward

ONE_THREAD = 9216  # multiplications a layer; below, OpenBLAS uses one thread anyway


class Prediction:
    """A model's predictions, by the engine that trained it, which is made ready when it is first asked.

    Attributes
    ----------
    dtype, columns
        Of rows that need no more checking than that; where columns have names, no rows are such.
    """

    def __init__(self, model: Model, named: bool, one_thread: bool) -> None:
        self.model, self.one_thread = model, one_thread
        self.dtype, self.columns = model.dtype, -1 if named else model.n_inputs
        self.widest = model.memory.layout.largest

    @cached_property
    def outputs_of_finite(self) -> Callable[[np.ndarray], np.ndarray | None]:
        """From rows (n, inputs) of the model's dtype to predictions; None where a number is infinite or NaN.

        Predictions have a column for each of two classes too.
        """
        if self.model.engine is not None and self.model.engine.engine == "compiled":
            try:
                state = self.model.state
                return partial(self.by_compiled, state.compiled_forward(), state.calibration)
            except ImportError:  # it came from a machine that has Numba
                pass
        return self.by_numpy

    def by_compiled(
        self, forward: CompiledForward, calibration: Calibration | None, x: np.ndarray
    ) -> np.ndarray | None:
        """The same with compiled code, which does many rows in threads of its own with one BLAS thread each."""
        if self.model.state.calibration is not calibration:  # it was learnt since
            del self.outputs_of_finite
            return self.outputs_of_finite(x)
        if len(x) * self.widest <= ONE_THREAD or len(x) >= 2 * ROWS_A_THREAD:
            return forward.predict_finite(x)
        with self.threads(len(x)):
            return forward.predict_finite(x)

    def by_numpy(self, x: np.ndarray) -> np.ndarray | None:
        """The same with NumPy."""
        if np.count_nonzero(np.isfinite(x)) < x.size:  # half the time of `.all()`: one row shows it
            return None
        with self.threads(len(x)):
            return self.model.outputs(x)

    def threads(self, rows: int) -> AbstractContextManager[None]:
        """Within it, so many rows are multiplied on one thread, if the same bits are asked for on any machine."""
        return one_blas_thread() if self.one_thread and rows * self.widest > ONE_THREAD else nullcontext()

    def outputs(self, x: np.ndarray) -> np.ndarray:
        """Predictions for rows that are known to be finite."""
        found = self.outputs_of_finite(x)
        assert found is not None
        return found

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "outputs_of_finite"}
