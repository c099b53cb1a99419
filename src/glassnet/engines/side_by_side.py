"""The function that trains one network, called for many at once: 4 to 16 of them are one call of it.

Its text remains as it is; what it is called with makes a vector of each number in it (`vectors.py`).
"""

from __future__ import annotations

from dataclasses import replace

from glassnet.engines.machine_code import Code
from glassnet.parts.parameters import MARKS

SHARED = (*MARKS, "first", "lr", "count")  # the same for all networks

AROUND = """

from glassnet.engines.vectors import lanes_of


@as_written
def train_lanes({arguments}, low, high):
    for k in range(low, high):
        {function}({given})
"""


def side_by_side(code: Code, lanes: int, own_numbers: bool) -> Code:
    """The function that calls the one of a code for groups of networks, from `low` to before `high`.

    It takes what that takes, but each array as (…, networks), and `at` as (groups, 4); and last `low` and `high`.

    Parameters
    ----------
    code
        Of a network written out, without loops.
    lanes
        How many networks are a group.
    own_numbers
        Whether `numbers`, too, is (numbers, networks), or the same for all.
    """
    shared = SHARED if own_numbers else ("numbers", *SHARED)

    def given(name: str) -> str:
        if name == "at":
            return "at[k]"
        return name if name in shared else f"lanes_of({name}, k * {lanes}, {lanes})"

    around = AROUND.format(
        arguments=", ".join(code.arguments), function=code.name, given=", ".join(map(given, code.arguments))
    )
    return replace(code, text=code.text + around, name="train_lanes", arguments=(*code.arguments, "low", "high"))
