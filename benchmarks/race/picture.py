"""The race as a picture: a panel for each work, a bar for each contestant, on a logarithmic scale.

To draw it again: python benchmarks/race.py --from benchmarks/race.json --picture docs/pictures/race.svg
"""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any

from race.summary import MANY, readable

BLUE, PALE, GREY, INK = "#0072B2", "#8FC1E3", "#C4C4C4", "#333333"
STYLE = {
    "font.size": 9.5,
    "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "svg.hashsalt": "glassnet",  # without it an SVG's ids are random
}
TITLES = {
    "W1": "W1  XOR, 10,000 steps",
    "W2": "W2  digits, 20 epochs",
    "W3": "W3  100,000 × 30, 3 epochs",
    "W4": "W4  60,000 × 784, 1 epoch",
    "W5, one row": "W5  predict one row",
    "W5, 10,000 rows": "W5  predict 10,000 rows",
    "W6": "W6  XOR from 200 seeds",
    "W6b": "W6b  1,000 networks",
}
FLOOR, OURS = "the floor", ("glassnet, compiled", "glassnet, predictor", "glassnet, train_many")
LEFT_OUT = ("PyTorch, bf16",)  # other arithmetic
WIDTH, BAR, HEAD = 8.6, 0.235, 0.62  # inches: the whole, a bar, what a panel has above and below its bars


def draw(race: dict[str, Any], path: str | Path) -> None:
    """The medians of the works that were raced; SVG or PNG by the file's name."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    found = race["results"].items()
    works = [one for work, one in found if work in TITLES and one["contestants"]]  # in W6c glassnet is alone
    pairs = [works[k : k + 2] for k in range(0, len(works), 2)]
    heights = [HEAD + BAR * max(len(bars(work)) for work in pair) for pair in pairs]
    with matplotlib.rc_context(STYLE):
        figure = plt.figure(figsize=(WIDTH, sum(heights) + 0.3), facecolor="white", layout="constrained")
        rows = figure.subfigures(len(pairs), 1, height_ratios=heights, squeeze=False)[:, 0]
        for row, pair in zip(rows, pairs, strict=True):
            for axes, work in zip(row.subplots(1, 2), [*pair, None], strict=False):
                panel(axes, work) if work else axes.set_axis_off()
        told = ["median time, bars logarithmic, and how many times as long as glassnet", race["where"].split(";")[0]]
        told.insert(1, f"{MANY} on {max(race['threads'])} threads, the others on one")
        figure.supxlabel(" · ".join(told), fontsize=8, color=INK)
        metadata = {"Date": None} if str(path).endswith(".svg") else {}
        figure.savefig(path, dpi=200, metadata=metadata)
        plt.close(figure)


def bars(work: dict[str, Any]) -> list[tuple[str, float]]:
    """Names and medians, the slowest first: that is the lowest."""
    found = [
        (one["name"], statistics.median(one["seconds"])) for one in work["contestants"] if one["name"] not in LEFT_OUT
    ]
    return sorted(found, key=lambda bar: -bar[1])


def panel(axes: Any, work: dict[str, Any]) -> None:
    names, seconds = zip(*reversed(bars(work)), strict=True)
    best = next((s for name, s in zip(names, seconds, strict=True) if name in OURS), None)
    threads = {one["name"]: one["threads"] for one in work["contestants"]}
    low, high = min(seconds) / 3, max(seconds)
    colours = [BLUE if name in OURS else PALE if name.startswith("glassnet") else GREY for name in names]
    drawn = axes.barh(range(len(names)), seconds, color=colours, height=0.72)
    for bar, name, s in zip(drawn, names, seconds, strict=True):
        if name == FLOOR:
            bar.set(facecolor="white", edgecolor=GREY, hatch="////")
        text = f"{readable(s)} {MANY}" if threads[name] > 1 else readable(s)
        if best and name == FLOOR:
            text += f"  (glassnet: {best / s:.2f}×)"
        elif best and s != best:
            text += f"  {times(s / best)}"
        weight = "bold" if name in OURS else "normal"
        place = (s, bar.get_y() + bar.get_height() / 2)
        axes.annotate(text, place, (4, 0), textcoords="offset points", va="center", color=INK, weight=weight)
    axes.set_xscale("log")
    axes.set_xlim(low, high * (high / low) ** 0.75)  # room for the numbers
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_yticks(range(len(names)), names)
    for label, name in zip(axes.get_yticklabels(), names, strict=True):
        label.set(color=INK, weight="bold" if name in OURS else "normal")
    axes.set_title(TITLES[work["work"]], color=INK)
    axes.tick_params(length=0)
    axes.xaxis.set_visible(False)
    axes.spines[["top", "right", "bottom"]].set_visible(False)
    axes.spines["left"].set_color(GREY)


def times(ratio: float) -> str:
    return f"{ratio:.0f}×" if ratio >= 10 else f"{ratio:.2g}×" if ratio >= 0.95 else f"{ratio:.2f}×"
