"""Numbers as the page writes them: what they say, and how far off rounding may have put them."""

import re
from decimal import Decimal

SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
NUMBER = re.compile(r"[−-]?\d[\d,]*(?:\.\d+)?(?:×10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+|e[−-]?\d+)?")


def decimal(text: str) -> Decimal:
    """What a number that is shown says.

    >>> decimal("−3.112×10⁻⁵"), decimal("≈ 3.5e−7"), decimal("= 4.50")
    (Decimal('-0.00003112'), Decimal('3.5E-7'), Decimal('4.50'))
    """
    found = NUMBER.search(text)
    assert found, f"no number in {text!r}"
    plain = found[0].replace("−", "-").replace(",", "")
    mantissa, _, power = plain.partition("×10")
    return Decimal(f"{mantissa}e{power.translate(SUPERSCRIPTS)}") if power else Decimal(mantissa)


def half_unit(text: str) -> Decimal:
    """Half of what its last digit counts; nothing for a whole number, which is exact."""
    exponent = decimal(text).as_tuple().exponent
    assert isinstance(exponent, int)
    return Decimal(0) if exponent >= 0 else Decimal(5) * Decimal(10) ** (exponent - 1)
