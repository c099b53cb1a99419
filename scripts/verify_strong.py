#!/usr/bin/env python
"""Hold programs made of a recipe's networks against glassnet: `scripts/verify_strong.py TABLES [LANGUAGE …] …`.

Of each of the tables that accuracy is measured on (in the folder TABLES; `benchmarks/fetch_tables.py` fills it), 600
rows train the recipe strong for two epochs in float32. The network is written in each language (all but spreadsheets,
which take a minute), in double precision, and run with the language's own tool on 100 random rows, among them missing
values and new words. It must say what the same weights say in float64: outputs within 1e-12 of the row's scale, the
same class.

With `--training` programs train, two epochs of the first 40 rows, hidden layers of 8 units. The exit status is 1 if
anything differs.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

from accuracy.problems import Problem, problems

import glassnet as gn
from glassnet.readings.eject.languages import LANGUAGES

ROWS, EPOCHS = 600, 2
LINE = "{:10} {:11} {:>7} {:>9} {:>10} {:>5} {:>6} {:>6}"
HEAD = ("table", "language", "weights", "bytes", "difference", "other", "write", "run")
SMALL: dict[str, Any] = {"hidden": (8, 8), "dtype": "float64"}
SHORT: dict[str, Any] = {"epochs": 2, "batch_size": 16}


def main() -> int:
    """All tables in all languages; the exit status."""
    given, wrong = options(), 0
    print(LINE.format(*HEAD))
    for problem in problems():
        if problem.name in given.only:
            table = problem.load(given.tables)
            rows = table.rows(np.random.default_rng(0).permutation(len(table))[:ROWS])
            recipe = gn.recipe(given.recipe, **(SMALL if given.training else {}))
            how: dict[str, Any] = {"target": problem.target, "kind": problem.kind, "epochs": EPOCHS, "seed": 0}
            model = gn.train(recipe, rows, progress=False, **how)
            course = {"training": True, "X": rows.rows(np.arange(40)), **SHORT} if given.training else {}
            wrong += sum(not tried(problem, model, language, course) for language in given.languages)
    return 1 if wrong else 0


def tried(problem: Problem, model: gn.Model, language: str, course: dict[str, Any]) -> bool:
    """Whether a program says what its network says, or is refused in words; a line about it."""
    began = time.monotonic()
    options = course or {"dtype": "float64"}
    try:
        program = model.eject(language, **options)
    except NotImplementedError as refused:
        print(f"{problem.name:10} {language:11} refused: {refused}", flush=True)
        return True
    written = time.monotonic()
    found = program.verify()
    seconds = [f"{written - began:.1f}", f"{time.monotonic() - written:.1f}"]
    difference = f"{max(found.difference, found.weights or 0.0):.1e}{'' if found else ' WRONG'}"
    size = f"{model.n_parameters:,}", f"{len(program.data):,}"
    print(LINE.format(problem.name, language, *size, difference, found.other_class, *seconds), flush=True)
    return found.passed


def options() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [problem.name for problem in problems()]
    parser.add_argument("tables", type=Path, metavar="TABLES", help="the folder with the tables")
    parser.add_argument("languages", nargs="*", metavar="LANGUAGE", help=f"of {', '.join(LANGUAGES)}")
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="TABLE", help="these tables")
    parser.add_argument("--recipe", default="strong", help="another recipe")
    parser.add_argument("--training", action="store_true", help="programs that train")
    given = parser.parse_args()
    for language in given.languages:
        if language not in LANGUAGES:
            parser.error(f"unknown language {language!r}; known are {', '.join(LANGUAGES)}")
    most = [name for name in LANGUAGES if name != "xlsx" and (LANGUAGES[name].trains or not given.training)]
    given.languages = given.languages or most
    return given


if __name__ == "__main__":
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # values out of range, new words: they are there on purpose
        sys.exit(main())
