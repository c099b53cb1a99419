"""The panels of a diagnosis as a file, or on somebody's axes: drawn with matplotlib."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from glassnet.data.figures import Sheet, save, sheet, sheet_for_file
from glassnet.doctor.pictures import Panel
from glassnet.errors import need

WIDTH, HEIGHT = 4.6, 3.2  # inches of a panel
HUES = {"minus": 1, "plus": 0}


def plot(panels: Sequence[Panel], path: str | Path | None = None, *, ax: Any = None) -> Any:
    """Draw them; see `Diagnosis.plot`."""
    need("plots", "matplotlib", "plot")
    if not panels:
        raise ValueError("there is nothing to plot: no training failed, so none was looked at")
    sheets = [sheet(ax)] * len(panels) if ax is not None else sheets_of(len(panels), for_file=path is not None)
    for paper, panel in zip(sheets, panels, strict=True):
        draw(paper, panel)
    if ax is not None:
        sheets[0].say(x="epoch", y="loss", title=" → ".join(panel.title for panel in panels))
    if path is not None:
        save(sheets[0].ax.figure, Path(path))
    return sheets[0].ax


def sheets_of(n: int, *, for_file: bool) -> list[Sheet]:
    """A new figure's axes, two beside each other."""
    rows, columns = -(-n // 2), min(n, 2)
    size = (WIDTH * columns, HEIGHT * rows)
    first = sheet_for_file(size) if for_file else sheet(size=size)
    figure, paper = first.ax.figure, first.palette.paper
    first.ax.remove()
    axes = figure.subplots(rows, columns, squeeze=False, subplot_kw={"facecolor": paper}).ravel()
    for spare in axes[n:]:
        spare.remove()
    return [replace(first, ax=ax, is_own=n == 1) for ax in axes[:n]]


def draw(paper: Sheet, panel: Panel) -> None:
    """One panel."""
    from matplotlib.patches import Rectangle

    paper.dressed(grid=not panel.boxes)
    ax, palette, scale = paper.ax, paper.palette, paper.scale
    for k, line in enumerate(panel.lines):
        colour = palette.hue(HUES.get(line.tone, k))
        name = line.label or None
        ax.plot(
            *line.points.T,
            color=colour,
            linewidth=1.3 * scale,
            alpha=0.8,
            label=name,
            marker="o" * (len(line.points) < 2),
        )
    for box in panel.boxes:
        place = (box.x, box.y)
        ax.add_patch(Rectangle(place, box.width, box.height, color=palette.grid, linewidth=0))
        ax.add_patch(Rectangle(place, box.width, box.height * box.share, color=palette.hue(1), linewidth=0))
    ax.set(xlim=(0.0, 1.0), ylim=(0.0, 1.03))
    ax.set_xticks(*zip(*panel.x_ticks, strict=True))
    ax.set_yticks(*zip(*panel.y_ticks, strict=True))
    paper.say(x="epoch", y=panel.y, title=panel.title, caption=[panel.note] if panel.note else ())
    if any(line.label for line in panel.lines):
        paper.legend()
