"""The rows that a diagnosis is about: as they were given, divided once, and with inputs or targets scaled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from numbers import Real
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.data.arrays import ArrayContract, as_array
from glassnet.data.given import ArrayData, is_table, table_at
from glassnet.data.tables.choices import excluded
from glassnet.data.tables.folds import Division
from glassnet.doctor.errors import FEW
from glassnet.training.contract import classes_of
from glassnet.training.many.source import Course, Source
from glassnet.training.many.varying import Setting, filled, settings_of
from glassnet.training.preparing import contract_of
from glassnet.training.rows import Rows
from glassnet.training.settings import Settings
from glassnet.training.splitting import shared_out

HELD_OUT = 0.25  # of the rows, where nobody says
SPLIT_SEED = 7


@dataclass(frozen=True, eq=False, kw_only=True)
class Given:
    """Rows, what was said of their columns, and which of them are held out.

    Attributes
    ----------
    X, y, options
        As `train` takes them; `options` are its keywords about rows and columns.
    division
        Which rows are trained on and which are held out; None: all are trained on, but for those given as validation.
    changed
        What was scaled here: "inputs", "targets".
    names
        Of the inputs, where X has none and they are known.
    called
        What code calls the table: its file's name, where it came by that.
    """

    X: Any
    y: Any
    options: Mapping[str, Any]
    division: Division | None = None
    changed: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    called: str = "table"
    kept: list[Any] = field(default_factory=list)  # settings, whose places in memory `Source` goes by

    @staticmethod
    def of(X: Any, y: Any, options: Mapping[str, Any], loss: Any, names: tuple[str, ...] = ()) -> Given:
        """Rows as they are given; a share of them is held out where they are not few, and none was given.

        Errors as `train` has them.
        """
        options = {name: value for name, value in options.items() if value is not None}
        share = options.get("validation")
        is_share = isinstance(share, Real) and not isinstance(share, bool)
        if is_share:
            del options["validation"]
        called = repr(str(X)) if isinstance(X, str | Path) else "table"
        if not is_table(X) and options.get("target") is None:
            X, y = as_array(X, "X"), as_array(y, "y")
        else:
            X = table_at(X, None)
        given = Given(X=X, y=y, options=options, names=names, called=called)
        data = given.source.data
        if not is_share and (share is not None or len(data) < FEW):
            return given
        held_out = share if is_share else HELD_OUT
        division = Division(*shared_out(data, held_out, SPLIT_SEED, loss))
        kept = {name: value for name, value in options.items() if name not in BY}
        if isinstance(options.get("group"), str):  # a column that is no input
            kept["exclude"] = [*excluded(kept.get("exclude", ())), options["group"]]
        return replace(given, division=division, options=kept)

    @cached_property
    def source(self) -> Source:
        """The rows, encoded once for all networks that take them alike."""
        return Source.of(self.X, self.y, **self.options)

    def settings(self, network: Any, how: Settings) -> Setting:
        """A network and how it is trained, as trainings take it."""
        made = filled(settings_of(network, how, None)[0])
        self.kept.append(made)
        return made

    def course(self, setting: Setting) -> Course:
        """A setting on these rows."""
        return self.source.course(setting, self.division)

    # what is known of them

    @property
    def is_arrays(self) -> bool:
        """Whether they are arrays, whose numbers are taken as they are."""
        return isinstance(self.source.data, ArrayData)

    def seen(self, setting: Setting) -> Rows:
        """The rows that are trained on, as the network takes them."""
        return self.course(setting).seen.rows

    # the same rows otherwise

    def with_options(self, **options: Any) -> Given:
        """The same rows, something else said of them."""
        return replace(self, options={**self.options, **options}, kept=[])

    @cached_property
    def with_scaled_inputs(self) -> Given:
        """Each column with mean 0 and spread 1 among the rows trained on."""
        if not self.is_arrays:
            return replace(self.with_options(scale="standard"), changed=(*self.changed, "inputs"))
        return replace(self.scaled("X"), changed=(*self.changed, "inputs"))

    @cached_property
    def with_scaled_targets(self) -> Given:
        """Targets with mean 0 and spread 1 among the rows trained on."""
        return replace(self.scaled("y"), changed=(*self.changed, "targets"))

    def scaled(self, what: str) -> Given:
        """One of the two arrays scaled, and with it that of the validation rows."""
        values = np.asarray(getattr(self, what), np.float64)
        seen = values if self.division is None else values[self.division.train]
        mean, spread = seen.mean(axis=0), seen.std(axis=0)
        spread = np.where(spread > 0.0, spread, 1.0)
        options = dict(self.options)
        if "validation" in options:
            pair = dict(zip("Xy", options["validation"], strict=True))
            pair[what] = (np.asarray(pair[what], np.float64) - mean) / spread
            options["validation"] = (pair["X"], pair["y"])
        made: dict[str, Any] = {what: ((values - mean) / spread).astype(values.dtype)}
        return replace(self, options=options, kept=[], **made)


BY = ("group", "after")  # said once, by the division


def classes_in(given: Given, loss: Any) -> tuple[Any, ...] | None:
    """The labels of the target; None where it is a number."""
    source = given.source
    contract: ArrayContract | Any = contract_of(source.data, source.parts(given.division), loss)
    return classes_of(contract)
