"""The colours of a picture: blue for positive, orange for negative, on light and on dark paper.

Two colours of Okabe & Ito's palette (2008), which people with any kind of colour vision tell apart. Nothing here
is a CSS variable: programs that show SVG and are no browsers do not know those.
"""

from __future__ import annotations

LIGHT = {
    "paper": "#ffffff",
    "frame": "#dfe3ea",
    "ink": "#1d2433",
    "soft": "#5c6679",
    "unit": "#f4f6f9",
    "wire": "#a8b0bf",
    "plus": "#0072b2",
    "minus": "#d55e00",
    "plus_text": "#00609a",
    "minus_text": "#b34e00",
}
DARK = {
    "paper": "#171b23",
    "frame": "#343c4b",
    "ink": "#e4e8f0",
    "soft": "#9aa5b8",
    "unit": "#262d3a",
    "wire": "#626d80",
    "plus": "#56b4e9",
    "minus": "#f09a3e",
    "plus_text": "#7cc7f2",
    "minus_text": "#f6b26b",
}
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
    name = ".glassnet-picture"
    dark = coloured(DARK, name)
    return "".join(
        (
            FORM.replace("{0}", name),
            coloured(LIGHT, name),
            f"@media (prefers-color-scheme: dark) {{{dark}}}",
            coloured(LIGHT, f'[data-jp-theme-light="true"] {name}'),
            coloured(DARK, f'[data-jp-theme-light="false"] {name}'),
        )
    )


def coloured(colours: dict[str, str], name: str) -> str:
    """The rules with these colours."""
    rules = COLOURS.replace("{0}", name)
    for part, colour in colours.items():
        rules = rules.replace(f"[{part}]", colour)
    return rules
