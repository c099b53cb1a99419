"""What a language must supply to be written in: its texts, and how it writes what the skeleton asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from glassnet.readings.eject.interval import Interval

TITLES = {
    "data": "The data",
    "weights": "The weights",
    "formulas": "The formulas",
    "forward": "The network",
    "predict": "Predict",
    "training": "Training",
    "test": "Self-test",
}
ARRAY_TITLES = {
    **TITLES,
    "forward": "Forward: from numbers to a prediction",
    "predict": "Predict: from rows as you have them",
}


class Texts(Protocol):
    """The parts of a program that are the same for all networks: templates, words in << >> are filled in.

    A language's module of texts is one. Where something depends on the columns of the data, there is a text for
    "arrays" of numbers, or for "tables" and for each kind of their columns: "numbers", "words" and "dates". For tables
    there may be more for how numbers are scaled ("robust", "quantile"), and for "levels", which 0 and 1 become.

    Attributes
    ----------
    ANSWERS
        What gives probabilities, scores and numbers is called.
    HEAD
        What the program is, and how it is used.
    TITLES, HEADING, RULE
        The titles of parts; what stands above them, filled up with a `rule` to so many characters.
    GAPS
        The ends of lines between parts, between functions, and between other blocks of a part.
    ROW, COLUMNS, CLASSES
        What is known about the data: a row of an array, or the columns of a table; the classes.
    WEIGHTS, THETA
        Arrays, each by itself; or all that is learnt as one vector, and each array as a part of it.
    FORWARD
        The function from encoded rows to p, around its lines (the word `steps`).
    ENCODE, CELL
        The functions that make numbers of rows, for each kind, in this order; how these treat a cell (the word `cell`).
    SCALE, SCALED_NUMBER
        For each way of scaling, what is made of a column's number (the word `number`); what that is in the texts for
        numbers. They have it as the word `scaled`, those for dates as `scaled_days`.
    ENDING
        The end of what is done with a cell (the word `ending`): what says that it is missing; that, and then levels.
    EITHER, IS_KIND
        One of two things done with a cell (words `condition`, `this`, `other`); whether a column is of words or dates.
    OTHER
        In these, what makes the input for rare and new words, where a column has one (the word `other`).
    PAIR
        And what makes one input of two words, where a column has that (the word `pair`): 1 and 2, for neither 0.
    TRUTHS
        And what finds the category that says the same truth in other capitals (the word `truths`); nothing where all
        words are given as texts, which are compared as they are.
    ENDS, TRUST
        For numbers and for classes: what gives intervals or sets is called, and the texts that do it, where they are
        asked for (words `share`, `rows`, and those of `interval`).
    PREDICT_CLASSES, OF_P, PREDICT_NUMBERS
        Functions from a row to its class; how outputs for all classes are made of p, and of p that is the second's
        alone (the word `of_p`); functions from a row to a number.
    TRAINING, CONSTANT, COUNTERS, SETTINGS
        What training does; a named number; how many steps (t) and epochs are done; all that it knows besides the rows.
    GENERATOR, HALF, NEXT32, UNIFORM, PERMUTATION
        NumPy's PCG64; half of a number of 64 bits, still to be used (the word `half`); numbers of 32 bits; from 0 to 1,
        in float64 and in float32; an order of rows.
    TRAIN, EPOCH
        The function that goes through all rows, again and again; once, at once and batch by batch (the word `epoch`).
    SHARE
        What n, all rows N, sum(w) and that of all rows W are called in EPOCH: a batch's share is told in these.
    TEST, CLASSES_TEST, TRAINING_TEST
        The self-test, and what the program does when it is run; what compares classes, and a trained network (words).
    """

    ANSWERS: tuple[str, str, str]
    HEAD: str
    TITLES: dict[str, str]
    HEADING: str
    RULE: int
    GAPS: tuple[str, str, str]
    ROW: str
    COLUMNS: str
    CLASSES: str
    WEIGHTS: str
    THETA: str
    FORWARD: str
    ENCODE: dict[str, tuple[str, ...]]
    CELL: dict[str, str]
    SCALE: dict[str, str]
    SCALED_NUMBER: str
    ENDING: tuple[str, str]
    EITHER: str
    IS_KIND: dict[str, str]
    OTHER: str
    PAIR: str
    TRUTHS: str
    PREDICT_CLASSES: str
    OF_P: tuple[str, str]
    PREDICT_NUMBERS: str
    ENDS: tuple[str, str]
    TRUST: tuple[tuple[str, ...], tuple[str, ...]]
    TRAINING: str
    CONSTANT: str
    COUNTERS: dict[str, str]
    SETTINGS: str
    GENERATOR: str
    HALF: str
    NEXT32: str
    UNIFORM: tuple[str, str]
    PERMUTATION: str
    TRAIN: str
    EPOCH: tuple[str, str]
    SHARE: dict[str, str]
    TEST: list[str]
    CLASSES_TEST: str
    TRAINING_TEST: str


class Words(Protocol):
    """What a language fills into its texts."""

    @property
    def texts(self) -> Texts:
        """Its texts."""

    def words(self) -> Mapping[str, str]:
        """What its texts need besides the words that all languages have (`skeleton.py`)."""

    def contract(self) -> Mapping[str, str]:
        """The words of ROW or COLUMNS, and of CLASSES: columns, words that mean missing, labels."""

    def number(self) -> Mapping[str, str]:
        """The words of PREDICT_NUMBERS: what is predicted, and what makes it of p."""

    def interval(self, known: Interval) -> Mapping[str, str]:
        """The words of TRUST: edges and widths, or the least probability."""

    def generator(self, state: Mapping[str, Any]) -> Mapping[str, str]:
        """The words of GENERATOR: the state of NumPy's generator."""

    def tested(self) -> str:
        """Rows and the answers to them."""

    def trained(self) -> str:
        """What training must end with."""


class Vector(Protocol):
    """A language in which all that is learnt is one vector, theta."""

    def theta(self, numbers: np.ndarray) -> list[str]:
        """The vector."""

    def view(self, name: str, vector: str, place: slice, shape: tuple[int, ...]) -> str:
        """An array that is a part of it."""

    def running(self, name: str, numbers: np.ndarray) -> list[str]:
        """A running mean, which training changes too."""


class Emitters(Protocol):
    """How a language writes numbers, functions and training."""

    def vector(self) -> Vector | None:
        """How all that is learnt is written as one vector; None where each array stands by itself."""

    # numbers

    def shows(self, name: str) -> bool:
        """Whether numbers that steps may read are written down, for a program that does read them."""

    def array(self, name: str, numbers: np.ndarray) -> list[str]:
        """A weight, or anything else that stays as it is."""

    # functions

    def formulas(self) -> list[str]:
        """The named formulas."""

    def forward(self) -> list[str]:
        """The lines from encoded rows x to p."""

    # training

    def rows(self, name: str, numbers: np.ndarray) -> list[str]:
        """The rows to learn from: their inputs x, what they should give y, how much they count w."""

    def named(self, name: str, value: float) -> tuple[str, str]:
        """What a named number is called, and it."""

    def marks(self, name: str, numbers: np.ndarray) -> list[str]:
        """Which numbers are `penalised` or `trainable`, 1 for those, 0 for others; or factors, as `rates` are."""

    def slot(self, name: str, numbers: np.ndarray) -> list[str]:
        """What the optimizer remembers."""

    def step(self) -> list[str]:
        """One step of training: the function, or several, and what they need."""

    def loop(self) -> Mapping[str, str]:
        """The words of TRAIN and EPOCH."""
