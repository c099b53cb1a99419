"""L-BFGS: SciPy's, on the flat vector of all weights."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from glassnet.derivation.report import Report
from glassnet.engines.forward import Forward
from glassnet.engines.memory import Memory
from glassnet.model.checkpoints.evaluations import Evaluations
from glassnet.model.model import Model
from glassnet.sklearn.engine import FITS, FOREVER, engine_for
from glassnet.sklearn.fitted import NOT_FINITE, Fitted
from glassnet.sklearn.keeping import KeptFit
from glassnet.sklearn.parameters import Parameters
from glassnet.sklearn.sparse import evaluate
from glassnet.training.engine import NotFinite
from glassnet.training.events import Epoch
from glassnet.training.lbfgs import lbfgs, why_it_ended
from glassnet.training.needs import check_lbfgs
from glassnet.training.rows import Rows, Walk
from glassnet.training.steps import Stepper
from glassnet.training.summed import GATHER, Divisor, rows_of_a_piece, summed

MOST = 2.0**28  # bytes of gradients that are kept: they are held in memory, and all of them written again and again


@dataclass(frozen=True)
class Objective:
    """The loss of all rows, penalties included, and its gradient as a function of theta.

    It is float64, whatever the model's dtype: line searches need the digits. An epoch through pieces of the rows sums
    the losses and, by an update that moves nothing, the gradients; divided by what the loss is divided by, they are
    those of all rows.
    """

    stepper: Stepper
    rows: Rows
    divisor: float

    @classmethod
    def of(cls, model: Model, rows: Rows, parameters: Parameters) -> Objective:
        """That of a model's network."""
        network = model.network
        check_lbfgs(network.layout(model.n_inputs), is_made=False)
        memory = Memory.of(network, model.n_inputs, np.float64)
        memory.trainable[:] = model.memory.trainable
        walk = Walk.over(len(rows), rows_of_a_piece(memory), shuffle=False)
        batches = rows.batches(walk)
        counts = Divisor.of(network, model.n_inputs, np.float64)
        weight = None if rows.w is None else float(sum(batches.weights()))
        divisor = counts(len(rows), weight)
        penalty = network.l2 / len(batches) * (divisor / counts.counted(len(rows), weight))
        stepper = Stepper(
            summed(network, penalty),
            model.n_inputs,
            memory,
            model.rng,
            optimizer=GATHER,
            rows=rows,
            walk=walk,
            todo=parameters.max_iter,
            engine=engine_for(rows, parameters.engine),
            deterministic=parameters.deterministic,
            times=FITS,
            reported=Report(penalties=True),
        )
        return cls(stepper, rows, divisor)

    def __call__(self, theta: np.ndarray) -> tuple[float, np.ndarray]:
        """Infinity and no slope where a number is not finite."""
        memory = self.stepper.memory
        memory.theta[:] = theta
        memory.slots["gathered"][:] = 0.0
        try:
            (loss,) = self.stepper.run(1, FOREVER, lambda: False)
        except NotFinite:  # a step too far, which the line search takes back
            return np.inf, np.zeros_like(theta)
        return loss / self.divisor, memory.slots["gathered"] / self.divisor

    def unpenalised(self, model: Model, theta: np.ndarray) -> float:
        """The loss of all rows without the penalties."""
        memory = self.stepper.memory
        memory.theta[:] = theta
        with np.errstate(all="ignore"):
            return evaluate(Forward(model.network, model.n_inputs, memory), self.rows)[1]


def minimize(
    objective: Objective,
    model: Model,
    parameters: Parameters,
    fitted: Fitted,
    *,
    loss_scale: float,
    tell: Callable[[Epoch], bool],
    kept: KeptFit | None = None,
) -> None:
    """Minimize the loss of all rows.

    `tell` is told each iteration, and says whether to end there; where it is `kept`, and was through before, it ends as
    it did then.
    """
    evaluations = Evaluations(objective, kept.series if kept else None, MOST)
    if kept:
        kept.evaluations = evaluations
        if kept.go_on():
            if kept.said:
                warnings.warn(kept.said, ConvergenceWarning, stacklevel=2)
            return
    history = model.history
    fitted.n_iter = 0

    def told(loss: float, theta: np.ndarray) -> bool:
        model.memory.theta[:] = theta
        fitted.n_iter += 1
        model.epochs += 1
        history.append([loss], {})
        if not evaluations.is_news:
            return False
        if parameters.verbose:
            print(f"Iteration {fitted.n_iter}, loss = {loss:.8f}")
        return tell(Epoch(model.epochs, model.memory.t, [loss], {}))

    theta, how = model.memory.theta, {"max_iter": parameters.max_iter, "max_fun": parameters.max_fun}
    found = lbfgs(evaluations, theta, tol=parameters.tol, told=told, **how)
    if not math.isfinite(found.fun):
        raise ValueError(NOT_FINITE)
    model.memory.theta[:] = found.x
    fitted.n_iter, fitted.stopped = min(found.nit, parameters.max_iter), bool(found.success)
    fitted.loss = float(found.fun)
    history.stopped = why_it_ended(found)
    if loss_scale != 1.0:
        fitted.loss += (loss_scale - 1.0) * objective.unpenalised(model, found.x)
    said = ""
    if history.stopped == "epochs":
        said = (
            f"lbfgs failed to converge after {fitted.n_iter} iteration(s) (status={found.status}): "
            f"{found.message}. Increase max_iter={parameters.max_iter} or max_fun={parameters.max_fun}, or scale the "
            "data."
        )
    if kept:
        kept.said = said
        kept.look(True)
    if said:
        warnings.warn(said, ConvergenceWarning, stacklevel=2)
