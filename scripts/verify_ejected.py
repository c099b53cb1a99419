#!/usr/bin/env python
"""Hold ejected programs against glassnet: `scripts/verify_ejected.py [LANGUAGE …] [--training] …`.

Each of N random networks (200) is written in each language (all), run with the language's own tool on 100 random rows,
and must say what glassnet says: outputs within 1e-12 of the row's scale (float32: 1e-5), the same class. With
`--training` the programs train, 50 steps, and their weights must be glassnet's within 1e-10 (float32: 1e-4).

Some trainings hang on the last digit: a gradient that is 0 but for rounding becomes a whole step in Adam. For these
NumPy trains again, from rows and weights changed in their last digit; a hundred times what that changes is allowed, and
the table says how many needed it. With `--alone` each program is also started by itself, its language as strict as it
gets (of C: -Wall -Wextra -Werror -pedantic, the sanitizers for addresses and undefined behaviour), and must find in its
self-test that its numbers are glassnet's. `--only NUMBER` runs that network alone and prints its program with `--show`.
Three odd networks come on top, which some languages cannot predict with and must refuse; the reasons are listed. The
exit status is 1 if anything differs.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import warnings
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "readings" / "eject"))

from random_networks import Case, odd_cases, random_case, random_training
from trials import Trial, trial

from glassnet.readings.eject.languages import LANGUAGES


@dataclass
class Tally:
    """What came out for one language."""

    networks: int = 0
    rows: int = 0
    double: float = 0.0
    single: float = 0.0
    other_class: int = 0
    weights: float = 0.0
    weights_single: float = 0.0
    sensitive: int = 0
    wrong: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)

    def add(self, case: Case, found: Trial) -> None:
        if found.refused:
            self.refused[found.refused] += 1
            return
        self.wrong += not found.passed
        self.seconds.append(found.seconds)
        if found.verification is None:
            return
        verification = found.verification
        self.networks += 1
        self.rows += verification.rows
        self.other_class += verification.other_class
        self.sensitive += found.needed_more
        if found.needed_more:
            return
        if verification.allowed > 1e-9:  # in float32
            self.single = max(self.single, verification.difference)
            self.weights_single = max(self.weights_single, verification.weights or 0.0)
        else:
            self.double = max(self.double, verification.difference)
            self.weights = max(self.weights, verification.weights or 0.0)

    def result(self) -> dict[str, Any]:
        """What is written down."""
        numbers = {name: getattr(self, name) for name in ("networks", "rows", "double", "single", "other_class")}
        numbers |= {"weights": self.weights, "weights_single": self.weights_single, "sensitive": self.sensitive}
        numbers |= {"refused": dict(self.refused), "wrong": self.wrong}
        return {**numbers, "seconds": round(float(np.median(self.seconds)), 2) if self.seconds else 0.0}


COLUMNS = {
    "networks": "networks",
    "rows": "rows",
    "double": "largest difference, double",
    "single": "float",
    "other_class": "another class",
    "wrong": "wrong",
    "seconds": "seconds each",
}
TRAINED = {"weights": "of a weight, double", "weights_single": "float", "sensitive": "sensitive"}


def table(results: dict[str, dict[str, Any]], training: bool) -> str:
    """A line for each language, in Markdown."""
    columns = {**{name: COLUMNS[name] for name in list(COLUMNS)[:5]}, **(TRAINED if training else {})}
    columns |= {name: COLUMNS[name] for name in list(COLUMNS)[5:]}
    lines = [["", *columns.values()]]
    for language, found in results.items():
        title = LANGUAGES[language].title + (" (one step)" if training and LANGUAGES[language].one_step else "")
        lines.append([title, *(cell(found[name]) for name in columns)])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    lines.insert(1, ["-" * width if k == 0 else "-" * (width - 1) + ":" for k, width in enumerate(widths)])
    return "\n".join("| " + " | ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)) + " |" for line in lines)


def cell(value: float) -> str:
    """A count, or a difference with two digits."""
    return f"{value:,}" if isinstance(value, int) or value >= 0.01 else f"{value:.2g}"


def write_down(results: dict[str, dict[str, Any]], training: bool, seed: int) -> None:
    """Keep the results, beside those of other languages, in benchmarks/ejected.json and .md."""
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {"predict": {}, "train": {}}
    kind = "train" if training else "predict"
    kept[kind] |= {name: {"seed": seed, **found} for name, found in results.items()}
    kept[kind] = {name: kept[kind][name] for name in LANGUAGES if name in kept[kind]}
    RESULTS.write_text(json.dumps(kept, indent=1) + "\n")
    refused = {
        f"- {LANGUAGES[name].title}: {why}" for name, found in kept["predict"].items() for why in found["refused"]
    }
    RESULTS.with_suffix(".md").write_text(
        PAGE.format(
            predict=table(kept["predict"], False), train=table(kept["train"], True), refused="\n".join(sorted(refused))
        )
    )


RESULTS = Path(__file__).parents[1] / "benchmarks" / "ejected.json"
PAGE = """\
# Ejected programs, held against glassnet

Written by `scripts/verify_ejected.py --write`: random networks, each as a program in every language, run by the
language's own tool on 100 random rows.

## Programs that predict

A difference is in parts of the largest number on a row's way; 1e-12 is allowed, of float32 1e-5. Another class counts
unless the two best outputs differ by less than 1e-9.

{predict}

Refused by name, of networks drawn to be odd (a mean over all rows, a sum of everything, arrays of three axes):

{refused}

## Programs that train

50 steps; of a weight 1e-10 is allowed, of float32 1e-4. Sensitive: trainings that hang on the last digit, which shows
when NumPy trains again from rows and weights changed in theirs; a hundred times what that changes is allowed.

{train}
"""


def tally(language: str, cases: list[Case], jobs: int, alone: bool, show: bool) -> Tally | str:
    """All networks in one language; or why there are none. What is wrong is printed."""
    if find_spec(f"glassnet.readings.eject.{LANGUAGES[language].module}") is None:
        return "is not there"
    counts = Tally()
    with ThreadPoolExecutor(jobs) as pool:
        for case, found in zip(cases, pool.map(partial(trial, language=language, alone=alone), cases), strict=True):
            if found.missing:
                pool.shutdown(cancel_futures=True)
                return found.missing
            counts.add(case, found)
            if not found.passed and not found.refused:
                print(f"{language}: {case}\n    {found}", flush=True)
            if show:
                print(found.ejected)
    return counts


def options() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("languages", nargs="*", metavar="LANGUAGE", help=f"of {', '.join(LANGUAGES)}; default: all")
    parser.add_argument("--networks", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--training", action="store_true", help="programs that train")
    parser.add_argument("--alone", action="store_true", help="start each program by itself as well, to test itself")
    parser.add_argument("--only", type=int, metavar="NUMBER", help="this network alone")
    parser.add_argument("--show", action="store_true", help="print the program")
    parser.add_argument("--write", action="store_true", help="keep the results in benchmarks/ejected.md")
    parser.add_argument("--jobs", type=int, default=1, help="how many programs run at a time")
    given = parser.parse_args()
    for language in given.languages:
        if language not in LANGUAGES:
            parser.error(f"unknown language {language!r}; known are {', '.join(LANGUAGES)}")
    return given


def main() -> int:
    """All networks in all languages; the exit status."""
    given, began, wrong = options(), time.monotonic(), 0
    results: dict[str, dict[str, Any]] = {}
    numbers = range(given.networks) if given.only is None else [given.only]
    cases = [(random_training if given.training else random_case)(given.seed, number) for number in numbers]
    if given.only is None and not given.training:
        cases += odd_cases()
    print(f"{len(cases)} networks of seed {given.seed}, drawn in {time.monotonic() - began:.0f} s", flush=True)
    for language in given.languages or LANGUAGES:
        if given.training and not LANGUAGES[language].trains:
            continue
        counts = tally(language, cases, given.jobs, given.alone, given.show)
        if isinstance(counts, str):
            print(f"{language}: {counts}")
            continue
        wrong += counts.wrong
        results[language] = counts.result()
        print(f"{language}: {counts.networks} networks, {counts.wrong} wrong", flush=True)
        for why, times in counts.refused.most_common():
            print(f"    refused {times}: {why}")
    print("", table(results, given.training), sep="\n")
    if given.write:
        write_down(results, given.training, given.seed)
    return 1 if wrong else 0


if __name__ == "__main__":
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # values out of range, new words: they are there on purpose
        sys.exit(main())
