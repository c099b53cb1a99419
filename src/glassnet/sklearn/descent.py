"""Gradient descent with scikit-learn's stopping rules: one epoch after the other, until nothing improves."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from glassnet.engines.memory import Saved
from glassnet.interrupts import interruptible
from glassnet.model.model import Model
from glassnet.sklearn.engine import FOREVER
from glassnet.sklearn.fitted import NOT_FINITE, Fitted
from glassnet.sklearn.keeping import KeptFit
from glassnet.sklearn.parameters import Parameters
from glassnet.sklearn.rate import LearningRate
from glassnet.sklearn.sparse import evaluate
from glassnet.training.divergence import go_back
from glassnet.training.engine import NotFinite
from glassnet.training.events import Epoch
from glassnet.training.rows import Rows
from glassnet.training.steps import Moment, Stepper


@dataclass(frozen=True)
class HeldOut:
    """Rows that training is measured on.

    Attributes
    ----------
    rows
        These.
    score
        The score of predictions (n, outputs) for targets, with weights (n,) or None.
    loss_scale
        What their loss is multiplied with where it is reported.
    """

    rows: Rows
    score: Callable[[np.ndarray, np.ndarray, np.ndarray | None], float]
    loss_scale: float

    def measure(self, model: Model) -> tuple[float, float]:
        """Their loss and their score; NaN where a prediction is not finite."""
        p, loss = evaluate(model.forward, self.rows)
        w = None if self.rows.w is None else self.rows.w[:, 0]
        return loss * self.loss_scale, self.score(p, self.rows.y, w) if np.isfinite(p).all() else float("nan")


@dataclass(frozen=True, kw_only=True)
class Descent:
    """One call of fit or partial_fit.

    Attributes
    ----------
    parameters
        The estimator's: when to stop, and whether to print.
    fitted
        Where it is written down what happens.
    model
        What is trained.
    stepper
        Goes through the rows it is trained on.
    rate
        The learning rate.
    held
        Rows that it is measured on, if any.
    tell
        Told each epoch; whether training is to end there.
    kept
        Where it is kept, if it is.
    """

    parameters: Parameters
    fitted: Fitted
    model: Model
    stepper: Stepper
    rate: LearningRate
    held: HeldOut | None
    tell: Callable[[Epoch], bool]
    kept: KeptFit | None = None

    def weights(self) -> Saved:
        """A copy of the weights, and of running means."""
        memory = self.model.memory
        return Saved(memory.theta.copy(), memory.state.copy(), {}, memory.t)

    def remember_rate(self) -> None:
        """The model's optimizer has today's learning rate."""
        optimizer = self.stepper.optimizer
        own = optimizer.learning_rate is not None
        self.model.optimizer = optimizer if own else replace(optimizer, learning_rate=self.rate.learning_rate)

    def run(self, epochs: int) -> None:
        """Train so many epochs, or fewer."""
        fitted, history = self.fitted, self.model.history
        fitted.n_iter, fitted.stopped = 0, False
        history.stopped = "epochs"
        self.model.memory.lr = self.rate.learning_rate
        if self.parameters.early_stopping and fitted.best is None:
            fitted.best = self.weights()
        if self.kept and self.kept.go_on():
            self.remember_rate()
        with interruptible() as interrupted:
            before = now = self.stepper.moment()
            while fitted.n_iter < epochs and history.stopped == "epochs":
                before, now = now, self.stepper.moment()
                try:
                    losses = self.epoch(interrupted)
                except NotFinite as failure:
                    # it may be the last step before `now` that did the damage
                    start = now if failure.t > now.saved.t else before
                    self.diverged(start, failure.t - start.saved.t)
                    break
                if not losses:
                    if self.kept:
                        self.kept.look(True)
                    history.stopped = "interrupted"
                    warnings.warn("Training interrupted by user.", stacklevel=2)
                else:
                    self.epoch_ends(losses[0])
                    if self.kept:
                        self.kept.look(fitted.n_iter == epochs or history.stopped != "epochs")

    def epoch(self, interrupted: Callable[[], bool]) -> list[float]:
        """An epoch, or what is left of it, written down on the way where it is time to; its loss, if it ends."""
        kept = self.kept
        if not kept:
            return self.stepper.run(1, FOREVER, interrupted)
        while True:
            losses = self.stepper.run(1, FOREVER, lambda: interrupted() or kept.is_due())
            if losses or interrupted():
                return losses
            kept.look(False)

    def epoch_ends(self, loss: float) -> None:
        """Measure, tell, and decide whether training ends here."""
        fitted, model = self.fitted, self.model
        fitted.n_iter += 1
        fitted.t += len(self.stepper.rows)
        model.epochs += 1
        measured = self.measure(loss)
        self.rate.epoch_ends(fitted.t)
        if fitted.no_improvement > self.parameters.n_iter_no_change and self.no_progress():
            model.history.stopped = "early"
            fitted.stopped = True
        model.memory.lr = self.rate.learning_rate
        self.remember_rate()
        if self.tell(Epoch(model.epochs, model.memory.t, [loss], measured)):
            model.history.stopped = "interrupted"

    def measure(self, loss: float) -> dict[str, float]:
        """Write down the losses and scores after an epoch, and count epochs without improvement."""
        fitted, parameters, measured = self.fitted, self.parameters, {}
        self.write_loss(loss)
        if parameters.verbose:
            print(f"Iteration {fitted.n_iter}, loss = {loss:.8f}")
        if self.held is not None:
            validation_loss, score = self.held.measure(self.model)
            measured = {"val_loss": validation_loss, "val_score": score}
            fitted.validated(validation_loss, score)
            if parameters.verbose:
                print(f"Validation score: {score:f}")
        if parameters.early_stopping:
            self.compare_scores(measured["val_score"])
        else:
            best = np.inf if fitted.best_loss is None else fitted.best_loss
            self.count(loss > best - parameters.tol)
            fitted.best_loss = min(loss, best)
        self.model.history.append([loss], {**measured, **self.changing_rate()})
        return measured

    def write_loss(self, loss: float) -> None:
        """The loss of an epoch."""
        assert self.fitted.loss_curve is not None
        self.fitted.loss = loss
        self.fitted.loss_curve.append(loss)

    def compare_scores(self, score: float) -> None:
        """Whether the validation score is better than ever; then the weights are kept."""
        fitted = self.fitted
        best = -np.inf if fitted.best_validation_score is None else fitted.best_validation_score
        self.count(score < best + self.parameters.tol)
        if score > best:
            fitted.best_validation_score = score
            fitted.best = self.weights()
            self.model.history.best_epoch = self.model.epochs

    def changing_rate(self) -> dict[str, float]:
        """The learning rate this epoch began with, if it is not always the same."""
        rate = self.stepper.optimizer.learning_rate
        if isinstance(rate, float):
            return {}
        return {"learning_rate": self.model.memory.lr if rate is None else float(rate(float(self.rate.epochs)))}

    def count(self, no_better: bool) -> None:
        """One more epoch without improvement; or 0 again."""
        self.fitted.no_improvement = self.fitted.no_improvement + 1 if no_better else 0

    def no_progress(self) -> bool:
        """Nothing has improved for too long: whether to end here rather than go on with a smaller learning rate."""
        what = "Validation score" if self.parameters.early_stopping else "Training loss"
        goes_on, consequence = self.rate.goes_on()
        if self.parameters.verbose:
            tol, epochs = self.parameters.tol, self.parameters.n_iter_no_change
            print(f"{what} did not improve more than tol={tol:f} for {epochs} consecutive epochs. {consequence}")
        if goes_on:
            self.fitted.no_improvement = 0
        return not goes_on

    def put_best_back(self) -> None:
        """The weights with the best validation score."""
        best = self.fitted.best
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
        reason = go_back(self.stepper, before, steps)
        self.model.history.stopped = "diverged"
        if not self.parameters.early_stopping:
            raise ValueError(f"{NOT_FINITE} {reason[0].upper()}{reason[1:]}.")
        self.fitted.n_iter += 1
        self.write_loss(float("nan"))
        self.fitted.validated(float("nan"), float("nan"))
        warnings.warn(f"Training diverged; the best weights are kept: {reason}", ConvergenceWarning, stacklevel=2)
