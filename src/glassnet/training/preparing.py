"""From what a user gives to what training takes: a model with starting weights, and rows encoded for it.

Everything is checked here, and no model that exists is changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from numbers import Real
from typing import TYPE_CHECKING, Any, Literal, Unpack

import numpy as np

from glassnet.data.arrays import ArrayContract, check_weight
from glassnet.data.given import ArrayData, Data, TableData, is_table, table_at
from glassnet.data.tables.choices import ChoiceOptions, Choices
from glassnet.data.tables.constraints import SplitOptions
from glassnet.data.tables.from_arrays import is_rows
from glassnet.engines.memory import Memory
from glassnet.errors import DataError
from glassnet.parts.layers import Dense
from glassnet.parts.losses import Loss
from glassnet.parts.network import Network
from glassnet.training.contract import as_network, classes_of, in_dtype
from glassnet.training.freezing import freeze
from glassnet.training.needs import check_training
from glassnet.training.on_rows import look_at_rows
from glassnet.training.recipes.parts import differs, of_kind
from glassnet.training.recipes.recipe import Recipe
from glassnet.training.rows import Rows
from glassnet.training.settings import Settings
from glassnet.training.splitting import (
    kept_of,
    remarks_on,
    shared_out,
    split_before,
    split_options,
    split_seed_of,
)
from glassnet.training.state import State

if TYPE_CHECKING:
    from glassnet.data.tables import DataContract
    from glassnet.parts.literals import KindName

ClassWeight = Mapping[Any, float] | Literal["balanced"] | None
DType = Literal["float32", "float64"] | type[np.floating[Any]] | np.dtype[Any] | None
Seed = int | np.random.Generator | None


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


@dataclass(frozen=True, eq=False, kw_only=True)
class Prepared:
    """A model, the rows it is to be trained on, the rows held out to measure it, and its random numbers.

    Attributes
    ----------
    model, rows, held_out, rng
        These.
    split_seed, split_by
        What drew the rows held out, and what that kept to, as a `State` has them.
    remarks
        What one should know of the way rows were held out.
    """

    model: State
    rows: Rows
    held_out: Rows | None
    rng: np.random.Generator
    split_seed: int | None
    split_by: Mapping[str, str | bool] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


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
    **choices: Unpack[ChoiceOptions],
) -> Prepared:
    """The model and its rows; `train` says what the parameters are, and has the same defaults.

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
    if known is None:
        X = table_at(X, progress)
    elif not isinstance(known.contract, ArrayContract):
        X = table_at(X, progress, known.contract.notation)
    exclude = [exclude] if isinstance(exclude, str) else list(exclude)
    fixed = {"kind": kind, "exclude": exclude or None, "dtype": dtype, **Choices(**choices).made}
    split = split_options(group, after)
    if known:
        split = split or split_before(known, validation)
        data = data_for(known, X, y, target, fixed, split=split)
    else:
        data = new_data(X, y, target, kind=kind, exclude=exclude, choices=choices, split=split)
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
    told: dict[str, Any] = {"split_by": kept_of(split), "remarks": remarks}
    if isinstance(network, State):
        told["split_by"] = told["split_by"] or network.split_by
        return replace(with_rows(network, parts, class_weight, rng, split_seed), **told)
    contract = contract_of(data, parts, loss)
    made = network.network(contract) if isinstance(network, Recipe) else network
    if isinstance(network, Recipe):
        planned = plan_by(network, contract, parts)
    model = new_model(
        made, contract, rng, dtype_of(dtype, X), is_found=kind is None, planned=planned, rows=len(parts.seen)
    )
    model.seed, model.split_by = number_of(seed), kept_of(split)
    model.recipe = network.title if isinstance(network, Recipe) else ""
    prepared = with_rows(model, parts, class_weight, rng, split_seed)
    look_at_rows(model.network, model.memory, prepared.rows.x, rng)
    if isinstance(network, Recipe):
        freeze_as(network, model)
    return replace(prepared, **told)


def freeze_as(recipe: Recipe, model: State) -> None:
    """Freeze what the recipe does not learn."""
    if recipe.learns == "biases":
        for name in model.memory.layout.shapes:
            if not name.startswith("b"):
                freeze(model, name)


def with_rows(
    model: State, parts: Parts, class_weight: ClassWeight, rng: np.random.Generator, split_seed: int | None
) -> Prepared:
    """A model with rows encoded for it."""
    rows = encoded(model, parts.seen, parts.weight, class_weight)
    others = None if parts.held_out is None else encoded(model, parts.held_out, parts.held_weight, None)
    return Prepared(model=model, rows=rows, held_out=others, rng=rng, split_seed=split_seed)


def loss_of(network: Network | State | Recipe, data: Data, kind: str | None) -> Loss | None:
    """The loss; that of a recipe may differ for classes and for a number."""
    if isinstance(network, Recipe):
        if kind is None and differs(network.loss):
            kind = "number" if data.labels(None) is None else "classes"
        found: Loss | None = of_kind(network.loss, kind or "")
        return found
    return network.network.loss if isinstance(network, State) else network.loss


@dataclass(frozen=True, eq=False)
class Parts:
    """Data to train on, data held out to measure, and their weights."""

    seen: Data
    held_out: Data | None
    weight: np.ndarray | None
    held_weight: np.ndarray | None = None


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


def number_of(seed: Seed) -> int | None:
    """The seed, if it is a number."""
    return int(seed) if isinstance(seed, (int, np.integer)) else None


def new_data(
    X: Any,
    y: Any,
    target: str | None,
    *,
    kind: str | None,
    exclude: list[str],
    choices: ChoiceOptions,
    split: SplitOptions,
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
    return TableData.of(X, target, kind, exclude, choices, split)


def data_for(
    model: State, X: Any, y: Any, target: str | None, fixed: Mapping[str, Any], *, split: SplitOptions
) -> Data:
    """Data for a model that goes on: of the form it knows. What is `fixed` cannot be given anew."""
    given = [name for name, value in fixed.items() if value is not None]
    if given:
        raise ValueError(f"{given[0]} was fixed when this model was made; leave it out, or train a new network")
    kind = "number" if model.classes is None else "classes"
    if isinstance(model.contract, ArrayContract):
        if target is not None:
            raise ValueError("this model was trained on arrays; give X and y rather than target")
        return ArrayData.of(X, y, kind, split)
    if target not in (None, model.contract.target.name):
        raise ValueError(f"this model predicts {model.contract.target.name!r}, not {target!r}; train a new network")
    if y is not None and not is_rows(X):
        raise DataError("this model was trained on a table, which has its target column: leave y out")
    return TableData.of(model.table(X, y), model.contract.target.name, kind, split=split)


def new_model(
    network: Network,
    contract: ArrayContract | DataContract,
    rng: np.random.Generator,
    dtype: Any,
    *,
    is_found: bool = False,
    planned: Settings | None = None,
    rows: int = 0,
    others: int = 0,
) -> State:
    """A model with starting weights; errors as `fitted` and, for how its training is planned, `check_training` have."""
    network = fitted(network, contract, is_found=is_found)
    if planned is not None:
        check_training(network, contract.n_inputs, dtype, planned, rows=rows, others=others)
    memory = Memory.of(network, contract.n_inputs, dtype)
    memory.initialize(network, contract.n_inputs, rng)
    return State(network, contract, memory, rng)


def plan_by(recipe: Recipe, contract: ArrayContract | DataContract, parts: Parts) -> Settings:
    """How a recipe trains a network on these rows, if nothing else is said."""
    kind = "number" if classes_of(contract) is None else "classes"
    return recipe.settings(kind, rows=len(parts.seen), held_out=parts.held_out is not None)


def fitted(network: Network, contract: ArrayContract | DataContract, *, is_found: bool) -> Network:
    """The network for a target; ValueError where network and target, whose kind may be found, do not fit."""
    classes, n_outputs = classes_of(contract), contract.n_outputs
    last = network.layers[-1]
    ends_in = last.activation.name if isinstance(last, Dense) else ""
    two = classes is not None and n_outputs == 2
    one = ends_in == "sigmoid" or (isinstance(last, Dense) and last.units == 1)
    default = "squared" if classes is None else "binary_cross_entropy" if two and one else "cross_entropy"
    loss = network.loss.name if network.loss else default
    if two and loss == "binary_cross_entropy" and isinstance(last, Dense) and last.units is None:
        n_outputs = 1  # the probability of the second class
    if ends_in in BOUNDED and loss != "binary_cross_entropy" and scales(contract):
        raise ValueError(
            f"the target is a number, learnt as (y - mean) / spread, which a last layer with {ends_in} cannot reach: "
            "leave its activation out, Dense(), or take the numbers as they are, scale=False"
        )
    doubt = ""
    if classes and is_found and not isinstance(classes[0], str | bool):
        doubt = '; if the target is a number, say so: kind="number"'
    try:
        network = network.resolved(n_outputs, default)
    except ValueError as error:
        raise ValueError(f"{error}{doubt}") from None
    width = network.n_outputs(contract.n_inputs)
    if width != n_outputs and not (classes and len(classes) == 2 and width == 1):
        needs = f"{n_outputs} outputs, one for each class" if classes else f"{n_outputs} output(s), as y has columns"
        hint = doubt if classes else "; if y holds classes, say so: loss='cross_entropy'"
        raise ValueError(f"the target needs {needs}; the last layer has {width}. Leave its units out: Dense(){hint}")
    if network.loss and network.loss.name == "cross_entropy" and width == 1:
        raise ValueError("cross_entropy needs an output for each class; for one output use binary_cross_entropy")
    return network


BOUNDED = ("sigmoid", "tanh", "softmax", "softsign")


def scales(contract: ArrayContract | DataContract) -> bool:
    """Whether the target is a column of numbers that are scaled."""
    if isinstance(contract, ArrayContract) or classes_of(contract) is not None:
        return False
    return bool(contract.target.to_json()["scale"] != 1.0)


def encoded(model: State, data: Data, weight: np.ndarray | None, class_weight: ClassWeight) -> Rows:
    """Rows as the network takes them."""
    x = model.checked(data.X)
    y = model.contract.encode_target(data.y)
    check_target(model, y)
    if class_weight is not None:
        if model.classes is None:
            raise ValueError("class_weight is for classes, but the target is a number; use sample_weight")
        per_row = class_weights(model.classes, y.sum(axis=0), class_weight)[y.argmax(axis=1)]
        weight = check_weight(
            per_row if weight is None else weight * per_row, len(y), "sample_weight times class_weight"
        )
    w = None if weight is None else in_dtype(weight, model.dtype, "sample_weight")[:, None]
    if w is not None and not w.any():
        raise ValueError(f"sample_weight: all weights are zero in {model.dtype}; scale them up")
    return Rows(x, as_network(y, model.forward.n_outputs, model.dtype), w)


ROUNDED = 1e-3  # that probabilities may miss a sum of 1 by: as float16, or written with four digits
TARGETS = {"poisson": (0.0, np.inf), "binary_cross_entropy": (0.0, 1.0), "cross_entropy": (0.0, 1.0)}


def check_target(model: State, y: np.ndarray) -> None:
    """DataError where the loss is not made for a number in y."""
    loss = model.network.loss
    low, high = TARGETS.get(loss.name if loss else "", (-np.inf, np.inf))
    wrong = y[~((y >= low) & (y <= high))]
    if len(wrong) and loss:
        allowed = f">= {low:g}" if high == np.inf else f"from {low:g} to {high:g}"
        raise DataError(f"loss {loss.name} needs targets {allowed}, got {wrong[0]:g}; use another loss, or mend y")
    tiny, largest = np.finfo(model.dtype).tiny, np.abs(y).max()
    if 0.0 < largest < tiny:
        raise DataError(
            f"y is at most {largest:.3g}, and below {tiny:.3g} a {model.dtype} loses its digits; multiply y by a "
            "power of ten"
        )
    if loss and loss.name == "cross_entropy" and model.classes is None:
        sums = y.sum(axis=1)
        odd = np.flatnonzero(np.abs(sums - 1.0) > ROUNDED)
        if len(odd):
            raise DataError(
                f"loss cross_entropy needs targets that are probabilities, whose sum in a row is 1; in row {odd[0]} it "
                f"is {sums[odd[0]]:g}. Give labels, (n,), or divide each row by its sum"
            )


def class_weights(classes: Sequence[Any], rows: np.ndarray, class_weight: Mapping[Any, float] | str) -> np.ndarray:
    """The weight of each class, in the order of the classes; `rows` are how many each has, or what they weigh."""
    if isinstance(class_weight, str) and class_weight == "balanced":
        return np.asarray(rows.sum() / (len(classes) * np.where(rows > 0, rows, 1.0)))
    if not isinstance(class_weight, Mapping):
        raise ValueError(f"class_weight must be 'balanced' or a dict {{label: weight}}, got {class_weight!r}")
    unknown = [label for label in class_weight if label not in classes]
    if unknown:
        known = ", ".join(map(repr, classes[:10]))
        raise ValueError(f"class_weight names {unknown[0]!r}, which is none of the classes {known}")
    return check_weight([class_weight.get(label, 1.0) for label in classes], len(classes), "class_weight")


def generator(seed: Seed) -> np.random.Generator:
    """The random numbers of a seed."""
    try:
        return np.random.default_rng(seed)
    except (TypeError, ValueError):
        allowed = "a whole number >= 0, a numpy.random.Generator or None"
        raise ValueError(f"seed must be {allowed}, got {seed!r:.60}") from None


def dtype_of(asked: Any, X: Any) -> np.dtype[Any]:
    """What was asked for; otherwise float32 for an array of float32, float64 for everything else."""
    if asked is None:
        asked = np.float32 if getattr(X, "dtype", None) == np.float32 else np.float64
    for allowed in (np.dtype(np.float32), np.dtype(np.float64)):
        if asked in (allowed.name, allowed.type, allowed):
            return allowed
    raise ValueError(f"dtype must be float32 or float64, got {asked!r}")
