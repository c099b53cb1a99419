"""`glassnet train`: from a table to a saved model, with a score on rows that had no part in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from glassnet import ending
from glassnet.cli import training_options as options
from glassnet.cli.advice import advice
from glassnet.cli.again import given_options
from glassnet.cli.auto import run_auto
from glassnet.cli.changes import USUAL, Changes, says_network, usual
from glassnet.cli.cross_validation import cross_validated, divided
from glassnet.cli.failures import INTERRUPTED, OK, Usage
from glassnet.cli.held_out import HeldOut
from glassnet.cli.interrupted import Interrupted
from glassnet.cli.options import (
    Decimal,
    Delimiter,
    Encoding,
    Force,
    Json,
    Memory,
    Missing,
    Thousands,
    argument,
    flag,
    option,
)
from glassnet.cli.report import as_json, next_commands, show, show_columns, show_data, show_network
from glassnet.cli.results import Files
from glassnet.cli.screen import Screen
from glassnet.cli.session import Plan, run
from glassnet.cli.spread import Spread
from glassnet.cli.streamed import OF_STREAMS, Streaming, check_options, stream_of
from glassnet.cli.tables import TARGETS, Csv, open_table
from glassnet.cli.training_options import FIT
from glassnet.cli.why import doctors_command, why_of, with_command
from glassnet.comparison.compare import AUTO
from glassnet.comparison.compare import USUAL as COMPARED
from glassnet.comparison.task import FEWEST
from glassnet.errors import TrainingError
from glassnet.interrupts import interruptible
from glassnet.model.checkpoints import checkpoints
from glassnet.model.checkpoints.folder import RESUME
from glassnet.model.model import Model
from glassnet.parts.naming import find
from glassnet.training.recipes.by_name import NAMES
from glassnet.training.settings import Settings


def train(
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
    split: Annotated[
        str,
        option("HOW", "drawn: so many rows are held out; hash: each by its place, as of tables read part by part."),
    ] = "drawn",
    recipe: Annotated[
        str,
        option(
            "NAME",
            f"auto: the simplest that is as good as the best of {', '.join(COMPARED)}. Or {', '.join(NAMES)}: what is "
            f"done where an option here says nothing; with such an option {USUAL.name} is the default.",
            shown=True,
        ),
    ] = AUTO,
    best: Annotated[
        bool, flag("With auto: try an ensemble as well, which takes eight times as long.", "--best")
    ] = False,
    time: Annotated[float | None, option("SECONDS", "With auto: when they are over, try nothing more.")] = None,
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
    cv: Annotated[
        int | None,
        option("K", "Cross-validate first: K parts of the rows not kept by --test, each held out once.", panel=FIT),
    ] = None,
    patience: options.Patience = None,
    members: Annotated[
        int | None, option("N", f"Networks whose mean is the model, an ensemble. {usual('members')}", panel=FIT)
    ] = None,
    class_weight: options.ClassWeight = None,
    engine: options.Engine = "auto",
    deterministic: Annotated[
        bool, flag("The same digits on any number of threads.", "--deterministic", panel=FIT)
    ] = False,
    seed: options.Seed = 0,
    memory: Memory = None,
    spool: Annotated[
        Path | None,
        option("FOLDER", "Where rows are kept, encoded, while training lasts: if read part by part, or by a cluster."),
    ] = None,
    parallel: Annotated[
        str | None,
        option(
            "HOW",
            "Many workers go through the rows. exact: their gradients are summed, and all rows are a step; rounds: "
            "each takes steps through a block of rows, and the weights are averaged.",
            panel=FIT,
        ),
    ] = None,
    cluster: options.Cluster = None,
    workers: Annotated[
        int | None, option("N", "With --parallel: processes. Default: as many as there are cores.", panel=FIT)
    ] = None,
    blocks: Annotated[
        int | None, option("N", "With --parallel: blocks of rows. Default: of about 1/4 s each.", panel=FIT)
    ] = None,
    checkpoint_dir: Annotated[
        str | None,
        option("FOLDER", "Keep the training there: stopped by whatever, the same command goes on with it.", panel=FIT),
    ] = None,
    resume: Annotated[
        str,
        option(
            "HOW",
            "With --checkpoint-dir: auto: go on with what is there; never: refuse if there is something; always: if "
            "there is nothing.",
            panel=FIT,
            shown=True,
        ),
    ] = "auto",
    output: Annotated[Path | None, option("FILE", "The model. Default: TABLE.glass, here.", "--output", "-o")] = None,
    plot: Annotated[Path | None, option("FILE", "The picture (.png .svg .pdf). Default: TABLE-loss.png.")] = None,
    no_plot: Annotated[bool, flag("No picture of the loss.", "--no-plot")] = False,
    card: Annotated[Path | None, option("FILE", "With auto: what was compared, as a picture.")] = None,
    held_out: Annotated[
        str | None, option("FILE", "The rows held out, and where they are in the table; - with --json: in it.")
    ] = None,
    history: Annotated[bool, flag("With --json: losses and scores of every epoch.", "--history")] = False,
    force: Force = False,
    quiet: Annotated[bool, flag("Say nothing but errors.", "--quiet", "-q")] = False,
    json: Json = False,
    delimiter: Delimiter = None,
    decimal: Decimal = None,
    thousands: Thousands = None,
    missing: Missing = None,
    encoding: Encoding = None,
) -> int:
    """Train a network on a table and save it.

    Rows are set apart first: some for the score alone, some to know when to stop. Words become inputs of their own,
    numbers are scaled, dates (2024-03-01T12:30) become days and times of the year, week and day, missing values are
    filled; what was done is said, and what looks wrong about a column. The same command gives the same model.
    Ctrl-C ends training and saves what there is.

    [dim]glassnet train penguins[/dim]

    [dim]glassnet train wine.csv --target quality --recipe strong --exclude id[/dim]
    """
    screen = Screen(quiet, json)
    given = given_options(context)
    if no_plot and plot is not None:
        raise Usage("--plot and --no-plot exclude each other")
    changes = Changes.of(context.params)
    find(recipe, (AUTO, *NAMES), "recipe")
    how: Any = find(resume, RESUME, "--resume")
    if checkpoint_dir is None and "--resume" in given:
        raise Usage("--resume is about --checkpoint-dir FOLDER, where a training is kept; give both, or neither")
    spread = Spread.of(context.params)
    auto = recipe == AUTO and not says_network(context.params) and spread is None
    for name, is_given in (("--best", best), ("--time", time is not None), ("--card", card is not None)):
        if is_given and not auto:
            raise Usage(f"{name} is for comparing recipes, --recipe auto, which an option about the network ends")
    plan = Plan.of(
        context.params,
        recipe=changes.applied(USUAL.name if recipe == AUTO else recipe),
        auto=auto,
        seconds=time,
        spread=spread,
    )
    for name, is_given in (("--history", history), ("--held-out -", held_out == "-")):
        if is_given and not json:
            raise Usage(f"{name} puts more into the object of --json; give both, or neither")
    files = Files.checked(output, plot, card, held_out, no_plot=no_plot, force=force, table=table)
    csv = Csv(delimiter=delimiter, decimal=decimal, thousands=thousands, missing=missing, encoding=encoding)
    again = "the same command with --resume auto" if how == "never" else "the same command"
    goes_on = "" if checkpoint_dir is None else f"{again} goes on"
    ended = Interrupted(files, plan.recipe.members, is_json=json, goes_on=goes_on)
    kept = {} if checkpoint_dir is None else {checkpoint_dir: goes_on}
    stream = stream_of(table, csv, memory, spool)
    if stream is not None:
        check_options(context.params, plan.recipe, stream.source.name)
        if auto:
            plan = replace(plan, auto=False, recipe=changes.applied(OF_STREAMS))
        with checkpoints(checkpoint_dir, how):
            ending.KEPT |= kept
            streaming = Streaming.read(plan, stream, screen)
            commands = [line for line in next_commands(files, table, given, None) if " explain " not in line]
            with interruptible(ended.so_far):
                done = streaming.run(screen, ended.save)
            streaming.tell(screen, done, files, commands, with_history=history)
        return INTERRUPTED if done.interrupted else OK
    with open_table(table, csv, screen.silent) as source:
        rows = source.table
        plan = plan.aimed(rows, TARGETS.get(table))
        parts = plan.parts_of(rows)
        held = None if held_out is None else HeldOut.of(held_out, source, parts.test, force)
    if card is not None and len(parts.train) < FEWEST:
        raise Usage(f"--card: to compare needs at least {FEWEST} rows to learn from, got {len(parts.train)}")
    divisions = None if plan.cv is None else divided(plan, parts)
    show_data(screen, rows, table, plan, parts, written=files.held_out is not None)

    def begin(model: Model, settings: Settings, doubts: Sequence[str]) -> None:
        show_columns(screen, model, plan)
        show_network(screen, model, settings, plan, parts)
        for doubt in doubts:
            screen.row("Doubt", doubt)

    ask = doctors_command(table, given)
    with checkpoints(checkpoint_dir, how):
        ending.KEPT |= kept
        try:
            folds = None if divisions is None else cross_validated(plan, parts, divisions, screen.silent)
            with interruptible(ended.so_far) as asked:
                if plan.auto and len(parts.train) >= FEWEST:
                    plan, done = run_auto(plan, parts, screen, ended.save)
                else:
                    done = run(plan, parts, begin, screen.silent, interrupted=ended.save)
                if asked() and not done.interrupted:
                    ended.save(done.model)
                    done = replace(done, interrupted=True)
        except TrainingError as error:
            raise TrainingError(with_command(str(error), ask)) from None
        if not done.interrupted:
            files.save(done.model)
        files.draw(done.model)
        if held is not None and held.file is not None:
            held.file.write(force)
    change = None if table == "-" or plan.auto else advice(done, plan, parts)
    why = None if table == "-" else why_of(done, plan, parts, ask)
    show(screen, done, folds, files, next_commands(files, table, given, change), change, why=why)
    more: dict[str, Any] = {"why": None if why is None else asdict(why)}
    more |= {"history": done.model.history.columns} if history else {}
    more |= {} if held is None else {"held_out": held.found}
    more |= {} if folds is None else {"cross_validation": folds.to_json()}
    screen.data(as_json(rows, plan, parts, done, files, change) | more)
    return INTERRUPTED if done.interrupted else OK
