"""Training many runs: side by side where there is an engine for that, the others by themselves, in threads."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any, Protocol

import numpy as np

from glassnet.parts.naming import find
from glassnet.training.choice import NAMES, Choice, choose, has_short_calls
from glassnet.training.lanes import LaneEngine, Lanes, OtherStructure
from glassnet.training.loop import Run
from glassnet.training.many.group import Group, OneRun, Trained, trained_alone
from glassnet.training.many.lane_engines import LaneChoice, lane_engine
from glassnet.training.many.plan import Plan
from glassnet.training.many.side_by_side import REASONS, SideBySide, train_lanes
from glassnet.training.prepared import Prepared
from glassnet.training.settings import Settings
from glassnet.training.state import State

VECTOR = 16  # lanes that engines take at a time: threads get whole ones
Columns = dict[str, list[Any]]
Job = Callable[[Callable[[], bool]], "list[Outcome]"]


class Outcome(Protocol):
    """What became of some runs."""

    @property
    def numbers(self) -> Sequence[int]:
        """Which runs they are."""

    def columns(self) -> Columns:
        """What the table says of them: numbers after the epoch whose weights were kept, and how they ended."""

    def first_losses(self) -> Sequence[float]:
        """The loss of each one's first epoch; NaN where there was none."""

    def state(self, k: int) -> State:
        """The state of run `numbers[k]`."""


class Keeper(Protocol):
    """Keeps what is trained, so that it can be gone on with.

    Attributes
    ----------
    workers
        How many threads there were when it began.
    """

    workers: int

    def as_before(
        self, groups: Sequence[tuple[list[int], Group]], chosen: list[LaneChoice | None]
    ) -> list[LaneChoice | None]:
        """The engines that groups had when they began, or those chosen now, where they begin now."""

    def begun(self, number: int, run: Run, prepared: Prepared, settings: Settings) -> None:
        """A run is about to be trained by itself: put it where it was, and keep it from now on."""

    def side_by_side(self, numbers: Sequence[int], side: SideBySide, lanes: Lanes) -> Lanes:
        """Put runs where they were; the lanes that are still to be trained."""

    def look(self, numbers: Sequence[int], side: SideBySide, is_last: bool) -> None:
        """Runs are whole, in the middle of their training or at its end."""


@dataclass(frozen=True, eq=False)
class ByItself:
    """A run that was trained by itself."""

    numbers: Sequence[int]
    trained: State

    def columns(self) -> Columns:
        """As `Outcome` says."""
        return {name: [value] for name, value in row_of(self.trained).items()}

    def first_losses(self) -> Sequence[float]:
        """As `Outcome` says."""
        return self.trained.history.columns.get("loss", [])[:1] or [math.nan]

    def state(self, k: int) -> State:
        """As `Outcome` says."""
        return self.trained


def row_of(state: State) -> dict[str, Any]:
    """What the table says of a state."""
    history = state.history
    kept = (history.best_epoch or len(history)) - 1
    measured = {name: column[kept] if kept >= 0 else math.nan for name, column in history.columns.items()}
    return {**measured, "epochs": len(history), "best_epoch": history.best_epoch, "stopped": history.stopped}


@dataclass(frozen=True, eq=False)
class InLanes:
    """Runs that were trained side by side; those whose end the lanes do not tell were trained by themselves too."""

    numbers: Sequence[int]
    trained: Trained
    states: Mapping[int, State]

    def columns(self) -> Columns:
        """As `Outcome` says."""
        ended = self.trained.ended
        kept = np.where(ended.best_epoch > 0, ended.best_epoch, ended.epochs) - 1
        lanes = np.arange(len(kept))
        found: Columns = {}
        for name, column in {"loss": ended.losses, **ended.columns}.items():
            found[name] = np.where(kept >= 0, column[kept.clip(min=0), lanes], np.nan).tolist()
        found["epochs"] = ended.epochs.tolist()
        found["best_epoch"] = [epoch or None for epoch in ended.best_epoch.tolist()]
        found["stopped"] = [REASONS[reason] for reason in ended.reason.tolist()]
        for k, state in self.states.items():
            for name, value in row_of(state).items():
                found[name][k] = value
        return found

    def first_losses(self) -> Sequence[float]:
        """As `Outcome` says."""
        losses = self.trained.ended.losses
        found: list[float] = losses[0].tolist() if len(losses) else [math.nan] * len(self.numbers)
        return found

    def state(self, k: int) -> State:
        """As `Outcome` says."""
        return self.states[k] if k in self.states else self.trained.state(k)


def train_all(
    plan: Plan, *, engine: str, workers: int, interrupted: Callable[[], bool], keeper: Keeper | None = None
) -> list[Outcome]:
    """Train all runs; a run that diverges does not end the others.

    Parameters
    ----------
    engine
        "numpy", "compiled" or "auto".
    workers
        How many threads train.
    interrupted
        Asked often; true: training ends there.
    keeper
        Keeps what is trained, and has what was trained before.

    Raises
    ------
    KeyboardInterrupt
        It was interrupted.
    """
    find(engine, NAMES, "engine")
    groups = plan.groups(exact=engine == "compiled")
    for _, group in groups:
        group.check()
        plan.check_columns(group.columns)
    failures: list[BaseException] = []

    def enough() -> bool:
        return bool(failures) or interrupted()

    def run(job: Job) -> list[Outcome]:
        if enough():  # jobs that have not begun do not begin
            return []
        try:
            with np.errstate(all="ignore"):  # what overflows shows in the loss
                return job(enough)
        except BaseException as failure:
            failures.append(failure)
            return []

    saved = sum(group.saved for _, group in groups)
    chosen = [None if engine == "numpy" else engine_of(numbers, group, engine, saved) for numbers, group in groups]
    if keeper:
        chosen = keeper.as_before(groups, chosen)
    parts = keeper.workers if keeper else workers  # lanes are divided as they were when they began
    jobs = [
        job
        for (numbers, group), lanes in zip(groups, chosen, strict=True)
        for job in jobs_of(numbers, group, engine, parts, lanes, keeper)
    ]
    with ThreadPoolExecutor(workers) as pool:
        answers = pool.map(run, jobs) if len(jobs) > 1 else map(run, jobs)
        found = [outcome for outcomes in answers for outcome in outcomes]
    if failures:
        raise failures[0]  # those after it only say that they were asked to stop
    if interrupted():
        raise KeyboardInterrupt
    return found


def engine_of(numbers: Sequence[int], group: Group, engine: str, saved: float) -> LaneChoice | None:
    """The engine for a group's lanes; None: each run is trained by itself.

    `saved` are the seconds that machine code would save in all groups.
    """
    if len(numbers) < 2:
        return None
    return lane_engine(engine, group.derivation, len(group.first.seen), group.walk, saved)


def jobs_of(
    numbers: list[int], group: Group, engine: str, workers: int, chosen: LaneChoice | None, keeper: Keeper | None
) -> Iterator[Job]:
    """What threads have to do for a group: all or some of its lanes, or run by run."""
    if chosen is None:
        alone = [partial(by_itself, number, run, keeper) for number, run in zip(numbers, group.runs, strict=True)]
        yield from [partial(one_by_one, alone)] if waits_for_itself(group, engine) else alone
        return
    vectors = -(-len(numbers) // VECTOR)
    parts = 1 if chosen.has_threads else min(workers, vectors)
    bounds = [VECTOR * (vectors * k // parts) for k in range(parts)] + [len(numbers)]
    words = f"in lanes: {len(numbers)} networks side by side"
    choice = Choice("compiled", words, batches=group.walk.kind(len(group.first.seen)), rows=len(group.first.seen))
    make = partial(chosen.make, workers=workers if parts == 1 else 1)
    for low, high in pairwise(bounds):
        yield partial(in_lanes, numbers[low:high], Group(group.runs[low:high]), make, choice, keeper)


def by_itself(number: int, run: OneRun, keeper: Keeper | None, enough: Callable[[], bool]) -> list[Outcome]:
    """A run by itself."""
    begun = partial(keeper.begun, number) if keeper else None
    return [ByItself([number], trained_alone(run, run.rng(), enough, begun))]


def one_by_one(jobs: Sequence[Job], enough: Callable[[], bool]) -> list[Outcome]:
    """Several jobs in one thread."""
    return [outcome for job in jobs for outcome in job(enough)]


def waits_for_itself(group: Group, engine: str) -> bool:
    """Whether threads would only wait for each other: for Python's lock, between NumPy's calls."""
    settings, rows = group.first.setting.settings, len(group.first.seen)
    todo, exactly = settings.all_epochs, settings.deterministic
    chosen = choose(engine, group.derivation, rows, group.walk, todo, deterministic=exactly)
    return chosen.engine == "numpy" and has_short_calls(group.derivation, group.walk.batch_size)


def in_lanes(
    numbers: Sequence[int],
    group: Group,
    make: Callable[[Lanes], LaneEngine],
    choice: Choice,
    keeper: Keeper | None,
    enough: Callable[[], bool],
) -> list[Outcome]:
    """Runs side by side."""
    lanes, best, looks = group.lanes(), group.best, group.looks()
    stopping = best.stopping if best else None
    side = SideBySide(lanes, group.epochs, looks.columns if looks else [], stopping)
    left = keeper.side_by_side(numbers, side, lanes) if keeper else lanes
    try:
        engine = make(left) if len(left.rngs) else None
    except (NotImplementedError, OtherStructure) as refusal:
        # where a rate of dropout is the same number as another one, the two became one
        parts = group.by_rates() if isinstance(refusal, OtherStructure) else []
        if len(parts) > 1:
            found = [
                in_lanes([numbers[k] for k in part], group.some(part), make, choice, keeper, enough) for part in parts
            ]
        else:
            found = [by_itself(number, run, keeper, enough) for number, run in zip(numbers, group.runs, strict=True)]
        return [outcome for outcomes in found for outcome in outcomes]
    ended = train_lanes(
        side,
        engine,
        group.epochs,
        looks=looks,
        stopping=stopping,
        monitor=best.monitor if best else "",
        asked_to_stop=enough,
        whole=partial(keeper.look, numbers) if keeper else None,
    )
    trained = Trained(group=group, ended=ended, choice=choice)
    return [InLanes(numbers, trained, {lane: trained.state(lane) for lane in trained.now()})]
