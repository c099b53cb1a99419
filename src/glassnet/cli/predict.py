"""`glassnet predict`: a table in, predictions out."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from json import loads
from pathlib import Path
from typing import Annotated, Any

import numpy as np

from glassnet.cli.endings import ROWS, meant
from glassnet.cli.failures import OK, Usage
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
from glassnet.cli.outputs import check_not_read
from glassnet.cli.rows import File, Rows, as_json, beside, written
from glassnet.cli.screen import Screen, put
from glassnet.cli.tables import Csv, contract_of, open_table, remarks_on
from glassnet.data.tables.targets import label_word
from glassnet.model.load import load
from glassnet.training.answering import calibration_for, trusted


def predict(
    model: ModelFile,
    table: Annotated[str, argument("TABLE", "A file (CSV, JSON, Parquet, Excel), a built-in table, or - for stdin.")],
    output: Annotated[
        str,
        option(
            "FILE",
            "Where they go: .csv, .tsv, .json, .jsonl, .parquet or .xlsx; - is stdout.",
            "--output",
            "-o",
            shown=True,
        ),
    ] = "-",
    no_probabilities: Annotated[bool, flag("No columns p(…), one a class.", "--no-probabilities")] = False,
    interval: Annotated[
        float | None, option("SHARE", "Columns lower and upper, or set: they hold so many of the true values: 0.9.")
    ] = None,
    keep: Annotated[bool, flag("Put them beside the table's own cells, which stay as they are.", "--keep")] = False,
    force: Force = False,
    quiet: Annotated[bool, flag("No remarks.", "--quiet", "-q")] = False,
    json: Json = False,
    delimiter: Delimiter = None,
    decimal: Decimal = None,
    thousands: Thousands = None,
    missing: Missing = None,
    encoding: Encoding = None,
) -> int:
    """Predict the rows of a table: CSV, JSON, Parquet or Excel in and out, as the names of the files say.

    The predictions are in a column with the target's name, one row for each row of the table, in its order; for
    classes the probability of each follows. Columns are found by name, in any order. What is unusual (values outside
    the range of training, unknown words, columns not used) is said on stderr. With --interval, for a model that is
    calibrated (glassnet calibrate), each number has the ends of an interval, each class a set of classes.

    [dim]glassnet predict penguins.glass new.csv --output predictions.csv[/dim]
    """
    screen = Screen(quiet, json)
    if json and output != "-":
        raise Usage("--json writes to stdout, --output to a file; give one of them")
    kind = meant("--output", output, ROWS, "csv", packed=True)
    check_not_read("--output", Path(output), model, Path(table))
    found = load(model)
    if interval is not None:
        calibration_for(found.state, interval)
    contract = contract_of(found, model)
    csv = Csv(delimiter=delimiter, decimal=decimal, thousands=thousands, missing=missing, encoding=encoding)
    with open_table(table, csv, screen.silent, contract.notation) as given:
        rows = given.table
        target, remarks = contract.target.name, remarks_on(contract, rows)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            outputs = found.outputs(found.encode(rows))
        values, classes = contract.decode(outputs), found.classes
        trust = {} if interval is None else trusted(found.state, outputs, interval).ends()
        screen.remarks(remarks)
        new = {f"predicted {target}" if keep and target in rows.names else target: values.tolist()}
        if classes is not None and not no_probabilities:
            new |= {f"p({label})": outputs[:, k].astype(np.float64).tolist() for k, label in enumerate(classes)}
        new |= {name: cells(of) for name, of in trust.items()}
        made = beside(given.verbatim(), new, rows.notation.decimal) if keep else Rows(new=new)
        if json:
            result = {"model": str(model), "table": rows.source, "target": target, "rows": len(rows)}
            result |= {"predictions": values}
            if classes is not None and not no_probabilities:
                result |= {"classes": classes, "probabilities": outputs}
            result |= {} if interval is None else {"interval": interval, **trust}
            result |= {"kept": loads(as_json(made, lines=False))} if keep else {}
            screen.data({**result, "remarks": remarks})
            return OK
        if output == "-":
            put(str(written(made, kind)))
            return OK
        File.of(Path(output), made, kind).write(force)
    screen.written(f"{len(rows):,} predictions", output)
    return OK


def cells(values: Sequence[Any]) -> list[Any]:
    """A column of numbers; a set of classes as text: `Adelie | Gentoo`."""
    if isinstance(values, np.ndarray):
        numbers: list[Any] = values.tolist()
        return numbers
    return [" | ".join(map(label_word, row)) for row in values]
