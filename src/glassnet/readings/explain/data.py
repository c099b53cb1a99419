"""The rows at the beginning of an explanation, and the prediction at its end, in the words of the data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from glassnet.data.arrays import ArrayContract
from glassnet.data.tables import Table
from glassnet.data.tables.category_column import words_of
from glassnet.data.tables.date_column import DateColumn, share_done
from glassnet.data.tables.dates import days_of, text_of_days
from glassnet.data.tables.levels import PAIR, Levels
from glassnet.data.tables.number_column import NumberColumn, numbers_of
from glassnet.data.tables.scaling import LIMIT, Quantiles, Scaling, Standard
from glassnet.derivation.contents import shape_text
from glassnet.expressions.expression import Expression
from glassnet.readings.explain.arithmetic import Arithmetics
from glassnet.readings.explain.contents import Arithmetic, Entry, Grid, Section
from glassnet.readings.explain.element import constant_of, result_of
from glassnet.readings.explain.facts import Facts
from glassnet.readings.explain.numbers import agree, rounded, written
from glassnet.readings.explain.trust import interval_lines, tempered_entries
from glassnet.training.contract import as_contract

FEW_ROWS = 1  # rows of a table whose cells are shown one by one
MANY = 16  # rows, columns; of more the first are shown
FEWER = 8  # of a matrix that has many rows and many columns


def input_section(facts: Facts) -> Section:
    """The rows: of one row of a table how each cell becomes an input; the matrix otherwise."""
    rows, labels = facts.rows, facts.labels

    def entry(name: str, values: np.ndarray, columns: tuple[str, ...], reason: str, *lines: Arithmetic) -> Entry:
        grid = None if lines else part(values, rows.names, columns)
        return Entry(name=name, shape=shape_text(values.shape), reason=reason, grid=grid, arithmetic=lines)

    if rows.table is not None and len(rows) <= FEW_ROWS:
        entries = [entry("x", rows.x, (), "each cell as the network takes it", *cells(facts, rows.table))]
    else:
        reason = f"{len(rows):,} row{'s' * (len(rows) != 1)} of {len(labels.inputs)} inputs"
        entries = [entry("x", rows.x, labels.inputs, reason)]
    if rows.y is not None:
        entries.append(entry("y", rows.y, labels.outputs, target_reason(facts), *target_lines(facts)))
    if rows.w is not None:
        entries.append(entry("w", rows.w, ("weight",), "how much each row counts"))
    return Section("Input", tuple(entries))


def part(values: np.ndarray, rows: tuple[str, ...], columns: tuple[str, ...]) -> Grid:
    """A matrix with its labels: of a large one the first rows and columns, and what is left out."""
    sizes = [min(size, MANY if min(values.shape) <= FEWER else FEWER) for size in values.shape]
    more = [
        f"{size - shown:,} more {what}{'s' * (size - shown != 1)}"
        for size, shown, what in zip(values.shape, sizes, ("row", "column"), strict=True)
        if size > shown
    ]
    height, width = sizes
    shown = values[:height, :width].astype(np.float64)
    return Grid(values=shown, rows=rows[:height], columns=columns[:width], left_out=" and ".join(more))


def cells(facts: Facts, table: Table) -> Iterator[Arithmetic]:
    """How each cell of the first row becomes inputs."""
    k = 0
    x = facts.rows.x[0]
    for feature in facts.model.contract.features:  # type: ignore[union-attr]  # a table's contract
        if isinstance(feature, NumberColumn):
            value = float(numbers_of(table, feature.name)[0])
            missing = value != value
            shown = feature.fill if missing else value
            words = (
                f"missing: the {feature.filled}, {written(feature.fill, facts.digits)}, stands in" if missing else ""
            )
            yield from scaled(facts, feature.name, shown, feature.scaling, words)
            if feature.indicator:
                words = "missing" if missing else "not missing"
                words += scaled_flag(feature.levels[:1], missing)
                yield Arithmetic(name=feature.input_names[1], value=float(x[k + 1]), text=words)
        elif isinstance(feature, DateColumn):
            yield from date_lines(facts, feature, float(days_of(table, feature.name)[0]), x[k:])
        else:
            word = words_of(table, feature.name, feature.seen)[0]
            is_other = feature.other and word is not None and word not in feature.categories
            as_other = ", one of the others" if is_other else ""
            for j, name in enumerate(feature.input_names):
                is_it = f"{feature.name} is {'missing' if word is None else word}{as_other}"
                level = feature.levels[j : j + 1]
                if feature.pair:
                    places = {None: 0, **dict(zip(feature.categories, (1, 2), strict=True))}
                    said = PAIR[places.get(word, 0)]
                    words = f"{is_it}: {said:g}{', scaled' if level[0] != PAIR else ''}"
                    yield Arithmetic(name=name, value=float(x[k + j]), text=words)
                    continue
                words = is_it + scaled_flag(level, bool(level) and is_one(float(x[k + j]), *level[0]))
                yield Arithmetic(name=name, value=float(x[k + j]), text=words)
        k += len(feature.input_names)


def is_one(value: float, of_zero: float, of_one: float) -> bool:
    """Whether an input is what became of 1, rather than of 0; it may be rounded to float32."""
    return abs(value - of_one) < abs(value - of_zero)


def scaled_flag(levels: Levels, flag: bool) -> str:
    """What is said behind an input that is 0 or 1 where that is scaled."""
    return f": {int(flag)}, scaled" if levels else ""


def date_lines(facts: Facts, column: DateColumn, days: float, x: np.ndarray) -> Iterator[Arithmetic]:
    """How a date, in days (NaN: missing), becomes its inputs, the first of x."""
    missing = days != days
    days = column.fill if missing else days
    words = f"{text_of_days(days)} in days from 1970"
    words = f"missing: the median, {words}" if missing else words
    yield from scaled(facts, column.name, days, column.scaling, words)
    for j, (part, turns, wave) in enumerate(column.waves, start=1):
        turn = Expression("multiply", (constant_of(2 * np.pi), constant_of(share_done(days, part, turns))))
        words = f"2 pi, the share of {'half a' if turns == 2 else 'the'} {part} gone"
        yield worked_out(facts, column.input_names[j], Expression(wave, (turn,)), float(x[j]), words)
    if column.indicator:
        words = ("missing" if missing else "not missing") + scaled_flag(column.levels, missing)
        yield Arithmetic(name=column.input_names[-1], value=float(x[len(column.input_names) - 1]), text=words)


def scaled(facts: Facts, name: str, value: float, scaling: Scaling, words: str) -> Iterator[Arithmetic]:
    """How a number is scaled, as a column's contract says."""
    if isinstance(scaling, Quantiles):
        yield placed(facts, name, value, scaling, words)
        return
    middle = scaling.mean if isinstance(scaling, Standard) else scaling.median
    difference = Expression("subtract", (constant_of(value), constant_of(middle)))
    quotient = Expression("divide", (difference, constant_of(scaling.scale)))
    if isinstance(scaling, Standard):
        yield worked_out(facts, name, quotient, float(scaling(value)), words)
        return
    z = (value - middle) / scaling.scale
    yield worked_out(facts, f"{name} scaled", quotient, z, words or "how far from the median")
    third = Expression("divide", (constant_of(z), constant_of(LIMIT)))
    root = Expression("sqrt", (Expression("add", (constant_of(1.0), Expression("power", (third, constant_of(2.0))))),))
    held = Expression("divide", (constant_of(z), root))
    yield worked_out(facts, name, held, float(scaling(value)), f"smoothly held within ±{LIMIT:g}")


def placed(facts: Facts, name: str, value: float, scaling: Quantiles, words: str) -> Arithmetic:
    """The normal quantile of a number: on the line between those of two values of training."""
    k = int(np.searchsorted(scaling.values, value, side="right")) - 1
    result, words = float(scaling(value)), f"{words}; " if words else ""
    if not 0 <= k < len(scaling.values) - 1:
        end = "smallest" if k < 0 else "largest"
        return Arithmetic(name=name, value=result, text=f"{words}normal quantile of the {end} value in training")
    if value == scaling.values[k]:
        return Arithmetic(name=name, value=result, text=f"{words}normal quantile of {written(value, facts.digits)}")
    (x0, x1), (z0, z1) = (map(constant_of, of[k : k + 2]) for of in (scaling.values, scaling.normal))
    slope = Expression("divide", (Expression("subtract", (z1, z0)), Expression("subtract", (x1, x0))))
    way = Expression("subtract", (constant_of(value), x0))
    numbers = Expression("add", (z0, Expression("multiply", (way, slope))))
    between = f"{written(scaling.values[k], facts.digits)} and {written(scaling.values[k + 1], facts.digits)}"
    return worked_out(facts, name, numbers, result, f"{words}on the line of normal quantiles between {between}")


def worked_out(facts: Facts, name: str, numbers: Expression, result: float, words: str = "") -> Arithmetic:
    """A number with the arithmetic that gives it."""
    return Arithmetic(
        name=name,
        numbers=numbers,
        value=result,
        about=not holds(numbers, result, facts.digits),
        text=words,
    )


def holds(numbers: Expression, result: float, digits: int) -> bool:
    """Whether arithmetic of numbers, rounded as they are shown, gives the result as it is shown."""

    def shown(node: Expression) -> Expression:
        if node.op == "constant":
            return constant_of(rounded(node.value, digits))
        return Expression(node.op, tuple(map(shown, node.args)))

    return agree(result_of(shown(numbers)), result, digits)


# --------------------------------------------------------------------------------------------------- the target


def target_reason(facts: Facts) -> str:
    """What the targets are."""
    contract = facts.model.contract
    if facts.model.classes is not None:
        one = facts.rows.y is not None and facts.rows.y.shape[1] == 1
        last = facts.model.classes[-1]
        return f"1 for {last}, 0 for {facts.model.classes[0]}" if one else "1 for the row's class, 0 for the others"
    if isinstance(contract, ArrayContract) or contract.target.to_json()["scale"] == 1.0:
        return "the targets"
    return f"{contract.target.name}, scaled as in training"


def target_lines(facts: Facts) -> Iterator[Arithmetic]:
    """How the target of one row of a table becomes a number; nothing for classes or for more rows."""
    rows, contract = facts.rows, facts.model.contract
    if rows.table is None or len(rows) > FEW_ROWS or isinstance(contract, ArrayContract) or rows.y is None:
        return
    if facts.model.classes is not None:
        word = words_of(rows.table, contract.target.name, tuple(map(str, facts.model.classes)))[0]
        for name, value in zip(facts.labels.outputs, rows.y[0], strict=False):
            yield Arithmetic(name=name, value=float(value), text=f"{contract.target.name} is {word}")
        return
    value = float(numbers_of(rows.table, contract.target.name)[0])
    target: Any = contract.target
    yield from scaled(facts, target.name, value, Standard(target.mean, target.scale), "")


# ----------------------------------------------------------------------------------------------- the prediction


def prediction_section(facts: Facts, terms: int | None) -> Section:
    """What the model predicts for the rows, as `predict` gives it."""
    known, model, rows = facts.prediction, facts.model, facts.rows
    writer = Arithmetics(known, facts.labels, facts.digits, terms)
    p = known.value("p")
    formula = known.forms["p"].shown
    is_given = formula.op == "symbol"
    shown = [(0, j) for j in range(p.shape[1])] if p.shape[1] <= MANY else [(0, 0)]
    lines = () if is_given or len(rows) > 1 else tuple(writer.of("p", index) for index in shown)
    reason = known.by_name["p"].reason.removesuffix(".")
    grid = part(p, rows.names, facts.labels.outputs)
    entries = [
        *tempered_entries(facts, writer),
        Entry(
            name="p",
            formula=formula,
            shape=shape_text(p.shape),
            reason=reason,
            grid=grid,
            arithmetic=lines,
            is_example=len(lines) < p.shape[1],
        ),
    ]
    in_words = (*in_own_unit(facts, p), *interval_lines(facts, as_contract(p, model.contract), MANY))
    if in_words:
        entries.append(Entry(arithmetic=in_words, note=left_out(len(rows))))
    return Section("Prediction", tuple(entries), note=rule_of(model.classes, p.shape[1]))


def rule_of(classes: tuple[Any, ...] | None, outputs: int) -> str:
    """How the class follows from p; empty where there are no classes."""
    if classes is None:
        return ""
    return f"{classes[1]} where p > 0.5, else {classes[0]}" if outputs == 1 else "the class with the largest p"


def left_out(count: int) -> str:
    """What is not shown of the predictions."""
    return f"{count - MANY:,} more rows" if count > MANY else ""


def in_own_unit(facts: Facts, p: np.ndarray) -> Iterator[Arithmetic]:
    """The prediction for each row: a class and its probability, or a number in the target's unit."""
    model, names = facts.model, facts.rows.names
    outputs = as_contract(p, model.contract)
    decoded = np.asarray(model.contract.decode(outputs))
    for k, name in enumerate(names[:MANY]):
        if model.classes is not None:
            yield Arithmetic(name=f"{name}: {decoded[k]}", value=float(outputs[k].max()))
        elif not isinstance(model.contract, ArrayContract):
            target: Any = model.contract.target
            found = float(target.as_given(outputs[k : k + 1])[0])
            if target.to_json()["scale"] != 1.0 or target.to_json()["mean"] != 0.0:
                product = Expression("multiply", (constant_of(float(p[k, 0])), constant_of(target.scale)))
                numbers = Expression("add", (product, constant_of(target.mean)))
                yield worked_out(facts, f"{name}: {target.name}", numbers, found)
            if decoded[k] != found:
                words = f"held to {target.low:g} to {target.high:g}, the range in training"
                yield Arithmetic(name=f"{name}: {target.name}", value=float(decoded[k]), text=words)
