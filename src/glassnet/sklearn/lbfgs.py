"""L-BFGS: SciPy's, on the flat vector of all weights."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import scipy.optimize
from sklearn.exceptions import ConvergenceWarning

from glassnet.derivation.derive import derive
from glassnet.engines.forward import PIECE, Forward
from glassnet.engines.numpy import gradient_source
from glassnet.memory import Memory
from glassnet.optimizers import Optimizer
from glassnet.sklearn.descent import FITS, FOREVER, NOT_FINITE, call_back
from glassnet.sklearn.sparse import SparseRows, evaluate
from glassnet.training.engine import NotFinite
from glassnet.training.events import Epoch
from glassnet.training.rows import Rows, Walk
from glassnet.training.steps import Stepper

if TYPE_CHECKING:
    from glassnet.sklearn.perceptron import MultilayerPerceptron

INTERRUPTED = 99  # SciPy's status where a callback ended it

Objective = Callable[[np.ndarray], tuple[float, np.ndarray]]


def minimize(estimator: MultilayerPerceptron, rows: Rows, loss_scale: float) -> None:
    """Minimize the loss of all rows, penalties included.

    It is done in float64, whatever the model's dtype: line searches need the digits.
    """
    model, history = estimator.model_, estimator.model_.history
    memory = Memory.of(model.network, model.n_inputs, np.float64)
    memory.trainable[:] = model.memory.trainable
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

    function = by_pieces if isinstance(rows, SparseRows) else by_steps
    found = scipy.optimize.minimize(
        function(estimator, memory, rows),
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


def by_steps(estimator: MultilayerPerceptron, memory: Memory, rows: Rows) -> Objective:
    """The loss of all rows and its gradient as a function of theta: a step with learning rate -1, not taken.

    The velocity that such a step has without momentum is the gradient, penalties included.
    """
    model = estimator.model_
    step = Optimizer("momentum", -1.0, {"momentum": 0.0})
    stepper = Stepper(
        model.network,
        model.n_inputs,
        memory,
        model.rng,
        step,
        rows,
        Walk.over(len(rows), None, shuffle=False),
        todo=estimator.max_iter,
        engine=estimator.engine,
        deterministic=estimator.deterministic,
        times=FITS,
        reported=1.0,
    )
    model.engine = stepper.choice

    def loss_and_gradient(theta: np.ndarray) -> tuple[float, np.ndarray]:
        memory.theta[:] = theta
        try:
            (loss,) = stepper.run(1, FOREVER, lambda: False)
        except NotFinite:  # a step too far, which the line search takes back
            return np.inf, np.zeros_like(theta)
        return loss, memory.slots["velocity"].copy()

    return loss_and_gradient


def by_pieces(estimator: MultilayerPerceptron, memory: Memory, rows: Rows) -> Objective:
    """The same for sparse rows, which are made dense piece by piece."""
    network = estimator.model_.network
    batches = rows.batches(Walk.over(len(rows), PIECE, shuffle=False))
    reduction = network.loss.reduction if network.loss else "mean"
    shares = batches.shares(reduction)
    # each piece bears a part of the penalty, divided by its own rows
    by_weight = rows.w is not None and reduction != "rowmean"
    divisors = batches.weights() if by_weight else [float(high - low) for low, high in batches.bounds]
    borne = sum(divisors) * sum(share / (divisor or 1.0) for share, divisor in zip(shares, divisors, strict=True))
    derivation = derive(
        network.with_penalty(network.l2 / borne),
        estimator.model_.n_inputs,
        dtype=np.float64,
        weighted=rows.w is not None,
    )
    source = gradient_source(derivation)
    functions = {high - low: source.bind(memory.arrays(), high - low) for low, high in batches.bounds}

    def loss_and_gradient(theta: np.ndarray) -> tuple[float, np.ndarray]:
        memory.theta[:] = theta
        loss, gradient = 0.0, np.zeros_like(theta)
        with np.errstate(all="ignore"):
            for share, batch in zip(shares, batches.in_order(), strict=True):
                loss += share * functions[len(batch[1])](*batch)
                gradient += share * memory.g
        return loss, gradient * (memory.trainable > 0.0)

    return loss_and_gradient
