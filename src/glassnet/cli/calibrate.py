"""`glassnet calibrate`: how far a model's predictions can be trusted, learnt from a table whose target is known."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Annotated

from glassnet.cli.endings import MODEL, meant
from glassnet.cli.failures import OK, writing
from glassnet.cli.options import (
    Decimal,
    Delimiter,
    Encoding,
    Force,
    Json,
    Missing,
    ModelFile,
    Thousands,
    argument,
    flag,
    option,
)
from glassnet.cli.outputs import check_not_read, check_output, is_model
from glassnet.cli.screen import Screen
from glassnet.cli.tables import Csv, contract_of, read_table
from glassnet.data.tables.wording import counted
from glassnet.model.load import load


def calibrate(
    model: ModelFile,
    table: Annotated[str, argument("TABLE", "A table that has the target, and rows that trained nothing.")],
    output: Annotated[
        Path | None, option("FILE", "The model with what was learnt. Default: its own file.", "--output", "-o")
    ] = None,
    force: Force = False,
    quiet: Annotated[bool, flag("Say nothing but errors.", "--quiet", "-q")] = False,
    json: Json = False,
    delimiter: Delimiter = None,
    decimal: Decimal = None,
    thousands: Thousands = None,
    missing: Missing = None,
    encoding: Encoding = None,
) -> int:
    """Learn how far a model's predictions can be trusted, from rows that trained nothing.

    Probabilities become softer or sharper, where that helps on these rows beyond chance; then predict --interval 0.9
    gives intervals of numbers and sets of classes. Rows without a target are left out. The model's file keeps it.

    [dim]glassnet calibrate wine.glass kept-apart.csv[/dim]
    """
    screen = Screen(quiet, json)
    path = output or model
    if output is not None:
        meant("--output", output, MODEL, "model")
        check_not_read("--output", output, Path(table))
        check_output(output, is_model, "a glassnet model", force)
    found = load(model)
    contract = contract_of(found, model)
    csv = Csv(delimiter=delimiter, decimal=decimal, thousands=thousands, missing=missing, encoding=encoding)
    rows = read_table(table, csv, screen.silent, contract.notation)
    known = contract.labelled(rows)
    remarks = contract.remarks(known)
    if len(known) < len(rows):
        remarks.append(f"{counted(len(rows) - len(known), 'row')} without {contract.target.name}: left out")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        learnt = found.calibrate(known)
    with writing(path):
        found.save(path)
    screen.remarks(remarks)
    screen.line(str(learnt))
    screen.written("model", path)
    details = {"model": str(path), "table": rows.source, "target": contract.target.name}
    screen.data({**details, "calibration": learnt.to_json(), "remarks": remarks})
    return OK
