"""Operations replaced by others of the same value: cheaper ones, or such that more networks share a code."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from glassnet.derivation.steps import Derivation
from glassnet.engines.program import Operation, Program
from glassnet.expressions.expression import constant, elementwise, symbol
from glassnet.formulas import schedules


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


def scale_products(program: Program) -> None:
    """Where nothing is done with a matrix product but to divide it by a number, that is its third operand.

    The product then comes out divided, which costs nothing: no pass over memory is left.
    """
    readers: dict[int, int] = {}
    for operation in program.operations:
        for arg in operation.args:
            readers[id(arg)] = readers.get(id(arg), 0) + 1
    results = {id(result) for result in program.results}
    for operation in list(program.operations):
        if operation.op != "divide":
            continue
        product, divisor = operation.args
        if product.op != "matmul" or len(product.args) > 2 or product.args[0].shape[1] == 1 or not divisor.is_scalar:
            continue
        if readers[id(product)] == 1 and id(product) not in results and not product.target:
            operation.op, operation.args = "matmul", (*product.args, divisor)
            program.operations.remove(product)


def draw_early(program: Program) -> None:
    """Random numbers are drawn before the matrix product that goes before: what stands behind it is then one pass."""
    order: list[Operation] = []
    for operation in program.operations:
        products = [k for k, item in enumerate(order) if item.op in ("matmul", "random")]
        if operation.op == "random" and products and order[products[-1]].op == "matmul":
            order.insert(products[-1], operation)
        else:
            order.append(operation)
    program.operations[:] = order


def with_named_schedules(derivation: Derivation) -> Derivation:
    """The same, the numbers of schedules being named constants: another learning rate need not be compiled."""
    if not derivation.schedules:
        return derivation
    epoch = derivation.inputs["epoch"]
    now = {}
    for name, item in derivation.schedules.items():
        options = {option: symbol(f"{name}_{option}", (), derivation.dtype) for option in item.options}
        formulas: dict[str, Any] = vars(schedules)
        now[name] = formulas[item.name](epoch, **options)
        if item.warm_up:
            now[name] = formulas["warm_up"](epoch, now[name], epochs=symbol(f"{name}_warm_up", (), derivation.dtype))
    steps = tuple(replace(step, expression=now.get(step.name, step.expression)) for step in derivation.steps)
    return replace(derivation, steps=steps, constants=named_numbers(derivation))


def named_numbers(derivation: Derivation) -> dict[str, float]:
    """The constants by name, those of schedules among them."""
    found = dict(derivation.constants)
    for name, item in derivation.schedules.items():
        options = {**item.options, "warm_up": item.warm_up}
        found.update({f"{name}_{option}": float(value) for option, value in options.items()})
    return found
