"""Numbers as the page writes them."""

from glassnet.readings.explain.numbers import DIGITS, written


def shown(value: float, digits: int = DIGITS) -> str:
    """A number in so many significant digits, with a real minus sign before it.

    >>> shown(-0.33333), shown(-1e-7)
    ('−0.3333', '−1e-07')
    """
    text = written(value, digits)
    return f"−{text[1:]}" if text.startswith("-") else text
