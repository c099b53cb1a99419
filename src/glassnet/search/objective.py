"""For Optuna, which then says what is tried next: a function of its trials that trains what they suggest."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Literal, Unpack

import numpy as np

from glassnet.data.given import table_at
from glassnet.errors import need
from glassnet.model.keywords import keywords_of
from glassnet.model.train import train
from glassnet.model.train_many import ManyOptions
from glassnet.parts.network import Network
from glassnet.search.asked import Asked
from glassnet.search.bundles import Bundle
from glassnet.search.climb import means
from glassnet.search.rungs import rungs_of
from glassnet.search.space import Between, drawn
from glassnet.search.task import fits_of, plain
from glassnet.training.many.varying import values_of
from glassnet.training.progress import said_before


class Objective:
    """What Optuna calls with a trial: the score of what the trial suggests.

    Attributes
    ----------
    direction
        "minimize" or "maximize", as `optuna.create_study` takes it.
    """

    def __init__(self, space: Mapping[str, Any], given: tuple[Any, Any], halving: int | None, how: dict[str, Any]):
        self.space, self.given, self.how = space, given, how
        first = self.asked(drawn(space, 1, np.random.default_rng(0))[0])
        self.rungs = rungs_of(first.epochs, first.epochs, halving)
        if len(self.rungs) > 1 and "epochs" in space:
            raise ValueError("halving says how many epochs there are; leave 'epochs' out of the space, or halving")
        self.direction: Literal["minimize", "maximize"] = "minimize" if first.sign > 0 else "maximize"

    def asked(self, setting: Mapping[str, Any]) -> Asked:
        """A search of one setting."""
        return Asked.of({name: [value] for name, value in setting.items()}, *self.given, count=None, **self.how)

    def __call__(self, trial: Any) -> float:
        """The mean over folds; NaN, which Optuna takes for a failure, where the loss stopped being finite.

        Raises
        ------
        optuna.TrialPruned
            The trial was not worth going on with.
        """
        setting = {name: suggested(trial, name, given) for name, given in self.space.items()}
        with said_before():
            asked = self.asked(setting)
        score = math.nan
        for k, rung in enumerate(self.rungs):
            bundle = Bundle(rung=k, epochs=rung.epochs, numbers=(0,), settings=(setting,))
            score = means(fits_of(asked.work(asked.rows), bundle)).get(asked.column, math.nan)
            if rung is self.rungs[-1] or math.isnan(score):
                break
            trial.report(score, rung.epochs)
            if trial.should_prune():
                from optuna import TrialPruned

                raise TrialPruned(f"after {rung.epochs} epochs")
        return score


@keywords_of(train, ManyOptions)
def objective(
    space: Mapping[str, Any],
    X: Any,
    y: Any = None,
    *,
    network: Network | None = None,
    folds: int | Iterable[tuple[Any, Any]] = 5,
    by: str | None = None,
    mode: Literal["min", "max"] | None = None,
    halving: int | None = None,
    seed: int = 0,
    **options: Unpack[ManyOptions],
) -> Objective:
    """What Optuna optimizes, where it is to say which settings are tried: it learns from those before.

        score = gn.objective({"hidden": [8, 16], "learning_rate": gn.between(1e-4, 0.1, log=True)}, X, y)
        study = optuna.create_study(direction=score.direction)
        study.optimize(score, n_trials=50)

    A trial is one setting, trained on all folds, in the process that asks for it. `gn.search` tries settings that are
    drawn, many of them side by side, and takes a fraction of the time for each.

    Parameters
    ----------
    space, X, y, network, folds, by, mode, seed
        As `search` has them; and so are all parameters of `train`. Lists become `suggest_categorical` (of what is
        neither a number nor a word, its text), ranges `suggest_float` and `suggest_int`.
    halving
        3, say: the setting is trained for a fraction of the epochs, then anew for three times as many, and so on, and
        each score is reported, for a pruner to say whether to go on. None: for all epochs at once.

    Returns
    -------
    Objective
        To be called with trials; its `direction` says whether small scores or large ones are good.

    Raises
    ------
    ImportError
        Optuna is not installed.
    DataError, ValueError, TypeError
        As `search` does.
    """
    need("trials", "optuna", "search")
    how = {"network": network, "folds": list(folds) if isinstance(folds, Iterable) else folds, "by": by, "mode": mode}
    return Objective(space, (table_at(X, None), y), halving, {**how, "seed": seed, **options})


def suggested(trial: Any, name: str, given: Any) -> Any:
    """What a trial suggests for one name."""
    if isinstance(given, Between):
        suggest = trial.suggest_int if given.whole else trial.suggest_float
        return suggest(name, given.low, given.high, log=given.log)
    values = values_of(name, given)
    words = [plain(value) if isinstance(value, (bool, int, float, str)) else repr(value) for value in values]
    return values[words.index(trial.suggest_categorical(name, words))]
