"""The formula of a step as it is explained: tidied as on the derivation's page, corrected values by their names.

What engines compute stays as it is. In exact arithmetic both are equal.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, replace

from glassnet.derivation.contents import SHORT
from glassnet.derivation.steps import Step
from glassnet.derivation.tidy import fold, tidy
from glassnet.expressions.expression import Expression, postorder, substitute, symbol, symbols_in
from glassnet.expressions.notation import plain


@dataclass(frozen=True)
class StepFormula:
    """A step's formula, by the names of the formulas in it, and as arithmetic."""

    shown: Expression
    arithmetic: Expression


def form(step: Step) -> StepFormula:
    """The formula of a step: its arithmetic if that is short, else by name; of an activation always by name."""
    by_name, arithmetic = tidy(step.expression), fold(tidy(step.expression, calls=False))
    is_activation = step.phase == "forward" and by_name.call is not None
    if is_activation:
        return StepFormula(by_name, tidy(step.expression, calls=False))
    return StepFormula(arithmetic if len(plain(arithmetic)) <= SHORT else by_name, arithmetic)


def corrected(step: Step, taken: Container[str]) -> list[Step]:
    """The step of the new theta in Adam's own words: what is corrected for a start from 0 as steps of their own.

    The rule computes `lr / (1 - beta1**t) * m`, one pass over the vectors less; here it is `lr * mhat` with
    `mhat = m / (1 - beta1**t)`.
    """
    expression = step.expression
    for node in postorder(expression):
        if node.op == "multiply" and is_correction(node.args[0]):
            (a, correction), m = node.args[0].args, node.args[1]
            fraction = Expression("divide", (m, correction), shape=m.shape, dtype=m.dtype)
            expression = substitute(expression, {id(node): replace(node, args=(a, fraction))})
            return corrected(replace(step, expression=expression), taken)
    found: dict[int, Expression] = {}
    before: dict[str, Step] = {}
    for node in postorder(expression):
        if is_correction(node) and node.args[0].op == "symbol" and node.ndim:
            name = f"{node.args[0].name[0]}hat"
            if name not in taken and name not in before:
                of = node.args[0].name.removesuffix("_new")
                reason = f"{of} corrected: it starts at 0, too small at first"
                before[name] = Step(name=name, expression=node, phase="update", layer=0, reason=reason)
                found[id(node)] = symbol(name, node.shape, node.dtype)
    return [*before.values(), replace(step, expression=substitute(expression, found))]


def is_correction(node: Expression) -> bool:
    """Whether it is something / (1 - beta**t)."""
    if node.op != "divide" or node.call or node.args[1].op != "subtract":
        return False
    one, power = node.args[1].args
    return one.op == "constant" and one.value == 1.0 and power.op == "power" and "t" in symbols_in(power.args[1])
