"""`glassnet train` where no recipe is asked for: recipes are compared, and the simplest that is as good is taken."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from glassnet.cli.report import show_columns, show_network
from glassnet.cli.score import score
from glassnet.cli.screen import Screen
from glassnet.cli.session import Done, Parts, Plan
from glassnet.comparison.compare import BEST, USUAL, compare
from glassnet.comparison.tried import Tried, Truth
from glassnet.data.tables.target_kind import target_kind
from glassnet.data.tables.wording import counted
from glassnet.engines.plans import fixed_plans
from glassnet.model.by_recipe import initialize_by
from glassnet.model.model import Model
from glassnet.training.recipes.by_name import RECIPES


def run_auto(
    plan: Plan, parts: Parts, screen: Screen, interrupted: Callable[[Model], Any] = lambda model: None
) -> tuple[Plan, Done]:
    """Compare, train what is taken, and score that; the plan comes back with its recipe.

    `interrupted` is told of the model at once, where it was.
    """
    started, told = time.monotonic(), dict[str, float]()

    def shown(tried: Tried, truth: Truth) -> None:
        screen.row("" if told else "Compared", in_words(tried, truth))
        told[tried.name] = round(tried.seconds, 3)

    found = target_kind(parts.train, str(plan.target), plan.kind)[0]
    kind: Any = plan.kind if found == parts.kind else parts.kind  # that of all rows, not of those that are trained on
    columns: dict[str, Any] = {"kind": kind, **plan.columns(parts.train)}
    show_columns(screen, initialize_by(plan.recipe, parts.train, **columns, progress=False), plan)
    with fixed_plans():
        compared = compare(
            parts.train,
            **columns,
            recipes=BEST if plan.best else USUAL,
            class_weight=plan.class_weight,
            seconds=plan.seconds,
            seed=plan.seed,
            engine=plan.engine,
            deterministic=plan.deterministic,
            progress=False if screen.silent else None,
            shown=shown,
        )
    model, card = compared.model, compared.card
    if compared.interrupted:
        interrupted(model)
    screen.row("", "\n".join(card.said))
    usual, plan = plan.recipe, replace(plan, recipe=RECIPES[card.taken])
    assert model.state.settings is not None  # it was trained
    assert model.engine is not None
    if plan.recipe.choices != usual.choices:
        show_columns(screen, model, plan)
    show_network(screen, model, model.state.settings, plan, parts)
    rows = "held-out rows" if parts.test is not None else "rows, the ones trained on,"
    done = Done(
        model=model,
        engine=model.engine,
        score=score(model, parts.test or parts.train, rows),
        message=f"the weights of epoch {model.history.best_epoch} are kept" if model.history.best_epoch else "",
        seconds=time.monotonic() - started,
        interrupted=compared.interrupted,
        tried=told,
    )
    return plan, done


def in_words(tried: Tried, truth: Truth) -> str:
    """What came of a recipe, in a line."""
    error, se = truth.score(tried.errors), truth.spread(tried.errors)
    wrong = f"{100 * error:5.1f} % wrong ± {100 * se:.1f}" if truth.classes else f"error {error:.3f} ± {se:.3f}"
    size = "" if tried.numbers is None else f", {counted(tried.numbers, 'number')}"
    return f"{tried.name:<9}  {wrong}{size}, in {tried.seconds:.1f} s"
