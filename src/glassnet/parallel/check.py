"""What cannot be trained through blocks, said before anything is."""

from __future__ import annotations

from glassnet.derivation.derive import derive
from glassnet.derivation.steps import Derivation
from glassnet.expressions.expression import ROWS, postorder
from glassnet.parts.network import Network
from glassnet.parts.optimizers import Optimizer

MODES = ("exact", "rounds", "lbfgs")


def check_mode(network: Network, n_inputs: int, optimizer: Optimizer | None, mode: str) -> None:
    """ValueError for what a mode cannot do; `optimizer` is None for L-BFGS."""
    derivation = derive(network, n_inputs)
    if mode == "rounds":
        name = "lbfgs" if optimizer is None else optimizer.name
        if name in ("lbfgs", "rprop"):
            raise ValueError(
                f"{name} goes by the gradient of all rows, which blocks that train for themselves do not have: "
                "mode='exact', or another optimizer"
            )
        return
    mixing = layer_that_mixes(derivation)
    if mixing:
        raise ValueError(
            f"layer {mixing}, {network.layers[mixing - 1]!r}, looks at all rows of a batch together, so the gradient "
            "of many blocks is not the sum of theirs: mode='rounds', or a layer that looks at each row by itself, such "
            "as LayerNorm()"
        )
    if optimizer is None:
        if draws(derivation):
            raise ValueError("lbfgs needs the same loss for the same weights; leave Dropout out, or take another one")
        if network.l1:
            raise ValueError("lbfgs needs a loss with a slope everywhere, which l1 has not at 0; use l2")


def layer_that_mixes(derivation: Derivation) -> int:
    """The number of the first layer in which rows of a batch meet; 0: there is none."""
    for step in derivation.steps:
        if step.phase == "forward":
            for node in postorder(step.expression):
                if ROWS not in node.shape and any(ROWS in arg.shape for arg in node.args):
                    return step.layer
    return 0


def draws(derivation: Derivation) -> bool:
    """Whether a step of training draws random numbers."""
    return any(node.op == "random" for step in derivation.steps for node in postorder(step.expression))
