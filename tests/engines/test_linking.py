"""Functions that are compiled for one whole: they are not translated for themselves, and can be called all the same."""

import pytest

pytest.importorskip("numba")

from numba import int64, njit
from numba.core.compiler_lock import global_compiler_lock

from glassnet.engines.linking import Part, linked_into


@njit(no_cpython_wrapper=True)
def square(n: int) -> int:
    return n * n


@njit
def double(n: int) -> int:
    return 2 * n


@njit
def whole(n: int) -> int:
    total = 0
    for k in range(n):
        total += square(k) + double(k)
    return total


def test_parts_are_translated_with_the_whole_or_when_they_are_called() -> None:
    with global_compiler_lock, linked_into("whole"):
        whole.compile((int64,))
    alone, called = (function.overloads[(int64,)].library for function in (square, double))
    assert isinstance(alone, Part)
    assert not alone.translated  # nobody can call it
    assert called.translated
    assert whole(4) == 0 + 3 + 8 + 15
    assert double(7) == 14
    assert njit(lambda n: square(n) + 1)(5) == 26
