"""How a table is named on the command line: a built-in name, the path of a CSV file, or - for stdin."""

from __future__ import annotations

import errno
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from glassnet import datasets
from glassnet.cli.failures import Usage
from glassnet.data.tables import DataContract, Table, read_csv
from glassnet.data.tables.cells import MISSING_WORDS
from glassnet.data.tables.wording import nearest
from glassnet.errors import DataError
from glassnet.model.model import Model

TARGETS = {name: "species" if name == "penguins" else "y" for name in datasets.NAMES}


def read_table(
    name: str, delimiter: str | None, decimal: str | None, missing: list[str] | None, encoding: str | None
) -> Table:
    """The table of that name; the options are for CSV files, None: as `read_csv` finds it.

    Raises
    ------
    Usage
        Options for CSV files were given for a built-in table.
    OSError
        There is no such file and no such table.
    DataError
        It is not a table.
    """
    if name in datasets.NAMES:
        if missing or (delimiter, decimal, encoding) != (None, None, None):
            raise Usage(
                f"{name} is a built-in table and no CSV file, so --delimiter, --decimal, --missing and --encoding do "
                f"not apply; a file of that name is ./{name}"
            )
        return datasets.named(name)
    if name != "-" and not os.path.lexists(name) and os.sep not in name and "." not in name:
        raise FileNotFoundError(errno.ENOENT, unknown(name), name)
    with stdin_as_file() if name == "-" else nullcontext(Path(name)) as path:
        return read_csv(
            path,
            delimiter={"tab": "\t", "\\t": "\t"}.get(delimiter or "", delimiter),
            decimal=decimal or ".",
            missing=(*MISSING_WORDS, *(missing or ())),
            encoding=encoding or "utf-8",
        )


@contextmanager
def stdin_as_file() -> Iterator[Path]:
    """Standard input, copied into a file for as long as it is read."""
    if sys.stdin is None or sys.stdin.closed:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF), "standard input")
    if sys.stdin.isatty():
        sys.stderr.write("reading CSV from the terminal; Ctrl-D ends it\n")
    with tempfile.TemporaryDirectory(prefix="glassnet-") as folder:
        path = Path(folder, "stdin")
        with open(path, "wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
        yield path


def unknown(name: str) -> str:
    """Why a name is no table."""
    near = nearest(name, datasets.NAMES)
    known = f"did you mean {near[0]}" if near else f"the built-in ones are {', '.join(datasets.NAMES)}"
    return f"no such file, and no built-in table ({known})"


def stem(name: str) -> str:
    """What files made from a table are called: `data/wine.csv.gz` gives `wine`."""
    if name == "-":
        return "stdin"
    return Path(Path(name).name.removesuffix(".gz")).stem or "table"


def contract_of(model: Model, path: Path) -> DataContract:
    """What the model knows about tables; DataError for one that was trained on arrays."""
    if not isinstance(model.contract, DataContract):
        raise DataError(
            f"{path} was trained on arrays, whose columns have no names, so it cannot read a table; "
            f'use it in Python: gn.load("{path}").predict(X)'
        )
    return model.contract


def remarks_on(contract: DataContract, rows: Table) -> list[str]:
    """What is unusual about rows whose target need not be known."""
    target = contract.target.name
    return contract.remarks(rows.select([name for name in rows.names if name != target] or rows.names))
