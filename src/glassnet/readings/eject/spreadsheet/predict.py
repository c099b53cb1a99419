"""The sheet "Predict": a line for each row, from what a user types to the prediction, each unit a column.

Formulas read the cells of their own line and the fixed cells of "Weights" and "Data", so that a line copied down
predicts the next row.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from glassnet.data.tables import as_table
from glassnet.derivation.walk import start, values_of
from glassnet.expressions.expression import ROWS, Expression
from glassnet.expressions.notation import plain
from glassnet.readings.eject.interval import Interval
from glassnet.readings.eject.plan import Plan
from glassnet.readings.eject.spreadsheet import dates
from glassnet.readings.eject.spreadsheet.cells import ROW, Block, across, grid, letters
from glassnet.readings.eject.spreadsheet.data import DataSheet, sheet_labels
from glassnet.readings.eject.spreadsheet.formulas import Scribe
from glassnet.readings.eject.spreadsheet.numbers import number_format, numbers_of
from glassnet.readings.eject.spreadsheet.page import Page
from glassnet.readings.eject.spreadsheet.steps import in_pairs
from glassnet.readings.eject.spreadsheet.weights import WeightSheet, unit_names
from glassnet.readings.eject.steps import naming

NAME = "Predict"
TITLES, HEADS, FIRST = 3, 4, 5  # rows: of the steps, of their columns, the first of data
LABEL, ANSWER = 1, 2  # columns
LONG = 9  # letters of a number that is shown with fewer digits than it has
NOTES = (
    "Type over the yellow cells. For more rows copy the last line down. Every step of the network has its columns, its "
    "formula above them.",
)


class PredictSheet:
    """The sheet.

    Attributes
    ----------
    page
        The sheet.
    raw
        The columns that a user types.
    outputs
        The columns of the answer: a probability or score for each class, or numbers in the target's units.
    word
        The column of the predicted class; None where numbers are predicted.
    ends
        Those of the ends of an interval, or for each class whether it is in the set; none where that is not asked for.
    expected, same
        The columns of the largest difference from glassnet, and of whether the class is another (1).
    tested
        How many rows, from the first on, have expected numbers.
    """

    name = NAME

    def __init__(self, plan: Plan, data: DataSheet, weights: WeightSheet) -> None:
        self.plan, self.data, self.weights = plan, data, weights
        self.page = Page(name=NAME, color="548235", widths={LABEL: 10, ANSWER: 16}, frozen=(FIRST, ANSWER + 1))
        self.page.title(f"Predict {plan.target_name}", NOTES)
        self.templates: dict[int, tuple[str, str, str]] = {}  # by column: formula, style, format
        self.column, self.shade = ANSWER + 1, ""
        self.values = values_on_the_way(plan)
        self.head(ANSWER, "prediction", [plan.target_name])
        self.write_raw()
        self.write_x()
        self.write_steps()
        self.write_answer()
        self.write_rows()
        self.write_expected()

    # the columns, from left to right

    def head(self, first: int, title: str, heads: list[str], style: str = "phase") -> None:
        """What stands above a group of columns."""
        columns = range(first, first + len(heads))
        self.page.text(TITLES, first, title, style)
        self.page.merge(TITLES, first, columns[-1])
        self.page.texts(HEADS, first, heads, "head")
        least = 14.0 if any(head in self.data.columns for head in heads) else 11.0
        for column in columns:
            self.page.widths.setdefault(column, max(least, min(34.0, 1.15 * len(title) / len(heads))))

    def group(self, title: str, heads: list[str], formulas: np.ndarray, style: str, form: str) -> Block:
        """A group of columns with formulas; neighbours have headings of different colours."""
        self.shade = "phase" if self.shade == "phase 2" else "phase 2"
        self.head(self.column, title, heads, "phase part" if style == "part" else self.shade)
        block = across(NAME, self.column, formulas.shape)
        for _, column, text in block.places(formulas):
            self.templates[column] = (text, style, form)
        self.column += formulas.size
        return block

    def write_raw(self) -> None:
        """The columns that a user types."""
        names = list(self.data.columns)
        self.raw = [self.column + k for k in range(len(names))]
        self.head(self.column, "your row: type here", names, "typed")
        self.column += len(names)

    def write_x(self) -> None:
        """The row as the network takes it."""
        cells = [f"{letters(column)}{ROW}" for column in self.raw]
        names = list(self.data.input_names)
        days = self.write_dates(cells)
        beside = across(NAME, self.column, (len(names),))
        formulas = np.array([[self.data.x(k, cells, days, beside) for k in range(len(names))]])
        x = self.values["x"]
        if self.data.has_more:
            block = self.group("the row as numbers, 0 and 1", names, formulas, "part", number_format(x))
            cells = block.reshape(-1).references(NAME)
            formulas = np.array([[self.data.taken(k, cell) for k, cell in enumerate(cells)]])
        block = self.group("x: as the network takes it", names, formulas, "number", number_format(x))
        for k, column in enumerate(block.columns[0].tolist()):
            if set(x[:, k].tolist()) <= {0.0, 1.0}:
                self.templates[column] = (formulas[0, k], "number", "0")
        self.blocks = {**self.weights.blocks, "x": block}

    def write_dates(self, typed: list[str]) -> dict[str, str]:
        """Columns that make days of dates; the cells with the days, by the name of the column of dates."""
        found = {}
        for name, cell in zip(self.data.columns, typed, strict=True):
            if name in self.data.fills:
                cells = {head: f"{letters(self.column + k)}{ROW}" for k, head in enumerate(dates.HEADS)}
                formulas = np.array(self.data.days(name, cell, cells))
                self.group(f"{name}: days from 1970-01-01", list(dates.HEADS), formulas, "part", "0.0000")
                found[name] = cells["days"]
        return found

    def write_steps(self) -> None:
        """The derivation, step by step."""
        fixed = Scribe(surface=self.weights, n=1, blocks=self.blocks, row_by_row=True)
        scribe = Scribe(
            surface=self,
            n=1,
            blocks=self.blocks,
            row_by_row=True,
            elsewhere=lambda node: None if ROWS in node.shape else fixed,
        )
        for shown, step in in_pairs(self.plan.derivation.steps, self.plan.steps):
            with naming(step):
                if ROWS in step.shape:
                    formulas = scribe.formulas(step.expression)
                    heads = unit_names(self.plan, step.layer, formulas.size)
                    style, form = "result" if step.name == "p" else "number", number_format(self.values[step.name])
                    self.blocks[step.name] = self.group(shown.formula, heads, formulas, style, form)
                else:
                    self.blocks[step.name] = self.weights.put(shown.expression, fixed.formulas(step.expression))

    def put(self, node: Expression, formulas: np.ndarray) -> Block:
        """Columns for a part of a step."""
        heads = [str(k + 1) if formulas.size > 1 else "" for k in range(formulas.size)]
        return self.group(plain(node), heads, formulas, "part", number_format(numbers_of(node, self.values)))

    def write_answer(self) -> None:
        """From p to the prediction in the user's words or units."""
        plan, p = self.plan, self.blocks["p"].reshape(-1)
        if plan.classes is None:
            self.write_numbers(p)
        else:
            self.write_class(p)
        self.ends = self.write_trust(plan.interval) if plan.interval else []
        x = self.blocks["x"].reshape(-1)
        why = "a word where a number must be" if plan.table else "a number is missing or a word"
        why = "a word where a number or a date must be" if "dates" in plan.kinds else why
        form, answer = "", '"see p"'
        if self.word:
            answer = f"{letters(self.word)}{ROW}"
        elif len(self.outputs) == 1:
            form, answer = number_format(plan.expected.outputs), f"{letters(self.outputs[0])}{ROW}"
        check = f'IF(COUNT({x.reference(NAME)})={x.rows.size},{answer},"{why}")'
        self.templates[ANSWER] = (check, "answer", form)

    def write_numbers(self, p: Block) -> None:
        """Numbers in the target's units."""
        self.word: int | None = None
        self.outputs = p.columns.tolist()
        if self.data.units is None:
            return
        mean, scale, *ends = self.data.units.references(NAME)
        texts = [f"{number}*{scale}+{mean}" for number in p.references(NAME)]
        if ends:
            texts = [f"MAX({ends[0]},MIN({ends[1]},{text}))" for text in texts]
        form, name = number_format(self.plan.expected.outputs), self.plan.target_name
        title = f"{name} = p * scale + mean{', held' if ends else ''}"
        self.outputs = self.group(title, [name], np.array(texts), "result", form).columns.tolist()

    def write_class(self, p: Block) -> None:
        """The class with the largest output."""
        assert self.plan.classes is not None
        assert self.data.classes is not None
        if self.plan.both:
            second = p.reference(NAME)
            both, names = np.array([f"1-{second}", second]), list(map(str, self.plan.classes))
            p = self.group("the probability of each class", names, both, "result", "0.0000")
        self.outputs = p.columns.tolist()
        outputs = p.reference(NAME)
        formula = f"INDEX({self.data.classes.reference(NAME)},MATCH(MAX({outputs}),{outputs},0))"
        if "" in self.plan.classes:
            formula += '&""'  # an empty cell would be read as 0
        self.word = self.column
        self.group("the class with the largest", [self.plan.target_name], np.array([formula]), "result", "")

    def write_trust(self, known: Interval) -> list[int]:
        """The ends of the interval, or 1 for each class of the set and 0 for the others; their columns."""
        outputs = [f"{letters(column)}{ROW}" for column in self.outputs]
        if self.plan.classes is None:
            width, form = self.data.width(outputs[0]), number_format(self.plan.expected.outputs)
            ends = np.array([f"{outputs[0]}{sign}{width}" for sign in "-+"])
            block = self.group(f"{known.share} interval", ["lower", "upper"], ends, "result", form)
            return [*map(int, block.columns)]
        assert self.data.least is not None
        least, whole = self.data.least.reference(""), f"{outputs[0]}:{outputs[-1]}"
        best = f"MATCH(MAX({whole}),{whole},0)"
        inside = [f"IF(OR({p}>={least},{best}={k}),1,0)" for k, p in enumerate(outputs, start=1)]
        names = [*map(str, self.plan.classes)]
        title = f"{known.share} set: 1 for each of its classes"
        return [*map(int, self.group(title, names, np.array(inside), "result", "0").columns)]

    # the lines

    def write_row(self, page: Page, row: int, values: Mapping[str, Any] | np.ndarray, label: str) -> None:
        """One line on a page: what is typed, and all formulas."""
        page.text(row, LABEL, label, "label")
        for column, (text, style, form) in self.templates.items():
            page.formula(row, column, text.replace(ROW, str(row)), style, form)
        for column, value in zip(self.raw, self.typed(values), strict=True):
            if value is None:
                page.text(row, column, "", "input")
            else:
                is_long = len(str(value)) > LONG and not isinstance(value, str)
                page.value(row, column, value, "input", number_format(value) if is_long else "")

    def typed(self, values: Mapping[str, Any] | np.ndarray) -> list[float | str | None]:
        """A row's values as a user would type them, in the order of the columns."""
        if isinstance(values, np.ndarray):
            return [float(value) for value in values]
        return [values[name] for name in self.data.columns]

    def write_rows(self) -> None:
        """The rows of the self-test, and one more to type in."""
        rows = self.plan.rows
        self.tested = len(rows)
        for k, values in enumerate(rows):
            self.write_row(self.page, FIRST + k, values, f"test {k + 1}")
        yours = np.round(rows[0], 1) if isinstance(rows, np.ndarray) else rows[0]
        self.write_row(self.page, FIRST + self.tested, yours, "your row")
        self.page.heights.update({TITLES: 32.0, HEADS: 32.0})
        for column, name in zip(self.raw, self.data.columns, strict=True):
            if name in self.data.choices:
                self.page.choices.append((grid(NAME, FIRST, column, (200, 1)), self.data.choices[name]))

    def write_expected(self) -> None:
        """What glassnet says of the rows of the self-test, and how far the sheet is from it."""
        page, expected, first = self.page, self.plan.expected, self.column + 1
        assert expected.scale is not None
        count = expected.outputs.shape[1]
        heads = [f"{k + 1}" for k in range(count)] if count > 1 else [self.plan.target_name]
        if self.plan.classes is not None:
            heads = [*map(str, self.plan.classes), self.plan.target_name]
        self.head(first, "what glassnet says (self-test)", heads, "expected head")
        distance = first + len(heads)
        tail = ["largest number on the way", "difference, in parts of it"] + (["another class"] if self.word else [])
        page.widths.update(dict.fromkeys(range(distance, distance + len(tail)), 16.0))
        self.head(distance, "the sheet's distance from it", tail, "expected head")
        self.expected, self.same = distance + 1, distance + 2
        labels = sheet_labels(self.plan.classes or ())
        form = number_format(expected.outputs)
        for k in range(self.tested):
            row = FIRST + k
            ours, theirs = (grid(NAME, row, column, (count,)) for column in (self.outputs[0], first))
            page.numbers(theirs, expected.outputs[k], "expected", form)
            page.number(row, distance, expected.scale[k], "expected", "0.0000")
            apart = f"SUMPRODUCT(MAX(ABS({ours.reference(NAME)}-{theirs.reference(NAME)})))/{letters(distance)}{row}"
            page.formula(row, self.expected, apart, "expected", "0.0E+00")
            if self.word:
                page.value(row, first + count, labels[int(np.argmax(expected.outputs[k]))], "expected")
                same = f"EXACT({letters(self.word)}{row},{letters(first + count)}{row})"
                page.formula(row, self.same, f"IF({same},0,1)", "expected")


def values_on_the_way(plan: Plan) -> dict[str, Any]:
    """Every value of the self-test's rows, to choose how numbers are shown."""
    x = plan.rows if isinstance(plan.rows, np.ndarray) else encoded(plan)
    return start(plan.derivation, plan.arrays, x) | values_of(plan.derivation, plan.arrays, x)


def encoded(plan: Plan) -> np.ndarray:
    """The self-test's rows of a table as the network takes them."""
    assert plan.table is not None
    assert isinstance(plan.rows, list)
    table = as_table({name: [row[name] for row in plan.rows] for name in plan.table.feature_names})
    return plan.table.encode(table)
