"""All changes that are tried, each with the cause that it would be the cure of.

Their order is the one in which several are made together: what a network is made of, then its rows, then its training.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from glassnet.doctor import network_changes as network
from glassnet.doctor import training_changes as training
from glassnet.doctor.case import Case

Made = Case | list[Case] | None


@dataclass(frozen=True)
class Change:
    """Something that may be changed.

    Attributes
    ----------
    cause
        What is wrong, where this cures.
    generic
        From 0, what is only ever done for this cause, to 3, what helps against nearly everything and so says little.
    make
        The case, or the cases one of which may do, changed; none where there is nothing to change.
    """

    cause: str
    generic: int
    make: Callable[[Case], Made]

    def cases(self, case: Case) -> list[Case]:
        """The changed case, or several of which one may do; empty where there is nothing to change."""
        made = self.make(case)
        return made if isinstance(made, list) else [] if made is None else [made]


RATE, EPOCHS, OPTIMIZER = "learning rate", "too few epochs", "optimizer"

CHANGES = (
    Change("frozen weights", 0, training.unfrozen),
    Change("too many layers", 1, network.fewer_layers),
    Change("too few units", 2, network.more_units),
    Change("no nonlinearity", 0, network.hidden_layer),
    Change("hidden activation", 1, network.other_activation),
    Change("output activation", 0, network.reaching_output),
    Change("loss", 1, network.usual_loss),
    Change("starting weights", 0, network.usual_starts),
    Change("no bias", 1, network.biases),
    Change("dropout too strong", 1, network.no_dropout),
    Change("batch norm over few rows", 1, network.no_batch_norm),
    Change("inputs not scaled", 0, training.scaled_inputs),
    Change("targets not scaled", 0, training.scaled_targets),
    Change("class weights", 1, training.even_weights),
    Change("rare class", 1, training.balanced),
    Change("penalty too strong", 1, network.no_penalty),
    Change(OPTIMIZER, 3, training.adam),
    Change(RATE, 1, training.other_rate),
    Change("clipping too tight", 1, training.no_clipping),
    Change("batch size", 2, training.usual_batch),
    Change("rows not shuffled", 1, training.shuffled),
    Change("early stopping too early", 1, training.no_early_end),
    Change(EPOCHS, 2, training.more_epochs),
)
OVERFITTING = Change("overfitting", 1, network.held_back)
PLACE = {OVERFITTING.cause: len(CHANGES)} | {change.cause: k for k, change in enumerate(CHANGES)}


def possible(case: Case) -> list[Change]:
    """Those that change something about a case."""
    return [change for change in CHANGES if change.cases(case)]


def made(case: Case, changes: Iterable[Change]) -> list[Case]:
    """A case with several changes, in their order: every combination of what may do."""
    found = [case]
    for change in sorted(changes, key=lambda one: PLACE[one.cause]):
        found = [more for one in found for more in (change.cases(one) or [one])]
    return found
