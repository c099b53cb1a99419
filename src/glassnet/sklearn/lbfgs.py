"""L-BFGS: SciPy's, on the flat vector of all weights."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import scipy.optimize
from sklearn.exceptions import ConvergenceWarning

from glassnet.derivation.derive import derive
from glassnet.derivation.report import Report
from glassnet.engines.forward import PIECE, Forward
from glassnet.engines.memory import Memory
from glassnet.model.model import Model
from glassnet.parts.network import Network
from glassnet.parts.optimizers import Optimizer
from glassnet.sklearn.engine import FITS, FOREVER, engine_for
from glassnet.sklearn.fitted import NOT_FINITE, Fitted
from glassnet.sklearn.keeping import KeptFit
from glassnet.sklearn.parameters import Parameters
from glassnet.sklearn.sparse import evaluate
from glassnet.training.engine import NotFinite
from glassnet.training.events import Epoch
from glassnet.training.rows import Rows, Walk
from glassnet.training.steps import Stepper

SMALL = 1_000_000  # multiplications in a product
INTERRUPTED = 99  # SciPy's status where a callback ended it


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
        network, loss = model.network, model.network.loss
        assert loss is not None
        memory = Memory.of(network, model.n_inputs, np.float64)
        memory.trainable[:] = model.memory.trainable
        walk = Walk.over(len(rows), rows_of_a_piece(memory), shuffle=False)
        batches = rows.batches(walk)
        rows_counted = float(sum(batches.weights())) if loss.reduction != "rowmean" else float(len(rows))
        terms = int(derive(network, model.n_inputs, dtype=np.float64)["l"].shape[1])
        divisor = 1.0 if loss.reduction == "sum" else rows_counted * (terms if loss.reduction == "mean" else 1)
        penalty = network.l2 / len(batches) * (divisor / rows_counted)
        stepper = Stepper(
            Network(*network.layers, loss=replace(loss, reduction="sum"), l2=penalty),
            model.n_inputs,
            memory,
            model.rng,
            optimizer=Optimizer(name="gather", learning_rate=1.0),
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


def rows_of_a_piece(memory: Memory) -> int:
    """So many that BLAS' kernels for small matrices do the products, and their results stay in the cache."""
    return min(max(SMALL // memory.layout.largest, 64), PIECE)


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
    if kept and kept.go_on():
        if kept.said:
            warnings.warn(kept.said, ConvergenceWarning, stacklevel=2)
        return
    history = model.history
    fitted.n_iter = 0

    def iterated(intermediate_result: scipy.optimize.OptimizeResult) -> None:
        loss = float(intermediate_result.fun)
        model.memory.theta[:] = intermediate_result.x
        fitted.n_iter += 1
        model.epochs += 1
        history.append([loss], {})
        if parameters.verbose:
            print(f"Iteration {fitted.n_iter}, loss = {loss:.8f}")
        if tell(Epoch(model.epochs, model.memory.t, [loss], {})):
            raise StopIteration

    found = scipy.optimize.minimize(
        objective,
        model.memory.theta.astype(np.float64),
        method="L-BFGS-B",
        jac=True,
        callback=iterated,
        options={"maxfun": parameters.max_fun, "maxiter": parameters.max_iter, "gtol": parameters.tol},
    )
    if not math.isfinite(found.fun):
        raise ValueError(NOT_FINITE)
    model.memory.theta[:] = found.x
    fitted.n_iter, fitted.stopped = min(found.nit, parameters.max_iter), bool(found.success)
    fitted.loss = float(found.fun)
    history.stopped = "early" if found.success else "interrupted" if found.status == INTERRUPTED else "epochs"
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
