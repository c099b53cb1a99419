"""Rows as C has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from glassnet.data.tables.category_column import CategoryColumn
from glassnet.readings.eject.c.syntax import braced, literal, nested, string, with_comma
from glassnet.readings.eject.c_family.program import WIDTH
from glassnet.readings.eject.plan import Plan
from glassnet.readings.eject.random_rows import RawRows


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
