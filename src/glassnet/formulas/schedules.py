"""How the learning rate changes while the network learns: large steps to get near, small ones to settle.

Other numbers may change so, too: the rate of dropout, weight decay. Each schedule is a function of `epoch`, the number
of epochs done so far: 0 at the first step, 2.5 in the middle of the third pass over the data. It is steps taken / steps
per epoch, so the rate changes with every step, not only from epoch to epoch. They compose:
`warm_up(epoch, cosine(epoch, 0.1, epochs=100), epochs=5)`.

They are formulas like all others: given a number they compute, given a symbol they yield their text.
"""

import numpy as np

from glassnet.formulas.types import Array


def constant(epoch: Array, initial: Array) -> Array:
    """lr = initial: the same from first to last.

    >>> constant(7.5, initial=0.5)
    0.5
    """
    return initial


def step(epoch: Array, initial: Array, every: float = 10.0, factor: float = 0.5) -> Array:
    """lr = initial·factor^⌊epoch/every⌋: multiplied by factor (here: halved) after every so many epochs.

    PyTorch's StepLR.

    >>> float(step(9.99, initial=8.0)), float(step(10.0, initial=8.0)), float(step(30.0, initial=8.0))
    (8.0, 4.0, 1.0)
    """
    return initial * factor ** np.floor(epoch / every)


def exponential(epoch: Array, initial: Array, decay: float = 0.95) -> Array:
    """lr = initial·decay^epoch: the same fraction lost in every epoch.

    PyTorch's ExponentialLR, which changes between epochs only.

    >>> exponential(2.0, initial=8.0, decay=0.5)
    2.0
    """
    return initial * decay**epoch


def inverse_scaling(epoch: Array, initial: Array, power: float = 0.5) -> Array:
    """lr = initial / (1 + epoch)^power: falls fast at first, then ever more slowly, never to 0.

    Robbins and Monro (1951) for ½ < power ≤ 1. scikit-learn's "invscaling" has the same form, but counts rows
    where this counts epochs.

    >>> inverse_scaling(3.0, initial=8.0)
    4.0
    """
    return initial / (1.0 + epoch) ** power


def cosine(epoch: Array, initial: Array, epochs: float, final: float = 0.0) -> Array:
    """lr = w·initial + (1 - w)·final, w = ½(1 + cos(π·epoch/epochs)): half a wave down to final, for good.

    Loshchilov and Hutter (2017), without the restarts. PyTorch's CosineAnnealingLR, which would rise again.

    >>> [float(cosine(epoch, initial=8.0, epochs=100, final=2.0)) for epoch in (0, 50, 100, 200)]
    [8.0, 5.0, 2.0, 2.0]
    """
    w = 0.5 * (1.0 + np.cos(np.pi * (np.minimum(epoch, epochs) / epochs)))
    return w * initial + (1.0 - w) * final


def flat_cosine(epoch: Array, initial: Array, epochs: float) -> Array:
    """lr = w·initial, w = ½(1 + cos(π·max(2·epoch/epochs - 1, 0))): all of it for half the way, then half a wave to 0.

    Holzmüller et al. (2024), for dropout and weight decay.

    >>> [float(flat_cosine(epoch, initial=8.0, epochs=100)) for epoch in (0, 50, 75, 100, 200)]
    [8.0, 8.0, 4.0, 0.0, 0.0]
    """
    way = np.minimum(epoch, epochs) / epochs
    return 0.5 * (1.0 + np.cos(np.pi * np.maximum(2.0 * way - 1.0, 0.0))) * initial


def log_cosine(epoch: Array, initial: Array, epochs: float, cycles: float = 4.0) -> Array:
    """lr = ½(1 - cos(2π·log₂(1 + (2^cycles - 1)·epoch/epochs)))·initial: waves from 0, each twice as long as the last.

    From 0 up to initial and back, so many cycles, the last one over half the way. Holzmüller et al. (2024), who call
    four cycles coslog4.

    >>> lr = [log_cosine(epoch, initial=8.0, epochs=15) for epoch in (0, 1, 3, 7, 15)]  # between the waves
    >>> np.allclose(lr, 0)
    True
    >>> float(log_cosine(7 * (np.sqrt(2) - 1), initial=8.0, epochs=7, cycles=1))  # on top of the only one
    8.0
    """
    way = np.minimum(epoch, epochs) / epochs
    # log₂, as the dialect has it
    waves = np.log1p((2.0**cycles - 1.0) * way) / np.log(2.0)
    return 0.5 * (1.0 - np.cos(2.0 * np.pi * waves)) * initial


def warm_up(epoch: Array, lr: Array, epochs: float, start: float = 0.1) -> Array:
    """lr' = (w + (1 - w)·start)·lr, w = min(epoch/epochs, 1): from the fraction start up to all of lr.

    Goyal et al. (2017): the first gradients are large and point anywhere. lr may be another schedule's.

    >>> [float(warm_up(epoch, lr=8.0, epochs=4, start=0.5)) for epoch in (0, 2, 4, 9)]
    [4.0, 6.0, 8.0, 8.0]
    """
    w = np.minimum(epoch, epochs) / epochs
    return (w + (1.0 - w) * start) * lr
