"""The sheet "Read me": what the file is, how it is used, and whether it still says what glassnet says."""

from __future__ import annotations

from typing import NamedTuple

from glassnet.data.files.version import __version__
from glassnet.parts.layers import Dense
from glassnet.readings.eject.plan import Plan
from glassnet.readings.eject.spreadsheet.page import Page

NAME = "Read me"


class Check(NamedTuple):
    """A line of the self-test: what is compared, a formula for the largest difference, how large it may be."""

    what: str
    formula: str
    allowed: float


def read_me(plan: Plan, checks: list[Check]) -> Page:
    """The sheet."""
    page = Page(name=NAME, color="1F4E78", widths={1: 46, 2: 20, 3: 14, 4: 16})
    row = page.title(
        f"A neural network: {described(plan)}", (f"Made by glassnet {__version__}. Every number is live.",)
    )
    row = write_checks(page, row, checks)
    for head, lines in texts(plan):
        page.band(row, 1, 4, head)
        page.texts(row + 1, 1, lines, "words", down=True)
        for at, line in enumerate(lines, row + 1):
            page.merge(at, 1, 4)
            page.heights[at] = 15.5 * (1 + len(line) // 105)
        row += len(lines) + 2
    return page


def write_checks(page: Page, row: int, checks: list[Check]) -> int:
    """The self-test."""
    page.texts(row, 1, ("self-test: compared with glassnet", "largest difference", "allowed", "result"), "head")
    for k, check in enumerate(checks, row + 1):
        page.text(k, 1, check.what)
        page.formula(k, 2, check.formula, "number", "0.0E+00")
        page.number(k, 3, check.allowed, "number", "0.0E+00")
        page.formula(k, 4, f'IF(ISNUMBER(B{k}),IF(B{k}<=C{k},"OK","DIFFERENT"),"an error")', "verdict")
    return row + len(checks) + 2


def texts(plan: Plan) -> list[tuple[str, list[str]]]:
    """Headings, and the lines under each."""
    typed = "Type into the yellow cells"
    use = [
        f"Predict: a row of data is a line. {typed}; the prediction is beside them, and every step on the way to it "
        "is to the right. For more rows copy the last line down.",
        "Weights: what the network has learnt; a line is a unit. Change one, and see what it does.",
        "Data: how what you type becomes numbers, and which classes or units come out.",
    ]
    if plan.training:
        use += [
            "One step: a whole step of training, from the rows of the batch to the gradients. Update: what it makes of "
            "each weight.",
            "One step is all of it: training repeats this for each batch and each epoch. To take the next, copy the "
            "weights after the step (on the right of the sheet Weights) and paste them as values over those before it"
            + (
                ", and so what the optimizer remembers, on the sheet Update; add 1 to t."
                if plan.training.slots
                else "."
            ),
        ]
    colors = [
        "yellow: yours to change; pale blue: what was learnt; green: results; grey: what glassnet says, to compare.",
        "The self-test says DIFFERENT once a test row or a weight is changed: then the numbers ought to differ.",
    ]
    formulas = [f"{formula.name}: {formula.meaning}" for formula in plan.formulas.values() if formula.meaning]
    parts = [("How to use it", use), ("Colours", colors)]
    return [*parts, ("Formulas with a name", formulas)] if formulas else parts


def described(plan: Plan) -> str:
    """Sizes, and what is predicted: `11-16-3, predicts species`."""
    layers = plan.derivation.network.layers
    sizes = [plan.n_inputs, *(layer.units for layer in layers if isinstance(layer, Dense))]
    return f"{'-'.join(map(str, sizes))}, predicts {plan.target_name}"
