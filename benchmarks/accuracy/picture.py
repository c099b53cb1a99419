"""The results as a picture: how many times as large as HistGradientBoosting's each rival's errors are.

A small dot for each table, a large one for their geometric mean, a line for its interval. Nothing is drawn behind it,
in colours that can be seen on light and on dark pages.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp
from pathlib import Path
from typing import Any

from accuracy.pooled import Results, beside
from accuracy.telling import ours

BLUE, GREY = "#0072B2", "#808080"
STANDARD = "HistGradientBoosting"
WIDTH, ROW, REST = 8.6, 0.46, 1.0  # inches: the whole, a rival, what is above and below
FAR, NEAR = 2.6, 0.46  # where ratios beyond them are drawn
TICKS = (0.5, 0.6, 0.7, 0.8, 1.0, 1.25, 1.5, 2.0, 2.5)


def draw(results: Results, rivals: Sequence[str], path: str | Path) -> None:
    """SVG or PNG by the file's name."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    there = {rival: one for rival in rivals if rival != STANDARD if (one := beside(results, rival, STANDARD))}
    order = sorted(there, key=lambda rival: there[rival].ratio)
    with matplotlib.rc_context({"font.size": 9.5, "svg.hashsalt": "glassnet", "text.color": GREY}):
        figure, axes = plt.subplots(figsize=(WIDTH, REST + ROW * len(order)), layout="constrained")
        for place, rival in enumerate(order):
            row(axes, place, rival, results, there[rival])
        dress(axes, order, {rival: f"{rival} ({there[rival].tables})" for rival in order})
        metadata = {"Date": None} if str(path).endswith(".svg") else {}
        figure.savefig(path, dpi=200, transparent=True, metadata=metadata)
        plt.close(figure)


def row(axes: Any, place: int, rival: str, results: Results, one: Any) -> None:
    """A rival's dots."""
    colour = BLUE if ours(rival) else GREY
    logs = [results.log_ratio(table, rival, STANDARD) for table in results.problems]
    ratios = [min(max(exp(log), NEAR), FAR) for log in logs if log is not None]
    axes.plot(ratios, [place] * len(ratios), "o", color=colour, alpha=0.45, markersize=4.5, mew=0)
    axes.plot([one.low, one.high], [place, place], color=colour, linewidth=2, solid_capstyle="butt")
    axes.plot(one.ratio, place, "o", color=colour, markersize=9)
    axes.annotate(
        f"{one.ratio:.2f} ×",
        (one.ratio, place),
        (0, 7),
        textcoords="offset points",
        ha="center",
        color=colour,
        fontsize=9,
        weight="bold",
    )


def dress(axes: Any, order: Sequence[str], names: dict[str, str]) -> None:
    """What stands around."""
    axes.set_xscale("log")
    low, high = axes.get_xlim()
    axes.set_xticks([tick for tick in TICKS if low <= tick <= high])
    axes.set_xlim(low, high)
    axes.xaxis.set_major_formatter("{x:g}×")
    axes.xaxis.set_minor_formatter("")
    axes.set_yticks(range(len(order)), [names[rival] for rival in order])
    axes.set_ylim(len(order) - 0.4, -0.75)
    axes.axvline(1, color=GREY, linewidth=1)
    axes.set_title(f"error over {STANDARD}'s: better to the left", loc="left", color=GREY, fontsize=10)
    said = "a small dot for each table (in brackets: how many); their geometric mean, and 95 % of bootstrap samples"
    axes.set_xlabel(said, color=GREY)
    axes.set_facecolor("none")
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(GREY)
    axes.tick_params(which="both", colors=GREY, labelcolor=GREY)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color=GREY, alpha=0.2, linewidth=0.6)
    for label, rival in zip(axes.get_yticklabels(), order, strict=True):
        label.set(color=BLUE if ours(rival) else GREY, weight="bold" if ours(rival) else "normal")
