"""How far a prediction can be trusted, row by row: the temperature of its probabilities, its interval, its set."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from glassnet.calibration.calibration import USUAL, percent
from glassnet.derivation.contents import shape_text
from glassnet.parts.tempered import Tempered
from glassnet.readings.explain.arithmetic import Arithmetics
from glassnet.readings.explain.contents import Arithmetic, Entry
from glassnet.readings.explain.facts import Facts
from glassnet.training.answering import trusted

LEVEL = USUAL


def tempered_entries(facts: Facts, writer: Arithmetics) -> Iterator[Entry]:
    """The steps that make probabilities softer or sharper, where no other section has them; of one row with numbers."""
    known = facts.prediction
    last = len(known.derivation.network.layers)
    is_shown = facts.rows.y is None and not facts.model.members
    if is_shown or not isinstance(known.derivation.network.layers[-1], Tempered):
        return
    for step in known.derivation.steps:
        if step.layer == last:
            value = known.value(step.name)
            places = [(0, j) for j in range(value.shape[1])] if value.shape[1] <= MOST and len(facts.rows) == 1 else []
            yield Entry(
                name=step.name,
                formula=known.forms[step.name].shown,
                shape=shape_text(value.shape),
                reason=step.reason.removesuffix("."),
                arithmetic=tuple(writer.of(step.name, place) for place in places),
            )


MOST = 12  # columns whose arithmetic is shown


def interval_lines(facts: Facts, outputs: np.ndarray, most: int) -> Iterator[Arithmetic]:
    """The ends of the interval of each row, or its set of classes; nothing for a model that is not calibrated.

    Outputs are as the contract has them.
    """
    model = facts.model
    if model.calibration is None:
        return
    found, share = trusted(model, outputs[:most], LEVEL), percent(LEVEL)
    for k, name in enumerate(facts.rows.names[:most]):
        if found.sets is not None:
            members = ", ".join(map(str, found.sets[k]))
            yield Arithmetic(name=f"{name}: {share} set, p from", value=model.calibration.least(LEVEL), text=members)
            continue
        numbers = [np.ravel(of[k]) for of in (found.lower, found.upper) if of is not None]
        for j, (lower, upper) in enumerate(zip(*numbers, strict=True)):
            which = f" of {model.calibration.names[j]}" if len(numbers[0]) > 1 else ""
            for end, value in (("from", lower), ("to", upper)):
                yield Arithmetic(name=f"{name}: {share} interval{which}, {end}", value=float(value))
