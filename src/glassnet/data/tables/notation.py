"""How a file writes its numbers: the sign before the fraction, and the one between groups of three digits.

`1,200` is 1.2 in one file and 1200 in the next, and no cell says which. So it is said when a file is read; the model
that learns from it remembers, and reads the next file in the same way.
"""

import re
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

from glassnet.data.files import fields as read

DECIMALS = (".", ",")
THOUSANDS = {",": ",", ".": ".", "'": "'\u2019", " ": " \u00a0\u202f"}
"""What may stand between groups of three digits: the sign, and all that it stands for."""


@dataclass(frozen=True)
class Notation:
    """A way to write numbers.

    Parameters
    ----------
    decimal
        "." or ",": what separates whole and fraction.
    thousands
        What separates groups of three digits, if anything does: a comma, a point, an apostrophe (straight or curly), or
        a space (also one that does not break, U+00A0 and U+202F). A number need not be grouped; if it is, it is so
        throughout: 12,345,678 but not 12,34,567.
    """

    decimal: str = "."
    thousands: str | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.decimal, str) or self.decimal not in DECIMALS:
            raise ValueError(f'decimal must be "." or ",", got {self.decimal!r:.60}')
        if self.thousands is None:
            return
        given = self.thousands if isinstance(self.thousands, str) else ""
        sign = next((sign for sign, same in THOUSANDS.items() if given and given in same), None)
        if sign is None:
            raise ValueError(
                "thousands must be ',', '.', an apostrophe, a space (also U+00A0 or U+202F) or None, "
                f"got {self.thousands!r:.60}"
            )
        if sign == self.decimal:
            other = "," if sign == "." else "."
            raise ValueError(f'decimal must be "{other}" beside thousands="{sign}", got the same sign for both')
        object.__setattr__(self, "thousands", sign)

    def pointed(self, text: str) -> str:
        """Return a number with a point and without groups; of what is no number here, a text that is none anywhere.

        >>> Notation(",", ".").pointed("-1.234,5"), Notation(",").pointed("1.5"), Notation(".", ",").pointed("1,20")
        ('-1234.5', '1,5', '1,20')
        """
        whole, mark, fraction = text.partition(self.decimal)
        if self.thousands is not None:
            whole = self._ungrouped(whole)
        if self.decimal == ",":
            whole, fraction = whole.replace(".", ","), fraction.replace(".", ",")
        return f"{whole}.{fraction}" if mark else whole

    def _ungrouped(self, whole: str) -> str:
        """Return a whole number without what separates its groups; any other text as it is, but for a plain point."""
        signs = THOUSANDS[self.thousands or ","]
        found = re.fullmatch(rf"[+-]?[1-9][0-9]{{0,2}}(?:([{signs}])[0-9]{{3}}(?:\1[0-9]{{3}})*)", whole)
        return whole if found is None else whole.replace(found[1], "")

    def is_like_a_number(self, text: str) -> bool:
        """Tell whether a text is digits and these signs alone, well or badly grouped."""
        signs = self.decimal + THOUSANDS.get(self.thousands or "", "")
        return re.fullmatch(rf"[+-]?[0-9][0-9{re.escape(signs)}]*", text) is not None

    def __str__(self) -> str:
        thousands = None if self.thousands is None else f'thousands="{self.thousands}"'
        decimal = f'decimal="{self.decimal}"' if self.decimal != "." or thousands is None else None
        return " and ".join(option for option in (decimal, thousands) if option is not None)

    def to_json(self) -> dict[str, Any]:
        """Return the notation as a dictionary of JSON types."""
        return {"decimal": self.decimal, "thousands": self.thousands or ""}

    @classmethod
    def from_json(cls, data: object, path: str) -> Self:
        """Return the notation `to_json` wrote; ModelFileError names a key that is not as it should be."""
        thousands = partial(read.one_of, allowed=("", *THOUSANDS))
        found = read.record(data, path, {"decimal": read.text, "thousands": thousands})
        with read.naming_place(path):
            return cls(found["decimal"], found["thousands"] or None)


PLAIN = Notation()
"""A point before the fraction, and no groups."""
