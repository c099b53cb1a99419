"""Cross-validation: networks trained as the model is, each on other rows, and scored on the rows held out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from glassnet.cli.auto import run_auto
from glassnet.cli.folds import Folds
from glassnet.cli.progress import Counted
from glassnet.cli.score import score
from glassnet.cli.screen import Screen
from glassnet.cli.session import Done, Parts, Plan, as_keywords, run
from glassnet.comparison.task import FEWEST
from glassnet.data.tables.folds import Division, folds_of
from glassnet.model.model import Model
from glassnet.model.train_many import train_many
from glassnet.training.choice import Choice, choose
from glassnet.training.many.plan import told_of
from glassnet.training.preparing import prepare
from glassnet.training.recipes.recipe import FEW
from glassnet.training.rows import Walk
from glassnet.training.settings import Settings, StepOptions

QUICK = 10**9
"""Numbers to learn × rows × epochs of all folds: about a second of training, for which no bar is missed."""


def divided(plan: Plan, parts: Parts) -> list[Division]:
    """How the rows that are not kept for the score are divided; DataError, ValueError for folds there cannot be."""
    assert plan.cv is not None
    rng = np.random.default_rng(plan.seed)
    return folds_of(len(parts.rest), plan.cv, rng, **plan.split_by(parts.rest, parts.kind))


def cross_validated(plan: Plan, parts: Parts, divisions: Sequence[Division], silent: bool) -> Folds:
    """The folds of all rows that are not kept for the score, each trained as the model will be.

    Of the rows that a fold learns from some are held out to know when to stop, as of the model's: those that it is
    scored on have no say in that.

    Raises
    ------
    TrainingError
        The loss of one was no longer finite.
    KeyboardInterrupt
        Ctrl-C.
    """
    each = [fold_of(plan, parts, division, k) for k, division in enumerate(divisions, start=1)]
    models = side_by_side(plan, parts, each) or one_by_one(plan, each, silent)
    scores = [score(model, fold.test, "rows") for model, fold in zip(models, each, strict=True) if fold.test]
    return Folds(scores=scores, learnt=[len(fold.rest) for fold in each])


def fold_of(plan: Plan, parts: Parts, division: Division, number: int) -> Parts:
    """The rows of a fold, by what they are for: as if those that it learns from were the whole table."""
    train, held_out = parts.rest.rows(division.train), parts.rest.rows(division.held_out)
    with told_of("fold", number):
        rng = np.random.default_rng(plan.seed)
        return plan.to_learn(train, held_out, parts.kind, rng, few=len(train) < FEW)


def one_by_one(plan: Plan, each: Sequence[Parts], silent: bool) -> list[Model]:
    """The models, trained one after the other; KeyboardInterrupt after Ctrl-C."""
    found: list[Model] = []
    for k, fold in enumerate(each, start=1):
        with told_of("fold", k), Counted("folds", silent or not plan.auto) as told:
            told(k - 1, len(each))  # what compares recipes has no line of its own here
            if plan.auto and len(fold.train) >= FEWEST:
                done: Done = run_auto(plan, fold, Screen(quiet=True))[1]
            else:
                done = run(plan, fold, lambda *_: None, silent, f"fold {k} of {len(each)}")
        if done.interrupted:
            raise KeyboardInterrupt
        found.append(done.model)
    return found


def side_by_side(plan: Plan, parts: Parts, each: Sequence[Parts]) -> list[Model]:
    """The same models, trained at once, where they are small and alike; none where they are not."""
    recipe = plan.recipe_for(parts.kind)
    if (
        plan.auto
        or plan.deterministic
        or any(fold.validation is None or fold.turns or fold.members > 1 for fold in each)
    ):
        return []
    how: dict[str, Any] = {"kind": parts.kind, "dtype": recipe.dtype, **recipe.choices}
    made = list[Model]()
    for k, fold in enumerate(each, start=1):
        with told_of("fold", k):
            made.append(Model(prepare(recipe, fold.train, seed=0, **how, **plan.columns(fold.train)).model))
    networks = [recipe.network(model.contract) for model in made]
    settings = [recipe.settings(parts.kind, rows=len(fold.train), held_out=True) for fold in each]
    engines = [
        engine_for(plan.engine, asked, model, len(fold.train)).engine
        for asked, model, fold in zip(settings, made, each, strict=True)
    ]
    work = sum(
        len(fold.train) * settings[0].epochs * model.n_parameters for fold, model in zip(each, made, strict=True)
    )
    if work > QUICK or any(unlike(items) for items in (networks, engines, [asked.epochs for asked in settings])):
        return []
    pairs = [(places(parts, fold.train), places(parts, fold.validation)) for fold in each]
    columns = plan.columns(parts.rest)
    exclude = (*plan.exclude, columns["group"]) if isinstance(columns["group"], str) else plan.exclude
    how |= {"target": plan.target, "exclude": exclude, "class_weight": plan.class_weight}
    steps = {name: value for name, value in as_keywords(settings[0]).items() if name in StepOptions.__optional_keys__}
    chosen: Any = engines[0]
    runs = train_many(networks[0], parts.rest, seeds=[plan.seed], folds=pairs, **how, **(steps | {"engine": chosen}))
    return [] if "diverged" in runs["stopped"] else list(runs)  # trained by itself, it says what is wrong


def engine_for(asked: str, settings: Settings, model: Model, rows: int) -> Choice:
    """The engine that a fold alone is trained by."""
    rule: Any = settings.optimizer
    walk = Walk.over(rows, settings.batch_size, shuffle=True)
    return choose(asked, model.state.derivation(optimizer=rule), rows, walk, settings.epochs, deterministic=True)


def unlike(items: Sequence[Any]) -> bool:
    """Whether they are not all the same."""
    return any(item != items[0] for item in items)


def places(parts: Parts, some: Any) -> np.ndarray:
    """Which of the rows that are not kept for the score these are, by their lines, which ascend."""
    found: np.ndarray = np.searchsorted(parts.rest.lines, some.lines)
    return found
