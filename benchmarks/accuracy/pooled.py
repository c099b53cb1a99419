"""What many results say: errors pooled over splits, and how one rival's stand beside another's.

Two rivals are compared on the splits that both have results of. Errors of a table are pooled over its splits: the share
of wrong classes among all held-out rows, the root of the mean of squares for numbers. Tables count alike, by the
geometric mean of the ratios of pooled errors. Its interval is a bootstrap's: tables are drawn with replacement, and of
each its splits, the same for both; it says how much another choice of tables and splits would change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from accuracy.problems import Problem

DRAWS, COVERED = 10_000, (2.5, 97.5)  # of the bootstrap; percentiles of its interval

Line = Mapping[str, Any]


class Results:
    """The lines of the file, by table, rival and split."""

    def __init__(self, lines: Iterable[Line], problems: Sequence[Problem]) -> None:
        self.problems = {problem.name: problem for problem in problems}
        self.of: dict[tuple[str, str], dict[int, Line]] = {}
        for line in lines:
            if line["table"] in self.problems:
                self.of.setdefault((line["table"], line["rival"]), {})[line["split"]] = line

    def lines(self, table: str, rival: str, beside: str | None = None) -> list[Line]:
        """A rival's results of a table, by split; only of the splits that another one has, too."""
        found = self.of.get((table, rival), {})
        others = found if beside is None else self.of.get((table, beside), {})
        return [found[split] for split in sorted(found) if split in others]

    def log_error(self, table: str, lines: Sequence[Line], picked: np.ndarray | None = None) -> Any:
        """ln of the error pooled over these lines, or over each row of `picked`, places in them, (draws, picked).

        Where nothing was wrong, half a row was: the error is not 0, only too small to be seen.
        """
        power = 2 if self.problems[table].kind == "number" else 1
        errors = np.array([line["error"] for line in lines]) ** power
        pooled = (errors if picked is None else errors[picked]).mean(axis=-1)
        if power == 1:
            pooled = np.maximum(pooled, 0.5 / sum(line["rows"] for line in lines))
        return np.log(pooled) / power

    def pooled(self, table: str, rival: str) -> float | None:
        """The error of a rival over all its splits of a table."""
        lines = self.lines(table, rival)
        return float(np.exp(self.log_error(table, lines))) if lines else None

    def log_ratio(self, table: str, rival: str, other: str) -> float | None:
        """ln of a rival's pooled error over another one's, on the splits that both have."""
        both = self.lines(table, rival, other), self.lines(table, other, rival)
        return float(self.log_error(table, both[0]) - self.log_error(table, both[1])) if both[0] else None

    def mean(self, table: str, rival: str, of: Callable[[Line], float]) -> float | None:
        """The mean over splits of something."""
        lines = self.lines(table, rival)
        return float(np.mean([of(line) for line in lines])) if lines else None


@dataclass(frozen=True, kw_only=True)
class Beside:
    """A rival beside another one.

    Attributes
    ----------
    tables, splits
        How many they have in common.
    ratio, low, high
        Geometric mean of the ratios of pooled errors, and its interval.
    better, worse
        On how many tables its pooled error is lower, higher.
    log_loss
        Geometric mean of the ratios of the log loss, where there are classes.
    time
        The processor's seconds of training, the sum over tables of means, as a ratio.
    """

    tables: int
    splits: int
    ratio: float
    low: float
    high: float
    better: int
    worse: int
    log_loss: float | None
    time: float


def beside(results: Results, rival: str, other: str, draws: int = DRAWS) -> Beside | None:
    """How a rival stands beside another one; None where no split has both."""
    rng = np.random.default_rng(0)
    ratios, drawn, losses, seconds, splits = [], [], [], np.zeros(2), 0
    for table in results.problems:
        both = results.lines(table, rival, other), results.lines(table, other, rival)
        if not both[0]:
            continue
        splits += len(both[0])
        ratios.append(results.log_error(table, both[0]) - results.log_error(table, both[1]))
        picked = rng.integers(0, len(both[0]), (draws, len(both[0])))
        drawn.append(results.log_error(table, both[0], picked) - results.log_error(table, both[1], picked))
        seconds += [np.mean([line["fit"][1] for line in lines]) for lines in both]
        if results.problems[table].kind == "classes":
            means = [np.mean([line["log_loss"] for line in lines]) for lines in both]
            losses.append(np.log(means[0] / means[1]))
    if not ratios:
        return None
    tables = rng.integers(0, len(ratios), (draws, len(ratios)))
    means = np.take_along_axis(np.column_stack(drawn), tables, axis=1).mean(axis=1)
    low, high = np.exp(np.percentile(means, COVERED))
    return Beside(
        tables=len(ratios),
        splits=splits,
        ratio=float(np.exp(np.mean(ratios))),
        low=float(low),
        high=float(high),
        better=int(np.sum(np.array(ratios) < 0)),
        worse=int(np.sum(np.array(ratios) > 0)),
        log_loss=float(np.exp(np.mean(losses))) if losses else None,
        time=float(seconds[0] / seconds[1]),
    )
