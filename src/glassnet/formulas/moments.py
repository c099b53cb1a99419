"""What adam and its relatives remember of the gradients: their mean and their mean square, both fading."""

from glassnet.formulas.types import Array


def moments(g: Array, m: Array, v: Array, *, beta1: float, beta2: float) -> tuple[Array, Array]:
    """m ← β₁·m + (1 - β₁)·g, v ← β₂·v + (1 - β₂)·g²: each gradient counts β times as much one step later.

    >>> moments(2.0, 4.0, 8.0, beta1=0.5, beta2=0.75)
    (3.0, 7.0)
    """
    return beta1 * m + (1.0 - beta1) * g, beta2 * v + (1.0 - beta2) * (g * g)
