"""What a network says of rows, beside its prediction: probabilities, how far to trust it, and the values on the way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from glassnet.calibration.calibration import Calibration
from glassnet.calibration.conformal import check_level
from glassnet.calibration.predicted import Predicted
from glassnet.data.arrays import ArrayContract
from glassnet.data.streams.named import source_of
from glassnet.data.streams.source import How
from glassnet.data.streams.stream import Stream
from glassnet.derivation.walk import values_of
from glassnet.errors import DataError
from glassnet.training.contract import output_name
from glassnet.training.part_by_part import outputs_in_turn, outputs_of_stream, stream_for
from glassnet.training.state import State


def predict_proba(state: State, X: Any) -> np.ndarray:
    """The probability of each class, (n, classes), in the order of `model.classes`."""
    if state.classes is None:
        raise ValueError("this model predicts numbers, not classes: there are no probabilities; use predict")
    check_probabilities(state)
    stream = stream_for(state, X)
    return state.answers(state.encode(X)) if stream is None else outputs_of_stream(state, stream)


def predict_parts(state: State, X: Any, *, interval: float | None = None) -> Iterator[np.ndarray | Predicted]:
    """What `predict` gives for a table of any size, some rows at a time, in their order.

        for found in model.predict_parts("logs/*.parquet"):
            ...

    Parameters
    ----------
    X
        What `glassnet.stream` takes, or a stream.
    interval
        As for `predict`.

    Raises
    ------
    DataError
        What does not fit; the rows before were given by then. `predict`, which gives all rows or none, reads a CSV file
        again where words come late in a column that held numbers; here rows that were given stay as they are.
    ValueError
        As for `predict`.
    """
    if interval is not None:
        calibration_for(state, interval)
    stream = stream_for(state, X)
    if stream is None:
        if isinstance(state.contract, ArrayContract):
            raise DataError("this model was trained on arrays, whose columns have no names; give predict all rows")
        stream = Stream(source_of(X), How(notation=state.contract.notation))
    return (said(state, outputs, interval) for outputs in outputs_in_turn(state, stream))


def said(state: State, outputs: np.ndarray, interval: float | None) -> np.ndarray | Predicted:
    """Outputs as predictions, with intervals or sets where these are asked for."""
    return np.asarray(state.contract.decode(outputs)) if interval is None else trusted(state, outputs, interval)


def check_probabilities(state: State) -> None:
    """ValueError where the outputs for classes are no probabilities."""
    if output_name(state.network) not in ("softmax", "sigmoid"):
        raise ValueError(
            f"the outputs of this network ({output_name(state.network)}) are no probabilities: end it with softmax "
            "or sigmoid, or leave its loss out"
        )


def trusted(state: State, outputs: np.ndarray, interval: float) -> Predicted:
    """What outputs say, as the contract has them, with intervals or sets."""
    calibration, predictions = calibration_for(state, interval), np.asarray(state.contract.decode(outputs))
    if state.classes is None:
        return calibration.intervals(predictions, interval)
    return calibration.sets(predictions, outputs, interval)


def calibration_for(state: State, interval: float) -> Calibration:
    """The calibration, with errors for intervals or sets at this level; ValueError where there is none."""
    check_level(interval)
    if state.calibration is None:
        raise ValueError(
            "this model is not calibrated, so nothing is known of its errors: model.calibrate(X, y), with rows "
            "that trained nothing"
        )
    for errors in state.calibration.errors:
        errors.widths(interval)
    return state.calibration


def unusual(state: State, X: Any) -> tuple[tuple[str, ...], ...]:
    """For each row the columns whose value lies outside the range seen in training, or is a word that was not.

    Parameters
    ----------
    X
        As for `predict`.

    Raises
    ------
    DataError
        The model was trained on arrays, of whose columns no range is kept; or what does not fit.
    """
    if isinstance(state.contract, ArrayContract):
        raise DataError("this model was trained on arrays, of whose columns no range is kept; train it on a table")
    return state.contract.unusual(state.table(X))


def scores(state: State, X: Any) -> np.ndarray:
    """What the last layer gives before any sigmoid, softmax or exponential, (n, outputs of the network)."""
    return state.scoring.predict(state.encode(X))


def layer_values(state: State, X: Any) -> dict[str, np.ndarray]:
    """Every value on the way to a prediction, by its name in `derivation(prediction=True)`; the last is p.

    For n rows, scores `z1` and activations `a1` are (n, units).
    """
    return values_of(state.derivation(prediction=True), state.memory.arrays(), state.encode(X))
