"""The rows that were held out for the score, written down: as they stand in the table, and where."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from glassnet.cli.endings import ROWS, meant
from glassnet.cli.failures import Usage
from glassnet.cli.rows import File, as_json, beside
from glassnet.cli.tables import Given
from glassnet.data.tables import Table


@dataclass(frozen=True, kw_only=True)
class HeldOut:
    """The rows held out, made before the training, so that this does not end at a closed door.

    Attributes
    ----------
    file
        With their cells and, beside them, where they are: the row, as `explain --row` counts, and the line of the file.
        None: only JSON is asked for.
    found
        For JSON: where they are, and without a file the rows themselves.
    """

    file: File | None
    found: dict[str, Any]

    @classmethod
    def of(cls, name: str, given: Given, held: Table | None, force: bool) -> HeldOut:
        """Those of a table, for a file of that name; `-`: for JSON alone.

        Raises
        ------
        Usage
            None are held out.
        OSError
            The file cannot be written, or is there and is something else.
        """
        if held is None:
            raise Usage("--held-out writes rows that are held out, and none are; give --test, a share of the rows")
        lines = {int(line) for line in held.lines}
        whole = given.verbatim()
        own = [(k, row) for k, row in enumerate(whole.rows, 1) if row.line in lines]
        where = {"row": [k for k, _ in own]}
        if held.unit == "line":
            where["line"] = [row.line for _, row in own]
        whole = replace(whole, rows=[row for _, row in own])
        beside_them = {free(column, whole.names): places for column, places in where.items()}
        rows = beside(whole, beside_them, given.table.notation.decimal)
        if name == "-":
            return cls(file=None, found={"file": None, **where, "rows": json.loads(as_json(rows, lines=False))})
        file = File.of(Path(name), rows, meant("--held-out", name, ROWS, "csv", packed=True))
        file.check(force)
        return cls(file=file, found={"file": name, **where})


def free(name: str, taken: tuple[str, ...]) -> str:
    """A name that no column has: `row`, or `row (held out)`."""
    return name if name not in taken else free(f"{name} (held out)", taken)
