"""The rows of many runs, prepared once for all that share them.

Runs that differ in their seeds or learning rates have the same rows; runs of different folds have parts of them. What
`prepare` does for one training is done here for each part of the rows, and for each network that takes them otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from numbers import Real
from typing import TYPE_CHECKING, Any, TypeVar, Unpack

import numpy as np

from glassnet.data.given import ArrayData, Data, table_at
from glassnet.data.tables.choices import ChoiceOptions, excluded
from glassnet.data.tables.folds import Division, divisions_of, folds_of, samples_of
from glassnet.engines.memory import Memory
from glassnet.parts.losses import Loss
from glassnet.parts.naming import check_whole
from glassnet.training.contract import classes_of
from glassnet.training.encoding import ClassWeight, encoded
from glassnet.training.fingerprint import fingerprint
from glassnet.training.making import dtype_of, fitted, generator
from glassnet.training.many.varying import Setting
from glassnet.training.prepared import Prepared
from glassnet.training.preparing import DType, Parts, contract_of, divided, like, new_data, weight_of
from glassnet.training.rows import Rows
from glassnet.training.splitting import check_share, kept_of, remarks_on, shared_out, split_options
from glassnet.training.state import State

if TYPE_CHECKING:
    from glassnet.parts.literals import KindName

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Some:
    """Rows of a pool, by number: those of a fold, say, where the pool was encoded once for all folds."""

    pool: Rows
    index: np.ndarray

    @cached_property
    def rows(self) -> Rows:
        """They alone."""
        if self.is_whole:
            return self.pool
        pool, index = self.pool, self.index
        return Rows(pool.x[index], pool.y[index], None if pool.w is None else pool.w[index])

    @cached_property
    def is_whole(self) -> bool:
        """Whether they are all rows of the pool, as they are."""
        return len(self.index) == len(self.pool) and bool((self.index == np.arange(len(self.pool))).all())

    def __len__(self) -> int:
        return len(self.index)


@dataclass(frozen=True, eq=False, kw_only=True)
class Course:
    """What all runs of one setting on one part of the rows have in common.

    Attributes
    ----------
    setting
        How they are trained.
    pattern
        A state like theirs, whose numbers mean nothing: it has the network that is trained, and its contract.
    seen, held_out
        The rows to train on, and those that are measured.
    split_seed, split_by
        What drew the rows held out, where they are a share, and what that kept to.
    """

    setting: Setting
    pattern: State
    seen: Some
    held_out: Some | None
    split_seed: int | None
    split_by: Mapping[str, str | bool]

    @cached_property
    def fingerprint(self) -> str:
        """Of their rows."""
        return fingerprint(self.seen.rows, self.held_out.rows if self.held_out else None)

    def prepared(self, state: State) -> Prepared:
        """One of the runs, to be trained by itself."""
        held_out = self.held_out.rows if self.held_out else None
        return Prepared(
            model=state,
            rows=self.seen.rows,
            held_out=held_out,
            rng=state.rng,
            split_seed=self.split_seed,
            split_by=self.split_by,
        )


@dataclass(eq=False, kw_only=True)
class Source:
    """Rows that many runs share, as they were given.

    Attributes
    ----------
    data, weight
        The rows and their weights.
    held_out
        Rows to measure, where they were given.
    share
        The share of the rows that is held out for each seed; None: no share.
    class_weight, dtype
        As `prepare` takes them.
    kind_is_found
        Whether the target's kind is to be found.
    split_by
        What rows are kept together or in order by, as a `State` has it.
    """

    data: Data
    weight: np.ndarray | None
    held_out: Data | None
    share: Any
    class_weight: ClassWeight
    dtype: np.dtype[Any]
    kind_is_found: bool
    split_by: Mapping[str, str | bool]
    known: dict[Hashable, Any] = field(default_factory=dict)

    @staticmethod
    def of(
        X: Any,
        y: Any = None,
        *,
        target: str | None = None,
        kind: KindName | None = None,
        exclude: Iterable[str] = (),
        validation: Any = None,
        group: Any = None,
        after: Any = None,
        sample_weight: Any = None,
        class_weight: ClassWeight = None,
        dtype: DType = None,
        **choices: Unpack[ChoiceOptions],
    ) -> Source:
        """Rows as they are given; the parameters, and the errors, are those of `prepare`."""
        X = table_at(X, None)
        exclude = excluded(exclude)
        split = split_options(group, after)
        data = new_data(X, y, target, kind=kind, exclude=exclude, choices=choices, split=split)
        share = check_share(validation) if isinstance(validation, Real) else None
        return Source(
            data=data,
            weight=weight_of(data, sample_weight),
            held_out=None if validation is None or share is not None else like(data, validation, None),
            share=share,
            class_weight=class_weight,
            dtype=dtype_of(dtype, X),
            kind_is_found=kind is None,
            split_by=kept_of(split),
        )

    def divisions(self, folds: Any, samples: int | None, split_seed: int, loss: Loss | None) -> list[Division]:
        """The parts of the rows that are asked for: folds, bootstrap samples, those that were given, or none.

        Raises
        ------
        ValueError
            Folds or samples that there cannot be; two ways to divide the rows.
        """
        data, rng = self.data, generator(split_seed, "split_seed")
        ways = {
            "folds": folds,
            "samples": samples,
            "validation": self.share if self.held_out is None else self.held_out,
        }
        given = [name for name, value in ways.items() if value is not None]
        if len(given) > 1:
            raise ValueError(f"{given[0]} and {given[1]} are two ways to hold rows out; give one of them")
        how: dict[str, Any] = {"constraints": data.constraints}
        if folds is not None or samples is not None:
            how["stratify"] = data.labels(loss)
        if samples is not None:
            return samples_of(len(data), check_whole("samples", samples), rng, **how)
        if folds is None:
            return []
        if isinstance(folds, (int, np.integer)) and not isinstance(folds, bool):
            return folds_of(len(data), int(folds), rng, **how)
        if not isinstance(folds, Iterable) or isinstance(folds, (str, bytes)) or getattr(folds, "ndim", 1) == 0:
            raise ValueError(
                f"folds must be a whole number >= 2, or pairs of indices (train, held out), got {folds!r:.60}"
            )
        if data.constraints:
            both = " and ".join(data.constraints.names)
            raise ValueError(f"folds are given as pairs of indices, so {both} would say it twice; give one of them")
        return of_known(divisions_of(folds, data.given), data)

    def remarks(self, divisions: list[Division], loss: Loss | None) -> tuple[str, ...]:
        """What one should know of the way rows are held out."""
        return remarks_on(self.data, loss) if divisions or self.share is not None else ()

    def once(self, key: Hashable, work_out: Callable[[], T]) -> T:
        """What was worked out before under this key, or is now."""
        if key not in self.known:
            self.known[key] = work_out()
        found: T = self.known[key]
        return found

    def course(self, setting: Setting, part: Division | int | None) -> Course:
        """One setting on one part of the rows: a division's, those that a split seed leaves, or all.

        Raises
        ------
        DataError, ValueError
            As `prepare` does.
        """
        loss = setting.network.loss
        asked = None if loss is None else (loss.name, loss.output)  # all that data look at
        where: Hashable = id(part) if isinstance(part, Division) else (part, asked if part is not None else None)
        division = self.division(part, loss, where)
        parts = self.once(("parts", where), lambda: self.parts(division))
        whole = isinstance(self.data, ArrayData)
        contract = self.once(("contract", asked, whole or where), lambda: contract_of(self.data, parts, loss))
        network = self.once(
            ("network", id(setting.network), contract.n_outputs, classes_of(contract) is None),
            lambda: fitted(setting.network, contract, is_found=self.kind_is_found),
        )
        pattern = self.once(
            ("pattern", id(network), id(contract)),
            lambda: State(
                network, contract, Memory.of(network, contract.n_inputs, self.dtype), np.random.default_rng(0)
            ),
        )
        kind = (asked, network.loss.name if network.loss else "", network.n_outputs(contract.n_inputs))
        if whole and self.weight is None and self.class_weight is None and self.held_out is None:
            pool = self.once(("pool", kind), lambda: encoded(pattern, self.data, None, None))
            every = self.once(("every",), lambda: np.arange(len(self.data)))
            seen = self.once(("seen", kind, where), lambda: Some(pool, division.train if division else every))
            held_out = self.once(("held out", kind, where), lambda: Some(pool, division.held_out) if division else None)
        else:
            seen = self.once(
                ("seen", kind, where),
                lambda: whole_pool(encoded(pattern, parts.seen, parts.weight, self.class_weight)),
            )
            held_out = self.once(
                ("held out", kind, where),
                lambda: (
                    None
                    if parts.held_out is None
                    else whole_pool(encoded(pattern, parts.held_out, parts.held_weight, None))
                ),
            )
        return Course(
            setting=setting,
            pattern=pattern,
            seen=seen,
            held_out=held_out,
            split_seed=part if isinstance(part, int) else None,
            split_by=self.split_by,
        )

    def division(self, part: Division | int | None, loss: Loss | None, where: Hashable) -> Division | None:
        """The rows of a part."""
        if isinstance(part, int):
            return self.once(("division", where), lambda: Division(*shared_out(self.data, self.share, part, loss)))
        return part

    def parts(self, division: Division | None) -> Parts:
        """The rows of a division with their weights; without one all that were given."""
        if division is None:
            return Parts(self.data, self.held_out, self.weight)
        return divided(self.data, self.weight, division.train, division.held_out)


def whole_pool(rows: Rows) -> Some:
    """All of them."""
    return Some(rows, np.arange(len(rows)))


def of_known(divisions: list[Division], data: Data) -> list[Division]:
    """Divisions of all rows given as those of the rows that are used: the others have no target.

    Raises
    ------
    ValueError
        None is left to train on, or to measure.
    """
    there = np.zeros(data.given, np.bool_)
    there[data.known] = True
    if there.all():
        return divisions
    number = np.cumsum(there) - 1
    found = []
    for k, division in enumerate(divisions, start=1):
        train, held_out = (number[rows[there[rows]]] for rows in (division.train, division.held_out))
        if not len(train) or not len(held_out):
            raise ValueError(f"fold {k} has no row whose target is known, to train on or to measure")
        found.append(Division(train, held_out))
    return found
