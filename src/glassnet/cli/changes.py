"""From the options of `glassnet train` to a recipe: the one that is named, with what is said otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from glassnet.cli.failures import Usage
from glassnet.cli.parts import part, rows_a_step, whole_numbers
from glassnet.data.tables.choices import FILLS, SCALES, WORDS
from glassnet.parts.activations import activation_named
from glassnet.parts.initializers import initializer_named
from glassnet.parts.naming import find
from glassnet.parts.optimizers import RULES, Optimizer, optimizer_named
from glassnet.training.recipes.by_name import RECIPES, SMALL
from glassnet.training.recipes.parts import DTYPES, each
from glassnet.training.recipes.recipe import Recipe
from glassnet.training.recipes.telling import in_words
from glassnet.training.stopping import EarlyStopping

USUAL = SMALL
"""The recipe where none is named."""


def usual(part: str) -> str:
    """What a part is where nothing is said, for help: `Default: relu.`"""
    return f"Default: {in_words(getattr(USUAL, part))}."


@dataclass(frozen=True, kw_only=True)
class Changes:
    """The options that change a part of a recipe; None, or False: not given."""

    scale: str | None = None
    fill: str | None = None
    words: str | None = None
    clamp: bool = False
    max_categories: int | None = None
    hidden: list[str] | None = None
    activation: str | None = None
    output_activation: str | None = None
    no_bias: bool = False
    weights: str | None = None
    dropout: float | None = None
    l2: float | None = None
    dtype: str | None = None
    optimizer: str | None = None
    learning_rate: float | None = None
    clip_norm: float | None = None
    epochs: int | None = None
    batch_size: str | None = None
    validation: float | None = None
    patience: int | None = None
    members: int | None = None

    @staticmethod
    def of(options: Mapping[str, Any]) -> Changes:
        """Those among the options of a command, by name."""
        found: dict[str, Any] = {item.name: options[item.name] for item in fields(Changes) if item.name in options}
        found["hidden"] = list(found["hidden"] or ()) or None
        return Changes(**found)

    @property
    def any(self) -> bool:
        """Whether there is any."""
        values = [getattr(self, item.name) for item in fields(self)]
        return any(value is not None and value is not False for value in values)  # 0 is something

    def applied(self, name: str) -> Recipe:
        """The recipe of that name with these changes; Usage or ValueError for what makes no sense."""
        return self.applied_to(RECIPES[find(name, RECIPES, "recipe")])

    def applied_to(self, recipe: Recipe) -> Recipe:
        """A recipe with these changes."""
        parts: dict[str, Any] = {item.name: getattr(self, item.name) for item in fields(self)}
        parts = {option: value for option, value in parts.items() if value is not None and value is not False}
        for option, allowed in (("scale", SCALES), ("fill", FILLS), ("words", WORDS), ("dtype", DTYPES)):
            if option in parts:
                find(parts[option], allowed, f"--{option}")
        if parts.get("max_categories", 2) < 2:
            most = parts["max_categories"]
            raise Usage(f"--max-categories must be >= 2, a word and all others, got {most}")
        for option, least in (("epochs", 1), ("patience", 0), ("members", 1)):
            if parts.get(option, least) < least:
                raise Usage(f"--{option} must be >= {least}, got {parts[option]}")
        if "hidden" in parts:
            parts["hidden"] = hidden_units(parts["hidden"])
        makers: dict[str, Any] = {"activation": activation_named, "output_activation": activation_named}
        for option, made in {**makers, "weights": initializer_named}.items():
            if option in parts:
                word, options = part(parts[option])
                parts[option] = made(word, **options)
        if parts.pop("no_bias", False):
            parts["bias"] = False
        if "batch_size" in parts:
            parts["batch_size"] = rows_a_step(parts["batch_size"]) or None
        if "validation" in parts:
            check_share("--validation", parts["validation"])
            parts["validation"] = parts["validation"] or None
        if "patience" in parts:
            parts["early_stopping"] = parts.pop("patience") or each(recipe.early_stopping, never)
        parts |= self.steps(recipe, {option: parts.pop(option) for option in STEPS if option in parts})
        return recipe.replace(**parts) if parts else recipe

    def steps(self, recipe: Recipe, given: dict[str, Any]) -> dict[str, Any]:
        """The optimizer and its learning rate, as parts of a recipe; what is `given` of STEPS."""
        asked, options = part(given.pop("optimizer", recipe.optimizer.name))
        name = find(asked, RULES, "optimizer")
        for number, value in given.items():
            if number in options:
                option = number.replace("_", "-")
                raise Usage(f"--optimizer {self.optimizer!r} and --{option} {value:g} say it twice; give one of them")
        said = {**given, **options}
        parts = {"learning_rate": said.pop("learning_rate")} if "learning_rate" in said else {}
        if name == recipe.optimizer.name and not said:
            return parts
        kept = {} if options else known(recipe.optimizer)
        made = optimizer_named(name, **({**kept, **said} if name == recipe.optimizer.name else said))
        rate = recipe.learning_rate if name == recipe.optimizer.name else made.learning_rate
        return {"learning_rate": rate, **parts, "optimizer": made}


STEPS = ("optimizer", "learning_rate", "clip_norm")


def says_network(options: Mapping[str, Any]) -> bool:
    """Whether options say something about the network or its training, so that there is nothing to compare."""
    return Changes.of(options).any or any(options[name] for name in ("loss", "reduction", "half"))


def never(stopping: bool | int | EarlyStopping) -> bool | EarlyStopping:
    """Without an early end: a recipe that says which epoch is kept goes on to say it."""
    return replace(stopping, patience=None) if isinstance(stopping, EarlyStopping) else False


def known(rule: Optimizer) -> dict[str, Any]:
    """What a rule was made with, but for its rate."""
    return {**rule.options, "clip_norm": rule.clip_norm, "clip_value": rule.clip_value}


def check_share(option: str, share: float) -> None:
    """Usage for what is no share of the rows."""
    if not 0 <= share < 1:
        raise Usage(f"{option} must be a share of the rows, from 0 to below 1, got {share:g}")


def hidden_units(hidden: list[str]) -> list[int]:
    """`["16,8"]` or `["16", "8"]` as [16, 8]; 0 as []."""
    units = list(whole_numbers("--hidden", ",".join(hidden)))
    if units == [0]:
        return []
    if min(units) < 1:
        raise Usage(f"--hidden must be numbers >= 1, or 0 alone for no hidden layer, got {','.join(hidden)!r}")
    return units
