"""Pictures of training: the loss by epoch, and below it a panel for each metric.

Blue is what was trained on, vermilion what was not: two colours of Okabe & Ito's palette (2008), which people
with any kind of colour vision tell apart; the second line is dashed for those who print in grey.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from glassnet.training.history import History

BLUE, VERMILION, GREY = "#0072B2", "#D55E00", "#6E6E6E"
DECADES = 2  # a loss that spans more gets a logarithmic axis

STYLE: Any = {
    "figure.facecolor": "white",
    "axes.facecolor": "white",
    "axes.edgecolor": GREY,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 12,
    "axes.titlepad": 10,
    "axes.labelsize": 10.5,
    "grid.color": "#E6E6E6",
    "grid.linewidth": 0.8,
    "legend.framealpha": 0.9,
    "legend.edgecolor": "white",
    "legend.fontsize": 10,
    "lines.linewidth": 1.8,
    "lines.solid_capstyle": "round",
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": "#333333",
    "ytick.labelcolor": "#333333",
    "svg.hashsalt": "glassnet",  # without it an SVG's ids are random
}


def plot_history(history: History, path: str | Path | None = None, ax: Any = None) -> Any:
    """Draw losses and metrics by epoch.

    Parameters
    ----------
    history
        What `model.history` is.
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
    need_matplotlib()
    from matplotlib import rc_context

    if not len(history):
        raise ValueError("the history has no epochs yet, so there is nothing to plot; train first")
    metrics = metric_names(history) if ax is None else []
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
                draw_metric(panel, history, name)
            figure.align_ylabels()
        draw_loss(ax, history)
        (others[-1] if metrics else ax).set_xlabel("epoch")
        if path is not None:
            save(ax.figure, Path(path))
    return ax


def metric_names(history: History) -> list[str]:
    """The metrics in a history, without "val_", in the order in which they came."""
    return list(
        dict.fromkeys(name.removeprefix("val_") for name in history.columns if name not in ("loss", "val_loss"))
    )


def draw_loss(ax: Any, history: History) -> None:
    """Training and validation loss, and the epoch that early stopping kept."""
    drawn = draw_pair(ax, history, "loss")
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
    ax.set_title(title(history))
    mark_best(ax, history, "loss", label=True)
    if "val_loss" in history.columns or history.best_epoch is not None:
        ax.legend(loc="upper right")


def draw_metric(ax: Any, history: History, name: str) -> None:
    """One metric on its own panel."""
    draw_pair(ax, history, name)
    ax.set_ylabel(name)
    mark_best(ax, history, name, label=False)
    ax.margins(y=0.12)


def draw_pair(ax: Any, history: History, name: str) -> list[list[float]]:
    """A column of the history and its "val_" counterpart, those of them that are there."""
    from matplotlib.ticker import MaxNLocator

    found = []
    for column, label, colour, dash in (
        (name, "rows trained on", BLUE, "solid"),
        (f"val_{name}", "validation rows", VERMILION, (0, (5, 1.5))),
    ):
        if column not in history.columns:
            continue
        epochs, values = finite(history.columns[column])
        if not values:
            continue
        found.append(values)
        marker = "o" if len(values) < 3 else ""  # a line needs two points to be seen
        ax.plot(epochs, values, color=colour, linestyle=dash, marker=marker, markersize=5, label=label)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1, steps=[1, 2, 5, 10]))
    n = len(history)
    ax.set_xlim(0.5, 1.5) if n == 1 else ax.set_xlim(1, n + 0.02 * (n - 1))
    return found


def mark_best(ax: Any, history: History, name: str, label: bool) -> None:
    """A line at the epoch whose weights were kept, and a ring round its value."""
    best = history.best_epoch
    if best is None or not 1 <= best <= len(history):
        return
    ax.axvline(best, color=GREY, linewidth=1.0, linestyle=(0, (1, 2)), zorder=1)
    column = f"val_{name}" if f"val_{name}" in history.columns else name
    value = history.columns[column][best - 1]
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


def title(history: History) -> str:
    """What the curve says, in a line."""
    _, values = finite(history.columns["loss"])
    n = len(history)
    epochs = f"{n:,} epoch" + ("s" if n > 1 else "")
    if not values:
        return f"No finite loss in {epochs}"
    why = {"early": ", stopped early", "interrupted": ", interrupted", "diverged": ", then diverged"}
    moved = f"{values[0]:.3g} → {values[-1]:.3g}" if len(values) > 1 else f"{values[0]:.3g}"
    return f"Loss {moved} in {epochs}{why.get(history.stopped, '')}"


# files


def need_matplotlib() -> None:
    """ImportError that names the extra where Matplotlib is not installed."""
    try:
        import matplotlib  # noqa: F401 - only to see whether it is there
    except ImportError:
        raise ImportError('plots need matplotlib: pip install "glassnet[plot]"') from None


def new_figure(size: tuple[float, float]) -> Any:
    """A figure for a file: no display is needed, and nothing of matplotlib's global state is used or changed."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


UNDATED: dict[str, dict[str, None]] = {
    ".png": {"Software": None},
    ".svg": {"Date": None},
    ".pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}


def check_suffix(path: Path) -> str:
    """The suffix of a picture's name; ValueError for a kind of picture that is not drawn."""
    suffix = path.suffix.lower()
    if suffix not in UNDATED:
        raise ValueError(f"a picture's name must end in .png, .svg or .pdf, got {path.name!r}")
    return suffix


def save(figure: Any, path: Path) -> None:
    """Write a figure whole or not at all, as PNG if its name has no suffix; the same figure gives the same bytes."""
    from glassnet.data.files import write_atomically

    suffix = check_suffix(path) if path.suffix else ".png"
    content = io.BytesIO()
    figure.savefig(content, format=suffix[1:], dpi=160, metadata=UNDATED[suffix])
    write_atomically(path, content.getvalue())
