"""Trees beside the networks: scikit-learn's HistGradientBoosting with its defaults, where that is installed.

They get what the networks get, in their own form: numbers as they are, missing ones too; words as categories, or, of
more than 255, as numbers; of a date the day and its places on the circles of the year, the week and the day.

To load scikit-learn takes a second, longer than the networks of a small table. So it is a process of its own that
loads it, while networks are tried.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.comparison import growing
from glassnet.data.tables import Table
from glassnet.data.tables.category_column import CategoryColumn, category_codes, words_of
from glassnet.data.tables.contract import DataContract
from glassnet.data.tables.number_column import NumberColumn

MOST_CATEGORIES = 255  # of a column, that scikit-learn's trees take as categories
LOOK = 0.05  # seconds between two looks whether to end it


def are_there() -> bool:
    """Whether scikit-learn is installed."""
    return find_spec("sklearn") is not None


def inputs(contract: DataContract, rows: Table) -> tuple[np.ndarray, list[bool]]:
    """Rows as trees take them, (n, columns), and which columns are categories."""
    columns, categorical = list[np.ndarray](), list[bool]()
    for feature in contract.features:
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


class Beside:
    """Trees that learn beside whatever else is done, where scikit-learn is not loaded yet; else when they are asked.

    Parameters
    ----------
    given
        What `growing.said` takes.
    """

    def __init__(self, **given: Any) -> None:
        self.given = given
        self.process: subprocess.Popen[bytes] | None = None
        if "sklearn" not in sys.modules and is_python(sys.executable):
            with suppress(OSError):  # there are no processes here
                self.process = started(given)

    def said(self, is_over: Callable[[], bool]) -> tuple[np.ndarray, float] | None:
        """What they say, and the seconds that it took; None where it was over before they were through.

        If their process has failed it is done here, so that errors are those of this process.
        """
        while self.process is not None:
            try:
                found, _ = self.process.communicate(timeout=LOOK)
            except subprocess.TimeoutExpired:
                if is_over():
                    return None
                continue
            if self.process.returncode == 0:
                said, seconds = pickle.loads(found)
                return said, seconds
            break
        return growing.said(**self.given)

    def end(self) -> None:
        """End the process, if it is still there."""
        if self.process is not None:
            self.process.kill()
            self.process.communicate()


def is_python(program: str) -> bool:
    """Whether a program is Python, rather than one that has it inside."""
    return Path(program).name.lower().startswith(("python", "pypy")) and Path(growing.__file__).exists()


def started(given: dict[str, Any]) -> subprocess.Popen[bytes]:
    """The process; it has been given its work."""
    pipe = subprocess.PIPE
    process = subprocess.Popen([sys.executable, growing.__file__], stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL)
    assert process.stdin is not None  # it is a pipe
    with suppress(OSError):  # it has ended, and its exit code says so
        process.stdin.write(pickle.dumps(sys.path) + pickle.dumps(given))
        process.stdin.close()
    process.stdin = None
    return process
