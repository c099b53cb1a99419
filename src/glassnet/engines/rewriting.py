"""Operations replaced by others of the same value: cheaper ones, or such that more networks share a code."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from glassnet.derivation.steps import Derivation
from glassnet.engines.program import Operation, Program
from glassnet.expressions.expression import constant, elementwise, symbol
from glassnet.formulas import schedules
from glassnet.parts.optimizers import Schedule


def share_exponentials(program: Program) -> None:
    """exp(min(z, 0)) is 1 where z >= 0, and exp(-|z|) elsewhere: where both occur, as in a sigmoid, take one."""
    of_minus_size = {id(z): item for item in program.operations if (z := argument_of_minus_size(item)) is not None}
    for operation in list(program.operations):
        z = argument_of_cut(operation)
        other = of_minus_size.get(id(z))
        if z is None or other is None:
            continue
        before = program.operations.index(other)
        if any(operation in item.args for item in program.operations[:before]):
            continue
        above = elementwise("greater_equal", z.source, constant(0.0))  # of NaN it is not true, and NaN comes out
        zero, one = (Operation(op="constant", args=(), name="", source=constant(value)) for value in (0.0, 1.0))
        chosen = Operation(
            op="greater_equal", args=(z, zero), name=f"{operation.name}_above", source=above, step=operation.step
        )
        cut = operation.args[0]
        program.operations.remove(operation)
        operation.op, operation.args = "where", (chosen, one, other)
        if cut not in program.results and not any(cut in item.args for item in program.operations):
            program.operations.remove(cut)
        at = program.operations.index(other) + 1
        program.operations[at:at] = [chosen, operation]


def argument_of_minus_size(operation: Operation) -> Operation | None:
    """z, if the operation is exp(-|z|)."""
    if operation.op == "exp" and operation.args[0].op == "negative":
        inner = operation.args[0].args[0]
        return inner.args[0] if inner.op == "absolute" else None
    return None


def argument_of_cut(operation: Operation) -> Operation | None:
    """z, if the operation is exp(min(z, 0)) of an array."""
    if operation.op != "exp" or operation.is_scalar or operation.args[0].op != "minimum":
        return None
    z, zero = operation.args[0].args
    return z if zero.op == "constant" and zero.source.value == 0.0 else None


def with_named_schedule(derivation: Derivation) -> Derivation:
    """The same, the numbers of a learning-rate schedule being named constants: another rate need not be compiled."""
    rate = derivation.optimizer.learning_rate if derivation.optimizer else None
    if not isinstance(rate, Schedule):
        return derivation
    epoch = derivation.inputs["epoch"]
    symbols = {name: symbol(f"lr_{name}", (), derivation.dtype) for name in (*rate.options, "warm_up")}
    formulas: dict[str, Any] = vars(schedules)
    lr = formulas[rate.name](epoch, **{name: symbols[name] for name in rate.options})
    if rate.warm_up:
        lr = formulas["warm_up"](epoch, lr, epochs=symbols["warm_up"])
    steps = tuple(replace(step, expression=lr) if step.name == "lr" else step for step in derivation.steps)
    return replace(derivation, steps=steps, constants=named_numbers(derivation))


def named_numbers(derivation: Derivation) -> dict[str, float]:
    """The constants by name, those of a learning-rate schedule among them."""
    rate = derivation.optimizer.learning_rate if derivation.optimizer else None
    options = {**rate.options, "warm_up": rate.warm_up} if isinstance(rate, Schedule) else {}
    return {**derivation.constants, **{f"lr_{name}": float(value) for name, value in options.items()}}
