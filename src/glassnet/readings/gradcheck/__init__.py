"""Is the gradient right? Backpropagation held against slopes that know nothing of it.

The slope of the loss at one weight can be measured without any derivative: move the weight a little and see how
the loss moves. Doing that for every weight is slow, and it is the truth; backpropagation is fast, and it is
right if both agree. Two ways to measure:

    central    (J(w + h) - J(w - h)) / 2h      error about h² and rounding / h: seven digits agree
    complex    Im J(w + ih) / h                nothing is subtracted, so h may be 1e-200: all digits agree

A weight at a kink (a relu whose score is 0) has two slopes, one to each side. Both ways look at both sides; where
these differ, backpropagation may give either, and the weight is left out and counted. So is, for central
differences, a weight at which the loss bends so sharply that the step is too long.

    >>> import glassnet as gn
    >>> network = gn.Network(gn.Dense(4, "tanh"), gn.Dense(1), loss="squared")
    >>> check_gradient(network, [[0.0, 1.0], [1.0, 0.5]], [[1.0], [2.0]]).passed
    True
"""

from glassnet.readings.gradcheck.check import check_gradient
from glassnet.readings.gradcheck.result import GradientCheck

__all__ = ["GradientCheck", "check_gradient"]
