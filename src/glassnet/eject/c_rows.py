"""Rows as C has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from glassnet.eject.c_syntax import datum, string
from glassnet.eject.loops_program import packed
from glassnet.eject.plan import Plan
from glassnet.eject.random_rows import RawRows
from glassnet.tables.category_column import CategoryColumn


def row_array(name: str, plan: Plan, single: bool, rows: RawRows | None = None) -> list[str]:
    """The definition of an array of rows."""
    rows = plan.rows if rows is None else rows
    if plan.table is None:
        return row_table(f"static const real {name}[{len(rows)}][N_INPUTS]", np.asarray(rows), single)
    lines = [f"static const Row {name}[{len(rows)}] = {{"]
    for row in rows:
        lines.append(f"    {row_text(plan, row)},")
    return [*lines, "};"]


def row_text(plan: Plan, row: Mapping[str, Any]) -> str:
    """A row of a table: `{{39.1, NAN}, {"Dream", NULL}}`."""
    assert plan.table is not None
    cells: dict[bool, list[str]] = {False: [], True: []}
    for column in plan.table.features:
        value, is_word = row[column.name], isinstance(column, CategoryColumn)
        missing = "NULL" if is_word else "NAN"
        cells[is_word].append(missing if value is None else string(str(value)) if is_word else repr(float(value)))
    return "{" + ", ".join("{" + ", ".join(found) + "}" for found in cells.values() if found) + "}"


def row_table(declaration: str, values: np.ndarray, single: bool = False) -> list[str]:
    """The definition of an array of two axes, also where one of them is 1."""
    lines = [f"{declaration} = {{"]
    for row in values:
        body = packed([datum(value, single) for value in row], 100)
        lines += (
            [f"    {{{body[0][:-1]}}},"]
            if len(body) == 1
            else ["    {", *(f"        {line}" for line in body), "    },"]
        )
    return [*lines, "};"]
