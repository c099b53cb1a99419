"""A network as a JavaScript module that runs in Node and in a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from glassnet.data.tables.category_column import CategoryColumn
from glassnet.readings.eject.c_family.program import (
    WIDTH,
    Function,
    expected_classes,
    functions,
    listed,
    prediction,
    program_names,
    spaced,
)
from glassnet.readings.eject.javascript import text
from glassnet.readings.eject.javascript.run import run
from glassnet.readings.eject.javascript.syntax import (
    RESERVED,
    SYNTAX,
    array,
    comment,
    items,
    key,
    label,
    literal,
    section,
    string,
)
from glassnet.readings.eject.javascript.training import TrainingText
from glassnet.readings.eject.javascript.training_text import TRAINING_TEST
from glassnet.readings.eject.names import in_comment
from glassnet.readings.eject.plan import Plan
from glassnet.readings.eject.steps import symbols_of
from glassnet.readings.eject.templates import filled

__all__ = ["run", "write"]


def write(plan: Plan) -> str:
    """The program."""
    return JavaScriptProgram(plan).text()


class JavaScriptProgram:
    """A plan written in JavaScript."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.table = plan, plan.table
        self.names = program_names(plan, RESERVED)
        taken = set(self.names.values())
        self.training = TrainingText(plan, dict(self.names)) if plan.training else None
        self.forward = prediction(plan, SYNTAX, self.names, taken)
        used = self.forward.used | (self.training.step.used if self.training else set())
        self.functions, _ = functions(plan, SYNTAX, self.names, taken, used)
        self.kinds = {isinstance(column, CategoryColumn) for column in self.table.features} if self.table else set()

    def text(self) -> str:
        """The whole file."""
        parts = [self.head(), self.data(), self.weights(), self.formulas(), self.network(), self.predict()]
        parts += ["\n".join(self.training.section())] if self.training else []
        parts += [self.test()]
        return "\n\n".join(part.strip("\n") for part in parts if part.strip()) + "\n"

    # the head

    def head(self) -> str:
        """What this is, and how it is used."""
        from glassnet.data.files.version import __version__

        does = "tests itself and trains" if self.training else "tests itself"
        given = self.example()
        lines = [
            self.plan.title,
            "",
            f"Made by glassnet {__version__}. A module for Node and for pages; it needs nothing else.",
            "",
            f"    node network.mjs    {does}",
            "",
            f'    import {{ {", ".join(self.exports())} }} from "./network.mjs";',
            *(f"    {line}" for line in given),
        ]
        return "\n".join(f"// {line}".rstrip() for line in lines)

    def exports(self) -> list[str]:
        """The functions for users."""
        return ["predict", *([self.outputs] if self.plan.classes else []), *(["train"] if self.training else [])]

    def example(self) -> list[str]:
        """A call of predict."""
        row = self.plan.example
        if row is None:
            return [f"predict(new Array({self.plan.n_inputs}).fill(0));"]
        if isinstance(row, list):
            return f"predict({items(map(literal, row))});".splitlines()
        return ["predict({", *(f"    {line}" for line in listed(pairs(self.plan, row), WIDTH - 16)), "});"]

    @property
    def outputs(self) -> str:
        """The function that gives the outputs for classes."""
        return "predictProba" if self.plan.probabilities else "predictScores"

    # what is known about the data

    def data(self) -> str:
        """The contract."""
        plan = self.plan
        lines = [section("The data"), ""]
        if self.table is None:
            names = ", ".join(map(in_comment, plan.contract.input_names[:40]))
            lines += comment(f"A row is {plan.n_inputs} numbers: {names}")
        else:
            lines += ["// The columns, and how each becomes inputs of the network."]
            if False in self.kinds:
                lines += ["// A number: (number - mean) / scale, with fill for a missing one."]
            if True in self.kinds:
                lines += ["// A word: an input for each category, 1 where the word is it."]
            lines += ['// missing: whether "is missing" is an input of its own.', "export const COLUMNS = ["]
            for column in self.table.features:
                lines += [f"    {line}" for line in column_text(column).splitlines()]
            lines += ["];", "", "// Texts that mean: missing. So do null, undefined and NaN."]
            lines += [f"const MISSING = {items(map(string, plan.missing_words))};"]
        if plan.classes is not None:
            lines += ["", *comment(f"The classes of {in_comment(plan.target_name)}.")]
            lines += [f"export const CLASSES = {items(map(label, plan.classes))};"]
        return "\n".join(lines)

    # the network

    def weights(self) -> str:
        """Weights, biases, running means."""
        lines = [section("The weights"), ""]
        used = set().union(*map(symbols_of, self.plan.steps))
        if self.training:
            return "\n".join([*lines, *self.training.weights(used | self.training.read)])
        for name, values in self.plan.arrays.items():
            if name in used:
                shape = f"({', '.join(map(str, values.shape))})"
                lines += array(self.names[name], values, f"{shape}, row by row" if values.ndim > 1 else shape)
        return "\n".join(lines)

    def formulas(self) -> str:
        """The formulas of single numbers."""
        parts = ["\n".join(self.formula(function)) for function in self.functions]
        return "\n\n".join([section("The formulas"), *parts]) if parts else ""

    @staticmethod
    def formula(function: Function) -> list[str]:
        """One of them."""
        lines = comment(function.formula.meaning) if function.formula.meaning else []
        lines += [f"function {function.name}({', '.join(function.formula.parameters)}) {{"]
        lines += [f"    const {name} = {part};" for name, part in function.parts]
        return [*lines, f"    return {function.result};", "}"]

    def network(self) -> str:
        """The forward pass."""
        sizes = {"inputs": str(self.plan.n_inputs), "outputs": str(self.plan.n_outputs)}
        return "\n\n".join(
            [section("The network"), filled(text.FORWARD, steps="\n".join(spaced(self.forward.lines, "//")), **sizes)]
        )

    def predict(self) -> str:
        """From a row to its class or number."""
        plan, inputs = self.plan, str(self.plan.n_inputs)
        parts = [section("Predict"), filled(text.SHOWN)]
        if self.table is None:
            parts += [filled(text.ENCODE_ARRAYS, inputs=inputs)]
        else:
            word, number = "oneHot(column, value, absent)", "scaled(column, value, absent)"
            push = f"x.push(...{word});" if False not in self.kinds else f"x.push({number});"
            if len(self.kinds) == 2:
                push = f"x.push(...(column.categories ? {word} : [{number}]));"
            parts += [filled(text.ENCODE_TABLES, inputs=inputs, push=push)]
            parts += [filled(text.SCALED)] if False in self.kinds else []
            parts += [filled(text.ONE_HOT)] if True in self.kinds else []
        words = {"type": "ArrayLike<number>" if self.table is None else "Object|Map"}
        if plan.classes is not None:
            what = "The probability of each class" if plan.probabilities else "The output for each class"
            kinds = {str: "string", bool: "boolean"}
            words |= {"outputs": self.outputs, "what": what, "classes": str(len(plan.classes))}
            words |= {"both": "[1 - p[0], p[0]]" if plan.both else "Array.from(p)"}
            return "\n\n".join(
                [*parts, filled(text.PREDICT_CLASSES, label=kinds.get(type(plan.classes[0]), "number"), **words)]
            )
        mean, scale = plan.units
        value = "p[0]" if plan.flat else "Array.from(p)"
        value += f" * {literal(scale)} {signed(literal(mean))}" if (mean, scale) != (0.0, 1.0) else ""
        what = f"What is predicted for a row, {in_comment(plan.target_name)}"
        what += " in its own unit" if (mean, scale) != (0.0, 1.0) else ""
        words |= {"result": "number" if plan.flat else "number[]", "value": value, "what": what}
        return "\n\n".join([*parts, filled(text.PREDICT_NUMBERS, **words)])

    # the self-test

    def test(self) -> str:
        """The rows, and the function that compares."""
        plan, expected = self.plan, self.plan.expected
        assert expected.scale is not None
        lines = ["const TESTED = ["]
        for row in plan.rows:
            inner = pairs(plan, row) if isinstance(row, dict) else [literal(value) for value in row]
            start, end = ("{ ", " }") if isinstance(row, dict) else ("[", "]")
            body = listed(inner, WIDTH - 8)
            if len(body) == 1:
                lines += [f"    {start}{body[0].removesuffix(',')}{end},"]
            else:
                lines += [f"    {start.strip()}", *(f"        {line}" for line in body), f"    {end.strip()},"]
        lines += ["];", "const EXPECTED = ["]
        for row in expected.outputs:
            body = listed([literal(value) for value in row], WIDTH - 8)
            joined = "\n        ".join(body)
            lines += [f"    [{body[0].removesuffix(',')}]," if len(body) == 1 else f"    [\n        {joined}\n    ],"]
        lines += ["];", f"const SCALES = {items(map(literal, expected.scale))};"]
        rows_allowed, weights_allowed = plan.allowed
        words = {"outputs": str(expected.outputs.shape[1]), "allowed": rows_allowed, "classes": "", "train": ""}
        words["predict"] = f"{self.outputs}(row)" if plan.classes else "[predict(row)].flat()"
        if plan.classes is not None:
            labels = [label(plan.classes[k]) for k in expected_classes(plan)]
            lines += [f"const EXPECTED_CLASSES = {items(labels)};"]
            words["classes"] = filled(text.CLASSES_TEST)
        if self.training:
            lines += self.training.expected()
            words["train"] = filled(TRAINING_TEST, allowed=weights_allowed)
        return "\n\n".join([section("Self-test"), filled(text.TEST, rows="\n".join(lines), **words)])


def signed(number: str) -> str:
    """`+ 3`, `- 3`."""
    return f"- {number[1:]}" if number.startswith("-") else f"+ {number}"


def column_text(column: Any) -> str:
    """A column as an object."""
    if isinstance(column, CategoryColumn):
        words = items(map(string, column.categories))
        fields = f"name: {string(column.name)}, categories: {words}, missing: {str(column.missing).lower()}"
    else:
        numbers = ", ".join(f"{name}: {literal(getattr(column, name))}" for name in ("mean", "scale", "fill"))
        fields = f"name: {string(column.name)}, {numbers}, missing: {str(column.indicator).lower()}"
    return f"{{ {fields} }},"


def pairs(plan: Plan, row: Mapping[str, Any]) -> list[str]:
    """The properties of a row as an object: `"island": "Dream"`."""
    assert plan.table is not None
    found = []
    for name in plan.table.feature_names:
        value = row[name]
        cell = "null" if value is None else string(value) if isinstance(value, str) else literal(value)
        found.append(f"{key(name)}: {cell}")
    return found
