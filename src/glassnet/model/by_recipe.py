"""Models by a recipe: `train(recipe, …)` and `initialize(recipe, …)`.

A recipe says what is done where nothing is said, so it must be known what was said. Arrays become a table, whose
columns are all quantities.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from numbers import Real
from typing import Any, ParamSpec

from glassnet.data.arrays import as_array
from glassnet.data.given import is_table
from glassnet.data.tables.from_arrays import TARGET, columns_of_arrays, kind_in
from glassnet.data.tables.reading import as_table
from glassnet.model.carry_out import carry_out
from glassnet.model.keywords import some
from glassnet.model.model import Model
from glassnet.training.preparing import Prepared, prepare
from glassnet.training.progress import announce_kind
from glassnet.training.recipes.recipe import FEW, PARTS, Recipe
from glassnet.training.settings import SettingsOptions

P = ParamSpec("P")


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
        return train_by(first, **said)

    return trained


def train_by(recipe: Recipe, X: Any, y: Any = None, **said: Any) -> Model:
    """Train the network that a recipe builds for a table, or for arrays; parameters and errors as `train` has them."""
    callbacks, progress = said.pop("callbacks", ()), said.get("progress")
    recipe, prepared = prepared_by(recipe, X, y, said)
    model = prepared.model
    settings = recipe.settings(
        "number" if model.classes is None else "classes",
        held_out=prepared.held_out is not None,
        **some(said, SettingsOptions),
    )
    return carry_out(prepared, settings, callbacks, progress)


def initialize_by(recipe: Recipe, X: Any, y: Any = None, **said: Any) -> Model:
    """A model with starting weights, made by a recipe."""
    model = Model(prepared_by(recipe, X, y, said, hold_out=False)[1].model)
    announce_kind(model.contract)
    return model


def prepared_by(
    recipe: Recipe, X: Any, y: Any, said: dict[str, Any], *, hold_out: bool = True
) -> tuple[Recipe, Prepared]:
    """The recipe with the parts that are said, which are taken from there; and a model made by it, with its rows."""
    rows = said.pop("validation") if is_rows_given(said.get("validation", 0.0)) else None
    parts = {name: said.pop(name) for name in PARTS if name in said}
    recipe = recipe.replace(**{name: value for name, value in parts.items() if not (name in OWN and value is None)})
    target, kind = said.get("target"), said.get("kind")
    if target is None and not is_table(X):
        X, y, target, kind = columns_of_arrays(X, as_array(y, "y")), None, TARGET, kind or kind_in(y)
        rows = columns_of_arrays(*rows) if isinstance(rows, tuple | list) and len(rows) == 2 else rows
    if is_table(X):
        X = as_table(X, progress=said.get("progress"))
    if rows is None and target is not None and hold_out:
        is_small = "validation" not in parts and len(X) - int(X.missing(target).sum()) < FEW
        rows = None if is_small else recipe.validation
    made = {"target": target, "kind": kind, "validation": rows, "dtype": recipe.dtype, **recipe.choices}
    more = {name: said[name] for name in OTHERS if name in said}
    return recipe, prepare(recipe, X, y, **made, **more)


OWN = ("optimizer", "dtype")  # None is no value of these: it is said where nothing is
OTHERS = ("exclude", "seed", "sample_weight", "class_weight", "progress")


def is_rows_given(validation: Any) -> bool:
    """Whether validation rows are given, rather than a share of the rows."""
    return validation is not None and not isinstance(validation, Real)
