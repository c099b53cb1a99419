"""A way through members beside each other without a detour: what is put in one row and taken out again stays itself.

Layers of members beside each other give one row, `s1 = [a_a1 | a_b1]`, of which the next ones take the columns that
are their own, `s1[:, 4:8]`. That is `a_b1`, and so it is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from glassnet.derivation.steps import Step
from glassnet.expressions.expression import Expression, postorder, substitute


def straight(steps: Sequence[Step], kept: int) -> list[Step]:
    """Steps that compute the same; those of the layer `kept` stay, whatever they are."""
    rows, known = dict[str, Step](), dict[str, Expression]()
    found: list[Step] = []
    for step in steps:
        expression = step.expression
        others = {id(node): other for node in every(expression) if (other := itself(node, rows, known)) is not node}
        step = replace(step, expression=substitute(expression, others)) if others else step
        if step.expression.op == "concatenate":
            rows[step.name] = step
        if step.expression.op == "symbol" and step.layer != kept and step.name != "p":
            known[step.name] = step.expression
        else:
            found.append(step)
    used = {node.name for step in found for node in every(step.expression) if node.op == "symbol"}
    return [step for step in found if step.name not in rows or step.name in used]


def itself(node: Expression, rows: dict[str, Step], known: dict[str, Expression]) -> Expression:
    """What a node is: another symbol, or the part of a row that was put there."""
    if node.op == "symbol":
        return known.get(node.name, node)
    if node.op != "take" or node.args[0].name not in rows:
        return node
    start = 0
    for part in rows[node.args[0].name].expression.args:
        stop = start + int(part.shape[1])
        if node.columns == (*range(start, stop),) and part.op == "symbol":
            return part
        start = stop
    return node


def every(expression: Expression) -> Iterator[Expression]:
    """All nodes, those that formulas with a name are applied to as well."""
    shown = [arg for node in postorder(expression) if node.call for arg in node.call.args]
    yield from postorder(expression, *shown)
