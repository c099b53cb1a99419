"""A diagnosis in HTML: a fragment for a notebook, or a page that stands alone. No script; the look of explanations."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from glassnet.derivation.html_page import standing_alone
from glassnet.derivation.theme import page_style
from glassnet.doctor import telling
from glassnet.doctor.bar import Bar
from glassnet.doctor.findings import Alternative, Cause
from glassnet.doctor.picture_svg import svg
from glassnet.doctor.pictures import Panel, layers_of, losses_of
from glassnet.doctor.proof import HEALED, Proof, Row
from glassnet.readings.explain.html_page import words

NAME = "glassnet-diagnosis"
SHEETS = (("glassnet.readings.explain", "explain.css"), ("glassnet.doctor", "diagnosis.css"))


def html_fragment(found: Any) -> str:
    """A `Diagnosis` as a part of a page."""
    parts = [head(found), standing(found.bar, found.share)]
    parts += [cause(one, k, len(found.causes)) for k, one in enumerate(found.causes, start=1)]
    losses, layers = [*losses_of(found.proof, found.trace)], [*layers_of(found.trace)]
    looked_at = layers if found.proof else [*losses, *layers]
    parts += [section("A training that failed, looked at on its way", pictures(looked_at))] if looked_at else []
    parts += [section("The proof", pictures(losses) + proof(found.proof, found.alternatives))] if found.proof else []
    parts += [section("Where those end that fail", items(found.ends))] if found.ends else []
    parts += [section("What to run", code(found.code))] if found.code else []
    parts += [alternative(one) for one in found.alternatives]
    parts += [section("What else is remarkable", items(found.notes))] if found.notes else []
    return f'<div class="{NAME}"><style>{page_style(NAME, *SHEETS)}</style>{"".join(parts)}</div>'


def html_page(found: Any) -> str:
    """A `Diagnosis` as a page of its own."""
    return standing_alone(html_fragment(found), f"diagnosis: {found.verdict}")


def head(found: Any) -> str:
    """The verdict."""
    first, *more = telling.head(found.verdict, found.said)
    said = "".join(f"<p>{words(line)}</p>" for line in more)
    return f'<header class="{found.verdict}"><h1>{words(first)}</h1>{said}</header>'


def section(title: str, inside: str) -> str:
    """A part under a title."""
    return f"<section><h2>{words(title)}</h2>{inside}</section>"


def items(texts: Iterable[str]) -> str:
    """Sentences, one below the other."""
    return f"<ul>{''.join(f'<li>{words(text)}</li>' for text in texts)}</ul>"


def code(text: str) -> str:
    """Code to be copied: a click marks all of it."""
    return f"<pre><code>{words_in_lines(text)}</code></pre>"


def words_in_lines(text: str) -> str:
    """Text as HTML, its lines kept."""
    return "\n".join(map(words, text.splitlines()))


# ------------------------------------------------------------------------------------------------------------- tables


def table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Cells of HTML under names; the first says what a row is, and a column without any cell is left out."""
    cells = list(rows)
    shown = [k for k in range(len(names)) if k == 0 or any(row[k] for row in cells)]
    kinds = [{"": ' class="bars"', "95 %": ' class="between"'}.get(name, "") for name in names]
    titles = "".join(f"<th{kinds[k] if k else ''}>{names[k]}</th>" for k in shown)
    lines = []
    for first, *others in cells:
        rest = "".join(f"<td{kinds[k]}>{others[k - 1]}</td>" for k in shown[1:])
        lines.append(f"<tr><th>{first}</th>{rest}</tr>")
    body = "".join(lines)
    return f'<div class="scroll"><table><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table></div>'


def standing(bar: Bar, share: Row) -> str:
    """How the network stands beside others, the error that counts as a bar."""
    rows = telling.standing_rows(bar, share)
    counts = [error if np.isnan(held) else held for _, error, held in rows]
    longest = max((error for error in counts[1:] if np.isfinite(error)), default=1.0) or 1.0
    mine = "soft" if bar.is_of_nothing else "plus" if share.share >= HEALED else "minus"
    cells = []
    for k, ((name, error, held), value) in enumerate(zip(rows, counts, strict=True)):
        bar_of_it = length(value / longest, "soft" if k else mine)
        cells.append((words(name), telling.number(error), telling.number(held), bar_of_it))
    which = "held out" if len(bar.best.held_errors) else "trained on"
    note = f'<p class="note">{words(telling.ERRORS[bar.way])}; the bars: on the rows {which}</p>'
    return f"<section>{table(['', 'error', 'held out', ''], cells)}{note}</section>"


def proof(found: Proof, alternatives: Sequence[Alternative]) -> str:
    """The proof: how many learn, as a bar with its interval."""
    cells = []
    for name, row in telling.proof_rows(found, alternatives):
        low, high = row.interval
        tone = "plus" if row.share >= HEALED else "minus"
        whisker = f'<b style="left:{100 * low:.1f}%;width:{100 * (high - low):.1f}%"></b>'
        shares = f"{100 * low:.0f} to {100 * high:.0f} %"
        learn = f"{row.learnt} of {row.seeds}"
        errors = telling.number(row.error), telling.number(row.held_error)
        cells.append((words(name), learn, length(row.share, tone, whisker), shares, *errors))
    inside = table(["", "learn", "", "95 %", "error", "held out"], cells)
    note = '<p class="note">Each bar is the share of fresh seeds that learn, the line on it its 95 % interval.</p>'
    return inside + note


def length(share: float, tone: str, more: str = "") -> str:
    """A bar from the left; one that is longer than its place, or no number, fills it."""
    width = 100.0 * min(max(share, 0.0), 1.0) if np.isfinite(share) else 100.0
    return f'<span><i class="{tone}" style="width:{width:.1f}%"></i>{more}</span>'


# ------------------------------------------------------------------------------------------------------------- causes


def cause(found: Cause, k: int, of: int) -> str:
    """A cause: what was measured, why that is one, what to do."""
    mark = f"{k}. " if of > 1 else ""
    kind, known = ("proven", "proven") if found.proven else ("suspected", "a suspicion, not proven")
    known = "its change heals as well, alone" if found.by_itself else known
    evidence = items(found.evidence) if found.evidence else ""
    change = f'<p class="change">change: <code>{words(found.change)}</code></p>' if found.change else ""
    title = f'<h2>{words(mark + found.name)} <small class="{kind}">{known}</small></h2>'
    return f"<section>{title}{evidence}<p>{words(found.why)}</p>{change}</section>"


def alternative(other: Alternative) -> str:
    """Another change that heals, unfolding its code."""
    return f"<details><summary>or: {words(other.change)}</summary>{code(other.code)}</details>"


def pictures(shown: Sequence[Panel]) -> str:
    """Panels beside each other, as far as there is room."""
    figures = []
    for panel in shown:
        note = f"<small>{words(panel.note)}</small>" if panel.note else ""
        figures.append(f"<figure><figcaption>{html.escape(panel.title)}{note}</figcaption>{svg(panel)}</figure>")
    return f'<div class="figures">{"".join(figures)}</div>' if figures else ""
