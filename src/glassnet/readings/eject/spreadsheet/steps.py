"""The steps of a derivation in pairs: as a reader sees them, and as arithmetic that cells can do."""

from __future__ import annotations

from collections.abc import Iterable

from glassnet.derivation.steps import Step
from glassnet.readings.eject.steps import as_arithmetic, readable, symbols_of


def in_pairs(steps: Iterable[Step], shown: Iterable[Step]) -> list[tuple[Step, Step]]:
    """Each step to show, and its arithmetic.

    Parameters
    ----------
    steps
        Of the derivation.
    shown
        The same as a plan has them. Where a plan has parts of a long step as steps of their own, the whole is shown:
        a sheet cuts by what its cells can hold.
    """
    steps = list(steps)
    by_name = {step.name: step for step in shown}
    parts = by_name.keys() - {step.name for step in steps}
    pairs = []
    for step, arithmetic in zip(steps, as_arithmetic(steps), strict=True):
        known = by_name[step.name]
        pairs.append((readable([step])[0] if symbols_of(known) & parts else known, arithmetic))
    return pairs
