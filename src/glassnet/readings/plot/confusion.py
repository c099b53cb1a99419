"""What was taken for what: rows of each class, by the class that the model says."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet.data.figures import SMALL, Sheet, ink_on, sheet
from glassnet.readings.judged import judged, target_name
from glassnet.training.state import State

MOST_COUNTED = 25  # classes up to which every cell has its number


def confusion(state: State, X: Any, y: Any = None, *, ax: Any = None) -> Any:
    """Draw it; see `glassnet.plot.confusion`."""
    if state.classes is None:
        raise ValueError("this model predicts a number: use plot.predictions, which shows predicted against true")
    known = judged(state, X, y)
    assert known is not None
    counts = known.counts
    side = float(np.clip(2.6 + 0.42 * len(counts), 4.2, 11.0))
    paper = sheet(ax, (side + 1.0, side)).dressed(grid=False, frame=False)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    image = paper.ax.imshow(shares, cmap=blues(paper), vmin=0.0, vmax=1.0, aspect="auto" if ax is not None else "equal")
    write_counts(paper, counts, shares, image)
    for axis in "xy":
        paper.name_places([str(label) for label in state.classes], axis)
    paper.ax.tick_params(length=0)
    name = target_name(state, None)
    title = "What was taken for what"
    paper.say(x=f"{name}, predicted", y=f"{name}, true", title=title, caption=[known.headline()])
    return paper.ax


def blues(paper: Sheet) -> Any:
    """From paper to the first colour."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("glassnet", [paper.palette.paper, paper.palette.hue(0)])


def write_counts(paper: Sheet, counts: np.ndarray, shares: np.ndarray, image: Any) -> None:
    """The number of rows into each cell that has any, in letters that fit."""
    k = len(counts)
    if k > MOST_COUNTED:
        return
    cell = min(paper.cell(k, k))
    size = min(1.2 * SMALL * paper.scale, 0.5 * cell, cell / (0.65 * len(f"{counts.max():,}")))
    if size < 3.5:
        return
    for row, column in np.argwhere(counts):
        paper.ax.text(
            column,
            row,
            f"{counts[row, column]:,}",
            ha="center",
            va="center",
            fontsize=size,
            color=ink_on(image.cmap(shares[row, column])),
        )
