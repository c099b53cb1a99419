"""Gradient descent with scikit-learn's stopping rules: one epoch after the other, until nothing improves."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from glassnet.engines.memory import Saved
from glassnet.sklearn.sparse import SparseRows, evaluate
from glassnet.training.divergence import go_back
from glassnet.training.engine import NotFinite
from glassnet.training.events import Epoch, asks_to_stop
from glassnet.training.interrupts import interruptible
from glassnet.training.rows import Rows
from glassnet.training.steps import Moment, Stepper

if TYPE_CHECKING:
    from glassnet.sklearn.perceptron import MultilayerPerceptron
    from glassnet.sklearn.rate import LearningRate

FOREVER = 1e9  # seconds
FITS = 50  # how often an estimator is fitted in all: for folds, for grids, tomorrow; its code is compiled once
NOT_FINITE = (
    "Solver produced non-finite parameter weights. The input data may contain large values and need to be preprocessed."
)


class Descent:
    """One call of fit or partial_fit.

    Parameters
    ----------
    estimator
        What is fitted: its model is trained, its attributes are kept up to date.
    stepper
        Goes through the rows it is trained on.
    held
        Rows that it is measured on, if any.
    loss_scale
        What the loss is multiplied with where it is reported.
    """

    def __init__(self, estimator: MultilayerPerceptron, stepper: Stepper, held: Rows | None, loss_scale: float) -> None:
        self.estimator, self.stepper, self.held, self.loss_scale = estimator, stepper, held, loss_scale
        self.model, self.optimizer = estimator.model_, stepper.optimizer
        assert estimator._optimizer is not None
        self.rate: LearningRate = estimator._optimizer
        self.model.memory.lr = self.rate.learning_rate
        if estimator.early_stopping and estimator._best is None:
            estimator._best = self.weights()

    def weights(self) -> Saved:
        """A copy of the weights, and of running means."""
        memory = self.model.memory
        return Saved(memory.theta.copy(), memory.state.copy(), {}, memory.t)

    def remember_rate(self) -> None:
        """The model's optimizer has today's learning rate."""
        if self.optimizer.learning_rate is None:
            self.model.optimizer = replace(self.optimizer, learning_rate=self.rate.learning_rate)
        else:
            self.model.optimizer = self.optimizer

    def run(self, epochs: int) -> None:
        """Train so many epochs, or fewer."""
        estimator, history = self.estimator, self.model.history
        estimator.n_iter_, estimator.stopped_ = 0, False
        history.stopped = "epochs"
        with interruptible() as interrupted:
            before = now = self.stepper.moment()
            while estimator.n_iter_ < epochs and history.stopped == "epochs":
                before, now = now, self.stepper.moment()
                try:
                    losses = self.stepper.run(1, FOREVER, interrupted)
                except NotFinite as failure:
                    # it may be the last step before `now` that did the damage
                    start = now if failure.t > now.saved.t else before
                    self.diverged(start, failure.t - start.saved.t)
                    break
                if not losses:
                    history.stopped = "interrupted"
                    warnings.warn("Training interrupted by user.", stacklevel=2)
                else:
                    self.epoch_ends(losses[0])

    def epoch_ends(self, loss: float) -> None:
        """Measure, tell, and decide whether training ends here."""
        estimator, model = self.estimator, self.model
        estimator.n_iter_ += 1
        estimator.t_ += len(self.stepper.rows)
        model.epochs += 1
        measured = self.measure(loss)
        self.rate.epoch_ends(estimator.t_)
        if estimator._no_improvement_count > estimator.n_iter_no_change and self.no_progress():
            model.history.stopped = "early"
            estimator.stopped_ = True
        model.memory.lr = self.rate.learning_rate
        self.remember_rate()
        if call_back(estimator, Epoch(model.epochs, model.memory.t, [loss], measured)):
            model.history.stopped = "interrupted"

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
            measured = {"val_loss": validation_loss * self.loss_scale, "val_score": score}
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
            estimator._best = self.weights()
            self.model.history.best_epoch = self.model.epochs

    def changing_rate(self) -> dict[str, float]:
        """The learning rate this epoch began with, if it is not always the same."""
        rate = self.optimizer.learning_rate
        if isinstance(rate, float):
            return {}
        return {"learning_rate": self.model.memory.lr if rate is None else float(rate(float(self.rate.epochs)))}

    def count(self, no_better: bool) -> None:
        """One more epoch without improvement; or 0 again."""
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
        if best is not None:
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
            raise ValueError(f"{NOT_FINITE} {reason[0].upper()}{reason[1:]}.")
        estimator.n_iter_ += 1
        estimator.loss_ = float("nan")
        estimator.loss_curve_.append(estimator.loss_)
        estimator.validation_scores_ = appended(estimator.validation_scores_, float("nan"))
        estimator.validation_loss_curve_ = appended(estimator.validation_loss_curve_, float("nan"))
        warnings.warn(f"Training diverged; the best weights are kept: {reason}", ConvergenceWarning, stacklevel=2)


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


def batch_size_of(estimator: MultilayerPerceptron, rows: int) -> int:
    """Rows a step."""
    asked = estimator.batch_size
    if isinstance(asked, str):
        return min(200, rows)
    if asked > rows:
        warnings.warn(
            "Got `batch_size` less than 1 or larger than sample size. It is going to be clipped", stacklevel=2
        )
    return int(asked)


def call_back(estimator: MultilayerPerceptron, event: Epoch) -> bool:
    """Call the callbacks; whether one of them asks to stop."""
    given = estimator.callbacks
    functions = [] if given is None else [given] if callable(given) else given
    answers = [function(event, estimator.model_) for function in functions]
    return any(map(asks_to_stop, answers))
