"""What a model says everywhere on a plane through the data, and the data on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from glassnet.data.figures import MARKERS, Palette, Sheet, sheet
from glassnet.readings.judged import Judged, judged, target_name
from glassnet.readings.plot.plane import Columns, Plane, plane
from glassnet.readings.plot.points import MANY, draw_points, draw_rings, point_size
from glassnet.training.contract import output_name
from glassnet.training.state import State

STEPS = 200  # of the grid along each column
FAINT, STRONG = 0.10, 0.42  # how much of a class's colour there is where the model is unsure, where it is sure


@dataclass(frozen=True, eq=False, kw_only=True)
class Field:
    """What a model says on a grid.

    Attributes
    ----------
    first, second
        Values of the two columns, (steps,).
    outputs
        The network's outputs as people see them, (steps, steps, outputs): of classes probabilities, numbers in y's
        units.
    said
        What the model predicts, (steps, steps), or for several numbers (steps, steps, outputs).
    k
        Which of several numbers the outputs are.
    """

    first: np.ndarray
    second: np.ndarray
    outputs: np.ndarray
    said: np.ndarray
    k: int = 0

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """The edges of the picture."""
        return (self.first[0], self.first[-1], self.second[0], self.second[-1])

    def of(self, k: int) -> Field:
        """The same with one of several numbers alone."""
        return replace(self, outputs=self.outputs[:, :, k : k + 1], k=k)


def boundary(
    state: State,
    X: Any,
    y: Any = None,
    *,
    columns: Columns = None,
    fixed: Mapping[str | int, Any] | None = None,
    output: int | None = None,
    ax: Any = None,
) -> Any:
    """Draw it; see `glassnet.plot.boundary`."""
    over = plane(state, X, columns, fixed)
    known = judged(state, X, y, needed=False)
    found = field(state, over)
    k = which_output(state, found.outputs.shape[2], output)
    paper = sheet(ax).dressed(grid=False, frame=True).numbered()
    if state.classes is None:
        caption = draw_numbers(paper, over, found.of(k), known, target_name(state, output))
        title = f"What the model says: {target_name(state, output)}"
    else:
        caption = draw_classes(paper, state, over, found, known)
        title = f"Which {target_name(state, None)} the model says"
    paper.say(x=over.names[0], y=over.names[1], title=title, caption=[*caption, *over.caption()])
    paper.ax.set(xlim=found.extent[:2], ylim=found.extent[2:])
    return paper.ax


def field(state: State, over: Plane, steps: int = STEPS) -> Field:
    """What the model says on a grid over the plane."""
    first, second = over.grid(steps)
    x, y = np.meshgrid(first, second)
    rows = over.rows(x.ravel(), y.ravel())
    outputs = state.outputs(state.checked(rows))  # without remarks on what lies outside the data
    said = np.asarray(state.contract.decode(outputs))
    values = outputs if state.classes is not None else said.reshape(len(said), -1)
    return Field(
        first=first,
        second=second,
        outputs=values.reshape(steps, steps, -1),
        said=said.reshape(steps, steps, *said.shape[1:]),
    )


# classes


def draw_classes(paper: Sheet, state: State, over: Plane, found: Field, known: Judged | None) -> list[str]:
    """Each class's ground in its colour, stronger where the model is surer; lines between them; the data."""
    classes = state.classes or ()
    winner = found.outputs.argmax(axis=2)
    sure = sureness(found.outputs) if output_name(state.network) in ("softmax", "sigmoid") else np.ones(winner.shape)
    paper.ax.imshow(
        tinted(winner, sure, paper.palette),
        extent=found.extent,
        origin="lower",
        aspect="auto",
        interpolation="nearest",
        zorder=0,
    )
    draw_lines_between(paper, found)
    if known is None:
        draw_points(paper, over.points, label="rows", color=paper.palette.soft, marker="o")
    else:
        for k, label in enumerate(classes):
            rows = known.truth == label
            if rows.any() or len(classes) <= len(MARKERS):
                points, marker = over.points[known.rows][rows], MARKERS[k % len(MARKERS)]
                draw_points(paper, points, label=str(label), color=paper.palette.hue(k), marker=marker, of=len(rows))
        wrong = known.truth != known.said
        if wrong.any() and len(wrong) <= MANY:  # rings of many would hide what they are about
            draw_rings(paper, over.points[known.rows][wrong], of=len(wrong))
    paper.legend()
    return [] if known is None else [known.headline()]


def sureness(p: np.ndarray) -> np.ndarray:
    """How sure probabilities (…, K) are: 0 where all are alike, 1 where one is 1."""
    k = p.shape[-1]
    sure: np.ndarray = np.clip((p.max(axis=-1) - 1.0 / k) / (1.0 - 1.0 / k), 0.0, 1.0)
    return sure


def tinted(winner: np.ndarray, sure: np.ndarray, palette: Palette) -> np.ndarray:
    """The ground's colours, (…, 3)."""
    from matplotlib.colors import to_rgb

    hues = np.array([to_rgb(palette.hue(k)) for k in range(int(winner.max()) + 1)])[winner]
    part = (FAINT + (STRONG - FAINT) * sure)[..., None]
    return np.asarray(part * hues + (1.0 - part) * np.array(to_rgb(palette.paper)))


def draw_lines_between(paper: Sheet, found: Field) -> None:
    """Where a class's output passes the largest of the others'."""
    for k in range(found.outputs.shape[2] - (found.outputs.shape[2] == 2)):
        others = np.delete(found.outputs, k, axis=2).max(axis=2)
        ahead = found.outputs[:, :, k] - others
        if ahead.min() < 0.0 < ahead.max():
            paper.ax.contour(
                found.first,
                found.second,
                ahead,
                levels=[0.0],
                colors=[paper.palette.ink],
                linewidths=1.1 * paper.scale,
                linestyles="solid",
            )


# numbers


def draw_numbers(paper: Sheet, over: Plane, found: Field, known: Judged | None, name: str) -> list[str]:
    """The number as a colour, lines of equal numbers, and the data in the colours of what is true."""
    values = found.outputs[:, :, 0]
    truth = None if known is None else known.truth.reshape(len(known.truth), -1)[:, found.k]
    together = values if truth is None else np.concatenate([values.ravel(), truth])
    low, high = float(together.min()), float(together.max())
    low, high = (low, high) if low < high else (low - 0.5, high + 0.5)
    look = {"cmap": paper.palette.numbers, "vmin": low, "vmax": high}
    ground = paper.ax.imshow(
        values, extent=found.extent, origin="lower", aspect="auto", interpolation="bilinear", zorder=0, **look
    )
    bar = paper.bar(ground, name)
    levels = [level for level in bar.get_ticks() if values.min() < level < values.max()]
    if levels:
        lines = paper.ax.contour(
            found.first, found.second, values, levels=levels, colors="white", linewidths=0.9 * paper.scale, alpha=0.8
        )
        paper.ax.clabel(lines, fontsize=8.0 * paper.scale, fmt="%g")
    if truth is None:
        draw_points(paper, over.points, label="rows", color=paper.palette.soft, marker="o")
        return []
    assert known is not None
    points = over.points[known.rows]
    size = point_size(paper, len(points))
    edge = 0.15 * size if len(points) <= MANY else 0.0
    paper.ax.scatter(
        *points.T, c=truth, s=size**2, edgecolors="white", linewidths=edge, rasterized=len(points) > MANY, **look
    )
    return [f"Points: what is true. {known.headline()}"]


def which_output(state: State, n_outputs: int, output: int | None) -> int:
    """Which of several numbers is drawn; ValueError where it is not said."""
    if state.classes is not None:
        if output is not None:
            raise ValueError("output is for several numbers, but this model predicts classes; leave it out")
        return 0
    if output is None:
        if n_outputs > 1:
            raise ValueError(f"the model predicts {n_outputs} numbers; say which, output=0 to {n_outputs - 1}")
        return 0
    if isinstance(output, bool) or not isinstance(output, (int, np.integer)) or not 0 <= output < n_outputs:
        raise ValueError(f"output must be a whole number from 0 to {n_outputs - 1}, got {output!r:.40}")
    return int(output)
