"""Sentences on what was found in a column of training and done with it: the notes of a data contract."""

from __future__ import annotations

from glassnet.data.tables.category_column import CategoryColumn
from glassnet.data.tables.choices import Choices
from glassnet.data.tables.contract import Feature
from glassnet.data.tables.date_column import MEANS, DateColumn
from glassnet.data.tables.dates import text_of_days
from glassnet.data.tables.facts import Facts
from glassnet.data.tables.number_column import NumberColumn
from glassnet.data.tables.refusals import NEARLY_ALL
from glassnet.data.tables.wording import counted, listed, shown


def notes_on_choices(choices: Choices) -> dict[str, str]:
    """Return sentences on what was chosen that is not the usual, by the name of the choice."""
    scales = {
        "none": "numbers are taken as they are, not scaled",
        "robust": "numbers are scaled by median and quartiles and smoothly held within ±3, and so are inputs that are "
        "0 or 1",
        "quantile": "numbers become the normal quantiles of their places among those of training",
    }
    words = {"embed": "a column of two words is one input, -1 or 1, and one of more than 8 is to be embedded"}
    found = {"scale": scales.get(choices.scale, ""), "words": words.get(choices.words, "")}
    return {name: note for name, note in found.items() if note}


def notes_on(facts: Facts, column: Feature) -> list[str]:
    """Return sentences on what was done with a column, and on what it cannot give."""
    notes = []
    absent = facts.missing(column.name)
    if absent:
        what = f"{column.name}: {absent:,} of {counted(facts.rows, 'value')} missing, "
        if isinstance(column, CategoryColumn):
            as_input = f"an input of their own, {shown(column.input_names[-1])}"
            notes.append(f"{what}{as_input if column.missing else '0 in all of its inputs'}")
        else:
            also = f", and have an input, {shown(column.input_names[-1])}" if column.indicator else ""
            fill = text_of_days(column.fill) if isinstance(column, DateColumn) else f"{column.fill:g}"
            filled = column.filled if isinstance(column, NumberColumn) else "median"
            notes.append(f"{what}filled with the {filled}, {fill}{also}")
    if isinstance(column, CategoryColumn):
        if column.other:
            notes.append(_about_other(facts, column))
        elif len(column.categories) == 1 and not absent:
            notes.append(f"{column.name}: {shown(column.categories[0])} in every row, which tells nothing")
    elif isinstance(column, DateColumn):
        notes.append(_about_dates(column))
    elif column.low == column.high and not column.indicator:
        notes.append(f"{column.name}: {column.low:g} in every row, which tells nothing")
    return notes


def _about_dates(column: DateColumn) -> str:
    """Return a sentence on what becomes of a column of dates."""
    if column.low == column.high:
        return f"{column.name}: {text_of_days(column.low)} in every row, which tells nothing"
    circles = ", ".join(f"time of {part} ({MEANS[part]})" for part in column.parts)
    also = f", and as places on circles: {circles}" if circles else ""
    return f"{column.name}: dates, {column.span}; read as days{also}"


def _about_other(facts: Facts, column: CategoryColumn) -> str:
    """Return a sentence on the rare words of a column."""
    n, count = len(column.seen), facts.words(column.name)
    rows = sum(count[word] for word in column.other)
    says_little = ""
    if rows >= NEARLY_ALL * sum(count.values()):
        says_little = f"; that is nearly every row, so leave the column out with exclude=[{shown(column.name)}]"
    return (
        f"{column.name}: {n:,} different words; the {len(column.other):,} rarest, in {counted(rows, 'row')}, count as "
        f"other, and so does a word that is new: {listed(column.other, 4)}; max_categories={n} keeps all{says_little}"
    )
