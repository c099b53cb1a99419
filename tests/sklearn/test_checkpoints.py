"""A fit that was cut off goes on to the same numbers."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.model.checkpoints import series, spent
from glassnet.sklearn import MLPClassifier, MLPRegressor

X, y = gn.datasets.moons(80)

FITS: dict[str, Callable[[], Any]] = {
    "adam": lambda: MLPClassifier((8,), max_iter=20, random_state=1),
    "early stopping": lambda: MLPClassifier(
        (8,), max_iter=20, early_stopping=True, random_state=np.random.RandomState(3)
    ),
    "adaptive": lambda: MLPRegressor(
        hidden_layer_sizes=(8,),
        solver="sgd",
        learning_rate="adaptive",
        max_iter=30,
        random_state=1,
        tol=1e-2,
        n_iter_no_change=3,
    ),
    "lbfgs": lambda: MLPRegressor(hidden_layer_sizes=(8,), solver="lbfgs", max_iter=9, random_state=0),
    "within an epoch": lambda: MLPClassifier(
        (8,), batch_size=9, max_iter=3, dropout=0.2, early_stopping=True, random_state=1, engine="numpy"
    ),
}
STEPS = {"lbfgs": 10, "within an epoch": 3 * 8}  # evaluations, or batches: each is a place to go on from


class Cut(BaseException):
    """The power is cut."""


def numbers(fitted: Any, folder: Path) -> tuple[Any, ...]:
    fitted.model_.save(folder / "model.glass")
    names = ("n_iter_", "t_", "stopped_", "loss_", "loss_curve_", "best_loss_", "validation_scores_")
    return ((folder / "model.glass").read_bytes(), *(getattr(fitted, name, None) for name in names))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("kind", FITS)
def test_a_fit_goes_on_to_the_same_numbers(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spent, "LEAST", 0.0)
    monkeypatch.setattr(spent, "SHARE", 1e9)
    whole, write, cuts = FITS[kind]().fit(X, y), series.Series.write, 0
    left = [0]

    def counted(*given: Any) -> None:
        write(*given)
        left[0] -= 1
        if not left[0]:
            raise Cut

    monkeypatch.setattr(series.Series, "write", counted)
    while True:
        left[0] = 3
        try:
            with gn.checkpoints(tmp_path / "kept"):
                found = FITS[kind]().fit(X, y)
        except Cut:
            cuts += 1
            continue
        break
    assert cuts >= STEPS.get(kind, 3) // 3
    assert numbers(found, tmp_path) == numbers(whole, tmp_path)


def test_a_grid_is_kept_fit_by_fit(tmp_path: Path) -> None:
    search = pytest.importorskip("sklearn.model_selection").GridSearchCV
    heard: list[Any] = []

    def searched() -> Any:
        network = MLPClassifier(
            4, max_iter=3, tol=1.0, random_state=0, callbacks=[lambda event, model: heard.append(1) and None]
        )
        with gn.checkpoints(tmp_path):
            return search(network, {"alpha": [0.1, 0.001]}, cv=2).fit(X, y)

    with pytest.warns(sys.modules["sklearn.exceptions"].ConvergenceWarning):
        first = searched()
    trained = len(heard)
    with pytest.warns(sys.modules["sklearn.exceptions"].ConvergenceWarning):
        again = searched()
    assert len(heard) == trained
    np.testing.assert_array_equal(first.cv_results_["mean_test_score"], again.cv_results_["mean_test_score"])
