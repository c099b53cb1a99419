"""`glassnet predict`: a table in, predictions out."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Annotated

import numpy as np

from glassnet.cli.failures import OK, Usage
from glassnet.cli.options import Decimal, Delimiter, Encoding, Force, Json, Missing, ModelFile, argument, flag, option
from glassnet.cli.outputs import check_not_read, write_text
from glassnet.cli.screen import Screen, put
from glassnet.cli.tables import contract_of, read_table, remarks_on
from glassnet.data.tables import Table, write_csv
from glassnet.data.tables.cells import column_of_words
from glassnet.data.tables.targets import label_word
from glassnet.model.load import load


def predict(
    model: ModelFile,
    table: Annotated[str, argument("TABLE", "A CSV file, a built-in table, or - for stdin.")],
    output: Annotated[str, option("FILE", "Where the CSV goes; - is stdout.", "--output", "-o", shown=True)] = "-",
    no_probabilities: Annotated[bool, flag("No columns p(…), one a class.", "--no-probabilities")] = False,
    keep: Annotated[bool, flag("Repeat the table's own columns.", "--keep")] = False,
    force: Force = False,
    quiet: Annotated[bool, flag("No remarks.", "--quiet", "-q")] = False,
    json: Json = False,
    delimiter: Delimiter = None,
    decimal: Decimal = None,
    missing: Missing = None,
    encoding: Encoding = None,
) -> int:
    """Predict the rows of a table: CSV in, CSV out.

    The predictions are in a column with the target's name, one row for each row of the table, in its order; for
    classes the probability of each follows. Columns are found by name, in any order. What is unusual (values outside
    the range of training, unknown words, columns not used) is said on stderr.

    [dim]glassnet predict penguins.glass new.csv --output predictions.csv[/dim]
    """
    screen = Screen(quiet, json)
    if json and output != "-":
        raise Usage("--json writes to stdout, --output to a file; give one of them")
    check_not_read("--output", Path(output), model, Path(table))
    found = load(model)
    contract = contract_of(found, model)
    rows = read_table(table, delimiter, decimal, missing, encoding)
    target, remarks = contract.target.name, remarks_on(contract, rows)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        outputs = found.outputs(found.encode(rows))
    values = contract.decode(outputs)
    classes = found.classes
    screen.remarks(remarks)
    if json:
        result = {"model": str(model), "table": rows.source, "target": target, "rows": len(rows), "predictions": values}
        if classes is not None and not no_probabilities:
            result |= {"classes": classes, "probabilities": outputs}
        screen.data({**result, "remarks": remarks})
        return OK
    values = values if classes is None else column_of_words(map(label_word, values.tolist()))
    columns: dict[str, np.ndarray] = {f"predicted {target}" if keep and target in rows.columns else target: values}
    if classes is not None and not no_probabilities:
        columns |= {f"p({label})": outputs[:, k].astype(np.float64) for k, label in enumerate(classes)}
    made = (
        rows.with_columns(columns)
        if keep
        else Table(columns=columns, source=rows.source, lines=rows.lines, unit=rows.unit)
    )
    text = io.StringIO(newline="")
    write_csv(made, text)
    if output == "-":
        put(text.getvalue())
        return OK
    write_text(Path(output), text.getvalue(), force)
    screen.written(f"{len(rows):,} predictions", output)
    return OK
