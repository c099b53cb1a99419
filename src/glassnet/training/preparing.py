"""From what a user gives to what training takes: a model with starting weights, and rows encoded for it.

Everything is checked here, and no model that exists is changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from numbers import Real
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Unpack

import numpy as np

from glassnet.data.arrays import ArrayContract, check_weight
from glassnet.data.given import ArrayData, Data, TableData, is_table, table_at
from glassnet.data.streams.stream import Stream, streamed
from glassnet.data.tables.choices import ChoiceOptions, Choices, excluded
from glassnet.data.tables.constraints import SplitOptions
from glassnet.data.tables.from_arrays import is_rows
from glassnet.data.tables.notation import PLAIN
from glassnet.data.tables.reading import as_table
from glassnet.data.tables.refusals import check_all_rows
from glassnet.engines.free_memory import free_memory
from glassnet.errors import DataError
from glassnet.parts.losses import Loss
from glassnet.parts.network import Network
from glassnet.training.encoding import ClassWeight, encoded
from glassnet.training.making import (
    Seed,
    dtype_of,
    freeze_as,
    generator,
    loss_of,
    new_model,
    number_of,
    plan_by,
)
from glassnet.training.on_rows import look_at_rows
from glassnet.training.prepared import Prepared
from glassnet.training.recipes.recipe import Recipe
from glassnet.training.settings import Settings
from glassnet.training.splitting import (
    check_share,
    kept_of,
    remarks_on,
    shared_out,
    split_before,
    split_options,
    split_seed_of,
)
from glassnet.training.state import State
from glassnet.training.streaming import Streamed, read

if TYPE_CHECKING:
    from glassnet.data.tables import DataContract
    from glassnet.parts.literals import KindName

DType = Literal["float32", "float64"] | type[np.floating[Any]] | np.dtype[Any] | None


class ColumnOptions(ChoiceOptions, total=False):
    """What is fixed when a model is made, as keywords of `prepare`."""

    target: str | None
    kind: KindName | None
    exclude: Iterable[str]
    dtype: DType


class RowOptions(SplitOptions, total=False):
    """What may be given with rows, as keywords of `prepare`."""

    validation: Any
    sample_weight: Any
    class_weight: ClassWeight


def prepare(
    network: Network | State | Recipe,
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
    planned: Settings | None = None,
    memory: str | int | None = None,
    split: str = "drawn",
    keep: Path | None = None,
    **choices: Unpack[ChoiceOptions],
) -> Prepared:
    """The model and its rows; `train` says what the parameters are, and has the same defaults.

    In the folder `keep` the readings of a table that is read part by part go on where they were.

    What cannot be trained as `planned`, or as the recipe has it, for want of memory is refused before any is taken.
    """
    if not isinstance(network, (Network, State, Recipe)):
        raise TypeError(f"training takes a Network, a Recipe or a Model first, got {type(network).__name__}")
    known = network if isinstance(network, State) else None
    if known is not None and known.members:
        raise ValueError(
            "an ensemble is not trained as one: take its members, models = [*ensemble.members], train them, and make "
            "gn.Ensemble(models)"
        )
    notation = known.contract.notation if known and not isinstance(known.contract, ArrayContract) else PLAIN
    exclude = excluded(exclude)
    fixed = {"kind": kind, "exclude": exclude or None, "dtype": dtype, **Choices(**choices).made}
    by = split_options(group, after, split)
    stream = streamed(X, memory, free_memory, notation)
    if stream:
        for name, value in {"y": y, "group": group, "after": after, "sample_weight": sample_weight}.items():
            if value is not None:
                raise ValueError(f"{name} is not taken with a table that is read part by part; leave it out")
        if known:
            check_fixed(known, fixed)
            target, kind = table_target(known, target)
            check_split_before(known, validation)
        how: dict[str, Any] = {"target": target, "kind": kind, "exclude": exclude, "choices": choices, "dtype": dtype}
        of = OfStream(network=network, keep=keep, **how)
        return of.prepared(stream, validation, seed=seed, class_weight=class_weight, progress=progress, planned=planned)
    if known is None or not isinstance(known.contract, ArrayContract):
        X = table_at(X, progress, notation)
    if known:
        by = by or split_before(known, validation)
        data = data_for(known, X, y, target, fixed, split=by)
    else:
        data = new_data(X, y, target, kind=kind, exclude=exclude, choices=choices, split=by)
    loss = loss_of(network, data, kind)
    weight = weight_of(data, sample_weight)
    rng = known.rng if known and seed is None else generator(seed)
    split_seed = known.split_seed if known else None
    remarks = remarks_on(data, loss) if isinstance(validation, Real) else ()
    if isinstance(validation, Real):
        split_seed = split_seed_of(rng) if split_seed is None else split_seed
        parts = divided(data, weight, *shared_out(data, validation, split_seed, loss))
    else:
        parts = Parts(data, None if validation is None else like(data, validation, progress), weight)
    told: dict[str, Any] = {"split_by": kept_of(by), "remarks": remarks}
    if isinstance(network, State):
        told["split_by"] = told["split_by"] or network.split_by
        return replace(with_rows(network, parts, class_weight, rng, split_seed), **told)
    contract = contract_of(data, parts, loss)
    made = network.network(contract) if isinstance(network, Recipe) else network
    if isinstance(network, Recipe):
        planned = plan_by(network, contract, rows=len(parts.seen), held_out=parts.held_out is not None)
    model = new_model(
        made, contract, rng, dtype_of(dtype, X), is_found=kind is None, planned=planned, rows=len(parts.seen)
    )
    model.seed, model.split_by = number_of(seed), kept_of(by)
    model.recipe = network.title if isinstance(network, Recipe) else ""
    prepared = with_rows(model, parts, class_weight, rng, split_seed)
    look_at_rows(model.network, model.memory, prepared.rows.x, rng)
    if isinstance(network, Recipe):
        freeze_as(network, model)
    return replace(prepared, **told)


@dataclass(frozen=True, eq=False, kw_only=True)
class OfStream:
    """A model to be made, or to go on, with a table that is read part by part; the fields are as `prepare` has them."""

    network: Network | State | Recipe
    target: str | None
    kind: KindName | None
    exclude: list[str]
    choices: ChoiceOptions
    dtype: Any
    keep: Path | None = None

    def prepared(
        self,
        stream: Stream,
        validation: Any,
        *,
        seed: Seed,
        class_weight: ClassWeight,
        progress: bool | None,
        planned: Settings | None,
    ) -> Prepared:
        """The model and its rows; the table is read twice."""
        known = self.known
        share, rng = 0.0, known.rng if known and seed is None else generator(seed)
        split_seed = known.split_seed if known else None
        if isinstance(validation, Real):
            share = check_share(validation)
            split_seed = split_seed_of(rng) if split_seed is None else split_seed
        given = validation is not None and not share
        if given and not is_table(validation):
            raise ValueError(
                f"validation must be a share of the rows between 0 and 1, or a table, got {type(validation).__name__}"
            )
        if given and isinstance(validation, (str, PathLike)):
            validation = as_table(validation, progress=progress)
        found = self.read(stream, share, split_seed or 0, progress)
        with found.cleared_if_it_fails():
            others = like(found.data, validation, progress) if given else found.held
            made = self.encoded(found, others, rng, class_weight=class_weight, planned=planned)
        split_by = {"split": "hash"} if split_seed is not None else {}
        if known is None:
            made.model.seed, made.model.split_by = number_of(seed), split_by
        return replace(made, split_seed=split_seed, split_by=split_by)

    @property
    def known(self) -> State | None:
        """The model that goes on; None: one is made."""
        return self.network if isinstance(self.network, State) else None

    def read(self, stream: Stream, share: float, split_seed: int, progress: bool | None) -> Streamed:
        """The table after the first reading, with a share of the rows held out."""
        used = None if self.known is None else names_in(self.known)
        how: dict[str, Any] = {
            "used": used,
            "share": share,
            "seed": split_seed,
            "progress": progress,
            "keep": self.keep,
        }
        return read(stream, self.target, self.kind, self.exclude, self.choices, **how)

    def encoded(
        self,
        found: Streamed,
        others: Data | None,
        rng: np.random.Generator,
        *,
        class_weight: ClassWeight,
        planned: Settings | None,
    ) -> Prepared:
        """The model, and the rows encoded for it; the `others` are measured."""
        model = self.known or self.model(found, others is not None, rng, planned)
        made = found.prepared(model, rng, others, class_weight=class_weight)
        if self.known is None:
            look_at_rows(model.network, model.memory, made.rows.x, rng)
        if isinstance(self.network, Recipe):
            freeze_as(self.network, model)
        return made

    def model(self, found: Streamed, held_out: bool, rng: np.random.Generator, planned: Settings | None) -> State:
        """A model with starting weights, for a table that was read for the first time."""
        network = self.network
        assert not isinstance(network, State)
        contract = found.data.learn(loss_of(network, found.data, self.kind))
        title = ""
        if isinstance(network, Recipe):
            planned, title = plan_by(network, contract, rows=found.rows, held_out=held_out), network.title
            network = network.network(contract)
        dtype = dtype_of(self.dtype, None)
        is_found = self.kind is None
        model = new_model(network, contract, rng, dtype, is_found=is_found, planned=planned, rows=found.rows)
        model.recipe = title
        return model


def names_in(model: State) -> tuple[str, ...]:
    """The columns that a model knows."""
    assert not isinstance(model.contract, ArrayContract)
    return (*model.contract.feature_names, model.contract.target.name)


def with_rows(
    model: State, parts: Parts, class_weight: ClassWeight, rng: np.random.Generator, split_seed: int | None
) -> Prepared:
    """A model with rows encoded for it."""
    rows = encoded(model, parts.seen, parts.weight, class_weight)
    others = None if parts.held_out is None else encoded(model, parts.held_out, parts.held_weight, None)
    return Prepared(model=model, rows=rows, held_out=others, rng=rng, split_seed=split_seed)


@dataclass(frozen=True, eq=False)
class Parts:
    """Data to train on, data held out to measure, and their weights."""

    seen: Data
    held_out: Data | None
    weight: np.ndarray | None
    held_weight: np.ndarray | None = None


def check_split_before(model: State, validation: Any) -> None:
    """ValueError where rows were held out before in a way that a table read part by part does not keep to."""
    if isinstance(validation, Real) and model.split_seed is not None and model.split_by.get("split") != "hash":
        by = " by ".join(["", *model.split_by]) if model.split_by else ""
        raise ValueError(
            f"rows were held out{by} of a table in memory before; of one that is read part by part others would be, "
            "which this model has learnt from: train a new network, or give validation rows"
        )


def check_fixed(model: State, fixed: Mapping[str, Any]) -> None:
    """ValueError where something is given anew that a model has."""
    given = [name for name, value in fixed.items() if value is not None]
    if given:
        raise ValueError(f"{given[0]} was fixed when this model was made; leave it out, or train a new network")


def table_target(model: State, target: str | None) -> tuple[str, KindName]:
    """The column that a model predicts, and its kind; ValueError where another is asked for, or none is known."""
    if isinstance(model.contract, ArrayContract):
        raise ValueError("this model was trained on arrays; give X and y rather than a table")
    if target not in (None, model.contract.target.name):
        raise ValueError(f"this model predicts {model.contract.target.name!r}, not {target!r}; train a new network")
    return model.contract.target.name, "number" if model.classes is None else "classes"


def weight_of(data: Data, sample_weight: Any) -> np.ndarray | None:
    """The weights of the rows that are used, of those given."""
    return None if sample_weight is None else check_weight(sample_weight, data.given)[data.known]


def divided(data: Data, weight: np.ndarray | None, order: np.ndarray, out: np.ndarray) -> Parts:
    """The rows of these numbers."""
    seen, held_out = data.rows(order), data.rows(out)
    if weight is None:
        return Parts(seen, held_out, None)
    return Parts(seen, held_out, check_weight(weight[order], len(order)), weight[out])


def like(data: Data, validation: Any, progress: bool | None) -> Data:
    """Validation rows that are given."""
    return data.like(validation if isinstance(data, ArrayData) else table_at(validation, progress, data.X.notation))


def contract_of(data: Data, parts: Parts, loss: Loss | None) -> ArrayContract | DataContract:
    """The classes of arrays are those of all rows; what is learnt from a table, only of those trained on."""
    return (data if isinstance(data, ArrayData) else parts.seen).learn(loss)


def new_data(
    X: Any,
    y: Any,
    target: str | None,
    *,
    kind: str | None,
    exclude: list[str],
    choices: ChoiceOptions,
    split: Mapping[str, Any],
) -> Data:
    """Data for a network that has not seen any."""
    if target is None and not is_table(X):
        if exclude:
            raise ValueError("exclude names columns of a table; of an array leave them out: X[:, [0, 2]]")
        made = Choices(**choices).made
        if "max_categories" in made:
            raise ValueError("max_categories is for columns of words in a table; an array holds numbers: leave it out")
        for name, value in made.items():
            if (name, value) != ("scale", "none"):
                raise ValueError(
                    f"{name}={value!r} is for tables; the numbers of an array are taken as they are: leave it out, or "
                    "give a table, {'x0': X[:, 0], …}"
                )
        return ArrayData.of(X, y, kind, split)
    if y is not None:
        raise DataError("for a table give the name of its target column, target=..., rather than y")
    data = TableData.of(X, target, kind, exclude, choices, split)
    check_all_rows(data.X, data.target, data.exclude)
    return data


def data_for(
    model: State, X: Any, y: Any, target: str | None, fixed: Mapping[str, Any], *, split: Mapping[str, Any]
) -> Data:
    """Data for a model that goes on: of the form it knows. What is `fixed` cannot be given anew."""
    check_fixed(model, fixed)
    if isinstance(model.contract, ArrayContract):
        if target is not None:
            raise ValueError("this model was trained on arrays; give X and y rather than target")
        return ArrayData.of(X, y, "number" if model.classes is None else "classes", split)
    target, kind = table_target(model, target)
    if y is not None and not is_rows(X):
        raise DataError("this model was trained on a table, which has its target column: leave y out")
    return TableData.of(model.table(X, y), target, kind, split=split)
