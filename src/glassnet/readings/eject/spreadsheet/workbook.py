"""A network as a spreadsheet: every step of a prediction, and of one step of training, as live formulas.

The sheets are: "Read me", "Predict" (a line for each row of data), "Weights", "Data" (how words and numbers are
encoded), and with training "One step" and "Update". A spreadsheet has no loop, so that training is its first step and
no more; the plan is one of a single step (`first_step.py`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from glassnet.data.tables.targets import label_word
from glassnet.errors import need
from glassnet.readings.eject.answers import Answers
from glassnet.readings.eject.plan import Plan
from glassnet.readings.eject.random_rows import RawRows
from glassnet.readings.eject.spreadsheet.cells import grid
from glassnet.readings.eject.spreadsheet.data import DataSheet, sheet_labels
from glassnet.readings.eject.spreadsheet.file import to_bytes
from glassnet.readings.eject.spreadsheet.office import calculated, office, version
from glassnet.readings.eject.spreadsheet.page import Cell, Page, column_range, safe
from glassnet.readings.eject.spreadsheet.predict import FIRST, PredictSheet
from glassnet.readings.eject.spreadsheet.predict import NAME as PREDICT
from glassnet.readings.eject.spreadsheet.readme import Check, read_me
from glassnet.readings.eject.spreadsheet.step import StepSheet
from glassnet.readings.eject.spreadsheet.weights import NAME as WEIGHTS
from glassnet.readings.eject.spreadsheet.weights import WeightSheet

MOST = 200_000  # weights that a spreadsheet takes; beyond, it opens slowly


class Book:
    """The sheets of a plan.

    Attributes
    ----------
    data, weights, predict, step
        The sheets; `step` is None without training.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        check_size(plan)
        self.data = DataSheet(plan)
        self.weights = WeightSheet(plan, dict(plan.known), plan.training is not None)
        self.predict = PredictSheet(plan, self.data, self.weights)
        self.step = StepSheet(plan, self.weights) if plan.training else None

    @property
    def pages(self) -> list[Page]:
        """All sheets, in the order of their tabs."""
        steps = [self.step.page, self.step.update.page] if self.step else []
        return [read_me(self.plan, self.checks()), self.predict.page, *steps, self.weights.page, self.data.page]

    def checks(self) -> list[Check]:
        """What the self-test compares."""
        allowed, allowed_after = map(float, self.plan.allowed)
        predict, last = self.predict, FIRST + self.predict.tested - 1

        def column(number: int) -> str:
            return column_range(predict.page, FIRST, last, number)

        checks = [
            Check(f"predictions of {predict.tested} test rows", f"MAX({column(predict.expected)})", allowed),
        ]
        if predict.word:
            checks.append(Check("test rows with another class", f"SUM({column(predict.same)})", 0.0))
        if self.step and self.plan.training:
            for name, cell in self.step.differences.items():
                what = "the loss" if name == self.plan.training.derivation.reported else name
                checks.append(Check(f"one step: {what}", cell, allowed_after))
            checks.append(Check("one step: the new weights", f"MAX({self.step.update.difference})", allowed_after))
        return checks


def write(plan: Plan) -> bytes:
    """The file.

    Raises
    ------
    NotImplementedError
        The network is too large for a spreadsheet, or mixes rows when it predicts; the message names the step.
    ImportError
        openpyxl is not installed.
    """
    need("spreadsheets", "openpyxl", "xlsx")
    return to_bytes(Book(plan).pages)


def run(plan: Plan, program: Path, rows: RawRows) -> tuple[Answers, str]:
    """What the file says of rows typed into it, by LibreOffice.

    With training, the weights after its one step are first pasted over those before it, as its reader would.
    """
    tool = version(office())
    book = Book(plan)
    changes: dict[str, dict[tuple[int, int], Cell]] = {PREDICT: typed_rows(book, rows)}
    theta: np.ndarray | None = None
    losses: tuple[float, ...] = ()
    if book.step and plan.training:
        theta, losses, changes[WEIGHTS] = after_step(book, program)

    def cells(column: int) -> list[str]:
        return grid(PREDICT, FIRST, column, (len(rows), 1)).references("")

    shown = book.predict.outputs
    outputs = [cell for column in (*shown, *book.predict.ends) for cell in cells(column)]
    numbers, texts = calculated(program, changes, outputs, cells(book.predict.word) if book.predict.word else [])
    answers = numbers.reshape(-1, len(rows)).T
    answers, ends = np.split(answers, [len(shown)], axis=1)
    known = ends if plan.interval else None
    return Answers(outputs=answers, ends=known, words=class_words(plan, texts), theta=theta, losses=losses), tool


def check_size(plan: Plan) -> None:
    """Refuse a network with more weights than can be looked at."""
    count = sum(array.size for array in plan.arrays.values())
    if count > MOST:
        raise NotImplementedError(
            f"the sheet {WEIGHTS} would have {count:,} numbers, {MOST:,} are allowed: eject a smaller network, or into "
            "another language"
        )


def typed_rows(book: Book, rows: RawRows) -> dict[tuple[int, int], Cell]:
    """The cells of "Predict" with these rows, and the formulas copied down."""
    page = Page(name=PREDICT)
    for k, values in enumerate(rows):
        book.predict.write_row(page, FIRST + k, values, f"row {k + 1}")
    return page.cells


def after_step(book: Book, program: Path) -> tuple[np.ndarray, tuple[float, ...], dict[tuple[int, int], Cell]]:
    """The new theta, the loss, and the cells of "Weights" with what is there after the step."""
    step, weights = book.step, book.weights
    assert step is not None
    assert book.plan.training is not None
    wanted = [step.blocks["theta_new"], step.blocks[book.plan.training.derivation.reported], *weights.after.values()]
    found, _ = calculated(program, {}, [cell for block in wanted for cell in block.references("")], [])
    theta, loss, *after = np.split(found, np.cumsum([block.rows.size for block in wanted])[:-1])
    page = Page(name=WEIGHTS)
    for name, values in zip(weights.after, after, strict=True):
        page.numbers(weights.blocks[name], values)
    return theta, (float(loss[0]),), page.cells


def class_words(plan: Plan, texts: list[Any]) -> tuple[str, ...]:
    """The classes that cells name, as words."""
    if plan.classes is None:
        return ()
    shown = [safe(label) if isinstance(label, str) else label for label in sheet_labels(plan.classes)]
    known = dict(zip(shown, map(label_word, plan.classes), strict=True))
    return tuple(known.get("" if text is None else text, str(text)) for text in texts)
