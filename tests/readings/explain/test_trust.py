"""What explanations say of a calibrated model: what its temperature does, the row's interval or set."""

import re
from typing import Any

import numpy as np
import pytest

import glassnet as gn

QUICK: dict[str, Any] = {"progress": False, "engine": "numpy", "seed": 0, "batch_size": None, "epochs": 100}


def rows(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 2))
    return X, (X[:, 0] + rng.logistic(size=n) > 0).astype(int)


@pytest.fixture(scope="module")
def model() -> gn.Model:
    found = gn.train(gn.Network(gn.Dense(9, "tanh"), gn.Dense()), *rows(40, 0), optimizer=gn.Adam(0.1), **QUICK)
    assert found.calibrate(*rows(300, 1)).T > 1.5
    return found


def test_the_scores_divided_are_shown_with_their_numbers(model: gn.Model) -> None:
    X, y = rows(1, 2)
    T, z = model.calibration.T, model.scores(X)[0]
    for said in (str(model.explain(X[0])), str(model.explain(X, y))):
        assert said.count("the scores, divided by the temperature: less sure than without") == 1
        for j in range(2):
            number = re.search(rf"tempered3\[0, {j}\] = \S+ / {T:.4g}\s+[=≈] (-?[\d.e-]+)", said)
            assert number is not None
            assert float(number[1]) == pytest.approx(z[j] / T, rel=1e-3)


def test_a_row_has_its_set(model: gn.Model) -> None:
    X, _ = rows(1, 2)
    (expected,) = model.predict(X, interval=0.9).sets
    assert re.search(rf"90 % set, p from = 0\.\d+ +{', '.join(map(str, expected))}\n", str(model.explain(X[0])) + "\n")


def test_a_row_has_its_interval() -> None:
    rng = np.random.default_rng(0)
    X, known = rng.normal(size=(50, 2)), rng.normal(size=(300, 2))
    found = gn.train(gn.Network(gn.Dense()), X, X[:, 0], **QUICK)
    assert "interval" not in str(found.explain(X[0]))
    found.calibrate(known, known[:, 0] + rng.normal(size=300))
    ends = found.predict(X[:1], interval=0.9)
    said = str(found.explain(X[0]))
    for word, of in (("from", ends.lower), ("to", ends.upper)):
        number = re.search(rf"90 % interval, {word} += (-?[\d.]+)", said)
        assert number is not None
        assert float(number[1]) == pytest.approx(of[0], rel=1e-3)


def test_of_an_ensemble_the_mean_is_tempered(model: gn.Model) -> None:
    ensemble = gn.Ensemble([model, model])
    ensemble.calibrate(*rows(300, 3))
    X, _ = rows(1, 2)
    said = str(ensemble.explain(X[0]))
    lines = {line.split()[0]: [float(word) for word in line.split()[1:]] for line in said.splitlines()
             if re.match(r" +(mean|tempered) +0\.\d+ +0\.\d+$", line)}  # fmt: skip
    np.testing.assert_allclose(lines["tempered"], ensemble.predict_proba(X)[0], rtol=1e-3)
    bare = gn.Ensemble([model, model])
    np.testing.assert_allclose(lines["mean"], bare.predict_proba(X)[0], rtol=1e-3)


@pytest.mark.parametrize("kind", ["html", "tex", "json", "txt"])
def test_pages_of_every_kind_have_it(model: gn.Model, kind: str, tmp_path: Any) -> None:
    X, _ = rows(1, 2)
    model.explain(X[0]).save(tmp_path / f"page.{kind}")
    assert "tempered" in (tmp_path / f"page.{kind}").read_text()
