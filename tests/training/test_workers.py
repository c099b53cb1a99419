"""One function at work in several threads."""

import threading

import pytest

from glassnet.training.workers import in_threads


def test_this_thread_is_one_of_them():
    seen, all_there = [], threading.Barrier(3, timeout=10)

    def work():
        all_there.wait()
        seen.append(threading.current_thread())

    in_threads(work, 3)
    assert len(set(seen)) == 3
    assert threading.current_thread() in seen


def test_this_thread_looks_while_others_work():
    seen, stop = [], threading.Event()

    def work():
        seen.append(threading.current_thread())
        assert stop.wait(10)

    in_threads(work, 2, stop.set)
    assert len(set(seen)) == 2
    assert threading.current_thread() not in seen


@pytest.mark.parametrize("looks", [None, lambda: None])
def test_what_is_raised_in_one_is_raised_here_after_the_others_are_done(looks):
    turns, done = iter(range(3)), []

    def work():
        if next(turns) == 1:
            raise ZeroDivisionError
        done.append(1)

    with pytest.raises(ZeroDivisionError):
        in_threads(work, 3, looks)
    assert len(done) == 2
