"""Changes in words: what a cause is called once it is known, and what to do."""

from __future__ import annotations

from glassnet.doctor.case import Case
from glassnet.doctor.changes import RATE, Change
from glassnet.doctor.written import network_code, optimizer_code


def name_of(change: Change, before: Case, after: Case) -> str:
    """The cause's name; of a learning rate also whether it was too high or too low."""
    if change.cause != RATE:
        return change.cause
    return f"learning rate too {'high' if after.rate < before.rate else 'low'}"


def change_in_words(change: Change, before: Case, after: Case) -> str:
    """What to do."""
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
    return words.get(change.cause) or network_code(changed, before)
