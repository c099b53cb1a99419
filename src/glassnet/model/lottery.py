"""The lottery of seeds: from how many starts a network learns, where the others end, and what changes the odds."""

from __future__ import annotations

import copy
import math
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, Unpack

import numpy as np

from glassnet.data.given import table_at
from glassnet.model.keywords import keywords_of
from glassnet.model.lottery_result import Lottery
from glassnet.model.model import Model
from glassnet.model.odds import AS_IT_IS, alternatives, odds_table
from glassnet.model.runs import Runs
from glassnet.model.train import train
from glassnet.model.train_many import ManyOptions, train_many
from glassnet.parts.naming import check_takes
from glassnet.parts.network import Network
from glassnet.training.keywords import some
from glassnet.training.making import Seed
from glassnet.training.many.plan import seeds_of
from glassnet.training.settings import Settings, StepOptions
from glassnet.training.state import State

if TYPE_CHECKING:
    from glassnet.readings.lottery.ends import End
    from glassnet.readings.lottery.truth import Said, Truth


@keywords_of(train, ManyOptions)
def lottery(
    network: Network,
    X: Any,
    y: Any = None,
    *,
    seeds: int | Iterable[Seed] = 200,
    learnt: float | str | None = None,
    vary: Mapping[str, Any] | Literal["usual"] | None = None,
    told: Callable[[int, int], object] = lambda done, of: None,
    workers: int | None = None,
    **options: Unpack[ManyOptions],
) -> Lottery:
    """Train a network from many seeds: how many of them learn, where the others end, and what changes the odds.

        found = gn.lottery(network, X, y, seeds=200, epochs=1000)
        print(found)
        found.runs[found.typical_failure].explain(X[0])  # a model, as ever
        gn.lottery(network, X, y, vary={"hidden": [4, 8], "activation": ["tanh"]}).odds

    Parameters
    ----------
    network, X, y
        As for `train`; and so are all parameters that are not named here.
    seeds
        How many, from 0 on; or the seeds themselves, as `train_many` takes them.
    learnt
        What counts as learnt: a number, the largest loss; "loss<=0.01", "accuracy>=0.95" or "r2>=0.9". None: of fewer
        than 20 rows all must be right, or nearly all (of numbers R² at least 0.9); of more rows the error must be nine
        tenths of the way from that of always saying the same to the best there is: the best run, or what the nearest
        rows say of each row. The error is the share of rows that are wrong, of classes and of numbers with two values
        alone; of other numbers 1 - R². It is of all rows that are given.
    vary
        What may change the odds, as `train_many` takes it: a dict of lists. Each value is tried alone, not every
        combination, and judged as the network as it is was. "loss" is a name as well. "usual": two and four times the
        hidden units, half and twice the learning rate, another activation, another loss where one fits.
    told
        Hears how many networks of how many are trained, setting by setting.
    workers
        How many threads train; None: as many as there are cores.

    Returns
    -------
    Lottery
        The share that learns and its 95 % interval, what counts as learnt in words, ends that are alike, the best and
        a typical failed run, the odds, and all runs.

    Raises
    ------
    DataError
        As `train` does; or all rows have the same target.
    ValueError, TypeError
        As `train_many` does; or `learnt` is not for such targets.
    """
    from glassnet.readings.lottery.learnt import bar_of, wanted
    from glassnet.readings.lottery.truth import said_by, truth_of

    if not isinstance(network, Network):
        raise TypeError(
            f"lottery takes a Network first, got {type(network).__name__}; a model has one, model.network, and a "
            "recipe builds one, gn.initialize(recipe, X, y).network"
        )
    check_takes(told, "told", "done", "of")
    if learnt is not None:
        wanted(learnt)
    X, drawn = table_at(X, None) if y is None else X, seeds_of(seeds)
    changes = [] if vary is None else alternatives(network, Settings(**some(options, StepOptions)), vary)
    again = copy.deepcopy(drawn)  # generators that were given are used up by the first runs
    of = (1 + len(changes)) * len(drawn)
    told(0, of)
    runs = trained(network, X, y, seeds=drawn, workers=workers, **options)
    told(len(drawn), of)
    truth = truth_of(first_of(runs).state, X, y)
    said = said_by(states_of(runs), truth)
    bar = bar_of(learnt, truth, said)
    passed = bar.passed(said.error, losses_of(runs))
    counts = [int(passed.sum())]
    more: Any = {"workers": workers, "kind": "classes" if truth.classes else "number", **options}
    for k, change in enumerate(changes, start=2):
        others = trained(change.network, X, y, seeds=copy.deepcopy(again), vary=change.vary, **more)
        counts.append(int(bar.passed(said_by(states_of(others), truth).error, losses_of(others)).sum()))
        told(k * len(drawn), of)
    return Lottery(
        runs=runs,
        learnt=passed,
        bar=bar,
        clusters=clusters_of(runs, truth, said, passed),
        best=best_of(runs),
        odds=odds_table([AS_IT_IS, *(change.words for change in changes)], counts, len(drawn)) if changes else None,
    )


def trained(*given: Any, **options: Any) -> Runs:
    """What `train_many` gives; where runs end, those that diverge as well, is told by the lottery."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "training diverged", RuntimeWarning)
        return train_many(*given, **options)


def lost(runs: Runs) -> list[bool]:
    """Which of the runs diverged."""
    return [reason == "diverged" for reason in runs["stopped"]]


def first_of(runs: Runs) -> Model:
    """A run that did not diverge, if there is one."""
    return runs[lost(runs).index(False) if False in lost(runs) else 0]


def states_of(runs: Runs) -> list[State | None]:
    """The states of runs; None for one that diverged, which is not even made."""
    return [None if is_lost else runs[k].state for k, is_lost in enumerate(lost(runs))]


def losses_of(runs: Runs) -> np.ndarray:
    """The last loss of each run; infinite for one that diverged."""
    losses = np.array([math.nan if loss is None else loss for loss in runs["loss"]], float)
    return np.where(lost(runs) | np.isnan(losses), np.inf, losses)


def best_of(runs: Runs) -> int | None:
    """The number of the run with the smallest loss; None: all diverged."""
    losses = losses_of(runs)
    return int(losses.argmin()) if np.isfinite(losses).any() else None


def clusters_of(runs: Runs, truth: Truth, said: Said, learnt: np.ndarray) -> tuple[End, ...]:
    """Runs that end alike, each with its example."""
    from glassnet.readings.lottery.ends import FEW, End, ends_of

    losses, seeds, found = losses_of(runs), runs["seed"], []
    for says, numbers in ends_of(truth, said, learnt):
        middle = int(numbers[np.argsort(losses[numbers], kind="stable")[(len(numbers) - 1) // 2]])
        predictions = None
        if len(truth) <= FEW and np.isfinite(losses[middle]):
            predictions = tuple(np.asarray(runs[middle].predict(truth.X)).ravel().tolist())
        found.append(
            End(
                runs=tuple(numbers.tolist()),
                learnt=bool(learnt[middle]),
                loss=float(losses[middle]),
                says=says,
                example=middle,
                seed=seeds[middle],
                predictions=predictions,
            )
        )
    return tuple(found)
