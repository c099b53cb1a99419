"""A share of n, such as 142 of 200 seeds, and how sure it is: other 200 would have given another one."""

from __future__ import annotations

import numpy as np

Z = 1.96  # standard errors to either side: 95 %


def wilson(share: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The 95 % interval of a share of n (Wilson, 1927): never empty, and within 0 and 1.

    >>> low, high = wilson(np.array([0.0, 0.5]), np.array([10.0, 100.0]))
    >>> low.round(3), high.round(3)
    (array([0.   , 0.404]), array([0.278, 0.596]))
    """
    z2 = Z * Z / n
    middle = (share + 0.5 * z2) / (1.0 + z2)
    half = np.sqrt(share * (1.0 - share) * z2 + 0.25 * z2 * z2) / (1.0 + z2)
    return (middle - half).clip(min=0.0), (middle + half).clip(max=1.0)


def interval(count: int, n: int) -> tuple[float, float]:
    """The same of one share, `count` of n.

    >>> [round(end, 3) for end in interval(10, 10)]
    [0.722, 1.0]
    """
    low, high = wilson(np.array([count / n]), np.array([float(n)]))
    return float(low[0]), float(high[0])


def interval_of_difference(count: int, other: int, n: int) -> tuple[float, float]:
    """The 95 % interval of count/n - other/n, two shares that have nothing to do with each other (Newcombe, 1998).

    It is made of Wilson's intervals of the two (his method 10). An interval without 0 says that the shares differ by
    more than chance.

    >>> [round(end, 3) for end in interval_of_difference(9, 3, 10)]
    [0.171, 0.809]
    """
    p, q = count / n, other / n
    (p_low, p_high), (q_low, q_high) = interval(count, n), interval(other, n)
    below, above = np.hypot(p - p_low, q_high - q), np.hypot(p_high - p, q - q_low)
    return float(p - q - below), float(p - q + above)
