"""What machine code is given and gives back: kinds of arguments, and the sign that there was no memory."""

from __future__ import annotations

# Kinds of arguments: a number's code in a struct, or an array's dtype and how many axes it has
INTEGER, FLOAT = "q", "d"
Kind = str | tuple[str, int]

FAILED = -1.0  # what comes back where there was no memory; functions give 0 or NaN
NO_MEMORY = "there is not enough memory for what is computed on the way"


def slots_of(kind: Kind) -> int:
    """How many slots of the table an argument takes: a number one, an array its address and its shape."""
    return 1 if isinstance(kind, str) else 1 + kind[1]
