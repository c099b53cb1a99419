"""`glassnet evaluate`: the score of a model on a table whose target is known, and which columns it needs."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Annotated, Any

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
from glassnet.cli.outputs import check_not_read, check_output, is_picture
from glassnet.cli.score import of_classes, score, score_of_stream
from glassnet.cli.screen import Screen
from glassnet.cli.tables import Csv, contract_of, read_table, stream_at
from glassnet.data.figures import check_suffix, save, sheet_for_file
from glassnet.data.tables import Table
from glassnet.data.tables.wording import counted
from glassnet.errors import need
from glassnet.model import plot as plots
from glassnet.model.load import load
from glassnet.model.model import Model
from glassnet.readings.importance import Importance
from glassnet.readings.importance.measure import REPEATS
from glassnet.training.metrics import METRICS, metric_of


def evaluate(
    model: ModelFile,
    table: Annotated[
        str, argument("TABLE", "A table that has the target: a file, a folder, 'logs/*.csv', built in, or -.")
    ],
    metrics: Annotated[str, option("NAMES", f"More scores, with commas between: {', '.join(METRICS)}.")] = "",
    importance: Annotated[bool, flag("Which columns it needs: the error with each shuffled.", "--importance")] = False,
    repeats: Annotated[
        int | None, option("N", f"With --importance: shuffle each so often. Default: {REPEATS}.", "--repeats")
    ] = None,
    seed: Annotated[int | None, option("N", "With --importance: draws who is given whose value. Default: 0.")] = None,
    plot: Annotated[
        Path | None, option("FILE", "A picture (.png .svg .pdf): of the importance, else of calibration or errors.")
    ] = None,
    memory: Memory = None,
    force: Force = False,
    json: Json = False,
    delimiter: Delimiter = None,
    decimal: Decimal = None,
    thousands: Thousands = None,
    missing: Missing = None,
    encoding: Encoding = None,
) -> int:
    """Score a model on a table whose target is known.

    For classes: how many rows are right, how good the probabilities are, and which are taken for which. For numbers: R²
    and the errors in the target's own unit. Rows without a target are left out. On the rows it was trained on a model
    looks better than it is. A folder, a pattern and a file that would take more than --memory are read part by part.

    [dim]glassnet evaluate penguins.glass new.csv[/dim]

    [dim]glassnet evaluate penguins.glass new.csv --importance --plot importance.png[/dim]
    """
    screen = Screen(json=json)
    for name, given in (("--repeats", repeats), ("--seed", seed)):
        if given is not None and not importance:
            raise Usage(f"{name} is for --importance; give both, or neither")
    if plot is not None:
        need("plots", "matplotlib", "plot")
        check_suffix(plot)
        check_not_read("--plot", plot, model, Path(table))
        check_output(plot, is_picture, "a picture", force)
    found = load(model)
    contract = contract_of(found, model)
    csv = Csv(delimiter=delimiter, decimal=decimal, thousands=thousands, missing=missing, encoding=encoding)
    asked = [metric_of(name.strip()).name for name in metrics.split(",") if name.strip()]
    wanted = [*of_classes(found), *asked]
    stream = stream_at(table, csv, memory, contract.notation)
    needed = None
    if stream is not None:
        for name, option_given in (("--importance", importance), ("--plot", plot is not None)):
            if option_given:
                raise Usage(f"{name} takes a table that is in memory, and {table} is read part by part; give a sample")
        result, passing = score_of_stream(found, stream, wanted, False if screen.silent else None)
        name, remarks, left_out = stream.source.name, passing.remarks(), passing.left_out
    else:
        rows = read_table(table, csv, screen.silent, contract.notation)
        known = contract.labelled(rows)
        name, remarks, left_out = rows.source, contract.remarks(known), len(rows) - len(known)
        result = score(found, known, "rows", wanted)
        needed = measured(found, known, REPEATS if repeats is None else repeats, seed or 0) if importance else None
    if left_out:
        remarks.append(f"{counted(left_out, 'row')} without {contract.target.name}: left out")
    screen.remarks(remarks)
    screen.row("Score", result.headline(), strong=True)
    screen.row("", result.comparison())
    screen.row("", f"loss {result.numbers['loss']:.4g} ({found.network.loss.name if found.network.loss else ''})")
    if asked:
        screen.row("", " · ".join(f"{name} {result.numbers[name]:.4g}" for name in asked))
    for lines in (result.measures(), result.table()):
        if lines:
            screen.line()
            screen.row("", "\n".join(lines), wrap=False)
    if needed is not None:
        show(screen, needed)
    if plot is not None:
        save(drawn(found, known, needed), plot)
        screen.written("picture", plot)
    details = {"model": str(model), "table": name, "target": contract.target.name}
    more = {} if needed is None else {"importance": needed.to_json()}
    screen.data({**details, "score": result.to_json(), **more, "remarks": remarks})
    return OK


def measured(model: Model, known: Table, repeats: int, seed: int) -> Importance:
    """Which columns it needs; what is new in the table is said elsewhere."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return model.importance(known, repeats=repeats, seed=seed)


def show(screen: Screen, needed: Importance) -> None:
    """Which columns it needs, and what to know beside that."""
    screen.line()
    screen.row("Needs", needed.head)
    screen.row("", "\n".join(needed.lines()), wrap=False)
    for sentence in needed.sentences():
        screen.row("", sentence)


def drawn(model: Model, known: Table, needed: Importance | None) -> Any:
    """The picture: of the importance if that was asked for, else of how right the model is."""
    paper = sheet_for_file((7.2, 5.4)) if needed is not None else sheet_for_file((5.4, 5.8))
    if needed is not None:
        needed.plot(ax=paper.ax)
    elif model.classes is None:
        plots.predictions(model, known, ax=paper.ax)
    elif model.state.is_distribution:
        plots.calibration(model, known, ax=paper.ax)
    else:
        plots.confusion(model, known, ax=paper.ax)
    return paper.ax.figure
