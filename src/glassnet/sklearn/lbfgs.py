"""L-BFGS: SciPy's, on the flat vector of all weights."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import scipy.optimize
from sklearn.exceptions import ConvergenceWarning

from glassnet.derivation.derive import derive
from glassnet.derivation.report import Report
from glassnet.engines.forward import PIECE, Forward
from glassnet.engines.memory import Memory
from glassnet.parts.network import Network
from glassnet.parts.optimizers import Optimizer
from glassnet.sklearn.descent import FITS, FOREVER, NOT_FINITE, call_back, engine_for
from glassnet.sklearn.sparse import evaluate
from glassnet.training.engine import NotFinite
from glassnet.training.events import Epoch
from glassnet.training.rows import Rows, Walk
from glassnet.training.steps import Stepper

if TYPE_CHECKING:
    from glassnet.sklearn.perceptron import MultilayerPerceptron

SMALL = 1_000_000  # multiplications in a product
INTERRUPTED = 99  # SciPy's status where a callback ended it

Objective = Callable[[np.ndarray], tuple[float, np.ndarray]]


def minimize(
    estimator: MultilayerPerceptron, objective: Objective, memory: Memory, rows: Rows, loss_scale: float
) -> None:
    """Minimize the loss of all rows, penalties included; `memory` is what the objective works in."""
    model, history = estimator.model_, estimator.model_.history
    estimator.n_iter_ = 0

    def tell(intermediate_result: scipy.optimize.OptimizeResult) -> None:
        loss = float(intermediate_result.fun)
        model.memory.theta[:] = intermediate_result.x
        estimator.n_iter_ += 1
        model.epochs += 1
        history.append([loss], {})
        if estimator.verbose:
            print(f"Iteration {estimator.n_iter_}, loss = {loss:.8f}")
        if call_back(estimator, Epoch(model.epochs, model.memory.t, [loss], {})):
            raise StopIteration

    found = scipy.optimize.minimize(
        objective,
        model.memory.theta.astype(np.float64),
        method="L-BFGS-B",
        jac=True,
        callback=tell,
        options={"maxfun": estimator.max_fun, "maxiter": estimator.max_iter, "gtol": estimator.tol},
    )
    if not math.isfinite(found.fun):
        raise ValueError(NOT_FINITE)
    memory.theta[:] = model.memory.theta[:] = found.x
    estimator.n_iter_, estimator.stopped_ = min(found.nit, estimator.max_iter), bool(found.success)
    estimator.loss_ = float(found.fun)
    history.stopped = "early" if found.success else "interrupted" if found.status == INTERRUPTED else "epochs"
    if loss_scale != 1.0:
        with np.errstate(all="ignore"):
            _, loss = evaluate(Forward(model.network, model.n_inputs, memory), rows)
        estimator.loss_ += (loss_scale - 1.0) * loss
    if history.stopped == "epochs":
        warnings.warn(
            f"lbfgs failed to converge after {estimator.n_iter_} iteration(s) (status={found.status}): "
            f"{found.message}. Increase max_iter={estimator.max_iter} or max_fun={estimator.max_fun}, or scale the "
            "data.",
            ConvergenceWarning,
            stacklevel=2,
        )


def objective(estimator: MultilayerPerceptron, rows: Rows) -> tuple[Objective, Memory]:
    """The loss of all rows and its gradient as a function of theta, and the memory it works in.

    It is float64, whatever the model's dtype: line searches need the digits. An epoch through pieces of the rows sums
    the losses and, by an update that moves nothing, the gradients; divided by what the loss is divided by, they are
    those of all rows.
    """
    model = estimator.model_
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
        Optimizer("gather", 1.0),
        rows,
        walk,
        todo=estimator.max_iter,
        engine=engine_for(rows, estimator.engine),
        deterministic=estimator.deterministic,
        times=FITS,
        reported=Report(penalties=True),
    )
    model.engine = stepper.choice

    def loss_and_gradient(theta: np.ndarray) -> tuple[float, np.ndarray]:
        memory.theta[:] = theta
        memory.slots["gathered"][:] = 0.0
        try:
            (loss,) = stepper.run(1, FOREVER, lambda: False)
        except NotFinite:  # a step too far, which the line search takes back
            return np.inf, np.zeros_like(theta)
        return loss / divisor, memory.slots["gathered"] / divisor

    return loss_and_gradient, memory


def rows_of_a_piece(memory: Memory) -> int:
    """So many that BLAS' kernels for small matrices do the products, and their results stay in the cache."""
    return min(max(SMALL // memory.layout.largest, 64), PIECE)
