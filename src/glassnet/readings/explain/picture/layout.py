"""Where everything in a picture of a network stands, in pixels: x to the right, y down.

Columns stand side by side, each centred on the same line. The taller the columns, the wider the gaps, so that
weights do not become too steep; where there are few weights the gap leaves room for their numbers.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from glassnet.readings.explain.picture.parts import Column, Parts
from glassnet.readings.explain.picture.words import width, wrapped

RADIUS = 21.0
HALF = {"units": RADIUS, "own": RADIUS, "scales": 30.0, "passing": 13.0}  # of a column's width
MARGIN = 20.0
TALL = 450.0  # a column is spread over so much, but units stand no closer and no farther than:
CLOSEST, FARTHEST = 49.0, 88.0
ROOMY = 76.0  # from here on there is room for a bias below a unit and a name above it
FEW = 24  # weights between two layers that are written as numbers
LABEL = 176.0  # the longest name beside a unit
TITLE = 160.0  # the longest line of a title
ABOVE = 22.0  # between titles and units
LINE = 15.0  # from one line of text to the next
NARROWEST = 430.0


@dataclass(frozen=True, eq=False)
class PictureLayout:
    """The places for the parts of one picture."""

    parts: Parts

    # across

    @cached_property
    def titles(self) -> list[list[str]]:
        """The lines above each column."""
        return [
            [line for title in column.titles for line in wrapped(title, TITLE, most=2)] for column in self.parts.columns
        ]

    @cached_property
    def x(self) -> list[float]:
        """The middle of each column."""
        columns = self.parts.columns
        labels = self.label_room(0)
        found = [MARGIN + max(labels + HALF[columns[0].kind], self.title_width(0) / 2)]
        for c in range(1, len(columns)):
            apart = HALF[columns[c - 1].kind] + self.gap(c) + HALF[columns[c].kind]
            titles = (self.title_width(c - 1) + self.title_width(c)) / 2 + 24.0
            found.append(found[-1] + max(apart, titles))
        return [x + max(0.0, NARROWEST - self.right(found)) / 2 for x in found]

    @property
    def width(self) -> float:
        """Of the whole picture."""
        return max(NARROWEST, self.right(self.x))

    def right(self, x: list[float]) -> float:
        """Where the picture ends, if columns stand at these places."""
        last = len(x) - 1
        half = HALF[self.parts.columns[last].kind]
        return x[last] + max(half + self.label_room(last), self.title_width(last) / 2) + MARGIN

    def title_width(self, c: int) -> float:
        """Of a column's title."""
        return max(width(line) for line in self.titles[c])

    def label_room(self, c: int) -> float:
        """Room for the names beside a column."""
        lines = [words for unit in self.parts.columns[c].units.values() for words, _ in unit.beside]
        return 12.0 + min(LABEL, max(map(width, lines), default=0.0))

    def gap(self, c: int) -> float:
        """The space to the left of a column."""
        column = self.parts.columns[c]
        if column.kind == "own":
            return 2 * 48.0 + self.box_width(c)
        if column.kind != "units":
            return 34.0
        return 190.0 if self.has_numbers(c) else min(250.0, max(140.0, 0.38 * self.height_of_columns))

    def has_numbers(self, c: int) -> bool:
        """Whether the weights that lead to a column are written on their lines."""
        column, before = self.parts.columns[c], self.parts.columns[c - 1]
        few = len(column.units) * len(before.units) <= FEW
        return column.weights is not None and few and not column.hidden + before.hidden

    def box_width(self, c: int) -> float:
        """Of the box of one's own layer."""
        return min(LABEL, max(64.0, 20.0 + max(width(word) for word in self.parts.columns[c].words)))

    # down

    @cached_property
    def top(self) -> float:
        """The uppermost unit's middle, if its column is the tallest."""
        return MARGIN + LINE * max(map(len, self.titles)) + ABOVE + RADIUS

    @cached_property
    def spacing(self) -> float:
        """From one unit to the next, in the tallest column."""
        tallest = max(map(slots, self.parts.columns))
        return min(FARTHEST, max(CLOSEST, TALL / max(1, tallest - 1)))

    @cached_property
    def height_of_columns(self) -> float:
        """From the uppermost unit's middle to the lowest one's."""
        return self.spacing * (max(map(slots, self.parts.columns)) - 1)

    @property
    def bottom(self) -> float:
        """Below all units."""
        return self.top + self.height_of_columns + RADIUS + 30.0

    def spacing_of(self, c: int) -> float:
        """From one unit to the next: shorter columns spread a little."""
        gaps = slots(self.parts.columns[c]) - 1
        return min(1.4 * self.spacing, self.height_of_columns / gaps) if gaps else self.spacing

    def slot_y(self, c: int, slot: int) -> float:
        """The middle of a slot of a column."""
        middle = self.top + self.height_of_columns / 2
        return middle + self.spacing_of(c) * (slot - (slots(self.parts.columns[c]) - 1) / 2)

    def y(self, c: int, u: int) -> float:
        """The middle of unit u, which is one of those shown."""
        return self.slot_y(c, list(self.parts.columns[c].units).index(u))

    def gap_y(self, c: int) -> float:
        """Where a column says how many more units it has: below those that it shows."""
        return self.slot_y(c, len(self.parts.columns[c].units))

    def is_roomy(self, c: int) -> bool:
        """Whether a column has room for text between its units, and not too many lines behind it."""
        return self.spacing_of(c) >= ROOMY and self.has_numbers(c)

    # both

    def leave(self, c: int, u: int) -> tuple[float, float]:
        """Where lines to the next column begin."""
        is_round = self.parts.columns[c].kind in ("units", "own")
        return self.x[c] + (0.0 if is_round else HALF[self.parts.columns[c].kind]), self.y(c, u)

    def edges(self, c: int) -> Iterator[tuple[int, int, float]]:
        """The weights that lead to a column: from, to and the number, the smallest first, to be drawn below."""
        weights = self.parts.columns[c].weights
        if weights is None:
            return
        before, here = self.parts.columns[c - 1].units, self.parts.columns[c].units
        found = [(i, u, float(weights[i, u])) for i in before for u in here]
        yield from sorted(found, key=lambda edge: abs(edge[2]) if math.isfinite(edge[2]) else 0.0)


def slots(column: Column) -> int:
    """Places in a column: its units, and one for those that are not shown."""
    return len(column.units) + (column.hidden > 0)


# ------------------------------------------------------------------------------------------ numbers on lines


@dataclass(frozen=True)
class OnLine:
    """The middle of a number on a line, and the line's direction."""

    x: float
    y: float
    degrees: float

    def points(self, length: float) -> list[tuple[float, float]]:
        """The number as a few points along its line."""
        dx, dy = math.cos(math.radians(self.degrees)), math.sin(math.radians(self.degrees))
        return [(self.x + k / 4 * length * dx, self.y + k / 4 * length * dy) for k in range(-2, 3)]


Line = tuple[float, float, float, float]  # x and y of one end, then of the other


def places_for_numbers(lines: list[Line], lengths: list[float]) -> list[OnLine]:
    """For each line a place on it for its number: far from the other numbers, and from other lines.

    Each number in turn takes the best of some places on its own line.
    """
    taken: list[tuple[float, float]] = []
    found = []
    for line, length in zip(lines, lengths, strict=True):
        x0, y0, x1, y1 = line
        degrees = math.degrees(math.atan2(y1 - y0, x1 - x0))
        others = [other for other in lines if other is not line]
        shares = [k / 40 for k in range(8, 33)]
        places = [OnLine(x0 + share * (x1 - x0), y0 + share * (y1 - y0), degrees) for share in shares]
        room = [distance(place.points(length), taken) + 0.6 * away(place, others) for place in places]
        best = places[room.index(max(room))]
        found.append(best)
        taken += best.points(length)
    return found


ENOUGH = 24.0  # farther apart than this is no better


def distance(points: list[tuple[float, float]], others: list[tuple[float, float]]) -> float:
    """The smallest distance between two sets of points."""
    return min([math.dist(a, b) for a in points for b in others] + [ENOUGH])


def away(place: OnLine, lines: list[Line]) -> float:
    """How far above or below a place the nearest line is."""
    heights = [y0 + (place.x - x0) / (x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in lines if x0 < place.x < x1]
    return min([abs(height - place.y) for height in heights] + [ENOUGH])
