"""A table as other libraries want it: a data frame of pandas in which words are categories."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet.data.tables import Table
from glassnet.data.tables.table import is_missing, is_numbers

MISSING = "missing"


class Frames:
    """Makes frames as the rows to learn from are: columns x0, x1, … with the categories that those rows have.

    Words that those rows do not have are missing. With `fill`, for who takes no missing values, missing numbers become
    the mean, and a column of 0 and 1 says where; missing words become a word of their own.
    """

    def __init__(self, rows: Table, target: str, *, fill: bool = False) -> None:
        self.names = [name for name in rows.names if name != target]
        self.fill = fill
        self.means: dict[str, float] = {}
        self.categories: dict[str, list[str]] = {}
        for name in self.names:
            column = rows.column(name)
            if is_numbers(column):
                if fill and is_missing(column).any():
                    self.means[name] = float(np.nanmean(column))
            else:
                self.categories[name] = sorted(set(self.words(column)) - {None})
        self.columns = {name: f"x{k}" for k, name in enumerate(self.names)}

    @property
    def of_words(self) -> list[str]:
        """The names of the frame's columns of categories."""
        return [self.columns[name] for name in self.categories]

    def words(self, column: Any) -> list[Any]:
        """A column of words as a list; None is missing."""
        return [MISSING if self.fill and word is None else word for word in column]

    def frame(self, rows: Table) -> Any:
        """These rows, without the target."""
        import pandas

        found: dict[str, Any] = {}
        for name, short in self.columns.items():
            column = rows.column(name)
            if name in self.categories:
                known = self.categories[name]
                words = [word if word in known else None for word in self.words(column)]
                found[short] = pandas.Categorical(words, categories=known)
                continue
            found[short] = np.asarray(column, np.float64)
            if name in self.means:
                absent = is_missing(column)
                found[short] = np.where(absent, self.means[name], found[short])
                found[f"{short}_missing"] = absent.astype(np.float64)
        return pandas.DataFrame(found)
