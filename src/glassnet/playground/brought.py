"""A network that somebody brings from a program of their own, with its rows: `gn.play(model, X, y)`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from glassnet.data.arrays import ArrayContract
from glassnet.data.given import is_table
from glassnet.data.tables import as_table
from glassnet.data.tables.notation import PLAIN
from glassnet.errors import DataError
from glassnet.model.model import Model
from glassnet.parts.network import Network
from glassnet.parts.optimizers import Optimizer, optimizer_named
from glassnet.playground.choices import Choices
from glassnet.playground.setup import Setup
from glassnet.playground.source import Source
from glassnet.training.keywords import some
from glassnet.training.preparing import ColumnOptions
from glassnet.training.settings import Settings

OPTIONS = ("optimizer", "epochs", "batch_size", "validation", "seed", *ColumnOptions.__optional_keys__)


def setup_of_given(network: Any, X: Any, y: Any, options: Mapping[str, Any]) -> Setup:
    """What is trained on the page: a network from its start, or a model from where it is.

    Raises
    ------
    TypeError
        It is neither a network nor a model, or there is no such option.
    DataError
        The rows do not fit; the message says where.
    """
    if not isinstance(network, (Network, Model)):
        raise TypeError(f"play takes a Network or a Model first, got {type(network).__name__}")
    for name in options:
        if name not in OPTIONS:
            raise TypeError(f"play takes {', '.join(sorted(OPTIONS))}; got {name}")
    known = network.state if isinstance(network, Model) else None
    given = network.network if isinstance(network, Model) else network
    if known is not None and known.members:
        raise ValueError("an ensemble is looked at member by member: gn.play(ensemble.members[0], X, y)")
    before = (known.settings if known else None) or Settings()
    rule = rule_of(options.get("optimizer") or (known.optimizer if known else None) or "adam")
    columns: Any = some(dict(options), ColumnOptions)
    table = is_table(X)
    if table and known is not None and isinstance(known.contract, ArrayContract):
        raise DataError(
            "this model was trained on arrays, whose columns have no names, so it cannot be shown on a table: "
            "gn.play(model, X, y)"
        )
    if table:
        X = as_table(X, progress=False, notation=PLAIN if known is None else known.contract.notation)  # type: ignore[union-attr]  # of a table
    if known is not None and table:
        columns.setdefault("target", known.contract.target.name)  # type: ignore[union-attr]  # of a table
    source = Source(
        name=X.source if table else "rows",
        title=f"{X.source}: {len(X):,} rows" if table else f"{len(X):,} rows",
        X=X,
        y=y,
        columns=columns,
        given="table" + "".join(f", {name}={value!r}" for name, value in columns.items()) if table else "X, y",
    )
    choices = Choices(
        layers=(),
        optimizer=rule.name,
        learning_rate=rule.learning_rate,  # type: ignore[arg-type]  # a number: `rule_of` sees to that
        brought=rule,
        l1=given.l1,
        l2=given.l2,
        epochs=options.get("epochs", before.epochs),
        batch_size=options.get("batch_size", before.batch_size),
        validation=options.get("validation"),
        seed=options.get("seed", 0),
    )
    what = "model" if known is not None else "network"
    return Setup(source=source, choices=choices, title=f"your {what}", given=known or given)


def rule_of(given: str | Optimizer) -> Optimizer:
    """An optimizer whose learning rate is a number: on the page it is changed by hand."""
    rule = given if isinstance(given, Optimizer) else optimizer_named(given)
    if not isinstance(rule.learning_rate, (int, float)):
        raise ValueError(
            f"on the page the learning rate is a number that is changed by hand, got {rule.learning_rate!r}"
        )
    return rule
