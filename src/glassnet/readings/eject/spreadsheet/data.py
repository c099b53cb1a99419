"""The sheet "Data": how what a user types becomes numbers, and what the numbers that come out mean.

Every number and word of the data contract stands in a cell here, and formulas read it from there. So no name or word
ever becomes part of a formula, whatever it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from glassnet.data.tables.category_column import CategoryColumn
from glassnet.data.tables.cells import number_text, plain_number
from glassnet.data.tables.contract import Feature
from glassnet.data.tables.date_column import PERIODS, DateColumn
from glassnet.data.tables.number_column import NumberColumn
from glassnet.data.tables.scaling import LIMIT, Quantiles, Standard
from glassnet.data.tables.targets import label_word
from glassnet.readings.eject.interval import Interval
from glassnet.readings.eject.plan import Plan
from glassnet.readings.eject.spreadsheet import dates
from glassnet.readings.eject.spreadsheet.cells import Block, grid, upright
from glassnet.readings.eject.spreadsheet.functions import number
from glassnet.readings.eject.spreadsheet.page import Page

NAME = "Data"
MEAN, SCALE, FILL, WORD, LOW, OFF, POINTS = 4, 5, 6, 7, 9, 11, 15  # columns
HEADS = ("input of the network", "column", "becomes", "mean", "scale", "if missing", "word", "word as number",
         "lowest in training", "highest in training", "for 0", "for 1", "for 2")  # fmt: skip
BECOMES = {
    "standard": "({} - mean) / scale",
    "robust": "z = ({} - median) / scale, held",
    "quantile": "the normal quantile of {}",
}
ABOUT_NUMBERS = "{}; an empty cell, or a word that means missing, counts as the number under 'if missing'."
NUMBERS = {
    "standard": "A number x becomes (x - mean) / scale",
    "robust": "A number x becomes z / √(1 + (z/3)²), which is 3 sin(arctan(z/3)), where z = (x - median) / scale",
    "quantile": "A number x becomes its normal quantile, on lines between the points that stand to the right",
}
ABOUT_WORDS = "A word becomes 1 in the line of that word and 0 in the others; capitals count."
ABOUT_LEVELS = "What is 0 or 1 becomes the number under 'for 0' or under 'for 1' before the network takes it."
ABOUT_DATES = (
    "A date, or a text like 2024-03-01 or 2024-03-01T12:30Z, becomes the days from 1970-01-01 to it; and its places on "
    "circles, once and twice round in a year, a week, a day."
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
    units
        Where the target's mean and scale are, and what predictions are held between, if they are; None where they are
        in the target's units as they are.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.page = Page(name=NAME, color="BF9000", widths={1: 26, 2: 22, 3: 24, **dict.fromkeys(range(4, 14), 13.0)})
        self.input_names = plan.contract.input_names
        self.features = plan.table.features if plan.table else ()
        self.columns = plan.table.feature_names if plan.table else self.input_names
        self.words: Block | None = None
        self.choices: dict[str, Block] = {}
        self.fills: dict[str, tuple[str, str]] = {}  # of dates: whether one is missing, what then counts
        self.classes: Block | None = None
        self.units: Block | None = None
        self.edges: Block | None = None  # of intervals: where the next width begins
        self.widths: Block | None = None
        self.least: Block | None = None  # of sets
        row = self.page.title("Data: what goes in, what comes out", notes(plan))
        self.formulas: list[str] = []
        self.levels: dict[int, Block] = {}  # of an input that is 0 or 1: where stands what becomes of these
        self.points: dict[int, Block] = {}  # of an input that is a normal quantile: values, quantiles, slopes
        self.n_words: dict[int, int] = {}  # of an input for all other words: how many inputs for words are before it
        row = self.write_inputs(self.write_missing(row))
        self.write_target(row)

    # the sheet

    def write_missing(self, row: int) -> int:
        """The words that mean "missing"."""
        words = [word for word in self.plan.missing_words if word]
        if not self.plan.table or not words:
            return row
        self.page.text(row, 1, "words that mean missing", "head")
        self.page.texts(row, 2, words, "label")
        self.words = grid(NAME, row, 2, (len(words),))
        return row + 2

    def write_inputs(self, row: int) -> int:
        """A line for each input of the network."""
        heads = list(HEADS[:3] if not self.plan.table else HEADS[: OFF - 1])
        heads += HEADS[OFF - 1 : OFF + 1 + self.plan.has_pairs] if self.plan.has_levels else []
        if self.plan.scaling == "robust":
            heads[MEAN - 1] = "median"
        if self.plan.scaling == "quantile":
            heads[MEAN - 1] = heads[SCALE - 1] = ""
        self.page.texts(row, 1, heads, "head")
        self.page.heights[row] = 32.0
        self.page.texts(row + 1, 1, self.input_names, "label", down=True)
        self.row = self.first = row + 1
        for item in self.features:
            self.write_feature(item)
        if not self.plan.table:
            for name in self.input_names:
                self.line(name, "the number itself", "IF(ISNUMBER({raw}),{raw},NA())")
        return self.row + 1

    def line(self, name: str, becomes: str, formula: str) -> None:
        """The line of an input: the column that it is made of, what that becomes, and by which formula."""
        self.page.texts(self.row, 2, (name, becomes))
        self.formulas.append(formula)
        self.row += 1

    def write_feature(self, item: Feature) -> None:
        """The lines of the inputs that a column becomes."""
        if isinstance(item, NumberColumn):
            self.line(item.name, BECOMES[item.scaling.name].format("x"), self.number(item))
            may_be_missing = item.indicator
        elif isinstance(item, DateColumn):
            self.write_date(item)
            may_be_missing = item.indicator
        else:
            self.write_words(item)
            may_be_missing = item.missing
            if item.other:
                formula = f"IF({self.is_missing()},0,1-SUM({{words}}))"
                self.n_words[len(self.formulas)] = len(item.categories)
                self.line(item.name, "1 for any other word, else 0", formula)
        if may_be_missing:
            self.line(item.name, "1 where missing, else 0", f"IF({self.is_missing()},1,0)")
        for k, level in enumerate(item.levels, start=len(self.formulas) - len(item.levels)):
            cells = grid(NAME, self.row - len(self.formulas) + k, OFF, (len(level),))
            self.page.numbers(cells, level, "learnt", "0.0000")
            self.levels[k] = cells

    def learnt(self, item: NumberColumn | DateColumn) -> str:
        """Write what is known about a column's numbers into the line; the cell with what stands for a missing one."""
        scaling = item.scaling
        if isinstance(scaling, Quantiles):
            self.write_points(item.name, scaling)
        else:
            middle = scaling.mean if isinstance(scaling, Standard) else scaling.median
            self.page.numbers(grid(NAME, self.row, MEAN, (2,)), (middle, scaling.scale), "learnt", "0.0000")
        self.page.number(self.row, FILL, item.fill, "learnt")
        self.page.numbers(grid(NAME, self.row, LOW, (2,)), (item.low, item.high))
        return self.cell(FILL)

    def write_points(self, name: str, scaling: Quantiles) -> None:
        """Three columns beside the lines: values of training, their normal quantiles, and how these rise."""
        column = POINTS + 4 * len(self.points)
        for k, (head, numbers) in enumerate(
            (
                (f"{name}: values", scaling.values),
                ("normal quantile", scaling.normal),
                ("slope to the next", scaling.slopes),
            )
        ):
            self.page.text(self.first - 1, column + k, head, "head")
            self.page.numbers(upright(NAME, self.first, column + k, (len(numbers),)), numbers, "learnt", "0.0000")
        self.points[len(self.formulas)] = grid(NAME, self.first, column, (len(scaling.values), 3))

    def scaled(self, item: NumberColumn | DateColumn, number: str) -> str:
        """A number, scaled: the formula stands in it once, however long it is. What has points is scaled later."""
        if isinstance(item.scaling, Quantiles):
            return number
        z = f"({number}-{self.cell(MEAN)})/{self.cell(SCALE)}"
        return z if isinstance(item.scaling, Standard) else f"{LIMIT:g}*SIN(ATAN({z}/{LIMIT:g}))"

    def number(self, item: NumberColumn) -> str:
        """The number that is typed, or stands for a missing one, scaled."""
        fill = self.learnt(item)
        read = f'_xlfn.NUMBERVALUE({stripped("{raw}")},"."," ")'  # a number typed as text; an error for a word
        return self.scaled(item, f"IF(ISNUMBER({{raw}}),{{raw}},IF({self.is_missing()},{fill},{read}))")

    def write_date(self, item: DateColumn) -> None:
        """A line for the days, and one for each place on a circle."""
        self.fills[item.name] = (self.is_missing(), self.learnt(item))
        self.line(item.name, BECOMES[item.scaling.name].format("days"), self.scaled(item, "{days}"))
        for part, turns, wave in item.waves:
            words = f"{wave} of {'twice ' if turns == 2 else ''}the time of {part}"
            self.line(item.name, words, dates.wave("{days}", PERIODS[part], turns, wave))

    def days(self, name: str, typed: str, cells: dict[str, str]) -> list[str]:
        """The formulas of the cells that make days of a date that was typed."""
        is_missing, fill = (text.replace("{raw}", typed) for text in self.fills[name])
        return dates.formulas(typed, cells, stripped(typed), is_missing, fill)

    def write_words(self, item: CategoryColumn) -> None:
        """A line for each word; the first of the words that are the same number is that number's."""
        if item.pair:
            self.write_pair(item)
            return
        self.choices[item.name] = upright(NAME, self.row, WORD, (len(item.categories),))
        values = [plain_number(word) for word in item.categories]
        for k, word in enumerate(item.categories):
            own = values[k] if values.index(values[k]) == k else None
            self.line(item.name, "1 for this word, else 0", self.is_word(word, own))

    def write_pair(self, item: CategoryColumn) -> None:
        """The line of two words that share an input: 1 for the first, 2 for the second; and 0 for neither."""
        first, second = (
            self.is_word(word, plain_number(word), column)
            for word, column in zip(item.categories, (WORD, LOW), strict=True)
        )
        self.line(item.name, "1 for the left word, 2 for the right", f"IF({first}=1,1,2*{second})")

    def is_word(self, word: str, value: float | None, column: int = WORD) -> str:
        """1 for a word, 0 for others; for a number typed, 1 if the word is that number. It stands in a column."""
        self.page.text(self.row, column, word, "word")
        cell = self.cell(column)
        rest = f'SUBSTITUTE({{raw}},{cell},"",1)'  # of what was typed, without the word: blanks at most
        same = f'AND({stripped("{raw}")}<>"",{stripped(rest)}="")'
        if value is None:
            return f"IF(ISNUMBER({{raw}}),0,IF({same},1,0))"
        self.page.number(self.row, column + 1, value, "learnt")
        return f"IF(ISNUMBER({{raw}}),IF({{raw}}={self.cell(column + 1)},1,0),IF({same},1,0))"

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
        elif plan.units != (0.0, 1.0) or plan.held:
            held = ", held to what training had" if plan.held else ""
            page.text(row + 1, 1, f"prediction = p * scale + mean{held}", "label")
            page.texts(row, MEAN, ("mean", "scale", *(("lowest", "highest") if plan.held else ())), "head")
            numbers = (*plan.units, *(plan.held or ()))
            self.units = grid(NAME, row + 1, MEAN, (len(numbers),))
            page.numbers(self.units, numbers, "learnt", "0.0000")
        else:
            page.text(row + 1, 1, "a number, as the network gives it", "label")
        if plan.interval is not None:
            self.write_trust(row + 3 + len(plan.classes or ()), plan.interval)

    def write_trust(self, row: int, known: Interval) -> None:
        """What makes intervals: a line for each width, beside the prediction above which it is taken; or sets."""
        learnt = f"learnt from {known.rows:,} rows"
        if self.plan.classes is not None:
            self.page.text(row, 1, f"{known.share} sets: a class is in it from this probability on, {learnt}", "head")
            self.least = grid(NAME, row + 1, MEAN, ())
            self.page.numbers(self.least, (known.least,), "learnt", "0.0000")
            return
        self.page.text(row, 1, f"{known.share} intervals: prediction - width to prediction + width, {learnt}", "head")
        self.page.texts(row + 1, MEAN, ("above", "width"), "head")
        self.widths = upright(NAME, row + 2, SCALE, (len(known.widths),))
        self.page.numbers(self.widths, known.widths, "learnt", "0.0000")
        if len(known.edges):
            self.edges = upright(NAME, row + 3, MEAN, (len(known.edges),))
            self.page.numbers(self.edges, known.edges, "learnt", "0.0000")

    def width(self, prediction: str) -> str:
        """The half of the interval around a prediction."""
        assert self.widths is not None
        if self.edges is None:
            return self.widths.reference("")
        return f"INDEX({self.widths.reference('')},1+SUMPRODUCT(--({prediction}>{self.edges.reference('')})))"

    def cell(self, column: int) -> str:
        """A cell of the line that is written, in formulas of other sheets."""
        return grid(NAME, self.row, column, ()).reference("")

    # what others need

    def x(self, k: int, raw: Sequence[str], days: Mapping[str, str], x: Block) -> str:
        """The formula of input k, from the cells that were typed, one for each column, beside the other inputs x.

        For columns of dates `days` has the cell with the days.
        """
        column = self.source(k)
        formula = self.formulas[k].replace("{raw}", raw[column])
        formula = formula.replace("{days}", days.get(self.columns[column], ""))
        if "{words}" in formula:
            formula = formula.replace("{words}", x[k - self.n_words[k] : k].reference(x.sheet))
        return formula

    @property
    def has_more(self) -> bool:
        """Whether the network takes something else than the row's numbers, 0 and 1."""
        return bool(self.levels or self.points)

    def taken(self, k: int, cell: str) -> str:
        """What the network takes for input k: the cell itself, what becomes of its 0 or 1, or its normal quantile."""
        if k in self.points:
            values, normal, slopes = (self.points[k][:, j] for j in range(3))
            held = f"MEDIAN({cell},{values[0].reference('')},{values[-1].reference('')})"
            here = f"MATCH({held},{values.reference('')},1)"
            at, before, slope = (f"INDEX({of.reference('')},{here})" for of in (normal, values, slopes))
            return f"{at}+({held}-{before})*{slope}"
        if k not in self.levels:
            return cell
        off, on, *second = self.levels[k].references("")
        return f"IF({cell}=1,{on},{f'IF({cell}=2,{second[0]},{off})' if second else off})"

    def source(self, k: int) -> int:
        """Which typed column input k is made of."""
        owners = [at for at, item in enumerate(self.features) for _ in item.input_names]
        return owners[k] if owners else k


def notes(plan: Plan) -> tuple[str, ...]:
    """What is said above the lines."""
    if plan.table is None:
        return ()
    found = [ABOUT_NUMBERS.format(NUMBERS[plan.scaling]), ABOUT_WORDS]
    found += [ABOUT_LEVELS] if plan.has_levels else []
    return (*found, *([ABOUT_DATES] if "dates" in plan.kinds else []))


def stripped(text: str) -> str:
    """A text without blanks around it: neither usual ones nor tabs, line ends and those that do not break."""
    return f'TRIM(CLEAN(SUBSTITUTE({text},_xlfn.UNICHAR(160)," ")))'


def sheet_labels(classes: Sequence[Any]) -> list[str | float]:
    """Classes as cells have them: numbers as numbers, others as words."""
    return [float(label) if is_number_label(label) else label_word(label) for label in classes]


def is_number_label(label: Any) -> bool:
    """Whether a class is a number that a spreadsheet can hold."""
    return not isinstance(label, str | bool) and number(float(label)) == number_text(float(label)).upper()
