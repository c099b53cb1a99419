"""The data contract in C: a row, how its columns become inputs; and rows as C has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from glassnet.data.tables.category_column import CategoryColumn
from glassnet.data.tables.date_column import PERIODS, DateColumn
from glassnet.readings.eject.c.syntax import braced, comment, literal, nested, string, strings, with_comma
from glassnet.readings.eject.c_family.program import WIDTH
from glassnet.readings.eject.names import in_comment
from glassnet.readings.eject.plan import Plan, kind_of, scaling_numbers, scaling_points
from glassnet.readings.eject.random_rows import RawRows

NUMBERS = {
    "standard": "mean, scale, fill; /* (number - mean) / scale",
    "quantile": "fill; /* what is scaled is a normal quantile, on lines between points",
    "robust": "median, scale, fill; /* (number - median) / scale, held within -3 and 3",
}


def contract(plan: Plan) -> Mapping[str, str]:
    """The words of the contract's text."""
    counts = [f"N_INPUTS = {plan.n_inputs}", f"N_OUTPUTS = {plan.n_outputs}"]
    counts += [f"N_CLASSES = {len(plan.classes)}"] if plan.classes else []
    if plan.table is None:
        names = ", ".join(map(in_comment, plan.contract.input_names[:40]))
        about = comment(f"A row is {plan.n_inputs} numbers: {names}")
        return {"row": "\n".join(about), "counts": ", ".join(counts)}
    columns = plan.table.features
    numbers, words, dates = (of_kind(columns, kind) for kind in ("numbers", "words", "dates"))
    counts += [f"N_COLUMNS = {len(columns)}"]
    counts += [f"N_NUMBERS = {len(numbers)}"] if numbers else []
    counts += [f"N_WORDS = {len(words)}"] if words else []
    counts += [f"N_DATES = {len(dates)}"] if dates else []
    counts += [f"N_MISSING = {len(plan.missing_words)}"] if words or dates else []
    row: list[str] = []
    fields: list[str] = []
    missing: list[str] = []
    if numbers:
        row += placed("double numbers[N_NUMBERS]; /* a missing one is NAN", numbers)
    if numbers or dates:
        fields += [f"double {NUMBERS[plan.scaling]}; fill stands for a missing one */"]
    if words:
        row += placed("const char *words[N_WORDS]; /* in UTF-8; a missing one is NULL", words)
        fields += ["int n_categories; /* each an input: 1 where the word is it; none of a column of numbers */"]
        fields += ["const char *const *categories;"]
        fields += ["int other; /* whether all other words are an input behind them */"] if plan.has_other else []
        fields += ["int pair; /* whether its two words share an input */"] if plan.has_pairs else []
    if dates:
        row += placed("const char *dates[N_DATES]; /* texts in ISO 8601; a missing one is NULL", dates)
        fields += ["int is_date, n_periods; /* a date is the number of days from 1970-01-01 to it */"]
        fields += [f"double periods[{len(PERIODS)}]; /* days it takes to go round a circle */"]
    if plan.scaling == "quantile":
        fields += ["int n_points;", "const double (*points)[2]; /* values of training, and their normal quantiles */"]
    if plan.has_levels:
        fields += ["int n_levels; /* inputs that are 0 or 1, the column's last; and what becomes of 0 and of 1 */"]
        fields += [f"const double (*levels)[{2 + plan.has_pairs}];"]
    if words or dates:
        missing += ["/* Words that mean: missing. */"]
        missing += strings("static const char *const MISSING[N_MISSING]", plan.missing_words)
    categories = [
        line
        for k, column in enumerate(words)
        for line in strings(f"static const char *const CATEGORIES_{k}[]", column.categories)
    ]
    for k, column in enumerate(columns):
        levels = [(*level, 0.0)[: 2 + plan.has_pairs] for level in column.levels]
        declaration = f"static const double LEVELS_{k}[{len(levels)}][{2 + plan.has_pairs}]"
        categories += row_table(declaration, np.array(levels)) if levels else []
        if points := scaling_points(column):
            numbers_of = np.column_stack([points["values"], points["normal"]])
            categories += row_table(f"static const double POINTS_{k}[{len(numbers_of)}][2]", numbers_of)
    found = {"row": row, "fields": fields, "categories": categories, "missing": missing, "columns": []}
    places = {column.name: k for same in (numbers, words, dates) for k, column in enumerate(same)}
    for k, column in enumerate(columns):
        fields_of = column_text(column, places[column.name], plan)
        if plan.scaling == "quantile":
            points = scaling_points(column)
            fields_of += f", {len(points['values'])}, POINTS_{k}" if points else ", 0, NULL"
        if plan.has_levels:
            fields_of += f", {len(column.levels)}, {f'LEVELS_{k}' if column.levels else 'NULL'}"
        found["columns"].append(f"{{{fields_of}}},")
    return {"counts": ", ".join(counts), **{name: "\n".join(lines) for name, lines in found.items()}}


def of_kind(columns: Sequence[Any], kind: str) -> list[Any]:
    """The columns of words, dates or numbers."""
    return [column for column in columns if kind_of(column) == kind]


def placed(field: str, columns: Sequence[Any]) -> list[str]:
    """A field of a row, with the names of its columns in a comment."""
    lines = [field, *(f"    [{k}] {in_comment(column.name)}" for k, column in enumerate(columns))]
    return [*lines[:-1], f"{lines[-1]} */"]


def column_text(column: Any, place: int, plan: Plan) -> str:
    """The fields of a column."""
    kind, kinds = kind_of(column), plan.kinds
    missing = column.missing if isinstance(column, CategoryColumn) else column.indicator
    fields = [string(column.name), str(place), str(int(missing))]
    if "numbers" in kinds or "dates" in kinds:
        words = (0.0,) if plan.scaling == "quantile" else (0.0, 1.0, 0.0)
        values = words if kind == "words" else scaling_numbers(column).values()
        fields += [repr(float(value)) for value in values]
    if "words" in kinds:
        fields += [str(len(column.categories)), f"CATEGORIES_{place}"] if kind == "words" else ["0", "NULL"]
        fields += [str(int(kind == "words" and bool(column.other)))] if plan.has_other else []
        fields += [str(int(kind == "words" and column.pair))] if plan.has_pairs else []
    if "dates" in kinds:
        periods = column.periods if isinstance(column, DateColumn) else ()
        fields += [str(int(kind == "dates")), str(len(periods)), f"{{{', '.join(map(repr, periods or (0.0,)))}}}"]
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
    cells: dict[str, list[str]] = {"numbers": [], "words": [], "dates": []}
    for column in plan.table.features:
        value, kind = row[column.name], kind_of(column)
        is_text = kind != "numbers"
        missing = "NULL" if is_text else "NAN"
        cells[kind].append(missing if value is None else string(str(value)) if is_text else repr(float(value)))
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
