"""A bundle of loss curves: every seed a line, those that learnt and those that did not in a colour each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.data.figures import Sheet, save, sheet, sheet_for_file

STEPS = 400  # epochs that are drawn; of more, so many in equal steps
DECADES = 1.5  # losses that span more have a logarithmic axis


def lottery(losses: Sequence[np.ndarray], learnt: np.ndarray, path: str | Path | None = None, *, ax: Any = None) -> Any:
    """Draw it; see `glassnet.plot.lottery`. `losses` of each run by epoch."""
    epochs = max((len(run) for run in losses), default=0)
    if not epochs:
        raise ValueError("no run has an epoch, so there is nothing to plot")
    size = (7.2, 4.4)
    paper = sheet(ax, size) if path is None or ax is not None else sheet_for_file(size)
    paper.dressed()
    which = np.unique(np.linspace(0, epochs - 1, min(epochs, STEPS)).astype(np.intp))
    curves = np.full((len(losses), len(which)), np.nan)  # (runs, epochs drawn)
    for curve, run in zip(curves, losses, strict=True):
        there = which < len(run)
        curve[there] = run[which[there]]
    curves[~np.isfinite(curves)] = np.nan
    for k, (group, label, dash) in enumerate(((learnt, "learnt", "solid"), (~learnt, "did not", (0, (5, 1.5))))):
        draw_group(paper, which + 1, curves[group], label=label, dash=dash, hue=k)
    finite = curves[np.isfinite(curves)]
    if len(finite) and finite.min() > 0.0 and math.log10(finite.max() / finite.min()) > DECADES:
        paper.ax.set_yscale("log")
        paper.ax.yaxis.set_major_formatter("{x:g}")
    elif len(finite) and finite.min() >= 0.0:
        paper.ax.set_ylim(0.0, 1.06 * float(finite.max()) or 1.0)
    paper.ax.set_xlim(1, max(epochs, 2))
    count = int(np.count_nonzero(learnt))
    paper.say(
        x="epoch",
        y="loss",
        title=f"{count} of {len(losses)} seeds learn",
        caption=["Every line is a seed; the thick ones are medians."],
    )
    paper.legend()
    if path is not None:
        save(paper.ax.figure, Path(path))
    return paper.ax


def draw_group(paper: Sheet, epochs: np.ndarray, curves: np.ndarray, *, label: str, dash: Any, hue: int) -> None:
    """Thin lines, and their median as a thick one on the colour of the paper."""
    if not len(curves):
        return
    from matplotlib.collections import LineCollection
    from matplotlib.patheffects import Normal, Stroke

    ax, palette, scale = paper.ax, paper.palette, paper.scale
    colour = palette.hue(hue)
    points = [np.column_stack([epochs, curve])[np.isfinite(curve)] for curve in curves]
    faint = min(0.6, max(0.12, 8.0 / len(curves)))
    ax.add_collection(LineCollection(points, colors=colour, linewidths=0.7 * scale, alpha=faint))
    there = np.isfinite(curves).sum(axis=0) > 0
    middle = np.nanmedian(curves[:, there], axis=0)
    around = [Stroke(linewidth=4.6 * scale, foreground=palette.paper), Normal()]
    how = {"color": colour, "linestyle": dash, "linewidth": 2.4 * scale, "path_effects": around}
    ax.plot(epochs[there], middle, label=f"{len(curves)} {label}", zorder=3, **how)
