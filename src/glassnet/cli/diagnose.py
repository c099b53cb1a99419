"""`glassnet diagnose`: why a network does not learn, and the command with which it does."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from glassnet.cli import training_options as options
from glassnet.cli.again import CSV_OPTIONS, given_options
from glassnet.cli.changes import USUAL
from glassnet.cli.endings import PAGE, meant
from glassnet.cli.failures import OK, Usage
from glassnet.cli.options import Decimal, Delimiter, Encoding, Force, Json, Missing, Thousands, argument, option
from glassnet.cli.outputs import begins, check_not_read, check_output, is_model, write_text
from glassnet.cli.progress import Waiting
from glassnet.cli.screen import Screen
from glassnet.cli.tables import TARGETS, Csv, read_table, usual_in
from glassnet.engines.plans import fixed_plans
from glassnet.model.load import load
from glassnet.training.recipes.by_name import NAMES


def diagnose(
    context: typer.Context,
    table: Annotated[str, argument("TABLE", f"A file, - for stdin, or built in: {', '.join(TARGETS)}. Or a MODEL.")],
    rows: Annotated[str | None, argument("[TABLE]", "Of a MODEL: a table that has its target.")] = None,
    target: options.Target = None,
    kind: options.Kind = None,
    exclude: options.Exclude = None,
    group: options.Group = None,
    group_input: options.GroupInput = False,
    after: options.After = None,
    recipe: Annotated[str, option("NAME", f"What no option says: {', '.join(NAMES)}.", shown=True)] = USUAL.name,
    seconds: Annotated[float, option("N", "After which nothing more is tried.", shown=True)] = 60.0,
    scale: options.Scale = None,
    fill: options.Fill = None,
    words: options.Words = None,
    clamp: options.Clamp = False,
    max_categories: options.MaxCategories = None,
    hidden: options.Hidden = None,
    activation: options.Activation = None,
    output_activation: options.OutputActivation = None,
    no_bias: options.NoBias = False,
    weights: options.Weights = None,
    dropout: options.Dropout = None,
    l2: options.L2 = None,
    loss: options.Loss = None,
    reduction: options.Reduction = None,
    half: options.Half = False,
    dtype: options.DType = None,
    optimizer: options.Optimizer = None,
    learning_rate: options.LearningRate = None,
    clip_norm: options.ClipNorm = None,
    epochs: options.Epochs = None,
    batch_size: options.BatchSize = None,
    test: options.Test = None,
    validation: options.Validation = None,
    patience: options.Patience = None,
    class_weight: options.ClassWeight = None,
    seed: options.Seed = 0,
    html: Annotated[Path | None, option("FILE", "Write it as a page of HTML, with pictures.", "--html")] = None,
    force: Force = False,
    json: Json = False,
    delimiter: Delimiter = None,
    decimal: Decimal = None,
    thousands: Thousands = None,
    missing: Missing = None,
    encoding: Encoding = None,
) -> int:
    """Why a network does not learn: the cause, what it rests on, and the command with which it learns.

    Ask with the options that it was trained with, or about a model and the rows it was trained on. The network is
    trained again, a hundred times if need be: as it is, with changes, with each of them missing. What is not proven so
    is not claimed.

    [dim]glassnet diagnose penguins --optimizer sgd --learning-rate 0.00001[/dim]

    [dim]glassnet diagnose penguins.glass penguins[/dim]
    """
    screen = Screen(json=json)
    given = {name: said for name, said in given_options(context).items() if name not in OWN}
    if not seconds > 0:
        raise Usage(f"--seconds must be > 0, got {seconds:g}")
    if html is not None:
        meant("--html", html, PAGE)
        check_not_read("--html", html, Path(table), *([Path(rows)] if rows else []))
        check_output(html, lambda there: begins(there, b"<!doctype html>"), "a page", force)
    from glassnet.cli.diagnosing import Question  # what other commands never need
    from glassnet.cli.diagnosis import show

    csv = Csv(delimiter=delimiter, decimal=decimal, thousands=thousands, missing=missing, encoding=encoding)
    if rows is None:
        check_is_no_model(table)
        asked = Question.of_plan(context, table, read_table(table, csv, screen.silent), given)
    else:
        if others := [name for name in given if name not in CSV_OPTIONS]:
            raise Usage(f"{others[0]} is for a network that is to be built; {table} is one that is trained")
        model = load(table)
        read = read_table(rows, csv, screen.silent, usual_in(model))
        asked = Question.of_model(context, model, Path(table), rows, read, given)
    with Waiting("training it again", screen.silent), fixed_plans():
        told = asked.told(seconds)
    show(screen, told, f"{asked.name} (built in)" if asked.name in TARGETS else asked.table.source)
    if html is not None:
        write_text(html, told.found.page(), force)
        screen.written("page", html)
    screen.data({"table": asked.table.source, "network": repr(asked.case.network), **told.to_dict()})
    return OK


OWN = ("--seconds", "--html", "--force", "--json")  # options that `train` has no use for here


def check_is_no_model(table: str) -> None:
    """Usage for a model without a table."""
    if Path(table).is_file() and is_model(Path(table)):
        raise Usage(f"{table} is a model; give the table it was trained on as well: glassnet diagnose {table} TABLE")
