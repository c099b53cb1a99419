"""The tutorials' plot: the loss of each epoch as a line."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from glassnet.data.figures import save, sheet_for_file
from glassnet.errors import need


def plot_losses(
    path: str | os.PathLike[str],
    losses: Sequence[float],
    *,
    x: str,
    y: str,
    title: str = "",
    first: int = 0,
    original: Sequence[float] = (),
) -> None:
    """Draw losses over the epochs, counted from `first`, into a file: .png, .svg or .pdf.

    With `original`, the tutorial's own losses, both are drawn and named.
    """
    need("plots", "matplotlib", "plot")
    from matplotlib import rc_context

    with rc_context({"svg.fonttype": "none"}):  # letters stay letters
        panel = sheet_for_file((6.4, 4.0)).dressed()
        axes, palette = panel.ax, panel.palette
        if len(original):
            beside = range(first, first + len(original))
            axes.plot(beside, original, color=palette.hue(1), linestyle=(0, (5, 1.5)), label="the tutorial")
        axes.plot(range(first, first + len(losses)), losses, color=palette.hue(0), label="here")
        axes.set(ylim=(0.0, None))
        axes.margins(x=0.02)
        panel.say(x=x, y=y, title=title)
        if len(original):
            panel.legend(loc="upper right")
        save(axes.figure, Path(path))
