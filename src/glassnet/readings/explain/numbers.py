"""Numbers as they are read: four significant digits, no false zeros, no -0, words for what is not a number.

    >>> written(0.123456), written(-3.11214e-05), written(2.0), written(-0.0)
    ('0.1235', '-3.112e-05', '2', '0')
    >>> written(1 / 3, digits=17), written(float("nan"))
    ('0.3333333333333333', 'not a number')

More digits are not more true: float64 has 17, and those read back as the same number.
"""

from __future__ import annotations

import math

from glassnet.parts.naming import whole_of

DIGITS = 4
EXACT = 17  # digits that tell every float64 from its neighbours
SMALL, LARGE = 1e-3, 1e5  # outside, numbers are written with a power of ten


def check_digits(digits: int) -> int:
    """The number of digits, 2 to 17; ValueError for anything else."""
    whole = whole_of(digits)
    if whole is None or not 2 <= whole <= EXACT:
        raise ValueError(f"digits must be a whole number from 2 to {EXACT}, got {digits!r:.60}")
    return whole


def written(value: float, digits: int = DIGITS) -> str:
    """A number in so many significant digits; with 17, the shortest text that reads back as the same number."""
    value = float(value)
    if math.isnan(value):
        return "not a number"
    if math.isinf(value):
        return "infinity" if value > 0 else "-infinity"
    if value == 0.0:
        return "0"
    if digits >= EXACT:
        return str(int(value)) if value.is_integer() and abs(value) < LARGE else repr(value)
    text = f"{value:.{digits - 1}e}"
    mantissa, exponent = text.split("e")
    plainly = f"{value:.{max(digits - 1 - int(exponent), 0)}f}" if abs(value) < LARGE else "inf"
    if abs(float(text)) < SMALL or abs(float(plainly)) >= LARGE:
        return f"{without_zeros(mantissa)}e{exponent}"
    return without_zeros(plainly)


def without_zeros(text: str) -> str:
    """`0.5000` as `0.5`, `-2.000` as `-2`."""
    return text.rstrip("0").rstrip(".") if "." in text else text


def rounded(value: float, digits: int = DIGITS) -> float:
    """The number that is shown."""
    return float(written(value, digits)) if math.isfinite(value) else value


def agree(found: float, total: float, digits: int = DIGITS) -> bool:
    """Whether a number, made of numbers as they are shown, is the total as it is shown, to its last digit.

    >>> agree(0.12 + 0.23, 0.354, digits=2), agree(0.12 + 0.23, 0.356, digits=2)
    (True, False)
    """
    if not (math.isfinite(found) and math.isfinite(total)):
        return repr(found) == repr(total)
    end = rounded(total, digits)
    return abs(found - end) <= 0.5 * last_digit(end, digits) if end else found == 0.0


def last_digit(shown: float, digits: int) -> float:
    """What a step of 1 in the last digit that is shown is worth."""
    exponent = math.floor(math.log10(abs(shown)))
    place = exponent - (min(digits, 16) - 1)
    return 10.0 ** (min(place, 0) if abs(shown) < LARGE else place)
