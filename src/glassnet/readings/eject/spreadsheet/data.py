"""The sheet "Data": how what a user types becomes numbers, and what the numbers that come out mean.

Every number and word of the data contract stands in a cell here, and formulas read it from there. So no name or word
ever becomes part of a formula, whatever it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from glassnet.data.tables.category_column import CategoryColumn
from glassnet.data.tables.cells import number_text, plain_number
from glassnet.data.tables.number_column import NumberColumn
from glassnet.data.tables.targets import label_word
from glassnet.readings.eject.plan import Plan
from glassnet.readings.eject.spreadsheet.cells import Block, grid, upright
from glassnet.readings.eject.spreadsheet.functions import number
from glassnet.readings.eject.spreadsheet.page import Page

NAME = "Data"
MEAN, SCALE, FILL, WORD, VALUE = 4, 5, 6, 7, 8  # columns
HEADS = ("input of the network", "column", "becomes", "mean", "scale", "if missing", "word", "word as number",
         "lowest in training", "highest in training")  # fmt: skip
NOTES = (
    "A number x becomes (x - mean) / scale; an empty cell, or a word that means missing, counts as the number under "
    "'if missing'.",
    "A word becomes 1 in the line of that word and 0 in the others; capitals count.",
)


class DataSheet:
    """The sheet, and the formulas that read it.

    Attributes
    ----------
    page
        The sheet.
    columns
        The columns that a user types, by name.
    input_names
        The network's inputs.
    classes
        Where the classes are; None where numbers are predicted.
    mean, scale
        Where the target's are; None where predictions are in the target's units as they are.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.page = Page(name=NAME, color="BF9000", widths={1: 26, 2: 22, 3: 24, **dict.fromkeys(range(4, 11), 13.0)})
        self.input_names = plan.contract.input_names
        self.features = plan.table.features if plan.table else ()
        self.columns = plan.table.feature_names if plan.table else self.input_names
        self.words: Block | None = None
        self.choices: dict[str, Block] = {}
        self.classes: Block | None = None
        self.mean: Block | None = None
        self.scale: Block | None = None
        row = self.page.title("Data: what goes in, what comes out", NOTES if plan.table else ())
        self.formulas: list[str] = []
        row = self.write_inputs(self.write_missing(row))
        self.write_target(row)

    # the sheet

    def write_missing(self, row: int) -> int:
        """The words that mean "missing"."""
        words = [word for word in self.plan.missing_words if word]
        if not self.plan.table or not words:
            return row
        self.page.text(row, 1, "words that mean missing", "head")
        self.words = grid(NAME, row, 2, (len(words),))
        for k, word in enumerate(words):
            self.page.text(row, 2 + k, word, "label")
        return row + 2

    def write_inputs(self, row: int) -> int:
        """A line for each input of the network."""
        for k, head in enumerate(HEADS if self.plan.table else HEADS[:3]):
            self.page.text(row, 1 + k, head, "head")
        self.page.heights[row] = 32.0
        first = row + 1
        for k, name in enumerate(self.input_names):
            self.page.text(first + k, 1, name, "label")
        if not self.plan.table:
            self.formulas = [self.as_it_is(first + k, name) for k, name in enumerate(self.input_names)]
        for item in self.features:
            self.write_feature(first + len(self.formulas), item)
        return first + len(self.formulas) + 1

    def write_feature(self, row: int, item: NumberColumn | CategoryColumn) -> None:
        """The lines of the inputs that a column becomes."""
        if isinstance(item, NumberColumn):
            found, may_be_missing = [self.number_line(row, item)], item.indicator
        else:
            found, may_be_missing = self.word_lines(row, item), item.missing
        if may_be_missing:
            found.append(self.missing_line(row + len(found), item.name))
        self.formulas += found

    def as_it_is(self, row: int, name: str) -> str:
        """A number that the network takes as it is."""
        self.page.text(row, 2, name)
        self.page.text(row, 3, "the number itself")
        return "IF(ISNUMBER({raw}),{raw},NA())"

    def number_line(self, row: int, item: NumberColumn) -> str:
        """A number, scaled."""
        self.page.text(row, 2, item.name)
        self.page.text(row, 3, "(x - mean) / scale")
        for column, value in (
            (MEAN, item.mean),
            (SCALE, item.scale),
            (FILL, item.fill),
            (9, item.low),
            (10, item.high),
        ):
            self.page.number(row, column, value, "learnt" if column < 9 else "plain", "0.0000" if column < 6 else "")
        mean, scale, fill = (self.cell(row, column) for column in (MEAN, SCALE, FILL))
        read = f'_xlfn.NUMBERVALUE({stripped("{raw}")},"."," ")'  # a number typed as text; an error for a word
        return f"(IF(ISNUMBER({{raw}}),{{raw}},IF({self.is_missing()},{fill},{read}))-{mean})/{scale}"

    def word_lines(self, row: int, item: CategoryColumn) -> list[str]:
        """A line for each word; the first of the words that are the same number is that number's."""
        self.choices[item.name] = upright(NAME, row, WORD, (len(item.categories),))
        values = [plain_number(word) for word in item.categories]
        firsts = [value if values.index(value) == k else None for k, value in enumerate(values)]
        return [self.word_line(row + k, item.name, word, firsts[k]) for k, word in enumerate(item.categories)]

    def word_line(self, row: int, name: str, word: str, value: float | None) -> str:
        """1 for a word, 0 for others; for a number typed, 1 if the word is that number."""
        self.page.text(row, 2, name)
        self.page.text(row, 3, "1 for this word, else 0")
        self.page.text(row, WORD, word, "word")
        cell = self.cell(row, WORD)
        rest = f'SUBSTITUTE({{raw}},{cell},"",1)'  # of what was typed, without the word: blanks at most
        same = f'AND({stripped("{raw}")}<>"",{stripped(rest)}="")'
        if value is None:
            return f"IF(ISNUMBER({{raw}}),0,IF({same},1,0))"
        self.page.number(row, VALUE, value, "learnt")
        return f"IF(ISNUMBER({{raw}}),IF({{raw}}={self.cell(row, VALUE)},1,0),IF({same},1,0))"

    def missing_line(self, row: int, name: str) -> str:
        """1 where a value is missing."""
        self.page.text(row, 2, name)
        self.page.text(row, 3, "1 where missing, else 0")
        return f"IF({self.is_missing()},1,0)"

    def is_missing(self) -> str:
        """Whether nothing was typed, or a word that means so."""
        typed = stripped("{raw}")
        empty = f'{typed}=""'
        if self.words is None:
            return empty
        return f"OR({empty},SUMPRODUCT(--EXACT({typed},{self.words.reference('')}))>0)"

    def write_target(self, row: int) -> None:
        """The classes, or mean and scale of the number that is predicted."""
        page, plan = self.page, self.plan
        page.text(row, 1, f"what is predicted: {plan.target_name}", "head")
        if plan.classes is not None:
            page.text(row + 1, 1, "classes, in the order of the outputs", "label")
            for k, label in enumerate(sheet_labels(plan.classes)):
                page.value(row + 2 + k, 1, label, "word")
            self.classes = upright(NAME, row + 2, 1, (len(plan.classes),))
        elif plan.units != (0.0, 1.0):
            page.text(row + 1, 1, "prediction = p * scale + mean", "label")
            for column, value in zip((MEAN, SCALE), plan.units, strict=True):
                page.text(row, column, "mean" if column == MEAN else "scale", "head")
                page.number(row + 1, column, value, "learnt", "0.0000")
            self.mean, self.scale = grid(NAME, row + 1, MEAN, (1, 1)), grid(NAME, row + 1, SCALE, (1, 1))
        else:
            page.text(row + 1, 1, "a number, as the network gives it", "label")

    def cell(self, row: int, column: int) -> str:
        """A cell of the sheet, in formulas of other sheets."""
        return grid(NAME, row, column, ()).reference("")

    # what others need

    def x(self, k: int, raw: Sequence[str]) -> str:
        """The formula of input k, from the cells that were typed, one for each column."""
        return self.formulas[k].replace("{raw}", raw[self.source(k)])

    def source(self, k: int) -> int:
        """Which typed column input k is made of."""
        if not self.features:
            return k
        owners = [at for at, item in enumerate(self.features) for _ in item.input_names]
        return owners[k]


def stripped(text: str) -> str:
    """A text without blanks around it: neither usual ones nor tabs, line ends and those that do not break."""
    return f'TRIM(CLEAN(SUBSTITUTE({text},_xlfn.UNICHAR(160)," ")))'


def sheet_labels(classes: Sequence[Any]) -> list[str | float]:
    """Classes as cells have them: numbers as numbers, others as words."""
    return [float(label) if is_number_label(label) else label_word(label) for label in classes]


def is_number_label(label: Any) -> bool:
    """Whether a class is a number that a spreadsheet can hold."""
    return not isinstance(label, str | bool) and number(float(label)) == number_text(float(label)).upper()
