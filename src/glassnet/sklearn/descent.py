"""Gradient descent with scikit-learn's stopping rules: one epoch after the other, until nothing improves."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from glassnet.optimizers import Optimizer
from glassnet.sklearn.shuffling import CumulativeShuffler
from glassnet.sklearn.sparse import SparseRows, evaluate
from glassnet.training.divergence import go_back
from glassnet.training.engine import NotFinite
from glassnet.training.events import Epoch
from glassnet.training.interrupts import interruptible
from glassnet.training.rows import Rows, Walk
from glassnet.training.steps import Moment, Stepper

if TYPE_CHECKING:
    from glassnet.sklearn.base import MultilayerPerceptron

FOREVER = 1e9  # seconds
AGAIN = 20  # how often an estimator is fitted in all: for folds, for grids, tomorrow; its code is compiled once


class Descent:
    """One call of fit or partial_fit.

    Parameters
    ----------
    estimator
        What is fitted: its model is trained, its attributes are kept up to date.
    rows
        What it is trained on.
    held
        Rows that it is measured on, if any.
    optimizer
        Its learning rate is None where the estimator's policy sets it.
    random_state
        Draws the order of the rows.
    factor
        How many times the loss is reported.
    """

    def __init__(
        self,
        estimator: MultilayerPerceptron,
        rows: Rows,
        held: Rows | None,
        optimizer: Optimizer,
        random_state: np.random.RandomState,
        factor: float,
    ) -> None:
        self.estimator, self.rows, self.held, self.factor = estimator, rows, held, factor
        self.optimizer, self.rate, self.model = optimizer, estimator._optimizer, estimator.model_
        model = self.model
        model.memory.lr = self.rate.learning_rate
        self.stepper = Stepper(
            model.network,
            model.n_inputs,
            model.memory,
            model.rng,
            optimizer,
            rows,
            Walk.over(len(rows), self.batch_size(), bool(estimator.shuffle)),
            self.rate.epochs,
            estimator.max_iter,
            engine_for(rows, estimator.engine),
            times=AGAIN,
            shuffler=CumulativeShuffler(random_state, len(rows)),
            reported=factor,
        )
        model.engine, model.weighted = self.stepper.choice, rows.w is not None
        self.remember_rate()
        if estimator.early_stopping and not hasattr(estimator, "_best"):
            estimator._best = model.memory.saved()

    def batch_size(self) -> int:
        """Rows a step."""
        asked = self.estimator.batch_size
        if isinstance(asked, str):
            return min(200, len(self.rows))
        if asked > len(self.rows):
            warnings.warn(
                "Got `batch_size` less than 1 or larger than sample size. It is going to be clipped", stacklevel=2
            )
        return int(asked)

    def remember_rate(self) -> None:
        """The model's optimizer has today's learning rate."""
        fixed = self.optimizer.learning_rate
        self.model.optimizer = replace(self.optimizer, learning_rate=fixed or self.rate.learning_rate)

    def run(self, epochs: int) -> None:
        """Train so many epochs, or fewer."""
        estimator, history = self.estimator, self.model.history
        estimator.n_iter_, estimator.stopped_ = 0, False
        history.stopped = "epochs"
        with interruptible() as interrupted:
            while estimator.n_iter_ < epochs and history.stopped == "epochs":
                before = self.stepper.moment()
                try:
                    losses = self.stepper.run(1, FOREVER, interrupted)
                except NotFinite as failure:
                    self.diverged(before, failure.t - before.saved.t)
                    break
                if not losses:
                    history.stopped = "interrupted"
                    warnings.warn("Training interrupted by user.", stacklevel=2)
                elif self.epoch_ends(losses[0]):
                    history.stopped = "early"
                    estimator.stopped_ = True

    def epoch_ends(self, loss: float) -> bool:
        """Measure, tell, and decide: true if training is to end here."""
        estimator, model = self.estimator, self.model
        estimator.n_iter_ += 1
        estimator.t_ += len(self.rows)
        model.epochs += 1
        measured = self.measure(loss)
        self.rate.epoch_ends(estimator.t_)
        stop = estimator._no_improvement_count > estimator.n_iter_no_change and self.no_progress()
        model.memory.lr = self.rate.learning_rate
        self.remember_rate()
        event = Epoch(model.epochs, model.memory.t, [loss], measured)
        for callback in callbacks_of(estimator):
            stop = callback(event, model) is True or stop
        return stop

    def measure(self, loss: float) -> dict[str, float]:
        """Write down the losses and scores after an epoch, and count epochs without improvement."""
        estimator, measured = self.estimator, {}
        estimator.loss_ = loss
        estimator.loss_curve_.append(loss)
        if estimator.verbose:
            print(f"Iteration {estimator.n_iter_}, loss = {loss:.8f}")
        if self.held is not None:
            p, validation_loss = evaluate(self.model.forward, self.held)
            w = None if self.held.w is None else self.held.w[:, 0]
            score = estimator._score_outputs(p, self.held.y, w) if np.isfinite(p).all() else float("nan")
            measured = {"val_loss": validation_loss * self.factor, "val_score": score}
            estimator.validation_loss_curve_ = appended(estimator.validation_loss_curve_, measured["val_loss"])
            estimator.validation_scores_ = appended(estimator.validation_scores_, score)
            if estimator.verbose:
                print(f"Validation score: {score:f}")
        if estimator.early_stopping:
            self.compare_scores(measured["val_score"])
        else:
            best = np.inf if estimator.best_loss_ is None else estimator.best_loss_
            self.count(loss > best - estimator.tol)
            estimator.best_loss_ = min(loss, best)
        self.model.history.append([loss], {**measured, **self.changing_rate()})
        return measured

    def compare_scores(self, score: float) -> None:
        """Whether the validation score is better than ever; then the weights are kept."""
        estimator = self.estimator
        best = -np.inf if estimator.best_validation_score_ is None else estimator.best_validation_score_
        self.count(score < best + estimator.tol)
        if score > best:
            estimator.best_validation_score_ = score
            estimator._best = self.model.memory.saved()
            self.model.history.best_epoch = self.model.epochs

    def changing_rate(self) -> dict[str, float]:
        """The learning rate this epoch began with, if it is not always the same."""
        rate = self.optimizer.learning_rate
        if isinstance(rate, float):
            return {}
        return {"learning_rate": self.model.memory.lr if rate is None else float(rate(float(self.rate.epochs)))}

    def count(self, no_better: bool) -> None:
        """One more epoch without improvement, or the first one after one."""
        self.estimator._no_improvement_count = self.estimator._no_improvement_count + 1 if no_better else 0

    def no_progress(self) -> bool:
        """Nothing has improved for too long: whether to end here rather than go on with a smaller learning rate."""
        estimator = self.estimator
        what = "Validation score" if estimator.early_stopping else "Training loss"
        goes_on, consequence = self.rate.goes_on()
        if estimator.verbose:
            print(
                f"{what} did not improve more than tol={estimator.tol:f} for {estimator.n_iter_no_change} consecutive "
                f"epochs. {consequence}"
            )
        if goes_on:
            estimator._no_improvement_count = 0
        return not goes_on

    def put_best_back(self) -> None:
        """The weights with the best validation score."""
        best = self.estimator._best
        self.model.memory.theta[:] = best.theta
        self.model.memory.state[:] = best.state

    def diverged(self, before: Moment, steps: int) -> None:
        """A number was not finite: the weights are those before it; where there are best weights, that is all.

        Raises
        ------
        ValueError
            There are none; scikit-learn's message, and why.
        """
        estimator = self.estimator
        reason = go_back(self.stepper, before, steps)
        self.model.history.stopped = "diverged"
        if not estimator.early_stopping:
            raise ValueError(
                "Solver produced non-finite parameter weights. The input data may contain large values and need to be "
                f"preprocessed. {reason}"
            )
        estimator.n_iter_ += 1
        estimator.loss_ = float("nan")
        estimator.loss_curve_.append(estimator.loss_)
        estimator.validation_scores_ = appended(estimator.validation_scores_, float("nan"))
        estimator.validation_loss_curve_ = appended(estimator.validation_loss_curve_, float("nan"))
        warnings.warn(f"Training diverged; the best weights are kept. {reason}", ConvergenceWarning, stacklevel=2)


def engine_for(rows: Rows, asked: str) -> str:
    """The engine to ask for; ValueError where it cannot be had."""
    if not isinstance(rows, SparseRows):
        return asked
    if asked == "compiled":
        size = rows.x.shape[0] * rows.x.shape[1] * rows.x.dtype.itemsize / 1e9
        raise ValueError(
            f"the compiled engine takes dense rows, and X would take {size:.1f} GB: leave engine at 'auto', which "
            "makes one batch after the other dense"
        )
    return "numpy"


def appended(column: list[float] | None, value: float) -> list[float]:
    """A column with one more value."""
    column = [] if column is None else column
    column.append(value)
    return column


def callbacks_of(estimator: MultilayerPerceptron) -> list[Any]:
    """The functions that are called after each epoch."""
    given = estimator.callbacks
    return [] if given is None else [given] if callable(given) else list(given)
