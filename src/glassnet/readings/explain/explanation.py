"""`model.explain(X, y)`: one forward pass, backward pass and update, every number of it at hand.

    explanation = model.explain(X[1], y[1])
    print(explanation)                    # all of it
    explanation["dW1"]                    # one step
    explanation["dW1"][0, 2]              # one number: its terms, where it comes from, what it does
    explanation.neuron("h2")              # one unit, forward and backward, and each of its weights
    explanation.save("page.html")

Nothing is computed twice: the steps are those of the derivation that engines run, evaluated one by one.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet.derivation.written import WrittenDerivation
from glassnet.parts.naming import check_choice, find
from glassnet.parts.optimizers import Optimizer
from glassnet.parts.optimizers import optimizer as make_optimizer
from glassnet.readings.explain.arithmetic import SHOWN
from glassnet.readings.explain.contents import Contents
from glassnet.readings.explain.facts import Facts
from glassnet.readings.explain.narrowed import NeuronExplained, StepExplained
from glassnet.readings.explain.neuron import unit
from glassnet.readings.explain.numbers import check_digits
from glassnet.readings.explain.picture import picture
from glassnet.readings.explain.readable import Readable
from glassnet.readings.explain.rows import rows_of
from glassnet.readings.explain.whole import whole
from glassnet.training.state import State

if TYPE_CHECKING:
    from glassnet.parts.literals import OptimizerName


def explain(
    model: State,
    X: Any,
    y: Any,
    *,
    optimizer: OptimizerName | Optimizer | None,
    sample_weight: Any,
    finite_differences: bool,
    digits: int,
    row_names: Sequence[str] | None = None,
) -> Explanation:
    """Explain what a model does with rows: `model.explain`, which says more.

    `row_names` are what pages call a table's rows; without them by their lines or numbers, as messages do.
    """
    check_digits(digits)
    check_choice("finite_differences", finite_differences)
    rows = rows_of(model, X, y, sample_weight, row_names)
    rule = None if optimizer is None else make_optimizer(optimizer)
    if rule is not None and rows.y is None:
        raise ValueError("an optimizer updates weights, for which the rows need a target: give y too")
    if finite_differences and rows.y is None:
        raise ValueError("finite differences are of the loss, for which the rows need a target: give y too")
    rule = rule or model.optimizer
    return Explanation(Facts(model, rows, rule, finite_differences=finite_differences, digits=digits))


class Explanation(Readable):
    """Every number of one forward pass and, where targets are known, of the backward pass and the update.

    The numbers are those of the model's next step of training on these rows. The model is not changed.

    Attributes
    ----------
    model
        The model explained.
    rows
        The rows: `x`, `y`, `w`, and what they are called.
    optimizer
        The update rule; None: it stops at the gradients, or at the prediction.
    digits
        Significant digits that pages show.
    """

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.model, self.rows, self.optimizer, self.digits = facts.model, facts.rows, facts.optimizer, facts.digits

    def drawing(self) -> str:
        """The network with the values of the row, if there is one row only."""
        if len(self.rows) > 1:
            return ""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # what is unusual about the row was said before
            return picture(self.model, self.rows.x if self.rows.table is None else self.rows.table).svg

    # its numbers

    @property
    def derivation(self) -> WrittenDerivation:
        """The steps: of training, or without targets of the prediction."""
        return WrittenDerivation(self.facts.derivation)

    @property
    def next(self) -> dict[str, np.ndarray]:
        """Each array that the step changes, by name, as it is after the step; empty where there is no update."""
        return self.facts.next

    @property
    def names(self) -> tuple[str, ...]:
        """What can be asked for, `explanation["z1"]`: the steps, in order, and what they start from."""
        return self.facts.names

    def __getitem__(self, name: str) -> StepExplained:
        try:
            return StepExplained(self.facts, find(name, self.names, "step or array"))
        except ValueError as error:
            why = "" if self.rows.y is not None else "; without a target there is no loss and no gradient: give y too"
            raise KeyError(f"{error}{why}") from None

    def neuron(self, name: str) -> NeuronExplained:
        """One unit: its weighted sum, what comes back to it, and each of its weights from now to next.

        Parameters
        ----------
        name
            "h2": the second unit of the first hidden layer; "h3.1": the first of the third one; "o1" or a class's
            name: an output.

        Raises
        ------
        ValueError
            There is no such unit; the message says which there are.
        """
        return NeuronExplained(self.facts, unit(self.facts, name))

    def contents(self, terms: int | None = SHOWN) -> Contents:
        """The whole of it, in order."""
        return whole(self.facts, terms)
