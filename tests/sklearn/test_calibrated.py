"""Estimators whose model is calibrated."""

from typing import Any

import numpy as np
import pytest

from glassnet.sklearn import MLPClassifier, TableClassifier


def rows(n: int, seed: int, classes: int = 2) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3))
    return X, (X[:, :classes] + rng.gumbel(size=(n, classes))).argmax(axis=1)


def powers(p: np.ndarray, T: float) -> np.ndarray:
    return np.asarray(p ** (1.0 / T) / (p ** (1.0 / T)).sum(axis=1, keepdims=True))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(("engine", "classes"), [("numpy", 2), ("numpy", 3), ("compiled", 3)])
def test_mlp_classifiers_have_the_temperature(engine: str, classes: int) -> None:
    classifier = MLPClassifier((20,), max_iter=60, learning_rate_init=0.05, random_state=0, engine=engine)
    classifier.fit(*rows(80, 0, classes))
    X, _ = rows(50, 2, classes)
    before, labels, logs = (
        ask(X) for ask in (classifier.predict_proba, classifier.predict, classifier.predict_log_proba)
    )
    np.testing.assert_allclose(np.exp(logs), before, rtol=1e-9)
    T = classifier.model_.calibrate(*rows(400, 1, classes)).T
    assert T > 1.2
    np.testing.assert_allclose(classifier.predict_proba(X), powers(before, T), rtol=1e-9)
    np.testing.assert_allclose(np.exp(classifier.predict_log_proba(X)), powers(before, T), rtol=1e-9)
    np.testing.assert_array_equal(classifier.predict(X), labels)
    classifier.partial_fit(*rows(80, 0, classes))
    assert classifier.model_.calibration is None


def test_table_classifiers_have_it() -> None:
    recipe: Any = "small"
    classifier = TableClassifier(recipe, random_state=0).fit(*rows(60, 0, 3))
    X, _ = rows(50, 2, 3)
    before = classifier.predict_proba(X)
    here, y = rows(400, 1, 3)
    columns = {f"x{k + 1}": here[:, k] for k in range(3)} | {classifier.model_.contract.target.name: y}
    with pytest.warns(UserWarning, match="outside"):
        T = classifier.model_.calibrate(columns).T
    np.testing.assert_allclose(classifier.predict_proba(X), powers(before, T), rtol=1e-5)
