"""A network as an R program that needs no packages."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.data.tables.targets import label_word
from glassnet.derivation.assigned import in_place
from glassnet.derivation.contents import heading
from glassnet.derivation.steps import Step
from glassnet.readings.eject.answers import Answers
from glassnet.readings.eject.array_steps import array_steps, by_blocks
from glassnet.readings.eject.interval import Interval
from glassnet.readings.eject.names import in_comment
from glassnet.readings.eject.plan import Plan
from glassnet.readings.eject.r import text, values
from glassnet.readings.eject.r.random import generator_words
from glassnet.readings.eject.r.writer import RLines, commented, rows_counted, safe, shape_text, wrapped
from glassnet.readings.eject.random_rows import RawRows
from glassnet.readings.eject.skeleton import answers_name, program, share
from glassnet.readings.eject.templates import filled
from glassnet.readings.eject.tools import find_tool
from glassnet.readings.eject.tools import run as run_tool
from glassnet.readings.eject.training_plan import Training

WIDTH = values.WIDTH
SHOWN = 10  # rows whose predictions are printed after training
PHASES = {"forward": "forward", "loss": "the loss", "backward": "backward", "update": "update"}
MARKS = {
    "penalised": "1: where the penalties pull",
    "trainable": "1: what is not frozen",
    "rates": "Factors on the learning rate",
}
PULLS = "Factors on what the penalties pull"


def write(plan: Plan) -> str:
    """The program."""
    how = R(plan)
    return program(plan, how, how)


class R:
    """How R writes a plan."""

    texts = text

    def __init__(self, plan: Plan) -> None:
        self.plan, self.writer = plan, RLines(plan)
        self.steps = array_steps(plan.training) if plan.training else None
        self.read = plan.training.read if plan.training else set()
        slots = plan.training.slots if plan.training else ()
        self.remembered = [*slots, *(["t"] if "t" in self.read else [])]

    @property
    def trains(self) -> Training:
        """What training does."""
        assert self.plan.training is not None
        return self.plan.training

    @property
    def by_array(self) -> bool:
        """Whether the update is written array by array."""
        return self.steps is not None and self.steps.by_array is not None

    def vector(self) -> None:
        """None: a network is a list of arrays."""

    def words(self) -> Mapping[str, str]:
        """An example, names of numbers, what is done and shown after training."""
        plan = self.plan
        sizes, activations, *_ = heading(plan.derivation)
        given = "a data frame" if plan.table else f"a matrix with {counted(plan.n_inputs, 'column')}"
        use = f"predict_rows(rows{', trained$nn' if plan.training else ''})  # rows is {given}"
        what = f"A neural network, {sizes} ({activations}), that predicts {in_comment(plan.target_name)}."
        words = {"what": "\n".join(comment_lines([what])), "ascii_target": self.target, "example": use, "main": ""}
        words["about_numbers"] = text.ABOUT_NUMBERS[plan.scaling].replace("<<filled>>", plan.filled)
        words["own_dates"] = text.OWN_DATES.strip() if "dates" in plan.kinds else ""
        if plan.training is None:
            return words
        words |= {"does": "tests itself, trains, and shows what it then predicts"}
        words |= {"example": f"trained <- train(nn)\n{use}", "main": filled(text.MAIN_TRAINING, shown=self.shown())}
        learnt = values.vector([values.text(safe(name)) for name in self.trains.derivation.layout.shapes], first=10)
        words["learnt"] = "" if self.by_array else f"learnt <- {learnt}"
        words["remembers"] = "# What the optimizer remembers\noptimizer <- list()" if self.remembered else ""
        return words

    @property
    def target(self) -> str:
        """What is predicted, in ASCII."""
        return values.comment(in_comment(self.plan.target_name))

    # what is known about the data

    def contract(self) -> Mapping[str, str]:
        """A row, or its columns as lists; the labels."""
        plan, classes = self.plan, values.vector(list(map(values.cell, self.plan.classes or ())))
        if plan.table is None:
            names = ", ".join(map(in_comment, plan.contract.input_names[:20]))
            more = ", ..." if plan.n_inputs > 20 else ""
            row = comment_lines([f"A row is {counted(plan.n_inputs, 'number')}: {names}{more}"])
            return {"row": "\n".join(row), "classes": classes}
        columns = ",\n".join(f"  {values.column_text(column, plan.has_levels)}" for column in plan.table.features)
        missing = values.vector(list(map(values.text, plan.missing_words)))
        return {"columns": columns, "missing": missing, "unit": self.unit(), "classes": classes}

    def unit(self) -> str:
        """Mean and scale of a number that is predicted."""
        mean, scale = self.plan.units
        if (mean, scale) == (0.0, 1.0):
            return ""
        numbers = f"mean = {values.number(mean)}, scale = {values.number(scale)}"
        about = f"mean {mean:.4g}, scale {scale:.4g}"
        return f"\n# {self.target}: what is learnt is (y - mean) / scale\ntarget <- list({numbers})  # {about}"

    # numbers

    def shows(self, name: str) -> bool:
        """All, but for marks of an update array by array."""
        return name not in MARKS or not self.by_array

    def array(self, name: str, numbers: np.ndarray) -> list[str]:
        """A weight, in the list nn."""
        return [values.assigned(f"nn${safe(name)}", numbers, shape_text(numbers.shape))]

    # functions

    def formulas(self) -> list[str]:
        """The named formulas."""
        return [*by_blocks(self.plan, text.BY_BLOCKS), *self.writer.formulas()]

    def forward(self) -> list[str]:
        """The steps."""
        lines = commented([(*self.writer.step(step), "") for step in self.plan.steps])
        return [*rows_counted(lines), *lines]

    def number(self) -> Mapping[str, str]:
        """What is predicted."""
        what, result = self.number_of("p")
        if self.plan.held:
            low, high = map(values.number, self.plan.held)
            result = f"pmin(pmax({result}, {low}), {high})  # held to the range in training"
        return {"what": what, "result": result}

    def number_of(self, p: str) -> tuple[str, str]:
        """What is predicted, in words, and the expression that makes it of p."""
        if self.plan.n_outputs > 1:
            return f"The numbers predicted for each row: a matrix (n, {self.plan.n_outputs})", p
        if self.plan.units == (0.0, 1.0):
            return "The number predicted for each row", f"{p}[, 1]"
        return f"{self.target} of each row, in its own unit", f"{p}[, 1] * target$scale + target$mean"

    def interval(self, known: Interval) -> Mapping[str, str]:
        """Vectors of numbers."""
        edges = values.array(known.edges) if len(known.edges) else "numeric(0)"
        widths = values.array(known.widths) if len(known.widths) else ""
        return {"edges": edges, "widths": widths, "least": values.number(known.least)}

    # training

    def rows(self, name: str, numbers: np.ndarray) -> list[str]:
        """The rows to learn from."""
        if name == "y":
            return targets_lines(numbers)
        called = {"x": "X", "w": "row_weights"}[name]
        about = {"x": "# The rows to train on, as `encode` gives them", "w": "# How much each row counts"}[name]
        return [about, values.assigned(called, numbers, decimals=False)]

    def named(self, name: str, value: float) -> tuple[str, str]:
        """A named number."""
        return safe(name), values.number(value) + ("  # the learning rate" if name == "lr" else "")

    def marks(self, name: str, numbers: np.ndarray) -> list[str]:
        """A number for each of theta, array by array, in R's order: each matrix column by column."""
        views = self.trains.derivation.layout.views(numbers).values()
        marks = values.vector([values.array(view.ravel(order="F"), indent=2) for view in views], first=13)
        said = PULLS if name == "penalised" and not np.isin(numbers, (0.0, 1.0)).all() else MARKS[name]
        return [f"# {said}", f"{name} <- {marks}"]

    def slot(self, name: str, numbers: np.ndarray) -> list[str]:
        """A number for each of theta, in R's order."""
        views = self.trains.derivation.layout.views(numbers).values()
        flat, name = np.concatenate([view.ravel(order="F") for view in views]), f"optimizer${name}"
        if numbers.any():
            return [values.assigned(name, flat, decimals=False)]
        return [f"{name} <- numeric({numbers.size})"]

    def generator(self, state: Mapping[str, Any]) -> Mapping[str, str]:
        """Its limbs."""
        return generator_words(state)

    def step(self) -> list[str]:
        """The function that takes one step."""
        training, writer = self.trains, RLines(self.plan, self.remembered)
        memory, reported = ["memory"] if self.remembered else [], writer.name(training.derivation.reported)
        given = ["nn", *memory, "x", "y", *(["w"] if training.w is not None else [])]
        given += ["epoch"] if "epoch" in self.read else []
        result = ["nn = nn", *(f"{name} = {name}" for name in memory), f"loss = {reported}"]
        body = "\n".join(self.body(writer))
        return [filled(text.STEP, given=", ".join(given), body=body, result=", ".join(result))]

    def body(self, writer: RLines) -> list[str]:
        """Its lines."""
        steps, names = self.steps, in_place(self.trains.derivation)
        assert steps is not None
        lines = ["memory$t <- memory$t + 1  # steps done, this one included"] if "t" in self.remembered else []
        for phase, found in steps.phases.items():
            lines += ["", f"# {PHASES[phase]}"] if lines else [f"# {PHASES[phase]}"]
            lines += self.flattened(writer) if phase == "update" and not self.by_array else []
            lines += commented([self.line(writer, step, step in steps.late) for step in found])
        if steps.by_array is not None:
            pieces = {name: writer.text(writer.piece(value).node) for name, value in steps.by_array.items()}
            lines += commented([(f"{writer.name(name)} <- {value}", "", "") for name, value in pieces.items()])
        else:
            theta = "theta" if "theta_new" in names else "theta_new"
            lines.append(f"nn[learnt] <- utils::relist({theta}, nn[learnt])  # back into its arrays")
        late = [step for step in steps.late if step.assigns != "theta"]
        lines += [f"{writer.name(step.assigns)} <- {writer.name(step.name)}" for step in late]
        return [*rows_counted(lines), *lines]

    def line(self, writer: RLines, step: Step, is_late: bool) -> tuple[str, str, str]:
        """A step, its shape, and its reason, where that is not what the formula it calls says of itself."""
        line, shape = writer.step(step, "" if is_late or not step.assigns else writer.name(step.assigns))
        meanings = {formula.meaning for formula in self.plan.formulas.values()}
        told = step.expression.call is not None or step.phase == "forward" or step.reason in meanings
        return line, shape, "" if told else values.comment(step.reason)

    def flattened(self, writer: RLines) -> list[str]:
        """The arrays that are learnt, and their gradients, as one vector each."""
        derivation = self.trains.derivation
        gradients = [writer.name(derivation.gradients[name]) for name in derivation.layout.shapes]
        lines = ["# all that is learnt as one vector theta, the gradients in the same order as g"]
        lines.append("theta <- unlist(nn[learnt], use.names = FALSE)")
        whole = values.vector(gradients, first=7) if len(gradients) > 1 else f"c({gradients[0]})"
        return [*lines, *f"g <- {whole}".splitlines()]

    def loop(self) -> Mapping[str, str]:
        """Batches, and what a step is given and gives."""
        training, size, whole = self.trains, self.trains.batch_size, self.trains.batches == 1
        before = training.epochs_done - 1  # R counts from 1
        epoch = f"k {'+' if before > 0 else '-'} {abs(before)}" if before else "k"
        epoch += "" if whole else f" + (low - 1) / {size} / {training.batches}"
        rows = "" if whole else "[rows, , drop = FALSE]"
        given = ["nn", *(["memory"] if self.remembered else []), f"X{rows}", f"Y{rows}"]
        given += [f"row_weights{rows}"] if training.w is not None else []
        given += [epoch if whole else "epoch"] if "epoch" in self.read else []
        to = f"min(low + {size - 1}, nrow(X))" if size > 1 else "low"
        return {
            "begin": "" if training.random_state is None else "restart_generator()",
            "memory": ", memory = optimizer" if self.remembered else "",
            "order": "order <- permutation(nrow(X))" if training.shuffle else "",
            "rows": f"order[low:{to}]" if training.shuffle else f"low:{to}",
            "done": f"epoch <- {epoch}" if "epoch" in self.read else "",
            "result": "\n".join(wrapped(f"result <- training_step({', '.join(given)})", WIDTH - 8)),
            "keep": "nn <- result$nn" + ("\nmemory <- result$memory" if self.remembered else ""),
            "times_share": "" if training.share.op == "constant" else f" * {share(training, text)}",
        }

    # the self-test

    def tested(self) -> str:
        """Rows, outputs, scales, classes."""
        plan, expected = self.plan, self.plan.expected
        assert expected.scale is not None
        outputs = expected.outputs[:, 0] if plan.classes is None and plan.n_outputs == 1 else expected.outputs
        lines = [values.rows_text("test_rows", plan, plan.rows), f"expected <- {values.array(outputs)}"]
        lines += ["# The largest number on the way to each row's answer: what rounding may change is measured by it"]
        lines += [f"scales <- {values.array(expected.scale)}"]
        if plan.classes is not None:
            labels = [values.cell(plan.classes[k]) for k in plan.expected_classes]
            lines += [f"expected_classes <- {values.vector(labels)}"]
        return "\n".join(lines)

    def trained(self) -> str:
        """All numbers, and some losses."""
        training, lines = self.trains, ["# What glassnet ends with", "expected_nn <- list()"]
        for name, array in training.arrays_after.items():
            lines.append(values.assigned(f"expected_nn${safe(name)}", array, decimals=False))
        lines += [f"checked <- {values.vector([str(epoch + 1) for epoch in training.checked])}  # epochs"]
        return "\n".join([*lines, f"expected_losses <- {values.array(np.array([*training.checked.values()]))}"])

    def shown(self) -> str:
        """The line that prints what is predicted after training, beside what should be."""
        rows = "[shown, , drop = FALSE]" if len(self.trains.x) > SHOWN else ""
        begin = f"shown <- round(seq(1, nrow(X), length.out = {SHOWN}))\n" if rows else ""
        found, wanted = f"forward(X{rows}, trained$nn)", f"Y{rows}"
        if self.plan.both:
            labels = [f"classes[({item} > 0.5) + 1]" for item in (found, wanted)]
        elif self.plan.classes is not None:
            labels = [f"classes[apply({item}, 1, which.max)]" for item in (found, wanted)]
        else:
            labels = [f"round({self.number_of(item)[1]}, 3)" for item in (found, wanted)]
            labels[1] = labels[1] if self.plan.units != (0.0, 1.0) else labels[1][len("round(") : -len(", 3)")]
        return f"{begin}print(data.frame(\n  Predicted = {labels[0]},\n  Actual = {labels[1]}\n))"


def targets_lines(y: np.ndarray) -> list[str]:
    """What the network should say of each row; where that is one class of many, by its number."""
    rows, columns = y.shape
    if columns > 1 and rows > columns and np.isin(y, (0.0, 1.0)).all() and (y.sum(axis=1) == 1.0).all():
        codes = values.vector([str(code + 1) for code in y.argmax(axis=1)])
        about = "# What the network should say of each: 1 for the row's class, 0 for the others"
        return [about, f"Y <- diag({columns})[{codes}, ]"]
    return ["# What the network should say of each", values.assigned("Y", y, decimals=False)]


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
cat(sprintf("%a", <<ends>>), "\\n")
cat(sprintf("%a", t(found)), "\\n")
cat(<<words>>, "\\n")
"""
ENDS = (
    "t(predict_interval(rows, network))",
    "sapply(predict_sets(rows, network), function(row) as.numeric(classes %in% row))",
)
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
    learnt = plan.training.derivation.layout.shapes if plan.training else ()
    train = filled(TRAIN, learnt=", ".join(values.text(safe(name)) for name in learnt)) if plan.training else ""
    words = {"answers": answers_name(plan, text), "program": program.name, "train": train}
    words["ends"] = ENDS[plan.classes is not None] if plan.interval else "0"
    words["words"] = "match(labels, classes)" if plan.classes is not None else "length(labels)"
    (program.parent / "rows.R").write_text(values.rows_text("rows", plan, rows) + "\n")
    (program.parent / "driver.R").write_text(filled(DRIVER, **words) + "\n")
    lines = run_tool([tool, "--vanilla", "driver.R"], program.parent).splitlines()
    version, ends, outputs, codes = lines[-4:]
    names = [label_word(label) for label in plan.classes or ()]
    answers = Answers(
        outputs=floats(outputs).reshape(len(rows), -1),
        words=tuple(names[int(code) - 1] for code in codes.split()) if names else (),
        theta=floats(lines[-7]) if plan.training else None,
        losses=tuple(floats(lines[-6]).tolist()) if plan.training else (),
        ends=floats(ends).reshape(len(rows), -1) if plan.interval else None,
    )
    return answers, version.removesuffix(f" ({version.rsplit('(', 1)[-1]}")


def floats(line: str) -> np.ndarray:
    """Hexadecimal floats."""
    return np.array([float.fromhex({"NA": "nan"}.get(word, word)) for word in line.split()])
