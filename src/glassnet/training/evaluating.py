"""How good a network is on rows whose target is known."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet.data.arrays import check_weight
from glassnet.data.streams.stream import Stream
from glassnet.errors import DataError
from glassnet.training.contract import as_contract, output_name
from glassnet.training.evaluating_parts import evaluate_parts
from glassnet.training.metrics import Judged, Metric, choose
from glassnet.training.part_by_part import Pass, read_again, stream_for
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
        As for `train`; for a table y is not needed, its target column is. What is read part by part (`glassnet.stream`,
        a folder, a pattern, a file too large for memory) takes no more memory than a part; but for AUC and the
        calibration error the outputs are kept, 4 bytes a row in float32, for each class of more than two, and for
        functions of one's own targets and predictions, 16 bytes a row.
    metrics
        Names or functions (y, predicted), as for `train`; None: accuracy for classes, r2 and rmse for numbers.
    sample_weight
        (n,) weights of the rows, in the loss and in the metrics that have names.
    """
    stream = stream_for(state, X)
    if stream:
        return of_stream(state, stream, y, metrics, sample_weight)
    x, encoded, truth = state.encode(X), *state.targets(X, y)
    if len(x) != len(encoded):
        raise DataError(f"X has {len(x)} rows, y has {len(encoded)}; give each row its target")
    weight = None if sample_weight is None else check_weight(sample_weight, len(x))
    w = None if weight is None else weight.astype(state.dtype)[:, None]
    p, loss = state.forward.evaluate(x, encoded, w)
    p, targets = as_contract(p, state.contract), as_contract(encoded, state.contract)
    predicted = np.asarray(state.contract.decode(p))
    chosen = metrics_of(state, metrics or usual(state))
    judged = Judged(y=truth, predicted=predicted, targets=targets, outputs=p, weight=weight)
    return {"loss": loss, **{name: metric(judged) for name, metric in chosen.items()}}


def usual(state: State) -> tuple[str, ...] | None:
    """The metrics where none are asked for; None: those of `choose`."""
    return None if state.classes is not None else ("r2", "rmse")


def of_stream(state: State, stream: Stream, y: Any, metrics: Any, sample_weight: Any) -> dict[str, float]:
    """The same for a table that is read part by part."""
    if y is not None:
        raise ValueError("y must be left out for a table that is read part by part: its target column is taken")
    if sample_weight is not None:
        raise ValueError("sample_weight must be left out for a table that is read part by part: weights are an array")
    chosen = metrics_of(state, metrics or usual(state))
    passing = Pass(state, stream, what="evaluating", with_target=True)
    found = read_again(passing, lambda reading: evaluate_parts(reading, chosen))
    for remark in found.passing.remarks():
        warnings.warn(remark, stacklevel=3)
    return found.numbers


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
