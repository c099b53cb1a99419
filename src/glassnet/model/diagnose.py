"""Why does it not learn? `gn.diagnose`, with the arguments of `train`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Unpack

from glassnet.model.by_recipe import Asked, Passes, settings_for
from glassnet.model.keywords import keywords_of
from glassnet.model.model import Model
from glassnet.model.train import train
from glassnet.parts.naming import check_number
from glassnet.parts.network import Network
from glassnet.training.preparing import ColumnOptions, RowOptions
from glassnet.training.recipes.recipe import Recipe
from glassnet.training.settings import SettingsOptions

if TYPE_CHECKING:
    from glassnet.doctor.case import Case
    from glassnet.doctor.diagnosis import Diagnosis


class DiagnoseOptions(ColumnOptions, RowOptions, SettingsOptions, total=False):
    """The keywords of `train`; those that a diagnosis has no use for are taken and not used."""

    seed: Any
    progress: bool | None
    callbacks: Any


@keywords_of(train, DiagnoseOptions)
def diagnose(
    network: Network | Model | Recipe,
    X: Any,
    y: Any = None,
    *,
    seconds: float = 60.0,
    **options: Unpack[DiagnoseOptions],
) -> Diagnosis:
    """Why a network does not learn: the cause, what it rests on, the change, and the proof that this heals.

    The network is trained again, a hundred times if need be: as it is, with changes, with each of them missing. So ask
    as you would train it:

        print(gn.diagnose(network, X, y, optimizer=gn.SGD(0.001), epochs=50))

    Parameters
    ----------
    network, X, y
        As for `train`. A model is asked about as it was trained last, with what is frozen in it.
    seconds
        After which no more is tried; what is known by then is said.
    **options
        As for `train`. `seed`, `progress`, `callbacks`, `engine` and `deterministic` are taken and not used: a
        diagnosis has its own seeds, always the same.

    Returns
    -------
    Diagnosis
        `print` it. It has `verdict`, `causes`, `proof`, `code`, and more.

    Raises
    ------
    DataError, TypeError, ValueError
        As `train` has them.
    """
    from glassnet.doctor.asked import case_of_network, case_of_state
    from glassnet.doctor.diagnose import diagnosed

    check_number("seconds", seconds, 0.0, math.inf)
    if isinstance(network, Model):
        case = case_of_state(network.state, X, y, options)
    elif isinstance(network, Recipe):
        case = case_of_recipe(network, X, y, dict(options))
    elif isinstance(network, Network):
        case = case_of_network(network, X, y, options)
    else:
        raise TypeError(f"diagnose takes a Network, a Recipe or a Model first, got {type(network).__name__}")
    return diagnosed(case, seconds)


def case_of_recipe(recipe: Recipe, X: Any, y: Any, options: dict[str, Any]) -> Case:
    """The network that a recipe builds for these rows, trained as the recipe has it, or as its first pass does."""
    from glassnet.doctor.case import Case
    from glassnet.doctor.given import Given

    asked = Asked.of(recipe, X, y, {name: value for name, value in options.items() if name not in UNUSED})
    prepared = asked.prepared()
    how = settings_for(asked.recipe, prepared, options)
    if asked.refits:
        how = Passes.of(asked.recipe, how).first
    rows = {name: value for name, value in asked.how.items() if name not in UNUSED}
    network = prepared.model.network
    return Case(network=network, how=how, given=Given.of(asked.X, asked.y, rows, network.loss))


UNUSED = ("seed", "progress", "callbacks")
