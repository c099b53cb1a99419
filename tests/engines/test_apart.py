import os

import pytest

from glassnet.engines import apart


@pytest.mark.skipif(apart.current_core is None, reason="threads cannot be moved here")
def test_a_thread_leaves_a_core_that_is_taken() -> None:
    allowed = os.sched_getaffinity(0)
    assert apart.current_core is not None
    taken = {apart.current_core()}
    apart.move_apart(taken)
    assert os.sched_getaffinity(0) == allowed  # it may go on anywhere
    assert len(taken) == min(2, len(allowed)) or apart.current_core() in taken


def test_where_all_cores_are_taken_it_stays() -> None:
    taken = set(range(10_000))
    apart.move_apart(taken)
    assert taken == set(range(10_000))


def test_where_threads_cannot_be_moved_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "current_core", None)
    taken = set[int]()
    apart.move_apart(taken)
    assert not taken
