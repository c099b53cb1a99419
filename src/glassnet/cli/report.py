"""What `glassnet train` says and saves."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

from glassnet.cli.advice import Advice
from glassnet.cli.again import CSV_OPTIONS, pasted, program, python, repeated
from glassnet.cli.changes import USUAL
from glassnet.cli.failures import in_options
from glassnet.cli.folds import Folds
from glassnet.cli.results import Files
from glassnet.cli.screen import Screen, sparkline
from glassnet.cli.session import Done, Parts, Plan
from glassnet.cli.why import Why
from glassnet.data.tables import Table
from glassnet.data.tables.choices import Choices
from glassnet.data.tables.constraints import Constraints
from glassnet.data.tables.notes import notes_on_choices
from glassnet.data.tables.split import remarks_on_split
from glassnet.data.tables.wording import counted
from glassnet.datasets import NAMES
from glassnet.errors import install
from glassnet.model.model import Model
from glassnet.parallel.fit import BY_BLOCKS
from glassnet.parts.built_in import layer_words
from glassnet.parts.layers import Dense, Dropout
from glassnet.parts.network import Network
from glassnet.parts.schedules import Schedule
from glassnet.training.choice import INSTALL
from glassnet.training.recipes.recipe import FEW, Recipe
from glassnet.training.settings import Settings
from glassnet.training.stopping import EarlyStopping, sign_of


def show_data(screen: Screen, table: Table, name: str, plan: Plan, parts: Parts, *, written: bool) -> None:
    """What was read and which rows do what; `written`: those held out are written to a file."""
    source = f"{name} (built in)" if name in NAMES else table.source
    screen.row("Table", f"{source}: {counted(len(table), 'row')}, {counted(len(table.names), 'column')}")
    screen.row("Rows", "; ".join(rows_text(plan, parts, written)))
    for line in split_text(plan, parts):
        screen.row("", line)
    screen.remarks(split_remarks(plan, parts))


def rows_text(plan: Plan, parts: Parts, written: bool) -> list[str]:
    """The parts of the rows, each in words."""
    found = [f"{len(parts.train):,} to learn from"]
    if parts.turns:
        who = "each network" if parts.members > 1 else "the first pass of two"
        who += " holds out" + (" the latest" if plan.after else " other" if parts.members > 1 else "")
        found[0] += f", of which {who} {100 * parts.turns:.3g} % to know when to stop"
    if parts.validation is not None:
        found.append(f"{len(parts.validation):,} to know when to stop")
    if parts.test is not None:
        hint = "" if written else " (--held-out FILE writes them)"
        found.append(f"{len(parts.test):,} held out for the score{hint}")
    elif len(parts.train) < FEW:
        found.append("too few to hold any out")
    if parts.left_out:
        found.append(f"{parts.left_out:,} without a target left out")
    return found


def split_text(plan: Plan, parts: Parts) -> list[str]:
    """What keeps rows together, and in order, in words."""
    found, latest = [], parts.test if parts.test is not None else parts.validation
    if plan.group is not None:
        said = "an input as well" if plan.group_input else "no input"
        found.append(f"rows of one {plan.group} stay together; it is {said}")
    if plan.after is not None and latest is not None:
        first = Constraints.of(latest, len(latest), after=plan.after)
        assert first.after is not None
        what = "held out for the score" if latest is parts.test else "to know when to stop"
        found.append(f"{what} are the latest by {plan.after}, from {first.time(int(first.after.argmin()))} on")
    return found


def split_remarks(plan: Plan, parts: Parts) -> list[str]:
    """What one should know of the way rows are held out."""
    return remarks_on_split(len(parts.rest), **plan.split_by(parts.rest, parts.kind))


def show_columns(screen: Screen, model: Model, plan: Plan) -> None:
    """What was learnt about the columns."""
    contract: Any = model.contract
    screen.row("Target", f"{plan.target}, {contract.target.summary()}")
    screen.row("Inputs", f"{contract.n_inputs} from {counted(len(contract.features), 'column')}")
    notes = [note for note in contract.notes[1:] if not note.startswith("target ")]
    hint = [contract.notes[0]] if "--kind" in in_options(contract.notes[0]) else []
    chosen = {note: name for name, note in notes_on_choices(Choices(**plan.recipe.choices)).items()}
    for note in [*hint, *notes]:
        whose = f", {chosen_by(plan.recipe, chosen[note])}" if note in chosen else ""
        screen.row("", in_options(note) + whose)


def show_network(screen: Screen, model: Model, settings: Settings, plan: Plan, parts: Parts) -> None:
    """The network, and how it is trained."""
    if plan.recipe.name != USUAL.name:
        screen.row("Recipe", model.recipe)
    many, chained = plan.recipe.members, chain(model.network, model.n_inputs, parts.kind)
    screen.row("Network", f"{many} of {chained}" if many > 1 else chained)
    rule: Any = settings.optimizer
    loss = model.network.loss
    no_biases = [] if plan.recipe.bias else ["no biases"]
    asked = plan.chosen_loss(parts.kind)
    words = str(asked) if asked and (plan.reduction or plan.half) else loss.name if loss else ""
    learnt = many * int(model.memory.trainable.sum())
    details = [f"{counted(learnt, 'number')} to learn", *no_biases, f"loss {words}"]
    rate = rule.learning_rate
    details += [
        f"{rule.name}, learning rate {rate if isinstance(rate, Schedule) else f'{rate:g}'}",
        f"seed {plan.seed}",
    ]
    screen.row("", " · ".join(details))


def chosen_by(recipe: Recipe, part: str) -> str:
    """Who says that a part is as it is: the user or the recipe."""
    return "as asked" if part in dict(recipe.others) else f"as recipe {recipe.name} has it"


def chain(network: Network, n_inputs: int, kind: str) -> str:
    """The network in a line: `12 → 16 relu → 3 softmax`."""
    parts = [str(n_inputs)]
    for layer in network.layers:
        if isinstance(layer, Dense):
            f = layer.activation.name
            if layer is network.layers[-1] and network.loss and network.loss.output != "identity":
                f = network.loss.output
            parts.append(f"{layer.units}" + (f" {f}" if f != "identity" else ""))
        else:
            parts.append(f"dropout {rate_words(layer)}" if isinstance(layer, Dropout) else layer_words(layer))
    return " → ".join(parts)


def rate_words(layer: Dropout) -> str:
    """`0.2`, or how it changes."""
    return repr(layer.rate) if isinstance(layer.rate, Schedule) else f"{layer.rate:g}"


def show(
    screen: Screen,
    done: Done,
    folds: Folds | None,
    files: Files,
    commands: list[str],
    change: Advice | None,
    *,
    why: Why | None = None,
) -> None:
    """What came of it, and what to do next."""
    history = done.model.history
    losses = [value for value in history["loss"] if math.isfinite(value)]
    seconds = f"{done.seconds:.2g}" if done.seconds < 1.0 else f"{done.seconds:.1f}"
    members, epochs = done.model.state.members, counted(len(history), "epoch")
    many = f"{counted(len(members), 'network')}, up to {epochs} each," if members else epochs
    screen.row("Training", f"{many} in {seconds} s{ending(done)}")
    if losses:
        screen.row("", f"loss {losses[0]:.3g} {sparkline(losses)} {losses[-1]:.3g}", wrap=False)
    if done.engine.engine == "compiled" or INSTALL in done.engine.reason or BY_BLOCKS in done.engine.reason:
        screen.row("Engine", str(done.engine))
    screen.line()
    screen.row("Score", done.score.headline(), strong=True)
    screen.row("", done.score.comparison())
    if lines := done.score.table():
        screen.row("", "\n".join(lines), wrap=False)
    if folds is not None:
        screen.line()
        screen.row("Folds", folds.headline(), strong=True)
        screen.row("", "\n".join(folds.table()), wrap=False)
    screen.line()
    width = max(len(str(path)) for path, _ in files.lines)
    for k, (path, words) in enumerate(files.lines):
        screen.row("" if k else "Saved", f"{path!s:<{width}}  {words}", wrap=False)
    if files.lacks_matplotlib:
        screen.row("", f"no picture: matplotlib is not installed; {install('plot')}")
    screen.line()
    if change:
        screen.row("Curve", change.reason)
        screen.line()
    if why:
        screen.row("Why", f"{why.said}; to find out why:")
        screen.row("", why.command, wrap=False)
        screen.line()
    for k, command in enumerate(commands):
        screen.row("" if k else "Next", command, wrap=False)


def ending(done: Done) -> str:
    """Why training ended, and which weights are kept."""
    history = done.model.history
    if done.model.state.members:
        return "; stopped on request" * (history.stopped == "interrupted")
    if history.stopped in ("epochs", "interrupted") and history.best_epoch is not None:
        settings = done.model.state.settings
        stopping = settings.early_stopping if settings else False
        asked = stopping if isinstance(stopping, EarlyStopping) else EarlyStopping()
        monitor = asked.monitor or ("val_loss" if "val_loss" in history.columns else "loss")
        watched, score = "validation" if monitor.startswith("val_") else "training", monitor.removeprefix("val_")
        best = "highest" if sign_of(monitor, asked.mode) == -1.0 else "lowest"
        ended = f"; {done.message}" if history.stopped == "interrupted" else ""
        return f"{ended}; kept is epoch {history.best_epoch:,}, where the {watched} {score} was {best}"
    before = done.model.validation_history
    if before and before.best_epoch == len(before):
        return f"; of {counted(len(before), 'epoch')} before, with rows held out, the last was the best"
    if before:
        return f", as many as were best of {len(before)} before, with rows held out"
    return "" if history.stopped == "epochs" else f"; {done.message}"


def next_commands(files: Files, table: str, given: dict[str, list[str]], change: Advice | None) -> list[str]:
    """What to try next, first what the curves of the loss ask for; every line works as it is."""
    us, model, code = (
        program(),
        str(files.model),
        f"import glassnet as gn; print(gn.load({files.model.as_posix()!r}).history)",  # / on Windows, too
    )
    rows = table if table != "-" else "new.csv"
    commands = [
        [us, "predict", model, rows, "--output", "predictions.csv", *repeated(given, CSV_OPTIONS)],
        [us, "summary", model],
        [us, "derivation", model],
        [us, "explain", model, rows, "--row", "1", *repeated(given, CSV_OPTIONS)],
        [us, "eject", model, "numpy", "--verify"],
        [python(), "-c", code],
    ]
    if change:
        more = [word for option in change.options.items() for word in option]
        but = (*change.options, "--json", "--quiet", "--checkpoint-dir", "--resume")
        commands.insert(0, [us, "train", table, *more, *repeated(given, but=but)])
    return [pasted(command) for command in commands]


def as_json(table: Table, plan: Plan, parts: Parts, done: Done, files: Files, change: Advice | None) -> dict[str, Any]:
    """All of it, for a machine."""
    model, history = done.model, done.model.history
    contract: Any = model.contract
    sizes = {"train": parts.train, "validation": parts.validation, "test": parts.test}
    return {
        "table": table.source,
        "rows": {"all": len(table), **{name: len(rows) if rows is not None else 0 for name, rows in sizes.items()}},
        "target": contract.target.to_json(),
        "inputs": list(contract.input_names),
        "notes": [in_options(note) for note in (*contract.notes, *split_remarks(plan, parts))],
        "recipe": model.recipe,
        "card": None if model.card is None else model.card.to_json(),
        "tried": done.tried,
        "network": repr(model.network),
        "parameters": model.n_parameters,
        "optimizer": repr(model.optimizer),
        "split_by": {"group": plan.group, "after": plan.after},
        "seed": plan.seed,
        "epochs": model.epochs,
        "stopped": history.stopped,
        "best_epoch": history.best_epoch,
        "loss": history["loss"][(history.best_epoch or 0) - 1],
        "score": done.score.to_json(),
        "advice": None if change is None else asdict(change),
        "model": str(files.model),
        "plot": str(files.plot) if files.plot else None,
        "card_picture": str(files.card) if files.card else None,
    }
