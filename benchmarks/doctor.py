"""The doctor's patients: `gn.diagnose` on networks that are sick, healthy or merely odd, held against what is true.

Four groups: sound networks on circles and blobs with one fault put in ("sick"), with two or three ("several"), networks
that somebody asked about in public ("real"), and healthy and odd ones. By a hash of its name each is in the half "dev",
on which the doctor may be tuned, or "kept", which is told in numbers only. `--check` trains each patient as it is and
mended, and keeps whether it is what it is said to be; one that is not is left out. Results are kept in `doctor.jsonl`,
so that what was broken off goes on; those of another source of glassnet are measured again.

    python benchmarks/doctor.py --half dev                   # ask the doctor, then tell
    python benchmarks/doctor.py tables --only healthy        # with the tables, which `fetch_tables.py` fetches
    python benchmarks/doctor.py --name "dead start" --again  # those whose names have this in them
    python benchmarks/doctor.py --check                      # are the patients what they are said to be?
    python benchmarks/doctor.py --hints                      # is the doctor named where training ends badly?
    python benchmarks/doctor.py --tell                       # only tell what there is
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import time
import warnings
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from kept import Lines, source
from patients import telling
from patients.patient import GROUPS, HALVES, Case, Patient
from patients.patients import patients
from patients.scoring import Answer, asked
from patients.trained import checked
from report import processor

import glassnet as gn

FILE = Path(__file__).with_name("doctor.jsonl")
CHECKED = Path(__file__).with_name("patients") / "checked.jsonl"


def main() -> None:
    given = arguments()
    kept = Lines(given.json)
    those = [one for one in patients(given.folder) if wanted(one, given)]
    if given.check:
        check(those)
        return
    those = [one for one in those if is_true(one)]
    if given.hints:
        print(hints(those))
        return
    if not given.tell:
        ask(those, kept, given)
    found = answers(those, kept)
    page = telling.page(found)
    if found and is_whole(given):
        text = f"# The doctor's patients\n\nWritten by `python benchmarks/doctor.py TABLES`.\n\n{page}\n"
        given.json.with_suffix(".md").write_text(text)
    print(page)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="with the tables; without one, none of them is a patient")
    parser.add_argument("--only", nargs="+", choices=GROUPS, default=GROUPS, metavar="GROUP", help="these groups")
    parser.add_argument("--half", nargs="+", choices=HALVES, default=HALVES, help="these halves")
    parser.add_argument("--name", default="", help="patients whose names have this in them")
    parser.add_argument("--seeds", type=int, default=1, metavar="N", help="draws of each patient's rows; default: 1")
    parser.add_argument("--again", action="store_true", help="ask again what was asked before")
    parser.add_argument("--check", action="store_true", help="train the patients, without the doctor")
    parser.add_argument("--hints", action="store_true", help="count where training names the doctor")
    parser.add_argument("--tell", action="store_true", help="ask nothing")
    parser.add_argument("--json", type=Path, default=FILE, help="where results are kept")
    return parser.parse_args()


def wanted(patient: Patient, given: argparse.Namespace) -> bool:
    """Whether a patient is asked for."""
    return patient.group in given.only and patient.half in given.half and given.name in patient.name


def is_whole(given: argparse.Namespace) -> bool:
    """Whether everybody is asked for, those of tables included: then what is told is kept as a page, too."""
    groups, halves = {*given.only} == {*GROUPS}, {*given.half} == {*HALVES}
    return bool(given.folder and groups and halves and not given.name)


def ask(those: Sequence[Patient], kept: Lines, given: argparse.Namespace) -> None:
    """Ask the doctor of each patient that it was not asked of, and keep what it says."""
    code, machine = source(), processor()
    for patient in those:
        for seed in range(given.seeds):
            of = {"patient": patient.name, "seed": seed}
            if given.again or kept.get({**of, "source": code}) is None:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # numbers of sick networks overflow
                    line = asked(patient, seed, gn.diagnose)
                kept.put(of, {**of, **line, "source": code, "machine": machine})
                print(time.strftime("%H:%M:%S"), shown(patient, line), flush=True)


def shown(patient: Patient, line: dict[str, Any]) -> str:
    """A result in a line; of the kept half without what was said."""
    if patient.half == "kept":
        return f"{patient.half}, {patient.group}, {line['seconds']:.2f} s"
    return f"{telling.said(Answer(patient, line))}; {line['seconds']:.2f} s"


def answers(those: Sequence[Patient], kept: Lines) -> list[Answer]:
    """What was said of each of these patients, in their order."""
    by_name = {one.name: one for one in those}
    found = [Answer(by_name[line["patient"]], line) for line in kept.lines if line.get("patient") in by_name]
    return sorted(found, key=lambda one: list(by_name).index(one.patient.name))


def check(those: Sequence[Patient]) -> None:
    """Train each as it is and mended, and keep what came of it."""
    kept = Lines(CHECKED)
    for patient in those:
        found = {"patient": patient.name, **checked(patient)}
        kept.put({"patient": patient.name}, found)
        print(json.dumps(found), flush=True)


def is_true(patient: Patient) -> bool:
    """Whether the patient is what it is said to be, as far as that was checked."""
    return patient.name not in untrue()


@cache
def untrue() -> frozenset[str]:
    """Names of patients that are not what they were meant to be."""
    return frozenset(line["patient"] for line in Lines(CHECKED).lines if not line["true"])


def hints(those: Sequence[Patient]) -> str:
    """Of how many patients of each group training itself names the doctor: many of the sick, no healthy one."""
    lines = []
    for group in GROUPS:
        found = [hinted(one.case(0)) for one in those if one.group == group]
        lines.append(f"{group}: {sum(found)} of {len(found)} name the doctor")
    return "\n".join(lines)


def hinted(case: Case) -> bool:
    """Whether what training prints has the doctor's name in it."""
    heard = io.StringIO()
    with (
        contextlib.redirect_stderr(heard),
        contextlib.redirect_stdout(heard),
        warnings.catch_warnings(record=True) as w,
    ):
        warnings.simplefilter("always")
        try:
            gn.train(case.network, case.X, case.y, seed=0, **case.settings)
        except gn.TrainingError as error:
            heard.write(str(error))
        except ValueError:  # refused at once, which is better still
            return True
    return "diagnose" in heard.getvalue() + "".join(str(one.message) for one in w)


if __name__ == "__main__":
    main()
