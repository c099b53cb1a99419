"""All runs that are asked for: every setting, on every part of the rows, from every seed."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from glassnet.data.tables.folds import Division
from glassnet.errors import DataError, TrainingError
from glassnet.parts.naming import check_whole
from glassnet.training.making import Seed, generator, number_of
from glassnet.training.many.group import Group, OneRun, kind_of
from glassnet.training.many.source import Course, Source
from glassnet.training.many.starts import Starts
from glassnet.training.many.varying import Setting
from glassnet.training.needs import check_runs
from glassnet.training.splitting import split_seed_of

ENDS = ("epochs", "epochs_done", "best_epoch", "stopped")  # columns of the table that say how runs ended
MEANS = ("runs", "diverged")  # and those that its means have


@dataclass(frozen=True, eq=False, kw_only=True)
class Plan:
    """Runs in order: setting after setting, in each part after part, in each seed after seed.

    Attributes
    ----------
    runs
        Each of them.
    columns
        What is known of them before they are trained, by name: what varies, the number of the fold or sample, the seed.
    """

    runs: Sequence[OneRun]
    columns: dict[str, list[Any]]

    def groups(self, exact: bool) -> list[tuple[list[int], Group]]:
        """The runs that can be trained side by side, and their numbers; what is `exact` says `kind_of`."""
        kinds: dict[int, Any] = {}
        found: dict[Any, list[int]] = {}
        for number, run in enumerate(self.runs):
            course = id(run.course)
            if course not in kinds:
                kinds[course] = kind_of(run.course, exact)
            found.setdefault(kinds[course], []).append(number)
        return [(numbers, Group([self.runs[k] for k in numbers])) for numbers in found.values()]

    def check_columns(self, measured: Sequence[str]) -> None:
        """ValueError for a metric that is called as another column of the table, or of its means."""
        taken = {*self.columns, *ENDS, *MEANS, *(f"{name}_std" for name in (*measured, *ENDS))}
        for name in measured:
            if name in taken:
                raise ValueError(
                    f"two columns of the table would be called {name!r}; name the metric's function otherwise"
                )


def plan_of(
    source: Source,
    settings: Sequence[Setting],
    seeds: Sequence[Seed],
    divisions: Sequence[Division],
    *,
    part_name: str,
) -> Plan:
    """All runs, each with its rows and its starting numbers.

    Parameters
    ----------
    divisions
        Of the rows; none: each run has all rows, but for a share that its seed draws where that is asked for.
    part_name
        What a division is called: "fold" or "sample".

    Raises
    ------
    DataError, ValueError
        As `train` does; TooLarge where there is no memory for so many runs.
    """
    starts = Starts(seeds=seeds, alone=len(settings) * max(1, len(divisions)) == 1)
    has_splits = source.share is not None and not divisions

    @cache
    def split_seed(k: int) -> int | None:
        return split_seed_of(starts.generator(k)) if has_splits else None

    runs: list[OneRun] = []
    columns: dict[str, list[Any]] = {name: [] for name in (*settings[0].values, *[part_name] * bool(divisions), "seed")}
    for setting in settings:
        for part, division in enumerate(divisions or [None], start=1):
            course: Course | None = None
            for k, seed in enumerate(seeds):
                if course is None or has_splits:
                    with told_of(part_name, part if divisions else None):
                        course = source.course(setting, division or split_seed(k))
                    if not runs:
                        check_plan(course, setting, seeds=len(seeds), runs=len(settings) * len(divisions or [None]))
                runs.append(OneRun(course, starts.of(course, k), number_of(seed), starts.alone))
            for name, value in setting.values.items():
                columns[name] += [value] * len(seeds)
            if divisions:
                columns[part_name] += [part] * len(seeds)
            columns["seed"] += [k if number is None else number for k, number in enumerate(map(number_of, seeds))]
    starts.check()
    return Plan(runs=runs, columns=columns)


def check_plan(course: Course, setting: Setting, *, seeds: int, runs: int) -> None:
    """TooLarge where there is no memory for all runs, if each is like the first; `runs` are those of a seed."""
    like = course.pattern.memory
    check_runs(like.layout, like.theta.dtype, setting.optimizer, seeds=seeds, runs=runs * seeds)


@contextmanager
def told_of(part_name: str, part: int | None) -> Iterator[None]:
    """What is wrong with the rows of a fold or a sample says with which."""
    try:
        yield
    except (DataError, ValueError, TrainingError) as error:
        if part is None or type(error) not in (DataError, ValueError, TrainingError):
            raise
        raise type(error)(f"{part_name} {part}: {error}") from None


def seeds_of(seeds: int | Iterable[Seed]) -> Sequence[Seed]:
    """Seeds in order: a whole number says how many, from 0 on; a range stays one, whatever its length.

    Raises
    ------
    ValueError
        There is none, one is no seed, or a generator is there twice.
    """
    if isinstance(seeds, (int, np.integer)) and not isinstance(seeds, bool):
        seeds = range(check_whole("seeds", seeds, ", or the seeds themselves"))
    if isinstance(seeds, range) and seeds:
        generator(min(seeds[0], seeds[-1]))  # ValueError where one is below 0
        if len(seeds[: sys.maxsize]) == sys.maxsize:
            raise ValueError(f"seeds must be fewer than {sys.maxsize:,}, got as many or more")
        return seeds
    if not isinstance(seeds, Iterable) or (isinstance(seeds, np.ndarray) and seeds.ndim != 1):
        raise TypeError(f"seeds must be how many, or the seeds themselves, range(200), got {seeds!r:.60}")
    drawn = list(seeds)
    if not drawn:
        raise ValueError("seeds must hold at least one seed, got none")
    for seed in drawn:
        if isinstance(seed, (bool, np.bool_)):
            raise ValueError(f"seeds must be whole numbers >= 0 or generators, got {seed!r}")
    made = [generator(seed) for seed in drawn if not isinstance(seed, int) or seed < 0]
    if len({id(rng.bit_generator) for rng in made}) < len(made):
        raise ValueError("seeds hold the same generator twice; each run needs its own: rng.spawn(2)")
    return drawn
