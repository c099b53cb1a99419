"""L-BFGS: SciPy's, on the flat vector of all weights."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.optimize
from sklearn.exceptions import ConvergenceWarning

from glassnet.derivation.derive import derive
from glassnet.engines.forward import PIECE, Forward
from glassnet.engines.numpy import gradient_source
from glassnet.memory import Memory
from glassnet.network import Network
from glassnet.sklearn.sparse import SparseRows, evaluate
from glassnet.training.rows import Rows, Walk

if TYPE_CHECKING:
    from glassnet.sklearn.base import MultilayerPerceptron

Objective = Callable[[np.ndarray], tuple[float, np.ndarray]]


def minimize(estimator: MultilayerPerceptron, rows: Rows, factor: float) -> tuple[int, float]:
    """Minimize the loss of all rows, penalties included; how many iterations it took, and the loss to report.

    It is done in float64, whatever the model's dtype: line searches need the digits.
    """
    model = estimator.model_
    memory = Memory.of(model.network, model.n_inputs, np.float64)

    def tell(intermediate_result: Any) -> None:
        loss = float(intermediate_result.fun)
        model.history.append([loss], {})
        model.epochs += 1
        if estimator.verbose:
            print(f"Iteration {len(model.history)}, loss = {loss:.8f}")

    found = scipy.optimize.minimize(
        objective(model.network, model.n_inputs, memory, rows),
        model.memory.theta.astype(np.float64),
        method="L-BFGS-B",
        jac=True,
        callback=tell,
        options={"maxfun": estimator.max_fun, "maxiter": estimator.max_iter, "gtol": estimator.tol},
    )
    memory.theta[:] = model.memory.theta[:] = found.x
    n_iter = min(found.nit, estimator.max_iter)
    if not found.success:
        warnings.warn(
            f"lbfgs failed to converge after {n_iter} iteration(s) (status={found.status}): {found.message}. Increase "
            f"max_iter={estimator.max_iter} or max_fun={estimator.max_fun}, or scale the data.",
            ConvergenceWarning,
            stacklevel=2,
        )
    _, loss = evaluate(Forward(model.network, model.n_inputs, memory), rows)
    return n_iter, float(found.fun) + (factor - 1.0) * loss


def objective(network: Network, n_inputs: int, memory: Memory, rows: Rows) -> Objective:
    """The loss of all rows and its gradient as a function of theta; sparse rows are made dense piece by piece."""
    batches = rows.batches(Walk.over(len(rows), PIECE if isinstance(rows, SparseRows) else None, shuffle=False))
    # each batch bears the whole penalty once, in proportion to its rows
    bearable = network.with_penalty(network.l2 / len(batches))
    source = gradient_source(derive(bearable, n_inputs, dtype=np.float64, weighted=rows.w is not None))
    functions = {high - low: source.bind(memory.arrays(), high - low) for low, high in batches.bounds}
    shares = batches.shares(network.loss.reduction if network.loss else "mean")

    def loss_and_gradient(theta: np.ndarray) -> tuple[float, np.ndarray]:
        memory.theta[:] = theta
        loss, gradient = 0.0, np.zeros_like(theta)
        with np.errstate(all="ignore"):  # a step too far shows in the loss, and is taken back
            for share, batch in zip(shares, batches.in_order(), strict=True):
                loss += share * functions[len(batch[1])](*batch)
                gradient += share * memory.g
        return loss, gradient

    return loss_and_gradient
