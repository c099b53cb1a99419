"""A panel of a diagnosis as SVG: letters stay letters, and the page around decides its colours.

Not drawn with matplotlib, which is not always there, knows one paper at a time, and makes letters small on a telephone.
"""

from __future__ import annotations

import html

import numpy as np

from glassnet.doctor.pictures import Line, Panel

WIDTH, HEIGHT = 340.0, 190.0
TOP, RIGHT, BOTTOM = 20.0, 17.0, 32.0
LETTER = 6.3  # how wide one is
LINE = 13.0  # how high


def svg(panel: Panel) -> str:
    """The picture; its title stands beside it, in HTML."""
    left = 10.0 + LETTER * max((len(text) for _, text in panel.y_ticks), default=0)
    right = RIGHT + LETTER * max((len(line.label) for line in panel.lines), default=0)
    width, height = WIDTH - left - right, HEIGHT - TOP - BOTTOM

    def x(place: float) -> float:
        return left + width * place

    def y(place: float) -> float:
        return TOP + height * (1.0 - place)

    parts = [
        f'<path class="grid" d="M{x(0.0):.1f} {y(p):.1f}H{x(1.0):.1f}"/>' for p, _ in panel.y_ticks if not panel.boxes
    ]
    parts += [text(left - 6.0, y(place) + 4.0, name, "left") for place, name in panel.y_ticks]
    parts += [text(x(place), HEIGHT - BOTTOM + 15.0, name, "tick") for place, name in panel.x_ticks]
    parts += [text(x(1.0), HEIGHT - 3.0, "epoch", "left"), text(2.0, 11.0, panel.y, "right")]
    for box in panel.boxes:
        parts.append(rectangle("empty", x(box.x), y(box.y + box.height), width * box.width, height * box.height))
        filled = box.height * box.share
        parts.append(rectangle("full", x(box.x), y(box.y + filled), width * box.width, height * filled))
    for line in panel.lines:
        places = " ".join(f"{x(a):.1f},{y(b):.1f}" for a, b in line.points)
        many = "line alone" if len(line.points) == 1 else "line"
        parts.append(
            f'<polyline class="{many} {line.tone}" points="{places}{" " + places if "alone" in many else ""}"/>'
        )
    parts += [text(x(1.0) + 5.0, TOP + below + 4.0, name, "right") for name, below in ends(panel.lines, height)]
    size = f'viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}"'
    label = html.escape(panel.title)
    return f'<svg class="glassnet-picture" role="img" aria-label="{label}" {size}>{"".join(parts)}</svg>'


def text(x: float, y: float, words: str, kind: str) -> str:
    """A line of text."""
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{html.escape(words)}</text>' if words else ""


def rectangle(kind: str, x: float, y: float, width: float, height: float) -> str:
    """A rectangle."""
    return f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"/>'


def ends(lines: tuple[Line, ...], height: float) -> list[tuple[str, float]]:
    """What is written at the ends of lines, and how far below the top: apart from each other, if there is room."""
    named = sorted(
        ((line.label, height * (1.0 - line.points[-1, 1])) for line in lines if line.label), key=lambda e: e[1]
    )
    most = max(2, int(height // LINE))
    if len(named) > most:
        named = [named[k] for k in np.linspace(0, len(named) - 1, most).astype(int)]
    found: list[tuple[str, float]] = []
    for k, (name, below) in enumerate(named):
        lowest = height - LINE * (len(named) - 1 - k)
        found.append((name, min(max(below, found[-1][1] + LINE if found else 0.0), lowest)))
    return found
