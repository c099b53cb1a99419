"""An old version of Numba is refused before anything is compiled: compiling would end the process."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

pytest.importorskip("numba")

from glassnet.engines.known_numba import LOWEST, check
from glassnet.training.choice import INSTALL

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"

OLD = """
import importlib.metadata
found = importlib.metadata.version
importlib.metadata.version = lambda name: "0.61.2" if name == "numba" else found(name)
import sys, numpy as np, glassnet as gn
X = np.linspace(0.0, 1.0, 46).reshape(23, 2)
network = gn.Network(gn.Dense(4, "tanh"), gn.Dense(1), loss="squared")
enough = lambda event, model: True
model = gn.train(network, X, X[:, 0], epochs=10**7, seed=0, callbacks=enough)
print(model.engine)
model = gn.train(network, X, X[:, 0], epochs=10**7, seed=0, callbacks=enough, progress=True)
print((model.predictor()(X) == model.predict(X)).all(), model.predictor().engine)
for call in (lambda: gn.train(network, X, X[:, 0], engine="compiled"), lambda: model.predictor("compiled"),
             lambda: gn.train_many(network, X, X[:, 0], seeds=[1], engine="compiled")):
    try:
        call()
    except ImportError as error:
        print(error)
print("numba" in sys.modules)
"""


def test_an_old_version_is_left_to_numpy_and_that_is_said() -> None:
    done = subprocess.run([sys.executable, "-W", "error", "-c", OLD], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    chosen, predicted, *errors, imported = done.stdout.splitlines()
    lacks = "Numba 0.61.2 is installed, and the compiled engine knows 0.62 and later"
    reason = rf"the compiled engine cannot be used \({lacks}\), which would save about .*: {re.escape(INSTALL)}"
    assert re.fullmatch(rf"numpy \({reason}\)", chosen)
    assert chosen in done.stderr
    assert predicted == "True numpy"
    assert errors == [f"the compiled engine needs Numba ({lacks}): {INSTALL}"] * 3
    assert imported == "False"


@pytest.mark.parametrize("old", ["0.61.2", "0.9", "0.61.0rc1", "0.0.0"])
def test_older_ones_are_refused(old: str) -> None:
    with pytest.raises(ImportError, match=f"Numba {re.escape(old)} is installed"):
        check(old)


@pytest.mark.parametrize("new", ["0.62.0", "0.62.0rc2", "0.100.1", "1.0", "0.63.0.dev0+12.gabc"])
def test_later_ones_are_taken(new: str) -> None:
    check(new)


def test_the_lowest_known_is_the_lowest_declared() -> None:
    declared = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]["optional-dependencies"]["fast"]
    assert f"numba>={'.'.join(map(str, LOWEST))}" in declared
    check(version("numba"))
