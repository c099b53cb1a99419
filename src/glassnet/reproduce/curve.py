"""The tutorials' plot: the loss of each epoch as a line."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from pathlib import Path

from glassnet.files import write_atomically


def kind_of_plot(path: str | os.PathLike[str]) -> str:
    """The format that a file's ending asks for; ValueError for one that is none."""
    kind = Path(path).suffix.lower().removeprefix(".")
    if kind not in ("png", "svg", "pdf"):
        raise ValueError(f"a plot's file must end in .png, .svg or .pdf, got {os.fspath(path)!r}")
    return kind


def plot_losses(
    path: str | os.PathLike[str], losses: Sequence[float], *, x: str, y: str, title: str = "", first: int = 0
) -> None:
    """Draw losses over the epochs, counted from `first`, into a file: .png, .svg or .pdf.

    The same losses give the same bytes. Nothing of matplotlib's global state is used or changed.
    """
    try:
        from matplotlib import rc_context
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise ImportError("a plot needs matplotlib: pip install 'glassnet[plot]'") from None
    kind = kind_of_plot(path)
    no_date = {"png": {"Software": None}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}[kind]
    picture = io.BytesIO()
    with rc_context({"svg.hashsalt": "glassnet", "svg.fonttype": "none"}):
        figure = Figure(figsize=(6.4, 4.0), dpi=150, layout="constrained", facecolor="white")
        canvas = FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        axes.plot(range(first, first + len(losses)), losses, color="#0b6fa4", linewidth=1.8)
        axes.set(xlabel=x, ylabel=y, title=title, ylim=(0.0, None))
        axes.margins(x=0.02)
        axes.grid(color="#e3e3e3", linewidth=0.8)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
        canvas.print_figure(picture, format=kind, metadata=no_date)
    write_atomically(path, picture.getvalue())
