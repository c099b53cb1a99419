"""The libraries that cut a block of CSV into cells quickly: polars, pyarrow, pandas, or Python's own, which is there.

What a library makes of a number is taken only if it is the number that Python's `float` makes of it, to the last bit,
and if it refuses what is no plain number. Whether this version of it does is tried out on numbers that are hard to
round and on texts that some readers take for numbers; one that fails cuts cells, and the numbers are made here.
"""

import csv
import io
import re
import sys
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module
from importlib.util import find_spec
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.data.tables.coded import codes_of_polars
from glassnet.data.tables.table import Numbers

Cells = Numbers | tuple[NDArray[np.integer[Any]], list[str]] | list[str]
"""A column of a block: numbers (NaN: missing), which of its different texts each cell is (-1: missing), or texts."""

Cut = Callable[[bytes, str, Sequence[bool], Sequence[str]], list[Cells]]
"""From a block, its delimiter, whether each column is numbers, and the missing words, to the columns."""


class NotPlain(Exception):
    """A column asked for as numbers holds something else."""


@dataclass(frozen=True)
class Library:
    """A library that reads CSV.

    Attributes
    ----------
    name
        Its name.
    cut
        Cuts a block into columns; raises what the library raises, or `NotPlain`.
    reads_numbers
        Whether its numbers are Python's.
    refuses_ragged
        Whether it raises where a row has more cells than the others.
    """

    name: str
    cut: Cut
    reads_numbers: bool
    refuses_ragged: bool


def library() -> Library:
    """The library to read with: the first that is imported already, else the first that is installed, else Python's."""
    there = [name for name in CUTS if name in sys.modules] or [name for name in CUTS if find_spec(name)]
    for name in there:
        try:
            return tried(name)
        except Exception:  # a library that is broken is none
            continue
    return Library("csv", _csv, reads_numbers=False, refuses_ragged=refuses_ragged(_csv))


@cache
def tried(name: str) -> Library:
    """A library by name, tried out; what it raises where it cannot be used."""
    import_module(name)
    for cut in CUTS[name]:
        if reads_numbers_as_python(cut):
            return Library(name, cut, reads_numbers=True, refuses_ragged=refuses_ragged(cut))
    cut = CUTS[name][0]
    cut(b"1\n", ",", [False], [""])
    return Library(name, cut, reads_numbers=False, refuses_ragged=refuses_ragged(cut))


HARD = """
0 -0 +1 1. .5 -.5 1E+05 00012 9007199254740993 1e23 8.5e22 5e-324 2.4703282292062328e-324 1e-400 6.02214076e23
2.2250738585072011e-308 2.2250738585072014e-308 1.7976931348623157e308 0.1000000000000000055511151231257827
123456789012345678901234567890 0.3 1.00000000000000011102230246251565404 7.2057594037927933e16 1e22 1e-22
21822.01 32.6320377350 0.564832132558 179769313486231570000e288 4503599627370497.5 1.15507e-173
"""
REFUSED = "1_000 0x10 0b1 1d5 1f 1L 1e e5 1e+ 1e5.0 --1 +-1 1.2.3 . - + $1 1% (1) true 1;000 1'000 \uff11 \u0661 1e5_0"
NOT_FINITE = "inf -inf Infinity nan NAN -nan"  # refused, or read as what no plain number is


def reads_numbers_as_python(cut: Cut) -> bool:
    """Whether a library reads plain numbers to the bit, and refuses texts that are none."""

    def read(*texts: str) -> Numbers | None:
        try:
            found = cut("".join(f"{text},x\n" for text in texts).encode(), ",", [True, False], [""])[0]
        except Exception:  # each library has errors of its own
            return None
        return found if isinstance(found, np.ndarray) else None

    hard = HARD.split()
    found = read(*hard)
    exact = found is not None and found.tobytes() == np.array([float(text) for text in hard]).tobytes()
    refuses = all(read("1", text) is None and read(text) is None for text in REFUSED.split())
    shows = all((numbers := read("1", text)) is None or not np.isfinite(numbers[1]) for text in NOT_FINITE.split())
    return exact and refuses and shows


RAGGED = (b"1,2\n1,2,3\n4\n", b"1,2\n3\n1,2,3\n", b"1,2,\n3\n", b"a,b\nc,,\nd\n")


def refuses_ragged(cut: Cut) -> bool:
    """Whether a library refuses rows with more cells than the others, where there are as few less in another row."""

    def refuses(content: bytes, numeric: bool) -> bool:
        try:
            cut(content, ",", [numeric, numeric], [""])
        except Exception:  # each library has errors of its own
            return True
        return False

    return all(refuses(content, numeric) for content in RAGGED for numeric in (True, False))


def _csv(content: bytes, delimiter: str, numeric: Sequence[bool], missing: Sequence[str]) -> list[Cells]:
    rows = csv.reader(io.StringIO(content.decode(), newline=""), delimiter=delimiter)
    columns: list[list[str]] = [[] for _ in numeric]
    while some := list(islice(rows, _FEW)):
        for column, cells in zip(columns, zip(*some, strict=True), strict=True):
            column.extend(cells)
    return list(columns)


_FEW = 500  # rows at a time: of many that are there at once Python keeps looking which are still in use


def _polars(content: bytes, delimiter: str, numeric: Sequence[bool], missing: Sequence[str]) -> list[Cells]:
    pl = import_module("polars")

    frame = pl.read_csv(
        io.BytesIO(content),
        has_header=False,
        separator=delimiter,
        schema={str(k): pl.Float64 if number else pl.String for k, number in enumerate(numeric)},
        null_values=list(missing),
    )
    columns: list[Cells] = []
    for series, number in zip(frame.get_columns(), numeric, strict=True):
        if not number:
            columns.append(codes_of_polars(series))
            continue
        values = series.to_numpy()
        if np.count_nonzero(np.isfinite(values)) != len(values) - series.null_count():  # NaN where one is missing
            raise NotPlain
        columns.append(values)
    return columns


def _pyarrow(content: bytes, delimiter: str, numeric: Sequence[bool], missing: Sequence[str]) -> list[Cells]:
    pa, compute, arrow_csv = map(import_module, ("pyarrow", "pyarrow.compute", "pyarrow.csv"))

    names = [str(k) for k in range(len(numeric))]
    words = pa.dictionary(pa.int32(), pa.string())
    table = arrow_csv.read_csv(
        pa.BufferReader(content),
        arrow_csv.ReadOptions(column_names=names, block_size=len(content) + 1),
        arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
        arrow_csv.ConvertOptions(
            column_types={name: pa.float64() if number else words for name, number in zip(names, numeric, strict=True)},
            null_values=list(missing),
            strings_can_be_null=False,
        ),
    ).combine_chunks()
    columns: list[Cells] = []
    for column, number in zip(table.columns, numeric, strict=True):
        if number:
            if not compute.all(compute.is_finite(column)).as_py():
                raise NotPlain
            columns.append(column.to_numpy())
        else:
            coded = column.chunk(0)
            columns.append((coded.indices.fill_null(-1).to_numpy(), coded.dictionary.to_pylist()))
    return columns


def _pandas(
    precision: dict[str, str], content: bytes, delimiter: str, numeric: Sequence[bool], missing: Sequence[str]
) -> list[Cells]:
    pd = import_module("pandas")

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # old versions need an option of which new ones say that they do not
        frame = pd.read_csv(
            io.BytesIO(content),
            sep=delimiter,
            header=None,
            names=range(len(numeric)),
            index_col=False,
            dtype={k: np.float64 if number else object for k, number in enumerate(numeric)},
            na_values={k: list(missing) for k, number in enumerate(numeric) if number},
            keep_default_na=False,
            skip_blank_lines=False,
            low_memory=False,
            **precision,
        )
    if _TRUTH.search(content):  # where nothing else is in a column of numbers they became 1 and 0
        sure = [number and not frame[k].dropna().isin([0, 1]).all() for k, number in enumerate(numeric)]
        if sure != list(numeric):
            return _pandas(precision, content, delimiter, sure, missing)
    columns: list[Cells] = []
    for k, number in enumerate(numeric):
        if not number:
            codes, texts = pd.factorize(frame[k].to_numpy(dtype=object))
            columns.append((codes, texts.tolist()))
            continue
        values = frame[k].to_numpy()
        if np.isinf(values).any() or (np.isnan(values).any() and _nan_in(content, missing)):
            raise NotPlain
        columns.append(values)
    return columns


_TRUTH = re.compile(rb"true|false", re.IGNORECASE)


def _nan_in(content: bytes, missing: Sequence[str]) -> bool:
    """Whether a block has a word "nan", in any spelling, that does not mean missing."""
    lower = content.lower()
    found = (content[match.start() : match.end()].decode() for match in re.finditer(rb"nan\b(?<=\bnan)", lower))
    return any(word not in missing for word in found)


CUTS: dict[str, tuple[Cut, ...]] = {
    "polars": (_polars,),
    "pyarrow": (_pyarrow,),
    "pandas": (partial(_pandas, {}), partial(_pandas, {"float_precision": "round_trip"})),
}
