"""Several rows of a matrix taken as one long row, for the loops of layers with few units.

A loop over the columns of a row is only fast where there are many of them: the processor computes 8 numbers at once,
and 32 in a turn of the loop. But rows lie one behind the other in memory, so 16 rows of 32 columns are one row of 512.
What is the same in all rows, a bias, is then needed 16 times in a row; and a sum over the rows is kept as 16 sums,
which are taken together at the end.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from numpy.typing import NDArray

from glassnet.engines.within import part

Array: TypeAlias = NDArray[Any]

WIDEST_ROW = 512  # columns, up to which rows are put together: what is the same in all of them stays in the first cache


@part
def rows_at_once(n: int, size: int) -> int:
    """How many of n rows with so many columns are taken as one."""
    return max(1, min(n, WIDEST_ROW // size))


@part
def repeat(row: Array, wide: Array, many: int) -> None:
    """The columns of a row so many times, one after the other: what is there is copied to where it ends."""
    for j in range(row.size):
        wide[j] = row.flat[j]
    done, whole = row.size, row.size * many
    while done < whole:
        for j in range(min(done, whole - done)):
            wide[done + j] = wide[j]
        done *= 2


@part
def take_together(wide: Array, row: Array, many: int) -> None:
    """The sums of what stands in the same column: the second half is added to the first, and so on."""
    while many > 1:
        half = many // 2
        start = (many - half) * row.size
        for j in range(half * row.size):
            wide[j] += wide[start + j]
        many -= half
    for j in range(row.size):
        row.flat[j] = wide[j]
