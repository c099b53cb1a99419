"""A network as a JavaScript module that runs in Node and in a page."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from glassnet.expressions.expression import ROWS, Dim
from glassnet.readings.eject.c_family.emitters import CFamily
from glassnet.readings.eject.c_family.program import FACTORS_ON, WIDTH, facts_of, listed, usual
from glassnet.readings.eject.interval import Interval
from glassnet.readings.eject.javascript import syntax, text
from glassnet.readings.eject.javascript.run import run
from glassnet.readings.eject.names import in_comment
from glassnet.readings.eject.plan import Plan
from glassnet.readings.eject.skeleton import answers_name, program

__all__ = ["run", "write"]

KINDS = {
    "numbers": "// A number: (number - mean) / scale, with fill for a missing one.",
    "words": "// A word: an input for each category, 1 where the word is it.",
    "dates": "// A date: days from 1970-01-01, as a number is; and its places on circles of so many days (periods).",
}
TYPES = {str: "string", bool: "boolean"}  # of classes; others are numbers
PARAMETERS = {
    ROWS: "{number} n rows in the batch",
    "t": "{number} t the number of this step, from 1",
    "epoch": "{number} epoch how many epochs are done, with fractions",
}


def write(plan: Plan) -> str:
    """The program."""
    dialect = JavaScript(plan)
    return program(plan, dialect, CFamily(plan, dialect))


class JavaScript:
    """How JavaScript writes a plan."""

    texts = text

    def __init__(self, plan: Plan) -> None:
        self.plan, self.syntax = plan, syntax.SYNTAX
        self.facts = facts_of(plan, self.syntax, syntax.RESERVED, text.MARK)
        self.batch = "N_ROWS" if self.facts.whole else syntax.BATCH  # how many rows arrays have room for

    def words(self) -> Mapping[str, str]:
        """Types, and how rows are given and answers compared."""
        plan = self.plan
        return {
            "example": "\n".join(self.example()),
            "type": "ArrayLike<number>" if plan.table is None else "Object|Map",
            "label": TYPES.get(type(plan.classes[0]), "number") if plan.classes else "",
            "predicted": f"{answers_name(plan, text)}(row)" if plan.classes else "[predict(row)].flat()",
            "training": "\n".join(syntax.comment(plan.training.title)) if plan.training else "",
            "batches": "" if self.facts.whole or not plan.training else f"const BATCH = {plan.training.batch_size};",
        }

    def example(self) -> list[str]:
        """A call of predict."""
        row = self.plan.example
        if row is None:
            return [f"predict(new Array({self.plan.n_inputs}).fill(0));"]
        if isinstance(row, list):
            return f"predict({syntax.items(map(syntax.literal, row))});".splitlines()
        return ["predict({", *(f"    {line}" for line in listed(self.pairs(row), WIDTH - 16)), "});"]

    # what is known about the data

    def contract(self) -> Mapping[str, str]:
        """A row, or its columns as objects; the classes."""
        plan, classes = self.plan, syntax.items(map(syntax.label, self.plan.classes or ()))
        if plan.table is None:
            names = ", ".join(map(in_comment, plan.contract.input_names[:40]))
            return {"row": "\n".join(syntax.comment(f"A row is {plan.n_inputs} numbers: {names}")), "classes": classes}
        columns = "\n".join(syntax.column(item, plan.has_levels) for item in plan.table.features)
        missing = syntax.items(map(syntax.string, plan.missing_words))
        return {
            "kinds": "\n".join(KINDS[kind] for kind in reversed(plan.kinds)),
            "columns": columns,
            "missing": missing,
            "classes": classes,
        }

    def pairs(self, row: Mapping[str, Any]) -> list[str]:
        """The properties of a row as an object: `"island": "Dream"`."""
        assert self.plan.table is not None
        return [f"{syntax.key(name)}: {syntax.cell(row[name])}" for name in self.plan.table.feature_names]

    # numbers

    def array(self, name: str, values: np.ndarray, note: str = "", changes: bool = False) -> list[str]:
        """`const b1 = new Float64Array([0.5, -1.5]);`, with a comment."""
        return syntax.array(name, values, note)

    def about(self, values: np.ndarray, changes: bool = False) -> str:
        """A comment on an array."""
        if changes:
            return "a running average, for prediction"
        return f"({', '.join(map(str, values.shape))}){', row by row' if values.ndim > 1 else ''}"

    def view(self, name: str, vector: str, place: slice, shape: tuple[int, ...]) -> str:
        """A name for a part of a vector."""
        return f"const {name} = {vector}.subarray({place.start}, {place.stop}); // ({', '.join(map(str, shape))})"

    def rows(self, name: str, values: np.ndarray, note: str) -> list[str]:
        """Rows."""
        return syntax.array(name, values, note)

    def room(self, name: str, dims: tuple[Dim, ...], note: str = "") -> str:
        """`const z1 = new Float64Array(BATCH * 4);`"""
        return f"const {name} = new Float64Array({syntax.length(dims, self.batch)});{f' // {note}' if note else ''}"

    def marks(self, name: str, values: np.ndarray, runs: list[tuple[int, int]] | None) -> list[str]:
        """A vector of 0 and 1."""
        what = {"penalised": "1 where the penalties pull, else 0", "trainable": "0 where a number is frozen, else 1"}
        if runs is None:
            bits = "".join("1" if mark else "0" for mark in values)
            return [f"// {what[name]}", f'const {name} = Float64Array.from("{bits}", Number);']
        fills = "".join(f".fill(1, {low}, {high})" for low, high in runs)
        return [f"// {what[name]}", f"const {name} = new Float64Array({len(values)}){fills};"]

    def factors(self, name: str, size: int, pieces: list[tuple[int, int, float]]) -> list[str]:
        """A vector of ones, or of zeros, filled with other numbers here and there."""
        most, others = usual(pieces)
        fills = "".join(f".fill({syntax.literal(factor)}, {low}, {high})" for low, high, factor in others)
        return [
            f"// a factor on {FACTORS_ON[name]} each number",
            f"const {name} = new Float64Array({size}){'.fill(1)' * (most == 1.0)}{fills};",
        ]

    def generator(self, state: Mapping[str, Any]) -> Mapping[str, str]:
        """Numbers of 128 bits."""
        numbers = {"state": state["state"]["state"], "plus": state["state"]["inc"]}
        half = str(int(state["uinteger"])) if state["has_uint32"] else "null"
        return {**{name: f"{int(value):#034x}" for name, value in numbers.items()}, "half_bits": half}

    # functions

    def function(self, result: str, name: str, parameters: Mapping[str, str], body: list[str]) -> list[str]:
        """`function half(z) { … }`"""
        return [f"function {name}({', '.join(parameters)}) {{", *(f"    {line}".rstrip() for line in body), "}"]

    def doc(self, words: str, parameters: Collection[str], returned: bool) -> list[str]:
        """A JSDoc comment."""
        notes = [f"@param {PARAMETERS[name]}" for name in parameters]
        return syntax.doc(words, *notes, *(["@returns {number} the loss of the batch"] if returned else []))

    def number(self) -> Mapping[str, str]:
        """A number, or several."""
        value, (mean, scale) = "p[0]" if self.plan.flat else "Array.from(p)", self.plan.units
        if (mean, scale) != (0.0, 1.0):
            number = syntax.literal(mean)
            value += f" * {syntax.literal(scale)} {f'- {number[1:]}' if number.startswith('-') else f'+ {number}'}"
        if self.plan.held:
            low, high = map(syntax.literal, self.plan.held)  # of training
            value = f"Math.min(Math.max({value}, {low}), {high})"
        return {"result": "number" if self.plan.flat else "number[]", "value": value}

    def interval(self, known: Interval) -> Mapping[str, str]:
        """Lists of numbers."""
        lists = {"edges": known.edges, "widths": known.widths}
        return {
            "least": syntax.literal(known.least),
            **{name: syntax.items(map(syntax.literal, of.tolist())) for name, of in lists.items()},
        }

    # the self-test

    def tested(self) -> str:
        """Rows, outputs, scales, classes."""
        plan, expected = self.plan, self.plan.expected
        assert expected.scale is not None
        lines = ["const TESTED = ["]
        for row in plan.rows:
            inner = self.pairs(row) if isinstance(row, dict) else [syntax.literal(value) for value in row]
            start, end = ("{ ", " }") if isinstance(row, dict) else ("[", "]")
            lines += bracketed(inner, start, end)
        lines += ["];", "const EXPECTED = ["]
        for row in expected.outputs:
            lines += bracketed([syntax.literal(value) for value in row], "[", "]")
        lines += ["];", f"const SCALES = {syntax.items(map(syntax.literal, expected.scale))};"]
        if plan.classes:
            labels = [syntax.label(plan.classes[k]) for k in plan.expected_classes]
            lines += [f"const EXPECTED_CLASSES = {syntax.items(labels)};"]
        return "\n".join(lines)

    def trained(self) -> str:
        """Losses, and theta."""
        training = self.plan.training
        assert training is not None
        losses = [f"    [{epoch}, {syntax.literal(loss)}]," for epoch, loss in training.checked.items()]
        lines = ["const EXPECTED_LOSSES = new Map([", *losses, "]);"]
        return "\n".join([*lines, *syntax.array("EXPECTED_THETA", training.theta_after, "")])


def bracketed(inner: list[str], start: str, end: str) -> list[str]:
    """An item of a list, on several lines where it is long."""
    body = listed(inner, WIDTH - 8)
    if len(body) == 1:
        return [f"    {start}{body[0].removesuffix(',')}{end},"]
    return [f"    {start.strip()}", *(f"        {line}" for line in body), f"    {end.strip()},"]
