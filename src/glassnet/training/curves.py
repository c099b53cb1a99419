"""Pictures of training: the loss by epoch, and below it a panel for each metric.

Blue is what was trained on, vermilion what was not; the second line is dashed for those who print in grey.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.data.figures import Sheet, save, sheet, sheet_for_file
from glassnet.errors import need

Columns = Mapping[str, Sequence[float]]  # a number per epoch, by name; "loss" among them

DECADES = 2  # a loss that spans more gets a logarithmic axis


def plot_curves(
    columns: Columns,
    path: str | Path | None = None,
    *,
    stopped: str = "",
    best_epoch: int | None = None,
    ax: Any = None,
) -> Any:
    """Draw losses and metrics by epoch.

    Parameters
    ----------
    columns, stopped, best_epoch
        As a `History` has them.
    path
        Where to save the picture: PNG, SVG or PDF by its suffix, PNG without one. No display is needed, and the same
        history gives the same bytes.
    ax
        Matplotlib axes to draw the loss on, without the metrics; None: a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes of the loss; those of the metrics are below it in `axes.figure.axes`.

    Raises
    ------
    ValueError
        The history has no epoch, or matplotlib cannot write such a file.
    ImportError
        Matplotlib is not installed; the message names the extra.
    OSError
        The file cannot be written; what was there is untouched.
    """
    if not columns.get("loss"):
        need("plots", "matplotlib", "plot")
        raise ValueError("the history has no epochs yet, so there is nothing to plot; train first")
    metrics = metric_names(columns) if ax is None else []
    with np.errstate(all="ignore"):  # losses near 1e300 overflow in the margins
        panels = [sheet(ax)] if ax is not None else panels_of(len(metrics), for_file=path is not None)
        losses, *others = [panel.dressed() for panel in panels]
        for panel, name in zip(others, metrics, strict=True):
            draw_metric(panel, columns, best_epoch, name)
        draw_loss(losses, columns, best_epoch)
        losses.say(title=title(columns["loss"], stopped), y="loss", x="" if metrics else "epoch")
        if metrics:
            others[-1].say(x="epoch", y=metrics[-1])
            losses.ax.figure.align_ylabels()
        if path is not None:
            save(losses.ax.figure, Path(path))
    return losses.ax


def panels_of(metrics: int, *, for_file: bool) -> list[Sheet]:
    """A new figure's axes: one for the losses, and below it one for each metric."""
    size = (7.2, 4.2 + 2.0 * metrics)
    first = sheet_for_file(size) if for_file else sheet(size=size)
    if not metrics:
        return [first]
    figure, paper = first.ax.figure, first.palette.paper
    first.ax.remove()
    heights = [2.0, *(1.0 for _ in range(metrics))]
    axes = figure.subplots(len(heights), 1, sharex=True, height_ratios=heights, subplot_kw={"facecolor": paper})
    return [replace(first, ax=ax) for ax in axes]


def metric_names(columns: Columns) -> list[str]:
    """The metrics in a history, without "val_", in the order in which they came."""
    return list(dict.fromkeys(name.removeprefix("val_") for name in columns if name not in ("loss", "val_loss")))


def draw_loss(panel: Sheet, columns: Columns, best: int | None) -> None:
    """Training and validation loss, and the epoch that early stopping kept."""
    ax, drawn = panel.ax, draw_pair(panel, columns, "loss")
    values = [value for column in drawn for value in column if math.isfinite(value)]
    if values and min(values) > 0 and math.log10(max(values) / min(values)) > DECADES:
        from matplotlib.ticker import LogFormatter, LogLocator, NullFormatter

        ax.set_yscale("log")
        decades = math.log10(max(values) / min(values))
        ax.yaxis.set_major_locator(LogLocator(numticks=8))
        ax.yaxis.set_major_formatter("{x:g}" if decades < 7 else LogFormatter())
        ax.yaxis.set_minor_formatter(NullFormatter())
    elif values and min(values) >= 0 and max(values) > 0:
        ax.set_ylim(0, 1.06 * max(values))
    mark_best(panel, columns, best, "loss", label=True)
    if "val_loss" in columns or best is not None:
        panel.legend(loc="upper right")


def draw_metric(panel: Sheet, columns: Columns, best: int | None, name: str) -> None:
    """One metric on its own panel."""
    draw_pair(panel, columns, name)
    panel.say(y=name)
    mark_best(panel, columns, best, name, label=False)
    panel.ax.margins(y=0.12)


def draw_pair(panel: Sheet, columns: Columns, name: str) -> list[list[float]]:
    """A column of the history and its "val_" counterpart, those of them that are there."""
    from matplotlib.ticker import MaxNLocator

    ax, palette, found = panel.ax, panel.palette, []
    for column, label, colour, dash in (
        (name, "rows trained on", palette.hue(0), "solid"),
        (f"val_{name}", "validation rows", palette.hue(1), (0, (5, 1.5))),
    ):
        if column not in columns:
            continue
        epochs, values = finite(columns[column])
        if not values:
            continue
        found.append(values)
        marker = "o" if len(values) < 3 else ""  # a line needs two points to be seen
        ax.plot(
            epochs,
            values,
            color=colour,
            linestyle=dash,
            linewidth=1.8 * panel.scale,
            solid_capstyle="round",
            marker=marker,
            markersize=5,
            label=label,
        )
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1, steps=[1, 2, 5, 10]))
    n = len(columns["loss"])
    ax.set_xlim(0.5, 1.5) if n == 1 else ax.set_xlim(1, n + 0.02 * (n - 1))
    return found


def mark_best(panel: Sheet, columns: Columns, best: int | None, name: str, label: bool) -> None:
    """A line at the epoch whose weights were kept, and a ring round its value."""
    ax, palette = panel.ax, panel.palette
    if best is None or not 1 <= best <= len(columns["loss"]):
        return
    ax.axvline(best, color=palette.soft, linewidth=1.0, linestyle=(0, (1, 2)), zorder=1)
    column = f"val_{name}" if f"val_{name}" in columns else name
    value = columns[column][best - 1]
    if math.isfinite(value):
        colour = palette.hue(1) if column.startswith("val_") else palette.hue(0)
        text = f"epoch {best}, kept: {value:.3g}" if label else None
        ring = {"markerfacecolor": palette.paper, "markersize": 8 * panel.scale, "markeredgewidth": 1.8 * panel.scale}
        ax.plot([best], [value], "o", color=colour, label=text, **ring)


def finite(column: Sequence[float]) -> tuple[list[int], list[float]]:
    """The epochs, from 1, in which a column has a finite value, and these values."""
    kept = [(epoch, value) for epoch, value in enumerate(column, start=1) if math.isfinite(value)]
    return [epoch for epoch, _ in kept], [value for _, value in kept]


def title(losses: Sequence[float], stopped: str) -> str:
    """What the curve says, in a line."""
    _, values = finite(losses)
    n = len(losses)
    epochs = f"{n:,} epoch" + ("s" if n > 1 else "")
    if not values:
        return f"No finite loss in {epochs}"
    why = {"early": ", stopped early", "interrupted": ", interrupted", "diverged": ", then diverged"}
    moved = f"{values[0]:.3g} → {values[-1]:.3g}" if len(values) > 1 else f"{values[0]:.3g}"
    return f"Loss {moved} in {epochs}{why.get(stopped, '')}"
