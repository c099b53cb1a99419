"""Models by a recipe: `train(recipe, …)` and `initialize(recipe, …)`.

A recipe says what is done where nothing is said, so it must be known what was said. Arrays become a table, whose
columns are all quantities.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import wraps
from numbers import Real
from typing import Any, ParamSpec

from glassnet.data.arrays import as_array
from glassnet.data.given import is_table
from glassnet.data.streams.stream import Stream, streamed
from glassnet.data.tables.from_arrays import TARGET, columns_of_arrays, kind_in
from glassnet.data.tables.reading import as_table
from glassnet.engines.free_memory import free_memory
from glassnet.interrupts import interruptible
from glassnet.model.carry_out import carry_out
from glassnet.model.checkpoints import checkpoints
from glassnet.model.checkpoints.folder import rows_folder
from glassnet.model.ensemble import Ensemble
from glassnet.model.model import Model
from glassnet.training.by_turns import prepare_members
from glassnet.training.keywords import some
from glassnet.training.prepared import Prepared
from glassnet.training.preparing import prepare
from glassnet.training.progress import Turn, announce_kind
from glassnet.training.recipes.recipe import FEW, PARTS, Recipe
from glassnet.training.settings import Settings, SettingsOptions

P = ParamSpec("P")
Over = Callable[[], bool]


def takes_recipes(function: Callable[P, Model]) -> Callable[P, Model]:
    """For `train`: with a recipe in the place of a network, what is not given is as the recipe has it."""
    signature = inspect.signature(function)

    @wraps(function)
    def trained(*args: P.args, **given: P.kwargs) -> Model:
        first = args[0] if args else given.get("network")
        if not isinstance(first, Recipe):
            return function(*args, **given)
        try:
            said = signature.bind(*args, **given).arguments
        except TypeError as error:
            raise TypeError(f"{function.__name__}() {error}") from None
        del said["network"]
        with checkpoints(said.pop("checkpoint_dir", None), said.pop("resume", "auto")):
            return train_by(first, **said)

    return trained


def train_by(
    recipe: Recipe, X: Any, y: Any = None, *, turn: Turn | None = None, over: Over = lambda: False, **said: Any
) -> Model:
    """Train the network that a recipe builds for a table, or for arrays; parameters and errors as `train` has them.

    `turn` says which of several trainings it is, where it is one training; `over` is as `carry_out` has it.
    """
    callbacks, progress = said.pop("callbacks", ()), said.get("progress")
    asked = Asked.of(recipe, X, y, said)
    if asked.recipe.members > 1:
        return Ensemble(by_turns(asked, said, callbacks, progress, over))
    prepared = asked.prepared()
    settings = settings_for(asked.recipe, prepared, said)
    if asked.refits and settings.early_stopping:
        return twice(asked, prepared, settings, callbacks, progress, over)
    return carry_out(prepared, settings, callbacks, progress, turn=turn, over=over)


def twice(
    asked: Asked, prepared: Prepared, settings: Settings, callbacks: Any, progress: bool | None, over: Over
) -> Model:
    """Train with rows held out, for a quarter of the epochs, and then anew with all rows.

    If the last epoch was the best, the network had not learnt too much by then, and may go all the way. Otherwise the
    second pass is as the first, what follows a schedule included, and ends where that was best. Interrupted, the first
    model is kept, even in the second pass: it is the better one until that is through.
    """
    started = time.monotonic()
    passes = Passes.of(asked.recipe, settings)
    share = passes.part / passes.total
    firsts: list[Model] = []
    with interruptible(lambda found: firsts[0] if firsts else found) as interrupted:
        more: dict[str, Any] = {"of": 2, "started": started, "interrupted": interrupted, "what": "pass"}
        turn = Turn(number=1, before=0.0, share=share, **more)
        first = carry_out(prepared, passes.first, callbacks, progress, turn=turn, over=over)
        best = first.history.best_epoch
        if first.history.stopped == "interrupted" or best is None:
            return first
        firsts.append(first)
        whole = asked.with_all_rows().prepared()
        again = passes.second(whole, best)
        turn = Turn(number=2, before=share, share=1.0 - share, **more)
        second = carry_out(whole, again, callbacks, progress, turn=turn, over=over)
    if second.history.stopped == "interrupted":
        first.history.stopped = "interrupted"
        return first
    second.state.validation_history = first.history
    return second


@dataclass(frozen=True, eq=False)
class Passes:
    """How the two passes over the rows train.

    Attributes
    ----------
    settings
        Of a training that goes all the way.
    part
        The epochs of the first pass.
    """

    settings: Settings
    part: int

    @staticmethod
    def of(recipe: Recipe, settings: Settings) -> Passes:
        """Those of a recipe."""
        return Passes(settings, recipe.first_epochs(settings.epochs))

    @property
    def total(self) -> int:
        """The epochs of both, if the second goes all the way."""
        return self.part + self.settings.epochs

    @property
    def first(self) -> Settings:
        """How the first pass trains."""
        return replace(self.settings, epochs=self.part, times=self.total / self.part)

    def second(self, whole: Prepared, best: int) -> Settings:
        """How the second pass trains what is prepared with all rows, if this epoch of the first was the best."""
        again = replace(self.settings, early_stopping=False, metrics=None)
        if best < self.part:
            rule: Any = self.settings.optimizer
            whole.model.network = whole.model.network.over(self.part)
            again = replace(again, optimizer=rule.over(self.part), epochs=best)
        return replace(again, times=self.total / again.epochs)


def by_turns(asked: Asked, said: dict[str, Any], callbacks: Any, progress: bool | None, over: Over) -> list[Model]:
    """Train the members of an ensemble, one after the other; interrupted, those that are there and the present one."""
    models, count, started = list[Model](), asked.recipe.members, time.monotonic()

    def so_far(found: Model | None) -> Model | None:
        known = [*models, *([found] if found else [])]
        return Ensemble(known) if known else None

    with interruptible(so_far) as interrupted:
        for number, prepared in enumerate(asked.members(), start=1):
            turn = Turn(
                number=number,
                of=count,
                before=(number - 1) / count,
                share=1.0 / count,
                started=started,
                interrupted=interrupted,
                what="member",
            )
            settings = replace(settings_for(asked.recipe, prepared, said), times=count)
            models.append(carry_out(prepared, settings, callbacks, progress, turn=turn, over=over))
            if models[-1].history.stopped == "interrupted":
                break
    return [model for model in models if model.epochs] or models[:1]


def settings_for(recipe: Recipe, prepared: Prepared, said: dict[str, Any]) -> Settings:
    """How a recipe trains, with what is said otherwise."""
    kind = "number" if prepared.model.classes is None else "classes"
    held_out = prepared.held_out is not None
    return recipe.settings(kind, rows=len(prepared.trained), held_out=held_out, **some(said, SettingsOptions))


def initialize_by(recipe: Recipe, X: Any, y: Any = None, **said: Any) -> Model:
    """A model with starting weights, made by a recipe."""
    asked = Asked.of(recipe, X, y, said, hold_out=False)
    if asked.recipe.members > 1:
        model: Model = Ensemble(Model(prepared.model) for prepared in asked.members())
    else:
        model = Model(asked.prepared().model)
    announce_kind(model.contract)
    return model


@dataclass(frozen=True, eq=False, kw_only=True)
class Asked:
    """What is asked for: a recipe with the parts that are said, rows, and how these are to be taken."""

    recipe: Recipe
    X: Any
    y: Any
    how: dict[str, Any]

    @staticmethod
    def of(recipe: Recipe, X: Any, y: Any, said: dict[str, Any], *, hold_out: bool = True) -> Asked:
        """The same from keywords of `train`; the parts of a recipe are taken from `said`."""
        rows = said.pop("validation") if is_rows_given(said.get("validation", 0.0)) else None
        parts = {name: said.pop(name) for name in PARTS if name in said}
        recipe = recipe.replace(**{name: value for name, value in parts.items() if not (name in OWN and value is None)})
        target, kind = said.get("target"), said.get("kind")
        stream = streamed(X, said.get("memory"), free_memory)
        if stream:
            if recipe.members > 1:
                raise ValueError("an ensemble takes a table that is in memory; train its members one by one, seed=…")
            rows = rows if rows is not None else recipe.validation if "validation" in parts else OF_STREAM
            X = stream
        elif target is None and not is_table(X):
            X, y, target, kind = columns_of_arrays(X, as_array(y, "y")), None, TARGET, kind or kind_in(y)
            rows = columns_of_arrays(*rows) if isinstance(rows, tuple | list) and len(rows) == 2 else rows
        if not stream and is_table(X):
            X = as_table(X, progress=said.get("progress"))
        if rows is None and target is not None and hold_out:
            is_small = "validation" not in parts and len(X) - int(X.missing(target).sum()) < FEW
            rows = None if is_small else recipe.validation
        made = {"target": target, "kind": kind, "validation": rows, "dtype": recipe.dtype, **recipe.choices}
        more = {name: said[name] for name in OTHERS if name in said}
        return Asked(recipe=recipe, X=X, y=y, how={**made, **more})

    def prepared(self) -> Prepared:
        """A model, with its rows."""
        return prepare(self.recipe, self.X, self.y, keep=rows_folder(), **self.how)

    @property
    def refits(self) -> bool:
        """Whether these rows are trained on twice."""
        is_whole = not isinstance(self.X, Stream)
        return is_whole and isinstance(self.how["validation"], Real) and self.recipe.refits(len(self.X))

    def with_all_rows(self) -> Asked:
        """The same with no rows held out."""
        return replace(self, how={**self.how, "validation": None})

    def members(self) -> Iterator[Prepared]:
        """The members of an ensemble, each with its rows, prepared when it is its turn."""
        return prepare_members(self.recipe, self.X, self.y, **self.how)


OF_STREAM = 0.02  # the share of rows held out of a table that is read part by part
OWN = ("optimizer", "dtype")  # None is no value of these: it is said where nothing is
OTHERS = ("exclude", "group", "after", "seed", "sample_weight", "class_weight", "progress")


def is_rows_given(validation: Any) -> bool:
    """Whether validation rows are given, rather than a share of the rows."""
    return validation is not None and not isinstance(validation, Real)
