"""A fit through blocks, carried out to its end."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from glassnet.derivation.derive import derive
from glassnet.errors import TrainingError
from glassnet.interrupts import interruptible
from glassnet.lines import somebody_watches
from glassnet.model.carry_out import ASK, Callback, check_callbacks
from glassnet.model.checkpoints.kept import Kept, kept
from glassnet.model.model import Model
from glassnet.parallel.asked import Fit
from glassnet.parallel.check import check_mode
from glassnet.parallel.crew import Crew
from glassnet.parallel.exact import Exact
from glassnet.parallel.gradients import gradient_of_block
from glassnet.parallel.rounds import Rounds, train_block, weights_of
from glassnet.parallel.steps import BlockSteps, Mode
from glassnet.parallel.whole import Objective, minimize, ready
from glassnet.parallel.work import LOCAL, Work
from glassnet.parallel.worth import A_TASK, Worth, of_a_block, of_a_round
from glassnet.parts.optimizers import optimizer as make_optimizer
from glassnet.training.alone import alone
from glassnet.training.begin import begin
from glassnet.training.choice import Choice
from glassnet.training.events import Event, Stopped, asks_to_stop
from glassnet.training.loop import Run
from glassnet.training.progress import Progress, announce_kind, announce_split, say
from glassnet.training.rows import Walk
from glassnet.training.summed import Divisor
from glassnet.workers.executors import stays_here
from glassnet.workers.places import Here, Place, elsewhere

BY_BLOCKS = "the blocks by"  # how a choice of an engine begins
DOING = ("block", "done", "they may need more memory, or more blocks")


def taker(fit: Fit, stack: ExitStack, told: Callable[[str], Any]) -> BlockSteps:
    """What takes the steps of a fit by an optimizer; its workers are there until the stack ends."""
    state, settings = fit.prepared.model, fit.settings
    assert state.optimizer is not None
    weighted = fit.cut.store.is_weighted
    how: dict[str, Any] = {"dtype": state.dtype, "weighted": weighted, "frozen": not state.memory.trainable.all()}
    derivation = derive(state.network, state.n_inputs, state.optimizer, **how)
    divisor = Divisor.of(state.network, state.n_inputs, state.dtype)
    if fit.how.mode == "exact":
        work = fit.gathering(state.dtype)
        call: Callable[[int], Any] = partial(gradient_of_block, work, state.memory.theta.copy(), 1, 0.0)
    else:
        rows = fit.cut.rows(0)
        walk = Walk.over(rows, settings.batch_size, shuffle=False)
        engine = fit.engine(derivation, rows, walk)
        work = fit.work(state.network, state.optimizer, state.memory, batch=walk.batch_size, engine=engine)
        call = partial(train_block, work, weights_of(state.memory), 0, fit.how.local_steps)
    crew, worth = crew_for(fit, call, stack, state.memory.theta)
    told(str(worth))
    mode: Mode = (
        Exact(derivation, state.memory, work, crew, divisor)
        if fit.how.mode == "exact"
        else Rounds(state.memory, work, crew, fit.how.local_steps, divisor)
    )
    choice = Choice("numpy", f"{BY_BLOCKS} {kind_of(work)}; {worth}")
    return BlockSteps(state, mode, derivation, crew=crew, work=work, choice=choice, at_once=fit.at_once)


def are_worth_it(fit: Fit, worth: Worth) -> bool:
    """Whether processes of their own would gain something."""
    seconds = worth.a_block * len(fit.cut) * fit.settings.epochs
    return worth.most > 1 and not stays_here(fit.workers, seconds)


def crew_for(fit: Fit, call: Callable[[int], Any], stack: ExitStack, theta: np.ndarray) -> tuple[Crew, Worth]:
    """Who does the blocks, and whether more would be worth it: one block is measured."""
    state = fit.prepared.model

    def note(words: str) -> None:
        state.contract = replace(state.contract, notes=(*state.contract.notes, words))
        warnings.warn(words, UserWarning, stacklevel=2)

    crew = Crew(place=Here(), cut=fit.cut, leave_out=fit.how.skip_bad_blocks, noted=note)

    def measured() -> float:
        found = crew.all_of(call, [0]) or crew.all_of(call, range(1, len(fit.cut)))
        return float(next(iter(found.values())).seconds)

    seconds = of_a_block(measured)
    worth = Worth(blocks=fit.at_once, rows=fit.cut.rows(0), a_block=seconds, a_round=A_TASK * fit.at_once)
    place: Place = crew.place
    if fit.executor is not None or are_worth_it(fit, worth):
        forget()
        place = stack.enter_context(elsewhere(fit.executor, fit.workers, DOING, to_the_same=True))
        worth = replace(worth, a_round=of_a_round(place, min(fit.at_once, place.workers()), theta))
    crew.place, crew.is_warm = place, False
    return crew, worth


def carry_out(fit: Fit, callbacks: Iterable[Callback], progress: bool | None, *, known: Model | None = None) -> Model:
    """Fit to the end; errors as `train_parallel` has them."""
    from glassnet.doctor.before import check_meant, doubts

    prepared, settings = fit.prepared, fit.settings
    state = prepared.model
    check_meant(state.network)
    chosen = None if fit.how.mode == "lbfgs" else make_optimizer(settings.optimizer or state.optimizer or "adam")
    network = state.network.over(state.epochs + settings.epochs)
    check_mode(network, state.n_inputs, chosen, "exact" if chosen is None else fit.how.mode)
    if chosen is None and settings.early_stopping:
        raise ValueError("lbfgs ends by itself, where the gradient is almost nothing: leave early_stopping out")
    heard = check_callbacks(callbacks)
    model = known or Model(state)
    before = model.epochs
    watched = somebody_watches() if progress is None else progress
    if known is None and progress is not False:
        announce_kind(state.contract)
        announce_split((*prepared.remarks, *doubts(state, prepared.rows, settings)))
    carried = Carried(fit, model, heard, watched)
    with (
        alone(state),
        interruptible(carried.so_far) as interrupted,
        ExitStack() as stack,
        Progress(watched, before, settings.epochs) as bar,
    ):
        stack.callback(forget)
        carried.bar = bar
        if chosen:
            carried.by_steps(stack, interrupted)
        else:
            carried.by_lbfgs(stack, interrupted)
    if isinstance(carried.last, Stopped) and carried.last.reason == "diverged":
        error = TrainingError(f"{carried.last.message}; why: {ASK}")
        error.model = model
        raise error
    return model


def forget() -> None:
    """Keep nothing of what this thread had at hand for a training."""
    LOCAL.bench = None


class Carried:
    """A fit on its way, with those who hear of it."""

    def __init__(self, fit: Fit, model: Model, heard: list[Callback], watched: bool) -> None:
        self.fit, self.model, self.heard, self.watched = fit, model, heard, watched
        self.run: Run | None = None
        self.enough = False
        self.keeping: Kept | None = None
        self.bar: Progress | None = None
        self.last: Event | None = None

    def so_far(self, _: Any) -> Model | None:
        """What would come of it, if it ended now."""
        found = self.run.so_far() if self.run else None
        return None if found is None else Model(found)

    def say(self, words: str) -> None:
        """A line, where somebody watches."""
        if self.watched:
            say(words)

    def hear(self, event: Event) -> None:
        """Tell all who want to know."""
        self.last = event
        if self.bar:
            self.bar.show(event)
        for callback in self.heard:
            self.enough = asks_to_stop(callback(event, self.model)) or self.enough
        if self.keeping:
            self.keeping.ended = self.enough

    def by_steps(self, stack: ExitStack, interrupted: Callable[[], bool]) -> None:
        """By an optimizer."""
        fit = self.fit
        run = begin(
            fit.prepared,
            fit.settings,
            every_epoch=bool(self.heard),
            taker=lambda: taker(fit, stack, self.say),
            data=fit.data,
        )
        run.back = lambda steps, moment, updates: steps.go_back(moment, updates)
        self.keeping = kept(run, fit.prepared, fit.settings, self.heard)
        self.run, self.enough = run, bool(self.keeping and self.keeping.ended)
        run.asked_to_stop = lambda: self.enough or interrupted()
        for event in run.events():
            self.hear(event)

    def by_lbfgs(self, stack: ExitStack, interrupted: Callable[[], bool]) -> None:
        """By L-BFGS."""
        fit, state = self.fit, self.model.state
        ready(fit.prepared)
        state.data = fit.data
        work = fit.gathering(np.float64)
        call = partial(gradient_of_block, work, state.memory.theta.astype(np.float64), 0, 0.0)
        crew, worth = crew_for(fit, call, stack, state.memory.theta)
        self.say(str(worth))
        state.engine = Choice("numpy", f"{BY_BLOCKS} {kind_of(work)}; {worth}")
        objective = Objective(
            network=state.network,
            divisor=Divisor.of(state.network, state.n_inputs, np.float64),
            penalised=state.memory.penalised.astype(np.float64),
            trainable=state.memory.trainable,
            work=work,
            crew=crew,
        )
        minimize(objective, fit, self.hear, lambda: self.enough or interrupted())


def kind_of(work: Work) -> str:
    """What goes through blocks, in words."""
    return "compiled code" if work.engine == "compiled" else "NumPy"
