"""A table of results, a dict of columns, as a data frame and as CSV."""

from __future__ import annotations

import csv
import importlib
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


def frame_of(columns: Mapping[str, Sequence[Any]], library: Any) -> Any:
    """A data frame, of pandas or of the library given (`polars`)."""
    if library is None:
        try:
            library = importlib.import_module("pandas")
        except ImportError:
            what = "pandas (pip install pandas), or a library: to_frame(polars)"
            raise ImportError(f"to_frame needs {what}") from None
    return library.DataFrame(columns)


def csv_of(columns: Mapping[str, Sequence[Any]], path: str | Path | None) -> str:
    """CSV text, written to `path` if one is given; what is not known (NaN, None) is an empty field."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in zip(*columns.values(), strict=True):
        writer.writerow("" if value is None or value != value else value for value in row)
    if path is not None:
        from glassnet.data.files import write_atomically

        write_atomically(path, text.getvalue())
    return text.getvalue()
