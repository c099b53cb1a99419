"""What a reader of an explanation must know first."""

from __future__ import annotations

from collections.abc import Iterator

from glassnet.expressions.expression import ROWS, symbol
from glassnet.expressions.notation import plain
from glassnet.parts.layers import BatchNorm, Mode, namespace
from glassnet.readings.explain.facts import Facts


def notes(facts: Facts) -> Iterator[str]:
    """Sentences: what the numbers are of, and where training and prediction differ."""
    if facts.rows.y is None:
        yield "Without a target there is no loss: this is the way to the prediction alone."
        return
    if facts.optimizer is None:
        yield (
            "The model was never trained and no optimizer is given: this ends with the gradients. "
            'explain(..., optimizer="sgd") goes on to the next weights.'
        )
    else:
        yield "These are the numbers of the next step of training, if it were on these rows; the model is not changed."
    if facts.rows.left_out:
        count = facts.rows.left_out
        yield f"{count:,} row{'s' * (count != 1)} without a target {'are' if count != 1 else 'is'} left out."
    different = layers_that_differ(facts)
    if different:
        yield (
            f"Training and prediction go different ways through {' and '.join(different)}: forward, loss and backward "
            "below are those of training, the prediction at the end is that of prediction."
        )
    norms = [k for k, layer in enumerate(facts.model.network.layers, 1) if isinstance(layer, BatchNorm)]
    if norms and len(facts.rows) == 1:
        yield (
            f"One row alone is its own mean, so BatchNorm (layer {norms[0]}) makes 0 of all its numbers and nothing "
            "goes back through it: explain a batch instead."
        )
    if facts.slopes is not None:
        penalty = "; the penalties come after, in the update" if facts.derivation.pull else ""
        yield f"Beside gradients stands the measured slope, a central difference of the loss L in float64{penalty}."


def layers_that_differ(facts: Facts) -> list[str]:
    """The layers whose way forward in training is not that of prediction."""
    found, width = [], facts.model.n_inputs
    for k, layer in enumerate(facts.derivation.network.layers, 1):
        x = symbol("x", (ROWS, width))
        p = namespace({name: symbol(name, item.shape) for name, item in layer.parameters(width).items()})
        ways = [
            {name: plain(value) for name, value in layer.forward(p, x, mode).items()}
            for mode in (Mode(training=True, epoch=symbol("epoch")), Mode(training=False))
        ]
        if ways[0] != ways[1]:
            found.append(f"{type(layer).__name__} (layer {k})")
        width = len(facts.labels.layers[k - 1])
    return found
