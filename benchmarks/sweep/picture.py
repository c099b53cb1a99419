"""The sweep as a picture: a dot for each cell, how many times as long as the compiled engine its rivals took.

Nothing is drawn behind it, in colours that can be seen on light and on dark pages.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sweep.cells import VALUES, Cell
from sweep.verdicts import BY_HAND, FASTER_THAN_JAX, FASTER_THAN_NUMPY, JAX, NUMPY, Measured, failures, mean_over

BLUE, VERMILION, GREY = "#0072B2", "#D55E00", "#808080"
PANELS = {JAX: FASTER_THAN_JAX, NUMPY: FASTER_THAN_NUMPY, BY_HAND: None}  # and what is asked of a cell
BATCHES = {8: "o", 32: "s", 256: "^", 0: "D"}  # a marker for each
SPREAD = 0.36  # how far cells of one width lie beside each other


def draw(found: Sequence[Measured], where: str, path: str | Path) -> None:
    """SVG or PNG by the file's name."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt
    from matplotlib.lines import Line2D

    with matplotlib.rc_context({"font.size": 9.5, "svg.hashsalt": "glassnet", "text.color": GREY}):
        figure, rows = plt.subplots(len(PANELS), 1, figsize=(8.6, 8.4), sharex=True, layout="constrained")
        for axes, (name, asked) in zip(rows, PANELS.items(), strict=True):
            panel(axes, found, name, asked)
        rows[-1].set_xlabel("units of the hidden layers", color=GREY)
        marks = [
            Line2D(
                [],
                [],
                marker=marker,
                color=GREY,
                linestyle="",
                markersize=5,
                label=f"batches of {batch}" if batch else "all rows",
            )
            for batch, marker in BATCHES.items()
        ]
        marks += [Line2D([], [], marker="o", color=BLUE, linestyle="", markersize=5, label="float32")]
        marks += [Line2D([], [], marker="o", mfc="none", color=BLUE, linestyle="", markersize=5, label="float64")]
        marks += [Line2D([], [], marker="o", color=VERMILION, linestyle="", markersize=5, label="fails what is asked")]
        figure.legend(
            handles=marks,
            loc="outside upper left",
            ncols=7,
            frameon=False,
            fontsize=7.5,
            labelcolor=GREY,
            handletextpad=0.1,
            columnspacing=1,
        )
        figure.supxlabel(where.split(";")[0], fontsize=8, color=GREY)
        metadata = {"Date": None} if str(path).endswith(".svg") else {}
        figure.savefig(path, dpi=200, transparent=True, metadata=metadata)
        plt.close(figure)


def panel(axes: Any, found: Sequence[Measured], name: str, asked: float | None) -> None:
    widths = list(VALUES["hidden"])
    failed = failures(found)
    for place, hidden in enumerate(widths):
        group = sorted((one for one in found if one.cell.hidden == hidden and one.over(name) is not None), key=order)
        for k, one in enumerate(group):
            x = place + SPREAD * (2 * k / max(1, len(group) - 1) - 1)
            colour = VERMILION if is_named(failed.get(one.cell, []), name) else BLUE
            face = colour if one.cell.dtype == "float32" else "none"
            axes.plot(x, one.over(name), BATCHES[one.cell.batch], color=colour, mfc=face, markersize=4.5)
    mean = mean_over(found, name)
    title = f"{name}: its time over the compiled engine's"
    axes.set_title(
        f"{title}, {mean:.1f} in the geometric mean" if mean else f"{title} (not there)",
        loc="left",
        color=GREY,
        fontsize=10,
    )
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter("{x:g}×")
    axes.yaxis.set_minor_formatter("")
    axes.axhline(1, color=GREY, linewidth=1)
    if asked:
        axes.axhline(asked, color=GREY, linewidth=1, linestyle="--")
    axes.set_xticks(range(len(widths)), ["-".join(map(str, hidden)) for hidden in widths])
    axes.set_facecolor("none")
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(GREY)
    axes.tick_params(which="both", colors=GREY, labelcolor=GREY)
    axes.grid(axis="y", color=GREY, alpha=0.2, linewidth=0.6)


def order(one: Measured) -> tuple[int, str]:
    """Small batches first, all rows last."""
    cell: Cell = one.cell
    return cell.rows_of_a_step, str(cell)


def is_named(words: Sequence[str], name: str) -> bool:
    """Whether what a cell fails is about this rival."""
    about = {JAX: "× JAX", NUMPY: "NumPy engine"}.get(name)
    return about is not None and any(about in word for word in words)
