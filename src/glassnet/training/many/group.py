"""Runs of one structure put together as lanes, and each lane taken out again, as the state that `train` leaves."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from glassnet.derivation.derive import derive
from glassnet.derivation.steps import Derivation
from glassnet.engines.memory import Memory
from glassnet.parts.layers import Dropout
from glassnet.parts.schedules import Schedule
from glassnet.training.begin import begin, check_rate, watch_of, without_functions
from glassnet.training.choice import Choice, estimate
from glassnet.training.history import Columns, History
from glassnet.training.lanes import Lanes, Numbers
from glassnet.training.loop import Run, Watch
from glassnet.training.many.side_by_side import DIVERGED, REASONS, Ended, Looks
from glassnet.training.many.source import Course, Some
from glassnet.training.many.starts import Begun
from glassnet.training.many.structure import structure_of
from glassnet.training.place import Place
from glassnet.training.prepared import Prepared
from glassnet.training.rows import Rows, Walk
from glassnet.training.settings import Settings
from glassnet.training.start import Start
from glassnet.training.state import State
from glassnet.training.stopping import Best


@dataclass(eq=False)
class OneRun:
    """One of the runs.

    Attributes
    ----------
    course
        What it has in common with others.
    begun
        Where it starts.
    seed
        Its seed, if that is a number.
    alone
        Whether nobody else begins with the same generator.
    """

    course: Course
    begun: Begun
    seed: int | None
    alone: bool

    def rng(self) -> np.random.Generator:
        """The generator that it goes on with: one that was given, where no other run begins with it, or a copy."""
        return self.begun.rng if self.alone else self.begun.copied()

    def state(self, rng: np.random.Generator, theta: np.ndarray, state: np.ndarray) -> State:
        """A state of its own with these numbers, which are copied."""
        pattern = self.course.pattern
        like = pattern.memory
        memory = Memory(
            layout=like.layout,
            state_layout=like.state_layout,
            theta=theta.copy(),
            g=np.zeros_like(like.theta),
            state=state.copy(),
            penalised=like.penalised,
            trainable=like.trainable.copy(),
            rates=like.rates,
        )
        return State(pattern.network, pattern.contract, memory, rng, seed=self.seed)


def kind_of(course: Course, exact: bool) -> Hashable:
    """Equal for runs that can be lanes of one engine, and that are looked at alike.

    Parameters
    ----------
    course
        What the runs have in common.
    exact
        Whether the losses of rows held out must be those of `train` to the last bit. Otherwise other numbers of such
        rows are no obstacle, where their loss is a mean: rows that weigh nothing are put beside the fewer.
    """
    setting, pattern = course.setting, course.pattern
    settings = setting.settings
    seen, held_out = course.seen, course.held_out
    loss = pattern.network.loss
    padded = not exact and loss is not None and loss.reduction == "mean"
    return (
        structure_of(pattern.network, setting.optimizer),
        pattern.n_inputs,
        len(seen),
        None if held_out is None else "any" if padded else len(held_out),
        seen.pool.w is None,
        held_out is None or held_out.pool.w is None,
        Walk.over(len(seen), settings.batch_size, settings.shuffle, settings.drop_last),
        settings.epochs,
        repr(settings.early_stopping),  # True is no patience of 1
    )


@dataclass(frozen=True, eq=False)
class Group:
    """Runs that can be trained side by side: lane k is run k."""

    runs: Sequence[OneRun]

    @property
    def first(self) -> Course:
        """A course; what is not different in lanes is the same in all courses."""
        return self.runs[0].course

    @cached_property
    def courses(self) -> list[Course]:
        """The courses of the runs, each once."""
        return list({id(run.course): run.course for run in self.runs}.values())

    @cached_property
    def course_of(self) -> np.ndarray:
        """Which of the courses is each run's."""
        number = {id(course): k for k, course in enumerate(self.courses)}
        return np.array([number[id(run.course)] for run in self.runs])

    @cached_property
    def walk(self) -> Walk:
        """Through the rows."""
        settings = self.first.setting.settings
        return Walk.over(len(self.first.seen), settings.batch_size, settings.shuffle, settings.drop_last)

    @cached_property
    def watches(self) -> list[Watch]:
        """What is measured in each course; empty: nothing."""
        found: dict[Hashable, Watch | None] = {}
        for course in self.courses:
            key = id(course.pattern), id(course.held_out)
            if key not in found:
                found[key] = watch_of(course.prepared(course.pattern), course.setting.settings)
        all_of = [found[id(course.pattern), id(course.held_out)] for course in self.courses]
        return [watch for watch in all_of if watch is not None]

    @cached_property
    def best(self) -> Best | None:
        """When each stops early, and by which column."""
        rate = self.first.setting.optimizer.over(self.epochs).learning_rate
        return Best.of(self.first.setting.settings.early_stopping, self.columns, rate, self.epochs)

    @property
    def columns(self) -> list[str]:
        """The names of what is known of each epoch."""
        return ["loss", *(self.watches[0].columns if self.watches else ())]

    @property
    def epochs(self) -> int:
        """How many at most."""
        return self.first.setting.settings.epochs

    @property
    def saved(self) -> float:
        """Seconds that machine code would save, where NumPy trained all of them."""
        _, saved = estimate(self.derivation, len(self.first.seen), self.walk, self.epochs)
        return saved * len(self.runs)

    def check(self) -> None:
        """ValueError or TypeError for metrics or early stopping that these runs cannot have, before they begin."""
        check_rate(self.first.setting.optimizer)
        self.watches, self.best  # noqa: B018  # each is worked out when it is asked for, and may be refused

    @property
    def derivation(self) -> Derivation:
        """Of a training step, with the numbers of the first."""
        return derivation_of(self.first)

    def some(self, numbers: Sequence[int]) -> Group:
        """Some of the runs, by number."""
        return Group([self.runs[k] for k in numbers])

    def by_rates(self) -> list[list[int]]:
        """The numbers of the runs that have the same rates of dropout; those of schedules may differ in a code."""
        found: dict[Hashable, list[int]] = {}
        for k, run in enumerate(self.runs):
            layers = run.course.pattern.network.layers
            found.setdefault(tuple(rate_of(layer) for layer in layers if isinstance(layer, Dropout)), []).append(k)
        return list(found.values())

    def lanes(self) -> Lanes:
        """The runs as lanes; they are not kept, as they hold all numbers once more."""
        pattern, courses = self.first.pattern, self.courses
        settings: dict[Hashable, int] = {}
        derivations: list[Derivation] = []
        of_course: list[int] = []
        for course in courses:
            key = id(course.pattern.network), id(course.setting)
            if key not in settings:
                settings[key] = len(derivations)
                derivations.append(derivation_of(course))
            of_course.append(settings[key])
        rows, own = together([course.seen for course in courses], self.course_of)
        theta = np.stack([run.begun.theta for run in self.runs])
        slots = {name: np.zeros_like(theta) for name in courses[0].setting.optimizer.slots}
        return Lanes(
            derivations=derivations,
            setting=np.array(of_course)[self.course_of],
            numbers=Numbers(theta=theta, state=np.stack([run.begun.state for run in self.runs]), slots=slots),
            marks=pattern.memory.marks,
            rngs=[run.rng() for run in self.runs],
            rows=rows,
            own=own,
            walk=self.walk,
        )

    def looks(self) -> Looks | None:
        """What is looked at after each epoch."""
        if not self.watches:
            return None
        measured = [course.held_out or course.seen for course in self.courses]
        rows, own = together(measured, self.course_of)
        counts = np.array(list(map(len, measured)))[self.course_of]
        return Looks(watches=self.watches, part=self.course_of, rows=rows, own=own, counts=counts)


def rate_of(layer: Dropout) -> float | None:
    """The rate that stands in the steps; None where a schedule says it."""
    return None if isinstance(layer.rate, Schedule) else layer.rate


def derivation_of(course: Course) -> Derivation:
    """Of a training step."""
    pattern = course.pattern
    return derive(
        pattern.network,
        pattern.n_inputs,
        course.setting.optimizer,
        dtype=pattern.dtype,
        weighted=course.seen.pool.w is not None,
    )


def together(parts: Sequence[Some], which: np.ndarray) -> tuple[Rows, np.ndarray]:
    """The rows of several parts in one pool, and the numbers of those of each lane, whose part is `which`."""
    pools = list({id(some.pool): some.pool for some in parts}.values())
    offsets = dict(zip(map(id, pools), np.cumsum([0, *map(len, pools)]), strict=False))
    pool = pools[0]
    if len(pools) > 1:
        weights = [item.w for item in pools if item.w is not None]
        pool = Rows(
            np.concatenate([item.x for item in pools]),
            np.concatenate([item.y for item in pools]),
            np.concatenate(weights) if weights else None,
        )
    places = [some.index + offsets[id(some.pool)] for some in parts]
    longest = max(map(len, places))
    if min(map(len, places)) < longest:
        pool = with_nothing(pool)
        places = [np.pad(place, (0, longest - len(place)), constant_values=len(pool) - 1) for place in places]
    own = np.stack(places)
    return pool, own[which] if len(parts) > 1 else np.broadcast_to(own[0], (len(which), own.shape[1]))


def with_nothing(rows: Rows) -> Rows:
    """The same rows and a last one that weighs nothing."""
    weights = np.ones((len(rows), 1), rows.x.dtype) if rows.w is None else rows.w
    return Rows(
        np.concatenate([rows.x, rows.x[:1]]),
        np.concatenate([rows.y, rows.y[:1]]),
        np.concatenate([weights, np.zeros_like(weights[:1])]),
    )


@dataclass(eq=False, kw_only=True)
class Trained:
    """A group after its training: each run's state, made when it is asked for.

    Attributes
    ----------
    group
        What was trained.
    ended
        How.
    choice
        What is said of the engine.
    """

    group: Group
    ended: Ended
    choice: Choice

    def now(self) -> list[int]:
        """Lanes to be trained again at once: whose end is not told, or whose generator was given by somebody."""
        diverged: list[int] = np.flatnonzero(self.ended.reason == DIVERGED).tolist()
        given = [k for k in diverged if self.group.runs[k].alone and self.group.runs[k].seed is None]
        return sorted({*self.ended.untold(), *given})

    def state(self, lane: int) -> State:
        """The state that `train` would leave of one of the runs."""
        run, ended, course = self.group.runs[lane], self.ended, self.group.runs[lane].course
        rng = ended.rngs[lane]
        if ended.reason[lane] == DIVERGED:
            return trained_alone(run, rng)
        state, epochs = run.state(rng, ended.theta[lane], ended.state[lane]), int(ended.epochs[lane])
        state.memory.slots = {name: slot[lane].copy() for name, slot in ended.slots.items()}
        state.memory.t = epochs * self.group.walk.batches(len(course.seen))
        columns = {"loss": ended.losses, **ended.columns}
        state.history = History(
            Columns({name: column[:epochs, lane] for name, column in columns.items()}),
            REASONS[ended.reason[lane]],
            int(ended.best_epoch[lane]) or None,
        )
        state.place = Place(epochs)
        state.optimizer, state.weighted = course.setting.optimizer, course.seen.pool.w is not None
        state.start = Start(run.begun.theta, run.begun.state, run.begun.rng_state)
        state.engine, state.data, state.split_seed = self.choice, course.fingerprint, course.split_seed
        state.split_by = course.split_by
        state.settings = self.settings[id(course)]
        return state

    @cached_property
    def settings(self) -> dict[int, Settings]:
        """What each course's state keeps of how it was trained."""
        watch = self.group.watches[0] if self.group.watches else None
        return {
            id(course): without_functions(course.setting.settings, course.setting.optimizer, watch)
            for course in self.group.courses
        }


def trained_alone(
    run: OneRun,
    rng: np.random.Generator,
    asked_to_stop: Callable[[], bool] = lambda: False,
    begun: Callable[[Run, Prepared, Settings], Any] | None = None,
) -> State:
    """A run trained by itself, from its start; with a generator that may have gone on since then.

    `begun` is given the training when it has begun.
    """
    rng.bit_generator.state = run.begun.rng_state
    state = run.state(rng, run.begun.theta, run.begun.state)
    prepared, settings = run.course.prepared(state), run.course.setting.settings
    training = begin(prepared, settings, every_epoch=False, asked_to_stop=asked_to_stop)
    if begun:
        begun(training, prepared, settings)
    for _ in training.events():
        pass
    return state
