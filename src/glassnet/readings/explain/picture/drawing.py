"""A picture of a network as SVG: the parts, at their places, in their colours."""

from __future__ import annotations

import math
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from glassnet.readings.explain.picture.layout import (
    ABOVE,
    HALF,
    LABEL,
    LINE,
    MARGIN,
    RADIUS,
    Line,
    OnLine,
    PictureLayout,
    places_for_numbers,
)
from glassnet.readings.explain.picture.parts import Column, Parts, Unit
from glassnet.readings.explain.picture.style import style
from glassnet.readings.explain.picture.words import as_text, exact, one_line, short, shortened, width, wrapped

THINNEST, WIDEST = 0.7, 5.0  # lines
FAINTEST = 0.3  # opacity of a line for a weight near 0
SMALL = 11.0
BOLDER = 1.15  # bold letters are so much wider


def drawing(parts: Parts) -> str:
    """The picture as the text of an SVG file."""
    layout = PictureLayout(parts)
    legend = Legend(layout)
    w, h = math.ceil(layout.width), math.ceil(layout.bottom + legend.height + 8.0)
    svg = Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "class": "glassnet-picture", "role": "img"})
    svg.attrib |= {"viewBox": f"0 0 {w} {h}", "width": str(w), "height": str(h)}
    svg.attrib |= {"style": "max-width: 100%; height: auto", "aria-label": f"the network {parts.sizes}"}
    SubElement(svg, "style").text = style()
    add(svg, "rect", "paper", x=0.5, y=0.5, width=w - 1, height=h - 1, rx=8)
    for c in range(1, len(parts.columns)):
        connections(svg, layout, c)
    for c, column in enumerate(parts.columns):
        title(svg, layout, c)
        column_of_units(svg, layout, c, column)
    legend.draw(svg)
    return ElementTree.tostring(svg, encoding="unicode")


def add(parent: Element, tag: str, kind: str, **places: float) -> Element:
    """An element of a class, with numbers for attributes; `stroke_width` is written stroke-width."""
    attributes = {name.replace("_", "-"): f"{value:.2f}".rstrip("0").rstrip(".") for name, value in places.items()}
    return SubElement(parent, tag, {"class": kind, **attributes})


def add_text(parent: Element, words: str, kind: str, x: float, y: float) -> Element:
    """A line of text; what was cut off is seen when the mouse is on it."""
    element = add(parent, "text", kind, x=x, y=y)
    element.text = one_line(words)
    return element


def add_note(element: Element, *lines: str) -> None:
    """What is seen when the mouse is on an element; the first child, as SVG wants it."""
    note = Element("title")
    note.text = "\n".join(map(as_text, lines))
    element.insert(0, note)


# ------------------------------------------------------------------------------------------------- connections


def connections(svg: Element, layout: PictureLayout, c: int) -> None:
    """The lines that lead to a column."""
    column, before = layout.parts.columns[c], layout.parts.columns[c - 1]
    if column.kind == "own":
        box(svg, layout, c)
    elif column.weights is None:
        for u in column.units:
            x, y = layout.leave(c - 1, u)
            end = layout.x[c] + (HALF["passing"] if column.kind == "passing" else 0.0)
            add(svg, "line", "wire", x1=x, y1=y, x2=end, y2=layout.y(c, u))
    edges = list(layout.edges(c))
    lines = [(*layout.leave(c - 1, i), layout.x[c], layout.y(c, u)) for i, u, _ in edges]
    for (i, u, weight), line in zip(edges, lines, strict=True):
        name = f"{column.name}[{i}, {u}] = {exact(weight)}"
        ends = (before.units[i].notes[0], f"→ {column.units[u].notes[0]}")
        edge(svg, weight, layout.parts.largest, line, (*ends, name))
    if layout.has_numbers(c):
        numbers = [short(weight) for _, _, weight in edges]
        shown = [between(line, layout, c) for line in lines]
        places = places_for_numbers(shown, [width(number, SMALL) for number in numbers])
        for number, place, (_, _, weight) in zip(numbers, places, edges, strict=True):
            number_on_line(svg, number, place, sign(weight))


def between(line: Line, layout: PictureLayout, c: int) -> Line:
    """The part of a line that is seen: outside the units at its ends."""
    x0, y0, x1, y1 = line
    length = math.dist((x0, y0), (x1, y1))
    is_round = layout.parts.columns[c - 1].kind in ("units", "own")
    dx, dy = RADIUS * (x1 - x0) / length, RADIUS * (y1 - y0) / length
    return x0 + dx * is_round, y0 + dy * is_round, x1 - dx, y1 - dy


def edge(svg: Element, weight: float, largest: float, line: Line, note: tuple[str, ...]) -> None:
    """A weight as a line; a wider one that is not seen lies around it, for the mouse to find."""
    group = add(svg, "g", "edge")
    add_note(group, *note)
    x1, y1, x2, y2 = line
    share = size(weight, largest)
    add(group, "line", "hit", x1=x1, y1=y1, x2=x2, y2=y2)
    seen = add(group, "line", f"line {sign(weight)}", x1=x1, y1=y1, x2=x2, y2=y2)
    seen.set("stroke-width", f"{THINNEST + (WIDEST - THINNEST) * share:.2f}")
    seen.set("stroke-opacity", f"{FAINTEST + (1 - FAINTEST) * share:.2f}")


def number_on_line(svg: Element, number: str, place: OnLine, kind: str) -> None:
    """A weight's number, along its line."""
    group = add(svg, "g", "")
    group.set("transform", f"translate({place.x:.1f} {place.y:.1f}) rotate({place.degrees:.1f})")
    group.set("pointer-events", "none")
    half = width(number, SMALL) / 2
    add(group, "rect", "behind", x=-half, y=-6.0, width=2 * half, height=12.0, rx=4)
    add_text(group, number, f"number {kind}", 0.0, 3.8)


def sign(weight: float) -> str:
    """The class of a colour."""
    return "plus" if weight > 0 else "minus" if weight < 0 else "zero"


def size(weight: float, largest: float) -> float:
    """A weight's size as a share of the largest; what is not finite counts as large."""
    return min(1.0, abs(weight) / largest) if largest and math.isfinite(weight) else float(not math.isfinite(weight))


# ----------------------------------------------------------------------------------------------------- columns


def title(svg: Element, layout: PictureLayout, c: int) -> None:
    """The lines above a column, the last on one level with those of the other columns."""
    lines, column = layout.titles[c], layout.parts.columns[c]
    y = layout.top - RADIUS - ABOVE - LINE * len(lines)
    for k, words in enumerate(lines):
        is_name = words not in ("input", column.titles[0], "(only in training)")
        text = add_text(svg, words, "bold" if is_name or c == 0 else "soft", layout.x[c], y + LINE * (k + 1) - 4.0)
        if column.note:
            add_note(text, column.note)


def column_of_units(svg: Element, layout: PictureLayout, c: int, column: Column) -> None:
    """A layer's units, and how many more there are."""
    if column.kind == "passing":
        band(svg, layout, c)
    for u, unit in column.units.items():
        x, y = layout.x[c], layout.y(c, u)
        if column.kind == "scales":
            scale(svg, x, y, unit)
        elif column.kind != "passing":
            circle(svg, layout, x, y, unit, layout.is_roomy(c))
        beside(svg, layout, c, x, y, unit)
    if column.hidden:
        add_text(svg, f"… {column.hidden:,} more", "number soft", layout.x[c], layout.gap_y(c) + 4.0)


def circle(svg: Element, layout: PictureLayout, x: float, y: float, unit: Unit, is_roomy: bool) -> None:
    """A unit: its value or name inside, its bias as the ring and, where there is room, as a number below."""
    group = add(svg, "g", "")
    add_note(group, *unit.notes)
    bias = unit.bias or 0.0
    ring = 1.2 + (WIDEST - 1.2) * size(bias, layout.parts.largest)
    add(group, "circle", f"unit {sign(bias)}", cx=x, cy=y, r=RADIUS - 1.0, stroke_width=ring)
    add_text(group, unit.inside, "inside", x, y + 3.8)
    if is_roomy and unit.bias is not None and not unit.label:
        add_text(group, f"bias {short(bias)}", f"number {sign(bias)}", x, y + RADIUS + 13.0)
    if is_roomy and unit.above:
        add_text(group, unit.above, "number soft", x, y - RADIUS - 5.0)


def scale(svg: Element, x: float, y: float, unit: Unit) -> None:
    """A normalisation of one number: its scale above its shift; without a shift its factor alone."""
    group = add(svg, "g", "")
    add_note(group, *unit.notes)
    half = HALF["scales"]
    add(group, "rect", "unit zero", x=x - half, y=y - 15, width=2 * half, height=30, rx=6, stroke_width=1.2)
    lines = unit.inside.split(" ")
    for words, down in zip(lines, (-2.5, 10.5) if len(lines) == 2 else (4.0,), strict=True):
        add_text(group, words, "inside", x, y + down)


def band(svg: Element, layout: PictureLayout, c: int) -> None:
    """Dropout: a dashed band over the lines that pass through it."""
    half, top = HALF["passing"], layout.top - RADIUS
    element = add(svg, "rect", "wire dashed", x=layout.x[c] - half, y=top, width=2 * half, rx=6)
    element.set("height", f"{layout.height_of_columns + 2 * RADIUS:.1f}")
    add_note(element, layout.parts.columns[c].note, "does nothing in a prediction")


def box(svg: Element, layout: PictureLayout, c: int) -> None:
    """One's own layer: a box between its inputs and its outputs."""
    column = layout.parts.columns[c]
    right, top = layout.x[c] - RADIUS - 48.0, layout.top - RADIUS
    left = right - layout.box_width(c)
    for u in layout.parts.columns[c - 1].units:
        x, y = layout.leave(c - 1, u)
        add(svg, "line", "wire", x1=x, y1=y, x2=left, y2=y)
    for u in column.units:
        y = layout.y(c, u)
        add(svg, "line", "wire", x1=right, y1=y, x2=layout.x[c], y2=y)
    group = add(svg, "g", "")
    add_note(group, column.note, *column.words)
    height = layout.height_of_columns + 2 * RADIUS
    add(group, "rect", "unit zero", x=left, y=top, width=right - left, height=height, rx=8, stroke_width=1.2)
    lines = [shortened(word, LABEL - 16.0) for word in column.words]
    y = top + height / 2 - LINE * (len(lines) - 1) / 2 + 4.0
    for k, words in enumerate(lines):
        add_text(group, words, "small soft" if k else "bold", (left + right) / 2, y + LINE * k)


def beside(svg: Element, layout: PictureLayout, c: int, x: float, y: float, unit: Unit) -> None:
    """The name of a feature to the left, of a class to the right, and what belongs to it below."""
    away = HALF[layout.parts.columns[c].kind] + 8.0
    side, place = ("left", x - away) if c == 0 else ("right", x + away)
    first = y + 4.0 - 7.0 * (len(unit.beside) - 1)
    for k, (words, kind) in enumerate(unit.beside):
        room = LABEL / BOLDER if kind == "bold" else LABEL
        text = add_text(svg, shortened(words, room), f"{side} {kind}", place, first + 14.0 * k)
        add_note(text, words)


# ------------------------------------------------------------------------------------------------------ legend


class Legend:
    """What the colours and widths mean, and what the picture leaves out."""

    def __init__(self, layout: PictureLayout) -> None:
        self.layout = layout
        parts = layout.parts
        self.items: list[tuple[str, str]] = []
        if parts.largest:
            self.items += [("plus", "positive weight"), ("minus", "negative weight")]
            self.items += [("widest", f"widest: {parts.farthest_name} = {short(parts.farthest, 4)}")]
        if any(unit.bias is not None for column in parts.columns for unit in column.units.values()):
            self.items.append(("ring", "bias"))
        if any(column.kind == "scales" for column in parts.columns):
            self.items.append(("", "× scale, + shift"))
        self.rows = self.packed()
        self.notes = [line for note in parts.notes for line in wrapped(note, layout.width - 2 * MARGIN, SMALL)]
        self.height = 20.0 * len(self.rows) + LINE * len(self.notes)

    def packed(self) -> list[list[tuple[float, str, str]]]:
        """The items in rows, each with its x."""
        rows: list[list[tuple[float, str, str]]] = []
        x = math.inf
        for kind, words in self.items:
            needed = (32.0 if kind else 0.0) + width(words, SMALL)
            if x + needed > self.layout.width - MARGIN:
                rows.append([])
                x = MARGIN
            rows[-1].append((x, kind, words))
            x += needed + 20.0
        return rows

    def draw(self, svg: Element) -> None:
        """Below the network."""
        y = self.layout.bottom + 10.0
        for row in self.rows:
            for x, kind, words in row:
                self.sample(svg, kind, x, y - 4.0)
                add_text(svg, words, "right small soft", x + (32.0 if kind else 0.0), y)
            y += 20.0
        for k, words in enumerate(self.notes):
            add_text(svg, words, "right small soft", MARGIN, y + LINE * k)

    def sample(self, svg: Element, kind: str, x: float, y: float) -> None:
        """A line or a ring."""
        if kind == "ring":
            add(svg, "circle", "unit plus", cx=x + 6, cy=y, r=6, stroke_width=3)
            add(svg, "circle", "unit minus", cx=x + 21, cy=y, r=6, stroke_width=3)
        elif kind:
            colour = self.widest_sign() if kind == "widest" else kind
            thick = WIDEST if kind == "widest" else 2.5
            add(svg, "line", f"line {colour}", x1=x, y1=y, x2=x + 25, y2=y, stroke_width=thick)

    def widest_sign(self) -> str:
        """The colour of the largest number."""
        return "minus" if self.layout.parts.farthest < 0 else "plus"
