"""A network as an R program that needs no packages."""

from __future__ import annotations

import textwrap
from pathlib import Path

import numpy as np

from glassnet.data.tables.category_column import CategoryColumn
from glassnet.data.tables.targets import label_word
from glassnet.derivation.contents import heading
from glassnet.readings.eject.answers import Answers
from glassnet.readings.eject.names import in_comment
from glassnet.readings.eject.plan import Plan
from glassnet.readings.eject.r import text, values
from glassnet.readings.eject.r.contract import column_text, rows_text
from glassnet.readings.eject.r.training import TrainingWriter
from glassnet.readings.eject.r.writer import Writer, commented, rows_counted, safe, shape_text
from glassnet.readings.eject.random_rows import RawRows
from glassnet.readings.eject.templates import filled
from glassnet.readings.eject.tools import find_tool
from glassnet.readings.eject.tools import run as run_tool
from glassnet.readings.eject.training_plan import Training

WIDTH = values.WIDTH
SHOWN = 10  # rows whose predictions are printed after training


def write(plan: Plan) -> str:
    """The program."""
    return RProgram(plan).text()


class RProgram:
    """A plan written in R."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.training, self.writer = plan, plan.training, Writer(plan)

    def text(self) -> str:
        """The whole file."""
        parts = [self.title(), *self.data(), *self.weights(), *self.formulas(), *self.forward(), *self.predict()]
        parts += self.train(self.training) if self.training else []
        parts += self.test()
        return "\n\n".join(part.rstrip("\n") for part in parts) + "\n"

    def title(self) -> str:
        """What the program is, and how it is used."""
        from glassnet.data.files.version import __version__

        sizes, activations, *_ = heading(self.plan.derivation)
        does = "tests itself, trains, and shows what it then predicts" if self.training else "tests itself"
        lines = [f"A neural network, {sizes} ({activations}), that predicts {in_comment(self.plan.target_name)}.", ""]
        lines += [f"Made by glassnet {__version__}. It needs R (4.0 or later) alone, no packages."]
        lines += [f"  Rscript network.R      {does}", '  source("network.R")    to use it:']
        lines += ["    trained <- train(nn)"] if self.training else []
        given = "a data frame" if self.plan.table else f"a matrix with {counted(self.plan.n_inputs, 'column')}"
        lines += [f"    predict_rows(rows{', trained$nn' if self.training else ''})  # rows is {given}"]
        return "\n".join(comment_lines(lines))

    # what is known about the data

    def data(self) -> list[str]:
        """The contract."""
        lines = []
        if self.plan.table is None:
            names = ", ".join(map(in_comment, self.plan.contract.input_names[:20]))
            more = ", ..." if self.plan.n_inputs > 20 else ""
            lines += comment_lines([f"A row is {counted(self.plan.n_inputs, 'number')}: {names}{more}"])
        else:
            lines += ["# Each column, and how its values become inputs of the network", "columns <- list("]
            items = [column_text(column) for column in self.plan.table.features]
            lines += [f"  {item}{',' if k < len(items) else ''}" for k, item in enumerate(items, start=1)]
            lines += [")", "", "# Words that say that a value is missing"]
            lines += [f"missing_words <- {values.vector(list(map(values.text, self.plan.missing_words)))}"]
        if self.plan.classes is not None:
            lines += [
                "",
                f"# The classes of {values.comment(in_comment(self.plan.target_name))}, in the order of the outputs",
            ]
            lines += [f"classes <- {values.vector(list(map(values.cell, self.plan.classes)))}"]
        mean, scale = self.plan.units
        if (mean, scale) != (0.0, 1.0):
            lines += [
                "",
                f"# {values.comment(in_comment(self.plan.target_name))}: what is learnt is (y - mean) / scale",
            ]
            shown = f"  # mean {mean:.4g}, scale {scale:.4g}"
            lines += [f"target <- list(mean = {values.number(mean)}, scale = {values.number(scale)}){shown}"]
        return [section("The data"), "\n".join(lines).strip("\n")]

    def weights(self) -> list[str]:
        """Weights, biases, running means."""
        arrays = self.writer.network()
        lines = [values.assigned(f"nn${safe(name)}", array, shape_text(array.shape)) for name, array in arrays.items()]
        return [section("The weights"), "\n".join(["nn <- list()", *lines])]

    def formulas(self) -> list[str]:
        """The named formulas as functions."""
        formulas = self.writer.formulas()
        return [section("The formulas"), *formulas] if formulas else []

    def forward(self) -> list[str]:
        """The function from encoded rows to p."""
        lines = commented([(*self.writer.step(step), "") for step in self.plan.steps])
        lines = [*rows_counted(lines), *lines]
        head = f"#' Encoded rows x (n, {self.plan.n_inputs}) to predictions p (n, {self.plan.n_outputs})"
        body = [f"  {line}" for line in lines]
        return [
            section("Forward: from numbers to a prediction"),
            "\n".join([head, "forward <- function(x, nn) {", *body, "  p", "}"]),
        ]

    # predict

    def predict(self) -> list[str]:
        """From rows as a user has them to labels or numbers."""
        plan = self.plan
        parts = [section("Predict: from rows as you have them"), *self.encode()]
        if plan.classes is None:
            what, result = self.number("p")
            return [*parts, filled(text.PREDICT_NUMBERS, what=what, result=result)]
        what = "The probability of each class" if plan.probabilities else "The output for each class"
        both = "p <- cbind(1 - p, p)" if plan.both else ""
        words = {"what": what, "K": str(len(plan.classes)), "outputs": self.answers, "both": both}
        return [*parts, filled(text.PREDICT_CLASSES, **words)]

    def encode(self) -> list[str]:
        """The functions that make numbers of rows."""
        n_inputs = str(self.plan.n_inputs)
        if self.plan.table is None:
            return [filled(text.ENCODE_ARRAYS, n_inputs=n_inputs)]
        kinds = {isinstance(column, CategoryColumn) for column in self.plan.table.features}
        numbers, words = (f"{kind}_inputs(values_of(rows, column$name), column)" for kind in ("number", "category"))
        inputs = words if True in kinds else numbers
        if len(kinds) == 2:
            inputs = "\n".join(
                [
                    "{",
                    "    values <- values_of(rows, column$name)",
                    "    if (is.null(column$categories)) {",
                    "      number_inputs(values, column)",
                    "    } else {",
                    "      category_inputs(values, column)",
                    "    }",
                    "  }",
                ]
            )
        parts = [filled(text.ENCODE_TABLES, n_inputs=n_inputs, inputs=inputs)]
        parts += [text.NUMBER_INPUTS.strip("\n")] if False in kinds else []
        return [*parts, *([text.CATEGORY_INPUTS.strip("\n")] if True in kinds else [])]

    @property
    def answers(self) -> str:
        """The function whose numbers are tested."""
        if self.plan.classes is None:
            return "predict_rows"
        return "predict_probabilities" if self.plan.probabilities else "predict_outputs"

    def number(self, p: str) -> tuple[str, str]:
        """What is predicted, in words, and the expression that makes it of p."""
        if self.plan.n_outputs > 1:
            return f"The numbers predicted for each row: a matrix (n, {self.plan.n_outputs})", p
        if self.plan.units == (0.0, 1.0):
            return "The number predicted for each row", f"{p}[, 1]"
        what = f"{values.comment(in_comment(self.plan.target_name))} of each row, in its own unit"
        return what, f"{p}[, 1] * target$scale + target$mean"

    # training and test

    def train(self, training: Training) -> list[str]:
        """The rows, one step, all of them."""
        return [section("Training"), *TrainingWriter(self.plan, training).parts()]

    def test(self) -> list[str]:
        """Rows with known answers, and what the file does when it is run."""
        plan, expected = self.plan, self.plan.expected
        assert expected.scale is not None
        outputs = expected.outputs[:, 0] if plan.classes is None and plan.n_outputs == 1 else expected.outputs
        lines = [rows_text("test_rows", plan, plan.rows), f"expected <- {values.array(outputs)}"]
        lines += ["# The largest number on the way to each row's answer: what rounding may change is measured by it"]
        lines += [f"scales <- {values.array(expected.scale)}"]
        if plan.classes is not None:
            by_word = {label_word(label): values.cell(label) for label in plan.classes}
            lines += [f"expected_classes <- {values.vector([by_word[word] for word in expected.words])}"]
        allowed, _ = self.plan.allowed
        classes = text.CLASSES_TEST.strip("\n") if plan.classes is not None else ""
        parts = ["\n".join(lines), filled(text.SELF_TEST, answers=self.answers, allowed=allowed, classes=classes)]
        last = ""
        if self.training:
            parts += self.training_test(self.training)
            last = filled(text.MAIN_TRAINING, shown=self.shown())
        return [section("Self-test"), *parts, filled(text.MAIN, training=last)]

    def training_test(self, training: Training) -> list[str]:
        """What training must end with."""
        lines = ["# What glassnet ends with", "expected_nn <- list()"]
        for name, array in training.arrays_after.items():
            lines.append(values.assigned(f"expected_nn${safe(name)}", array, decimals=False))
        epochs = sorted({*range(0, training.epochs, max(1, training.epochs // 10)), training.epochs - 1})
        losses = np.array([training.losses[epoch] for epoch in epochs])
        lines += [f"checked <- {values.vector([str(epoch + 1) for epoch in epochs])}  # epochs"]
        lines += [f"expected_losses <- {values.array(losses)}"]
        return ["\n".join(lines), filled(text.TRAINING_TEST, allowed=self.plan.allowed[1])]

    def shown(self) -> str:
        """The line that prints what is predicted after training, beside what should be."""
        assert self.training is not None
        rows = "[shown, , drop = FALSE]" if len(self.training.x) > SHOWN else ""
        begin = f"shown <- round(seq(1, nrow(X), length.out = {SHOWN}))\n" if rows else ""
        found, wanted = f"forward(X{rows}, trained$nn)", f"Y{rows}"
        if self.plan.both:
            labels = [f"classes[({item} > 0.5) + 1]" for item in (found, wanted)]
        elif self.plan.classes is not None:
            labels = [f"classes[apply({item}, 1, which.max)]" for item in (found, wanted)]
        else:
            labels = [f"round({self.number(item)[1]}, 3)" for item in (found, wanted)]
            labels[1] = labels[1] if self.plan.units != (0.0, 1.0) else labels[1][len("round(") : -len(", 3)")]
        return f"{begin}print(data.frame(\n  Predicted = {labels[0]},\n  Actual = {labels[1]}\n))"


def section(title: str) -> str:
    """A heading."""
    return f"\n# --- {title} ".ljust(WIDTH, "-")


def counted(count: int, what: str) -> str:
    """`3 columns`, `1 column`."""
    return f"{count} {what}{'s' * (count != 1)}"


def comment_lines(lines: list[str]) -> list[str]:
    """Lines of a comment, long ones broken."""
    found = []
    for line in lines:
        indent = line[: len(line) - len(line.lstrip())]
        words = indent + values.comment(line)
        found += textwrap.wrap(words, WIDTH, initial_indent="# ", subsequent_indent="#   ") or ["#"]
    return found


# ---------------------------------------------------------------------------------------------------- running it

DRIVER = """\
options(warn = 2)
source("<<program>>")
source("rows.R")
network <- nn
<<train>>
found <- <<answers>>(rows, network)
labels <- predict_rows(rows, network)
cat("\\n", R.version.string, "\\n", sep = "")
cat(sprintf("%a", t(found)), "\\n")
cat(<<words>>, "\\n")
"""
TRAIN = """\
trained <- train(nn)
network <- trained$nn
theta <- lapply(network[c(<<learnt>>)], function(array) if (is.matrix(array)) t(array) else array)
cat(sprintf("%a", unlist(theta)), "\\n")
cat(sprintf("%a", trained$losses), "\\n")
"""


def run(plan: Plan, program: Path, rows: RawRows) -> tuple[Answers, str]:
    """What the program says, run by Rscript."""
    tool = find_tool(["Rscript"], "R")
    layout = plan.derivation.layout
    train = filled(TRAIN, learnt=", ".join(values.text(safe(name)) for name in layout.shapes)) if plan.training else ""
    words = {"answers": RProgram(plan).answers, "program": program.name, "train": train}
    words["words"] = "match(labels, classes)" if plan.classes is not None else "length(labels)"
    (program.parent / "rows.R").write_text(rows_text("rows", plan, rows) + "\n")
    (program.parent / "driver.R").write_text(filled(DRIVER, **words) + "\n")
    lines = run_tool([tool, "--vanilla", "driver.R"], program.parent).splitlines()
    version, outputs, codes = lines[-3], lines[-2], lines[-1]
    names = [label_word(label) for label in plan.classes or ()]
    answers = Answers(
        floats(outputs).reshape(len(rows), -1),
        tuple(names[int(code) - 1] for code in codes.split()) if names else (),
        theta=floats(lines[-6]) if plan.training else None,
        losses=tuple(floats(lines[-5]).tolist()) if plan.training else (),
    )
    return answers, version.removesuffix(f" ({version.rsplit('(', 1)[-1]}")


def floats(line: str) -> np.ndarray:
    """Hexadecimal floats."""
    return np.array([float.fromhex({"NA": "nan"}.get(word, word)) for word in line.split()])
