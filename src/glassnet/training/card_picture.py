"""The picture of a score card: a point for each that was tried, with its standard error."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from glassnet.data.figures import save, sheet, sheet_for_file

SIZE = (6.4, 2.6)


def plot_card(card: Any, path: str | Path | None = None, *, ax: Any = None) -> Any:
    """Draw the errors of a `Card`'s entries; parameters and errors as its `plot` has them."""
    panel = (sheet_for_file(SIZE) if path is not None and ax is None else sheet(ax, SIZE)).dressed()
    palette, names = panel.palette, [entry.name for entry in card.entries]
    factor = 100.0 if card.kind == "classes" else 1.0
    for place, entry in enumerate(card.entries):
        if not math.isfinite(entry.error):
            continue
        is_taken = entry.name == card.taken
        panel.ax.errorbar(
            [factor * entry.error],
            [place],
            xerr=[factor * entry.se],
            marker="o",
            markersize=(9 if is_taken else 6) * panel.scale,
            color=palette.hue(1) if is_taken else palette.hue(0) if entry.numbers is not None else palette.soft,
            linewidth=1.8 * panel.scale,
            capsize=3 * panel.scale,
        )
    panel.ax.set_ylim(len(names) - 0.4, -0.6)
    panel.ax.set_xlim(left=0.0)
    panel.name_places(names, "y")
    what = "wrong rows, %" if card.kind == "classes" else "RMSE over the target's standard deviation"
    panel.say(
        x=what, title=f"{card.taken} is taken", caption=[f"on {card.rows:,} rows, {card.how}; ± a standard error"]
    )
    if path is not None:
        save(panel.ax.figure, Path(path))
    return panel.ax
