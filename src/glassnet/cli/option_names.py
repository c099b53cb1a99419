"""Options under the names that other libraries and programs give them.

As with other names (`parts/synonyms.py`): what means the same is understood, what does not is suggested. Capitals and
underscores make no difference, so `--batch_size` needs no line here.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Sequence
from itertools import islice

from glassnet.cli.failures import Usage
from glassnet.parts.synonyms import plain

SAME = {
    "--lr": "--learning-rate",
    "--eta": "--learning-rate",
    "--learning-rate-init": "--learning-rate",
    "--hidden-layer-sizes": "--hidden",
    "--optim": "--optimizer",
    "--solver": "--optimizer",
    "--n-epochs": "--epochs",
    "--num-epochs": "--epochs",
    "--max-epochs": "--epochs",
    "--max-iter": "--epochs",
    "--random-state": "--seed",
    "--random-seed": "--seed",
    "--test-size": "--test",
    "--validation-split": "--validation",
    "--validation-fraction": "--validation",
    "--n-iter-no-change": "--patience",
    "--n-splits": "--cv",
    "--n-folds": "--cv",
    "--folds": "--cv",
    "--cross-validation": "--cv",
    "--groups": "--group",
    "--time-column": "--after",
    "--out": "--output",
    "--sep": "--delimiter",
    "--na-values": "--missing",
}
"""Understood: another name → ours, where the value means the same."""

NEAR = {
    "--epoch": "--epochs",
    "--iterations": "--epochs",
    "--steps": "--epochs",
    "--batch": "--batch-size",
    "--early-stopping": "--patience",
    "--lr-schedule": "--learning-rate",
    "--schedule": "--learning-rate",
    "--scheduler": "--learning-rate",
    "--decay": "--l2",
    "--weight-decay": "--l2",
    "--alpha": "--l2",
    "--regularization": "--l2",
    "--layers": "--hidden",
    "--layer": "--hidden",
    "--units": "--hidden",
    "--neurons": "--hidden",
    "--nodes": "--hidden",
    "--init": "--weights",
    "--initializer": "--weights",
    "--bias": "--no-bias",
    "--no-scale": "--scale",
    "--standardize": "--scale",
    "--scaler": "--scale",
    "--shuffle": "--no-shuffle",
    "--clip": "--clip-norm",
    "--gradient-clip": "--clip-norm",
    "--device": "--engine",
    "--backend": "--engine",
    "--label": "--target",
    "--predict": "--target",
    "--drop": "--exclude",
    "--ignore": "--exclude",
    "--split": "--test",
    "--save": "--output",
    "--file": "--output",
    "--outfile": "--output",
    "--silent": "--quiet",
    "--proba": "--no-probabilities",
    "--overwrite": "--force",
    "--nan": "--missing",
    "--precision": "--dtype",
    "--unit": "--neuron",
    "--step": "--number",
}
"""Suggested, where nothing is understood."""

REMARKS = dict.fromkeys(
    ("lrschedule", "schedule", "scheduler"),
    "; the rate is the same in every epoch here, and follows a schedule in Python: gn.Adam(gn.schedule(…))",
)


def understood(
    args: Sequence[str], names: Sequence[str], command: str, valued: Collection[str] = ()
) -> tuple[list[str], list[str]]:
    """The words of a command line with each option under a name that the command knows; and those from `--` on.

    Parameters
    ----------
    args
        The words.
    names
        The options that the command knows.
    command
        What it is called, for messages.
    valued
        The options, short ones too, that a value follows, which may begin with dashes: `--missing --`.

    Raises
    ------
    Usage
        It knows none of that name; with the one that was probably meant.

    Examples
    --------
    >>> understood(["t.csv", "--lr=0.1", "--batch_size", "8"], ["--learning-rate", "--batch-size"], "glassnet train")
    (['t.csv', '--learning-rate=0.1', '--batch-size', '8'], [])
    """
    ours = {plain(name): name for name in names}
    same = {plain(other): name for other, name in SAME.items() if name in names} | ours
    near = {plain(other): name for other, name in NEAR.items() if name in names}
    found: list[str] = []
    words = iter(args)
    for arg in words:
        if arg == "--":
            return found, [arg, *words]
        name, equals, value = arg.partition("=")
        if name.startswith("--") and name not in names and len(name) >= 4:
            key = plain(name)
            if key not in same:
                close = difflib.get_close_matches(key, same, n=1)
                guess = near.get(key) or (same[close[0]] if close else None)
                hint = f" (did you mean {guess}?)" if guess else ""
                raise Usage(f"no such option: {name}{hint}{REMARKS.get(key, '')}; see {command} --help")
            arg = f"{same[key]}{equals}{value}"
        found.append(arg)
        if arg in valued:
            found += islice(words, 1)
    return found, []
