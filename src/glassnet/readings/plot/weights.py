"""The numbers that a model has learnt: all of them by array, or one array as a heat map."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet.data.figures import SMALL, Sheet, ink_on, sheet
from glassnet.parts.naming import find, layer_of
from glassnet.readings.explain.labels import Labels
from glassnet.training.state import State

SINGLE = 250  # numbers of an array up to which each is a point
BINS = 60
GOLDEN = 0.6180339887498949  # its multiples, without their whole parts, are spread evenly
MOST_WRITTEN = 120  # cells that have their numbers in them


def weights(state: State, array: str | None = None, *, ax: Any = None) -> Any:
    """Draw it; see `glassnet.plot.weights`."""
    if array is None:
        return draw_all(state, ax)
    find(array, state.weights, "array")
    return draw_one(state, array, ax)


# all of them


def draw_all(state: State, ax: Any) -> Any:
    """A line for each array: its numbers as points, or how many there are where."""
    arrays = state.weights
    paper = sheet(ax, (6.4, 1.6 + 0.55 * len(arrays))).dressed()
    paper.ax.axvline(0.0, color=paper.palette.soft, linewidth=1.0 * paper.scale, zorder=1)
    for line, (name, values) in enumerate(arrays.items()):
        colour = paper.palette.hue(layer_of(name) - 1)
        (draw_each if values.size <= SINGLE else draw_spread)(paper, line, values.ravel(), colour)
    sizes = ["×".join(map(str, values.shape)) for values in arrays.values()]
    names = [f"{name}  {size}" for name, size in zip(arrays, sizes, strict=True)]
    paper.ax.set_yticks(range(len(names)), names)
    paper.ax.set_ylim(len(names) - 0.4, -0.6)
    paper.ax.grid(False, axis="y")
    of = f"{state.n_parameters:,} numbers in {len(arrays)} arrays"
    paper.say(x="weight", title="Weights by layer", caption=[of])
    return paper.ax


def draw_each(paper: Sheet, line: int, values: np.ndarray, colour: str) -> None:
    """Each number as a point, a little up or down so that they do not hide each other."""
    lift = 0.5 * (np.arange(len(values)) * GOLDEN % 1.0 - 0.5)
    paper.ax.plot(
        values,
        line + (lift if len(values) > 1 else 0.0),
        "o",
        color=colour,
        markersize=5.0 * paper.scale,
        markeredgewidth=0.0,
        alpha=0.75,
    )


def draw_spread(paper: Sheet, line: int, values: np.ndarray, colour: str) -> None:
    """How many numbers there are where, as a shape."""
    counts, edges = np.histogram(values, BINS)
    half = 0.38 * np.repeat(counts / counts.max(), 2)
    places = np.repeat(edges, 2)[1:-1]
    paper.ax.fill_between(places, line - half, line + half, color=colour, alpha=0.75, linewidth=0.0)


# one of them


def draw_one(state: State, name: str, ax: Any) -> Any:
    """An array as a heat map: inputs down, units across."""
    values = np.atleast_2d(state.weights[name])
    flat = state.weights[name].ndim == 1
    rows, columns = values.shape
    size = (float(np.clip(2.6 + 0.5 * columns, 4.4, 12.0)), float(np.clip(1.9 + 0.36 * rows, 2.2, 12.0)))
    paper = sheet(ax, size).dressed(grid=False, frame=False)
    largest = float(np.abs(values).max()) or 1.0
    image = paper.ax.imshow(
        values, cmap=signed(paper), vmin=-largest, vmax=largest, aspect="auto", interpolation="nearest"
    )
    labels = Labels(state, ())
    across = labels.axis(name, values.ndim - 1 if not flat else 0, state.weights[name].shape, is_rows=False)
    paper.name_places(across, "x")
    paper.name_places([name] if flat else labels.axis(name, 0, values.shape, is_rows=False), "y")
    paper.ax.tick_params(length=0)
    if values.size <= MOST_WRITTEN:
        write_numbers(paper, values, image)
    paper.bar(image)
    shape = "×".join(map(str, state.weights[name].shape))
    paper.say(x="to", y="" if flat else "from", title=f"{name}, {shape}")
    return paper.ax


def signed(paper: Sheet) -> Any:
    """From the second colour over paper to the first: negative, nothing, positive."""
    from matplotlib.colors import LinearSegmentedColormap

    palette = paper.palette
    return LinearSegmentedColormap.from_list("glassnet", [palette.hue(1), palette.paper, palette.hue(0)])


def write_numbers(paper: Sheet, values: np.ndarray, image: Any) -> None:
    """The numbers into their cells, in letters that fit."""
    wide, high = paper.cell(values.shape[1], values.shape[0])
    size = min(SMALL * paper.scale, 0.55 * high, wide / 3.2)
    if size < 3.5:
        return
    for (row, column), value in np.ndenumerate(values):
        ink = ink_on(image.cmap(image.norm(value)))
        paper.ax.text(column, row, f"{value:.2f}", ha="center", va="center", fontsize=size, color=ink)
