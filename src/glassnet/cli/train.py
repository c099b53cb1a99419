"""`glassnet train`: from a table to a saved model, with a score on rows that had no part in it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from glassnet.cli.advice import advice
from glassnet.cli.again import given_options
from glassnet.cli.auto import run_auto
from glassnet.cli.changes import USUAL, Changes, usual
from glassnet.cli.cross_validation import cross_validated
from glassnet.cli.failures import INTERRUPTED, OK, Usage
from glassnet.cli.held_out import HeldOut
from glassnet.cli.options import Decimal, Delimiter, Encoding, Force, Json, Missing, argument, flag, option
from glassnet.cli.report import Files, as_json, next_commands, show, show_columns, show_data, show_network
from glassnet.cli.screen import Screen
from glassnet.cli.session import Plan, run
from glassnet.cli.tables import TARGETS, open_table
from glassnet.comparison.compare import AUTO
from glassnet.comparison.compare import USUAL as COMPARED
from glassnet.comparison.task import FEWEST
from glassnet.model.model import Model
from glassnet.parts.naming import find
from glassnet.training.recipes.by_name import NAMES
from glassnet.training.settings import Settings

NET, FIT = "Network", "Training"


def train(
    context: typer.Context,
    table: Annotated[
        str, argument("TABLE", f"A file (CSV, JSON, Parquet, Excel), - for stdin, or built in: {', '.join(TARGETS)}.")
    ],
    target: Annotated[str | None, option("COLUMN", "The column to predict.", "--target", "-t")] = None,
    kind: Annotated[str | None, option("KIND", "The target's: classes or number. Found if not given.")] = None,
    exclude: Annotated[list[str] | None, option("COLUMN", "Do not learn from it: a,b or repeat.")] = None,
    group: Annotated[
        str | None, option("COLUMN", "Rows of one group stay together in every split; it is no input.")
    ] = None,
    group_input: Annotated[bool, flag("Learn from the column of --group as well.", "--group-input")] = False,
    after: Annotated[
        str | None, option("COLUMN", "Hold out the latest rows by it, dates or numbers, in every split.")
    ] = None,
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
    scale: Annotated[
        str | None,
        option("HOW", f"Numbers: standard; robust, by quartiles; quantile, as normal; none. {usual('scale')}"),
    ] = None,
    fill: Annotated[
        str | None, option("HOW", f"For missing numbers: median; mean, each time with an input for it. {usual('fill')}")
    ] = None,
    words: Annotated[
        str | None, option("HOW", f"Columns of words: one-hot; embed: two words are one input. {usual('words')}")
    ] = None,
    clamp: Annotated[bool, flag("Hold predicted numbers to the range of the rows trained on.", "--clamp")] = False,
    max_categories: Annotated[
        int | None, option("N", "Inputs of a column of words at most; the rarest are one, other. Default: 50.")
    ] = None,
    hidden: Annotated[
        list[str] | None, option("UNITS", f"Of each hidden layer: 16,8; 0: none. {usual('hidden')}", panel=NET)
    ] = None,
    activation: Annotated[
        str | None, option("NAME", f"Of hidden layers: relu, tanh, sigmoid … {usual('activation')}", panel=NET)
    ] = None,
    output_activation: Annotated[
        str | None, option("NAME", "Of the last layer. Default: softmax for classes.", panel=NET)
    ] = None,
    no_bias: Annotated[bool, flag("Layers without biases.", "--no-bias", panel=NET)] = False,
    weights: Annotated[
        str | None,
        option("NAME", f"Where they start: he_normal, 'uniform(low=0, high=1)' … {usual('weights')}", panel=NET),
    ] = None,
    dropout: Annotated[float | None, option("RATE", f"After each hidden layer. {usual('dropout')}", panel=NET)] = None,
    l2: Annotated[float | None, option("NUMBER", f"Penalty on large weights. {usual('l2')}", "--l2", panel=NET)] = None,
    loss: Annotated[str | None, option("NAME", "Default: cross_entropy; for numbers squared.", panel=NET)] = None,
    reduction: Annotated[
        str | None, option("NAME", "Of the loss, over rows and outputs: mean, sum, batchmean, rowmean.", panel=NET)
    ] = None,
    half: Annotated[
        bool, flag("Half of the squared loss, so that its gradient has no 2.", "--half", panel=NET)
    ] = False,
    dtype: Annotated[str | None, option("NAME", f"float64 or float32. {usual('dtype')}", panel=NET)] = None,
    optimizer: Annotated[
        str | None, option("NAME", f"adam, sgd, momentum, rmsprop … Default: {USUAL.optimizer.name}.", panel=FIT)
    ] = None,
    learning_rate: Annotated[
        float | None,
        option("NUMBER", f"Default: {USUAL.optimizer.name} {USUAL.learning_rate:g}, others their own.", panel=FIT),
    ] = None,
    clip_norm: Annotated[float | None, option("NUMBER", "Longest gradient.", panel=FIT)] = None,
    epochs: Annotated[int | None, option("N", f"At most. {usual('epochs')}", panel=FIT)] = None,
    batch_size: Annotated[str | None, option("N", f"Rows a step, or all. {usual('batch_size')}", panel=FIT)] = None,
    test: Annotated[float | None, option("SHARE", "Rows kept for the score alone. Default: 0.2.", panel=FIT)] = None,
    validation: Annotated[
        float | None, option("SHARE", f"Of the others, kept to know when to stop. {usual('validation')}", panel=FIT)
    ] = None,
    cv: Annotated[
        int | None,
        option("K", "Cross-validate first: K parts of the rows not kept by --test, each held out once.", panel=FIT),
    ] = None,
    patience: Annotated[
        int | None,
        option(
            "N",
            f"Stop after N epochs without improvement, keep the best; 0: never. {usual('early_stopping')}",
            panel=FIT,
        ),
    ] = None,
    members: Annotated[
        int | None, option("N", f"Networks whose mean is the model, an ensemble. {usual('members')}", panel=FIT)
    ] = None,
    class_weight: Annotated[str | None, option("HOW", "balanced: rare classes count more.", panel=FIT)] = None,
    engine: Annotated[
        str, option("NAME", "numpy; compiled, as machine code; auto: the faster one.", panel=FIT, shown=True)
    ] = "auto",
    deterministic: Annotated[
        bool, flag("The same digits on any number of threads.", "--deterministic", panel=FIT)
    ] = False,
    seed: Annotated[int, option("N", "Another one is another result.", panel=FIT, shown=True)] = 0,
    output: Annotated[Path | None, option("FILE", "The model. Default: TABLE.glass, here.", "--output", "-o")] = None,
    plot: Annotated[Path | None, option("FILE", "The picture (.png .svg .pdf). Default: TABLE-loss.png.")] = None,
    no_plot: Annotated[bool, flag("No picture.", "--no-plot")] = False,
    held_out: Annotated[
        str | None, option("FILE", "The rows held out, and where they are in the table; - with --json: in it.")
    ] = None,
    history: Annotated[bool, flag("With --json: losses and scores of every epoch.", "--history")] = False,
    force: Force = False,
    quiet: Annotated[bool, flag("Say nothing but errors.", "--quiet", "-q")] = False,
    json: Json = False,
    delimiter: Delimiter = None,
    decimal: Decimal = None,
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
    changes = Changes(
        scale=scale,
        fill=fill,
        words=words,
        clamp=clamp,
        max_categories=max_categories,
        hidden=hidden,
        activation=activation,
        output_activation=output_activation,
        no_bias=no_bias,
        weights=weights,
        dropout=dropout,
        l2=l2,
        dtype=dtype,
        optimizer=optimizer,
        learning_rate=learning_rate,
        clip_norm=clip_norm,
        epochs=epochs,
        batch_size=batch_size,
        validation=validation,
        patience=patience,
        members=members,
    )
    find(recipe, (AUTO, *NAMES), "recipe")
    auto = recipe == AUTO and not changes.any and loss is None and reduction is None and not half
    for name, is_given in (("--best", best), ("--time", time is not None)):
        if is_given and not auto:
            raise Usage(f"{name} is for comparing recipes, --recipe auto, which an option about the network ends")
    plan = Plan(
        recipe=changes.applied(USUAL.name if recipe == AUTO else recipe),
        auto=auto,
        best=best,
        seconds=time,
        target=target,
        kind=kind,
        exclude=tuple(exclude or ()),
        group=group,
        group_input=group_input,
        after=after,
        cv=cv,
        optimizer=optimizer,
        loss=loss,
        reduction=reduction,
        half=half,
        test=test,
        validation=validation,
        class_weight=class_weight,
        engine=engine,
        deterministic=deterministic,
        seed=seed,
    )
    for name, is_given in (("--history", history), ("--held-out -", held_out == "-")):
        if is_given and not json:
            raise Usage(f"{name} puts more into the object of --json; give both, or neither")
    files = Files.checked(output, plot, held_out, no_plot=no_plot, force=force, table=table)
    with open_table(table, delimiter, decimal, missing, encoding, screen.silent) as source:
        rows = source.table
        plan = plan.aimed(rows, TARGETS.get(table))
        parts = plan.split(rows)
        held = None if held_out is None else HeldOut.of(held_out, source, parts.test, decimal, force)
    show_data(screen, rows, table, plan, parts, written=files.held_out is not None)

    def begin(model: Model, settings: Settings) -> None:
        show_columns(screen, model, plan)
        show_network(screen, model, settings, plan, parts)

    folds = None if plan.cv is None else cross_validated(plan, parts, screen.silent)
    if plan.auto and len(parts.train) >= FEWEST:
        plan, done = run_auto(plan, parts, screen)
    else:
        done = run(plan, parts, begin, screen.silent)
    interrupted = done.interrupted
    if interrupted and not len(done.model.history):
        raise KeyboardInterrupt
    files.save(done.model)
    if held is not None and held.file is not None:
        held.file.write(force)
    change = None if table == "-" or plan.auto else advice(done, plan, parts)
    show(screen, done, folds, files, next_commands(files, table, given, change), change)
    more: dict[str, Any] = {"history": done.model.history.columns} if history else {}
    more |= {} if held is None else {"held_out": held.found}
    more |= {} if folds is None else {"cross_validation": folds.to_json()}
    screen.data(as_json(rows, plan, parts, done, files, change) | more)
    if interrupted and not json:
        epoch, members = done.model.history.best_epoch, len(done.model.state.members)
        what = "the model so far" if epoch is None else f"the model of epoch {epoch}, the best so far,"
        after = f"with {members} of {plan.recipe.members} networks" if members else f"after {done.model.epochs} epochs"
        if plan.auto:
            after, what = "while recipes were compared", f"{plan.recipe.name}, the best so far,"
        sys.stderr.write(f"interrupted {after}; {what} is saved in {files.model}\n")
    return INTERRUPTED if interrupted else OK
