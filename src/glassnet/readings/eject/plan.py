"""What a program must contain, before it is written in any language.

A plan is a model taken apart: the steps of its derivation, its numbers, what it knows about its data, rows to test the
program with and the answers to them, and for a program that trains where training begins and where it must end.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from glassnet.data.arrays import ArrayContract
from glassnet.data.tables.category_column import CategoryColumn, truths_in
from glassnet.data.tables.cells import MISSING_WORDS
from glassnet.data.tables.contract import DataContract, Feature
from glassnet.data.tables.date_column import DateColumn
from glassnet.data.tables.number_column import NumberColumn
from glassnet.data.tables.scaling import Quantiles
from glassnet.data.tables.targets import NumberTarget, label_word
from glassnet.derivation.contents import heading
from glassnet.derivation.derive import derive_prediction
from glassnet.derivation.steps import Derivation, Step
from glassnet.parts.naming import check_number
from glassnet.readings.eject.answers import Answers, Original, allowed, in_double, tested, units
from glassnet.readings.eject.formulas import Formula, Formulas
from glassnet.readings.eject.interval import Interval, interval_of
from glassnet.readings.eject.names import in_comment
from glassnet.readings.eject.random_rows import RawRow, RawRows
from glassnet.readings.eject.steps import laid_out, names_in, readable, split
from glassnet.readings.eject.training_plan import Course, Training, plan_training
from glassnet.training.contract import classes_of, output_name
from glassnet.training.state import State

SHOWN = 40  # numbers in a row that is shown as an example


@dataclass(frozen=True, eq=False, kw_only=True)
class Plan:
    """A model taken apart, to be written down in a language.

    Attributes
    ----------
    answers
        What says, of any rows, what the model that is ejected says of them; of one in float32, what it says with the
        same weights in float64, where the program computes in double precision and does not train.
    contract
        What is known about the data.
    dtype
        Of the program's numbers.
    single
        Whether the program is held against answers in float32.
    derivation
        The way to a prediction.
    steps
        Its steps, written as one would by hand (`derivation/tidy.py`); the last is p. Steps refer to each other, to
        `x` and to `arrays` by name. A node with a `call` is the result of a named formula: `call.name` is a name in
        `formulas`, and `args` (the same as `call.args`) is what it is applied to; the arithmetic is in the formula.
    formulas
        The named formulas of these steps and of those of the training, in the order in which they can be defined.
    arrays
        What the steps read: weights and biases, running means, by name.
    rows, expected
        Rows as a user would give them, and the model's answers to them.
    missing_words
        The words that stand for a missing value.
    training
        None for a program that only predicts.
    interval
        How far predictions can be trusted, at the level that was asked for; None: it was not.
    """

    answers: Original
    contract: ArrayContract | DataContract
    dtype: np.dtype[Any]
    single: bool
    derivation: Derivation
    steps: tuple[Step, ...]
    formulas: Mapping[str, Formula]
    arrays: Mapping[str, np.ndarray]
    rows: RawRows
    expected: Answers
    training: Training | None = None
    interval: Interval | None = None
    prefix: str = ""

    @property
    def table(self) -> DataContract | None:
        """The contract of a model that takes tables; None for arrays."""
        return None if isinstance(self.contract, ArrayContract) else self.contract

    @property
    def classes(self) -> tuple[Any, ...] | None:
        """The labels, in the order of the outputs; None where numbers are predicted."""
        return classes_of(self.contract)

    @property
    def n_inputs(self) -> int:
        """Numbers in an encoded row."""
        return self.contract.n_inputs

    @property
    def n_outputs(self) -> int:
        """Numbers in p: 1 where two classes share one probability."""
        return int(self.steps[-1].shape[1])

    @property
    def both(self) -> bool:
        """Whether p is the probability of the second of two classes alone; the first has 1 - p."""
        return self.classes is not None and len(self.classes) == 2 and self.n_outputs == 1

    @property
    def probabilities(self) -> bool:
        """Whether p is probabilities."""
        return self.classes is not None and output_name(self.derivation.network) in ("softmax", "sigmoid")

    @property
    def target_name(self) -> str:
        """The name of what is predicted; `y` for arrays."""
        return self.table.target.name if self.table else "y"

    @property
    def units(self) -> tuple[float, float]:
        """Mean and scale of a numeric target: what is predicted is p * scale + mean."""
        return units(self.contract)

    @property
    def held(self) -> tuple[float, float] | None:
        """The range that predictions are held to, in the target's units; None: they are not."""
        target = self.table.target if self.table else None
        return (target.low, target.high) if isinstance(target, NumberTarget) and target.clamp else None

    @property
    def flat(self) -> bool:
        """Whether a prediction is one number, rather than several or a list of one."""
        return not isinstance(self.contract, ArrayContract) or self.contract.flat

    @property
    def missing_words(self) -> tuple[str, ...]:
        """The words that stand for a missing value; none of them is a category."""
        features = self.table.features if self.table else ()
        known = {word for item in features if isinstance(item, CategoryColumn) for word in item.seen}
        return tuple(word for word in MISSING_WORDS if word not in known)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of columns that a row has, of "words", "dates" and "numbers", in this order; none for arrays."""
        found = {kind_of(item) for item in (self.table.features if self.table else ())}
        return tuple(kind for kind in ("words", "dates", "numbers") if kind in found)

    @property
    def scaling(self) -> str:
        """How columns of numbers and dates are scaled; "standard" where there are none."""
        features = self.table.features if self.table else ()
        return next((item.scaling.name for item in features if not isinstance(item, CategoryColumn)), "standard")

    @property
    def filled(self) -> str:
        """What stands for a number that is missing: "median" or "mean"."""
        features = self.table.features if self.table else ()
        return next((item.filled for item in features if isinstance(item, NumberColumn)), "median")

    @property
    def has_levels(self) -> bool:
        """Whether something else becomes of inputs that are 0 or 1."""
        return any(item.levels for item in (self.table.features if self.table else ()))

    @property
    def has_pairs(self) -> bool:
        """Whether two words of a column share an input."""
        return any(
            isinstance(item, CategoryColumn) and item.pair for item in (self.table.features if self.table else ())
        )

    @property
    def has_other(self) -> bool:
        """Whether a column has rare words, which share an input with all words that are new."""
        features = self.table.features if self.table else ()
        return any(isinstance(item, CategoryColumn) and item.other for item in features)

    @property
    def has_truths(self) -> bool:
        """Whether words of a column say truth values, each in one way: then True and "TRUE" say the same as "true"."""
        features = self.table.features if self.table else ()
        words = [item.seen for item in features if isinstance(item, CategoryColumn)]
        said = [[word.lower() for word in seen if word.lower() in truths_in(seen)] for seen in words]
        return any(said) and all(len(set(truths)) == len(truths) for truths in said)

    @property
    def title(self) -> str:
        """`2-4-1, sigmoid, sigmoid: a neural network that predicts y.`; harmless in comments."""
        sizes, activations, *_ = heading(self.derivation)
        return f"{sizes}, {activations}: a neural network that predicts {in_comment(self.target_name)}."

    @property
    def expected_classes(self) -> list[int]:
        """Which of the classes each row of the self-test has."""
        words = [label_word(label) for label in self.classes or ()]
        return [words.index(word) for word in self.expected.words]

    @property
    def example(self) -> RawRow | list[float] | None:
        """A row to show in a line or two how the program is used; None where it would have too many numbers."""
        if isinstance(self.rows, np.ndarray):
            return [round(float(value), 2) for value in self.rows[0]] if self.n_inputs <= SHOWN else None
        return next((row for row in self.rows if None not in row.values()), self.rows[0])

    @property
    def known(self) -> Mapping[str, np.ndarray]:
        """All that a program knows before it runs: weights and biases, running means."""
        return self.training.arrays if self.training else self.arrays

    @property
    def ends(self) -> int:
        """How many numbers say how far a prediction can be trusted: 2, or one for each class; 0 without an interval."""
        return 0 if self.interval is None else len(self.classes) if self.classes else 2

    @property
    def allowed(self) -> tuple[str, str]:
        """How far a prediction and, after training, a weight may be from glassnet's, in parts of their scale."""
        return allowed(self.single)


def kind_of(column: Feature) -> str:
    """What a column holds: "words", "dates" or "numbers"."""
    return {CategoryColumn: "words", DateColumn: "dates", NumberColumn: "numbers"}[type(column)]


def scaling_numbers(column: NumberColumn | DateColumn) -> dict[str, float]:
    """Single numbers with which a column's are scaled, and what stands for a missing one, by name."""
    return {**({} if isinstance(column.scaling, Quantiles) else asdict(column.scaling)), "fill": column.fill}


def scaling_points(column: Feature) -> dict[str, tuple[float, ...]]:
    """Lists of numbers with which a column's are scaled, by name."""
    scaling = None if isinstance(column, CategoryColumn) else column.scaling
    return {"values": scaling.values, "normal": scaling.normal} if isinstance(scaling, Quantiles) else {}


def plan_of(
    model: State, course: Course, *, training: bool = False, dtype: Any = None, interval: float | None = None
) -> Plan:
    """Take a model apart; the parameters are those of `eject`."""
    model = copy.deepcopy(model)
    if training and interval is not None:
        raise ValueError(
            "interval is of the model's numbers as they are, which a program that trains changes; leave one of them out"
        )
    known = None if interval is None else interval_of(model, interval)
    if training:
        model.be_calibrated(None)  # it was of the numbers before
    chosen = model.dtype if dtype is None else float_type(dtype)
    if not training and any(item is not None for item in (course.X, course.y, course.sample_weight)):
        raise ValueError("rows are for training: give training=True as well, or leave X and y out")
    if not training and any(item is not None for item in (course.optimizer, course.reported)):
        raise ValueError("optimizer and reported are for training: give training=True as well, or leave them out")
    if training and course.X is None:
        raise ValueError("a program that trains needs rows to train on: give X and y, or for a table X")
    if course.reported is not None:
        check_number("reported", course.reported, 0.0, math.inf)
        if model.network.l1 or model.network.l2:
            raise ValueError("reported is for losses without penalties; leave it out, or l1 and l2")
    check_finite(model, chosen)
    derivation = derive_prediction(model.predicting, model.n_inputs, dtype=chosen)
    trained = plan_training(model, course) if training else None
    formulas = Formulas(names_in(derivation) | (names_in(trained.derivation) if trained else set()))
    steps = laid_out(split(formulas.closed(readable(derivation.steps))))
    if trained is not None:
        trained = replace(trained, steps=laid_out(split(formulas.closed(trained.steps))))
    arrays = {name: value for name, value in model.memory.arrays().items() if name in derivation.inputs}
    original = in_double(model) if chosen == np.float64 and not training else model
    single = np.float32 in (chosen, original.dtype)
    rows, expected = tested(original, single)
    return Plan(
        answers=Original(original, interval),
        contract=model.contract,
        dtype=chosen,
        single=single,
        derivation=derivation,
        steps=steps,
        formulas=formulas.by_name,
        arrays={name: value.copy() for name, value in arrays.items()},
        rows=rows,
        expected=expected,
        training=trained,
        interval=known,
    )


def float_type(dtype: Any) -> np.dtype[Any]:
    """float32 or float64; ValueError for anything else."""
    try:
        chosen: np.dtype[Any] = np.dtype(dtype)
    except (TypeError, ValueError, SyntaxError):  # all three come of text that NumPy takes for one of its types
        chosen = np.dtype(object)
    if chosen not in (np.float32, np.float64):
        raise ValueError(f"dtype must be float32 or float64, got {dtype!r:.60}")
    return chosen


def check_finite(model: State, dtype: np.dtype[Any]) -> None:
    """ValueError for a model with numbers that are none, or that are too large for a type."""
    for name, values in model.memory.arrays().items():
        with np.errstate(over="ignore"):
            finite = np.isfinite(values.astype(dtype)).all()
        if not finite:
            why = f"are too large for {dtype}" if np.isfinite(values).all() else "are infinite or NaN"
            raise ValueError(f"numbers in the model's {name} {why}: nothing can be computed with them")
