"""One training from the command line: what was asked for, which rows do what, and what came of it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np

from glassnet.cli.changes import check_share
from glassnet.cli.failures import Usage
from glassnet.cli.parts import part
from glassnet.cli.progress import Live
from glassnet.cli.score import Score, score
from glassnet.cli.spread import Spread
from glassnet.data.tables import Table, split_rows, target_kind
from glassnet.data.tables.constraints import Constraints
from glassnet.data.tables.refusals import check_all_rows
from glassnet.data.tables.target_kind import KINDS, kind_by_loss
from glassnet.data.tables.wording import listed
from glassnet.doctor.before import doubts
from glassnet.engines.plans import fixed_plans
from glassnet.errors import DataError
from glassnet.model.model import Model
from glassnet.model.train import train as train_model
from glassnet.parts.losses import Loss, loss_named
from glassnet.parts.naming import find
from glassnet.training.choice import NAMES as ENGINES
from glassnet.training.choice import Choice
from glassnet.training.making import generator
from glassnet.training.preparing import prepare
from glassnet.training.recipes.recipe import FEW, Recipe
from glassnet.training.settings import Settings, SettingsOptions
from glassnet.training.splitting import SPLITS, by_places, split_seed_of

TEST = 0.2


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The rows, by what they are for; None where there are none."""

    rest: Table  # all but those for the score: to learn from, and to know when to stop
    train: Table
    validation: Table | None
    test: Table | None
    left_out: int  # rows without a target
    kind: str  # of the target: "classes" or "number"
    turns: float = 0.0  # the share of `train` that is held out by turns: by each member of an ensemble, or at first
    members: int = 1  # of an ensemble


@dataclass(frozen=True, eq=False, kw_only=True)
class Done:
    """What training gave."""

    model: Model
    engine: Choice
    score: Score
    message: str
    seconds: float
    interrupted: bool = False
    tried: dict[str, float] = field(default_factory=dict)  # seconds of each recipe, where they were compared


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The options of `glassnet train`, checked before anything is read.

    Attributes
    ----------
    recipe
        What is decided before the table is seen, but for the loss.
    optimizer
        As it was asked for; None: it was not.
    target, kind, exclude, group, group_input, after, split, cv, loss, reduction, half, test, validation, class_weight
        As the options are; and so are `engine`, `deterministic` and `seed`.
    spread
        How many workers go through the rows; None: one process does.
    auto, best, seconds
        Whether recipes are compared, rather than the one followed; whether an ensemble is among them; for how long.
    """

    recipe: Recipe
    target: str | None = None
    kind: Any = None
    exclude: tuple[str, ...] = ()
    group: str | None = None
    group_input: bool = False
    after: str | None = None
    split: str = "drawn"
    cv: int | None = None
    optimizer: str | None = None
    loss: str | None = None
    reduction: str | None = None
    half: bool = False
    test: float | None = None
    validation: float | None = None
    class_weight: Any = None  # "balanced" or None
    engine: str = "auto"
    deterministic: bool = False
    seed: int = 0
    spread: Spread | None = None
    auto: bool = False
    best: bool = False
    seconds: float | None = None

    @staticmethod
    def of(options: Mapping[str, Any], recipe: Recipe, **more: Any) -> Plan:
        """What the options of a command say, by name, with what is known besides."""
        said = {item.name: options[item.name] for item in fields(Plan) if item.name in options}
        return Plan(**{**said, "exclude": tuple(said["exclude"] or ()), "recipe": recipe, **more})

    def __post_init__(self) -> None:
        if self.seconds is not None and not self.seconds > 0:
            raise Usage(f"--time must be > 0 seconds, got {self.seconds:g}")
        if self.kind is not None:
            find(self.kind, KINDS, "--kind")
        find(self.engine, ENGINES, "--engine")
        if self.class_weight not in (None, "balanced"):
            raise Usage(f"--class-weight must be balanced, got {self.class_weight!r}")
        if self.test is not None:
            check_share("--test", self.test)
        if self.cv is not None and self.cv < 2:
            raise Usage(f"--cv must be >= 2, how many parts are held out one after the other, got {self.cv}")
        if self.splits_by_places and (self.group or self.after or self.cv):
            raise Usage("--split hash draws for each row by itself; leave --group, --after and --cv out")
        if self.splits_by_places and (self.auto or self.recipe.members > 1 or self.recipe.refit):
            raise Usage(
                "--split hash is for one training with rows held out once: give --recipe small, or options of a network"
            )
        if self.group_input and self.group is None:
            raise Usage("--group-input is about the column of --group; give both, or neither")
        if self.seed < 0:
            raise Usage(f"--seed must be >= 0, got {self.seed}")
        self.recipe_for("number")

    def recipe_for(self, kind: str) -> Recipe:
        """The recipe, with the loss that is asked for."""
        loss = self.chosen_loss(kind)
        return self.recipe if loss is None else self.recipe.replace(loss=loss)

    def chosen_loss(self, kind: str) -> Loss | None:
        """The loss as it was asked for; None where nothing was."""
        if self.loss is None and self.reduction is None and not self.half:
            return None
        name, options = part(self.loss or ("cross_entropy" if kind == "classes" else "squared"))
        if self.reduction is not None:
            options["reduction"] = self.reduction
        if self.half:
            options["half"] = True
        return loss_named(name, **options)

    def aimed(self, table: Table, default: str | None) -> Plan:
        """The plan with the target filled in; Usage where it is not known."""
        target = self.target or default
        if target is None:
            raise Usage(f"which column is to be predicted? give --target, one of {listed(table.names, 20)}")
        exclude = tuple(part for name in self.exclude for part in ([name] if name in table.names else name.split(",")))
        for name in exclude:
            table.check_column(name)
        table.column(target)
        if target in exclude:
            raise Usage(f"--exclude {target} is the target; leave it out, or choose another --target")
        for option, by in (("--group", self.group), ("--after", self.after)):
            if by is not None:
                table.column(by)
            if by == target:
                raise Usage(f"{option} {target} is the target; rows are split by what is known before it")
        return replace(self, target=target, exclude=exclude)

    def parts_of(self, table: Table) -> Parts:
        """The rows, by what they are for: drawn with the seed; of classes the same shares, by groups, or in order."""
        target = str(self.target)
        known = table.known(target)
        check_all_rows(known, target, (*self.exclude, *([self.group] if self.group and not self.group_input else ())))
        by_loss = kind_by_loss(known, target, self.chosen_loss("number"))
        kind = target_kind(known, target, self.kind or by_loss)[0]
        if self.splits_by_places:
            return self.split_by_places(table, kind)
        is_small = len(known) < FEW
        test = self.test if self.test is not None else 0.0 if is_small else TEST
        rng = np.random.default_rng(self.seed)
        rest, kept = self.divided(known, test, kind, rng)
        left_out = len(table) - len(known)
        return replace(self.to_learn(rest, kept, kind, rng, few=is_small), left_out=left_out)

    @property
    def splits_by_places(self) -> bool:
        """Whether which rows are held out is drawn for their places: `--split hash`."""
        return find(self.split, SPLITS, "--split") == "hash"

    def shares(self, test: float, validation: float) -> tuple[float, float]:
        """Which shares of the rows are held out for the score and to know when to stop, where these are usual."""
        found = test if self.test is None else self.test, validation if self.validation is None else self.validation
        if not sum(found) < 1.0:
            raise Usage(f"--test and --validation must be < 1 together, got {found[0]:g} and {found[1]:g}")
        return found

    def split_by_places(self, table: Table, kind: str) -> Parts:
        """The same rows as of a table that is read part by part: those that know when to stop are the first of them."""
        test, watched = self.shares(TEST, self.recipe.validation or 0.0)
        there = np.flatnonzero(~table.missing(str(self.target)))
        train, out = by_places(there, test + watched, split_seed_of(generator(self.seed)))
        cut = first_part(len(out), watched, test)
        validation, kept = (table.rows(there[some]) if len(some) else None for some in (out[:cut], out[cut:]))
        return Parts(
            rest=table.rows(there[np.sort(np.concatenate([train, out[:cut]]))]),
            train=table.rows(there[train]),
            validation=validation,
            test=kept,
            left_out=len(table) - len(there),
            kind=kind,
        )

    def to_learn(self, rest: Table, kept: Table | None, kind: str, rng: np.random.Generator, *, few: bool) -> Parts:
        """The rows that are not kept for the score, by what they are for; `few`: there are few in all."""
        usual = 0.0 if few or self.auto else self.recipe.validation or 0.0
        validation = self.validation if self.validation is not None else usual
        by_turns = self.recipe.members > 1 or self.recipe.refits(len(rest))
        turns = validation if by_turns else 0.0
        try:
            train, watched = self.divided(rest, validation - turns, kind, rng)
        except DataError as error:
            if kept is None:
                raise
            raise DataError(
                f"of the rows that are left to know when to stop: {error}; or give --validation 0"
            ) from None
        return Parts(
            rest=rest,
            train=train,
            validation=watched,
            test=kept,
            left_out=0,
            kind=kind,
            turns=turns,
            members=self.recipe.members,
        )

    def divided(self, table: Table, share: float, kind: str, rng: np.random.Generator) -> tuple[Table, Table | None]:
        """A table in two; without the second part if its share is 0."""
        if not share:
            return table, None
        rest, taken = split_rows(table, share, rng, **self.split_by(table, kind))
        return table.rows(rest), table.rows(taken)

    def split_by(self, table: Table, kind: str) -> dict[str, Any]:
        """What splits of these rows keep to: the classes' shares, groups and an order."""
        return {
            "stratify": table.column(str(self.target)) if kind == "classes" else None,
            "constraints": Constraints.of(table, len(table), group=self.group, after=self.after),
        }

    def columns(self, table: Table) -> dict[str, Any]:
        """What is asked about the columns of a table, as `prepare` and `train` take it."""
        group = table.column(self.group) if self.group is not None and self.group_input else self.group
        return {"target": self.target, "exclude": self.exclude, "group": group, "after": self.after}


def first_part(rows: int, watched: float, test: float) -> int:
    """How many of the rows held out know when to stop: their share of both."""
    return round(rows * watched / (watched + test))


def run(
    plan: Plan,
    parts: Parts,
    begin: Callable[[Model, Settings, Sequence[str]], None],
    silent: bool,
    which: str = "",
    interrupted: Callable[[Model], Any] = lambda model: None,
) -> Done:
    """Train and score.

    `which` says which of several trainings it is; `interrupted` is told of the model at once, where it was.
    """
    found = target_kind(parts.train, str(plan.target), plan.kind)[0]
    kind: Any = plan.kind if found == parts.kind else parts.kind  # that of all rows, not of those that are trained on
    recipe = plan.recipe_for(parts.kind)
    prepared = prepare(
        recipe,
        parts.train,
        kind=kind,
        seed=plan.seed,
        dtype=recipe.dtype,
        **plan.columns(parts.train),
        **recipe.choices,
    )
    if plan.spread:
        plan.spread.check(recipe, len(parts.train))
    model = Model(prepared.model)
    is_watched = parts.validation is not None or parts.turns > 0.0
    n_rows = round(len(parts.train) * (1.0 - parts.turns))
    settings = recipe.settings(parts.kind, rows=n_rows, held_out=is_watched, deterministic=plan.deterministic)
    begin(model, settings, doubts(model.state, prepared.rows, settings))
    all_epochs, what = [settings.epochs] * recipe.members, "member"
    if recipe.members == 1 and parts.turns:
        all_epochs, what = [recipe.first_epochs(settings.epochs), settings.epochs], "pass"
    engine: Any = plan.engine
    more: dict[str, Any] = {"class_weight": plan.class_weight, "progress": False}
    with Live(all_epochs, silent, what, which) as live, fixed_plans():
        if parts.turns or recipe.members > 1:
            given = {"kind": kind, "validation": parts.turns or None, **plan.columns(parts.train)}
            how = {"engine": engine, "deterministic": plan.deterministic, "seed": plan.seed}
            model = train_model(recipe, parts.train, callbacks=[live], **given, **how, **more)
        else:
            how = as_keywords(replace(settings, engine=engine))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", RuntimeWarning)  # the report says what is wrong with the curve
                if plan.spread:
                    rows = prepare(model.state, parts.train, validation=parts.validation, **more)
                    plan.spread.carry_out(rows, replace(settings, engine=engine), [live], known=model)
                else:
                    train_model(model, parts.train, validation=parts.validation, callbacks=[live], **how, **more)
    if model.history.stopped == "interrupted":
        interrupted(model)
    on = "held-out rows" if parts.test is not None else "rows, the ones trained on,"
    scored = score(model, parts.test or parts.train, on)
    assert model.engine is not None  # it was trained
    return Done(
        model=model,
        engine=model.engine,
        score=scored,
        message=live.message,
        seconds=live.seconds,
        interrupted=model.history.stopped == "interrupted",
    )


def as_keywords(settings: Settings) -> dict[str, Any]:
    """Settings as `train` takes them."""
    return {name: getattr(settings, name) for name in SettingsOptions.__optional_keys__}
