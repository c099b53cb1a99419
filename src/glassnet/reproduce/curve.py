"""The tutorials' plot: the loss of each epoch as a line."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from glassnet.data.figures import BLUE, STYLE, new_figure, save
from glassnet.errors import need


def plot_losses(
    path: str | os.PathLike[str], losses: Sequence[float], *, x: str, y: str, title: str = "", first: int = 0
) -> None:
    """Draw losses over the epochs, counted from `first`, into a file: .png, .svg or .pdf."""
    need("plots", "matplotlib", "plot")
    from matplotlib import rc_context

    with rc_context({**STYLE, "axes.titlelocation": "center", "svg.fonttype": "none"}):
        figure = new_figure((6.4, 4.0))
        axes = figure.add_subplot()
        axes.plot(range(first, first + len(losses)), losses, color=BLUE)
        axes.set(xlabel=x, ylabel=y, title=title, ylim=(0.0, None))
        axes.margins(x=0.02)
        save(figure, Path(path))
