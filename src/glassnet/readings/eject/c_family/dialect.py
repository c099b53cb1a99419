"""In what C and JavaScript differ: what each must supply to be written in, besides what `Emitters` share."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

import numpy as np

from glassnet.expressions.expression import Dim
from glassnet.readings.eject.c_family.program import Facts
from glassnet.readings.eject.c_family.syntax import Syntax
from glassnet.readings.eject.emitters import Texts, Words


class FamilyTexts(Texts, Protocol):
    """Texts of a language of the family.

    Attributes
    ----------
    OPERATIONS
        Functions for operations that the language has none for.
    SIGN
        With what a comment begins.
    CALLED
        What the function of each phase is called, and what counts steps (t) and epochs.
    NUMBER
        A number that one phase of a step computes and another reads.
    MARK
        An element of the vector `penalised`, `trainable` or `rates`.
    ARRAYS
        The gradient, and what is computed on the way.
    ORDER
        Lines before the epochs and in each: an order of rows, and it is shuffled.
    PART_OF_EPOCH
        How many epochs are done, the part of this one included.
    """

    OPERATIONS: dict[str, str]
    SIGN: str
    CALLED: dict[str, str]
    NUMBER: str
    MARK: str
    ARRAYS: str
    ORDER: tuple[str, str]
    PART_OF_EPOCH: str


class Dialect(Words, Protocol):
    """A language of the family."""

    @property
    def texts(self) -> FamilyTexts:
        """Its texts."""

    @property
    def syntax(self) -> Syntax:
        """How it writes numbers and loops."""

    @property
    def facts(self) -> Facts:
        """What it makes of the plan."""

    def array(self, name: str, values: np.ndarray, note: str = "", changes: bool = False) -> list[str]:
        """Numbers; with `changes` they do not stay as they are."""

    def about(self, values: np.ndarray, changes: bool = False) -> str:
        """A comment on an array; with `changes` it is a running mean."""

    def view(self, name: str, vector: str, place: slice, shape: tuple[int, ...]) -> str:
        """A part of a vector."""

    def rows(self, name: str, values: np.ndarray, note: str) -> list[str]:
        """Rows, also where there is but one."""

    def room(self, name: str, dims: tuple[Dim, ...], note: str = "") -> str:
        """An array to be filled; with `n` among its dimensions for as many rows as a batch has."""

    def marks(self, name: str, values: np.ndarray, runs: list[tuple[int, int]] | None) -> list[str]:
        """A vector of 0 and 1, or a function of the index; the ones are in `runs`, if these are not too many."""

    def factors(self, name: str, size: int, pieces: list[tuple[int, int, float]]) -> list[str]:
        """A vector of so many factors, the same in each piece, or a function of the index."""

    def function(self, result: str, name: str, parameters: Mapping[str, str], body: list[str]) -> list[str]:
        """A function of a kind of numbers, or "void", from its parameters and their kinds."""

    def doc(self, words: str, parameters: Collection[str], returned: bool) -> list[str]:
        """The comment above a phase of training."""
