"""What is remarkable about rows and curves, whether the network learns or not: none of it is a verdict.

A note is precise or it is not made: a column that *is* the target, not one that tells much of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from glassnet.doctor.case import Case
from glassnet.doctor.errors import DISTANCE, FEW
from glassnet.doctor.reruns import End
from glassnet.doctor.training_signs import column_name

SAME = 1e-9  # of the targets' spread: a column that differs from a line of them by no more is the same
LATER = 0.25  # of the way that the loss of the rows held out came down: so much it rose again


def notes(case: Case, ends: Sequence[End]) -> tuple[str, ...]:
    """What is remarkable."""
    return (*leaks(case), *same_everywhere(case), *too_sure(ends))


def leaks(case: Case) -> Iterator[str]:
    """A column that is the target, under another name."""
    x, truth = case.rows.x.astype(np.float64), case.truth.astype(np.float64)
    if len(x) < FEW:
        return
    for k in range(x.shape[1]):
        column = x[:, k]
        if case.classes is None:
            found = truth.shape[1] == 1 and is_line_of(column, truth[:, 0])
        else:
            found = is_code_of(column, truth.argmax(axis=1))
        if found:
            name = column_name(case, k)
            yield f"{name} is the target itself in another form: is it known before the target is?"


def is_line_of(column: np.ndarray, y: np.ndarray) -> bool:
    """Whether y is a + b·column."""
    spread = column.std()
    if not spread or not y.std():
        return False
    slope = ((column - column.mean()) * (y - y.mean())).mean() / spread**2
    return bool(np.abs(y - y.mean() - slope * (column - column.mean())).max() <= SAME * y.std())


def is_code_of(column: np.ndarray, classes: np.ndarray) -> bool:
    """Whether each class has one value of its own."""
    values = np.unique(column)
    return len(values) == len(np.unique(classes)) == len({*zip(column.tolist(), classes.tolist(), strict=True)})


def same_everywhere(case: Case) -> Iterator[str]:
    """Columns that are the same in every row."""
    still = [k for k in range(case.rows.x.shape[1]) if (case.rows.x[:, k] == case.rows.x[0, k]).all()]
    if still and len(case.rows) > 1:
        more = f" and {len(still) - 3} more" if len(still) > 3 else ""
        yield f"{', '.join(column_name(case, k) for k in still[:3])}{more}: the same in every row"


def too_sure(ends: Sequence[End]) -> Iterator[str]:
    """Where the loss of the rows held out rises while as many of them are right: loss and accuracy disagree."""
    end = ends[len(ends) // 2]
    losses = np.asarray(end.state.history.columns.get("val_loss", ()), np.float64)
    scores = np.asarray(end.state.history.columns.get("val_accuracy", ()), np.float64)
    if end.case.way == DISTANCE or len(losses) < 10 or len(scores) != len(losses) or not np.isfinite(losses).all():
        return
    best = int(losses.argmin())
    way, rise = losses[0] - losses[best], losses[-1] - losses[best]
    trivial = 1.0 - float(end.case.truth.mean(axis=0).max())
    if end.held_error < 0.7 * trivial and rise > LATER * way > 0.0 and scores[-1] >= scores[best] - 0.01:
        yield (
            f"from epoch {best + 1} on the loss of the rows held out rises, {losses[best]:.3g} to {losses[-1]:.3g}, "
            "while as many of them are right: its probabilities grow too sure (early_stopping, or model.calibrate)"
        )
