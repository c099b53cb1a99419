"""A derivation as a fragment of HTML that needs nothing else: its own style, no script, light and dark."""

from __future__ import annotations

import html

from glassnet.derivation.contents import Group, Line, PageParts, contents, heading, shape_text
from glassnet.derivation.steps import Derivation
from glassnet.derivation.theme import DARK, LIGHT, page_style
from glassnet.expressions.expression import Expression
from glassnet.expressions.glyphs import as_number
from glassnet.expressions.markup import markup, markup_name, markup_number
from glassnet.expressions.notation import plain

LONG = 90  # characters; a longer formula may go over more than one line
BODY = (
    f"body{{margin:0;background:{LIGHT['paper']}}}body>div:not(#_):not(#_){{margin:0 auto;border:0}}"
    f"@media(prefers-color-scheme:dark){{body{{background:{DARK['paper']}}}}}"
)


def standing_alone(fragment: str, title: str) -> str:
    """A fragment as a page of its own."""
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)}</title><style>{BODY}</style>"
    )
    return f'<!doctype html>\n<html lang="en">\n<head>{head}</head>\n<body>\n{fragment}\n</body>\n</html>\n'


def html_fragment(derivation: Derivation, expand: bool) -> str:
    """The derivation's page; with `expand`, every formula as its arithmetic."""
    page = contents(derivation, expand)
    sizes, *others = (html.escape(part) for part in page.heading)
    head = f"<header><b>{sizes}</b>{''.join(f'<span>{part}</span>' for part in others)}</header>"
    body = "".join(phase_rows(title, groups) for title, groups in page.phases)
    style = page_style("glassnet-derivation", ("glassnet.derivation", "page.css"))
    inner = f"<style>{style}</style>{head}{symbol_list(page)}<table>{body}</table>"
    return f'<div class="glassnet-derivation">{inner}</div>'


def html_page(derivation: Derivation, expand: bool) -> str:
    """The derivation's page standing alone; its title is the heading, which says what network it is."""
    return standing_alone(html_fragment(derivation, expand), f"derivation of {' · '.join(heading(derivation)[:2])}")


def symbol_list(page: PageParts) -> str:
    """What the symbols mean."""
    items = []
    for names, meaning in page.symbols:
        label = ", ".join(map(markup_name, names)) if len(names) < 4 else f"{markup_name(names[0])}, …"
        words = "".join(
            markup_name(piece) if k % 2 else html.escape(piece) for k, piece in enumerate(meaning.split("`"))
        )
        items.append(f"<dt>{label}</dt><dd>{words}</dd>")
    if page.constants:
        numbers = [f"{markup_name(as_number(name))} = {markup_number(float(value))}" for name, value in page.constants]
        items.append(f"<dt></dt><dd class='n'>{''.join(f'<span>{item}</span>' for item in numbers)}</dd>")
    return f"<dl>{''.join(items)}</dl>"


def phase_rows(title: str, groups: tuple[Group, ...]) -> str:
    """A phase: its title, then each layer's title and steps."""
    result = [f'<tr class="p"><th colspan="4">{html.escape(title)}</th></tr>']
    for group in groups:
        result += [f'<tr><th colspan="4">{html.escape(group.title)}</th></tr>'] if group.title else []
        result += map(row, group.lines)
    return f"<tbody>{''.join(result)}</tbody>"


def row(line: Line) -> str:
    """A step: name, formula, shape, reason."""
    relation = "←" if line.assigns else "~" if line.expression.op == "random" else "="
    wheres = "".join(where(name, value) for name, value in line.wheres)
    if line.definition is None:
        reason = html.escape(line.reasons[0]) if line.reasons else ""
    else:
        inner = "".join(where(name, value) for name, value in line.definition_wheres)
        reason = f'<span class="m">= {markup(line.definition)}{inner}</span>'
    kind = ' class="l"' if len(plain(line.expression)) > LONG else ""
    return (
        f"<tr><td>{markup_name(line.name)}</td><td{kind}>{relation} {markup(line.expression)}{wheres}</td>"
        f"<td>{html.escape(shape_text(line.shape))}</td><td>{reason}</td></tr>"
    )


def where(name: str, value: Expression) -> str:
    """What a name in the line above stands for."""
    return f'<div class="w">where {markup_name(name)} = {markup(value)}</div>'
