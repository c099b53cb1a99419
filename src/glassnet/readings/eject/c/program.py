"""A network as a C file: C99, nothing is allocated, the weights are constants."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet.data.tables.category_column import CategoryColumn
from glassnet.data.tables.targets import label_word
from glassnet.readings.eject.c import text
from glassnet.readings.eject.c.data import data
from glassnet.readings.eject.c.rows import example, row_array, row_table
from glassnet.readings.eject.c.run import run
from glassnet.readings.eject.c.syntax import (
    RESERVED,
    array,
    brackets,
    comment,
    literal,
    section,
    syntax,
)
from glassnet.readings.eject.c.training import TrainingText
from glassnet.readings.eject.c.training_text import TRAINING_TEST
from glassnet.readings.eject.c_family.program import (
    Function,
    expected_classes,
    functions,
    prediction,
    program_names,
    spaced,
)
from glassnet.readings.eject.c_family.syntax import DOUBLE, formula_kind
from glassnet.readings.eject.names import in_comment
from glassnet.readings.eject.plan import Plan
from glassnet.readings.eject.steps import symbols_of
from glassnet.readings.eject.templates import filled

__all__ = ["run", "write"]


def write(plan: Plan) -> str:
    """The program."""
    return CProgram(plan).text()


class CProgram:
    """A plan written in C."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.single = plan.dtype == np.float32
        self.one, self.zero = literal(1.0, self.single), literal(0.0, self.single)
        self.syntax = syntax(self.single)
        self.names = program_names(plan, RESERVED)
        taken = set(self.names.values())
        self.training = TrainingText(plan, self.syntax, dict(self.names)) if plan.training else None
        self.forward = prediction(plan, self.syntax, self.names, taken)
        used = self.forward.used | (self.training.step.used if self.training else set())
        self.functions, self.used = functions(plan, self.syntax, self.names, taken, used)
        self.table = plan.table
        self.classes = None if plan.classes is None else [label_word(label) for label in plan.classes]
        self.kinds = {isinstance(column, CategoryColumn) for column in self.table.features} if self.table else set()

    def text(self) -> str:
        """The whole file."""
        parts = [data(self.plan, self.classes), self.weights(), self.formulas(), self.network(), self.predict()]
        parts += ["\n".join(self.training.section())] if self.training else []
        parts += [self.test()]
        return "\n\n".join(part.strip("\n") for part in [self.head(), *parts] if part.strip()) + "\n"

    # the head

    def head(self) -> str:
        """What this is, how it is used, how large it is, and the headers that it needs."""
        from glassnet.data.files.version import __version__

        does = "tests itself and trains" if self.training else "tests itself"
        own = ["#define NETWORK_NO_MAIN", '#include "network.c"', "#include <stdio.h>", "", "int main(void)", "{"]
        own += [*(f"    {line}" for line in example(self.plan, self.outputs, self.single)), "    return 0;", "}"]
        lines = [
            self.plan.title,
            "",
            f"Made by glassnet {__version__}. C99: it needs the standard library alone, and allocates nothing.",
            *self.sizes(),
            "",
            f"Compile and run it, and it {does}:",
            "    cc -std=c99 -O2 network.c -lm -o network && ./network",
            "To use it, include it in a file of your own:",
            *(f"    {line}" for line in own),
        ]
        includes = ["math.h"]
        includes += ["stdint.h"] if self.training and self.training.training.random_state else []
        includes += ["stddef.h"] if self.table else []
        includes += ["string.h"] if True in self.kinds else []
        head = ["/*", *(f" * {line}".rstrip() for line in lines), " */"]
        head += ["", *(f"#include <{name}>" for name in includes)]
        head += ["#ifndef NETWORK_NO_MAIN", "#include <stdio.h>", "#endif"]
        size = "float" if self.single else "double"
        return "\n".join([*head, "", f"typedef {size} real;"])

    def sizes(self) -> list[str]:
        """Bytes of what stays and of what changes."""
        each = 4 if self.single else 8
        stack = (self.forward.kept + self.plan.n_inputs + self.plan.n_outputs) * each
        weights = sum(value.size for value in self.plan.arrays.values()) * each
        tables = self.table_bytes()
        if self.training is None:
            flash = f"{weights + tables:,} bytes, {weights:,} for weights and {tables:,} for tables and texts"
            return [f"Flash, beside the code: {flash}.", f"RAM: {stack:,} bytes of arrays, on the stack."]
        rows = sum(values.size for values, _ in self.training.data_names().values()) * each
        initial = self.training.initial
        parts = f"{initial:,} for initial weights, {rows:,} for rows to train on, {tables:,} for tables and texts"
        return [
            f"Flash, beside the code: {tables + rows + initial:,} bytes, {parts}.",
            f"RAM: {self.training.memory:,} bytes, and {stack:,} of arrays on the stack to predict.",
        ]

    def table_bytes(self) -> int:
        """Of the texts and numbers of the contract, with pointers of 8 bytes."""
        columns = self.table.features if self.table else ()
        texts = [*(self.classes or []), *(column.name for column in columns)]
        for column in columns:
            texts += column.categories if isinstance(column, CategoryColumn) else ()
        texts += self.plan.missing_words if True in self.kinds else ()
        return sum(len(word.encode("utf-8", "surrogatepass")) + 1 + 8 for word in texts) + len(columns) * 56

    @property
    def outputs(self) -> str:
        """What the outputs for classes are called."""
        return "probabilities" if self.plan.probabilities else "scores"

    # the network

    def weights(self) -> str:
        """Weights, biases, running means."""
        lines = [section("The weights"), ""]
        used = set().union(*map(symbols_of, self.plan.steps))
        if self.training:
            return "\n".join([*lines, *self.training.weights(used | self.training.read)])
        for name, values in self.plan.arrays.items():
            if name in used:
                dims = brackets([dim for dim in values.shape if dim != 1])
                note = f"({', '.join(map(str, values.shape))}{',' * (values.ndim == 1)})"
                lines += array(f"static const real {self.names[name]}{dims}", values, values.shape, note, self.single)
        return "\n".join(lines)

    def formulas(self) -> str:
        """The formulas of single numbers."""
        parts = [filled(text.SQUARE)] if "square" in self.used else []
        parts += [filled(text.SIGN, one=self.one, zero=self.zero)] if "sign" in self.used else []
        parts += ["\n".join(self.formula(function)) for function in self.functions]
        return "\n\n".join([section("The formulas"), *parts]) if parts else ""

    def formula(self, function: Function) -> list[str]:
        """One of them."""
        kind = DOUBLE if formula_kind(function.formula) == DOUBLE else "real"
        lines = comment(function.formula.meaning) if function.formula.meaning else []
        parameters = ", ".join(f"{kind} {name}" for name in function.formula.parameters)
        lines += [f"static {kind} {function.name}({parameters})", "{"]
        lines += [f"    const {kind} {name} = {part};" for name, part in function.parts]
        unused = [name for name in function.formula.parameters if not self.reads(function, name)]
        lines += [f"    (void){name};" for name in unused]
        return [*lines, f"    return {function.result};", "}"]

    @staticmethod
    def reads(function: Function, name: str) -> bool:
        """Whether a function's text has a parameter in it."""
        formula = function.formula
        return any(
            name in names_in(expression) for expression in (formula.result, *(part for _, part in formula.parts))
        )

    def network(self) -> str:
        """The forward pass."""
        steps = "\n".join(spaced(self.forward.lines, "/*"))
        return "\n\n".join([section("The network"), filled(text.FORWARD, steps=steps)])

    def predict(self) -> str:
        """From a row to its class or number."""
        cast = "(real)" if self.single else ""
        parts = [section("Predict"), filled(text.REFUSED, places="columns" if self.table else "numbers")]
        if self.table:
            cell = (
                text.BOTH_CELLS if len(self.kinds) == 2 else text.WORD_CELL if True in self.kinds else text.NUMBER_CELL
            )
            parts += [filled(text.SAME_WORD)] if True in self.kinds else []
            words = {"one": self.one, "zero": self.zero, "cast": cast}
            parts += [filled(text.ENCODE_TABLES, cell=filled(cell, **words), **words)]
            row, x = "const Row *row", "x"
            encode = "real x[N_INPUTS];\nif (!encode(row, x)) return -1;"
        else:
            parts += [filled(text.ENCODE_ARRAYS)]
            row, x, encode = "const real row[N_INPUTS]", "row", "if (!check(row)) return -1;"
        words = {"row": row, "x": x, "encode": encode, "outputs": self.outputs}
        if self.classes:
            forward = f"forward({x}, {self.outputs});"
            if self.plan.both:
                forward = f"real p[N_OUTPUTS];\nforward({x}, p);\n{self.outputs}[0] = {self.one} - p[0];"
                forward += f"\n{self.outputs}[1] = p[0];"
            what = "the probability of each" if self.plan.probabilities else "the output for each"
            parts += [filled(text.PREDICT_CLASSES, forward=forward, what=what, **words)]
        else:
            mean, scale = self.plan.units
            sign, size = ("-", -mean) if mean < 0 else ("+", mean)
            units = f"prediction[0] = {cast}(prediction[0] * {scale!r} {sign} {size!r}); /* scale and mean */"
            what = f"What is predicted for a row, {in_comment(self.plan.target_name)}"
            what += " in its own unit" if (mean, scale) != (0.0, 1.0) else ""
            units = units if (mean, scale) != (0.0, 1.0) else ""
            parts += [filled(text.PREDICT_NUMBERS, units=units, what=what, **words)]
        return "\n\n".join(parts)

    # the self-test

    def test(self) -> str:
        """The rows, and `main`."""
        plan, expected = self.plan, self.plan.expected
        assert expected.scale is not None
        outputs = expected.outputs.shape[1]
        lines = [f"enum {{ N_TESTED = {len(plan.rows)} }};", *row_array("TESTED", plan, self.single)]
        size = f"[N_TESTED][{outputs}]"
        lines += row_table(f"static const double EXPECTED{size}", expected.outputs)
        lines += array("static const double SCALES[N_TESTED]", expected.scale, expected.scale.shape, "", False)
        row = "&TESTED[i]" if self.table else "TESTED[i]"
        if self.classes:
            indices = ", ".join(map(str, expected_classes(plan)))
            lines += [f"static const int EXPECTED_CLASS[N_TESTED] = {{{indices}}};"]
            predict = f"const int best = predict({row}, found);\n"
            predict += "if (best != EXPECTED_CLASS[i]) same = 0;"
        else:
            predict = f"if (predict({row}, found) != 0) same = 0;"
        rows_allowed, weights_allowed = plan.allowed
        cast = "(double)" if self.single else ""
        train = ""
        if self.training:
            lines += self.training.expected()
            train = filled(TRAINING_TEST, allowed=weights_allowed, widen=cast)
        words = {"rows": "\n".join(lines), "outputs": str(outputs), "predict": predict, "allowed": rows_allowed}
        main = filled(text.MAIN, train=train, widen=cast, **words)
        return "\n\n".join([section("Self-test"), main])


def names_in(expression: Any) -> set[str]:
    """The symbols of an expression."""
    from glassnet.expressions.expression import postorder

    return {node.name for node in postorder(expression) if node.op == "symbol"}
