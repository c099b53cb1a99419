"""How many bytes a C program takes: of what stays (flash) and of what changes (RAM)."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet.data.tables.category_column import CategoryColumn
from glassnet.data.tables.targets import label_word
from glassnet.expressions.expression import ROWS
from glassnet.readings.eject.c_family.program import Facts
from glassnet.readings.eject.c_family.training import training_rows
from glassnet.readings.eject.plan import Plan, scaling_points


def sizes(plan: Plan, facts: Facts) -> list[str]:
    """Lines for the head of the program."""
    each = 4 if plan.dtype == np.float32 else 8
    stack = (facts.kept + plan.n_inputs + plan.n_outputs) * each
    tables, training = table_bytes(plan), plan.training
    if training is None or facts.step is None:
        weights = sum(value.size for value in plan.arrays.values()) * each
        flash = f"{weights + tables:,} bytes, {weights:,} for weights and {tables:,} for tables and texts"
        return [f"Flash, beside the code: {flash}.", f"RAM: {stack:,} bytes of arrays, on the stack."]

    def count(dims: Any) -> int:
        return int(np.prod([training.batch_size if dim == ROWS else dim for dim in dims]))

    given = training_rows(training, facts.read)
    learnt = training.derivation.layout.shapes
    running = sum(values.size for name, values in plan.known.items() if name in facts.read and name not in learnt)
    known = training.theta.size + running + sum(slot.size for slot in training.slots.values() if slot.any())
    changing = 2 * training.theta.size + running + sum(slot.size for slot in training.slots.values())
    changing += 0 if facts.whole else sum(count((ROWS, *values.shape[1:])) for values in given.values())
    changing += sum(count(dims) for dims, _ in facts.step.buffers.values())
    rows, initial = sum(values.size for values in given.values()) * each, known * each
    parts = f"{initial:,} for initial weights, {rows:,} for rows to train on, {tables:,} for tables and texts"
    memory = changing * each + (4 * len(training.x) if training.shuffle else 0)
    return [
        f"Flash, beside the code: {tables + rows + initial:,} bytes, {parts}.",
        f"RAM: {memory:,} bytes, and {stack:,} of arrays on the stack to predict.",
    ]


def table_bytes(plan: Plan) -> int:
    """Of the texts and numbers of the contract, with pointers of 8 bytes."""
    columns = plan.table.features if plan.table else ()
    categories = [column.categories for column in columns if isinstance(column, CategoryColumn)]
    texts = [*map(label_word, plan.classes or ()), *(column.name for column in columns)]
    texts += [word for words in categories for word in words] + list(
        plan.missing_words if {"words", "dates"} & {*plan.kinds} else ()
    )
    levels = 16 * (len(columns) + sum(len(column.levels) for column in columns)) if plan.has_levels else 0
    points = sum(16 * len(scaling_points(column).get("values", ())) for column in columns)
    return (
        sum(len(word.encode("utf-8", "surrogatepass")) + 1 + 8 for word in texts) + len(columns) * 56 + levels + points
    )
