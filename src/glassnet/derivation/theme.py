"""How pages look, light and dark: one set of colours, and how a page knows which it is to wear.

A fragment may stand in a page of its own, where the reader's system decides, or in a notebook that has a theme of its
own and much style. So what is light or dark is asked of the notebook first, and every rule here holds for our own
elements alone and before the notebook's: `&` in a style stands for the fragment, and weighs more than any class.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.resources import files

LIGHT = {
    "ink": "#1d2433",
    "soft": "#5c6679",
    "line": "#dfe3ea",
    "paper": "#ffffff",
    "band": "#f4f6f9",
    "mark": "#2458c5",
    "plus": "#0072b2",
    "minus": "#d55e00",
}
DARK = {
    "ink": "#e4e8f0",
    "soft": "#9aa5b8",
    "line": "#343c4b",
    "paper": "#171b23",
    "band": "#202631",
    "mark": "#8ab4ff",
    "plus": "#56b4e9",
    "minus": "#f09a3e",
}

# What says that a page around ours is light or dark: JupyterLab and Notebook 7, the classic notebook (which is always
# light), VS Code, marimo, Colab, and pages of documentation
LIGHT_AROUND = (
    '[data-jp-theme-light="true"]',
    ".notebook_app",
    '[data-vscode-theme-kind$="light"]',
    ".light-theme",
    '[data-theme="light"]',
)
DARK_AROUND = (
    '[data-jp-theme-light="false"]',
    '[data-vscode-theme-kind="vscode-dark"]',
    '[data-vscode-theme-kind="vscode-high-contrast"]',
    ".dark-theme",
    '[theme="dark"]',
    '[data-theme="dark"]',
)


Rules = Callable[[dict[str, str], tuple[str, ...]], str]


def in_colours(rules: Rules, light: dict[str, str], dark: dict[str, str]) -> str:
    """Rules for both: as the page around says, else as the reader's system does.

    `rules` writes them for some colours, and for the places in which they hold; none: everywhere.
    """
    everywhere, system = rules(light, ()), f"@media (prefers-color-scheme: dark) {{\n{rules(dark, ())}\n}}"
    return "\n".join((everywhere, system, rules(light, LIGHT_AROUND), rules(dark, DARK_AROUND)))


def page_style(name: str, *sheets: tuple[str, str]) -> str:
    """The style of fragments of class `name`: colours as variables, and the rules for `&` in files of packages."""

    def variables(colours: dict[str, str], places: tuple[str, ...]) -> str:
        where = ", ".join(f"{place} .{name}" for place in places) or f".{name}"
        own = "; ".join(f"--{part}: {colour}" for part, colour in colours.items())
        return f"{where} {{ {own}; color-scheme: {'dark' if colours is DARK else 'light'} }}"

    all_sheets = (("glassnet.derivation", "mathematics.css"), *sheets)
    texts = (files(where).joinpath(sheet).read_text(encoding="utf-8") for where, sheet in all_sheets)
    style = in_colours(variables, LIGHT, DARK) + "\n" + "".join(texts).replace("&", f".{name}:not(#_)")
    return re.sub(r"([:;,]) ", r"\1", style)  # a notebook keeps it with every output
