"""What a model knows about its columns, and rows of them, as R writes them: lists and data frames."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet.data.tables.category_column import CategoryColumn
from glassnet.readings.eject.plan import Plan
from glassnet.readings.eject.r import values
from glassnet.readings.eject.random_rows import RawRows


def column_text(column: Any) -> str:
    """A column of the contract as a list."""
    name = values.text(column.name)
    if isinstance(column, CategoryColumn):
        categories = values.vector(list(map(values.text, column.categories)), indent=4, first=30)
        return f"list(name = {name}, categories = {categories}, missing = {values.cell(column.missing)})"
    given = {key: getattr(column, key) for key in ("mean", "scale", "fill")}
    numbers = ", ".join(f"{key} = {values.number(value)}" for key, value in given.items())
    about = ", ".join(f"{key} {value:.4g}" for key, value in given.items() if "0x" in values.number(value))
    rest = f"{numbers}, missing = {values.cell(column.indicator)})"
    one = f"list(name = {name}, {rest}"
    if not about and len(one) <= values.WIDTH - 3:
        return one
    return f"list(name = {name},{about and f'  # {about}'}\n    {rest}"


def rows_text(name: str, plan: Plan, rows: RawRows) -> str:
    """Rows as a user has them: a matrix or a data frame."""
    if isinstance(rows, np.ndarray):
        return values.assigned(name, rows)
    lines = [f"{name} <- list2DF(list("]
    columns = [column.name for column in plan.table.features] if plan.table else []
    for k, column in enumerate(columns, start=1):
        cells = values.vector([values.cell(row[column]) for row in rows], indent=2)
        lines.append(f"  {cells}{',' if k < len(columns) else ''}")
    return "\n".join([*lines, "))", f'names({name}) <- vapply(columns, function(column) column$name, "")'])
