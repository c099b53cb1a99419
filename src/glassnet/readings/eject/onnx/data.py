"""The data contract in an ONNX graph: from a table's columns to x, and from p to classes or numbers.

The columns of a table are inputs of the graph, (n, 1) each: numbers in double precision with NaN for what is missing,
words as text with "" for what is missing, dates as days from 1970-01-01 in double precision, since a graph cannot read
them from text. Scaling, filling, categories and circles are nodes like all others.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from glassnet.data.tables.category_column import CategoryColumn
from glassnet.data.tables.date_column import PERIODS, DateColumn
from glassnet.data.tables.levels import Levels
from glassnet.data.tables.number_column import NumberColumn
from glassnet.data.tables.scaling import LIMIT, Quantiles, Standard
from glassnet.expressions.expression import ROWS
from glassnet.readings.eject.interval import Interval
from glassnet.readings.eject.onnx.graph import Graph, safe_name
from glassnet.readings.eject.plan import Plan

X, LABEL, PREDICTION = "X", "label", "prediction"
LOWER, UPPER, SET = "lower", "upper", "set"


def answer_name(plan: Plan) -> str:
    """What the network's outputs are called: `probabilities`, or `scores` if they are none."""
    return "probabilities" if plan.probabilities else "scores"


def names_taken(plan: Plan) -> set[str]:
    """What the outputs are called, which no input may be."""
    ends = {SET} if plan.classes else {LOWER, UPPER}
    return {LABEL, PREDICTION, answer_name(plan), *(ends if plan.interval else ())}


# the way in


def input_names(columns: Iterable[str], taken: set[str]) -> dict[str, str]:
    """For each column of a table a name that ONNX allows; a column that has such a name keeps it.

    >>> input_names(["a b", "a_b", "!"], set())
    {'a b': 'a_b_', 'a_b': 'a_b', '!': 'column_3'}
    """
    columns = list(columns)
    found: dict[str, str] = {}
    used = set(taken)
    for k, column in sorted(enumerate(columns, 1), key=lambda item: safe_name(item[1]) != item[1]):
        name = safe_name(column) or f"column_{k}"
        while name in used:
            name += "_"
        found[column] = name
        used.add(name)
    return {column: found[column] for column in columns}


def inputs_of(plan: Plan) -> dict[str, str]:
    """For each column of the table the input's name; there are none for arrays."""
    return input_names(plan.table.feature_names if plan.table else (), names_taken(plan))


def renamed_inputs(plan: Plan) -> dict[str, str]:
    """The columns whose inputs have to be called otherwise: column → input."""
    return {column: name for column, name in inputs_of(plan).items() if name != column}


def write_inputs(graph: Graph, plan: Plan) -> tuple[str, list[Any]]:
    """Inputs and what makes x of them; the name of x, and for the file's own data what each column is."""
    if plan.table is None:
        words = f"rows of {plan.n_inputs} numbers: {', '.join(plan.contract.input_names)}"
        x = graph.free(X)
        graph.input(x, plan.dtype, (ROWS, plan.n_inputs), words)
        return x, list(plan.contract.input_names)
    names = inputs_of(plan)
    graph.taken |= set(names.values())
    pieces: list[str] = []
    for feature in plan.table.features:
        name = names[feature.name]
        if isinstance(feature, NumberColumn):
            graph.input(name, np.float64, (ROWS, 1), feature.name)
            pieces += write_number(graph, feature, name)
        elif isinstance(feature, DateColumn):
            graph.input(
                name, np.float64, (ROWS, 1), f"{feature.name}: days from 1970-01-01, with the time as a fraction"
            )
            pieces += write_date(graph, feature, name)
        else:
            graph.input(name, str, (ROWS, 1), feature.name)
            pieces += write_words(graph, feature, name, plan)
    x = graph.free("x")
    if plan.dtype == np.float64:
        graph.node("Concat", *pieces, name=x, axis=1)
    else:
        graph.cast(graph.node("Concat", *pieces, hint="x_double", axis=1), plan.dtype, name=x)
    graph.note(x, plan.dtype, (ROWS, plan.n_inputs))
    return x, [{"input": names[feature.name], **feature.to_json()} for feature in plan.table.features]


def write_filled(graph: Graph, column: NumberColumn | DateColumn, name: str) -> tuple[str, str]:
    """Whether a number is missing; the number, fill for a missing one."""
    missing = graph.node("IsNaN", name, hint=f"{name}_missing")
    fill = graph.array(f"{name}_fill", column.fill)
    return missing, graph.node("Where", missing, fill, name, hint=f"{name}_filled", words=f"{column.fill} if missing")


def write_number(graph: Graph, column: NumberColumn, name: str) -> list[str]:
    """The number scaled, fill for what is missing; and if it is an input, whether it is missing."""
    missing, filled = write_filled(graph, column, name)
    return [write_scaled(graph, column, name, filled), *write_missing(graph, column, name, missing)]


def write_missing(graph: Graph, column: NumberColumn | DateColumn, name: str, missing: str) -> list[str]:
    """Whether a number is missing, if that is an input."""
    if not column.indicator:
        return []
    return [write_levels(graph, column.levels, name, graph.cast(missing, np.float64, hint=f"{name}_is_missing"))]


def write_levels(graph: Graph, levels: Levels, name: str, flags: str) -> str:
    """What becomes of 0 and of 1, in (n, inputs)."""
    if not levels:
        return flags
    off = graph.array(f"{name}_off", np.array([[level[0] for level in levels]]))
    on = graph.array(f"{name}_on", np.array([[level[1] for level in levels]]))
    zero = graph.once("number_0_double", np.float64(0))
    is_on = graph.node("Greater", flags, zero, hint=f"{name}_is_on")
    return graph.node("Where", is_on, on, off, hint=f"{name}_levels", words="what becomes of 0 and of 1")


def write_scaled(graph: Graph, column: NumberColumn | DateColumn, name: str, filled: str) -> str:
    """(x - mean) / scale; or by the median, and smoothly held within ±3; or the normal quantile."""
    scaling = column.scaling
    if isinstance(scaling, Quantiles):
        return write_quantile(graph, scaling, name, filled)
    word, middle = ("mean", scaling.mean) if isinstance(scaling, Standard) else ("median", scaling.median)
    centred = graph.node("Sub", filled, graph.array(f"{name}_{word}", middle), hint=f"{name}_centred")
    words = f"({column.name} - {middle}) / {scaling.scale}"
    scale = graph.array(f"{name}_scale", scaling.scale)
    z = graph.node("Div", centred, scale, hint=f"{name}_scaled", words=words)
    return z if isinstance(scaling, Standard) else write_smooth_clip(graph, name, z)


def write_quantile(graph: Graph, scaling: Quantiles, name: str, number: str) -> str:
    """On the line that begins at the last point that is not beyond the number."""
    values, normal, slopes = map(np.array, (scaling.values, scaling.normal, scaling.slopes))
    ends = (graph.array(f"{name}_{word}", values[k]) for word, k in (("lowest", 0), ("highest", -1)))
    number = graph.node("Clip", number, *ends, hint=f"{name}_within")
    later = graph.array(f"{name}_later_values", values[None, 1:])  # (1, points - 1)
    passed = graph.cast(
        graph.node("GreaterOrEqual", number, later, hint=f"{name}_is_past"), np.int64, hint=f"{name}_past"
    )
    k = graph.node("ReduceSum", passed, graph.axes(1), hint=f"{name}_point", keepdims=1)  # (n, 1)
    before, at, slope = (
        graph.node("Gather", graph.array(f"{name}_{word}", of), k, hint=f"{name}_{word}_here", axis=0)
        for word, of in (("values", values), ("normal", normal), ("slopes", slopes))
    )
    way = graph.node("Mul", graph.node("Sub", number, before, hint=f"{name}_way"), slope, hint=f"{name}_rise")
    return graph.node("Add", at, way, hint=f"{name}_quantile", words="the normal quantile, on a line between points")


def write_smooth_clip(graph: Graph, name: str, z: str) -> str:
    """z/√(1 + (z/3)²); z is first held where it is ±3 to the last digit, and its square no infinity."""
    limit, one = graph.once("number_3_double", np.float64(LIMIT)), graph.once("number_1_double", np.float64(1))
    ends = (graph.once(f"{word}_double", np.float64(end)) for word, end in (("lowest", -1e9), ("highest", 1e9)))
    z = graph.node("Clip", z, *ends, hint=f"{name}_finite")
    third = graph.node("Div", z, limit, hint=f"{name}_third")
    square = graph.node("Mul", third, third, hint=f"{name}_square")
    root = graph.node("Sqrt", graph.node("Add", square, one, hint=f"{name}_below"), hint=f"{name}_root")
    return graph.node("Div", z, root, hint=f"{name}_held", words="z / sqrt(1 + (z/3)^2), within -3 and 3")


def write_date(graph: Graph, column: DateColumn, name: str) -> list[str]:
    """The days as a number; then the places on circles; and if it is an input, whether the date is missing."""
    missing, days = write_filled(graph, column, name)
    pi = graph.once("two_pi_double", np.float64(2 * np.pi))
    half, one, two = (
        graph.once(f"number_{value:g}_double".replace(".", "_"), np.float64(value)) for value in (0.5, 1, 2)
    )
    found = [write_scaled(graph, column, name, days)]
    for part, turns, wave in column.waves:
        rounds = graph.node("Mul", days, two, hint=f"{name}_twice") if turns == 2 else days
        period = graph.once(f"days_in_{part}", np.float64(PERIODS[part]))
        rounds = graph.node("Div", rounds, period, hint=f"{name}_rounds")
        done = graph.node("Sub", rounds, graph.node("Floor", rounds, hint=f"{name}_whole"), hint=f"{name}_done")
        angle = graph.node("Mul", pi, done, hint=f"{name}_angle")
        words = f"time of {part}, {turns} x round"
        if wave == "sin":
            found.append(graph.node("Sin", angle, hint=f"{name}_sin", words=words))
        else:  # 1 - 2 sin(a/2)^2: onnxruntime had Sin in double precision years before Cos
            sine = graph.node("Sin", graph.node("Mul", angle, half, hint=f"{name}_half"), hint=f"{name}_half_sin")
            square = graph.node("Mul", sine, sine, hint=f"{name}_square")
            twice = graph.node("Mul", square, two, hint=f"{name}_two_squares")
            found.append(graph.node("Sub", one, twice, hint=f"{name}_cos", words=words))
    return [*found, *write_missing(graph, column, name, missing)]


def write_words(graph: Graph, column: CategoryColumn, name: str, plan: Plan) -> list[str]:
    """1 for the category that the word is, 0 for the others; whether it is another word, and whether it is missing.

    Of the last two those that are inputs.
    """
    categories = graph.array(f"{name}_categories", np.array([column.categories], object))
    same = graph.node("Equal", name, categories, hint=f"{name}_same")
    found = [graph.cast(same, np.float64, hint=f"{name}_is")]  # (n, categories)
    if column.pair:
        codes = graph.node("MatMul", found[0], graph.once("one_and_two", np.array([[1.0], [2.0]])), hint=f"{name}_code")
        code = graph.cast(codes, np.int64, hint=f"{name}_which")  # (n, 1)
        words = "what becomes of neither word, of the first and of the second"
        return [
            graph.node(
                "Gather",
                graph.array(f"{name}_values", np.array(column.levels[0])),
                code,
                hint=f"{name}_level",
                words=words,
                axis=0,
            )
        ]
    if column.missing or column.other:
        missing_words = graph.once("missing_words", np.array([plan.missing_words], object))
        missing = graph.node("Equal", name, missing_words, hint=f"{name}_same")
        missing = graph.cast(missing, np.float64, hint=f"{name}_missing")
        missing = graph.node("ReduceMax", missing, graph.axes(1), hint=f"{name}_is_missing", keepdims=1)
        if column.other:
            known = graph.node("ReduceSum", found[0], graph.axes(1), hint=f"{name}_is_known", keepdims=1)
            known = graph.node("Add", known, missing, hint=f"{name}_is_known")
            one = graph.once("number_1_double", np.float64(1))
            found.append(graph.node("Sub", one, known, hint=f"{name}_is_other", words="1 for all other words"))
        found += [missing] if column.missing else []
    if not column.levels:
        return found
    flags = graph.node("Concat", *found, hint=f"{name}_flags", axis=1) if len(found) > 1 else found[0]
    return [write_levels(graph, column.levels, name, flags)]


# the way out


def write_outputs(graph: Graph, plan: Plan, p: str) -> None:
    """Outputs, made of p."""
    if plan.classes is None:
        write_prediction(graph, plan, p)
        if plan.interval:
            write_interval(graph, plan, plan.interval)
        return
    outputs = answer_name(plan)
    if plan.both:
        other = graph.node("Sub", graph.constant(1.0), p, hint="other")
        graph.node("Concat", other, p, name=outputs, words="both classes: 1 - p and p", axis=1)
    else:
        graph.node("Identity", p, name=outputs)
    best = graph.node("ArgMax", outputs, hint="best", axis=1, keepdims=0, select_last_index=0)
    labels = np.array(plan.classes, object if isinstance(plan.classes[0], str) else None)
    words = f"the predicted {plan.target_name}"
    graph.node("Gather", graph.array("classes", labels), best, name=LABEL, words=words, axis=0)
    graph.output(LABEL, str if labels.dtype == object else labels.dtype, (ROWS,), words)
    graph.output(outputs, plan.dtype, (ROWS, len(plan.classes)), "of each class, in the order of `classes`")
    if plan.interval:
        write_set(graph, plan, plan.interval, outputs, best)


def write_prediction(graph: Graph, plan: Plan, p: str) -> None:
    """Numbers in the target's units: of a table (n,), of arrays in y's form."""
    words = f"the predicted {plan.target_name}"
    if plan.table is None:
        if plan.flat:
            graph.node("Squeeze", p, graph.axes(1), name=PREDICTION, words=words)
        else:
            graph.node("Identity", p, name=PREDICTION, words=words)
        graph.output(PREDICTION, plan.dtype, (ROWS,) if plan.flat else (ROWS, plan.n_outputs), words)
        return
    mean, scale = plan.units
    if plan.dtype != np.float64:
        p = graph.cast(p, np.float64, hint="p_double")
    scaled = graph.node("Mul", p, graph.array("target_scale", scale), hint="p_scaled")
    moved = graph.node("Add", scaled, graph.array("target_mean", mean), hint="p_in_units")
    if plan.held:
        low, high = plan.held
        ends = (graph.array("target_low", np.float64(low)), graph.array("target_high", np.float64(high)))
        moved = graph.node("Clip", moved, *ends, hint="p_held", words="held to the range in training")
    graph.node("Squeeze", moved, graph.axes(1), name=PREDICTION, words=words)
    graph.output(PREDICTION, np.float64, (ROWS,), words)


def write_interval(graph: Graph, plan: Plan, known: Interval) -> None:
    """The ends of an interval around each prediction, (n,) in double precision."""
    value = graph.node("Reshape", PREDICTION, graph.array("one_column", np.array([-1, 1], np.int64)), hint="column")
    value = value if plan.table else graph.cast(value, np.float64, hint="column_double")  # (n, 1)
    widths = graph.array("interval_widths", known.widths)
    if len(known.edges):
        above = graph.node("Greater", value, graph.array("interval_edges", known.edges[None]), hint="above_edge")
        ones = graph.cast(above, np.int64, hint="above_edges")
        counted = graph.node("ReduceSum", ones, graph.axes(1), hint="interval_bin", keepdims=1)
        widths = graph.node("Gather", widths, counted, hint="interval_width", axis=0)  # (n, 1)
    for name, operation in ((LOWER, "Sub"), (UPPER, "Add")):
        words = f"the {name} end of an interval that holds the true {plan.target_name} for {known.share} of rows"
        end = graph.node(operation, value, widths, hint=f"{name}_end")
        graph.node("Squeeze", end, graph.axes(1), name=name, words=words)
        graph.output(name, np.float64, (ROWS,), words)


def write_set(graph: Graph, plan: Plan, known: Interval, outputs: str, best: str) -> None:
    """Whether each class may be the true one, (n, K)."""
    assert plan.classes is not None
    p = outputs if plan.dtype == np.float64 else graph.cast(outputs, np.float64, hint="outputs_double")
    likely = graph.node("GreaterOrEqual", p, graph.array("least", np.float64(known.least)), hint="is_likely")
    column = graph.node("Unsqueeze", best, graph.axes(1), hint="best_column")  # (n, 1)
    numbers = graph.array("class_numbers", np.arange(len(plan.classes), dtype=np.int64)[None])
    words = f"the classes that may be the true one, which is among them for {known.share} of rows"
    graph.node("Or", likely, graph.node("Equal", column, numbers, hint="is_best"), name=SET, words=words)
    graph.output(SET, np.bool_, (ROWS, len(plan.classes)), words)
