"""A derivation computed as it is written: step by step, with every value on the way.

Engines give the same numbers sooner, but keep of them what training needs. Whoever wants to look at a step, change a
number in between or ask where one broke, walks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from glassnet.derivation.steps import Derivation, Step
from glassnet.expressions.expression import ROWS, Expression, evaluate

Draw = Callable[[Any, Any], np.ndarray]


def walk(
    derivation: Derivation, values: dict[str, Any], of: Callable[[Expression], Any], steps: Iterable[Step] | None = None
) -> Iterator[tuple[Step, Any]]:
    """Each step and its value, which `values` has by its name before the next step is taken.

    Parameters
    ----------
    derivation
        Whose steps.
    values
        What they start from (`start`); g, the gradients as one vector, is added before the update. Who changes a value
        here changes what comes after.
    of
        Gives an expression's value: from `values`, mostly with `evaluate`.
    steps
        Those to take, in order; None: all.
    """
    before = ""
    for step in derivation.steps if steps is None else steps:
        if step.phase == "update" and before != "update":
            values["g"] = gathered(derivation, values)
        before = step.phase
        with np.errstate(all="ignore"):
            values[step.name] = of(step.expression)
        yield step, values[step.name]


def values_of(derivation: Derivation, arrays: Mapping[str, Any], *rows: np.ndarray) -> dict[str, np.ndarray]:
    """The value of every step, none of which draws random numbers, as an array."""
    values = start(derivation, arrays, *rows)
    taken = walk(derivation, values, lambda expression: evaluate(expression, values))
    return {step.name: np.asarray(value) for step, value in taken}


def start(derivation: Derivation, arrays: Mapping[str, Any], *rows: np.ndarray) -> dict[str, Any]:
    """What steps start from: named numbers, arrays in memory, the rows x, y and w, and how many these are.

    No epoch is done, if `arrays` do not say otherwise.
    """
    values = {"epoch": 0.0, **derivation.constants, **arrays, **dict(zip(("x", "y", "w"), rows, strict=False))}
    return {**values, ROWS: float(len(values["x"]))}


def gathered(derivation: Derivation, values: Mapping[str, Any]) -> np.ndarray:
    """All gradients as one vector."""
    layout = derivation.layout
    parts = [np.ravel(values[derivation.gradients[name]]) for name in layout.shapes]
    return np.concatenate(parts) if parts else layout.zeros(derivation.dtype)


def way_to_loss(derivation: Derivation) -> list[Step]:
    """The steps from the rows to the loss."""
    return [step for step in derivation.steps if step.phase in ("forward", "loss")]


def drawing(rng: np.random.Generator, n: int) -> Draw:
    """What draws the random numbers of steps for n rows, as training does."""
    return lambda shape, dtype: rng.random([n if dim == ROWS else int(dim) for dim in shape], dtype=dtype)
