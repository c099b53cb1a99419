"""A column while a file is read, block by block: numbers as long as every cell is one, else words.

A cell is judged here whoever cut it out of the file, so that all readers see the same column. Texts are kept only of
words; a column that turns out to be words after numbers of it were read must be read again.
"""

from collections import defaultdict
from collections.abc import Sequence
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.data.tables.cells import numbers_from_texts, words_from_texts
from glassnet.data.tables.notation import Notation
from glassnet.data.tables.table import Column, Numbers


class Gathered:
    """A column that grows.

    Attributes
    ----------
    is_words
        Whether it holds words: a cell that is no number was met, or it was known from the start.
    is_torn
        Whether numbers came before the first word, whose texts are gone; then it must be read again as words.
    """

    def __init__(self, missing: frozenset[str], notation: Notation, is_words: bool) -> None:
        self.missing, self.notation = missing, notation
        self.is_words, self.is_torn = is_words, False
        self.numbers: list[Numbers] = []
        self.codes: list[NDArray[np.int32]] = []
        self.index: defaultdict[str | None, int] = defaultdict(count().__next__)

    def add_numbers(self, values: Numbers) -> None:
        """Add numbers, NaN where one is missing."""
        self.numbers.append(values)

    def add_texts(self, texts: Sequence[str | None]) -> bool:
        """Add cells as they stand in the file, None for empty ones; tell whether they were plain numbers or missing."""
        if not self.is_words:
            values, plain = numbers_from_texts(texts, self.missing, self.notation)
            if values is not None:
                self.numbers.append(values)
                return plain
            self._turn_to_words()
        if not self.is_torn:
            self.codes.append(np.fromiter(map(self.index.__getitem__, texts), np.int32, len(texts)))
        return False

    def add_coded(self, codes: NDArray[np.integer[Any]], texts: Sequence[str]) -> bool:
        """Add cells by their different texts, and for each which it is, -1 where it is empty; tell as `add_texts`."""
        if not self.is_words:
            values, plain = numbers_from_texts((*texts, None), self.missing, self.notation)
            if values is not None:
                self.numbers.append(values[codes])
                return plain
            self._turn_to_words()
        if not self.is_torn:
            mine = np.fromiter(map(self.index.__getitem__, (*texts, None)), np.int32, len(texts) + 1)
            self.codes.append(mine[codes])
        return False

    def _turn_to_words(self) -> None:
        self.is_words = True
        before = self.numbers
        self.numbers = []
        self.is_torn = not all(np.isnan(values).all() for values in before)
        self.codes = [np.full(len(values), self.index[None], np.int32) for values in before]

    def column(self) -> Column:
        """Return the column, and forget what it was made of."""
        if not self.is_words:
            numbers, self.numbers = self.numbers, []
            return np.concatenate(numbers)
        codes, texts = np.concatenate(self.codes), tuple(self.index)
        self.codes, self.index = [], defaultdict(count().__next__)
        return words_from_texts(codes, texts, self.missing)
