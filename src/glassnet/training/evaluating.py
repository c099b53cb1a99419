"""How good a network is on rows whose target is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet.data.arrays import check_weight
from glassnet.errors import DataError
from glassnet.training.contract import as_contract, output_name
from glassnet.training.metrics import Judged, Metric, choose
from glassnet.training.state import State

if TYPE_CHECKING:
    from glassnet.training.metrics import Metrics


def evaluate(
    state: State, X: Any, y: Any = None, *, metrics: Metrics = None, sample_weight: Any = None
) -> dict[str, float]:
    """Loss and metrics on rows whose target is known.

    Parameters
    ----------
    X, y
        As for `train`; for a table y is not needed, its target column is.
    metrics
        Names or functions (y, predicted), as for `train`; None: accuracy for classes, r2 and rmse for numbers.
    sample_weight
        (n,) weights of the rows, in the loss and in the metrics that have names.
    """
    x, encoded, truth = state.encode(X), *state.targets(X, y)
    if len(x) != len(encoded):
        raise DataError(f"X has {len(x)} rows, y has {len(encoded)}; give each row its target")
    weight = None if sample_weight is None else check_weight(sample_weight, len(x))
    w = None if weight is None else weight.astype(state.dtype)[:, None]
    p, loss = state.forward.evaluate(x, encoded, w)
    p, targets = as_contract(p, state.contract), as_contract(encoded, state.contract)
    predicted = np.asarray(state.contract.decode(p))
    chosen = metrics_of(state, metrics or (None if state.classes is not None else ("r2", "rmse")))
    judged = Judged(y=truth, predicted=predicted, targets=targets, outputs=p, weight=weight)
    return {"loss": loss, **{name: metric(judged) for name, metric in chosen.items()}}


def metrics_of(state: State, asked: Any) -> dict[str, Metric]:
    """Metrics that are asked for, by name; ValueError for one that this model's predictions do not have."""
    chosen = choose(asked, state.classes is not None)
    refused = [name for name, metric in chosen.items() if metric.of_probabilities and not state.is_distribution]
    if refused:
        raise ValueError(
            f"metric {refused[0]!r} needs probabilities whose sum is 1; the outputs of this network "
            f"({output_name(state.network)}) are others: end it with softmax, or with one sigmoid, or leave the "
            "metric out"
        )
    return chosen
