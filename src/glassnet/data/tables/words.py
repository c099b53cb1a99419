"""A column of words: which different words there are, and for each row which of them it holds.

Two million cells as two million Python strings take long to walk over, again and again: to find the categories, to
encode them, to split by class. Here each row holds a small number instead, and what is to be known about a word is
worked out once for each different one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any, ClassVar, overload

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int32]
NO_WORD = -1


@dataclass(frozen=True, eq=False, repr=False)
class Words:
    """Words by row, `None` where one is missing; indexed and iterated over like an array of them.

    Attributes
    ----------
    codes
        For each row the index of its word, or -1 where it is missing; (n,).
    words
        The different words. After rows were picked there may be some that no row holds.
    """

    codes: Codes
    words: tuple[str, ...]
    dtype: ClassVar[np.dtype[Any]] = np.dtype(np.object_)

    @classmethod
    def of(cls, cells: Iterable[str | None]) -> Words:
        """Return the column of these cells.

        >>> column = Words.of(["red", None, "blue", "red"])
        >>> column.words, column.codes.tolist()
        (('red', 'blue'), [0, -1, 1, 0])
        """
        index: defaultdict[str | None, int] = defaultdict(count().__next__)
        codes = np.fromiter(map(index.__getitem__, cells), np.int32)
        return cls(codes, tuple(index)).renamed(lambda word: word)  # type: ignore[arg-type]  # None goes here

    @property
    def shape(self) -> tuple[int, ...]:
        """(n,)."""
        return self.codes.shape

    @property
    def missing(self) -> NDArray[np.bool_]:
        """For each row whether its word is missing, (n,)."""
        absent: NDArray[np.bool_] = self.codes == NO_WORD
        return absent

    def __len__(self) -> int:
        return len(self.codes)

    @overload
    def __getitem__(self, rows: int | np.integer[Any]) -> str | None: ...
    @overload
    def __getitem__(self, rows: slice | list[int] | NDArray[Any]) -> Words: ...
    def __getitem__(self, rows: Any) -> str | Words | None:
        picked = self.codes[rows]
        if isinstance(picked, np.ndarray):
            return Words(picked, self.words)
        return None if picked == NO_WORD else self.words[picked]

    def __iter__(self) -> Iterator[str | None]:
        return iter(self.tolist())

    def __eq__(self, word: object) -> NDArray[np.bool_]:  # type: ignore[override]  # by row, as arrays have it
        return self.each(np.array([*(known == word for known in self.words), word is None]))

    def __ne__(self, word: object) -> NDArray[np.bool_]:  # type: ignore[override]  # by row as well
        return ~(self == word)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        words = np.empty(len(self.words) + 1, dtype=object)
        words[:] = [*self.words, None]
        return np.asarray(self.each(words), dtype=dtype)

    def tolist(self) -> list[str | None]:
        """Return the words, `None` where one is missing."""
        return list(map([*self.words, None].__getitem__, self.codes.tolist()))

    def each(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return for each row what belongs to its word: `values` has one for each of `words`, the last for missing."""
        found: NDArray[Any] = values[self.codes]  # -1, missing, is the last
        return found

    def counts(self) -> dict[str, int]:
        """Return how many rows hold each of the different words."""
        rows = np.bincount(self.codes + 1, minlength=len(self.words) + 1)[1:]
        return {self.words[code]: int(rows[code]) for code in np.flatnonzero(rows)}

    def different(self) -> list[str]:
        """Return the different words that rows hold."""
        return list(self.counts())

    def renamed(self, rename: Callable[[str], str | None]) -> Words:
        """Return the column with each word as `rename` has it; words that become equal are one, `None` is missing.

        >>> Words.of([" a", "a ", "?"]).renamed(lambda word: None if word == "?" else word.strip()).tolist()
        ['a', 'a', None]
        """
        index: dict[str, int] = {}
        new = [index.setdefault(to, len(index)) if (to := rename(word)) is not None else NO_WORD for word in self.words]
        return Words(np.array([*new, NO_WORD], np.int32)[self.codes], tuple(index))

    def first(self, wrong: Callable[[str], bool]) -> int | None:
        """Return the first row whose word is `wrong`, or None."""
        found = self.each(np.array([*map(wrong, self.words), False]))
        return int(found.argmax()) if found.any() else None
