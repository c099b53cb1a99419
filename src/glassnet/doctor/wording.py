"""Changes in words: what a cause is called once it is known, and what to do."""

from __future__ import annotations

from glassnet.doctor.case import Case
from glassnet.doctor.changes import RATE, Change
from glassnet.doctor.network_changes import narrowest
from glassnet.doctor.written import loss_code, network_code, optimizer_code
from glassnet.parts.layers import Dense


def name_of(change: Change, before: Case, after: Case) -> str:
    """The cause's name; of a learning rate also whether it was too high or too low."""
    if change.cause != RATE:
        return change.cause
    return f"learning rate too {'high' if after.rate < before.rate else 'low'}"


def change_in_words(change: Change, before: Case, after: Case) -> str:
    """What to do; of what only the whole network says, that."""
    how, alone = after.how, change.cases(before)
    if change.cause == "overfitting" and how.epochs != before.how.epochs:
        return f"epochs={how.epochs}"
    words = {
        "frozen weights": "unfreeze them: model.unfreeze()",
        "inputs not scaled": "scale the inputs to mean 0 and spread 1",
        "targets not scaled": "scale the targets to mean 0 and spread 1",
        "class weights": "let all rows count alike",
        "rare class": "class_weight='balanced'",
        "optimizer": f"optimizer={optimizer_code(after.optimizer)}",
        "learning rate": f"optimizer={optimizer_code(after.optimizer)}",
        "clipping too tight": "no clipping",
        "batch size": f"batch_size={how.batch_size}",
        "rows not shuffled": "shuffle=True",
        "early stopping too early": "early_stopping=False",
        "too few epochs": f"epochs={how.epochs}",
        "penalty too strong": "no penalty on weights",
        "dropout too strong": "no dropout",
        "batch norm over few rows": "no batch norm",
        "no bias": "bias=True",
        "starting weights": "the usual starting weights: leave weights= and biases= out",
    }
    changed = alone[0] if len(alone) == 1 else after
    return (
        words.get(change.cause)
        or of_layers(change.cause, before, changed)
        or network_code(changed.network, before.network)
    )


def of_layers(cause: str, before: Case, after: Case) -> str:
    """What to do about layers or their loss; empty for what is none of these."""
    if cause == "too many layers":
        return f"{len(after.hidden)} hidden layers"
    if cause == "too few units":
        return f"at least {narrowest(after)} units in each hidden layer"
    if cause == "no nonlinearity" and not before.hidden:
        first = after.layer(after.hidden[0])
        return f"a hidden layer of {first.units} units with {first.activation.name}"
    if cause in ("hidden activation", "no nonlinearity"):
        was = {k: before.layer(k).activation for k in before.hidden}
        names = dict.fromkeys(
            after.layer(k).activation.name for k in after.hidden if after.layer(k).activation != was[k]
        )
        return f"{', '.join(names)} in the hidden layers"
    if cause == "output activation":
        return last_words(after)
    if cause == "loss" and after.network.loss is not None:
        is_other = last_words(before) != last_words(after)
        return f"loss={loss_code(after.network.loss)}" + (f", {last_words(after)}" if is_other else "")
    return ""


def last_words(case: Case) -> str:
    """What the last layer ends with."""
    name = case.last.activation.name if isinstance(case.last, Dense) else "identity"
    return f"{'no activation' if name == 'identity' else name} in the last layer"
