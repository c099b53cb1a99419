"""Two versions of glassnet side by side: is this one as fast as an older one, work for work?

    git worktree add /somewhere/older COMMIT
    python benchmarks/versions.py /somewhere/older/src --runs 15

Each version does the works of the race (`race/workloads.py`) in a process of its own, with one thread, in turns. A work
is slower if its median is more than 3 %, and more than two standard errors of the difference, above the older one's.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from race.worker import Worker
from race.workloads import WORKS

NOW = Path(__file__).parents[1] / "src"
KINDS = {"TRAINING": ("W1", "W2", "W3", "W4"), "PREDICTING": ("W5, one row", "W5, 10,000 rows"), "SEEDED": ("W6",)}
CONTESTANTS = {
    "TRAINING": ("glassnet, compiled", "glassnet, numpy"),
    "PREDICTING": ("glassnet, predictor", "glassnet, predict_proba"),
    "SEEDED": ("glassnet, train_many",),
}
CALLS = {"W5, one row": 500, "W5, 10,000 rows": 20}
ALLOWED = 0.03  # how much slower the median may be where the runs agree more closely than that


@contextmanager
def imported_from(source: Path) -> Iterator[None]:
    """A process that is started inside finds glassnet there."""
    sys.path.insert(0, str(source))
    try:
        yield
    finally:
        sys.path.remove(str(source))


def compare(older: Path, works: list[str], runs: int) -> bool:
    """Whether no work is slower; the table is printed row by row."""
    print(f"{'work':<38} {'older ms':>10} {'now ms':>10} {'change':>8}  {'2 s.e.':>7}")
    all_well = True
    for kind, names in KINDS.items():
        for work in names:
            if works and work.split(",")[0] not in works:
                continue
            for contestant in CONTESTANTS[kind]:
                all_well &= one_work(older, kind, work, contestant, runs)
    return all_well


def one_work(older: Path, kind: str, work: str, contestant: str, runs: int) -> bool:
    """The two versions in turns; whether this one is no slower."""
    workers = []
    for source in (older, NOW):
        with imported_from(source):
            workers.append(Worker(contestant, "by_glassnet", threads=1))
            workers[-1].wait()
            workers[-1].prepare(kind, WORKS[work], CALLS.get(work, 1))
            workers[-1].answer()
    seconds: tuple[list[float], list[float]] = ([], [])
    for turn in range(runs):
        for k in (0, 1) if turn % 2 else (1, 0):
            seconds[k].append(workers[k].run()[0])
    for worker in workers:
        worker.close()
    before, now = (statistics.median(times) for times in seconds)
    # the standard error of a median is about 1.25 times that of a mean; of a difference, the root of the squares
    error = 1.25 * (sum(statistics.variance(times) / runs for times in seconds)) ** 0.5 / before
    change = now / before - 1
    well = change <= max(ALLOWED, 2 * error)
    row = f"{work + ', ' + contestant.removeprefix('glassnet, '):<38} {before * 1e3:10.4g} {now * 1e3:10.4g}"
    print(f"{row} {change:+8.1%}  {2 * error:7.1%}{'' if well else '  slower'}", flush=True)
    return well


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("older", type=Path, help="the src folder of the older version")
    parser.add_argument("--runs", type=int, default=15, help="of each version, in turns (default: 15)")
    parser.add_argument("--only", nargs="*", default=[], help="works to do, W1 to W6 (default: all)")
    given = parser.parse_args()
    if not (given.older / "glassnet").is_dir():
        parser.error(f"{given.older} has no folder glassnet; give the src folder of the older version")
    sys.exit(0 if compare(given.older, given.only, given.runs) else 1)


if __name__ == "__main__":
    main()
