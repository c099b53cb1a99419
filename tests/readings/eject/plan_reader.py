"""A plan followed to the letter, by the slowest program there is: no code is written, every operation is NumPy's.

It reads nothing but what every language reads: steps, formulas, arrays, the training's settings. If it gets glassnet's
numbers, then a plan says all there is to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from glassnet.data.tables.targets import label_word
from glassnet.expressions.expression import OF_COLUMNS, Expression, apply, of_columns, postorder
from glassnet.readings.eject.answers import Answers
from glassnet.readings.eject.formulas import Formula
from glassnet.readings.eject.plan import Plan
from glassnet.readings.eject.random_rows import RawRows
from glassnet.readings.eject.training_plan import Training


class PCG64:
    """NumPy's generator and what is drawn from it, in whole numbers of Python."""

    def __init__(self, state: Mapping[str, Any]) -> None:
        self.state, self.increment = state["state"]["state"], state["state"]["inc"]
        self.half = state["uinteger"] if state["has_uint32"] else None

    def bits64(self) -> int:
        self.state = (self.state * 0x2360ED051FC65DA44385DF649FCCF645 + self.increment) % 2**128
        low, turn = ((self.state >> 64) ^ self.state) % 2**64, self.state >> 122
        return (low >> turn | low << 64 - turn) % 2**64

    def bits32(self) -> int:
        if self.half is not None:
            found, self.half = self.half, None
            return int(found)
        both = self.bits64()
        self.half = both >> 32
        return both % 2**32

    def uniform(self, dtype: Any) -> float:
        if dtype == np.float32:
            return (self.bits32() >> 8) * 2.0**-24
        return (self.bits64() >> 11) * 2.0**-53

    def permutation(self, n: int) -> list[int]:
        order = list(range(n))
        for i in range(n - 1, 0, -1):
            j = i + 1
            while j > i:
                j = self.bits32() % 2 ** i.bit_length()
            order[i], order[j] = order[j], order[i]
        return order


def value(node: Expression, names: Mapping[str, Any], formulas: Mapping[str, Formula], draw: Any = None) -> Any:
    """What an expression of a plan is, where names have these values."""
    found: dict[int, Any] = {}
    for part in postorder(node):
        args = [found[id(arg)] for arg in part.args]
        if part.op == "symbol":
            result = names[part.name]
        elif part.op == "constant":
            result = part.value
        elif part.op == "random":
            shape = [int(names["n"]) if size == "n" else size for size in part.shape]
            result = np.array([draw(part.dtype) for _ in range(int(np.prod(shape)))], part.dtype).reshape(shape)
        elif part.call:
            result = called(formulas[part.call.name], args, formulas)
        elif part.op == "mean":
            result = np.mean(args[0], axis=part.axis, keepdims=part.keepdims)
        elif part.op in OF_COLUMNS:
            result = of_columns(part, args)
        else:
            result = apply(part.op, args, part.axis, part.keepdims)
        if isinstance(result, np.floating):
            result = float(result)  # a number takes the dtype of the array that it meets
        elif isinstance(result, np.ndarray) and part.dtype == np.float32 and result.dtype == np.float64:
            result = result.astype(np.float32)
        found[id(part)] = result
    return found[id(node)]


def called(formula: Formula, args: list[Any], formulas: Mapping[str, Formula]) -> Any:
    """What a formula gives, line by line."""
    names = dict(zip(formula.parameters, args, strict=True))
    for name, part in formula.parts:
        names[name] = value(part, names, formulas)
    return value(formula.result, names, formulas)


def predicted(plan: Plan, arrays: Mapping[str, Any], x: np.ndarray) -> np.ndarray:
    """The network's outputs p for encoded rows."""
    names = {**arrays, "x": x, "n": float(len(x))}
    with np.errstate(all="ignore"):
        for step in plan.steps:
            names[step.name] = value(step.expression, names, plan.formulas)
    return np.asarray(names[plan.steps[-1].name])


def trained(training: Training, plan: Plan) -> tuple[np.ndarray, np.ndarray, list[float]]:
    """theta, state and the losses after training."""
    layout, states = training.derivation.layout, training.derivation.state_layout
    memory = {"theta": training.theta.copy(), "state": training.state.copy(), **training.slots}
    random = PCG64(training.random_state) if training.random_state else None
    n, t, losses = len(training.x), training.t, []
    for epoch in range(training.epochs):
        order = np.array(random.permutation(n) if training.shuffle and random else range(n))
        starts = range(0, n, training.batch_size)
        total = 0.0
        for k, start in enumerate(starts):
            t += 1
            batch = order[start : start + training.batch_size]
            names = {
                **training.derivation.constants, **training.marks, **memory,
                **layout.views(memory["theta"]), **states.views(memory["state"]),
                "x": training.x[batch], "y": training.y[batch], "n": float(len(batch)), "t": float(t),
                "epoch": training.epochs_done + epoch + k / len(starts),
            }  # fmt: skip
            whole = {"N": float(n)}
            if training.w is not None:
                names["w"] = training.w[batch]
                whole = {**whole, "w": names["w"].astype(float), "W": float(training.w.sum(dtype=float))}
            share = value(training.share, {"n": float(len(batch)), **whole}, plan.formulas)
            total += step_taken(training, plan, names, memory, random) * share
        losses.append(total)
    return memory["theta"], memory["state"], losses


def step_taken(
    training: Training, plan: Plan, names: dict[str, Any], memory: dict[str, np.ndarray], random: PCG64 | None
) -> float:
    """One step: the numbers in memory are new, and the batch's loss is known."""
    new, states = {}, training.derivation.state_layout
    for step in training.steps:
        if step.phase == "update" and "g" not in names:
            parts = [names[gradient].ravel() for gradient in training.derivation.gradients.values()]
            names["g"] = np.concatenate(parts) if parts else memory["theta"]
        names[step.name] = value(step.expression, names, plan.formulas, random.uniform if random else None)
        if step.assigns:
            new[step.assigns] = names[step.name]
    for name, numbers in new.items():
        if name in memory:
            memory[name] = numbers
        else:
            states.views(memory["state"])[name][:] = numbers
    return float(names[training.derivation.reported])


def run(plan: Plan, rows: RawRows) -> Answers:
    """What a program would say of rows."""
    arrays: Mapping[str, Any] = plan.arrays
    theta, losses = None, []
    if plan.training:
        with np.errstate(all="ignore"):
            theta, state, losses = trained(plan.training, plan)
        views = plan.training.views(theta, state)
        arrays = {name: views[name] for name in plan.arrays}
    X: Any = rows
    if plan.table:
        X = {name: [row[name] for row in rows] for name in plan.table.feature_names}  # type: ignore[index]  # of a table
    p = predicted(plan, arrays, plan.answers.model.encode(X))
    outputs = np.concatenate([1.0 - p, p], axis=1) if plan.both else p
    words: tuple[str, ...] = ()
    if plan.classes:
        words = tuple(label_word(plan.classes[k]) for k in outputs.argmax(axis=1))
    else:
        mean, scale = plan.units
        outputs = outputs * scale + mean
        outputs = np.clip(outputs, *plan.held) if plan.held else outputs
    return Answers(outputs=outputs, words=words, theta=theta, losses=tuple(losses))
