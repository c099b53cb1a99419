"""Rows as points: fewer are larger, many let each other show through."""

from __future__ import annotations

import numpy as np

from glassnet.data.figures import Sheet
from glassnet.data.tables.wording import counted

MANY = 1_500  # so many points are drawn smaller, and let each other show through


def point_size(paper: Sheet, n: int) -> float:
    """How wide a point is, among n: 7 points of print, fewer among many."""
    return float(paper.scale * np.clip(7.0 * (300.0 / max(n, 1)) ** 0.25, 2.0, 7.0))


def draw_points(
    paper: Sheet, points: np.ndarray, *, label: str, color: str, marker: str, of: int | None = None
) -> None:
    """Rows as points."""
    n = len(points) if of is None else of
    size = point_size(paper, n)
    paper.ax.plot(
        *points.T,
        marker,
        color=color,
        markersize=size,
        markeredgecolor=paper.palette.paper,
        markeredgewidth=0.12 * size if n <= MANY else 0.0,
        alpha=1.0 if n <= MANY else 0.6,
        label=label,
        rasterized=n > MANY,
    )


def draw_rings(paper: Sheet, points: np.ndarray, of: int) -> None:
    """A ring round each row that the model gets wrong."""
    size = point_size(paper, of)
    paper.ax.plot(
        *points.T,
        "o",
        markersize=1.6 * size,
        markerfacecolor="none",
        markeredgecolor=paper.palette.ink,
        markeredgewidth=0.17 * size,
        label=f"wrong ({counted(len(points), 'row')})"
        if paper.scale > 0.7
        else None,  # on small axes it takes much room
        rasterized=of > MANY,
    )
