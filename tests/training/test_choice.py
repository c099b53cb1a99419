"""Which engine trains, and why: as the user asks, or whichever is done first."""

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.engines.cache_folder import SUFFIX
from glassnet.training import choice, many_rows

pytest.importorskip("numba")

RNG = np.random.default_rng(6)
X = RNG.normal(size=(23, 3))
Y = RNG.normal(size=(23, 1))
NETWORK = gn.Network(gn.Dense(4, "tanh"), gn.Dense(1), loss="squared")


def choose(model: gn.Model, asked: str, epochs: int, **options: Any) -> choice.Choice:
    """The choice for so many epochs, without training."""
    walk = choice.Walk.over(23, 32, True)
    return choice.choose(asked, model.derivation().record, 23, walk, epochs, **options)


@pytest.fixture
def model() -> gn.Model:
    return gn.train(NETWORK, X, Y, epochs=1, seed=0, engine="numpy")


def states(monkeypatch: pytest.MonkeyPatch, state: str) -> None:
    monkeypatch.setattr(choice, "state_of", lambda *args: state)


def test_as_asked(model: gn.Model, monkeypatch: pytest.MonkeyPatch) -> None:
    assert str(choose(model, "numpy", 10**9)) == "numpy (as asked)"
    states(monkeypatch, "loaded")
    assert str(choose(model, "compiled", 1)) == "compiled (as asked)"
    states(monkeypatch, "compiled")
    assert str(choose(model, "compiled", 1)) == "compiled (as asked; compiling takes about 3 s, once)"
    assert str(model.engine) == "numpy (as asked)"


@pytest.mark.parametrize(
    ("state", "epochs", "expected"),
    [
        ("compiled", 100, r"numpy \(it takes less than 0.1 s; compiling takes about 3 s, once\)"),
        ("compiled", 10**6, r"compiled \(NumPy would take about \d+ s; compiling takes about 3 s, once\)"),
        ("cached", 100, r"numpy \(it takes less than 0.1 s; it was compiled before\)"),
        ("cached", 40_000, r"compiled \(NumPy would take about \d\.\d s; it was compiled before\)"),
        ("loaded", 1, r"compiled \(it is compiled already\)"),
    ],
)
def test_what_is_done_first_is_chosen_and_the_reason_says_why(
    model: gn.Model, state: str, epochs: int, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    states(monkeypatch, state)
    said = str(choose(model, "auto", epochs))
    assert re.fullmatch(expected, said), said


def test_what_is_done_again_and_again_is_worth_compiling_sooner(
    model: gn.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    states(monkeypatch, "compiled")
    once, often = (str(choose(model, "auto", 20_000, times=times)) for times in (1, 20))
    assert re.fullmatch(r"numpy \(it takes about \d\.\d s; compiling takes about 3 s, once\)", once), once
    expected = r"compiled \(NumPy would take about \d\.\d s each time; compiling takes about 3 s, once\)"
    assert re.fullmatch(expected, often), often
    assert str(choose(model, "auto", 10, times=20)).startswith("numpy (it takes less than 0.1 s each time; ")


def test_a_step_of_many_operations_takes_longer_to_compile(monkeypatch: pytest.MonkeyPatch) -> None:
    states(monkeypatch, "compiled")
    deep = gn.initialize(
        gn.Network(*[gn.Dense(4, "selu", strength=True)] * 9, gn.Dense(1), loss="squared"), X, Y, seed=0
    )
    assert re.search(r"; compiling takes about (9|1\d) s, once", str(choose(deep, "compiled", 1)))


@pytest.mark.parametrize("epochs", [1, 40_000, 10**7])
def test_deterministic_does_not_ask_what_was_compiled_before(
    model: gn.Model, epochs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = set()
    for state in ("compiled", "cached", "loaded"):
        states(monkeypatch, state)
        found.add(str(choose(model, "auto", epochs, deterministic=True)))
    assert len(found) == 1


def test_deterministic_does_not_ask_what_is_imported(model: gn.Model, monkeypatch: pytest.MonkeyPatch) -> None:
    for epochs in (1, 10_000, 30_000, 100_000, 300_000, 10**7):
        with_numba = choose(model, "auto", epochs, deterministic=True)
        with monkeypatch.context() as patch:
            patch.delitem(sys.modules, "numba", raising=False)
            patch.delitem(sys.modules, choice.LOADER, raising=False)
            states(patch, "compiled")
            assert choose(model, "auto", epochs, deterministic=True).engine == with_numba.engine


def test_deterministic_gives_the_same_bits_as_the_same_engine_without() -> None:
    for engine in ("numpy", "compiled"):
        a, b = (gn.train(NETWORK, X, Y, epochs=3, seed=0, engine=engine, deterministic=d) for d in (False, True))
        np.testing.assert_array_equal(a.memory.theta, b.memory.theta)


def test_an_unknown_engine_is_refused_and_the_model_stays_as_it_was(model: gn.Model) -> None:
    before = model.memory.theta.copy()
    for call in (gn.train, gn.training):
        with pytest.raises(ValueError, match=r"unknown engine 'numbers'.*known are auto, compiled, numpy"):
            call(model, X, Y, epochs=3, engine="numbers")
    np.testing.assert_array_equal(model.memory.theta, before)


@dataclass(frozen=True)
class ThreeAxes:
    """x @ W by an array (n, inputs, inputs), which the compiled engine does not have."""

    backward = None

    def parameters(self, n_inputs: int) -> dict[str, gn.Parameter]:
        return {"W": gn.Parameter((n_inputs, n_inputs), "glorot_uniform")}

    def forward(self, p: Any, x: Any, mode: gn.Mode) -> dict[str, Any]:
        return {"y": np.sum(np.expand_dims(x, -1) * p.W, axis=1)}


def test_a_network_that_cannot_be_compiled_is_trained_by_numpy_and_the_reason_says_so() -> None:
    network = gn.Network(ThreeAxes(), gn.Dense(1), loss="squared")
    start = gn.initialize(network, X, Y, seed=0)
    gn.train(start, X, Y, epochs=2, batch_size=None)
    assert start.engine.engine == "numpy"
    with pytest.raises(ValueError, match=r"cannot be compiled: y1: an array of 3 axes; use engine='numpy'"):
        gn.train(start, X, Y, epochs=2, engine="compiled")
    assert start.epochs == 2
    long = choose(start, "auto", 10**7)
    assert str(long) == "numpy (it cannot be compiled: y1: an array of 3 axes)"


@pytest.mark.parametrize("batch_size", [7, None])
def test_a_network_of_more_layers_than_can_be_compiled_is_trained_by_numpy(batch_size: int | None) -> None:
    network = gn.Network(*[gn.Dense(2, "tanh")] * 200, gn.Dense(1), loss="squared")
    start = gn.initialize(network, X, Y, seed=0)
    said = r"1,\d\d\d operations in \d\d\d loops, of which at most 190 are compiled"
    with pytest.raises(ValueError, match=rf"cannot be compiled: {said}; use engine='numpy'"):
        gn.train(start, X, Y, epochs=2, batch_size=batch_size, engine="compiled")
    with pytest.raises(ValueError, match=r"operations in 2\d\d loops, of which"):
        start.predictor("compiled")
    assert start.epochs == 0
    assert re.fullmatch(rf"numpy \(it cannot be compiled: {said}\)", str(choose(start, "auto", 10**7)))


# in processes of their own: without Numba, or before it is imported


def said(code: str) -> str:
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True)
    assert done.stderr == ""
    return done.stdout


BEGIN = """
import sys
import numpy as np, glassnet as gn
from glassnet.training import choice
rng = np.random.default_rng(6)
X, Y = rng.normal(size=(23, 3)), rng.normal(size=(23, 1))
network = gn.Network(gn.Dense(4, "tanh"), gn.Dense(1), loss="squared")
"""


def test_a_short_training_does_not_import_numba_and_a_long_one_compiles() -> None:
    code = """
model = gn.train(network, X, Y, epochs=100, seed=0)
print(model.engine)
print("numba" in sys.modules, "threadpoolctl" in sys.modules)
model = gn.train(network, X, Y, epochs=10**7, seed=0, callbacks=lambda event, model: True)
print(model.engine)
"""
    short, imported, long, *_ = said(BEGIN + code).splitlines()
    assert short == "numpy (it takes less than 0.1 s; loading compiled code would take as long)"
    assert imported == "False False"
    assert long.startswith("compiled (NumPy would take about ")


BLOCK = """
import sys
from importlib.machinery import PathFinder

class Without:
    \"""Finds modules as ever, but for those of glassnet[fast].\"""
    def find_spec(self, name, path=None, target=None):
        missing = name.split(".")[0] in ("numba", "llvmlite", "threadpoolctl", "platformdirs")
        return None if missing else PathFinder.find_spec(name, path, target)

sys.meta_path[sys.meta_path.index(PathFinder)] = Without()
"""
BLOCKED = (
    BLOCK
    + BEGIN
    + """
model = gn.train(network, X, Y, epochs=10, seed=0)
print(model.engine)
model = gn.train(network, X, Y, epochs=10**7, seed=0, callbacks=lambda event, model: True)
print(model.engine)
for call in (lambda: gn.train(network, X, Y, engine="compiled"), lambda: model.predictor("compiled"),
             lambda: gn.train_many(network, X, Y, seeds=[1], engine="compiled")):
    try:
        call()
    except ImportError as error:
        print(error)
print((model.predictor()(X) == model.predict(X)).all(), model.predictor().engine)
print(len(gn.train_many(network, X, Y, seeds=range(3), epochs=2)))
"""
)


def test_without_numba_everything_works_and_is_said_to_be_faster_with_it() -> None:
    short, long, *errors, predicted, many = said(BLOCKED).splitlines()
    assert short == "numpy (it takes less than 0.1 s; loading compiled code would take as long)"
    assert "Numba is not installed, which would save about " in long
    assert long.endswith('pip install "glassnet[fast]")')
    assert len(errors) == 3
    assert all("Numba" in error and 'pip install ".[fast]" in a clone' in error for error in errors)
    assert predicted == "True numpy"
    assert many == "3"


def test_a_model_that_was_never_trained_has_no_engine() -> None:
    assert gn.initialize(NETWORK, X, Y, seed=0).engine is None


def test_where_there_is_no_code_nothing_is_imported_to_look_for_it(
    model: gn.Model, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GLASSNET_CACHE", str(tmp_path))
    monkeypatch.setattr(many_rows, "LOADER", "what_nobody_imported")
    monkeypatch.setitem(sys.modules, "glassnet.engines.compiled", None)  # who imports it is found out
    prediction = model.state.derivation(prediction=True)
    assert not many_rows.is_there(prediction, False)
    (tmp_path / f"some{SUFFIX}").touch()
    with pytest.raises(ImportError):
        many_rows.is_there(prediction, False)
