"""Networks of every ordinary size: the compiled engine beside JAX, the NumPy engine and the loop by hand, in turns.

About 120 cells hold every pair of: columns, hidden layers, outputs, batch size, activation, type, dropout or batch norm
(`sweep/covering.py`). On a quiet machine they take less than 20 minutes. What is measured is kept at once in a file of
JSON lines; if the sweep is broken off, the same command goes on. At the end stand the cells that fail what is asked of
them, and what the time of the slowest goes into.

    python benchmarks/sizes.py                              # all of it, into sizes.jsonl, sizes.md and docs/pictures
    python benchmarks/sizes.py --quick                      # a dozen cells, about a minute; nothing is kept
    python benchmarks/sizes.py --only 30-8 float32          # cells whose names have all of these; nothing is kept
    python benchmarks/sizes.py --from benchmarks/sizes.jsonl --picture sizes.png    # measure nothing, tell and draw
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kept import Kept, read, source
from race.floor import PARTS, height
from race.parts import CALL, REST, TWICE
from race.tables import time_of, where
from race.turns import Race, Task, least
from race.worker import Skipped
from report import table
from sweep.cells import ROWS, Cell
from sweep.covering import QUICK, covering
from sweep.picture import draw
from sweep.verdicts import BY_HAND, JAX, MEAN_OVER_JAX, NUMPY, OURS, Measured, failures, mean_over, measured, worst

CONTESTANTS = {OURS: "by_glassnet", NUMPY: "by_glassnet", BY_HAND: "by_hand", JAX: "by_jax"}
UNDER = {name: module for name, module in PARTS.items() if module != "by_torch"}  # PyTorch does not take part
PROFILER = "glassnet, parts"
FILE = Path(__file__).with_name("sizes.jsonl")
PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
SHORT, ENOUGH = 0.03, 0.5  # seconds of a turn, and of all of a contestant's turns
ABOUT = """\
{where}. {rows:,} random rows, Adam, logistic loss or cross-entropy, so many epochs that training takes 10 to 30 ms; \
the same starting weights and batches for everybody. Medians of turns taken one after the other in one run; glassnet's \
time is the whole call of `train`. JAX and both engines with the number of threads that was faster in their first \
turns, the loop by hand on one. The floor: only the products, of whichever library and number of threads is fastest, \
and one pass of Adam; each in its fastest turn."""


def main() -> None:
    asked = arguments()
    if asked.source:
        head, *lines = read(asked.source)
        title, place = head["where"], lines
    else:
        title = where()
        place = sweep(asked, title).lines
    found = [measured(line) for line in place]
    said = "\n\n".join([ABOUT.format(where=title, rows=ROWS), *sections(found, place)])
    print(f"## Sizes\n\n{said}\n", flush=True)
    if asked.json == FILE:
        FILE.with_suffix(".md").write_text(f"# Sizes\n\nWritten by `python benchmarks/sizes.py`.\n\n{said}\n")
    for file in asked.picture:
        draw(found, title, file)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a dozen cells, about a minute")
    parser.add_argument("--only", nargs="+", default=[], metavar="TEXT", help="the cells whose name has all of these")
    parser.add_argument("--repeats", type=int, help="turns that count (default: 5; 3 with --quick)")
    parser.add_argument(
        "--profile", type=int, metavar="N", help="so many of the worst cells (default: 8; 3 with --quick)"
    )
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help=f"keep the results there (default for all: {FILE.name})"
    )
    parser.add_argument("--fresh", action="store_true", help="begin anew, whatever the file has")
    parser.add_argument("--from", dest="source", type=Path, metavar="FILE", help="measure nothing, tell what this has")
    parser.add_argument("--picture", nargs="+", metavar="FILE", default=[], help="draw it: names ending .svg or .png")
    asked = parser.parse_args()
    asked.repeats = asked.repeats or (3 if asked.quick else 5)
    asked.profile = (3 if asked.quick else 8) if asked.profile is None else asked.profile
    if not asked.source and not asked.json and not asked.quick and not asked.only:
        asked.json = FILE
        asked.picture = asked.picture or [str(PICTURES / name) for name in ("sizes.svg", "sizes.png")]
    return asked


def sweep(asked: argparse.Namespace, title: str) -> Kept:
    """Measure the cells that are not there yet, then see where the time of the worst goes."""
    cells = list(QUICK) if asked.quick else covering()
    cells = [cell for cell in cells if all(text in str(cell) for text in asked.only)]
    try:
        kept = Kept(asked.json, {"where": title, "source": source(), "repeats": asked.repeats}, "cell", asked.fresh)
    except ValueError as error:
        sys.exit(str(error))
    missing = [cell for cell in cells if kept.get(described(cell)) is None]
    print(f"{len(cells)} cells, {len(cells) - len(missing)} of them measured before", file=sys.stderr, flush=True)
    if missing:
        with Race(CONTESTANTS, UNDER) as race:
            start = time.monotonic()
            for k, cell in enumerate(missing, start=1):
                line = one_cell(race, cell, asked.repeats)
                kept.add(line)
                left = (time.monotonic() - start) / k * (len(missing) - k) / 60
                said = f"{k:4} of {len(missing)}, {left:.0f} min left: {cell}: {in_short(measured(line))}"
                print(said, file=sys.stderr, flush=True)
    profile(kept, cells, asked.profile)
    return kept


def described(cell: Cell) -> dict[str, Any]:
    """As it stands in the file."""
    return {**dataclasses.asdict(cell), "hidden": list(cell.hidden)}


def one_cell(race: Race, cell: Cell, repeats: int) -> dict[str, Any]:
    """A cell's line: all contestants and the parts of the floor, in turns."""
    task = Task(kind="TRAINING", make=cell.work, short=SHORT, enough=ENOUGH)
    tasks = dict.fromkeys(CONTESTANTS, task) | {BY_HAND: dataclasses.replace(task, threads=(1,))}
    tasks |= dict.fromkeys(UNDER, Task(kind="FLOOR", make=cell.work, gain=1.0))
    found = race.run(tasks, repeats)
    parts = {one["name"]: cell.epochs * least(one) for one in found["contestants"] if one["name"] in UNDER}
    contestants = [one for one in found["contestants"] if one["name"] in CONTESTANTS]
    return {
        "cell": described(cell),
        "contestants": contestants,
        "parts of the floor": parts,
        "floor": height(parts),
        "skipped": found["skipped"],
    }


def profile(kept: Kept, cells: Sequence[Cell], count: int) -> None:
    """Add to the worst cells' lines what their time goes into."""
    lines = {measured(line).cell: line for line in kept.lines}
    todo = [one.cell for one in worst([measured(lines[cell]) for cell in cells], count)]
    todo = [cell for cell in todo if "profile" not in lines[cell]]
    if not todo:
        return
    with Race({PROFILER: "parts"}) as race:
        worker = race.workers[PROFILER, 1]
        for cell in todo:
            print(f"where the time goes: {cell}", file=sys.stderr, flush=True)
            worker.prepare("PARTS", cell.work, short=0.0)
            try:
                worker.answer()
                kept.put({**lines[cell], "profile": worker.run()[1]})
            except Skipped as reason:
                print(f"  not there: {reason}", file=sys.stderr)


def in_short(one: Measured) -> str:
    if OURS not in one.seconds:
        return "the compiled engine is not there"
    ratios = [
        f"{name} {ratio:.2f}×" for name in (JAX, NUMPY, BY_HAND, "the floor") if (ratio := one.over(name)) is not None
    ]
    return f"{1e3 * one.seconds[OURS]:.3g} ms; {', '.join(ratios)}"


def sections(found: Sequence[Measured], lines: Sequence[dict[str, Any]]) -> list[str]:
    """What the sweep comes to, the cells that fail, where time goes, and every cell."""
    return [
        part
        for part in (in_words(found), failing(found), profiles(lines), every(lines), elsewhere(lines), missing(lines))
        if part
    ]


def in_words(found: Sequence[Measured]) -> str:
    said = []
    for name in (JAX, NUMPY, BY_HAND):
        ratios = [ratio for one in found if (ratio := one.over(name)) is not None]
        if ratios:
            asked = f" (asked: {MEAN_OVER_JAX})" if name == JAX else ""
            said.append(
                f"{name} takes {mean_over(found, name):.2f} times as long as the compiled engine in the geometric "
                f"mean of {len(ratios)} cells{asked}, {min(ratios):.2f} to {max(ratios):.2f}."
            )
    return " ".join(said)


def failing(found: Sequence[Measured]) -> str:
    failed = failures(found)
    if not failed:
        return f"All of {len(found)} cells do what is asked of each."
    rows = [[str(cell), "; ".join(words)] for cell, words in failed.items()]
    return f"### Cells that fail what is asked, {len(failed)} of {len(found)}\n\n{table(['network', 'what'], rows)}"


def profiles(lines: Sequence[dict[str, Any]]) -> str:
    """Of the worst cells: milliseconds, and the share of each part."""
    names = (*TWICE, CALL, REST)
    rows = [
        [
            str(measured(line).cell),
            f"{1e3 * whole:.3g} ms",
            *(f"{100 * line['profile'][name] / whole:.0f} %" for name in names),
        ]
        for line in lines
        if "profile" in line
        for whole in [line["profile"]["whole"]]
    ]
    if not rows:
        return ""
    return (
        "### What the time of the slowest beside JAX goes into\n\nOn one thread; each part is how much longer training "
        f"takes when it is done twice.\n\n{table(['network', 'training', *names], rows)}"
    )


def every(lines: Sequence[dict[str, Any]]) -> str:
    """A row for each cell, the worst beside JAX first."""
    by_cell = {measured(line).cell: line for line in lines}
    rows = []
    for one in worst([measured(line) for line in lines], len(lines)):
        contestants = {item["name"]: item for item in by_cell[one.cell]["contestants"]}
        ours = contestants[OURS]
        ratios = [one.over(name) for name in (JAX, NUMPY, BY_HAND, "the floor")]
        rows.append([str(one.cell), time_of(ours["seconds"]), *("-" if r is None else f"{r:.2f}" for r in ratios)])
    head = ["network", OURS, JAX, "NumPy engine", "by hand", "the floor"]
    return f"### Every cell\n\nTimes as long as the compiled engine.\n\n{table(head, rows)}" if rows else ""


def elsewhere(lines: Sequence[dict[str, Any]]) -> str:
    """Who did not arrive at the loss of the loop by hand; JAX draws other random numbers for dropout."""
    said = [
        f"{one['name']} in {measured(line).cell}"
        for line in lines
        for one in line["contestants"]
        if one.get("differs") and (one["name"], line["cell"]["between"]) != (JAX, "dropout")
    ]
    return (
        f"Arrived at another loss than the loop by hand: {'; '.join(said)}."
        if said
        else "All arrived at the same loss."
    )


def missing(lines: Sequence[dict[str, Any]]) -> str:
    """Who was not there, and why."""
    reasons = {f"{name} ({reason})" for line in lines for name, reason in line["skipped"].items()}
    return f"Not there: {'; '.join(sorted(reasons))}." if reasons else ""


if __name__ == "__main__":
    main()
