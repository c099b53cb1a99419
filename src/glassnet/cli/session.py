"""One training from the command line: what was asked for, which rows do what, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from glassnet.cli.failures import Usage
from glassnet.cli.parts import part, whole_numbers
from glassnet.cli.progress import Live
from glassnet.cli.score import Score, score
from glassnet.data.tables import Table, split_rows, target_kind
from glassnet.data.tables.choices import FILLS, SCALES, WORDS
from glassnet.data.tables.target_kind import KINDS, kind_by_loss
from glassnet.data.tables.wording import listed
from glassnet.engines.plans import fixed_plans
from glassnet.model.model import Model
from glassnet.model.train import train as train_model
from glassnet.parts.activations import activation_named
from glassnet.parts.initializers import initializer_named
from glassnet.parts.layers import Dense, Dropout
from glassnet.parts.losses import Loss, loss_named
from glassnet.parts.naming import find
from glassnet.parts.network import Network
from glassnet.parts.optimizers import RULES, Optimizer, optimizer_named
from glassnet.training.choice import NAMES as ENGINES
from glassnet.training.choice import Choice, choose
from glassnet.training.preparing import prepare
from glassnet.training.rows import Walk

TEST, VALIDATION = 0.2, 0.15
FEW = 20  # with fewer rows none are held out unless asked for: there would be too few to learn from
ADAM = 0.01  # the library's 0.001 is for larger networks; on small tables this learns in a tenth of the epochs
CLASSES_AS_NUMBERS = ("classes", "identity")  # a loss for numbers is given probabilities of classes


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The rows, by what they are for; None where there are none."""

    train: Table
    validation: Table | None
    test: Table | None
    left_out: int  # rows without a target
    kind: str  # of the target: "classes" or "number"


@dataclass(frozen=True, eq=False, kw_only=True)
class Done:
    """What training gave."""

    model: Model
    engine: Choice
    score: Score
    message: str
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The options of `glassnet train`, checked before anything is read."""

    target: str | None
    kind: str | None
    exclude: tuple[str, ...]
    scale: Any  # one of SCALES
    fill: Any  # one of FILLS
    words: Any  # one of WORDS
    clamp: bool
    max_categories: int | None
    hidden: tuple[str, ...]
    activation: str
    output_activation: str | None
    no_bias: bool
    weights: str
    dropout: float
    l2: float
    loss: str | None
    reduction: str | None
    half: bool
    dtype: str
    optimizer: str
    learning_rate: float | None
    clip_norm: float | None
    epochs: int
    batch_size: int
    test: float | None
    validation: float | None
    patience: int
    class_weight: Any  # "balanced" or None
    engine: str
    deterministic: bool
    seed: int

    def __post_init__(self) -> None:
        if self.kind is not None:
            find(self.kind, KINDS, "--kind")
        find(self.dtype, ("float32", "float64"), "--dtype")
        find(self.engine, ENGINES, "--engine")
        find(self.scale, SCALES, "--scale")
        find(self.fill, FILLS, "--fill")
        find(self.words, WORDS, "--words")
        if self.class_weight not in (None, "balanced"):
            raise Usage(f"--class-weight must be balanced, got {self.class_weight!r}")
        if self.max_categories is not None and self.max_categories < 2:
            raise Usage(f"--max-categories must be >= 2, a word and all others, got {self.max_categories}")
        for name, share in (("--test", self.test), ("--validation", self.validation)):
            if share is not None and not 0 <= share < 1:
                raise Usage(f"{name} must be a share of the rows, from 0 to below 1, got {share:g}")
        for name, number, least in (
            ("--epochs", self.epochs, 1),
            ("--patience", self.patience, 0),
            ("--seed", self.seed, 0),
        ):
            if number < least:
                raise Usage(f"{name} must be >= {least}, got {number}")
        self.network()
        self.update_rule()

    def network(self, kind: str = "number") -> Network:
        """The network: hidden layers, then as many outputs as the target needs; for classes, probabilities."""
        name, options = part(self.activation)
        hidden = activation_named(name, **options)  # wrong ones are refused also where there is no hidden layer
        Dropout(self.dropout)
        name, options = part(self.weights)
        of_all: dict[str, Any] = {"bias": not self.no_bias, "weights": initializer_named(name, **options)}
        layers: list[Any] = []
        for units in hidden_units(self.hidden):
            layers.append(Dense(units, hidden, **of_all))
            layers += [Dropout(self.dropout)] if self.dropout else []
        chosen = self.chosen_loss(kind)
        inside = "softmax" if chosen is None else chosen.output
        if kind == "classes" and inside == "exponential":
            raise Usage(
                f"--loss {self.loss} is for counts, but the target is classes; leave it out, or add --kind number"
            )
        name, options = part(
            self.output_activation or ("softmax" if (kind, inside) == CLASSES_AS_NUMBERS else "identity")
        )
        last_units = 1 if chosen is not None and chosen.name == "binary_cross_entropy" else None
        return Network(*layers, Dense(last_units, activation_named(name, **options), **of_all), loss=chosen, l2=self.l2)

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

    def update_rule(self) -> Optimizer:
        """The optimizer."""
        asked, options = part(self.optimizer)
        name = find(asked, RULES, "optimizer")
        given = {"learning_rate": self.learning_rate, "clip_norm": self.clip_norm}
        for number, value in given.items():
            if value is not None and number in options:
                option = number.replace("_", "-")
                raise Usage(f"--optimizer {self.optimizer!r} and --{option} {value:g} say it twice; give one of them")
        said = {**given, **options}
        rate = said.pop("learning_rate")
        return optimizer_named(name, ADAM if rate is None and name == "adam" else rate, **said)

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
        return replace(self, target=target, exclude=exclude)

    def split(self, table: Table) -> Parts:
        """The rows, by what they are for; drawn with the seed, and for classes in the same shares."""
        target = str(self.target)
        known = table.known(target)
        is_small = len(known) < FEW
        test = self.test if self.test is not None else 0.0 if is_small else TEST
        validation = self.validation if self.validation is not None else 0.0 if is_small else VALIDATION
        by_loss = kind_by_loss(known, target, self.chosen_loss("number"))
        kind = target_kind(known, target, self.kind or by_loss)[0]
        classes = kind == "classes"
        rng = np.random.default_rng(self.seed)
        rest, kept = divided(known, test, rng, target if classes else None)
        train, watched = divided(rest, validation, rng, target if classes else None)
        return Parts(train=train, validation=watched, test=kept, left_out=len(table) - len(known), kind=kind)


def divided(table: Table, share: float, rng: np.random.Generator, target: str | None) -> tuple[Table, Table | None]:
    """A table in two; without the second part if its share is 0."""
    if not share:
        return table, None
    rest, taken = split_rows(table, share, rng, stratify=None if target is None else table.column(target))
    return table.rows(rest), table.rows(taken)


def hidden_units(hidden: tuple[str, ...]) -> list[int]:
    """`("16,8",)` or `("16", "8")` as [16, 8]; 0 as []."""
    if not hidden:
        return [16]
    units = list(whole_numbers("--hidden", ",".join(hidden)))
    if units == [0]:
        return []
    if min(units) < 1:
        raise Usage(f"--hidden must be numbers >= 1, or 0 alone for no hidden layer, got {','.join(hidden)!r}")
    return units


def run(plan: Plan, parts: Parts, begin: Callable[[Model], None], silent: bool) -> Done:
    """Train and score."""
    found = target_kind(parts.train, str(plan.target), plan.kind)[0]
    kind: Any = plan.kind if found == parts.kind else parts.kind  # that of all rows, not of those that are trained on
    prepared = prepare(
        plan.network(parts.kind),
        parts.train,
        target=plan.target,
        kind=kind,
        exclude=plan.exclude,
        scale=plan.scale,
        fill=plan.fill,
        words=plan.words,
        clamp=plan.clamp,
        max_categories=plan.max_categories,
        seed=plan.seed,
        dtype=np.dtype(plan.dtype),
    )
    model = Model(prepared.model)
    begin(model)
    engine = engine_for(plan, model, len(parts.train))
    chosen: Any = engine.engine
    with Live(plan.epochs, silent) as live, fixed_plans():
        train_model(
            model,
            parts.train,
            optimizer=plan.update_rule(),
            epochs=plan.epochs,
            batch_size=plan.batch_size or None,
            validation=parts.validation,
            early_stopping=plan.patience or False,
            class_weight=plan.class_weight,
            callbacks=[live],
            engine=chosen,
            deterministic=plan.deterministic,
            progress=False,
        )
    rows = "held-out rows" if parts.test is not None else "rows, the ones trained on,"
    scored = score(model, parts.test or parts.train, rows)
    return Done(model=model, engine=engine, score=scored, message=live.message, seconds=live.seconds)


def engine_for(plan: Plan, model: Model, rows: int) -> Choice:
    """The engine: not the one that is done first today, but the same whenever the command is given."""
    walk = Walk.over(rows, plan.batch_size or None, shuffle=True)
    derivation = model.state.derivation(optimizer=plan.update_rule())
    return choose(plan.engine, derivation, rows, walk, plan.epochs, deterministic=True)
