"""Whether a network's or a model's gradient is right: `check_gradient`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from glassnet.model.model import Model
from glassnet.parts.network import Network
from glassnet.readings import gradcheck

if TYPE_CHECKING:
    from glassnet.parts.literals import KindName


def check_gradient(
    network: Network | Model,
    X: Any,
    y: Any = None,
    *,
    target: str | None = None,
    kind: KindName | None = None,
    sample_weight: Any = None,
    method: Literal["central", "complex"] = "central",
    entries: int = 1000,
    step: float = 1e-5,
    seed: int = 0,
) -> gradcheck.GradientCheck:
    """Compare the gradient of backpropagation with measured slopes of the loss, penalties included, in float64.

    The network is run as in training: batch statistics, and dropout with the same random numbers every time.
    Nothing is changed, neither the model's weights nor its random generator.

    Parameters
    ----------
    network
        A network, which gets starting weights from `seed`, each moved by 0.1 times a standard normal number: where
        all biases are 0 or all gammas 1 a wrong formula may still be right. Or a model, looked at where it is.
    X, y, target, kind, sample_weight
        Rows, as for `train`. A few are enough.
    method
        "central" (differences of the loss, to 1e-7) or "complex" (complex steps through the derivation, to 1e-12).
    entries
        How many weights of each array to measure at most; of larger arrays that many are drawn.
    step
        How far "central" moves a weight w: step·max(1, |w|).
    seed
        For starting weights, dropout, and which entries are drawn.

    Raises
    ------
    DataError, ValueError
        As for `train`.
    """
    return gradcheck.check_gradient(
        network.state if isinstance(network, Model) else network,
        X,
        y,
        target=target,
        kind=kind,
        sample_weight=sample_weight,
        method=method,
        entries=entries,
        step=step,
        seed=seed,
    )
