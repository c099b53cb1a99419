"""Members of an ensemble, prepared one after the other: each from a start of its own, with other rows held out.

The rows are cut into parts: eight, where an eighth is to be held out. The first member measures on the first part and
trains on the others, the second one measures on the second part, and so on; where there are more members than parts,
the rows are cut anew. So together the members learn from all rows, and each knows when to stop. Groups are kept
together; in an order all members measure on the latest rows.

What is known about the columns, their scaling, categories and the target's range, is learnt once, from all these rows:
members then take the same inputs and speak in one unit, so that one program holds them all. The rows that a member
measures on have a share in those means and quartiles, which tells it nothing of which row has which target.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import repeat
from numbers import Real
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from glassnet.data.given import Data, table_at
from glassnet.data.tables.choices import ChoiceOptions, excluded
from glassnet.data.tables.folds import folds_of, most_folds
from glassnet.data.tables.split import split_rows
from glassnet.parts.losses import Loss
from glassnet.training.encoding import ClassWeight
from glassnet.training.making import Seed, dtype_of, fitted, freeze_as, generator, loss_of, new_model, plan_by
from glassnet.training.needs import check_training
from glassnet.training.on_rows import look_at_rows
from glassnet.training.prepared import Prepared
from glassnet.training.preparing import Parts, divided, like, new_data, weight_of, with_rows
from glassnet.training.recipes.recipe import Recipe
from glassnet.training.splitting import check_share, kept_of, remarks_on, split_options

if TYPE_CHECKING:
    from glassnet.parts.literals import KindName


def prepare_members(
    recipe: Recipe,
    X: Any,
    y: Any = None,
    *,
    target: str | None = None,
    kind: KindName | None = None,
    exclude: Iterable[str] = (),
    validation: Any = None,
    group: Any = None,
    after: Any = None,
    seed: Seed = None,
    sample_weight: Any = None,
    class_weight: ClassWeight = None,
    dtype: Any = None,
    progress: bool | None = None,
    **choices: Unpack[ChoiceOptions],
) -> Iterator[Prepared]:
    """A new model and its rows for each member; parameters and errors are those of `prepare`."""
    exclude = excluded(exclude)
    split = split_options(group, after)
    data = new_data(table_at(X, progress), y, target, kind=kind, exclude=exclude, choices=choices, split=split)
    loss = loss_of(recipe, data, kind)
    weight = weight_of(data, sample_weight)
    rng = generator(seed)
    contract = data.learn(loss)
    network = recipe.network(contract)
    planned = plan_by(recipe, contract, rows=len(data), held_out=validation is not None)
    first = fitted(network, contract, is_found=kind is None)
    others = recipe.members - 1
    check_training(first, contract.n_inputs, dtype_of(dtype, X), planned, rows=1, others=others)  # before their seeds
    seeds = rng.integers(2**31, size=recipe.members).tolist()
    told: dict[str, Any] = {"split_by": kept_of(split)}
    if isinstance(validation, Real):
        told["remarks"] = remarks_on(data, loss)
        parts = each_part(data, weight, validation, loss, rng)
    else:
        parts = repeat(Parts(data, None if validation is None else like(data, validation, progress), weight))
    for number, (own, rows) in enumerate(zip(seeds, parts, strict=False)):
        start = np.random.default_rng(own)
        planned = plan_by(recipe, contract, rows=len(rows.seen), held_out=rows.held_out is not None)
        how: dict[str, Any] = {"planned": planned, "rows": len(rows.seen)}
        how["others"] = 0 if number else others
        model = new_model(network, contract, start, dtype_of(dtype, X), is_found=kind is None, **how)
        model.seed, model.recipe = own, recipe.title
        prepared = replace(with_rows(model, rows, class_weight, start, None), **told)
        look_at_rows(model.network, model.memory, prepared.rows.x, start)
        freeze_as(recipe, model)
        yield prepared


def each_part(
    data: Data, weight: np.ndarray | None, share: Any, loss: Loss | None, rng: np.random.Generator
) -> Iterator[Parts]:
    """The rows with one part after the other held out, each about this share of them; in an order the latest."""
    n, share = len(data), check_share(share)
    how: dict[str, Any] = {"stratify": data.labels(loss), "constraints": data.constraints}
    if data.constraints.after is not None:
        yield from repeat(divided(data, weight, *split_rows(n, share, rng, **how)))
    count = min(max(2, round(1.0 / share)), most_folds(n, **how))
    while True:
        for division in folds_of(n, count, rng, **how):
            yield divided(data, weight, division.train, division.held_out)
