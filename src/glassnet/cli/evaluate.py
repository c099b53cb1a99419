"""`glassnet evaluate`: the score of a model on a table whose target is known."""

from __future__ import annotations

from typing import Annotated

from glassnet.cli.failures import OK
from glassnet.cli.options import Decimal, Delimiter, Encoding, Json, Missing, ModelFile, argument, option
from glassnet.cli.score import score
from glassnet.cli.screen import Screen
from glassnet.cli.tables import contract_of, read_table
from glassnet.data.tables.wording import counted
from glassnet.model.load import load
from glassnet.training.metrics import METRICS, metric_of


def evaluate(
    model: ModelFile,
    table: Annotated[str, argument("TABLE", "A table that has the target: a file, built in, or -.")],
    metrics: Annotated[str, option("NAMES", f"More scores, with commas between: {', '.join(METRICS)}.")] = "",
    json: Json = False,
    delimiter: Delimiter = None,
    decimal: Decimal = None,
    missing: Missing = None,
    encoding: Encoding = None,
) -> int:
    """Score a model on a table whose target is known.

    For classes: how many rows are right, and which are taken for which. For numbers: R² and the errors in the
    target's own unit. Rows without a target are left out. On the rows it was trained on a model looks better than
    it is.

    [dim]glassnet evaluate penguins.glass new.csv[/dim]

    [dim]glassnet evaluate penguins.glass new.csv --metrics auc,f1[/dim]
    """
    screen = Screen(json=json)
    found = load(model)
    contract = contract_of(found, model)
    rows = read_table(table, delimiter, decimal, missing, encoding, screen.silent)
    known = contract.labelled(rows)
    remarks = contract.remarks(known)
    if len(known) < len(rows):
        remarks.append(f"{counted(len(rows) - len(known), 'row')} without {contract.target.name}: left out")
    asked = [metric_of(name.strip()).name for name in metrics.split(",") if name.strip()]
    result = score(found, known, "rows", asked)
    screen.remarks(remarks)
    screen.row("Score", result.headline(), strong=True)
    screen.row("", result.comparison())
    screen.row("", f"loss {result.numbers['loss']:.4g} ({found.network.loss.name if found.network.loss else ''})")
    if asked:
        screen.row("", " · ".join(f"{name} {result.numbers[name]:.4g}" for name in asked))
    if lines := result.table():
        screen.line()
        screen.row("", "\n".join(lines), wrap=False)
    details = {"model": str(model), "table": rows.source, "target": contract.target.name}
    screen.data({**details, "score": result.to_json(), "remarks": remarks})
    return OK
