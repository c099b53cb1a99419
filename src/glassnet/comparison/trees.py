"""Trees beside the networks: scikit-learn's HistGradientBoosting with its defaults, where that is installed.

They get what the networks get, in their own form: numbers as they are, missing ones too; words as categories, or, of
more than 255, as numbers; of a date the day and its places on the circles of the year, the week and the day.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from importlib.util import find_spec
from typing import Any

import numpy as np

from glassnet.data.tables import Table
from glassnet.data.tables.category_column import CategoryColumn, category_codes, words_of
from glassnet.data.tables.contract import DataContract
from glassnet.data.tables.number_column import NumberColumn

FEW_FOR_THREADS = 10_000  # rows; with fewer several threads wait for each other longer than they work
MOST_CATEGORIES = 255  # of a column, that scikit-learn's trees take as categories


def are_there() -> bool:
    """Whether scikit-learn is installed."""
    return find_spec("sklearn") is not None


class Trees:
    """Trees that have learnt from rows.

    Parameters
    ----------
    contract
        What is known of the columns of these rows.
    rows
        The rows.
    y
        Their numbers, or the number of each one's class, (n,).
    classes
        How many; 0: the target is a number.
    weight
        What each row weighs; None: all alike.
    seed
        Of the rows that they hold out to know when to stop, which they do from 10,000 on.
    """

    def __init__(
        self, contract: DataContract, rows: Table, y: np.ndarray, *, classes: int, weight: np.ndarray | None, seed: int
    ) -> None:
        from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

        self.contract, self.classes = contract, classes
        kind = HistGradientBoostingClassifier if classes else HistGradientBoostingRegressor
        x, categorical = self.inputs(rows)
        self.model = kind(categorical_features=categorical, random_state=seed)
        with threads_for(len(x)):
            self.model.fit(x, y, sample_weight=weight)

    def inputs(self, rows: Table) -> tuple[np.ndarray, list[bool]]:
        """Rows as trees take them, (n, columns), and which columns are categories."""
        columns, categorical = list[np.ndarray](), list[bool]()
        for feature in self.contract.features:
            if isinstance(feature, NumberColumn):
                columns.append(np.asarray(rows.column(feature.name), np.float64)[:, None])
            elif isinstance(feature, CategoryColumn):
                known = feature.seen
                codes = category_codes(words_of(rows, feature.name, known), known)
                columns.append(np.where(codes >= 0, codes, np.nan)[:, None].astype(np.float64))
            else:
                columns.append(np.zeros((len(rows), len(feature.input_names))))
                feature.encode(rows, columns[-1])
            is_words = isinstance(feature, CategoryColumn) and len(feature.seen) <= MOST_CATEGORIES
            categorical += [is_words] * columns[-1].shape[1]
        return np.concatenate(columns, axis=1), categorical

    def says(self, rows: Table) -> np.ndarray:
        """The probability of each class (n, K), or the number (n,)."""
        x, _ = self.inputs(rows)
        with threads_for(len(x)):
            p = self.model.predict_proba(x) if self.classes else self.model.predict(x)
        if not self.classes:
            return np.asarray(p, np.float64)
        said = np.zeros((len(rows), self.classes))
        said[:, self.model.classes_.astype(np.intp)] = p
        return said


def threads_for(rows: int) -> AbstractContextManager[Any]:
    """In it scikit-learn works on one thread where rows are few, in learning and in predicting.

    Several meet after each tree, and on a machine that has other work to do each waits there for its turn.
    """
    from threadpoolctl import threadpool_limits  # scikit-learn needs it

    limits: AbstractContextManager[Any] = threadpool_limits(1 if rows < FEW_FOR_THREADS else None, "openmp")
    return limits
