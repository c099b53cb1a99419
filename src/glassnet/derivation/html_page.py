"""A derivation as a fragment of HTML that needs nothing else: its own style, no script, light and dark."""

from __future__ import annotations

import html

from glassnet.derivation.contents import Contents, Group, Line, contents, shape_text
from glassnet.derivation.steps import Derivation
from glassnet.expressions.expression import Expression
from glassnet.expressions.markup import markup, markup_name, markup_number
from glassnet.expressions.notation import plain

LONG = 90  # characters; a longer formula may go over more than one line


def html_fragment(derivation: Derivation, expand: bool = False) -> str:
    """The derivation's page; with `expand`, every formula as its arithmetic."""
    page = contents(derivation, expand)
    sizes, *others = (html.escape(part) for part in page.heading)
    head = f"<header><b>{sizes}</b>{''.join(f'<span>{part}</span>' for part in others)}</header>"
    body = "".join(phase_rows(title, groups) for title, groups in page.phases)
    return (
        f'<div class="glassnet-derivation"><style>{STYLE}</style>{head}{symbol_list(page)}<table>{body}</table></div>'
    )


def symbol_list(page: Contents) -> str:
    """What the symbols mean."""
    items = []
    for names, meaning in page.symbols:
        label = ", ".join(map(markup_name, names)) if len(names) < 4 else f"{markup_name(names[0])}, …"
        words = "".join(
            markup_name(piece) if k % 2 else html.escape(piece) for k, piece in enumerate(meaning.split("`"))
        )
        items.append(f"<dt>{label}</dt><dd>{words}</dd>")
    if page.constants:
        numbers = [f"{markup_name(name)} = {markup_number(float(value))}" for name, value in page.constants]
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


STYLE = """
.glassnet-derivation{--ink:#1d2433;--soft:#5c6679;--line:#dfe3ea;--paper:#fff;--band:#f4f6f9;--mark:#2458c5;
color-scheme:light;color:var(--ink);background:var(--paper);font:15px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif;
max-width:62rem;padding:1.1em 1.4em 1.3em;border:1px solid var(--line);border-radius:8px;box-sizing:border-box;
overflow-x:auto;text-align:left}
@media (prefers-color-scheme:dark){.glassnet-derivation{--ink:#e4e8f0;--soft:#9aa5b8;--line:#343c4b;--paper:#171b23;
--band:#202631;--mark:#8ab4ff;color-scheme:dark}}
[data-jp-theme-light="true"] .glassnet-derivation{--ink:#1d2433;--soft:#5c6679;--line:#dfe3ea;--paper:#fff;
--band:#f4f6f9;--mark:#2458c5;color-scheme:light}
[data-jp-theme-light="false"] .glassnet-derivation{--ink:#e4e8f0;--soft:#9aa5b8;--line:#343c4b;--paper:#171b23;
--band:#202631;--mark:#8ab4ff;color-scheme:dark}
.glassnet-derivation header{display:flex;flex-wrap:wrap;align-items:baseline;gap:.2em .9em;margin:0 0 .7em}
.glassnet-derivation header b{font-size:1.35em;color:var(--mark)}
.glassnet-derivation header span{color:var(--soft)}
.glassnet-derivation header span+span:before{content:"·";margin-right:.9em}
.glassnet-derivation dl{display:grid;grid-template-columns:max-content 1fr;gap:.1em 1.1em;margin:0;font-size:.93em}
.glassnet-derivation dt{font:1.1em/1.4 "STIX Two Math",Cambria,"Times New Roman",serif;font-weight:400;color:var(--ink)}
.glassnet-derivation dd{margin:0;color:var(--soft)}
.glassnet-derivation dd i,.glassnet-derivation dd.n{font-family:"STIX Two Math",Cambria,"Times New Roman",serif;
color:var(--ink);font-size:1.05em}
.glassnet-derivation dd.n span{display:inline-block;margin-right:1.6em}
.glassnet-derivation table{border-collapse:collapse;width:100%;margin:0;font-size:1em;border:0}
.glassnet-derivation tr,.glassnet-derivation tr:nth-child(even){background:none}
.glassnet-derivation tr:hover{background:var(--band)}
.glassnet-derivation tr th{text-align:left;font-weight:400;font-size:.86em;color:var(--soft);padding:.55em .4em .1em;
background:var(--paper);border:0}
.glassnet-derivation tr.p th{padding:1.3em 0 .2em;font-size:1em;font-weight:600;color:var(--mark);
border-bottom:1px solid var(--line)}
.glassnet-derivation td{padding:.2em .4em;vertical-align:baseline;border:0;text-align:left;color:var(--ink);
background:none}
.glassnet-derivation td:nth-child(1){text-align:right;white-space:nowrap;padding-left:1em;width:1%}
.glassnet-derivation td:nth-child(-n+2),.glassnet-derivation .m{font:1.14em/1.5 "STIX Two Math",Cambria,
"Times New Roman",serif}
.glassnet-derivation td:nth-child(2){white-space:nowrap;width:1%;padding-right:1.6em}
.glassnet-derivation td.l{white-space:normal;min-width:26em}
.glassnet-derivation td:nth-child(3){white-space:nowrap;color:var(--soft);font-size:.86em;width:1%}
.glassnet-derivation td:nth-child(4){color:var(--soft);font-size:.9em;min-width:15em}
.glassnet-derivation sub,.glassnet-derivation sup{font-size:.72em;line-height:0}
.glassnet-derivation .w{padding-left:1.1em;font-size:.93em}
.glassnet-derivation .f{display:inline-flex;flex-direction:column;vertical-align:middle;text-align:center;
margin:0 .15em;font-size:.9em;line-height:1.3}
.glassnet-derivation .f>span:first-child{border-bottom:1px solid currentColor;padding:0 .25em .1em}
.glassnet-derivation .f>span:last-child{padding:.1em .25em 0}
.glassnet-derivation .r{white-space:nowrap;border-top:1px solid currentColor;padding:0 .1em}
.glassnet-derivation .r .f{margin-top:.15em}
.glassnet-derivation .c{display:inline-grid;grid-template-columns:auto auto;gap:0 1em;vertical-align:middle;
border-left:1.5px solid currentColor;border-radius:.5em 0 0 .5em;padding-left:.5em;margin:.1em .2em;line-height:1.35}
""".strip()
