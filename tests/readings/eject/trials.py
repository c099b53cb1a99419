"""One random network in one language: written, run, and held against glassnet."""

from __future__ import annotations

import sys
import tempfile
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

from random_networks import MARGIN, Case, Sensitivity, sensitivity_of_training

from glassnet.readings.eject import Ejected
from glassnet.readings.eject.answers import Verification
from glassnet.readings.eject.languages import LANGUAGES
from glassnet.readings.eject.tools import ToolMissing, run

WARNINGS = ("-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-Wconversion", "-Wshadow")
SANITIZERS = ("-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
ALONE = {
    "numpy": [[sys.executable, "-I", "-W", "error", "network.py"]],
    "r": [["Rscript", "--vanilla", "network.R"]],
    "javascript": [["node", "--check", "network.mjs"], ["node", "network.mjs"]],
    "c": [["cc", *WARNINGS, *SANITIZERS, "network.c", "-lm", "-o", "network"], ["./network"]],
}
"""How a program is started by itself, with its language as strict as it gets; then it tests itself."""


@dataclass(frozen=True)
class Trial:
    """What came out.

    Attributes
    ----------
    passed
        Whether the program says what glassnet says.
    verification
        How far it is from it; None where it could not be run.
    sensitivity
        Of a training that is further from it than 1e-10: what the last digit changes.
    refused, missing, failure
        Why it was not written; which tool is missing; how it failed.
    seconds
        To write and to run it.
    """

    passed: bool = False
    verification: Verification | None = None
    sensitivity: Sensitivity | None = None
    refused: str = ""
    missing: str = ""
    failure: str = ""
    seconds: float = 0.0
    ejected: Ejected | None = None

    @property
    def needed_more(self) -> bool:
        """Whether it passed for its sensitivity alone."""
        return self.passed and self.sensitivity is not None

    def __str__(self) -> str:
        numbers = [str(item) for item in (self.verification, self.sensitivity) if item is not None]
        return "; ".join([*numbers, *filter(None, [self.failure])])


def trial(case: Case, language: str, rows: int = 100, alone: bool = False) -> Trial:
    """Write a network in a language, run it on random rows, compare; with `alone`, let it test itself as well."""
    began = time.monotonic()
    options = case.training
    if language == "xlsx" and case.training:
        options = {**options, "epochs": 1, "batch_size": None}  # a spreadsheet holds one step
    ejected = None
    try:
        ejected = case.model.eject(language, training=bool(options), **options, **case.options)
        found = ejected.verify(rows)
        if alone and found.passed:  # what is too sensitive for that finds its own numbers too far off
            let_it_test_itself(ejected)
    except NotImplementedError as refused:
        return Trial(refused=str(refused))
    except ToolMissing as missing:
        return Trial(missing=str(missing))
    except Exception as failure:
        where = traceback.extract_tb(failure.__traceback__)[-1]
        said = f"{type(failure).__name__}: {failure} ({where.filename.rpartition('/')[2]}:{where.lineno})"
        return Trial(failure=said, seconds=time.monotonic() - began, ejected=ejected)
    seconds, sensitivity, passed = time.monotonic() - began, None, found.passed
    if not passed and case.training and found.weights is not None:
        sensitivity = sensitivity_of_training(Case(case.name, case.model, options))
        near = found.difference <= max(found.allowed, MARGIN * sensitivity.outputs)
        passed = (
            near and not found.other_class and found.weights <= max(found.weights_allowed, MARGIN * sensitivity.weights)
        )
    return Trial(passed, found, sensitivity, seconds=seconds, ejected=ejected)


def let_it_test_itself(ejected: Ejected) -> None:
    """Start a program by itself; ToolFailed where it finds that its numbers are not glassnet's."""
    with tempfile.TemporaryDirectory() as folder:
        ejected.save(Path(folder) / f"network{LANGUAGES[ejected.language].suffix}")
        for command in ALONE.get(ejected.language, ()):
            run(command, Path(folder))
