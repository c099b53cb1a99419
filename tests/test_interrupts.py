"""Signals while numbers change: noted where somebody asks, raised where nobody does, and never lost."""

import ctypes
import signal
import sys
from contextlib import suppress
from types import FrameType
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet import interrupts
from glassnet.engines import compiling
from glassnet.interrupts import interruptible, so_far, undisturbed
from glassnet.training import loop
from glassnet.training.begin import begin
from glassnet.training.preparing import prepare
from glassnet.training.settings import Settings

X = np.random.default_rng(0).normal(size=(23, 3))
Y = X[:, :1] * X[:, 1:2]
NETWORK = gn.Network(gn.Dense(5, "tanh"), gn.Dense(1))


@ctypes.CFUNCTYPE(None)
def interrupt() -> None:
    """From C, which has nowhere to send what this raises."""
    signal.raise_signal(signal.SIGINT)


def test_ctrl_c_while_compiling_is_heard_when_that_is_done(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setenv("GLASSNET_CACHE", str(tmp_path_factory.mktemp("cache")))
    monkeypatch.setattr("glassnet.engines.compiled.LOADED", {})
    compiled = compiling.compiled

    def interrupted(*args: object) -> object:
        interrupt()
        return compiled(*args)  # type: ignore[arg-type]  # any arguments

    monkeypatch.setattr(compiling, "compiled", interrupted)
    how = {"engine": "compiled", "epochs": 3, "seed": 1, "progress": False}
    model = gn.train(NETWORK, X, Y, **how)  # type: ignore[arg-type]  # mixed options
    assert (model.epochs, model.history.stopped) == (0, "interrupted")
    assert gn.train(NETWORK, X, Y, **how).epochs == 3  # type: ignore[arg-type]  # mixed options
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_where_nobody_asks_it_is_raised_when_others_code_is_through() -> None:
    done = []

    def others() -> None:
        with undisturbed():
            interrupt()
            done.append("all of it")

    with pytest.raises(KeyboardInterrupt):
        others()
    assert done


def test_what_is_inside_asks_too_and_a_second_one_is_raised() -> None:
    with interruptible() as outer, interruptible() as inner, undisturbed():
        assert not inner()
        signal.raise_signal(signal.SIGINT)
        assert inner()
        assert outer()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    with interruptible() as asked:
        assert not asked()
    assert not interrupts.OPEN


@pytest.mark.parametrize("heard", [0, 1])
def test_whenever_it_comes_the_next_one_is_pythons_own(monkeypatch: pytest.MonkeyPatch, heard: int) -> None:
    def lines_with_a_signal_at(line: int) -> int:
        seen = 0

        def trace(frame: FrameType, event: str, argument: object) -> Any:
            nonlocal seen
            if frame.f_code.co_filename != interrupts.__file__:
                return None
            seen += event == "line"
            if event == "line" and seen == line:
                signal.raise_signal(signal.SIGINT)
            return trace

        monkeypatch.setattr(interrupts, "OPEN", [])
        before = sys.gettrace()
        with suppress(KeyboardInterrupt):
            try:
                sys.settrace(trace)
                with interruptible():
                    for _ in range(heard):
                        signal.raise_signal(signal.SIGINT)
            finally:
                sys.settrace(before)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler, line
        with interruptible() as asked:
            assert not asked()
            signal.raise_signal(signal.SIGINT)
            assert asked()
        return seen

    last = lines_with_a_signal_at(0)
    assert last > 10
    for line in range(1, last + 1):
        lines_with_a_signal_at(line)


def test_what_is_outside_says_what_becomes_of_what_is_inside() -> None:
    with interruptible(lambda found: [found, "kept"]), interruptible():
        assert so_far() == [None, "kept"]
        with interruptible(lambda found: "model"):
            assert so_far() == ["model", "kept"]
    assert so_far() is None


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_a_copy_so_far_is_that_of_the_last_whole_step(monkeypatch: pytest.MonkeyPatch, engine: str) -> None:
    monkeypatch.setattr(loop, "SLOW", 0.0)
    how = {"epochs": 3, "batch_size": 7, "engine": engine, "optimizer": "adam"}

    def run() -> loop.Run:
        return begin(prepare(NETWORK, X, Y, seed=1), Settings(**how))  # type: ignore[arg-type]  # mixed options

    slow, found = run(), {}

    def asked() -> bool:
        kept = slow.so_far()
        found[slow.state.memory.t] = kept
        return False

    slow.asked_to_stop = asked
    for _ in slow.events():
        pass
    assert found[0] is None
    for steps in (1, 4, 6):
        reference = run()
        for _ in reference.events(steps=steps):
            pass
        kept = found[steps]
        np.testing.assert_array_equal(kept.memory.theta, reference.state.memory.theta)
        assert (kept.place.epochs, kept.place.batch) == divmod(steps, 4)
        assert len(kept.history) == kept.epochs
        assert kept.history.stopped == "interrupted"
