"""What an ensemble says of rows, explained: what each member says, and their mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NoReturn

import numpy as np

from glassnet.data.arrays import ArrayContract
from glassnet.data.tables.targets import NumberTarget
from glassnet.parts.average import Average
from glassnet.readings.explain.arithmetic import SHOWN
from glassnet.readings.explain.contents import Contents, Entry, Grid, Section
from glassnet.readings.explain.data import MANY, input_section, prediction_section
from glassnet.readings.explain.explanation import Explanation
from glassnet.readings.explain.facts import Facts
from glassnet.readings.explain.numbers import check_digits
from glassnet.readings.explain.rows import rows_of
from glassnet.readings.explain.whole import page
from glassnet.training.contract import as_contract
from glassnet.training.state import State


class EnsembleExplanation(Explanation):
    """What each member says of rows, and their mean. It is written without the members' own arithmetic.

    `explanation.member(2)` has that of the second one, number by number. The steps of all of them can be asked for as
    well: `explanation["z_b1"]` is the second one's `z1`.
    """

    def member(self, number: int) -> Explanation:
        """How one of the members, counted from 1, comes to its prediction: every number."""
        members = self.facts.model.members
        if not isinstance(number, int) or not 1 <= number <= len(members):
            raise ValueError(f"members are numbered from 1 to {len(members)}, got {number!r:.60}")
        facts = self.facts
        member = members[number - 1]
        return Explanation(Facts(member, facts.rows, None, finite_differences=False, digits=facts.digits))

    def neuron(self, name: str) -> NoReturn:
        """An ensemble has no units of its own."""
        raise ValueError(f"units belong to members: explanation.member(1).neuron({name!r})")

    def drawing(self) -> str:
        """None: members are drawn one by one."""
        return ""

    def contents(self, terms: int | None = SHOWN) -> Contents:
        """The inputs, what members say, the prediction."""
        facts = self.facts
        names = facts.rows.names
        what = names[0] if len(names) == 1 else f"{len(names):,} rows"
        sections = [input_section(facts), said_section(facts), prediction_section(facts, terms)]
        return page(facts, f"{what}: what {len(facts.model.members)} members say, and their mean", sections)


def explain_ensemble(
    model: State, X: Any, *, digits: int, row_names: Sequence[str] | None = None
) -> EnsembleExplanation:
    """Explain what an ensemble says of rows; their targets, where they are known, are not looked at."""
    check_digits(digits)
    rows = replace(rows_of(model, X, None, None, row_names), y=None)
    return EnsembleExplanation(Facts(model, rows, None, finite_differences=False, digits=digits))


def said_section(facts: Facts) -> Section:
    """A table for each row: a line for each member, and their mean."""
    entries = tuple(Entry(name="", reason=name, grid=grid) for name, grid in grids(facts))
    left = len(facts.rows) - len(entries)
    return Section("Members", entries, note=f"{left:,} more rows" * (left > 0))


def grids(facts: Facts) -> Iterator[tuple[str, Grid]]:
    """What members say of each row, in the target's unit."""
    model, known = facts.model, facts.prediction
    steps = said_steps(model)
    mean = [f"m{len(model.network.layers)}", *(["p"] if model.predicting is not model.network else [])]
    said = np.stack([in_units(model, known.value(name)) for name in [*steps, *mean]])  # (members + 1, n, outputs)
    lines = (*(f"member {k}" for k in range(1, len(steps) + 1)), "mean", "tempered")[: len(said)]
    columns = (
        facts.labels.outputs if said.shape[2] == len(facts.labels.outputs) else tuple(map(str, model.classes or ()))
    )
    for k, name in enumerate(facts.rows.names[:MANY]):
        yield name, Grid(values=said[:, k], rows=lines, columns=columns)


def said_steps(model: State) -> list[str]:
    """The names of the steps that are the members' predictions."""
    average = model.network.layers[-1]
    assert isinstance(average, Average)
    return [f"{name}{len(model.network.layers)}" for name in average.said]


def in_units(model: State, p: np.ndarray) -> np.ndarray:
    """Predictions as the contract has them: probabilities of classes, or numbers in the target's unit."""
    target = None if isinstance(model.contract, ArrayContract) else model.contract.target
    if isinstance(target, NumberTarget):
        return target.as_given(p)[:, None]
    return as_contract(p, model.contract)
