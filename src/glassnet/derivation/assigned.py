"""When the new value of an array in memory takes the place of the old one: at once, or at the end of the step."""

from __future__ import annotations

from glassnet.derivation.steps import Derivation
from glassnet.expressions.expression import symbols_in


def in_place(derivation: Derivation) -> dict[str, str]:
    """New values that replace the old at once, by name: `m` for `m_new`. No later step reads what m was."""
    names: dict[str, str] = {}
    for k, step in enumerate(derivation.steps):
        later = (symbols_in(item.expression) for item in derivation.steps[k + 1 :])
        if step.assigns and not any(step.assigns in read for read in later):
            names[step.name] = step.assigns
    return names


def late(derivation: Derivation) -> tuple[str, ...]:
    """The steps, by name, whose new values have to wait: a later step still reads the old ones."""
    at_once = in_place(derivation)
    return tuple(step.name for step in derivation.steps if step.assigns and step.name not in at_once)
