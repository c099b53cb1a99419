"""A training step for languages that compute with whole arrays: its steps by phase, in the order of lines.

A derivation updates all numbers at once, as one vector theta. An optimizer that remembers nothing and looks at one
number at a time, as plain gradient descent does, can be written for each array by itself, as tutorials do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from glassnet.derivation.assigned import in_place, late
from glassnet.derivation.steps import PHASES, Derivation, Step
from glassnet.derivation.tidy import rename, tidy
from glassnet.expressions.expression import ELEMENTWISE, Expression, constant, postorder, substitute, symbol
from glassnet.readings.eject.plan import Plan
from glassnet.readings.eject.steps import hoisted
from glassnet.readings.eject.training_plan import Training


@dataclass(frozen=True)
class ArraySteps:
    """A training step.

    Attributes
    ----------
    phases
        The steps of each, random numbers drawn before them; there is always an update.
    late
        Those whose value may be put into its place only when all steps are done: the old one is still read.
    by_array
        For each learnt array its next value, where it can be written by itself; else None, and the update is one of a
        vector theta.
    """

    phases: Mapping[str, list[Step]]
    late: list[Step]
    by_array: Mapping[str, Expression] | None


def array_steps(training: Training) -> ArraySteps:
    """The step of a training."""
    names, waiting = in_place(training.derivation), late(training.derivation)
    by_array = array_by_array(training.derivation)
    steps = [replace(step, expression=rename(step.expression, names)) for step in hoisted(training.steps)]
    if by_array is not None:
        steps = [step for step in steps if step.phase != "update" or not step.shape]
    phases = {phase: [step for step in steps if step.phase == phase] for phase in PHASES}
    phases = {phase: found for phase, found in phases.items() if found or phase == "update"}
    return ArraySteps(phases, [step for step in steps if step.name in waiting], by_array)


def array_by_array(derivation: Derivation) -> dict[str, Expression] | None:
    """For each learnt array its next value, in terms of the array and its gradient; None where that does not do.

    Numbers of the update (lr, where it is a step) stay symbols.
    """
    steps = [step for step in derivation.steps if step.phase == "update"]
    if derivation.optimizer is None or derivation.optimizer.slots or not all(map(is_simple, steps)):
        return None
    whole = {step.name: step.expression for step in steps if step.shape}
    theta = next(step.expression for step in steps if step.assigns == "theta")
    while inner := [node for node in postorder(theta) if node.op == "symbol" and node.name in whole]:
        theta = substitute(theta, {id(node): whole[node.name] for node in inner})
    parameters = derivation.network.arrays(int(derivation.inputs["x"].shape[1]))
    found = {}
    for name, shape in derivation.layout.shapes.items():
        own = {
            "theta": symbol(name, shape, derivation.dtype),
            "g": symbol(derivation.gradients[name], shape, derivation.dtype),
            "penalised": constant(float(parameters[name].penalised)),
            "rates": constant(parameters[name].rate),
        }
        read = {id(node): own[node.name] for node in postorder(theta) if node.op == "symbol" and node.name in own}
        found[name] = without_nothing(tidy(substitute(theta, read), calls=False))
    return found


def by_blocks(plan: Plan, texts: Mapping[str, str]) -> list[str]:
    """The functions that products by blocks call, of a language's texts by their names."""
    steps = (*plan.steps, *(plan.training.steps if plan.training else ()))
    ops = {node.op for step in steps for node in postorder(step.expression)}
    return [text.strip("\n") for op, text in texts.items() if op in ops]


def is_simple(step: Step) -> bool:
    """Whether a step's formula takes each number by itself, and all numbers alike."""
    nodes = postorder(step.expression)
    return all(node.op in (*ELEMENTWISE, "symbol", "constant") and node.name != "trainable" for node in nodes)


def without_nothing(expression: Expression) -> Expression:
    """The expression without products with 0, which is what penalties are for biases."""
    done: dict[int, Expression] = {}
    for node in postorder(expression):
        args = [done[id(arg)] for arg in node.args]
        zero = [arg.op == "constant" and arg.value == 0.0 for arg in args]
        if (node.op == "multiply" and any(zero)) or (node.op == "divide" and zero[0]):
            result = constant(0.0)
        elif node.op in ("add", "subtract") and zero[1]:
            result = args[0]
        elif node.op == "add" and zero[0]:
            result = args[1]
        else:
            result = substitute(node, {id(old): new for old, new in zip(node.args, args, strict=True)})
        done[id(node)] = result
    return done[id(expression)]
