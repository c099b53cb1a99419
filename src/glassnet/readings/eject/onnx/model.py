"""A network as an ONNX file, to predict wherever ONNX runs: servers, telephones, browsers, other languages.

Inputs are what a user has: `X` (n, inputs) for arrays; for a table an input (n, 1) for each column, numbers in double
precision with NaN where one is missing, words as text with "" where one is missing, dates as days from 1970-01-01, with
the time in UTC as a fraction, NaN where one is missing: operations of ONNX cannot read a date from a text. Outputs are
`label` (n,) and `probabilities` (n, classes), or `prediction` in the target's units; with an interval also `set`
(n, classes), or `lower` and `upper` (n,). What an ONNX file cannot do: strip
blanks from around a word, take a number for the word that is its text, refuse a number that is infinite.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.data.files.version import __version__
from glassnet.data.tables.dates import days_of_text
from glassnet.data.tables.targets import label_word
from glassnet.derivation.contents import NO_BREAK, contents
from glassnet.derivation.page import text
from glassnet.expressions.expression import ROWS
from glassnet.readings.eject.answers import Answers
from glassnet.readings.eject.onnx.data import (
    LABEL,
    LOWER,
    PREDICTION,
    SET,
    UPPER,
    names_taken,
    renamed_inputs,
    write_inputs,
    write_outputs,
)
from glassnet.readings.eject.onnx.graph import Graph
from glassnet.readings.eject.onnx.steps import write_step
from glassnet.readings.eject.plan import Plan
from glassnet.readings.eject.random_rows import RawRows
from glassnet.readings.eject.steps import as_arithmetic, symbols_of
from glassnet.readings.eject.tools import ToolMissing


def write(plan: Plan) -> bytes:
    """The network as the bytes of an ONNX file; the same network gives the same bytes."""
    graph = Graph(dtype=plan.dtype, taken=names_taken(plan))
    x, columns = write_inputs(graph, plan)
    steps = as_arithmetic(plan.derivation.steps)
    used = {name for step in steps for name in symbols_of(step)}
    names = {"x": x, **write_arrays(graph, plan, used)}
    if ROWS in used:
        names[ROWS] = write_row_count(graph)
    names |= {step.name: graph.free(step.name) for step in steps}
    told = {step.name: ": ".join(filter(None, (step.formula, step.reason))) for step in plan.steps}
    for step in steps:
        write_step(graph, step, names, names[step.name], told[step.name])
    write_outputs(graph, plan, names[steps[-1].name])
    title = " · ".join(contents(plan.derivation).heading).replace(NO_BREAK, " ")
    more = {"glassnet_version": __version__, **own_data(plan, columns)}
    called = ", ".join(f"{name} is the column {column!r}" for column, name in renamed_inputs(plan).items())
    words = f"{title}; predicts {plan.target_name}{f'; {called}' if called else ''}"
    return graph.model("network", words, __version__, more)


def write_arrays(graph: Graph, plan: Plan, used: Collection[str]) -> dict[str, str]:
    """Those weights, biases, running means and named numbers that are used; what each is called in the graph."""
    arrays = {**plan.arrays, **{name: np.array(value) for name, value in plan.derivation.constants.items()}}
    with np.errstate(over="ignore"):
        return {name: graph.array(name, value.astype(plan.dtype)) for name, value in arrays.items() if name in used}


def write_row_count(graph: Graph) -> str:
    """How many rows there are, as a number without axes."""
    first = graph.inputs[0].name
    rows = graph.node("Shape", first, hint="rows", start=0, end=1)
    return graph.cast(graph.node("Squeeze", rows, hint="row_count"), graph.dtype, name=graph.free(ROWS))


def own_data(plan: Plan, columns: list[Any]) -> dict[str, str]:
    """What a file says of itself beside the graph, as text; all but the derivation are JSON.

    `renamed_inputs` has the columns whose inputs are called otherwise: column → input.
    """
    classes = {} if plan.classes is None else {"classes": json.dumps(plan.classes)}
    return {
        "columns": json.dumps(columns),
        **classes,
        "target": json.dumps(plan.target_name),
        "renamed_inputs": json.dumps(renamed_inputs(plan)),
        "derivation": text(plan.derivation),
    }


# running it


def run(plan: Plan, program: Path, rows: RawRows) -> tuple[Answers, str]:
    """What onnxruntime says of rows, and its version."""
    try:
        onnxruntime = import_module("onnxruntime")
    except ImportError:
        raise ToolMissing("onnxruntime is needed to run this file: pip install onnxruntime") from None
    session: Any = onnxruntime.InferenceSession(program, providers=["CPUExecutionProvider"])
    columns = json.loads(session.get_modelmeta().custom_metadata_map["columns"])
    names = [item.name for item in session.get_outputs()]
    found = session.run(names, given(plan, columns, rows))
    return as_answers(dict(zip(names, found, strict=True))), f"onnxruntime {onnxruntime.__version__}"


def given(plan: Plan, columns: list[Any], rows: RawRows) -> dict[str, np.ndarray]:
    """Rows as the file's inputs, as its own list of columns describes them."""
    if isinstance(rows, np.ndarray):
        return {"X": rows.astype(plan.dtype)}
    return {item["input"]: column([row[item["name"]] for row in rows], item["kind"]) for item in columns}


def column(values: list[float | str | None], kind: str) -> np.ndarray:
    """A column (n, 1) of numbers or of days to dates, NaN for what is missing, or of words, "" for what is missing."""
    if kind == "date":
        values = [None if value is None else days_of_text(str(value).strip()) for value in values]
    if kind != "category":
        return np.array([[np.nan if value is None else value] for value in values], np.float64).reshape(-1, 1)
    return np.array([["" if value is None else value] for value in values], object).reshape(-1, 1)


def as_answers(found: dict[str, np.ndarray]) -> Answers:
    """The file's outputs as answers."""
    if LABEL not in found:
        numbers = found[PREDICTION]
        ends = np.stack([found[LOWER], found[UPPER]], axis=1) if LOWER in found else None
        return Answers(outputs=numbers.reshape(len(numbers), -1).astype(np.float64), ends=ends)
    (outputs,) = (value for name, value in found.items() if name not in (LABEL, SET))
    return Answers(
        outputs=outputs.astype(np.float64),
        words=tuple(label_word(label) for label in found[LABEL].tolist()),
        ends=found[SET].astype(np.float64) if SET in found else None,
    )
