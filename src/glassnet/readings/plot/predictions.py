"""Predicted against true: on the line a prediction is right."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet.data.figures import MARKERS, Sheet, sheet
from glassnet.readings.judged import judged, target_name
from glassnet.readings.plot.points import MANY, point_size
from glassnet.training.state import State

CROWD = 5_000  # from so many rows on they are counted in cells, as points would hide each other


def predictions(state: State, X: Any, y: Any = None, *, ax: Any = None) -> Any:
    """Draw it; see `glassnet.plot.predictions`."""
    if state.classes is not None:
        raise ValueError("this model predicts classes: use plot.confusion, which shows what was taken for what")
    known = judged(state, X, y)
    assert known is not None
    paper = sheet(ax, (5.4, 5.0)).dressed().numbered()
    truth, said = (values.reshape(len(values), -1) for values in (known.truth, known.said))
    low, high = ends(truth, said)
    look = {"color": paper.palette.soft, "linewidth": 1.2 * paper.scale}
    paper.ax.plot([low, high], [low, high], zorder=3, label="right", **look)
    (draw_cells if len(truth) >= CROWD and truth.shape[1] == 1 else draw_points)(paper, truth, said)
    paper.ax.set(xlim=(low, high), ylim=(low, high))
    name = target_name(state, None)
    paper.say(x=f"{name}, true", y=f"{name}, predicted", title="Predicted against true", caption=[known.headline()])
    if truth.shape[1] > 1:
        paper.legend()
    return paper.ax


def ends(truth: np.ndarray, said: np.ndarray) -> tuple[float, float]:
    """A range that holds all numbers, with some room."""
    low, high = min(truth.min(), said.min()), max(truth.max(), said.max())
    room = 0.04 * (high - low) or 0.5
    return float(low - room), float(high + room)


def draw_points(paper: Sheet, truth: np.ndarray, said: np.ndarray) -> None:
    """A point for each row, and for each number in it."""
    n, numbers = truth.shape
    size = point_size(paper, n)
    for k in range(numbers):
        paper.ax.plot(
            truth[:, k],
            said[:, k],
            MARKERS[k % len(MARKERS)],
            color=paper.palette.hue(k),
            markersize=size,
            markeredgewidth=0.0,
            alpha=0.75 if n <= MANY else 0.4,
            label=f"column {k}",
            rasterized=n > MANY,
        )


def draw_cells(paper: Sheet, truth: np.ndarray, said: np.ndarray) -> None:
    """How many rows there are where."""
    cells = paper.ax.hexbin(
        truth[:, 0], said[:, 0], gridsize=45, bins="log", mincnt=1, cmap=paper.palette.numbers, linewidths=0.0
    )
    paper.bar(cells, "rows")
