"""`glassnet train`: from a table to a saved model, with a score on rows that had no part in it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from glassnet.cli.failures import INTERRUPTED, OK, Usage
from glassnet.cli.options import Decimal, Delimiter, Encoding, Force, Json, Missing
from glassnet.cli.screen import Screen

NETWORK, TRAINING, RESULTS = "Network", "Training", "Results"


def train(
    table: Annotated[
        str,
        typer.Argument(metavar="TABLE", show_default=False,
                       help="A CSV file, - for stdin, or built in: penguins, moons, circles, spirals, xor, tychobra."),
    ],  # fmt: skip
    target: Annotated[
        str | None, typer.Option("--target", "-t", metavar="COLUMN", help="The column to predict.", show_default=False)
    ] = None,
    kind: Annotated[
        str | None, typer.Option(metavar="KIND", help="The target's: classes or number. Found if not given.", show_default=False)
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN", help="Do not learn from it (repeat).", show_default=False)
    ] = None,
    hidden: Annotated[
        list[str] | None,
        typer.Option(metavar="UNITS", help="Units of each hidden layer: 16,8 (or repeat); 0: none. Default: 16.",
                     rich_help_panel=NETWORK, show_default=False),
    ] = None,  # fmt: skip
    activation: Annotated[
        str, typer.Option(metavar="NAME", help="Of hidden layers: relu, tanh, sigmoid, gelu …", rich_help_panel=NETWORK)
    ] = "relu",
    dropout: Annotated[
        float, typer.Option(metavar="RATE", help="After each hidden layer.", rich_help_panel=NETWORK)
    ] = 0.0,
    l2: Annotated[float, typer.Option("--l2", metavar="NUMBER", help="Penalty on large weights.", rich_help_panel=NETWORK)] = 0.0,
    loss: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Default: cross_entropy for classes, squared for numbers.",
                     rich_help_panel=NETWORK, show_default=False),
    ] = None,  # fmt: skip
    dtype: Annotated[str, typer.Option(metavar="NAME", help="float64 or float32.", rich_help_panel=NETWORK)] = "float64",
    optimizer: Annotated[
        str, typer.Option(metavar="NAME", help="adam, sgd, momentum, rmsprop, adamw …", rich_help_panel=TRAINING)
    ] = "adam",
    learning_rate: Annotated[
        float | None,
        typer.Option(metavar="NUMBER", help="Default: 0.01 for adam, else the optimizer's own.", rich_help_panel=TRAINING,
                     show_default=False),
    ] = None,  # fmt: skip
    clip_norm: Annotated[
        float | None,
        typer.Option(metavar="NUMBER", help="Longest gradient.", rich_help_panel=TRAINING, show_default=False),
    ] = None,
    epochs: Annotated[int, typer.Option(metavar="N", help="At most.", rich_help_panel=TRAINING)] = 300,
    batch_size: Annotated[int, typer.Option(metavar="N", help="Rows a step; 0: all.", rich_help_panel=TRAINING)] = 32,
    test: Annotated[
        float | None,
        typer.Option(metavar="SHARE", help="Rows kept for the score alone; 0: none. Default: 0.2.", rich_help_panel=TRAINING,
                     show_default=False),
    ] = None,  # fmt: skip
    validation: Annotated[
        float | None,
        typer.Option(metavar="SHARE", help="Rows kept to know when to stop; 0: none. Default: 0.15 of the others.",
                     rich_help_panel=TRAINING, show_default=False),
    ] = None,  # fmt: skip
    patience: Annotated[
        int,
        typer.Option(metavar="N", help="Stop after N epochs without improvement, keep the best; 0: never.",
                     rich_help_panel=TRAINING),
    ] = 30,  # fmt: skip
    class_weight: Annotated[
        str | None,
        typer.Option(metavar="HOW", help="balanced: rare classes count more.", rich_help_panel=TRAINING, show_default=False),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", help="Another one is another result.", rich_help_panel=TRAINING)] = 0,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="The model. Default: TABLE.glass here.", rich_help_panel=RESULTS,
                     show_default=False),
    ] = None,  # fmt: skip
    plot: Annotated[
        Path | None,
        typer.Option("--plot", metavar="FILE", help="The picture: .png, .svg, .pdf. Default: TABLE-loss.png.",
                     rich_help_panel=RESULTS, show_default=False),
    ] = None,  # fmt: skip
    no_plot: Annotated[bool, typer.Option("--no-plot", help="No picture.", rich_help_panel=RESULTS, show_default=False)] = False,
    force: Force = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.", show_default=False)] = False,
    json: Json = False,
    delimiter: Delimiter = None,
    decimal: Decimal = None,
    missing: Missing = None,
    encoding: Encoding = None,
) -> int:
    """Train a network on a table and save it.

    Rows are set apart first: some for the score alone, some to know when to stop. Words become inputs of their own,
    numbers are scaled, missing values are filled; what was done is said. The same command gives the same model.
    Ctrl-C ends training and saves what there is.

    [dim]glassnet train penguins[/dim]
    [dim]glassnet train wine.csv --target quality --hidden 32,16 --exclude id[/dim]
    """
    from glassnet.cli.report import Files, as_json, show, show_data, show_plan
    from glassnet.cli.session import Plan, run
    from glassnet.cli.tables import TARGETS, Reading, stem

    screen = Screen(quiet, json)
    if no_plot and plot is not None:
        raise Usage("--plot and --no-plot exclude each other")
    plan = Plan(
        target=target,
        kind=kind,
        exclude=tuple(exclude or ()),
        hidden=tuple(hidden or ()),
        activation=activation,
        dropout=dropout,
        l2=l2,
        loss=loss,
        dtype=dtype,
        optimizer=optimizer,
        learning_rate=learning_rate,
        clip_norm=clip_norm,
        epochs=epochs,
        batch_size=batch_size,
        test=test,
        validation=validation,
        patience=patience,
        class_weight=class_weight,
        seed=seed,
    )
    files = Files.checked(output, plot, no_plot, force, stem(table))
    rows = Reading(delimiter, decimal, tuple(missing or ()), encoding).table(table)
    plan = plan.aimed(rows, TARGETS.get(table))
    parts = plan.split(rows)
    show_data(screen, rows, plan, parts)
    done = run(plan, parts, lambda model: show_plan(screen, model, plan, parts), screen.silent)
    interrupted = done.model.history.stopped == "interrupted"
    if interrupted and not len(done.model.history):
        raise KeyboardInterrupt
    files.save(done.model)
    show(screen, done, files, table)
    screen.data(as_json(rows, plan, parts, done, files))
    if interrupted and not json:
        import sys

        sys.stderr.write(f"interrupted after {done.model.epochs} epochs; the model so far is saved in {files.model}\n")
    return INTERRUPTED if interrupted else OK
