"""The cure as a command line: the options with which `glassnet train` trains a changed case.

What these options make is held against the case before they are told: a command that would train anything else, or a
change that no option says, is none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from glassnet.cli.again import word_for
from glassnet.cli.failures import is_usage
from glassnet.doctor.case import Case
from glassnet.doctor.network_changes import rate_of
from glassnet.parts.layers import Dense, Dropout
from glassnet.parts.optimizers import optimizer_named
from glassnet.parts.schedules import Schedule

Words = dict[str, list[str]]
"""The words of each option: `{"--hidden": ["--hidden", "16,8"], "--no-bias": ["--no-bias"]}`."""

STEPS = ("--optimizer", "--learning-rate", "--clip-norm")
LOSS = ("--loss", "--reduction", "--half")


def options_of(case: Case) -> dict[str, str]:
    """What the options of `train` say of a case; of those that are left out nothing, of a flag nothing but its name."""
    how, rule, hidden, last = case.how, case.optimizer, [case.layer(k) for k in case.hidden], case.last
    dropouts = [rate_of(layer) for layer in case.network.layers if isinstance(layer, Dropout)]
    found = {
        "--hidden": ",".join(str(layer.units) for layer in hidden) or "0",
        "--dropout": f"{dropouts[0]:g}" if dropouts else "0",
        "--l2": f"{case.network.l2:g}",
        "--optimizer": worded(rule.name, rule.options if rule.options != optimizer_named(rule.name).options else {}),
        "--epochs": f"{how.epochs}",
        "--batch-size": "all" if how.batch_size is None else f"{how.batch_size}",
        "--patience": f"{int(how.early_stopping)}" if isinstance(how.early_stopping, int) else "",
        "--scale": "standard" if "inputs" in case.given.changed else case.given.options.get("scale"),
        "--class-weight": case.given.options.get("class_weight"),
        "--learning-rate": None if isinstance(rule.learning_rate, Schedule) else rule.learning_rate,
        "--clip-norm": rule.clip_norm,
    }
    if hidden:
        found["--activation"] = worded(hidden[0].activation.name, hidden[0].activation.options)
    if isinstance(last, Dense):
        found["--weights"] = worded(last.weights.name, getattr(last.weights, "options", {}))
        found |= {} if last.activation.name == "identity" else {"--output-activation": last.activation.name}
        found |= {} if last.bias else {"--no-bias": ""}
    loss = case.network.loss
    if loss is not None:
        usual = {} if loss.reduction == "mean" else {"reduction": loss.reduction}
        found["--loss"] = worded(loss.name, {**loss.options, **usual})
    return {name: word_for(value) for name, value in found.items() if isinstance(value, str | int | float)}


def worded(name: str, options: Mapping[str, Any]) -> str:
    """A part as the command line has it: `tanh`, `uniform(low=0, high=1)`."""
    return f"{name}({', '.join(f'{key}={value!r}' for key, value in options.items())})" if options else name


def changed(before: Case, after: Case) -> dict[str, str | None]:
    """The options that differ, with their new value; None: it is to be left out."""
    old, new = options_of(before), options_of(after)
    return {name: new.get(name) for name in dict.fromkeys([*old, *new]) if old.get(name) != new.get(name)}


def short(options: Mapping[str, str | None]) -> str:
    """The options in a line, for people: `--optimizer sgd --learning-rate 0.1`."""
    given = [f"{name} {value}".rstrip() for name, value in options.items() if value is not None]
    return " ".join([*given, *(f"without {name}" for name, value in options.items() if value is None)])


def cure(given: Words, before: Case, after: Case, read: Callable[[Words], Case]) -> Words | None:
    """The options given, changed so that they say another case; None where options cannot say it.

    Parameters
    ----------
    given
        What was given.
    before, after
        What that is, and what is wanted.
    read
        What options say, as a case; errors for what they cannot say.
    """
    wanted, new = changed(before, after), options_of(after)
    steps = {name: new.get(name) for name in STEPS} if wanted.keys() & {*STEPS} else {}
    loss = {name: new.get(name) for name in LOSS} if wanted.keys() & {*LOSS} else {}
    for more in ({}, steps, loss, steps | loss):
        words = merged(given, {**more, **wanted})
        try:
            if is_same(read(words), after):
                return words
        except Exception as error:
            if not is_usage(error) and not isinstance(error, ValueError):
                raise
    return None


def merged(given: Words, options: Mapping[str, str | None]) -> Words:
    """Options with others in their places, or behind them; those that are None left out."""
    new = {name: [name, value] if value else [name] for name, value in options.items() if value is not None}
    kept = {name: new.get(name, words) for name, words in given.items() if name in new or name not in options}
    return {**kept, **new}


def is_same(one: Case, other: Case) -> bool:
    """Whether two cases are the same network, trained the same way on the same columns."""
    how = [
        [case.optimizer, *(getattr(case.how, name) for name in SETTINGS), options_of(case).get("--class-weight")]
        for case in (one, other)
    ]
    scale = options_of(other).get("--scale")  # of a model's rows it is not known
    is_scaled_so = scale is None or options_of(one).get("--scale") == scale
    return one.network == other.network and how[0] == how[1] and is_scaled_so and not other.frozen


SETTINGS = ("epochs", "batch_size", "shuffle", "drop_last", "early_stopping")
