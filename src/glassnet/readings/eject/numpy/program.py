"""A network as a Python file that needs NumPy alone."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from textwrap import indent
from typing import Any

import numpy as np

from glassnet.data.tables.targets import label_word
from glassnet.derivation.contents import shape_text
from glassnet.parts.parameters import MARKS
from glassnet.readings.eject.answers import Answers
from glassnet.readings.eject.array_steps import array_steps, by_blocks
from glassnet.readings.eject.emitters import Vector
from glassnet.readings.eject.formulas import Formula, is_function
from glassnet.readings.eject.interval import Interval
from glassnet.readings.eject.names import in_comment
from glassnet.readings.eject.numpy import text, values
from glassnet.readings.eject.numpy.lines import Lines
from glassnet.readings.eject.plan import Plan
from glassnet.readings.eject.random_rows import RawRows
from glassnet.readings.eject.skeleton import answers_name, program
from glassnet.readings.eject.steps import counts_rows
from glassnet.readings.eject.templates import filled, packed
from glassnet.readings.eject.tools import run as run_tool
from glassnet.readings.eject.training_plan import Training

ROWS_ARE = {
    "x": ("X", "the rows, encoded"),
    "y": ("Y", "what they should give"),
    "w": ("ROW_WEIGHTS", "how much each counts"),
}


def write(plan: Plan) -> str:
    """The program."""
    how = NumPy(plan)
    return program(plan, how, how)


class NumPy:
    """How Python writes a plan."""

    texts = text

    def __init__(self, plan: Plan) -> None:
        self.plan, self.lines = plan, Lines(plan)
        self.steps = array_steps(plan.training) if plan.training else None
        self.read = plan.training.read if plan.training else set()
        self.changing = [name for name in ("t", "epoch") if name in self.read]  # what a step is told of besides rows

    def vector(self) -> Vector | None:
        """Itself, but for an update array by array."""
        return self if self.steps and self.steps.by_array is None else None

    def words(self) -> Mapping[str, str]:
        """An example, and what is done and shown after training."""
        example = "\n".join(self.example())
        raw = "r" if "\\" in example + self.plan.title else ""  # backslashes are themselves
        words = {"example": example, "raw": raw, "dtype": self.lines.dtype, "main": ""}
        words["imports"] = text.IMPORTS if "dates" in self.plan.kinds else ""
        training = self.plan.training
        if training is None:
            return words
        named = any(name in self.read for name in training.derivation.constants)
        words["about_constants"] = f"# The numbers of {training.optimizer.name}." if named else ""
        words["weights"] = values.joined("trained", training.derivation.layout.shapes)
        return {**words, "main": "training_test()\nshow()", **self.shown()}

    def example(self) -> list[str]:
        """A call of `predict`, for the module's docstring."""
        row = self.plan.example
        if row is None:
            return ["import numpy as np", f"predict(np.zeros((1, {self.plan.n_inputs})))"]
        if isinstance(row, dict):
            return values.call("predict", "{", list(map(values.item, row, row.values())), "}")
        return values.call("predict", "[", list(map(repr, row)), "]")

    # what is known about the data

    def contract(self) -> Mapping[str, str]:
        """A row, or its columns as dictionaries; the labels."""
        labels = [values.label_text(label) for label in self.plan.classes or ()]
        classes = "\n".join(values.list_text("CLASSES", labels))
        if self.plan.table is None:
            names = ", ".join(map(in_comment, self.plan.contract.input_names[:20]))
            row = values.wrapped_comment(f"A row is {self.plan.n_inputs} numbers: {names}")
            return {"row": "\n".join(row), "classes": classes}
        levels = self.plan.has_levels
        columns = "\n".join(f"{values.column_text(column, levels)}," for column in self.plan.table.features)
        missing = ", ".join(map(values.literal, self.plan.missing_words))
        return {"columns": columns, "missing": missing, "classes": classes}

    # numbers

    def shows(self, name: str) -> bool:
        """All, but for marks of an update array by array."""
        return self.vector() is not None or name not in MARKS

    def array(self, name: str, numbers: np.ndarray) -> list[str]:
        """A weight."""
        return self.lines.array(name, numbers, shape_text(numbers.shape))

    def theta(self, numbers: np.ndarray) -> list[str]:
        """All that is learnt."""
        return self.lines.array("theta", numbers, f"all that is learnt, {numbers.size} numbers")

    def view(self, name: str, vector: str, place: slice, shape: tuple[int, ...]) -> str:
        """A part of it."""
        return f"{name} = {vector}[{place.start}:{place.stop}].reshape({shape})  # a view: it changes with {vector}"

    def running(self, name: str, numbers: np.ndarray) -> list[str]:
        """A running mean."""
        return self.array(name, numbers)

    # functions

    def formulas(self) -> list[str]:
        """The named formulas, but for those that NumPy has."""
        own = [self.formula(item) for item in self.plan.formulas.values() if not is_function(item.body, item.name)]
        return [*by_blocks(self.plan, text.BY_BLOCKS), *own]

    def formula(self, formula: Formula) -> str:
        """One of them."""
        lines = [f"def {self.lines.names[formula.name]}({', '.join(formula.parameters)}):"]
        lines += [f'    """{values.docstring(formula.meaning)}"""'] if formula.meaning else []
        lines += [f"    {name} = {self.lines.expression(part)}" for name, part in formula.parts]
        return "\n".join([*lines, f"    return {self.lines.expression(formula.result)}"])

    def forward(self) -> list[str]:
        """The steps."""
        steps = self.plan.steps
        return [*(["n = len(x)"] if any(map(counts_rows, steps)) else []), *map(self.lines.line, steps)]

    def number(self) -> Mapping[str, str]:
        """What is predicted."""
        plan, said = self.plan, text.SAID
        if plan.table is None:
            what = "the number predicted for each row, (n,)" if plan.flat else f"the numbers, (n, {plan.n_outputs})"
            return {"what": what, "value": "p[:, 0]" if plan.flat else "p", "said": said}
        (mean, scale), value = plan.units, "p[:, 0]"
        if (mean, scale) != (0.0, 1.0):
            value += f"{'.astype(float)' if self.lines.single else ''} * {scale!r} + {mean!r}"
        if plan.held:
            said = f"np.clip({said}, {plan.held[0]!r}, {plan.held[1]!r})  # held to the range in training"
        return {
            "what": f"{in_comment(plan.target_name)} of each row in its own unit, (n,)",
            "value": value,
            "said": said,
        }

    def interval(self, known: Interval) -> Mapping[str, str]:
        """Lists of numbers."""
        named = {"EDGES": known.edges, "WIDTHS": known.widths}
        lists = {name.lower(): values.list_text(name, [*map(repr, of.tolist())]) for name, of in named.items()}
        return {"least": repr(known.least), **{name: "\n".join(lines) for name, lines in lists.items()}}

    # training

    def rows(self, name: str, numbers: np.ndarray) -> list[str]:
        """The rows to learn from."""
        called, what = ROWS_ARE[name]
        return self.lines.array(called, numbers, f"{shape_text(numbers.shape)}: {what}")

    def named(self, name: str, value: float) -> tuple[str, str]:
        """As Python has it."""
        return name, repr(value)

    def marks(self, name: str, numbers: np.ndarray) -> list[str]:
        """A vector, array by array."""
        parts = []
        for own in self.trains.derivation.layout.views(numbers).values():
            first, same = float(own.flat[0]), bool((own == own.flat[0]).all())
            full = {0.0: f"np.zeros({own.size})", 1.0: f"np.ones({own.size})"}
            said = str(np.float32(first)) if self.lines.single else repr(first)
            parts.append(
                full.get(first, f"np.full({own.size}, {said})") if same else str([int(mark) for mark in own.flat])
            )
        lines = packed(parts, values.WIDTH)
        inner = lines[0] if len(lines) == 1 else "\n" + "".join(f"    {line},\n" for line in lines)
        return [f"{name} = np.concatenate([{inner}]){'.astype(np.float32)' if self.lines.single else ''}"]

    def slot(self, name: str, numbers: np.ndarray) -> list[str]:
        """What the optimizer remembers."""
        if numbers.any():
            return self.lines.array(name, numbers, "what the optimizer remembers")
        return [f"{name} = np.zeros_like(theta)  # what the optimizer remembers"]

    def generator(self, state: Mapping[str, Any]) -> Mapping[str, str]:
        """The state of NumPy's own."""
        return {"state": "\n".join(f'"{name}": {json.dumps(value)},' for name, value in state.items())}

    @property
    def trains(self) -> Training:
        """What training does."""
        assert self.plan.training is not None
        return self.plan.training

    def step(self) -> list[str]:
        """The function that takes one step."""
        training, steps = self.trains, self.steps
        assert steps is not None
        body = ["n = len(x)"] if any(counts_rows(step) for phase in steps.phases.values() for step in phase) else []
        for phase, found in steps.phases.items():
            body.append(f"# {phase}")
            if phase == "update" and steps.by_array is None:
                body += [
                    "# g is the whole gradient, as one vector",
                    values.joined("g", training.derivation.gradients.values()),
                ]
            body += [self.lines.line(replace(step, assigns="") if step in steps.late else step) for step in found]
        body += [f"{name}[:] = {self.lines.expression(value)}" for name, value in (steps.by_array or {}).items()]
        body += [f"{step.assigns}[:] = {step.name}" for step in steps.late]
        given = ["x", "y", *(["w"] if training.w is not None else []), *self.changing]
        words = {"given": ", ".join(given), "body": "\n".join(body), "reported": training.derivation.reported}
        return [filled(text.STEP, **words)]

    def loop(self) -> Mapping[str, str]:
        """Batches, and what a step is given."""
        training, size = self.trains, self.trains.batch_size
        whole, done = training.batches == 1, f"{training.epochs_done} + k" if training.epochs_done else "k"
        epoch = done if whole else f"{done} + low / {size} / {training.batches}"
        rows = [called for name, (called, _) in ROWS_ARE.items() if name != "w" or training.w is not None]
        given = [called if whole else f"{called}[rows]" for called in rows]
        given += [epoch if name == "epoch" else name for name in self.changing]
        call = f"train_step({', '.join(given)})"
        return {
            "globals": "global t" if "t" in self.changing else "",
            "counted": "t += 1" if "t" in self.changing else "",
            "order": "order = rng.permutation(len(X))" if training.shuffle else "",
            "rows": f"order[low : low + {size}]" if training.shuffle else f"slice(low, low + {size})",
            "call": call,
            "loss": call if whole else "loss",
        }

    # the self-test

    def tested(self) -> str:
        """Rows, outputs, scales, classes."""
        rows, plan, expected = self.plan.rows, self.plan, self.plan.expected
        assert expected.scale is not None
        if isinstance(rows, np.ndarray):
            lines = values.list_text("ROWS", values.array_text(rows), joined=False)
        else:
            shown = [values.dictionary(map(values.item, row, row.values())) for row in rows]
            lines = ["ROWS = [", *(indent(f"{row},", "    ") for row in shown), "]"]
        lines += values.list_text("EXPECTED", values.array_text(expected.outputs), joined=False)
        lines += values.list_text("SCALES", [repr(float(value)) for value in expected.scale])
        if plan.classes is not None:
            labels = [values.label_text(plan.classes[k]) for k in plan.expected_classes]
            lines += values.list_text("EXPECTED_CLASSES", labels)
        return "\n".join(lines)

    def trained(self) -> str:
        """All weights, and the last loss."""
        lines = [
            "# All weights, and the loss of the last epoch, as glassnet finds them.",
            "EXPECTED_WEIGHTS = np.array(",
        ]
        lines += [*(f"    {line}" for line in values.array_text(self.trains.theta_after)), ")"]
        return "\n".join([*lines, f"EXPECTED_LOSS = {self.trains.losses[-1]!r}"])

    def shown(self) -> Mapping[str, str]:
        """Predictions of the first rows after training."""
        if self.plan.classes is None:
            one = self.plan.n_outputs == 1
            form = 'f"{predicted:.4f}"' if one else "np.round(predicted, 4)"
            shown = {name: f"decode({of}){'.ravel()' * one}" for name, of in (("p", "forward(X)"), ("y", "Y"))}
            return {**shown, "predicted": form, "wanted": form.replace("predicted", "wanted")}
        codes = "({}[:, 0] > 0.5).astype(int)" if self.plan.both else "{}.argmax(axis=1)"
        shown = {"p": codes.format("forward(X)"), "y": codes.format("Y")}
        return {**shown, "predicted": "CLASSES[predicted]", "wanted": "CLASSES[wanted]"}


# running it

DRIVER = """\
import importlib.util, json, sys
import numpy as np
spec = importlib.util.spec_from_file_location("network", sys.argv[1])
network = importlib.util.module_from_spec(spec)
spec.loader.exec_module(network)
rows, function, training, trust = json.load(sys.stdin)
answer = {}
if training:
    losses = network.train()
    trained = [getattr(network, name).ravel().tolist() for name in training]
    answer = {"losses": [float(loss) for loss in losses], "theta": sum(trained, [])}
found = getattr(network, function)(rows)
answer["outputs"] = np.reshape(found, (len(rows), -1)).astype(float).tolist()
answer["words"] = [str(label) for label in network.predict(rows)] if function != "predict" else []
if trust == "predict_interval":
    answer["ends"] = np.transpose(network.predict_interval(rows)).tolist()
elif trust:
    answer["ends"] = [[float(label in found) for label in network.CLASSES] for found in network.predict_set(rows)]
print("\\n" + json.dumps(answer))
"""


def run(plan: Plan, program: Path, rows: RawRows) -> tuple[Answers, str]:
    """What the program says, run by this Python."""
    function = answers_name(plan, text)
    arrays = list(plan.training.derivation.layout.shapes) if plan.training else []
    trust = text.ENDS[plan.classes is not None] if plan.interval else ""
    given = json.dumps([rows.tolist() if isinstance(rows, np.ndarray) else rows, function, arrays, trust])
    printed = run_tool([sys.executable, "-I", "-W", "error", "-c", DRIVER, program], program.parent, given)
    found = json.loads(printed.splitlines()[-1])
    words = [label_word(label) for label in plan.classes or ()]
    by_text = dict(zip(map(str, plan.classes or ()), words, strict=True))
    theta = np.array(found["theta"]) if plan.training else None
    answers = Answers(
        outputs=np.array(found["outputs"]),
        words=tuple(by_text[word] for word in found["words"]),
        theta=theta,
        losses=tuple(found.get("losses", ())),
        ends=np.array(found["ends"]) if trust else None,
    )
    return answers, f"Python {platform.python_version()} with NumPy {np.__version__}"
