"""`glassnet lottery`: from how many seeds a network learns, where the others end, and what changes the odds."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from glassnet.cli import training_options as options
from glassnet.cli.changes import Changes, usual
from glassnet.cli.endings import PICTURE, meant
from glassnet.cli.failures import OK, Usage, writing
from glassnet.cli.options import Decimal, Delimiter, Encoding, Force, Json, Missing, Thousands, argument, flag, option
from glassnet.cli.outputs import check_output, is_picture
from glassnet.cli.parts import part
from glassnet.cli.progress import Counted
from glassnet.cli.report import chain
from glassnet.cli.screen import LABEL, Screen, width_of
from glassnet.cli.session import Plan
from glassnet.cli.tables import TARGETS, Csv, read_table
from glassnet.data.tables import Table, target_kind
from glassnet.data.tables.target_kind import kind_by_loss
from glassnet.data.tables.wording import counted
from glassnet.engines.plans import fixed_plans
from glassnet.model.lottery import lottery as lottery_of
from glassnet.model.lottery_result import Lottery, end_lines, headline, named_lines, odds_lines
from glassnet.model.train import initialize
from glassnet.parts.losses import loss_named
from glassnet.parts.schedules import Schedule
from glassnet.reproduce import TUTORIALS
from glassnet.training.recipes.by_name import SMALL


def lottery(
    context: typer.Context,
    table: Annotated[
        str,
        argument(
            "TABLE",
            f"A file (CSV, JSON, Parquet, Excel), - for stdin, or built in: {', '.join(TARGETS)}; xor and tychobra are "
            "trained, and start, as their tutorials do.",
        ),
    ],
    target: options.Target = None,
    kind: options.Kind = None,
    exclude: options.Exclude = None,
    seeds: Annotated[int, option("N", "From how many starts it is trained.", shown=True)] = 200,
    learnt: Annotated[
        str | None,
        option(
            "LIMIT",
            "What counts as learnt: the largest loss, or accuracy>=0.95, of numbers r2>=0.9. Default: few rows all "
            "right; of many nine tenths of the way from always saying the same to the best run, or to what the "
            "nearest rows say.",
        ),
    ] = None,
    no_odds: Annotated[bool, flag("Change nothing: the network as it is, alone.", "--no-odds")] = False,
    plot: Annotated[Path | None, option("FILE", "Save a picture of all losses (.png .svg .pdf).")] = None,
    scale: options.Scale = None,
    fill: options.Fill = None,
    words: options.Words = None,
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
    epochs: Annotated[int | None, option("N", f"{usual('epochs')}", panel=options.FIT)] = None,
    batch_size: options.BatchSize = None,
    engine: options.Engine = "auto",
    force: Force = False,
    json: Json = False,
    delimiter: Delimiter = None,
    decimal: Decimal = None,
    thousands: Thousands = None,
    missing: Missing = None,
    encoding: Encoding = None,
) -> int:
    """Train a network from 200 seeds: how many of them learn, where the others end, and what changes the odds.

    All rows are trained on, to the last epoch: this is about learning, not about rows that nobody has seen. Then one
    thing is changed, each time by itself: units, learning rate, activation, loss. xor and tychobra start as their
    tutorials do, so that of xor's seeds 142 learn.

    [dim]glassnet lottery xor --plot xor-lottery.png[/dim]

    [dim]glassnet lottery penguins --hidden 2 --seeds 100[/dim]
    """
    screen = Screen(json=json)
    if seeds < 1:
        raise Usage(f"--seeds must be >= 1, got {seeds}")
    changes = Changes.of(context.params)
    tutorial = TUTORIALS[table]() if table in TUTORIALS else None
    recipe = changes.applied_to(tutorial.recipe if tutorial else SMALL)
    if tutorial:
        inside = "identity" if loss is None else loss_named(part(loss)[0]).output
        if inside != "identity" and output_activation is None:
            recipe = recipe.replace(output_activation=None)  # the tutorial's sigmoid, which this loss has inside
        reduction = reduction or (None if loss is None else tutorial.lesson.loss.reduction)
        kind = kind or ("classes" if inside == "softmax" else "number")
    plan = Plan(
        recipe=recipe,
        target=target,
        kind=kind,
        exclude=tuple(exclude or ()),
        optimizer=optimizer,
        loss=loss,
        reduction=reduction,
        half=half,
        engine=engine,
    )
    if plot is not None:
        check_output(plot, is_picture, "a picture", force)
        meant("--plot", plot, PICTURE)
    csv = Csv(delimiter=delimiter, decimal=decimal, thousands=thousands, missing=missing, encoding=encoding)
    rows = read_table(table, csv, screen.silent)
    plan = plan.aimed(rows, TARGETS.get(table))
    vary: Any = None if no_odds else tutorial.tried if tutorial and not changes.any and loss is None else "usual"
    starts = tutorial.rng if tutorial and weights is None else None
    drawn = [starts(seed) if starts else seed for seed in range(seeds)]
    with Counted("seeds", screen.silent) as told, fixed_plans():
        found = played(plan, rows.known(str(plan.target)), seeds=drawn, learnt=learnt, vary=vary, told=told)
    if plot is not None:
        with writing(plot):
            found.plot(plot)
    show(screen, found, f"{table} (built in)" if table in TARGETS else rows.source)
    if plot is not None:
        screen.written("the losses of all seeds", plot)
    screen.data({"table": rows.source, "network": repr(found.runs[0].network), **found.to_dict()})
    return OK


def played(plan: Plan, rows: Table, **how: Any) -> Lottery:
    """The lottery of what is planned, on all rows whose target is known."""
    target = str(plan.target)
    found: Any = target_kind(rows, target, plan.kind or kind_by_loss(rows, target, plan.chosen_loss("number")))[0]
    recipe = plan.recipe_for(found).of(found)
    columns: dict[str, Any] = {"target": target, "exclude": plan.exclude, "kind": found, "dtype": recipe.dtype}
    contract: Any = initialize(recipe, rows, seed=0, **columns, **recipe.choices).contract
    settings = recipe.settings(found, rows=len(rows), held_out=False)
    return lottery_of(
        recipe.network(contract),
        rows,
        optimizer=settings.optimizer,
        epochs=settings.epochs,
        batch_size=settings.batch_size,
        engine=plan.engine,  # type: ignore[arg-type]  # that it is one was checked when it was planned
        **columns,
        **recipe.choices,
        **how,
    )


def show(screen: Screen, found: Lottery, source: str) -> None:
    """What was trained, and what came of it."""
    model = found.runs[0]
    contract: Any = model.contract
    rule, settings = model.optimizer, model.state.settings
    assert rule is not None
    assert settings is not None
    room = max(width_of(sys.stdout) - LABEL, 30)
    screen.row("Table", f"{source}: {counted(contract.n_rows, 'row')} to learn, {contract.target.summary()}")
    screen.row("Network", chain(model.network, model.n_inputs, "number" if model.classes is None else "classes"))
    rate = rule.learning_rate
    steps = f"{rule.name}, learning rate {rate if isinstance(rate, Schedule) else f'{rate:g}'}"
    epochs = counted(settings.epochs, "epoch")
    screen.row("", f"{counted(model.n_parameters, 'number')} to learn · loss {model.network.loss} · {steps} · {epochs}")
    screen.line()
    screen.row("Learnt", headline(found), strong=True)
    screen.row("", f"counts as learnt: {found.counts_as_learnt}")
    screen.line()
    screen.row("Ends", "\n".join(end_lines(found, room)), wrap=False)
    screen.row("", "\n".join(named_lines(found)))
    if found.odds is not None:
        screen.line()
        screen.row("Odds", "\n".join(odds_lines(found, room)), wrap=False)
