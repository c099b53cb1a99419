"""How a table is named on the command line: a built-in name, the path of a CSV file, or - for stdin."""

from __future__ import annotations

import errno
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from glassnet import datasets
from glassnet.cli.failures import Usage
from glassnet.tables import Table, read_csv
from glassnet.tables.cells import MISSING_WORDS
from glassnet.tables.wording import nearest

TARGETS = {name: "species" if name == "penguins" else "y" for name in datasets.NAMES}


@dataclass(frozen=True)
class Reading:
    """How to read a CSV file, as the options say it; None: as `read_csv` finds it."""

    delimiter: str | None = None
    decimal: str | None = None
    missing: tuple[str, ...] = ()
    encoding: str | None = None

    def table(self, name: str) -> Table:
        """The table of that name.

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
            if self != Reading():
                raise Usage(f"{name} is a built-in table and no CSV file, so --delimiter, --decimal, --missing and "
                            f"--encoding do not apply; a file of that name is ./{name}")  # fmt: skip
            return datasets.named(name)
        if name == "-":
            return self.from_stdin()
        if not os.path.lexists(name) and os.sep not in name and "." not in name:
            raise FileNotFoundError(errno.ENOENT, unknown(name), name)
        return self.file(Path(name))

    def file(self, path: Path) -> Table:
        """The table in a file."""
        delimiter = {"tab": "\t", "\\t": "\t"}.get(self.delimiter or "", self.delimiter)
        return read_csv(
            path,
            delimiter=delimiter,
            decimal=self.decimal or ".",
            missing=(*MISSING_WORDS, *self.missing),
            encoding=self.encoding or "utf-8",
        )

    def from_stdin(self) -> Table:
        """The table on standard input."""
        if sys.stdin is None or sys.stdin.closed:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF), "standard input")
        if sys.stdin.isatty():
            sys.stderr.write("reading CSV from the terminal; Ctrl-D ends it\n")
        with tempfile.TemporaryDirectory(prefix="glassnet-") as folder:
            path = Path(folder, "stdin")
            with open(path, "wb") as file:
                shutil.copyfileobj(sys.stdin.buffer, file)
            return self.file(path)


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
