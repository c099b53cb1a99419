"""From rows whose target is known to what is learnt of a model's errors: gathered here, learnt in `calibration`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from glassnet.calibration.calibration import Calibration, of_classes, of_numbers
from glassnet.data.arrays import ArrayContract
from glassnet.errors import DataError
from glassnet.parts.activations import activation_named
from glassnet.training.answering import check_probabilities
from glassnet.training.contract import as_contract, output_name
from glassnet.training.fingerprint import fingerprint
from glassnet.training.rows import Rows
from glassnet.training.state import State


def learn(state: State, X: Any, y: Any) -> Calibration:
    """What rows tell of a model, as `Model.calibrate` says; of the network alone, whatever was learnt before."""
    if state.classes is not None:
        check_probabilities(state)
    bare = replace(state, calibration=None)
    x, (encoded, truth) = bare.encode(X), bare.targets(X, y)
    if len(x) != len(encoded):
        raise DataError(f"X has {len(x)} rows, y has {len(encoded)}; give each row its target")
    if state.data and state.data == fingerprint(Rows(x, encoded, None), None):
        raise DataError(
            "these are the rows that the model was trained on, where it errs less than elsewhere; give it others"
        )
    names = names_of(state)
    if state.classes is None:
        return of_numbers(truth, np.asarray(bare.contract.decode(bare.outputs(x))), names)
    return of_classes(as_contract(encoded, state.contract).argmax(axis=1), probabilities(bare, x), names)


def probabilities(state: State, x: np.ndarray) -> np.ndarray:
    """Those of each class, (n, K): where there are scores behind them in float64, so that none is 1 which is less."""
    output, loss = output_name(state.network), state.network.loss
    if loss is None or loss.output != output:
        return state.outputs(x)
    z = state.scoring.predict(x).astype(np.float64)
    f = activation_named(output)
    if z.shape[1] > 1:
        return np.asarray(f(z))
    return np.concatenate((f(-z), f(z)), axis=1)


def names_of(state: State) -> tuple[Any, ...]:
    """The classes; or what the predicted numbers are called, as far as they have names."""
    if state.classes is not None:
        return state.classes
    if not isinstance(state.contract, ArrayContract):
        return (state.contract.target.name,)
    return ("y",) if state.contract.n_outputs == 1 else tuple(f"y{k + 1}" for k in range(state.contract.n_outputs))
