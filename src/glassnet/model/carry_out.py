"""A training carried out to its end: shown as it passes, heard by callbacks, ended by Ctrl-C."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from glassnet.errors import TrainingError
from glassnet.interrupts import interruptible
from glassnet.lines import somebody_watches
from glassnet.model.checkpoints.folder import current
from glassnet.model.checkpoints.kept import kept
from glassnet.model.model import Model
from glassnet.parts.naming import check_choice, check_several, check_takes
from glassnet.training.alone import alone
from glassnet.training.begin import begin
from glassnet.training.events import Event, Stopped, asks_to_stop
from glassnet.training.loop import Run
from glassnet.training.prepared import Prepared
from glassnet.training.progress import Progress, Turn, announce, announce_kind, announce_split, say
from glassnet.training.settings import Settings

Callback = Callable[[Event, Model], Any]


def carry_out(
    prepared: Prepared,
    settings: Settings,
    callbacks: Iterable[Callback] = (),
    progress: bool | None = None,
    *,
    known: Model | None = None,
    turn: Turn | None = None,
    over: Callable[[], bool] = lambda: False,
    within: Callable[[float], Any] | None = None,
) -> Model:
    """Train what was prepared; errors as `train` has them.

    Where rows are in a store, `within` hears now and then how many epochs are done, with a part of the one in progress.

    `known` is the model that goes on, None: it is a new one. `turn` says which of several trainings it is. `over` is
    asked before each step: true ends it for now, where a callback ends it for good.
    """
    from glassnet.doctor.before import check_meant, doubts

    check_meant(prepared.model.network)
    heard = check_callbacks(callbacks)
    if progress is not None:
        check_choice("progress", progress)
    model = known or Model(prepared.model)
    before, is_new = model.epochs, not model.epochs
    watched = somebody_watches() if progress is None else progress
    if known is None and progress is not False and (turn is None or turn.number == 1):
        announce_kind(prepared.model.contract)
        announce_split((*prepared.remarks, *doubts(prepared.model, prepared.rows, settings)))
    untouched = prepared.model.copy() if known and current() else None
    runs: list[Run] = []

    def so_far(_: Any) -> Model | None:
        state = runs[0].so_far() if runs else None
        return None if state is None else Model(state)

    with alone(prepared.model), interruptible(so_far) as interrupted:
        run = begin(prepared, settings, every_epoch=bool(heard), tell=announce if watched else None)
        try:
            keeping = kept(run, prepared, settings, heard)
        except BaseException:
            if untouched:
                prepared.model.put_back(untouched)
            raise
        untouched = None
        runs.append(run)
        enough = bool(keeping and keeping.ended)
        with Progress(watched, before, settings.epochs, turn=turn) as bar:
            asked = turn.interrupted if turn else interrupted
            tell = far(run, within or bar.within) if prepared.stored else lambda: False
            run.asked_to_stop = lambda: tell() or enough or over() or asked()
            for event in run.events():
                bar.show(event)
                for callback in heard:
                    enough = asks_to_stop(callback(event, model)) or enough
                if keeping:
                    keeping.ended = enough
    if isinstance(event, Stopped) and event.reason == "diverged":
        error = TrainingError(f"{event.message}; why: {ASK}")
        error.model = model
        raise error
    if prepared.stored:
        prepared.stored.close(model.history.stopped != "interrupted")
    is_last = turn is None or turn.number == turn.of
    if progress is not False and is_new and is_last and model.history.stopped != "interrupted":
        say_hint(model, prepared)
    return model


def far(run: Run, tell: Callable[[float], Any]) -> Callable[[], bool]:
    """What says how far a training is, when it is asked whether to stop; that it never says itself."""

    def told() -> bool:
        tell(run.state.epochs + run.state.place.batch / run.stepper.batches)
        return False

    return told


def say_hint(model: Model, prepared: Prepared) -> None:
    """A line, where a network learnt less than it should have."""
    from glassnet.doctor.hint import hint

    words = hint(model.state, prepared.rows, prepared.held_out, len(model.history))
    if words:
        say(f"note: {words}; why: {ASK}")


ASK = "gn.diagnose(network, X, y, …)"


def check_callbacks(callbacks: Iterable[Callback]) -> list[Callback]:
    """The callbacks as a list; TypeError for what cannot be called."""
    several = [callbacks] if callable(callbacks) else callbacks
    found = check_several("callbacks", several, "functions (event, model)")
    for item in found:
        if not callable(item):
            raise TypeError(f"callbacks must be functions (event, model), got {item!r:.60}")
        check_takes(item, "a callback", "event", "model")
    return found
