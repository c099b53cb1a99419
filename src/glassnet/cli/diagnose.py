"""`glassnet diagnose`: why a network does not learn, and the command with which it does."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from glassnet.cli import training_options as options
from glassnet.cli.again import CSV_OPTIONS, given_options, pasted, program
from glassnet.cli.asked import asked_of_model, asked_of_plan, options_of_model
from glassnet.cli.changes import USUAL, Changes, says_network
from glassnet.cli.cure import Words, cure
from glassnet.cli.diagnosis import Told, show
from glassnet.cli.endings import PAGE, meant
from glassnet.cli.failures import OK, Usage
from glassnet.cli.options import Decimal, Delimiter, Encoding, Force, Json, Missing, argument, option
from glassnet.cli.outputs import begins, check_not_read, check_output, is_model, write_text
from glassnet.cli.progress import Waiting
from glassnet.cli.screen import Screen
from glassnet.cli.session import Plan
from glassnet.cli.tables import TARGETS, contract_of, read_table
from glassnet.comparison.compare import AUTO
from glassnet.data.tables import Table
from glassnet.doctor.case import Case
from glassnet.doctor.diagnose import diagnosed
from glassnet.engines.plans import fixed_plans
from glassnet.model.load import load
from glassnet.parts.naming import find
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
    if rows is None:
        check_is_no_model(table)
        plan = planned(context.params)
        read = read_table(table, delimiter, decimal, missing, encoding, screen.silent)
        plan = plan.aimed(read, TARGETS.get(table))
        case, name = asked_of_plan(plan, plan.split(read)), table
    else:
        if others := [name for name in given if name not in CSV_OPTIONS]:
            raise Usage(f"{others[0]} is for a network that is to be built; {table} is one that is trained")
        model, path, name = load(table), Path(table), rows
        read = read_table(rows, delimiter, decimal, missing, encoding, screen.silent)
        case, contract = asked_of_model(model, path, read), contract_of(model, path)
        usual = case_of(context, name, read, {"--target": ["--target", contract.target.name]})
        given = {**given, **options_of_model(case, contract, read, usual)}
    with Waiting("training it again", screen.silent), fixed_plans():
        found = diagnosed(case, seconds)

    def command(changed: Case) -> str:
        """The command that trains a changed case; empty where no options say it."""
        made = cure(given, case, changed, lambda said: case_of(context, name, read, said))
        return "" if made is None else pasted([program(), "train", name, *with_recipe(context, name, made)])

    told = Told.of(found, case, name, command)
    show(screen, told, f"{name} (built in)" if name in TARGETS else read.source)
    if html is not None:
        write_text(html, found.page(), force)
        screen.written("page", html)
    screen.data({"table": read.source, "network": repr(case.network), **told.to_dict()})
    return OK


OWN = ("--seconds", "--html", "--force", "--json")  # options that `train` has no use for here


def check_is_no_model(table: str) -> None:
    """Usage for a model without a table."""
    if Path(table).is_file() and is_model(Path(table)):
        raise Usage(f"{table} is a model; give the table it was trained on as well: glassnet diagnose {table} TABLE")


def planned(options: Mapping[str, Any]) -> Plan:
    """What options ask for."""
    if options["recipe"] == AUTO:
        raise Usage(
            f"--recipe auto compares recipes, and a diagnosis is of one network; give one of {', '.join(NAMES)}, or an "
            "option about the network"
        )
    recipe = Changes.of(options).applied(find(options["recipe"], NAMES, "recipe"))
    return Plan.of(options, recipe=recipe)


def case_of(context: typer.Context, name: str, read: Table, said: Words) -> Case:
    """What options say of a table, as a case."""
    plan = planned(parsed(context, name, said)).aimed(read, TARGETS.get(name))
    return asked_of_plan(plan, plan.split(read))


def parsed(context: typer.Context, name: str, said: Words) -> dict[str, Any]:
    """The values of options, by name, as this command reads them."""
    words = [word for of in said.values() for word in of]
    with context.command.make_context("diagnose", [name, *words]) as made:
        return dict(made.params)


def with_recipe(context: typer.Context, name: str, said: Words) -> list[str]:
    """The words of options; with a recipe where `train` would compare several."""
    words = [word for of in said.values() for word in of]
    is_said = "--recipe" in said or says_network(parsed(context, name, said))
    return words if is_said else [*words, "--recipe", USUAL.name]
