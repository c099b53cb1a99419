"""The data contract in C: a row, how its columns become inputs; and rows as C has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from glassnet.data.tables.category_column import CategoryColumn
from glassnet.readings.eject.c.syntax import braced, comment, literal, nested, string, strings, with_comma
from glassnet.readings.eject.c_family.program import WIDTH
from glassnet.readings.eject.names import in_comment
from glassnet.readings.eject.plan import Plan
from glassnet.readings.eject.random_rows import RawRows


def contract(plan: Plan) -> Mapping[str, str]:
    """The words of the contract's text."""
    counts = [f"N_INPUTS = {plan.n_inputs}", f"N_OUTPUTS = {plan.n_outputs}"]
    counts += [f"N_CLASSES = {len(plan.classes)}"] if plan.classes else []
    if plan.table is None:
        names = ", ".join(map(in_comment, plan.contract.input_names[:40]))
        about = comment(f"A row is {plan.n_inputs} numbers: {names}")
        return {"row": "\n".join(about), "counts": ", ".join(counts)}
    columns = plan.table.features
    numbers = [column for column in columns if not isinstance(column, CategoryColumn)]
    words = [column for column in columns if isinstance(column, CategoryColumn)]
    counts += [f"N_COLUMNS = {len(columns)}"]
    counts += [f"N_NUMBERS = {len(numbers)}"] if numbers else []
    counts += [f"N_WORDS = {len(words)}, N_MISSING = {len(plan.missing_words)}"] if words else []
    row: list[str] = []
    fields: list[str] = []
    missing: list[str] = []
    if numbers:
        row += placed("double numbers[N_NUMBERS]; /* a missing one is NAN", numbers)
        fields += ["double mean, scale, fill; /* (number - mean) / scale; fill stands for a missing one */"]
    if words:
        row += placed("const char *words[N_WORDS]; /* in UTF-8; a missing one is NULL", words)
        fields += ["int n_categories; /* each an input: 1 where the word is it; none of a column of numbers */"]
        fields += ["const char *const *categories;"]
        fields += ["int other; /* whether all other words are an input behind them */"] if plan.has_other else []
        missing += ["/* Words that mean: missing. */"]
        missing += strings("static const char *const MISSING[N_MISSING]", plan.missing_words)
    categories = [
        line
        for k, column in enumerate(words)
        for line in strings(f"static const char *const CATEGORIES_{k}[]", column.categories)
    ]
    found = {"row": row, "fields": fields, "categories": categories, "missing": missing, "columns": []}
    places = {column.name: k for k, column in enumerate(numbers)}
    places |= {column.name: k for k, column in enumerate(words)}
    for column in columns:
        fields_of = column_text(column, places[column.name], bool(numbers), bool(words), plan.has_other)
        found["columns"].append(f"{{{fields_of}}},")
    return {"counts": ", ".join(counts), **{name: "\n".join(lines) for name, lines in found.items()}}


def placed(field: str, columns: Sequence[Any]) -> list[str]:
    """A field of a row, with the names of its columns in a comment."""
    lines = [field, *(f"    [{k}] {in_comment(column.name)}" for k, column in enumerate(columns))]
    return [*lines[:-1], f"{lines[-1]} */"]


def column_text(column: Any, place: int, numbers: bool, words: bool, other: bool) -> str:
    """The fields of a column."""
    is_word = isinstance(column, CategoryColumn)
    missing = column.missing if isinstance(column, CategoryColumn) else column.indicator
    fields = [string(column.name), str(place), str(int(missing))]
    if numbers:
        values = (0.0, 1.0, 0.0) if is_word else (column.mean, column.scale, column.fill)
        fields += [repr(float(value)) for value in values]
    if words:
        fields += [str(len(column.categories)), f"CATEGORIES_{place}"] if is_word else ["0", "NULL"]
    if other:
        fields += [str(int(is_word and bool(column.other)))]
    return ", ".join(fields)


def row_array(name: str, plan: Plan, single: bool, rows: RawRows | None = None) -> list[str]:
    """The definition of an array of rows."""
    rows = plan.rows if rows is None else rows
    if plan.table is None:
        return row_table(f"static const real {name}[{len(rows)}][N_INPUTS]", np.asarray(rows), single)
    lines = [line for row in rows for line in with_comma(row_lines(plan, row))]
    return [f"static const Row {name}[{len(rows)}] = {{", *(f"    {line}" for line in lines), "};"]


def row_lines(plan: Plan, row: Mapping[str, Any]) -> list[str]:
    """A row of a table: `{{39.1, NAN}, {"Dream", NULL}}`."""
    assert plan.table is not None
    cells: dict[bool, list[str]] = {False: [], True: []}
    for column in plan.table.features:
        value, is_word = row[column.name], isinstance(column, CategoryColumn)
        missing = "NULL" if is_word else "NAN"
        cells[is_word].append(missing if value is None else string(str(value)) if is_word else repr(float(value)))
    parts = [braced(found, WIDTH - 16) for found in cells.values() if found]
    one = f"{{{', '.join(part[0] for part in parts)}}}"
    if all(len(part) == 1 for part in parts) and len(one) <= WIDTH - 24:
        return [one]
    return ["{", *(f"    {line}" for part in parts for line in with_comma(part)), "}"]


def row_table(declaration: str, values: np.ndarray, single: bool = False) -> list[str]:
    """The definition of an array of two axes, also where one of them is 1."""
    lines = [line for row in values for line in with_comma(nested(row, single, WIDTH - 6))]
    return [f"{declaration} = {{", *(f"    {line}" for line in lines), "};"]


def example(plan: Plan, outputs: str, single: bool) -> list[str]:
    """The lines of a user's own program that predict a row and print what comes out."""
    if plan.table is not None:
        assert isinstance(plan.example, dict)
        first, *rest = row_lines(plan, plan.example)
        given = [f"Row row = {first}", *rest]
    else:
        assert not isinstance(plan.example, dict)
        numbers = [literal(value, single) for value in plan.example or [0.0]]
        first, *rest = braced(numbers, WIDTH - 40)
        given = [f"real row[N_INPUTS] = {first}", *rest]
    given[-1] += ";"
    row, cast = "&row" if plan.table else "row", "(double)" if single else ""
    if plan.classes is not None:
        use = [f"real {outputs}[N_CLASSES];", f"int k = predict({row}, {outputs});"]
        use.append(f'if (k >= 0) printf("%s, %g\\n", CLASSES[k], {cast}{outputs}[k]);')
    else:
        use = ["real prediction[N_OUTPUTS];"]
        use.append(f'if (predict({row}, prediction) == 0) printf("%g\\n", {cast}prediction[0]);')
    return [*given, *use]
