"""L-BFGS: SciPy's, on the flat vector of all weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from glassnet.errors import need

INTERRUPTED = 99  # SciPy's status where a callback ended it


def lbfgs(
    objective: Callable[[np.ndarray], tuple[float, np.ndarray]],
    theta: np.ndarray,
    *,
    max_iter: int,
    max_fun: int,
    tol: float,
    told: Callable[[float, np.ndarray], bool],
) -> Any:
    """What SciPy found.

    Parameters
    ----------
    objective
        The loss and its gradient as a function of theta, in float64: line searches need the digits. Infinity and no
        slope where a number is not finite: a step too far, which the line search takes back.
    theta
        Where it begins.
    max_iter, max_fun, tol
        How many iterations and evaluations at most; it ends where no number of the gradient is larger than `tol`.
    told
        Hears the loss and theta after each iteration, and says whether to end there.
    """
    need("fits by L-BFGS", "scipy", "sklearn")
    import scipy.optimize

    def iterated(intermediate_result: scipy.optimize.OptimizeResult) -> None:
        if told(float(intermediate_result.fun), intermediate_result.x):
            raise StopIteration

    return scipy.optimize.minimize(
        objective,
        theta.astype(np.float64),
        method="L-BFGS-B",
        jac=True,
        callback=iterated,
        options={"maxfun": max_fun, "maxiter": max_iter, "gtol": tol},
    )


def why_it_ended(found: Any) -> str:
    """As a `History` has it: "early", it has converged; "interrupted", or "epochs", all iterations are done."""
    return "early" if found.success else "interrupted" if found.status == INTERRUPTED else "epochs"
