"""Tasks handed out to executors whose workers die, hang, and answer twice."""

import os
from concurrent.futures import BrokenExecutor, Future, ThreadPoolExecutor
from typing import Any

import pytest

from glassnet.errors import GlassnetError
from glassnet.workers import executors, places
from glassnet.workers.cluster import check_workers, cluster
from glassnet.workers.executors import Members, executor_of
from glassnet.workers.places import Elsewhere, Here, elsewhere
from glassnet.workers.version import check_same, here


class KilledWorker(Exception):
    """As Dask raises it."""


class Faulty:
    """An executor that does to its tasks, one after the other, what it is told."""

    def __init__(self, *faults):
        self.faults, self.handed_out, self.hung = [*faults], [], []

    def submit(self, call, task):
        self.handed_out.append(task)
        future = Future()
        fault = self.faults.pop(0) if self.faults else None
        if fault == "hangs":
            self.hung.append(future)
        elif fault is not None:
            future.set_exception(fault)
        else:
            future.set_result(call(task))
        return future


class Client:
    """Two machines, of which one has two workers."""

    def nthreads(self):
        return {"tcp://b": 1, "tcp://a": 2}


def squared(number):
    return number * number


def answers(executor, late=0.05):
    with elsewhere(executor, 1) as place:
        found = dict(place.answers(squared, [2, 3, 5], lambda: False, late))
        return found, place.copies


RIGHT = {2: 4, 3: 9, 5: 25}


def test_what_hangs_is_done_by_another_and_stays_there_until_the_end():
    faulty = Faulty(None, "hangs")
    assert answers(faulty) == (RIGHT, 1)
    assert faulty.handed_out == [2, 3, 5, 3]
    assert faulty.hung[0].cancelled()  # at the end
    faulty = Faulty("hangs", "hangs", "hangs", "hangs", None, "hangs")
    assert answers(faulty, 0.01) == (RIGHT, 3 + 2)


def test_what_dies_is_done_again():
    for death in (BrokenExecutor("died"), KilledWorker("task")):
        faulty = Faulty(None, death)
        assert answers(faulty) == (RIGHT, 0)
        assert sorted(faulty.handed_out) == [2, 3, 3, 5]
    with pytest.raises(GlassnetError, match=r"^all workers died, 3 times, before any of 3 tasks was done"):
        answers(Faulty(*[BrokenExecutor("died")] * 9))


def test_errors_of_a_task_and_who_has_enough_end_it():
    with pytest.raises(ZeroDivisionError):
        answers(Faulty(ZeroDivisionError()))
    with pytest.raises(KeyboardInterrupt):
        [*Here().answers(squared, [2], lambda: True)]
    with pytest.raises(KeyboardInterrupt), elsewhere(Faulty("hangs"), 1) as place:
        [*place.answers(squared, [2], lambda: True)]


def test_workers_of_this_place_that_hang_are_ended(monkeypatch):
    class Own(Faulty):
        ended = False

        def shutdown(self, *, kill_workers):
            self.ended = kill_workers

    first, second = Own(*["hangs"] * 40), Own()
    made = [first, second]
    place = Elsewhere(make=lambda: made.pop(0), members=Members(None), is_own=True)
    assert dict(place.answers(squared, [2, 3, 5], lambda: False, 0.01)) == RIGHT
    assert first.ended
    assert len(first.handed_out) == 3 * places.COPIES


def test_workers_are_counted():
    members = Members(Client())
    assert members.count() == 3
    assert [members.address(k, 6) for k in range(6)] == ["tcp://a"] * 4 + ["tcp://b"] * 2
    assert [members.address(k, 2) for k in range(2)] == ["tcp://a", "tcp://a"]
    assert members.address(0, 1, {"tcp://a"}) == "tcp://b"
    assert members.address(0, 1, {"tcp://a", "tcp://b"}) is None
    with ThreadPoolExecutor(4) as pool:
        assert Members(pool).count() == 4
        assert Members(pool).address(0, 1) is None
        assert executor_of(pool) is pool
    assert Members(object()).count() == 1


def test_the_same_worker_is_asked_each_time_unless_it_hangs():
    class Asked(Faulty):
        nthreads = Client.nthreads

        def __init__(self, *faults):
            super().__init__(*faults)
            self.who = []

        def submit(self, call, task, workers=None, allow_other_workers=False):
            self.who.append(workers and workers[0][-1])
            assert allow_other_workers is (workers is not None)
            return super().submit(call, task)

    executor = Asked(None, None, None, None, None, "hangs")
    with elsewhere(executor, 1, to_the_same=True) as place:
        for _ in range(3):
            assert dict(place.answers(squared, [2, 3, 5], lambda: False, 0.02)) == RIGHT
    assert executor.who == ["a", "a", "b", "a", "a", "b", None, "a", "a", "a"]


def test_a_cluster_without_workers_or_with_another_glassnet_is_refused():
    class Answering(Client):
        there: dict[str, int]
        answer: object

        def __init__(self, there, answer):
            self.there, self.answer = there, answer

        def nthreads(self):
            return self.there

        def run(self, function, on_error):
            return dict.fromkeys(self.there, self.answer)

    check_workers(Answering({"tcp://a": 1}, here()), "tcp://s:1", "training")
    for there, answer, words in (
        ({}, here(), r"^the cluster at tcp://s:1 has no workers: start some"),
        (
            {"tcp://a": 1},
            "0.0.9 with Numba",
            r"^worker tcp://a has glassnet 0\.0\.9 with Numba, and the training is of",
        ),
        ({"tcp://a": 1}, ModuleNotFoundError("glassnet"), r"^worker tcp://a cannot load glassnet \(glassnet\)"),
    ):
        with pytest.raises(GlassnetError, match=words):
            check_workers(Answering(there, answer), "tcp://s:1", "training")


def test_another_glassnet_and_what_is_no_address_are_refused():
    with pytest.raises(GlassnetError, match=r"and the training is of glassnet 0\.0\.9 without Numba"):
        check_same("0.0.9 without Numba", "training")
    for address in ("10.0.0.1:8786", "http://host", 3):
        with pytest.raises(ValueError, match=r"^a cluster is given by an address of Dask's"), cluster(address):
            pass


def test_processes_do_not_hear_what_is_for_the_parent_even_while_they_start(capfd: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("joblib")
    started: Any = executors.processes(2)
    try:
        begun = [*started._processes]
        for pid in begun:
            for signum in executors.FOR_THE_PARENT:
                os.kill(pid, signum)
        assert started.submit(int, "7").result(timeout=60) == 7
        assert [*started._processes] == begun
    finally:
        started.shutdown(kill_workers=True)
    assert "Traceback" not in capfd.readouterr().err
