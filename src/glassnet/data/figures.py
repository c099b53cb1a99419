"""Pictures by matplotlib: one look, on light and on dark paper; files are written whole, the same bytes each time.

A plot is drawn on axes that somebody gives, or on a figure of its own. Its colours follow the paper it stands on;
nothing of matplotlib's global settings is changed, and pyplot is asked only for figures that nobody gave, so that a
notebook shows them. The first colours are Okabe & Ito's (2008), which people with any kind of colour vision tell apart;
classes have shapes besides.
"""

from __future__ import annotations

import io
import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from glassnet.data.files import write_atomically
from glassnet.data.files.endings import PICTURES
from glassnet.errors import need


@dataclass(frozen=True, kw_only=True)
class Palette:
    """The colours of a picture.

    Attributes
    ----------
    paper, ink, soft, grid
        What is drawn on; text; what frames it; lines behind it.
    hues
        Of classes and curves, in order.
    numbers
        The colour map of numbers from low to high.
    """

    paper: str
    ink: str
    soft: str
    grid: str
    hues: tuple[str, ...]
    numbers: str

    def hue(self, k: int) -> str:
        """The colour of class k."""
        return self.hues[k % len(self.hues)]


LIGHT = Palette(
    paper="#FFFFFF",
    ink="#1F2328",
    soft="#6E6E6E",
    grid="#E6E6E6",
    hues=(
        *("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00"),
        *("#56B4E9", "#882255", "#8A8A00", "#332288", "#5F5F5F"),
    ),
    numbers="viridis",
)
DARK = Palette(
    paper="#000000",
    ink="#ECECEC",
    soft="#9A9A9A",
    grid="#333333",
    hues=(
        *("#56B4E9", "#F28E2B", "#2FBF8F", "#E79AC5", "#F0E442"),
        *("#A3B8FF", "#E8647C", "#B5BD4C", "#B08CE0", "#BDBDBD"),
    ),
    numbers="viridis",
)
BLUE, VERMILION = LIGHT.hues[:2]
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "p")

USUAL = (4.6, 2.9)  # inches of the axes for which letters have their usual size
TITLE, LABEL, SMALL = 12.0, 10.5, 9.5  # points
LONGEST = 26  # letters of a name


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """Axes to draw on, and how.

    Attributes
    ----------
    ax
        The axes.
    palette
        The colours for their paper.
    is_own
        Whether the figure was made for the plot, and nothing else is on it.
    scale
        How large letters and points are: 1, or less on small axes.
    """

    ax: Any
    palette: Palette
    is_own: bool
    scale: float = 1.0

    def dressed(self, *, grid: bool = True, frame: bool = False) -> Sheet:
        """The axes in the common look: two lines as a frame (`frame`: four), a grid behind, soft ticks."""
        ax, palette = self.ax, self.palette
        for side, spine in ax.spines.items():
            spine.set_visible(frame or side in ("left", "bottom"))
            spine.set_color(palette.soft)
        ax.set_axisbelow(True)
        ax.grid(grid)
        if grid:
            ax.grid(True, color=palette.grid, linewidth=0.8, linestyle="-")
        ax.tick_params(color=palette.soft, labelcolor=palette.ink, labelsize=SMALL * self.scale)
        for axis in (ax.xaxis, ax.yaxis):
            axis.get_offset_text().set(color=palette.ink, fontsize=SMALL * self.scale)
        return self

    def numbered(self) -> Sheet:
        """The axes with as many numbers along x as there is room for long ones."""
        from matplotlib.ticker import MaxNLocator

        fit = int(self.cell(1, 1)[0] / (5.0 * SMALL * self.scale))
        self.ax.xaxis.set_major_locator(MaxNLocator(min(max(fit, 2), 9), steps=[1, 2, 2.5, 5, 10]))
        return self

    def say(self, *, x: str = "", y: str = "", title: str = "", caption: Sequence[str] = ()) -> None:
        """Write the axes' names, a title, and sentences under it in small letters."""
        ax, scale, ink = self.ax, self.scale, self.palette.ink
        ax.set_xlabel(x, color=ink, fontsize=LABEL * scale)
        ax.set_ylabel(y, color=ink, fontsize=LABEL * scale)
        under = [line for text in caption for line in self.wrapped(text, SMALL * scale)]
        fit = max(1, int(0.35 * self.cell(1, 1)[1] / (1.2 * SMALL * scale)))
        if len(under) > fit:
            under = [*under[: fit - 1], f"{under[fit - 1]} …"]
        height = SMALL * scale * (1.3 + 1.16 * (len(under) - 1))
        if under:
            ax.annotate(
                "\n".join(under),
                (0.0, 1.0),
                (0.0, 6.0 * scale),
                xycoords="axes fraction",
                textcoords="offset points",
                color=self.palette.soft,
                fontsize=SMALL * scale,
                linespacing=1.2,
                annotation_clip=False,
            )
        pad = 9.0 * scale + (height + 2.0 * scale if under else 0.0)
        lines = "\n".join(self.wrapped(title, TITLE * scale))
        ax.set_title(lines, loc="left", color=ink, fontsize=TITLE * scale, pad=pad)

    def wrapped(self, text: str, size: float) -> list[str]:
        """Text in lines as long as the axes are wide, for letters of so many points."""
        letters = int(self.cell(1, 1)[0] / (0.54 * size))
        return textwrap.wrap(text, max(12, letters), break_long_words=False) if text else []

    def legend(self, **where: Any) -> None:
        """Name what is drawn: beside the axes where there will be room made for it, else inside; as much as fits."""
        handles, labels = self.ax.get_legend_handles_labels()
        if not handles:
            return
        letters = SMALL * self.scale
        fit = int(self.cell(1, 1)[1] / (1.5 * letters))
        is_alone = len(self.ax.figure.axes) == 1 and self.ax.figure.get_layout_engine() is not None
        if not where and (self.is_own or is_alone):
            where = {"loc": "upper left", "bbox_to_anchor": (1.01, 1.0), "borderaxespad": 0.0}
        elif not where:
            few = sum(len(line.get_xdata()) for line in self.ax.lines) < 1000  # to look for room takes long among many
            where, fit = {"loc": "best" if few else "upper right"}, int(0.7 * fit)
        most = max(fit, 2)
        if len(handles) > most:
            labels[most - 1] = f"… {len(handles) - most + 1} more"
            handles[most - 1] = nothing()
        points = [line.get_markersize() for line in handles[:most] if line.get_marker() not in ("", "None", None)]
        self.ax.legend(
            handles[:most],
            [shortened(label) for label in labels[:most]],
            fontsize=letters,
            markerscale=max(1.0, 6.0 * self.scale / min(points)) if points else 1.0,
            handletextpad=0.4,
            borderpad=0.3,
            labelspacing=0.35,
            labelcolor=self.palette.ink,
            facecolor=self.palette.paper,
            edgecolor=self.palette.paper,
            framealpha=0.85,
            **where,
        )

    def name_places(self, names: Sequence[str], axis: str) -> None:
        """Names along an axis whose places are 0, 1, …: cut where they are long, and of many only some."""
        short = [shortened(name) for name in names]
        letters = SMALL * self.scale
        cell = self.cell(len(names), len(names))[axis == "y"]
        turned = axis == "x" and 0.62 * letters * max(map(len, short)) > cell
        step = 1 if axis == "x" and not turned else max(1, math.ceil(1.3 * letters / cell))
        of_axis = self.ax.xaxis if axis == "x" else self.ax.yaxis
        of_axis.set_ticks(range(0, len(names), step), short[::step], rotation=90 if turned else 0)

    def bar(self, image: Any, label: str = "") -> Any:
        """A bar that says what an image's colours mean, beside the axes."""
        bar = self.ax.figure.colorbar(image, ax=self.ax)
        look = {"color": self.palette.soft, "labelcolor": self.palette.ink, "labelsize": SMALL * self.scale}
        bar.ax.tick_params(which="both", **look)
        bar.set_label(label, color=self.palette.ink, fontsize=LABEL * self.scale)
        bar.outline.set_visible(False)
        return bar

    def cell(self, columns: int, rows: int) -> tuple[float, float]:
        """How wide and high a cell is, in points, where the axes are divided into so many."""
        box, points = self.ax.bbox, 72.0 / self.ax.figure.dpi
        if not self.is_own:
            points *= 0.75  # a layout to come will take some of it for the names of its neighbours
        return box.width * points / columns, box.height * points / rows


def sheet(ax: Any = None, size: tuple[float, float] = (6.4, 4.2)) -> Sheet:
    """Somebody's axes; without any, those of a new figure of pyplot's, on paper as light or dark as its figures are."""
    need("plots", "matplotlib", "plot")
    if ax is not None:
        return Sheet(ax=ax, palette=palette_on(ax), is_own=False, scale=scale_of(ax))
    from matplotlib import pyplot

    palette = palette_of_settings()
    figure = pyplot.figure(figsize=size, layout="constrained", facecolor=palette.paper)
    return Sheet(ax=figure.add_subplot(facecolor=palette.paper), palette=palette, is_own=True)


def sheet_for_file(size: tuple[float, float] = (6.4, 4.2)) -> Sheet:
    """The axes of a new figure for a file, on light paper."""
    figure = new_figure(size)
    return Sheet(ax=figure.add_subplot(facecolor=LIGHT.paper), palette=LIGHT, is_own=True)


def new_figure(size: tuple[float, float]) -> Any:
    """A figure for a file: no display is needed, and nothing of matplotlib's global state is used or changed."""
    need("plots", "matplotlib", "plot")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained", facecolor=LIGHT.paper)
    FigureCanvasAgg(figure)
    return figure


def shortened(name: str) -> str:
    """A name without its middle where it is long: names that begin alike often end differently.

    >>> shortened("the amount of dissolved oxygen, mg/l")
    'the amount of…oxygen, mg/l'
    """
    half = LONGEST // 2
    return name if len(name) <= LONGEST else f"{name[:half]}…{name[half + 1 - LONGEST :]}"


def nothing() -> Any:
    """What is not to be seen, for a line in a legend that is only text."""
    from matplotlib.lines import Line2D

    return Line2D([], [], linestyle="none")


def scale_of(ax: Any) -> float:
    """How large letters are on axes of this size."""
    box, dpi = ax.bbox, ax.figure.dpi
    room = min(box.width / dpi / USUAL[0], box.height / dpi / USUAL[1])
    return min(1.0, max(0.5, math.sqrt(room)))


def palette_of_settings() -> Palette:
    """For figures that matplotlib makes with the settings it has: on light paper white, else the dark paper it has."""
    from matplotlib import rcParams

    found = palette_for(rcParams["axes.facecolor"], rcParams["figure.facecolor"])
    return LIGHT if found is None or found.ink == LIGHT.ink else found


def palette_on(ax: Any) -> Palette:
    """For axes that are there. Where neither they nor their figure have paper, text tells which one it will be."""
    from matplotlib import rcParams
    from matplotlib.colors import to_rgb

    found = palette_for(ax.get_facecolor(), ax.figure.get_facecolor())
    return found or (DARK if brightness(to_rgb(rcParams["text.color"])) > 0.5 else LIGHT)


def palette_for(*papers: Any) -> Palette | None:
    """The colours for the first of these papers that is not transparent."""
    from matplotlib.colors import to_hex, to_rgba

    for paper in map(to_rgba, papers):
        if paper[3] > 0.5:
            return replace(DARK if brightness(paper[:3]) < 0.5 else LIGHT, paper=to_hex(paper))
    return None


def ink_on(ground: Sequence[float]) -> str:
    """The colour of letters that can be read on this one."""
    return LIGHT.paper if brightness(ground[:3]) < 0.5 else LIGHT.ink


def brightness(rgb: Sequence[float]) -> float:
    """How bright a colour looks, 0 to 1."""
    red, green, blue = rgb
    return 0.299 * red + 0.587 * green + 0.114 * blue


def check_suffix(path: Path) -> str:
    """The suffix of a picture's name; ValueError for a kind of picture that is not drawn."""
    suffix = path.suffix.lower()
    if suffix not in PICTURES:
        *others, last = PICTURES
        raise ValueError(f"a picture's name must end in {', '.join(others)} or {last}, got {path.name!r}")
    return suffix


def save(figure: Any, path: Path) -> None:
    """Write a figure whole or not at all, as PNG if its name has no suffix; the same figure gives the same bytes."""
    from matplotlib import rc_context

    suffix = check_suffix(path) if path.suffix else ".png"
    content = io.BytesIO()
    with rc_context({"svg.hashsalt": "glassnet"}):  # without it an SVG's ids are random
        figure.savefig(content, format=suffix[1:], dpi=160, metadata=dict.fromkeys(PICTURES[suffix].untold))
    write_atomically(path, content.getvalue())
