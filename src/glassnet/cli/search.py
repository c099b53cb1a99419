"""`glassnet search`: many settings of a network on a table, each scored by cross-validation, and the best trained."""

from __future__ import annotations

import math
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

from glassnet import ending
from glassnet.cli import training_options as options
from glassnet.cli.changes import Changes
from glassnet.cli.failures import OK, Usage
from glassnet.cli.options import Decimal, Delimiter, Encoding, Force, Json, Missing, Thousands, argument, option
from glassnet.cli.outputs import check_not_read
from glassnet.cli.progress import Counted
from glassnet.cli.report import chain
from glassnet.cli.results import Files
from glassnet.cli.screen import Screen
from glassnet.cli.session import Plan
from glassnet.cli.tables import TARGETS, UNSAID, Csv, read_table
from glassnet.cli.training_options import FIT
from glassnet.data.tables import Table, target_kind
from glassnet.data.tables.wording import counted
from glassnet.errors import TrainingError
from glassnet.model.run_table import SHOWN, RunTable
from glassnet.parts.layers import Dense, Dropout
from glassnet.parts.network import Network
from glassnet.search.result import Search
from glassnet.search.search import search as search_of
from glassnet.search.space import between
from glassnet.training.recipes.by_name import SMALL
from glassnet.workers.cluster import cluster as cluster_at

# What tables of some hundred to some ten thousand rows are learnt by: from 8 units, hardly more than a line, to 64 and
# 32, which learn most of them by heart; rates around Adam's usual 0.001 to 0.01; penalties from none that is felt to
# one that holds weights small, and dropout, against learning by heart; batches of 32 for many steps, of 128 for quiet
# ones.
SPACE = {
    "hidden": [(8,), (16,), (32,), (64,), (32, 16), (64, 32)],
    "learning_rate": between(5e-4, 5e-2, log=True),
    "l2": between(1e-6, 1e-2, log=True),
    "dropout": [0.0, 0.1, 0.3],
    "batch_size": [32, 128],
}
SHORT = {"learning_rate": "rate", "batch_size": "batch"}  # so that it fits on a line
NETWORK = Network(Dense(32, "relu"), Dropout(0.1), Dense())


def search(
    context: typer.Context,
    table: Annotated[
        str, argument("TABLE", f"A file (CSV, JSON, Parquet, Excel), - for stdin, or built in: {', '.join(TARGETS)}.")
    ],
    target: options.Target = None,
    kind: options.Kind = None,
    exclude: options.Exclude = None,
    group: options.Group = None,
    group_input: options.GroupInput = False,
    after: options.After = None,
    scale: options.Scale = None,
    fill: options.Fill = None,
    words: options.Words = None,
    settings: Annotated[int, option("N", "How many settings are drawn.", shown=True)] = 50,
    cv: Annotated[
        int, option("K", "Each setting is trained K times, and measured on the rows held out.", shown=True)
    ] = 5,
    by: Annotated[str, option("NAME", "What is best: loss, accuracy, auc, f1, r2, mae …", shown=True)] = "loss",
    halving: Annotated[
        int | None, option("N", "Few epochs for all settings, and N times as many for the best Nth, again and again.")
    ] = None,
    journal: Annotated[
        Path | None, option("FILE", "Keep what is done there: stopped by whatever, the same command goes on with it.")
    ] = None,
    epochs: Annotated[int, option("N", "At most.", panel=FIT, shown=True)] = 100,
    patience: Annotated[
        int, option("N", "Stop after N epochs without improvement, keep the best; 0: never.", panel=FIT, shown=True)
    ] = 15,
    engine: options.Engine = "auto",
    cluster: options.Cluster = None,
    workers: Annotated[int | None, option("N", "Processes. Default: as many as there are cores.", panel=FIT)] = None,
    seed: options.Seed = 0,
    output: Annotated[Path | None, option("FILE", "The model. Default: TABLE.glass, here.", "--output", "-o")] = None,
    force: Force = False,
    json: Json = False,
    delimiter: Delimiter = None,
    decimal: Decimal = None,
    thousands: Thousands = None,
    missing: Missing = None,
    encoding: Encoding = None,
) -> int:
    """Try many settings of a network on a table, each by cross-validation, and save the best one's model.

    Settings are drawn: one or two hidden layers of 8 to 64 units, the learning rate, a penalty on large weights,
    dropout, rows a step. The best is trained on all rows, for as many epochs as were best in the folds. Since it is the
    best of many, rows that nobody has seen will be a little harder. In Python, gn.search takes other spaces.

    [dim]glassnet search penguins[/dim]

    [dim]glassnet search wine.csv --target quality --settings 200 --halving 3 --journal wine.jsonl[/dim]
    """
    screen = Screen(json=json)
    least = {"settings": 1, "cv": 2, "halving": 2, "epochs": 1, "patience": 0, "workers": 1}
    for name, low in least.items():
        value = context.params[name]
        if value is not None and value < low:
            raise Usage(f"--{name} must be >= {low}, got {value}")
    recipe = Changes.of({"scale": scale, "fill": fill, "words": words, "hidden": None}).applied_to(SMALL)
    plan = Plan.of(context.params, recipe=recipe)
    files = Files.checked(output, None, None, None, no_plot=True, force=force, table=table)
    if journal is not None:
        check_not_read("--journal", journal, files.model, *([] if table in TARGETS else [Path(table)]))
        ending.KEPT[str(journal)] = "the same command goes on"
    csv = Csv(delimiter=delimiter, decimal=decimal, thousands=thousands, missing=missing, encoding=encoding)
    rows = read_table(table, csv, screen.silent)
    plan = plan.aimed(rows, TARGETS.get(table))
    rows = rows.known(str(plan.target))
    source = f"{table} (built in)" if table in TARGETS else rows.source
    with Counted("fits", screen.silent) as told, workers_of(cluster) as executor:
        found = searched(
            plan,
            rows,
            settings=settings,
            folds=cv,
            by=by,
            halving=halving,
            journal=journal,
            epochs=epochs,
            early_stopping=patience or False,
            executor=executor,
            workers=workers,
            told=told,
            path=table if cluster is not None and table not in TARGETS and table != "-" and csv == UNSAID else None,
        )
    if math.isnan(found.score):
        raise TrainingError("all settings diverged")
    files.save(found.model)
    show(screen, found, source, cv)
    screen.written("the model of the best, trained on all rows,", files.model)
    screen.data({"table": rows.source, "model": str(files.model), "best": found.best, **found.to_dict()})
    return OK


def workers_of(address: str | None) -> AbstractContextManager[Any]:
    """Those of a cluster, if an address is given."""
    return nullcontext() if address is None else cluster_at(address, "search")


def searched(plan: Plan, rows: Table, path: str | None = None, **how: Any) -> Search:
    """The search that is planned, on all rows whose target is known.

    Workers on other machines open the table at its path, where that says all of it; others get its rows.
    """
    kind: Any = target_kind(rows, str(plan.target), plan.kind)[0]
    usual = ["accuracy"] if kind == "classes" else ["r2"]
    by = how["by"]
    metrics: Any = usual if by in ("loss", *usual) else [*usual, by]
    columns = {**plan.columns(rows), **plan.recipe.choices, "kind": kind, "seed": plan.seed, "engine": plan.engine}
    X = rows if path is None or plan.group_input else path
    return search_of(SPACE, X, network=NETWORK, metrics=metrics, **columns, **how)


def show(screen: Screen, found: Search, source: str, folds: int) -> None:
    """What was tried, and the best of it."""
    model = found.model
    contract: Any = model.contract
    screen.row("Table", f"{source}: {counted(contract.n_rows, 'row')} to learn, {contract.target.summary()}")
    lost = sum(count > 0 for count in found.table["diverged"])
    diverged, by = f", of which {lost} diverged" * bool(lost), found.by.removeprefix("val_")
    screen.row("Tried", f"{counted(len(found), 'setting')}{diverged}, each on {folds} folds; the best by {by} first")
    screen.line()
    scores = [name for name in found.table.columns if name.startswith("val_") and not name.endswith("_std")]
    columns = {**found.shown(scores).columns}
    columns["hidden"] = [",".join(map(str, units)) for units in columns["hidden"]]  # as train --hidden has them
    names = {**SHORT, f"{found.by}_std": "±"}
    told = RunTable({names.get(name, name.removeprefix("val_")): column for name, column in columns.items()}, [])
    screen.row("Best", told.text(range(min(SHOWN, len(found)))), wrap=False)
    screen.line()
    network = chain(model.network, model.n_inputs, "number" if model.classes is None else "classes")
    screen.row("Network", f"{network} · {counted(found.epochs, 'epoch')} on all rows", strong=True)
