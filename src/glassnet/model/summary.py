"""A model on one screen."""

from __future__ import annotations

from math import prod

from glassnet.data.tables.wording import in_columns
from glassnet.parts.built_in import layer_words
from glassnet.parts.naming import layer_of
from glassnet.printable import printable
from glassnet.training.history import History
from glassnet.training.on_rows import looking
from glassnet.training.state import State


def summary(model: State) -> str:
    """Layers with their arrays and counts, then loss, optimizer, results; in letters that stdout has.

    Of an ensemble a line for each member, then the first one.
    """
    if model.members:
        whole = [*members_lines(model), *trust(model)]
        return printable("\n".join([*whole, "", "the first member:", "", summary(model.members[0])]))
    rows = [("layer", "", "arrays", "numbers")]
    shapes = model.memory.layout.shapes
    for k, layer in enumerate(model.network.layers, start=1):
        own = {name: shape for name, shape in shapes.items() if layer_of(name) == k}
        text = ", ".join(f"{name} {'×'.join(map(str, shape))}" for name, shape in own.items())
        words = layer_words(layer, no_bias="no bias")
        words += inside_loss(model) if layer is model.network.layers[-1] else ""
        rows.append((str(k), words, text or "-", f"{sum(map(prod, own.values())):,}"))
    widths = [max(len(row[k]) for row in rows) for k in range(4)]
    lines = [f"{a:<{widths[0]}}  {b:<{widths[1]}}  {c:<{widths[2]}}  {d:>{widths[3]}}".rstrip() for a, b, c, d in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    total = f"{model.n_parameters:,} numbers learnt, {model.dtype}"
    frozen = int((model.memory.trainable == 0).sum())
    lines += ["", total + (f", {frozen:,} of them frozen" if frozen else "")]
    lines.append(f"{model.n_inputs} inputs: {shorten(model.contract.input_names)}")
    if model.classes is not None:
        lines.append(f"{len(model.classes)} classes: {shorten(tuple(map(str, model.classes)))}")
    lines += [f"recipe: {model.recipe}"] if model.recipe else []
    lines += card_lines(model)
    lines.append(f"loss: {model.network.loss}" + penalties(model))
    lines += starts(model)
    if model.optimizer:
        lines.append(f"trained with {model.optimizer}, {model.epochs} epochs, {model.memory.t} steps")
    lines += [f"rows held out by {by_words(model)}"] if model.split_by else []
    if model.settings:
        lines.append("threads: " + threads(model.settings.deterministic))
    if model.validation_history:
        lines.append("before, with rows held out: " + at_best(model.validation_history))
    if len(model.history):
        last = {name: column[-1] for name, column in model.history.columns.items() if column[-1] == column[-1]}
        lines.append("last epoch: " + ", ".join(f"{name} {value:.4g}" for name, value in last.items()))
    return printable("\n".join([*lines, *trust(model)]))


def trust(model: State) -> list[str]:
    """What was learnt of how far predictions can be trusted, if that was."""
    return str(model.calibration).splitlines() if model.calibration else []


def card_lines(model: State) -> list[str]:
    """What it was chosen from."""
    if model.card is None:
        return []
    return [f"chosen on {model.card.rows:,} rows, {model.card.how}:", *(f"  {line}" for line in model.card.lines())]


def members_lines(model: State) -> list[str]:
    """An ensemble: what its members measured in training, and that it is their mean."""
    names = list(dict.fromkeys(name for member in model.members for name in member.history.columns))
    rows = [("member", "numbers", "epochs", "kept", *names)]
    for k, member in enumerate(model.members, start=1):
        best = member.history.best_epoch
        at = [member.history.columns.get(name, []) for name in names]
        kept = [f"{column[(best or 0) - 1]:.4g}" if column else "-" for column in at]
        rows.append((str(k), f"{member.n_parameters:,}", str(member.epochs), str(best or member.epochs), *kept))
    lines = in_columns(rows)
    head = f"{len(model.members)} networks as one, the mean of what they say"
    total = f"{model.n_parameters:,} numbers learnt, {model.dtype}"
    return [head, "", *lines, "", total, *([f"recipe: {model.recipe}"] if model.recipe else []), *card_lines(model)]


def at_best(history: History) -> str:
    """Which epoch was best, and its numbers: `epoch 56 of 120, val_loss 0.31, val_rmse 0.42`."""
    epoch = history.best_epoch or len(history)
    numbers = {name: column[epoch - 1] for name, column in history.columns.items() if name.startswith("val_")}
    return ", ".join([f"epoch {epoch} of {len(history)}", *(f"{name} {value:.4g}" for name, value in numbers.items())])


def by_words(model: State) -> str:
    """What kept rows together, or in order, when some were held out: `groups of patient`."""
    words = {"group": "groups", "after": "the order"}
    if "split" in model.split_by:
        return "what is drawn for their places"
    return " and ".join(
        f"{words[name]} of {'values that were given' if by is True else by}" for name, by in model.split_by.items()
    )


def starts(model: State) -> list[str]:
    """Which arrays start from what training rows give, if any do: `starts on training rows: W1 by unit_spread`."""
    rules: dict[str, list[str]] = {}
    for name, rule in looking(model.network, model.n_inputs).items():
        rules.setdefault(rule, []).append(name)
    told = "; ".join(f"{', '.join(names)} by {rule}" for rule, names in rules.items())
    return [f"starts on training rows: {told}"] * bool(told)


def threads(deterministic: bool) -> str:
    """On how many threads it was trained, and what that means."""
    if deterministic:
        return "one, so the same digits however many there are (deterministic)"
    return "as many as pay; others, or a plan measured anew, may give other last digits (not deterministic)"


def inside_loss(model: State) -> str:
    """`, softmax in the loss`, where the loss turns scores into predictions."""
    output = model.network.loss.output if model.network.loss else "identity"
    return "" if output == "identity" else f", {output} in the loss"


def shorten(names: tuple[str, ...], most: int = 8) -> str:
    """The first names and how many more there are."""
    more = f", … ({len(names) - most} more)" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def penalties(model: State) -> str:
    """L1 and L2, if there are any."""
    found = {name: getattr(model.network, name) for name in ("l1", "l2") if getattr(model.network, name)}
    told = "".join(f", {name} {value:g}" for name, value in found.items())
    return told + " divided by rows" * bool(told and model.network.penalty_per_row)
