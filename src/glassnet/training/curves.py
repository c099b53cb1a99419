"""Pictures of training: the loss by epoch, and below it a panel for each metric.

Blue is what was trained on, vermilion what was not; the second line is dashed for those who print in grey.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.data.figures import BLUE, GREY, STYLE, VERMILION, new_figure, save
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
    need("plots", "matplotlib", "plot")
    from matplotlib import rc_context

    if not columns.get("loss"):
        raise ValueError("the history has no epochs yet, so there is nothing to plot; train first")
    metrics = metric_names(columns) if ax is None else []
    with rc_context(STYLE), np.errstate(all="ignore"):  # losses near 1e300 overflow in the margins
        if ax is None:
            size = (7.2, 4.2 + 2.0 * len(metrics))
            if path is None:
                from matplotlib import pyplot

                figure: Any = pyplot.figure(figsize=size, layout="constrained")
            else:
                figure = new_figure(size)
            heights = [2.0, *(1.0 for _ in metrics)]
            ax, *others = figure.subplots(len(heights), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0]
            for panel, name in zip(others, metrics, strict=True):
                draw_metric(panel, columns, best_epoch, name)
            figure.align_ylabels()
        draw_loss(ax, columns, best_epoch)
        ax.set_title(title(columns["loss"], stopped))
        (others[-1] if metrics else ax).set_xlabel("epoch")
        if path is not None:
            save(ax.figure, Path(path))
    return ax


def metric_names(columns: Columns) -> list[str]:
    """The metrics in a history, without "val_", in the order in which they came."""
    return list(dict.fromkeys(name.removeprefix("val_") for name in columns if name not in ("loss", "val_loss")))


def draw_loss(ax: Any, columns: Columns, best: int | None) -> None:
    """Training and validation loss, and the epoch that early stopping kept."""
    drawn = draw_pair(ax, columns, "loss")
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
    ax.set_ylabel("loss")
    mark_best(ax, columns, best, "loss", label=True)
    if "val_loss" in columns or best is not None:
        ax.legend(loc="upper right")


def draw_metric(ax: Any, columns: Columns, best: int | None, name: str) -> None:
    """One metric on its own panel."""
    draw_pair(ax, columns, name)
    ax.set_ylabel(name)
    mark_best(ax, columns, best, name, label=False)
    ax.margins(y=0.12)


def draw_pair(ax: Any, columns: Columns, name: str) -> list[list[float]]:
    """A column of the history and its "val_" counterpart, those of them that are there."""
    from matplotlib.ticker import MaxNLocator

    found = []
    for column, label, colour, dash in (
        (name, "rows trained on", BLUE, "solid"),
        (f"val_{name}", "validation rows", VERMILION, (0, (5, 1.5))),
    ):
        if column not in columns:
            continue
        epochs, values = finite(columns[column])
        if not values:
            continue
        found.append(values)
        marker = "o" if len(values) < 3 else ""  # a line needs two points to be seen
        ax.plot(epochs, values, color=colour, linestyle=dash, marker=marker, markersize=5, label=label)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1, steps=[1, 2, 5, 10]))
    n = len(columns["loss"])
    ax.set_xlim(0.5, 1.5) if n == 1 else ax.set_xlim(1, n + 0.02 * (n - 1))
    return found


def mark_best(ax: Any, columns: Columns, best: int | None, name: str, label: bool) -> None:
    """A line at the epoch whose weights were kept, and a ring round its value."""
    if best is None or not 1 <= best <= len(columns["loss"]):
        return
    ax.axvline(best, color=GREY, linewidth=1.0, linestyle=(0, (1, 2)), zorder=1)
    column = f"val_{name}" if f"val_{name}" in columns else name
    value = columns[column][best - 1]
    if math.isfinite(value):
        colour = VERMILION if column.startswith("val_") else BLUE
        text = f"epoch {best}, kept: {value:.3g}" if label else None
        ax.plot(
            [best], [value], "o", markersize=8, markerfacecolor="white", markeredgewidth=1.8, color=colour, label=text
        )


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
