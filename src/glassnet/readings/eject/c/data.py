"""The data contract in C: a row, how its columns become inputs, the classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from glassnet.data.tables.category_column import CategoryColumn
from glassnet.readings.eject.c.syntax import comment, section, string, strings
from glassnet.readings.eject.names import in_comment
from glassnet.readings.eject.plan import Plan


def data(plan: Plan, classes: Sequence[str] | None) -> str:
    """The contract."""
    sizes = [f"N_INPUTS = {plan.n_inputs}", f"N_OUTPUTS = {plan.n_outputs}"]
    sizes += [f"N_CLASSES = {len(classes)}"] if classes else []
    lines = [section("The data"), ""]
    lines += table_of_columns(plan, sizes) if plan.table else row_of_numbers(plan, sizes)
    if classes:
        lines += ["", *comment(f"The classes of {in_comment(plan.target_name)}.")]
        lines += strings("const char *const CLASSES[N_CLASSES]", classes)
    return "\n".join(lines)


def row_of_numbers(plan: Plan, sizes: list[str]) -> list[str]:
    """The contract of arrays."""
    names = ", ".join(map(in_comment, plan.contract.input_names[:40]))
    return [*comment(f"A row is {plan.n_inputs} numbers: {names}"), f"enum {{ {', '.join(sizes)} }};"]


def table_of_columns(plan: Plan, sizes: list[str]) -> list[str]:
    """The contract of tables."""
    assert plan.table is not None
    columns = plan.table.features
    numbers = [column for column in columns if not isinstance(column, CategoryColumn)]
    words = [column for column in columns if isinstance(column, CategoryColumn)]
    sizes += [f"N_COLUMNS = {len(columns)}"]
    sizes += [f"N_NUMBERS = {len(numbers)}"] if numbers else []
    sizes += [f"N_WORDS = {len(words)}, N_MISSING = {len(plan.missing_words)}"] if words else []
    lines = [f"enum {{ {', '.join(sizes)} }};", "", "/* A row as you have it. */", "typedef struct {"]
    if numbers:
        lines += ["    double numbers[N_NUMBERS]; /* a missing one is NAN"]
        lines += [f"        [{k}] {in_comment(column.name)}" for k, column in enumerate(numbers)]
        lines[-1] += " */"
    if words:
        lines += ["    const char *words[N_WORDS]; /* in UTF-8; a missing one is NULL"]
        lines += [f"        [{k}] {in_comment(column.name)}" for k, column in enumerate(words)]
        lines[-1] += " */"
    lines += ["} Row;", "", "/* How each column becomes inputs of the network. */", "typedef struct {"]
    lines += ["    const char *name;", "    int place;   /* in the row's numbers or words */"]
    lines += ['    int missing; /* whether "is missing" is an input of its own */']
    if numbers:
        lines += ["    double mean, scale, fill; /* (number - mean) / scale; fill stands for a missing one */"]
    if words:
        lines += ["    int n_categories; /* each an input: 1 where the word is it; none of a column of numbers */"]
        lines += ["    const char *const *categories;"]
    lines += ["} Column;", ""]
    for k, column_of_words in enumerate(words):
        lines += strings(f"static const char *const CATEGORIES_{k}[]", column_of_words.categories)
    lines += ["", "static const Column COLUMNS[N_COLUMNS] = {"]
    places = {False: 0, True: 0}
    for column in columns:
        is_word = isinstance(column, CategoryColumn)
        lines.append(f"    {{{column_text(column, places[is_word], bool(numbers), bool(words))}}},")
        places[is_word] += 1
    lines += ["};"]
    if words:
        lines += ["", "/* Words that mean: missing. */"]
        lines += strings("static const char *const MISSING[N_MISSING]", plan.missing_words)
    return lines


def column_text(column: Any, place: int, numbers: bool, words: bool) -> str:
    """The fields of a column."""
    is_word = isinstance(column, CategoryColumn)
    missing = column.missing if isinstance(column, CategoryColumn) else column.indicator
    fields = [string(column.name), str(place), str(int(missing))]
    if numbers:
        values = (0.0, 1.0, 0.0) if is_word else (column.mean, column.scale, column.fill)
        fields += [repr(float(value)) for value in values]
    if words:
        fields += [str(len(column.categories)), f"CATEGORIES_{place}"] if is_word else ["0", "NULL"]
    return ", ".join(fields)
