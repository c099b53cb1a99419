"""Pictures by matplotlib: one look, and files that are written whole, the same bytes each time.

Blue and vermilion are two colours of Okabe & Ito's palette (2008), which people with any kind of colour vision tell
apart.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from glassnet.data.files import write_atomically

BLUE, VERMILION, GREY = "#0072B2", "#D55E00", "#6E6E6E"

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
    suffix = check_suffix(path) if path.suffix else ".png"
    content = io.BytesIO()
    figure.savefig(content, format=suffix[1:], dpi=160, metadata=UNDATED[suffix])
    write_atomically(path, content.getvalue())
