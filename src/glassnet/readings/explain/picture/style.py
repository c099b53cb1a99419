"""The colours of a picture: blue for positive, orange for negative, on light and on dark paper.

Two colours of Okabe & Ito's palette (2008), which people with any kind of colour vision tell apart. Nothing here
is a CSS variable: programs that show SVG and are no browsers do not know those.
"""

from __future__ import annotations

from glassnet.derivation import theme

LIGHT = {
    **theme.LIGHT,
    "frame": theme.LIGHT["line"],
    "unit": theme.LIGHT["band"],
    "wire": "#a8b0bf",
    "plus_text": "#00609a",
    "minus_text": "#b34e00",
}
DARK = {
    **theme.DARK,
    "frame": theme.DARK["line"],
    "unit": "#262d3a",
    "wire": "#626d80",
    "plus_text": "#7cc7f2",
    "minus_text": "#f6b26b",
}
NAME = ".glassnet-picture"
FORM = """
{0} { font: 12px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif }
{0} text { unicode-bidi: isolate; text-anchor: middle; stroke: none }
{0} .left { text-anchor: end }
{0} .right { text-anchor: start }
{0} .small { font-size: 11px }
{0} .number { font-size: 10.5px; font-variant-numeric: tabular-nums }
{0} .number { paint-order: stroke; stroke-width: 3px; stroke-linejoin: round }
{0} .inside { font-size: 10px; font-variant-numeric: tabular-nums }
{0} .bold { font-weight: 700 }
{0} .hit { stroke: transparent; stroke-width: 9px; fill: none }
{0} .edge:hover .line { stroke-opacity: 1 }
{0} .line { stroke-linecap: round; fill: none }
{0} .line.zero, {0} .dashed { stroke-dasharray: 3 4 }
"""
COLOURS = """
{0} .paper { fill: [paper]; stroke: [frame] }
{0} text { fill: [ink] }
{0} .soft { fill: [soft] }
{0} .number { stroke: [paper] }
{0} .behind { fill: [paper] }
{0} text.plus { fill: [plus_text] }
{0} text.minus { fill: [minus_text] }
{0} .unit { fill: [unit] }
{0} .wire { stroke: [wire]; fill: none }
{0} .line.zero, {0} .unit.zero { stroke: [wire] }
{0} .line.plus, {0} .unit.plus { stroke: [plus] }
{0} .line.minus, {0} .unit.minus { stroke: [minus] }
"""


def style() -> str:
    """The style of a picture: it holds for pictures of this kind only, wherever they stand."""
    return FORM.replace("{0}", NAME) + theme.in_colours(coloured, LIGHT, DARK)


def coloured(colours: dict[str, str], places: tuple[str, ...]) -> str:
    """The rules with these colours, in these places."""
    rules = COLOURS.strip()
    for part, colour in colours.items():
        rules = rules.replace(f"[{part}]", colour)
    names = tuple(f"{place} {NAME}" for place in places) or (NAME,)
    lines = (rule.split(" { ") for rule in rules.splitlines())
    return "\n".join(f"{everywhere(selectors, names)} {{ {body}" for selectors, body in lines)


def everywhere(selectors: str, names: tuple[str, ...]) -> str:
    """Selectors of things inside a picture, for a picture in each of some places."""
    return ", ".join(part.replace("{0}", name) for name in names for part in selectors.split(", "))
