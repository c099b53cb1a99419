"""What speaks for each cause: a weight from 0 to 1, and the numbers that it rests on, in a sentence.

A sign proves nothing; it says what is looked at first, and what is said of a cause once that is proven.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from glassnet.doctor import network_signs as network
from glassnet.doctor import training_signs as training
from glassnet.doctor.seen import Seen, Sign

ALL: tuple[Callable[[Seen], Iterator[Sign]], ...] = (
    network.of_frozen,
    network.of_nonlinearity,
    network.of_activations,
    network.of_output,
    network.of_starts,
    network.of_size,
    network.of_regularization,
    training.of_scales,
    training.of_order,
    training.of_weights,
    training.of_rate,
    training.of_clipping,
    training.of_length,
)


def signs(seen: Seen) -> dict[str, list[Sign]]:
    """What speaks for each cause, the strongest first."""
    found: dict[str, list[Sign]] = {}
    for look in ALL:
        for sign in look(seen):
            found.setdefault(sign.cause, []).append(sign)
    return {cause: sorted(of, key=lambda sign: -sign.weight) for cause, of in found.items()}
