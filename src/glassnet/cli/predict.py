"""`glassnet predict`: a table in, predictions out."""

from __future__ import annotations

import warnings
from json import loads
from pathlib import Path
from typing import Annotated

from glassnet.cli.endings import ROWS, meant
from glassnet.cli.failures import OK, Usage
from glassnet.cli.options import (
    Decimal,
    Delimiter,
    Encoding,
    Force,
    Json,
    Memory,
    Missing,
    ModelFile,
    Thousands,
    argument,
    flag,
    option,
)
from glassnet.cli.outputs import check_not_read
from glassnet.cli.own_rows import names_of
from glassnet.cli.part_files import Target
from glassnet.cli.predict_parts import Columns, listed, predict_parts
from glassnet.cli.rows import File, Rows, as_json, beside, written
from glassnet.cli.screen import Screen, put
from glassnet.cli.tables import Csv, contract_of, open_table, remarks_on, stream_at
from glassnet.model.load import load
from glassnet.training.answering import calibration_for, trusted


def predict(
    model: ModelFile,
    table: Annotated[
        str, argument("TABLE", "A file (CSV, JSON, Parquet, Excel), a folder, 'logs/*.csv', a built-in table, or -.")
    ],
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
    memory: Memory = None,
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

    A folder, a pattern and a file that would take more than --memory are read and written part by part, CSV and Parquet
    in, CSV, JSON lines and Parquet out: the same numbers in constant memory.

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
    stream = stream_at(table, csv, memory, contract.notation)
    if stream is not None:
        check_not_read("--output", Path(output), *getattr(stream.source, "paths", ()))
        if Path(table).is_dir() and output != "-" and Path(output).absolute().parent == Path(table).absolute():
            raise Usage(f"--output {output} is in the folder that is read; choose another one")
        target = contract.target.name
        name = f"predicted {target}" if keep and target in names_of(stream) else target
        columns = Columns(name=name, probabilities=not no_probabilities, interval=interval)
        into = Target.of(output, kind, force, json)
        passing = predict_parts(found, stream, into, columns, keep=keep, silent=screen.silent)
        screen.remarks(passing.remarks())
        if output != "-":
            screen.written(f"{passing.rows:,} predictions", output)
        return OK
    with open_table(table, csv, screen.silent, contract.notation) as given:
        rows = given.table
        target, remarks = contract.target.name, remarks_on(contract, rows)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            outputs = found.outputs(found.encode(rows))
        values, classes = contract.decode(outputs), found.classes
        screen.remarks(remarks)
        name = f"predicted {target}" if keep and target in rows.names else target
        columns = Columns(name=name, probabilities=not no_probabilities, interval=interval)
        new = listed(columns.of(found, outputs))
        made = beside(given.verbatim(), new, rows.notation.decimal) if keep else Rows(new=new)
        if json:
            result = {"model": str(model), "table": rows.source, "target": target, "rows": len(rows)}
            result |= {"predictions": values}
            if classes is not None and not no_probabilities:
                result |= {"classes": classes, "probabilities": outputs}
            if interval is not None:
                result |= {"interval": interval, **trusted(found.state, outputs, interval).ends()}
            result |= {"kept": loads(as_json(made, lines=False))} if keep else {}
            screen.data({**result, "remarks": remarks})
            return OK
        if output == "-":
            put(str(written(made, kind)))
            return OK
        File.of(Path(output), made, kind).write(force)
    screen.written(f"{len(rows):,} predictions", output)
    return OK
