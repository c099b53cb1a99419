"""Draw docs/pictures/architecture.svg: the rooms of the house in their levels, as the code's own imports make them.

A room is a folder of src/glassnet. It stands one level above the highest room that it imports. An arrow says that a
room imports another one; those that follow from other arrows are left out. What a room is for is the first sentence
of its `__init__`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from textwrap import wrap

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "glassnet"
PICTURE = ROOT / "docs" / "pictures" / "architecture.svg"

WIDTH, BOX, HEIGHT, GAP, MARGIN = 840, 388, 66, 34, 16
BESIDE = 32  # between rooms of a level; three of them are less wide than BOX
LETTERS = 57  # of a caption's line in a room as wide as BOX
GROUPS = {  # colours, light and dark: the mathematics; the derivation; numbers; people
    "formulas expressions parts": ("#0072b2", "#56b4e9"),
    "derivation": ("#b34e00", "#f09a3e"),
    "data datasets calibration engines training workers": ("#00795c", "#3fbf9b"),
    "readings doctor model comparison search parallel reproduce sklearn playground cli": ("#5c6679", "#9aa5b8"),
}
STYLE = """
text { font: 11.5px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: #1d2433 }
.name { font-size: 15px; font-weight: 700 }
.soft { fill: #5c6679 }
.paper { fill: #ffffff; stroke: #dfe3ea }
.room { fill: #f4f6f9; stroke-width: 1.5px }
.arrow { fill: none; stroke: #5c6679; stroke-width: 1.3px }
.head { fill: #5c6679 }
"""
DARK = """
text { fill: #e4e8f0 }
.soft { fill: #9aa5b8 }
.paper { fill: #171b23; stroke: #343c4b }
.room { fill: #262d3a }
.arrow { stroke: #9aa5b8 }
.head { fill: #9aa5b8 }
"""


@dataclass(frozen=True)
class Room:
    """A folder of the package."""

    name: str
    purpose: str
    imports: frozenset[str]


def rooms() -> dict[str, Room]:
    """Every room, by name."""
    folders = {path.parent.name: path.parent for path in sorted(SOURCE.glob("*/__init__.py"))}
    return {
        name: Room(name, purpose(folder), frozenset(imported(folder)) & folders.keys() - {name})
        for name, folder in folders.items()
    }


def purpose(folder: Path) -> str:
    """The first sentence of what a room says of itself."""
    text = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))) or ""
    return text.split("\n\n")[0].replace("\n", " ").replace("`", "").split(". ")[0].removesuffix(".")


def imported(folder: Path) -> Iterator[str]:
    """The rooms that a room's files import, inside functions and for types too."""
    for path in folder.rglob("*.py"):
        for node in statements(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "glassnet":
                yield from (item.name for item in node.names)
            elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("glassnet."):
                yield (node.module or "").split(".")[1]


def statements(tree: ast.AST) -> Iterator[ast.AST]:
    """All statements, also those in others."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.stmt, ast.excepthandler, ast.match_case)):
            yield node
            yield from statements(node)


def levels(found: dict[str, Room]) -> list[list[str]]:
    """The rooms' names, level by level from the ground up."""
    height: dict[str, int] = {}

    def of(name: str) -> int:
        if name not in height:
            height[name] = -1  # a circle would come back here
            height[name] = 1 + max(map(of, found[name].imports), default=-1)
        return height[name]

    for name in found:
        of(name)
    return [[name for name in found if height[name] == level] for level in range(max(height.values()) + 1)]


def below(name: str, found: dict[str, Room]) -> set[str]:
    """All rooms that a room needs."""
    return set(found[name].imports).union(*(below(other, found) for other in found[name].imports))


def arrows(found: dict[str, Room]) -> list[tuple[str, str]]:
    """Who imports whom, but for what follows from the others."""
    return [
        (name, other)
        for name, room in found.items()
        for other in sorted(room.imports)
        if not any(other in below(between, found) for between in room.imports - {other})
    ]


def drawn() -> str:
    """The picture as SVG."""
    found = rooms()
    floors = levels(found)
    tall = len(floors) * (HEIGHT + GAP) - GAP + 2 * MARGIN
    place = {}
    for level, names in enumerate(floors):
        wide = min(BOX, (WIDTH - 2 * MARGIN - BESIDE * (len(names) - 1)) / len(names))
        left = (WIDTH - wide * len(names) - BESIDE * (len(names) - 1)) / 2
        y = MARGIN + (len(floors) - 1 - level) * (HEIGHT + GAP)
        place |= {name: (left + k * (wide + BESIDE), y, wide) for k, name in enumerate(names)}
    lines = [arrow(place[name], place[other]) for name, other in arrows(found)]
    lines += [box(found[name], *place[name]) for name in found]
    title = f"The rooms of glassnet, from {' and '.join(floors[0])} at the ground to {' and '.join(floors[-1])} on top"
    colours = colour_rules(0)
    dark = f"@media (prefers-color-scheme: dark) {{{DARK}{colour_rules(1)}}}"
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {tall}" width="{WIDTH}" height="{tall}" role="img">
<title>{escape(title)}</title>
<style>{STYLE}{colours}{dark}</style>
<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
<path class="head" d="M0 0 8 4 0 8Z"/></marker></defs>
<rect class="paper" x="0.5" y="0.5" width="{WIDTH - 1}" height="{tall - 1}" rx="8"/>
{chr(10).join(lines)}
</svg>
"""


def colour_rules(scheme: int) -> str:
    """The rooms' colours in one of the two schemes."""
    return "".join(f".group-{k} {{ stroke: {pair[scheme]} }}\n.name-{k} {{ fill: {pair[scheme]} }}\n"
                   for k, pair in enumerate(GROUPS.values()))  # fmt: skip


def box(room: Room, x: float, y: float, wide: float) -> str:
    """A room with its name and what it is for."""
    group = next((k for k, names in enumerate(GROUPS) if room.name in names.split()), len(GROUPS) - 1)
    letters = int(LETTERS * wide / BOX)
    said = wrap(room.purpose, letters)
    said = said if len(said) <= 2 else [said[0], f"{said[1][: letters - 1].rpartition(' ')[0].rstrip(',')} …"]
    texts = [f'<text class="name name-{group}" x="{x + 14:g}" y="{y + 22:g}">{room.name}</text>']
    texts += [f'<text class="soft" x="{x + 14:g}" y="{y + 40 + 15 * k:g}">{escape(line)}</text>'
              for k, line in enumerate(said)]  # fmt: skip
    outline = f'<rect class="room group-{group}" x="{x:g}" y="{y:g}" width="{wide:g}" height="{HEIGHT}" rx="7"/>'
    return "\n".join([outline, *texts])


def arrow(upper: tuple[float, float, float], lower: tuple[float, float, float]) -> str:
    """From the lower edge of a room to the upper edge of one below it."""
    (x0, y0, wide0), (x1, y1, wide1) = upper, lower
    start, end = x0 + wide0 / 2, x1 + wide1 / 2
    lean = 0.28 * min(wide0, wide1) * ((end > start) - (end < start))  # not all at one point
    y0 += HEIGHT
    if start == end and y1 - y0 > GAP:  # past what stands between
        start = end = x0 + wide0 * 0.2
    bend = GAP * 0.5
    return (f'<path class="arrow" marker-end="url(#head)" d="M{start + lean:g} {y0:g}C{start + lean:g} {y0 + bend:g} '
            f'{end - lean:g} {y1 - bend:g} {end - lean:g} {y1 - 1:g}"/>')  # fmt: skip


def main() -> None:
    """Write the picture."""
    PICTURE.write_text(drawn(), encoding="utf-8")


if __name__ == "__main__":
    main()
