"""The texts of a data frame's column told apart by the library that made it: many times faster than one by one."""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

FEW = 500  # cells; so many are told apart as fast here


@dataclass(frozen=True, eq=False)
class Coded:
    """Texts, and for each cell which of them it is, -1 where it is missing."""

    codes: NDArray[np.integer[Any]]
    texts: list[str]

    def __iter__(self) -> Iterable[str | None]:
        return map([*self.texts, None].__getitem__, self.codes.tolist())


def coded(series: Any) -> Coded | None:
    """The cells of a column of texts of pandas, polars or pyarrow; None for anything else, and for few."""
    of = OF.get(type(series).__module__.partition(".")[0])
    return of(series) if of and len(series) > FEW else None


def _of_pandas(series: Any) -> Coded | None:
    try:
        codes, texts = import_module("pandas").factorize(series.to_numpy(dtype=object))
    except TypeError:  # not hashable
        return None
    found = Coded(codes, texts.tolist())
    return found if texts.size and all(type(text) is str for text in found.texts) else None


def _of_polars(series: Any) -> Coded | None:
    polars = import_module("polars")
    if series.dtype != polars.String or series.null_count() == len(series):
        return None
    return Coded(*codes_of_polars(series))


def codes_of_polars(series: Any) -> tuple[NDArray[np.int32], list[str]]:
    """For each text of a polars Series which it is, -1 for null, and the different ones."""
    polars = import_module("polars")
    texts = series.drop_nulls().unique()
    codes = series.cast(polars.Enum(texts)).to_physical().cast(polars.Int32).fill_null(-1)
    return codes.to_numpy(), texts.to_list()


def _of_pyarrow(column: Any) -> Coded | None:
    arrow = import_module("pyarrow")
    if column.type not in (arrow.string(), arrow.large_string()) or column.null_count == len(column):
        return None
    found = column.combine_chunks().dictionary_encode()
    return Coded(found.indices.fill_null(-1).to_numpy(), found.dictionary.to_pylist())


OF = {"pandas": _of_pandas, "polars": _of_polars, "pyarrow": _of_pyarrow}
