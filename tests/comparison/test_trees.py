"""Trees beside the networks: what they say is scikit-learn's own, and no process is left."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.comparison import trees
from glassnet.comparison.trees import Beside

pytest.importorskip("sklearn")


def given(n: int = 53) -> dict[str, Any]:
    """Rows of two numbers, one missing, and a category; which of three is it? Two divisions of them."""
    rng = np.random.default_rng(0)
    x = np.column_stack((rng.normal(size=(n, 2)), rng.integers(3, size=n)))
    x[3, 0] = np.nan
    rows = np.arange(n)
    divisions = [(rows[rows % 2 == k], rows[rows % 2 != k]) for k in (0, 1)]
    y = rng.integers(3, size=n)
    how = {"categorical": [False, False, True], "classes": 3, "weight": rng.random(n), "seed": 7}
    return {"x": x, "y": y, "divisions": divisions, **how}


def beside(monkeypatch: pytest.MonkeyPatch, **known: Any) -> Beside:
    """Trees in a process of their own, as if scikit-learn were not loaded."""
    with monkeypatch.context() as patch:
        patch.delitem(sys.modules, "sklearn", raising=False)
        found = Beside(**known)
    assert found.process is not None
    return found


def by_scikit_learn(known: dict[str, Any]) -> np.ndarray:
    from sklearn.ensemble import HistGradientBoostingClassifier

    said = []
    for rows, others in known["divisions"]:
        model = HistGradientBoostingClassifier(categorical_features=known["categorical"], random_state=known["seed"])
        model.fit(known["x"][rows], known["y"][rows], sample_weight=known["weight"][rows])
        said.append(model.predict_proba(known["x"][others]))
    return np.concatenate(said)


def test_a_process_of_its_own_says_what_scikit_learn_says(monkeypatch: pytest.MonkeyPatch) -> None:
    known = given()
    found = beside(monkeypatch, **known)
    said = found.said(lambda: False)
    found.end()
    assert found.process is not None
    assert found.process.returncode == 0, "what it failed at was done in this process"
    assert said is not None
    np.testing.assert_array_equal(said[0], by_scikit_learn(known))
    assert said[1] > 0.0


def test_where_scikit_learn_is_loaded_no_process_is_needed() -> None:
    expected = by_scikit_learn(given())
    found = Beside(**given())
    assert found.process is None
    said = found.said(lambda: False)
    found.end()
    assert said is not None
    np.testing.assert_array_equal(said[0], expected)


def test_what_is_over_ends_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    found = beside(monkeypatch, **given())
    assert found.said(lambda: True) is None
    found.end()
    assert found.process is not None
    assert found.process.returncode not in (None, 0)


def test_an_error_of_the_process_is_one_of_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    found = beside(monkeypatch, **{**given(), "y": np.full(53, np.nan)})
    with pytest.raises(ValueError, match="NaN"):
        found.said(lambda: False)
    found.end()


def test_where_no_process_can_be_started_this_one_does_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*what: Any, **how: Any) -> Any:
        raise OSError("no processes here")

    known = given()
    with monkeypatch.context() as patch:
        patch.delitem(sys.modules, "sklearn", raising=False)
        patch.setattr(subprocess, "Popen", none)
        found = Beside(**known)
    assert found.process is None
    said = found.said(lambda: False)
    assert said is not None
    np.testing.assert_array_equal(said[0], by_scikit_learn(known))


@pytest.mark.parametrize(
    ("program", "is_one"), [("/usr/bin/python3.11", True), ("/opt/my-program", False), ("", False)]
)
def test_only_python_is_started_anew(program: str, is_one: bool) -> None:
    assert trees.is_python(program) is is_one


SCRIPT = """
import sys
import numpy as np, glassnet as gn
rows = {"a": np.arange(40.0), "b": np.arange(40) % 7, "y": np.repeat(["left", "right"], 20)}
found = gn.compare(rows, target="y", recipes=["constant"], progress=False)
print([entry.name for entry in found.card.entries], found.card["trees"].error, "sklearn" in sys.modules)
"""


def test_a_script_needs_no_guard_and_loads_no_scikit_learn() -> None:
    done = subprocess.run([sys.executable, "-"], input=SCRIPT, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("['constant', 'trees'] 0.")
    assert done.stdout.endswith("False\n")
    assert done.stderr == ""


def test_nobody_who_asks_for_no_trees_starts_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "Popen", None)
    rows = {"a": np.arange(40.0), "y": np.repeat(["left", "right"], 20)}
    found = gn.compare(rows, target="y", recipes=["constant"], trees=False, progress=False)
    assert [entry.name for entry in found.card.entries] == ["constant"]
