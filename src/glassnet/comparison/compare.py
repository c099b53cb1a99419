"""Which network for a table: recipes tried one after the other, and the simplest taken that is as good as the best.

    constant → linear → small → strong        and trees beside them, for comparison

Each is judged by rows that it has not seen, the same rows for all. What cannot help is not tried: nothing more where
all rows are right, nothing larger where neither a line nor a small network beats saying always the same.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from glassnet.calibration.calibration import LEAST_ROWS, Calibration, of_classes, of_numbers
from glassnet.comparison.chance import simplest
from glassnet.comparison.kept_trees import KeptTrees
from glassnet.comparison.task import Task
from glassnet.comparison.telling import sentences
from glassnet.comparison.trees import Beside, are_there, inputs
from glassnet.comparison.tried import Tried, Truth
from glassnet.comparison.trying import Ended, Trial, named, quiet
from glassnet.data.arrays import as_array
from glassnet.data.given import is_table
from glassnet.data.tables.choices import excluded
from glassnet.data.tables.from_arrays import TARGET, columns_of_arrays, kind_in
from glassnet.data.tables.reading import as_table
from glassnet.data.tables.target_kind import KINDS
from glassnet.errors import DataError
from glassnet.interrupts import interruptible
from glassnet.model.by_recipe import Asked, settings_for, train_by
from glassnet.model.carry_out import carry_out
from glassnet.model.checkpoints import checkpoints
from glassnet.model.checkpoints.folder import Resume
from glassnet.model.model import Model
from glassnet.parts.naming import check_choice, check_number, check_several, check_takes, find
from glassnet.training.card import TREES, Card, Entry
from glassnet.training.making import Seed, generator, number_of
from glassnet.training.recipes.by_name import recipe as recipe_named
from glassnet.training.recipes.recipe import Recipe
from glassnet.training.splitting import split_options

AUTO = "auto"  # what asks for comparing, where a recipe's name may stand
USUAL = ("constant", "linear", "small", "strong")
BEST = (*USUAL, "ensemble")


@dataclass(frozen=True, eq=False, kw_only=True)
class Comparison:
    """What came of comparing recipes on a table.

    Attributes
    ----------
    model
        The network that was taken, trained with all rows and calibrated; the card is in it, `model.card`.
    card
        What was tried and how good it was.
    tried
        The same with what was said of each row.
    rows
        The rows that were judged by, by number among those whose target is known.
    truth
        What is known of them.
    interrupted
        Whether Ctrl-C ended it.
    """

    model: Model
    card: Card
    tried: tuple[Tried, ...]
    rows: np.ndarray
    truth: Truth
    interrupted: bool = False

    @property
    def taken(self) -> Tried:
        """What was said by the recipe that was taken."""
        return next(one for one in self.tried if one.name == self.card.taken)

    def __str__(self) -> str:
        return str(self.card)


def compare(
    X: Any,
    y: Any = None,
    *,
    target: str | None = None,
    recipes: Iterable[str | Recipe] = USUAL,
    kind: Any = None,
    exclude: Iterable[str] = (),
    group: Any = None,
    after: Any = None,
    sample_weight: Any = None,
    class_weight: Any = None,
    trees: bool = True,
    seconds: float | None = None,
    seed: Seed = 0,
    engine: Any = "auto",
    deterministic: bool = False,
    progress: bool | None = None,
    shown: Callable[[Tried, Truth], Any] | None = None,
    checkpoint_dir: str | os.PathLike[str] | None = None,
    resume: Resume = "auto",
) -> Comparison:
    """Try recipes on a table, from the simplest on, and train the simplest that is as good as the best.

    Of fewer than 2,500 rows each is judged by, in five folds; of more a fifth, held out once. As good is whose mean
    error is within one standard error of the best one's, paired by rows (Breiman et al., 1984).

    Parameters
    ----------
    X, y, target, kind, exclude, group, after, sample_weight, class_weight, engine, deterministic, progress
        As `train` has them. Groups are kept together, and the order kept to, in what is judged by as well. Weights
        count in training and in the errors.
    checkpoint_dir, resume
        As `train` has them; of `seconds`, those of the present call count.
    recipes
        Names or recipes, the simplest first.
    trees
        Whether scikit-learn's HistGradientBoosting stands on the card, if it is installed. It is never taken.
    seconds
        When they are over nothing more is tried, and what is taken is trained with the rows that it has learnt from
        so far; None: however long it takes. Such a card is not reproducible, and says so.
    seed
        Of all that is drawn; a whole number, a generator to draw one from, or None: another one each time.
    shown
        Is told of each that was tried, and of the truth, when it is through.

    Returns
    -------
    Comparison
        The model, the card, and what each said of every row.

    Raises
    ------
    DataError, ValueError
        As `train` has them; or there are fewer than 10 rows to compare.
    """
    given: list[Any] = (
        [recipes] if isinstance(recipes, str | Recipe) else check_several("recipes", recipes, "names or recipes")
    )
    check_choice("trees", trees)
    if kind is not None:
        find(kind, KINDS, "kind")
    if shown is not None:
        check_takes(shown, "shown", "tried", "truth")
    # a name that is none is refused by `recipe_named`
    asked = [one if isinstance(one, Recipe) else recipe_named(one) for one in given]
    if not asked:
        raise ValueError("recipes must name one at least, got none")
    if seconds is not None:
        check_number("seconds", seconds, 0, np.inf)
    if target is None and not is_table(X):
        kind = kind_in(y) if kind is None else kind
        X, target = columns_of_arrays(X, as_array(y, "y")), TARGET
    elif y is not None:
        raise DataError("for a table give the name of its target column, target=..., rather than y")
    if target is None:
        raise DataError("for a table give the name of its target column: target=...")
    how = {"class_weight": class_weight, "engine": engine, "deterministic": deterministic}
    task = Task.of(
        as_table(X, progress=progress),
        target,
        kind=kind,
        exclude=excluded(exclude),
        sample_weight=sample_weight,
        split=split_options(group, after),
        seed=seed_of(seed),
        how=how,
    )
    contests: list[Contest] = []

    def so_far(_: Any) -> Model | None:
        return contests[0].result().model if contests and contests[0].tried else None

    with checkpoints(checkpoint_dir, resume), interruptible(so_far) as interrupted:
        ending = np.inf if seconds is None else time.monotonic() + seconds
        contest = Contest(task, interrupted, ending, progress)
        contests.append(contest)
        contest.run(named(asked), trees and are_there(), shown)
        if not contest.tried:
            raise KeyboardInterrupt
        return replace(contest.result(), interrupted=interrupted())


def seed_of(seed: Seed) -> int:
    """The seed as a number; one that is drawn, where it is none."""
    rng, number = generator(seed), number_of(seed)
    return int(rng.integers(2**31)) if number is None else number


class Contest:
    """A comparison on its way.

    Parameters
    ----------
    task
        The rows.
    interrupted
        Whether Ctrl-C was pressed.
    ending
        When time is over, by `time.monotonic`.
    progress
        As `train` has it.

    Attributes
    ----------
    tried
        Who is through, the simplest first.
    trials
        Their trainings, by name.
    trees
        What trees said; None: they were not asked.
    said
        What is known so far, in sentences.
    """

    def __init__(self, task: Task, interrupted: Callable[[], bool], ending: float, progress: bool | None) -> None:
        self.task, self.interrupted, self.ending, self.progress = task, interrupted, ending, progress
        self.truth = task.truth(task.divisions)
        self.tried: list[Tried] = []
        self.trials: dict[str, Trial] = {}
        self.trees: Tried | None = None
        self.said: list[str] = []
        self.ended = False

    def is_over(self) -> bool:
        """Whether to end it now: there is something to take, and no more time; or Ctrl-C was pressed."""
        return self.interrupted() or (bool(self.tried) and time.monotonic() > self.ending)

    def run(self, recipes: dict[str, Recipe], trees: bool, shown: Callable[[Tried, Truth], Any] | None) -> None:
        """Try them, and trees beside them."""
        tell = shown or (lambda tried, truth: None)
        given = self.given_to_trees() if trees else None
        kept = KeptTrees(given) if given else None
        said = kept and kept.said
        beside = Beside(**given) if given and not said else None
        try:
            self.try_all(recipes, tell)
            if beside and kept and not self.is_over():
                said = beside.said(self.is_over)
                if said:
                    kept.keep(said)
        finally:
            if beside:
                beside.end()
        if said:
            self.trees = self.by_trees(*said)
            tell(self.trees, self.truth)
        elif trees:
            self.ended = True
            self.said.append("trees were not through when it had to end")

    def try_all(self, recipes: dict[str, Recipe], tell: Callable[[Tried, Truth], Any]) -> None:
        """Try the recipes, one after the other."""
        for name, recipe in recipes.items():
            reason = self.needless()
            if reason:
                self.said.append(f"{name} was not tried: {reason}")
                continue
            trial = Trial(name=name, recipe=recipe, task=self.task, is_over=self.is_over, progress=self.progress)
            try:
                tried = trial.run(None if len(self.tried) < 2 else self.leader)
            except Ended:
                self.ended = True
                self.said.append(f"{name} was not through when it had to end")
                break
            if tried is None:
                self.said.append(f"{name} was not tried to the end: the first fold had it no better")
                continue
            self.tried.append(tried)
            self.trials[name] = trial
            tell(tried, self.truth)

    @property
    def leader(self) -> Tried:
        """Who has the smallest mean error so far."""
        return min(self.tried, key=lambda one: float(one.errors.mean()))

    @property
    def taken(self) -> Tried:
        """The simplest that is as good."""
        return self.tried[simplest([one.errors for one in self.tried])]

    def needless(self) -> str:
        """Why another recipe cannot help; empty: it may."""
        if not self.tried:
            return ""
        if not self.leader.errors.any():
            return f"{self.leader.name} is right in all rows"
        if len(self.tried) > 2 and self.taken.name == "constant":
            return "nothing so far is better than saying always the same"
        return ""

    def given_to_trees(self) -> dict[str, Any]:
        """What trees take, which learn from the same rows and are judged by the same."""
        task = self.task
        x, categorical = inputs(task.model.contract, task.table)
        return {
            "x": x,
            "y": task.all_values,
            "divisions": [(division.train, division.held_out) for division in task.divisions],
            "categorical": categorical,
            "classes": len(self.truth.classes or ()),
            "weight": task.counts,
            "seed": task.seed,
        }

    def by_trees(self, said: np.ndarray, seconds: float) -> Tried:
        """What came of them."""
        return Tried(name=TREES, said=said, errors=self.truth.errors(said), numbers=None, seconds=seconds)

    def result(self) -> Comparison:
        """The model that is taken, and the card."""
        task, taken = self.task, self.taken
        model = self.trained(taken)
        self.ended = self.ended or model.history.stopped == "interrupted"
        if self.ended:
            self.said.append("it had to end before it was through: the same call may give another card")
        everybody = [*self.tried, *([self.trees] if self.trees else [])]
        card = Card(
            entries=tuple(self.entry(one) for one in everybody),
            taken=taken.name,
            kind=task.kind,
            rows=len(self.truth.values),
            how=task.words,
            said=(*self.said, *sentences(self.tried, taken, self.trees, self.truth, task.target)),
            reproducible=not self.ended,
        )
        model.state.card = card
        model.calibration = self.calibration(taken)
        rows = np.concatenate([division.held_out for division in task.divisions])
        return Comparison(model=model, card=card, tried=tuple(everybody), rows=rows, truth=self.truth)

    def entry(self, one: Tried) -> Entry:
        """A line of the card."""
        return Entry(
            name=one.name,
            error=self.truth.score(one.errors),
            se=self.truth.spread(one.errors),
            log_loss=self.truth.log_loss(one.said),
            numbers=one.numbers,
        )

    def calibration(self, taken: Tried) -> Calibration | None:
        """How far the model can be trusted: by what was said of rows that had trained nothing and chosen nothing.

        None where there are too few for that.
        """
        values, classes, target = self.truth.values, self.truth.classes, self.task.target
        if len(values) < LEAST_ROWS:
            return None
        return of_numbers(values, taken.said, (target,)) if classes is None else of_classes(values, taken.said, classes)

    def trained(self, taken: Tried) -> Model:
        """The network that is taken, trained with all rows, unless there is no more time: then as it was tried."""
        trial, task = self.trials[taken.name], self.task
        tried = trial.found[0].model
        if self.ended or self.is_over() or not trial.refits:
            return tried
        with quiet():
            if not trial.rehearses:
                model = train_by(trial.recipe, task.table, **task.given(), progress=self.progress, over=self.is_over)
            else:
                asked = Asked.of(trial.recipe, task.table, None, task.given()).with_all_rows()
                whole = asked.prepared()
                passes = trial.passes(trial.recipe, settings_for(asked.recipe, whole, task.given()))
                model = carry_out(whole, passes.second(whole, taken.epochs), (), self.progress, over=self.is_over)
                model.state.validation_history = tried.history if len(trial.found) == 1 else None
        return tried if model.history.stopped == "interrupted" else model
