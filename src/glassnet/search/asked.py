"""What is searched, checked once: settings are drawn, rows are prepared, and nothing is trained yet."""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from glassnet.data.files.version import __version__
from glassnet.data.given import table_at
from glassnet.data.tables.folds import Division
from glassnet.engines.plans import fixed_plans
from glassnet.model.model import Model
from glassnet.model.run_table import sign_in_table
from glassnet.model.saving.whole import written_contract
from glassnet.model.train import train
from glassnet.parts.layers import Dense, Dropout
from glassnet.parts.naming import find
from glassnet.parts.network import Network
from glassnet.parts.synonyms import meant
from glassnet.search.bundles import Cost, costs
from glassnet.search.journal import KIND
from glassnet.search.space import Between, drawn
from glassnet.search.task import Stored, Work, digest_of
from glassnet.training.begin import watch_of
from glassnet.training.keywords import some
from glassnet.training.many.source import Source
from glassnet.training.many.varying import Setting, settings_of
from glassnet.training.metrics import METRICS
from glassnet.training.preparing import ColumnOptions, RowOptions
from glassnet.training.progress import announce_kind, announce_split
from glassnet.training.settings import Settings, StepOptions
from glassnet.training.stopping import MODES
from glassnet.workers.version import here


@dataclass(frozen=True, eq=False, kw_only=True)
class Asked:
    """A search that makes sense: everything is checked, and nothing is trained.

    Attributes
    ----------
    network, space, seed, options
        As they were given.
    source, divisions
        The rows, and how folds divide them.
    rows
        The keywords of `train_many` that hold rows.
    drawn, settings, costs
        What each setting sets, what that is, and what it takes.
    column, sign
        What settings are ordered by, and 1 where smaller is better, -1 where larger is.
    """

    network: Network
    space: Mapping[str, Any]
    seed: int
    options: dict[str, Any]
    source: Source
    divisions: list[Division]
    rows: dict[str, Any]
    drawn: list[dict[str, Any]]
    settings: list[Setting]
    costs: list[Cost]
    column: str
    sign: float

    @staticmethod
    def of(
        space: Any,
        X: Any,
        y: Any,
        *,
        network: Network | None,
        count: int | None,
        folds: Any,
        by: str | None,
        mode: str | None,
        seed: int,
        **options: Any,
    ) -> Asked:
        """Draw settings, and prepare rows; ValueError, TypeError, DataError for what cannot be."""
        if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
            raise ValueError(f"seed must be a whole number >= 0, got {seed!r}")
        if by is not None and not isinstance(by, str):
            raise TypeError(f"by must be the name of a score, such as 'accuracy', got {by!r:.60}")
        if mode is not None:
            find(mode, MODES, "mode")
        values = drawn(space, count, np.random.default_rng(int(seed)))
        network = network_for(values[0], network)
        name = ("loss" if by is None else by).removeprefix("val_")
        name = meant(name, [*METRICS], "metric") or name
        if options.get("metrics") is None and name in METRICS:
            options["metrics"] = [name]
        vary = [{key: [value] for key, value in each.items()} for each in values]
        settings = settings_of(network, Settings(**some(options, StepOptions)), vary)
        path = os.path.abspath(X) if isinstance(X, (str, os.PathLike)) else None
        stored = None if path is None else Stored(path, digest_of(path), is_table=True)
        columns, rows = some(options, ColumnOptions), some(options, RowOptions)
        source = Source.of(table_at(X, False), y, **(columns | rows))
        if isinstance(folds, Iterator):
            folds = list(folds)
        divisions = source.divisions(folds, None, int(seed), network.loss)
        if not divisions:
            raise ValueError(f"folds must be a whole number >= 2, or pairs of indices, got {folds!r}")
        cost = costs(source, settings, divisions)
        first = source.course(settings[0], divisions[0])
        watch = watch_of(first.prepared(first.pattern), settings[0].settings)
        measured = watch.columns if watch else []
        column = find(f"val_{name}", measured, "score")
        announce_kind(first.pattern.contract)
        announce_split(source.remarks(divisions, network.loss))
        return Asked(
            network=network,
            space=space,
            seed=int(seed),
            options=options,
            source=source,
            divisions=divisions,
            rows={"X": X if stored is None else stored, "y": y, "folds": folds, "split_seed": int(seed), **rows},
            drawn=values,
            settings=settings,
            costs=cost,
            column=column,
            sign=sign_in_table(column, mode),
        )

    @property
    def epochs(self) -> int:
        """How many were asked for, where they do not vary."""
        return Settings(**some(self.options, StepOptions)).epochs

    def work(self, rows: Any) -> Work:
        """What all bundles have in common."""
        options = {name: value for name, value in self.options.items() if name not in RowOptions.__optional_keys__}
        return Work(network=self.network, seed=self.seed, options=options, rows=rows, made_by=here())

    def head(self) -> dict[str, Any]:
        """What is searched, by which another search can be told from it: the first line of a journal."""
        cuts = hashlib.sha256()
        for division in self.divisions:
            cuts.update(b"".join(np.asarray(part, np.int64).tobytes() + b"|" for part in vars(division).values()))
        hidden, everything = RowOptions.__optional_keys__, self.source.course(self.settings[0], None)
        return {
            "kind": KIND,
            "glassnet": __version__,
            "numba": here().endswith("with Numba"),
            "data": everything.fingerprint,
            "contract": written_contract(everything.pattern.contract),
            "network": repr(self.network),
            "space": {name: described(given) for name, given in self.space.items()},
            "settings": len(self.settings),
            "seed": self.seed,  # before what it draws, so that it is what a message names
            "folds": {"number": len(self.divisions), "rows": cuts.hexdigest()},
            "training": {name: described(value) for name, value in self.options.items() if name not in hidden},
        }

    def model(self, number: int, epochs: int) -> Model:
        """A setting trained on all rows."""
        setting = self.settings[number]
        how = setting.settings
        changed = {
            "optimizer": how.optimizer,
            "epochs": epochs,
            "batch_size": how.batch_size,
            "shuffle": how.shuffle,
            "early_stopping": False,
        }
        X = self.rows["X"].path if isinstance(self.rows["X"], Stored) else self.rows["X"]
        with fixed_plans():
            return train(
                setting.network, X, self.rows["y"], seed=self.seed, progress=False, **{**self.options, **changed}
            )


def network_for(values: Mapping[str, Any], network: Any) -> Network:
    """The network that is varied; without one a small one that has what varies."""
    if network is None:
        return Network(Dense(32, "relu"), *[Dropout(0.1)] * ("dropout" in values), Dense())
    if not isinstance(network, Network):
        raise TypeError(f"network must be a Network, got {type(network).__name__}")
    return network


def described(value: Any) -> Any:
    """Something that is searched or set, as a line of a journal tells it."""
    if isinstance(value, Between):
        return asdict(value)
    if isinstance(value, (list, range, np.ndarray)):
        return [described(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, (bool, int, str)) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return getattr(value, "__qualname__", None) or repr(value)
