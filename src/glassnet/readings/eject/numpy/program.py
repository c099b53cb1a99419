"""A network as a Python file that needs NumPy alone."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Mapping
from pathlib import Path
from textwrap import indent

import numpy as np

from glassnet.data.tables.category_column import CategoryColumn
from glassnet.data.tables.targets import label_word
from glassnet.derivation.contents import shape_text
from glassnet.readings.eject.answers import Answers
from glassnet.readings.eject.formulas import Formula, is_function
from glassnet.readings.eject.names import in_comment
from glassnet.readings.eject.numpy import text
from glassnet.readings.eject.numpy.lines import Lines
from glassnet.readings.eject.numpy.text import section
from glassnet.readings.eject.numpy.training import TrainingPart
from glassnet.readings.eject.numpy.values import (
    array_text,
    call,
    cell,
    column_text,
    dictionary,
    docstring,
    joined,
    label_text,
    list_text,
    literal,
    wrapped_comment,
)
from glassnet.readings.eject.plan import Plan
from glassnet.readings.eject.random_rows import RawRows
from glassnet.readings.eject.steps import counts_rows
from glassnet.readings.eject.templates import filled
from glassnet.readings.eject.tools import run as run_tool
from glassnet.readings.eject.training_plan import Training


def write(plan: Plan) -> str:
    """The program."""
    return NumPyProgram(plan).text()


class NumPyProgram:
    """A plan written in Python."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.training, self.lines = plan, plan.training, Lines(plan)

    def text(self) -> str:
        """The whole file."""
        parts = [self.title(), "import numpy as np", self.data(), self.weights(), self.formulas(), self.forward()]
        parts += [
            self.predict(),
            *([TrainingPart(self.lines, self.training).text()] if self.training else []),
            self.test(),
        ]
        return "\n\n\n".join(part.strip("\n") for part in parts if part.strip()) + "\n"

    # the head

    def title(self) -> str:
        """The module's docstring."""
        from glassnet.data.files.version import __version__

        does = "tests itself and trains" if self.training else "tests itself"
        names = ["predict", *([self.answers] if self.plan.classes else []), *(["train"] if self.training else [])]
        lines = [self.plan.title, "", f"Made by glassnet {__version__}; it needs NumPy alone.", ""]
        lines += [f"    python network.py    {does}", "", f"    from network import {', '.join(names)}"]
        lines += [f"    {line}" for line in self.example()]
        words = "\n".join(lines)
        return ("r" if "\\" in words else "") + f'"""{words}\n"""'

    def example(self) -> list[str]:
        """A call of `predict`, for the module's docstring."""
        row = self.plan.example
        if row is None:
            return ["import numpy as np", f"predict(np.zeros((1, {self.plan.n_inputs})))"]
        if isinstance(row, dict):
            items = [f"{literal(name)}: {cell(value)}" for name, value in row.items()]
            return call("predict", "{", items, "}")
        return call("predict", "[", list(map(repr, row)), "]")

    # what is known about the data

    def data(self) -> str:
        """The contract."""
        lines = [section("The data")]
        if self.plan.table is None:
            names = ", ".join(map(in_comment, self.plan.contract.input_names[:20]))
            lines += wrapped_comment(f"A row is {self.plan.n_inputs} numbers: {names}")
        else:
            lines += ["# Each column, and how its values become inputs of the network.", "COLUMNS = ["]
            lines += [indent(f"{column_text(column)},", "    ") for column in self.plan.table.features]
            lines += ["]", f"MISSING = {{{', '.join(map(literal, self.plan.missing_words))}}}  # count as missing"]
        if self.plan.classes is not None:
            lines += list_text("CLASSES", [label_text(label) for label in self.plan.classes])
        return "\n".join(lines)

    def weights(self) -> str:
        """Weights, biases, running means."""
        lines = [section("The weights")]
        if self.training and not self.lines.by_array:
            return "\n".join([*lines, *self.weights_in_theta(self.training)])
        for name, array in self.plan.arrays.items():
            lines += self.lines.array(name, array, shape_text(array.shape))
        return "\n".join(lines)

    def weights_in_theta(self, training: Training) -> list[str]:
        """All that is learnt as one vector, each array a part of it."""
        layout = training.derivation.layout
        size = f"{layout.size} numbers"
        lines = self.lines.array("theta", training.theta, f"all that is learnt, {size}")
        for name, place in layout.slices.items():
            shape = layout.shapes[name]
            lines.append(
                f"{name} = theta[{place.start}:{place.stop}].reshape({shape})  # a view: it changes with theta"
            )
        for name, array in self.plan.arrays.items():
            if name not in layout.shapes:  # running means
                lines += self.lines.array(name, array, shape_text(array.shape))
        return lines

    # formulas

    def formulas(self) -> str:
        """The named formulas as functions."""
        own = [item for item in self.plan.formulas.values() if not is_function(item.body, item.name)]
        if not own:
            return ""
        return "\n\n\n".join([section("The formulas"), *map(self.formula, own)]).replace("-\n\n\n", "-\n", 1)

    def formula(self, formula: Formula) -> str:
        """One of them."""
        lines = [f"def {self.lines.names[formula.name]}({', '.join(formula.parameters)}):"]
        lines += [f'    """{docstring(formula.meaning)}"""'] if formula.meaning else []
        lines += [f"    {name} = {self.lines.expression(part)}" for name, part in formula.parts]
        return "\n".join([*lines, f"    return {self.lines.expression(formula.result)}"])

    # forward

    def forward(self) -> str:
        """The function from encoded rows to p."""
        lines = [section("Forward: from numbers to a prediction"), "def forward(x):"]
        lines += [f'    """Encoded rows x (n, {self.plan.n_inputs}) to predictions p (n, {self.plan.n_outputs})."""']
        steps = self.plan.steps
        lines += ["    n = len(x)"] if any(map(counts_rows, steps)) else []
        lines += indent("\n".join(map(self.lines.line, steps)), "    ").splitlines()
        return "\n".join([*lines, "    return p"])

    def predict(self) -> str:
        """From rows as a user has them to labels or numbers."""
        plan = self.plan
        words = {"n_inputs": str(plan.n_inputs), "dtype": self.lines.dtype}
        parts = [section("Predict: from rows as you have them"), self.encode(words)]
        if plan.classes is not None:
            both = "p = forward(encode(rows))\nreturn np.hstack([1 - p, p])" if plan.both else ""
            what = "The probability of each class" if plan.probabilities else "The output for each class"
            words = {"outputs": self.answers, "what": what, "K": str(len(plan.classes))}
            parts.append(filled(text.PREDICT_CLASSES, **words, forward=both or "return forward(encode(rows))"))
        else:
            parts.append(filled(text.PREDICT_NUMBERS, **self.number()))
        return "\n\n\n".join(parts).replace("-\n\n\n", "-\n", 1)

    @property
    def answers(self) -> str:
        """The function whose numbers are tested."""
        if self.plan.classes is None:
            return "predict"
        return "predict_proba" if self.plan.probabilities else "outputs"

    def number(self) -> dict[str, str]:
        """What is predicted, in words, and what makes it of p."""
        table = self.plan.table
        if table is None:
            flat = self.plan.flat
            what = "the number predicted for each row, (n,)" if flat else f"the numbers, (n, {self.plan.n_outputs})"
            return {"what": what, "value": "p[:, 0]" if flat else "p"}
        mean, scale = self.plan.units
        what, value = f"{in_comment(table.target.name)} of each row in its own unit, (n,)", "p[:, 0]"
        if (mean, scale) != (0.0, 1.0):
            value += f"{'.astype(float)' if self.lines.single else ''} * {scale!r} + {mean!r}"
        return {"what": what, "value": value}

    def encode(self, words: Mapping[str, str]) -> str:
        """The functions that make numbers of rows."""
        if self.plan.table is None:
            return filled(text.ENCODE_ARRAYS, **words)
        kinds = {isinstance(column, CategoryColumn) for column in self.plan.table.features}
        body = text.ENCODE_TABLES
        if len(kinds) == 1:  # columns of one kind only
            only = "one_hot(column, value, absent)" if True in kinds else "[scaled(column, value, absent, k)]"
            body = body.replace(
                'one_hot(column, value, absent) if "categories" in column else [scaled(column, value, absent, k)]', only
            )
        parts = [filled(body, **words), filled(text.NUMBER)]
        parts += [filled(text.SCALED)] if False in kinds else []
        parts += [filled(text.ONE_HOT)] if True in kinds else []
        return "\n\n\n".join(parts)

    # the test

    def test(self) -> str:
        """Rows with known answers, and what the file does when it is run."""
        plan, expected = self.plan, self.plan.expected
        lines = [
            section("Self-test"),
            "# Rows, what glassnet says of them, and the scale of each: the largest number on the way.",
        ]
        lines += self.given_rows()
        lines += list_text("EXPECTED", array_text(expected.outputs), joined=False)
        assert expected.scale is not None
        lines += list_text("SCALES", [repr(float(value)) for value in expected.scale])
        if plan.classes is not None:
            by_word = {label_word(label): label_text(label) for label in plan.classes}
            lines += list_text("EXPECTED_CLASSES", [by_word[word] for word in expected.words])
        classes = text.CLASSES_TEST.strip() if plan.classes is not None else ""
        given = {"answers": self.answers, "allowed": plan.allowed[0], "classes": classes}
        parts = ["\n".join(lines), filled(text.SELF_TEST, **given)]
        last = ['if __name__ == "__main__":', "    self_test()"]
        if self.training:
            parts += [self.training_test(self.training), self.show(self.training)]
            last += ["    training_test()", "    show()"]
        return "\n\n\n".join([*parts, "\n".join(last)])

    def given_rows(self) -> list[str]:
        """The rows of the test."""
        rows = self.plan.rows
        if isinstance(rows, np.ndarray):
            return list_text("ROWS", array_text(rows), joined=False)
        shown = [dictionary(f"{literal(name)}: {cell(value)}" for name, value in row.items()) for row in rows]
        return ["ROWS = [", *(indent(f"{row},", "    ") for row in shown), "]"]

    def training_test(self, training: Training) -> str:
        """What training must end with."""
        lines = ["# All weights, and the loss of the last epoch, as glassnet finds them."]
        lines += ["EXPECTED_WEIGHTS = np.array(", *(f"    {line}" for line in array_text(training.theta_after)), ")"]
        lines.append(f"EXPECTED_LOSS = {training.losses[-1]!r}")
        weights = joined("trained", training.derivation.layout.shapes)
        return "\n".join(lines) + "\n\n\n" + filled(text.TRAINING_TEST, weights=weights, allowed=self.plan.allowed[1])

    def show(self, training: Training) -> str:
        """Predictions of the first rows after training."""
        if self.plan.classes is None:
            one = self.plan.n_outputs == 1
            form = 'f"{predicted:.4f}"' if one else "np.round(predicted, 4)"
            values = {name: f"decode({of}){'.ravel()' * one}" for name, of in (("p", "forward(X)"), ("y", "Y"))}
            return filled(text.SHOW, **values, predicted=form, wanted=form.replace("predicted", "wanted"))
        codes = "({}[:, 0] > 0.5).astype(int)" if self.plan.both else "{}.argmax(axis=1)"
        values = {"p": codes.format("forward(X)"), "y": codes.format("Y")}
        return filled(text.SHOW, **values, predicted="CLASSES[predicted]", wanted="CLASSES[wanted]")


# running it

DRIVER = """\
import importlib.util, json, sys
import numpy as np
spec = importlib.util.spec_from_file_location("network", sys.argv[1])
network = importlib.util.module_from_spec(spec)
spec.loader.exec_module(network)
rows, function, training = json.load(sys.stdin)
answer = {}
if training:
    losses = network.train()
    trained = [getattr(network, name).ravel().tolist() for name in training]
    answer = {"losses": [float(loss) for loss in losses], "theta": sum(trained, [])}
found = getattr(network, function)(rows)
answer["outputs"] = np.reshape(found, (len(rows), -1)).astype(float).tolist()
answer["words"] = [str(label) for label in network.predict(rows)] if function != "predict" else []
print("\\n" + json.dumps(answer))
"""


def run(plan: Plan, program: Path, rows: RawRows) -> tuple[Answers, str]:
    """What the program says, run by this Python."""
    function = NumPyProgram(plan).answers
    arrays = list(plan.training.derivation.layout.shapes) if plan.training else []
    given = json.dumps([rows.tolist() if isinstance(rows, np.ndarray) else rows, function, arrays])
    printed = run_tool([sys.executable, "-I", "-W", "error", "-c", DRIVER, program], program.parent, given)
    found = json.loads(printed.splitlines()[-1])
    words = [label_word(label) for label in plan.classes or ()]
    by_text = dict(zip(map(str, plan.classes or ()), words, strict=True))
    theta = np.array(found["theta"]) if plan.training else None
    answers = Answers(
        np.array(found["outputs"]),
        tuple(by_text[word] for word in found["words"]),
        theta=theta,
        losses=tuple(found.get("losses", ())),
    )
    return answers, f"Python {platform.python_version()} with NumPy {np.__version__}"
