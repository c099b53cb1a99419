"""Both classes inside what scikit-learn builds around an estimator: pipelines, searches, ensembles, frames, files."""

import copy
import io
import pickle
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse
from sklearn._config import config_context  # sklearn.config_context
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.ensemble import (
    AdaBoostClassifier,
    AdaBoostRegressor,
    BaggingClassifier,
    BaggingRegressor,
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.exceptions import NotFittedError
from sklearn.experimental import enable_halving_search_cv  # noqa: F401  # HalvingGridSearchCV is imported only after it
from sklearn.feature_selection import SequentialFeatureSelector
from sklearn.frozen import FrozenEstimator
from sklearn.inspection import partial_dependence, permutation_importance
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import get_scorer
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    RandomizedSearchCV,
    cross_val_predict,
    cross_validate,
    learning_curve,
    validation_curve,
)
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier, MultiOutputRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from threadpoolctl import threadpool_limits

from glassnet.sklearn import MLPClassifier, MLPRegressor

# A few epochs are enough to see what goes through; that they are few is warned of.
pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    # joblib's workers end when they idle, which on a slow machine they do between two tests
    pytest.mark.filterwarnings("ignore:A worker stopped while some jobs were given:UserWarning"),
]

KINDS = [MLPClassifier, MLPRegressor]
RNG = np.random.default_rng(17)
ROWS = 89
X = RNG.normal(size=(ROWS, 5)) * [1.0, 1.0, 1.0, 0.5, 1.0]
SCORES = X[:, :3] + 0.2 * RNG.normal(size=(ROWS, 3))
LABELS = np.array(["ant", "bee", "cow"])[SCORES.argmax(axis=1)]
NUMBERS = np.tanh(X[:, 0]) - 0.5 * X[:, 1] + 0.1 * RNG.normal(size=ROWS)
WEIGHTS = RNG.uniform(0.1, 2.0, size=ROWS)
NAMES = list("pqrst")


def make(kind: type, **options: Any) -> Any:
    return kind(**{"hidden_layer_sizes": 7, "learning_rate_init": 0.02, "max_iter": 40, "random_state": 3, **options})


def target(kind: type) -> np.ndarray:
    return LABELS if kind is MLPClassifier else NUMBERS


def good(estimator: Any, x: Any, kind: type) -> None:
    """It has learnt: better by far than the most frequent class (0.4), or than the mean (0)."""
    assert estimator.score(x, target(kind)) > 0.65


def fitted(kind: type, x: Any = X, **options: Any) -> Any:
    return make(kind, **options).fit(x, target(kind))


# pipelines and frames


@pytest.mark.parametrize("kind", KINDS)
def test_pipeline(kind: type) -> None:
    pipeline = make_pipeline(StandardScaler(), make(kind)).fit(X * 100 + 7, target(kind))
    good(pipeline, X * 100 + 7, kind)
    np.testing.assert_array_equal(
        pipeline.predict(X * 100 + 7),
        fitted(kind, pipeline[0].transform(X * 100 + 7)).predict(pipeline[0].transform(X * 100 + 7)),
    )


@pytest.mark.parametrize("kind", KINDS)
def test_pipeline_with_frames_between_its_steps(kind: type) -> None:
    frame = pd.DataFrame(X, columns=NAMES)
    pipeline = make_pipeline(StandardScaler(), make(kind)).set_output(transform="pandas").fit(frame, target(kind))
    assert pipeline[-1].feature_names_in_.tolist() == NAMES
    good(pipeline, frame, kind)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sparse", [0.0, 1.0], ids=["dense", "sparse"])
def test_column_transformer(kind: type, sparse: float) -> None:
    frame = pd.DataFrame(X, columns=NAMES).assign(animal=LABELS)
    columns = ColumnTransformer(
        [("numbers", StandardScaler(), NAMES), ("words", OneHotEncoder(), ["animal"])], sparse_threshold=sparse
    )
    pipeline = Pipeline([("columns", columns), ("net", make(kind))]).fit(frame, target(kind))
    assert scipy.sparse.issparse(columns.fit_transform(frame)) == bool(sparse)
    assert pipeline["net"].n_features_in_ == 8
    good(pipeline, frame, kind)


FRAMES = {
    "pandas": lambda x: pd.DataFrame(x, columns=NAMES[: x.shape[1]]),
    "polars": lambda x: pl.DataFrame(x, schema=NAMES[: x.shape[1]]),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("library", FRAMES)
def test_frames(kind: type, library: str) -> None:
    frame = FRAMES[library](X)
    y = (pd if library == "pandas" else pl).Series(target(kind).tolist())
    model = make(kind).fit(frame, y)
    assert model.feature_names_in_.tolist() == NAMES
    assert model.feature_names_in_.dtype == object
    np.testing.assert_array_equal(model.predict(frame), fitted(kind).predict(X))
    with pytest.warns(
        UserWarning, match="X does not have valid feature names, but MLP.* was fitted with feature names"
    ):
        model.predict(X)
    renamed = FRAMES[library](X)
    renamed.columns = [*NAMES[:-1], "z"]
    with pytest.raises(ValueError, match="The feature names should match those that were passed during fit"):
        model.predict(renamed)
    with pytest.raises(ValueError, match="Feature names must be in the same order"):
        model.predict(frame[NAMES[::-1]])
    with pytest.raises(ValueError, match="Feature names seen at fit time, yet now missing:\n- t"):
        model.predict(frame[NAMES[:-1]])
    with pytest.warns(UserWarning, match="X has feature names, but MLP.* was fitted without feature names"):
        fitted(kind).predict(frame)
    assert not hasattr(fitted(kind), "feature_names_in_")


@pytest.mark.parametrize("kind", KINDS)
def test_frames_in_partial_fit(kind: type) -> None:
    frame = FRAMES["pandas"](X)
    model = make(kind)
    first = {"classes": np.unique(LABELS)} if kind is MLPClassifier else {}
    model.partial_fit(frame, target(kind), **first)
    assert model.feature_names_in_.tolist() == NAMES
    with pytest.raises(ValueError, match="The feature names should match"):
        model.partial_fit(frame.rename(columns={"p": "z"}), target(kind))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("container", ["csr_matrix", "csc_matrix", "csr_array", "csc_array", "coo_array", "lil_matrix"])
def test_sparse_matrices_give_what_dense_ones_give(kind: type, early_stopping: bool, container: str) -> None:
    x = np.where(np.abs(X) > 0.7, X, 0.0)
    sparse = getattr(scipy.sparse, container)(x)
    options = {"batch_size": 23, "max_iter": 10, "early_stopping": early_stopping}
    model, dense = fitted(kind, sparse, **options), fitted(kind, x, **options)
    for w, v in zip(model.coefs_, dense.coefs_, strict=True):
        np.testing.assert_allclose(w, v, rtol=1e-9, atol=1e-11)
    answer = "predict_proba" if kind is MLPClassifier else "predict"
    np.testing.assert_allclose(getattr(model, answer)(sparse), getattr(dense, answer)(x), rtol=1e-9, atol=1e-11)
    assert model.score(sparse, target(kind)) == pytest.approx(dense.score(x, target(kind)), rel=1e-9)


# copies and files


def by_joblib(model: Any) -> Any:
    file = io.BytesIO()
    joblib.dump(model, file)
    file.seek(0)
    return joblib.load(file)


COPIES = {"pickle": lambda model: pickle.loads(pickle.dumps(model)), "joblib": by_joblib, "deepcopy": copy.deepcopy}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", COPIES)
@pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
def test_copies_predict_and_learn_on_alike(kind: type, way: str, solver: str) -> None:
    model = fitted(kind, solver=solver, max_iter=10)
    copied = COPIES[way](model)
    np.testing.assert_array_equal(copied.predict(X), model.predict(X))
    assert copied.get_params() == model.get_params()
    if solver != "lbfgs":  # which has no partial_fit
        for _ in range(5):
            for each in (model, copied):
                each.partial_fit(X, target(kind))
        np.testing.assert_array_equal(copied.coefs_[0], model.coefs_[0])
        assert copied.loss_curve_ == model.loss_curve_
        assert len(copied.loss_curve_) == 15


@pytest.mark.parametrize("kind", KINDS)
def test_a_copy_is_another(kind: type) -> None:
    model = fitted(kind, max_iter=5)
    before = model.predict(X)
    copied = copy.deepcopy(model)
    copied.partial_fit(X, target(kind))
    np.testing.assert_array_equal(model.predict(X), before)


@pytest.mark.parametrize("kind", KINDS)
def test_memory_mapped_models_predict(kind: type, tmp_path: Path) -> None:
    model = fitted(kind)
    joblib.dump(model, tmp_path / "model")
    np.testing.assert_array_equal(joblib.load(tmp_path / "model", mmap_mode="r").predict(X), model.predict(X))


@pytest.mark.parametrize("kind", KINDS)
def test_clone(kind: type) -> None:
    model = fitted(kind, alpha=0.3, activation="tanh")
    fresh = clone(model)
    assert fresh.get_params() == model.get_params()
    for name, value in fresh.get_params().items():
        assert getattr(fresh, name) is value
    with pytest.raises(NotFittedError):
        fresh.predict(X)
    np.testing.assert_array_equal(fresh.fit(X, target(kind)).predict(X), model.predict(X))


@pytest.mark.parametrize("kind", KINDS)
def test_parameters(kind: type) -> None:
    model = make(kind)
    assert model.set_params(alpha=0.5, hidden_layer_sizes=(3, 2)) is model
    assert (model.get_params()["alpha"], model.hidden_layer_sizes) == (0.5, (3, 2))
    with pytest.raises(ValueError, match="Invalid parameter 'alhpa' for estimator MLP"):
        model.set_params(alhpa=1.0)
    assert "alpha=0.5" in repr(model)
    assert is_classifier(model) == (kind is MLPClassifier)
    assert is_regressor(model) == (kind is MLPRegressor)


@pytest.mark.parametrize("kind", KINDS)
def test_html(kind: type) -> None:
    for model in (make(kind), fitted(kind), make_pipeline(StandardScaler(), make(kind))):
        page = model._repr_html_()
        assert kind.__name__ in page
        assert "sk-estimator" in page
    assert kind.__name__ in make(kind)._repr_mimebundle_()["text/html"]


# choosing


@pytest.mark.parametrize("kind", KINDS)
def test_grid_search(kind: type) -> None:
    grid = {"net__alpha": [1e-4, 1.0], "net__hidden_layer_sizes": [(2,), (7, 3)]}
    pipeline = Pipeline([("scale", StandardScaler()), ("net", make(kind))])
    scores = []
    for n_jobs in (1, 2):
        search = GridSearchCV(pipeline, grid, cv=3, n_jobs=n_jobs).fit(X, target(kind))
        scores.append([search.cv_results_[f"split{k}_test_score"] for k in range(3)])
        good(search, X, kind)
    np.testing.assert_array_equal(scores[0], scores[1])


@pytest.mark.parametrize("kind", KINDS)
def test_other_searches(kind: type) -> None:
    grid = {"alpha": [1e-4, 0.1, 1.0], "activation": ["tanh", "relu"]}
    halving = HalvingGridSearchCV(make(kind), grid, cv=2, random_state=1, resource="max_iter", max_resources=27)
    good(halving.fit(X, target(kind)), X, kind)
    assert halving.n_resources_[-1] <= 27
    good(RandomizedSearchCV(make(kind), grid, n_iter=3, cv=2, random_state=1).fit(X, target(kind)), X, kind)


@pytest.mark.parametrize("kind", KINDS)
def test_cross_validation_gives_the_same_for_any_number_of_processes(kind: type) -> None:
    y = target(kind)
    scoring = ["accuracy", "neg_log_loss"] if kind is MLPClassifier else ["r2", "neg_mean_absolute_error"]
    results = [
        cross_validate(make(kind), X, y, cv=3, scoring=scoring, n_jobs=n_jobs, return_estimator=True)
        for n_jobs in (1, 2)
    ]
    for name in scoring:
        np.testing.assert_array_equal(*(result[f"test_{name}"] for result in results))
    for one, two in zip(*(result["estimator"] for result in results), strict=True):
        np.testing.assert_array_equal(one.coefs_[0], two.coefs_[0])
    methods = ["predict", "predict_proba", "predict_log_proba"] if kind is MLPClassifier else ["predict"]
    for method in methods:
        one, two = (cross_val_predict(make(kind), X, y, cv=3, method=method, n_jobs=n) for n in (1, 2))
        assert len(one) == ROWS
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("rows", "columns", "units"), [(ROWS, 5, 7), (2003, 211, 257)])
def test_any_number_of_blas_threads_gives_the_same(kind: type, rows: int, columns: int, units: int) -> None:
    """scikit-learn's own differ in the last digits at the second size: BLAS cuts its sums by its threads."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=(rows, columns))
    y = (x[:, 0] > 0).astype(int)
    found = []
    for threads in (1, 2):
        with threadpool_limits(threads, user_api="blas"):
            model = make(kind, hidden_layer_sizes=units, batch_size=83, max_iter=1).fit(x, y)
            answer = model.predict_proba(x) if kind is MLPClassifier else model.predict(x)
            found.append((*model.coefs_, *model.intercepts_, answer))
    for one, *others in zip(*found, strict=True):
        for other in others:
            np.testing.assert_array_equal(other, one)


@pytest.mark.parametrize("kind", KINDS)
def test_curves(kind: type) -> None:
    y = target(kind)
    sizes, train, test = learning_curve(make(kind), X, y, cv=3, train_sizes=[0.4, 1.0], shuffle=True, random_state=0)
    assert (len(sizes), train.shape, test.shape) == (2, (2, 3), (2, 3))
    assert test[1].mean() > 0.5
    learning_curve(
        make(kind), X, y, cv=3, train_sizes=[0.4, 1.0], exploit_incremental_learning=True, shuffle=True, random_state=0
    )
    train, test = validation_curve(make(kind), X, y, param_name="alpha", param_range=[1e-4, 1e3], cv=3)
    assert train[0].mean() > train[1].mean() + 0.2


@pytest.mark.parametrize("kind", KINDS)
def test_what_matters(kind: type) -> None:
    model = fitted(kind)
    importances = permutation_importance(model, X, target(kind), n_repeats=3, random_state=0).importances_mean
    assert importances[0] > importances[4] + 0.05
    selector = SequentialFeatureSelector(make(kind, max_iter=15), n_features_to_select=2, cv=2)
    chosen = selector.fit(X, target(kind)).get_support()
    assert chosen.sum() == 2
    assert chosen[:3].sum() >= 1
    dependence = partial_dependence(model, X, [0], grid_resolution=11)
    assert dependence["average"].shape == ((3 if kind is MLPClassifier else 1), 11)
    assert np.ptp(dependence["average"][0]) > 0.2


def test_scorers() -> None:
    assert get_scorer("neg_log_loss")(fitted(MLPClassifier), X, LABELS) > -0.9
    assert get_scorer("roc_auc_ovr")(fitted(MLPClassifier), X, LABELS) > 0.8
    assert get_scorer("neg_mean_squared_error")(fitted(MLPRegressor), X, NUMBERS) > -0.3


# ensembles

SOME = {MLPClassifier: LogisticRegression(), MLPRegressor: Ridge()}
AROUND: dict[str, tuple[type, Any]] = {
    "BaggingClassifier": (MLPClassifier, lambda net: BaggingClassifier(net, 3, random_state=0)),
    "BaggingRegressor": (MLPRegressor, lambda net: BaggingRegressor(net, 3, random_state=0)),
    "VotingClassifier": (
        MLPClassifier,
        lambda net: VotingClassifier([("net", net), ("linear", LogisticRegression())], voting="soft"),
    ),
    "VotingRegressor": (MLPRegressor, lambda net: VotingRegressor([("net", net), ("linear", Ridge())])),
    "StackingClassifier": (MLPClassifier, lambda net: StackingClassifier([("net", net)], LogisticRegression(), cv=3)),
    "StackingRegressor": (MLPRegressor, lambda net: StackingRegressor([("net", net)], Ridge(), cv=3)),
    "stacked by a network": (MLPClassifier, lambda net: StackingClassifier([("a", LogisticRegression())], net, cv=3)),
    "AdaBoostClassifier": (MLPClassifier, lambda net: AdaBoostClassifier(net, n_estimators=3, random_state=0)),
    "AdaBoostRegressor": (MLPRegressor, lambda net: AdaBoostRegressor(net, n_estimators=3, random_state=0)),
    "CalibratedClassifierCV": (MLPClassifier, lambda net: CalibratedClassifierCV(net, cv=3)),
    "isotonic": (MLPClassifier, lambda net: CalibratedClassifierCV(net, cv=3, method="isotonic", ensemble=False)),
    "OneVsRestClassifier": (MLPClassifier, OneVsRestClassifier),
    "OneVsOneClassifier": (MLPClassifier, OneVsOneClassifier),
    "TransformedTargetRegressor": (
        MLPRegressor,
        lambda net: TransformedTargetRegressor(net, transformer=StandardScaler()),
    ),
}


@pytest.mark.parametrize("name", AROUND)
def test_ensembles(name: str) -> None:
    kind, around = AROUND[name]
    good(around(make(kind)).fit(X, target(kind)), X, kind)


def test_boosting_hands_on_the_weights_of_rows() -> None:
    """AdaBoost gives the weight of each row to `fit`; a class without it is refused."""
    boosted = AdaBoostClassifier(make(MLPClassifier), n_estimators=2, random_state=0)
    boosted.fit(X, LABELS, sample_weight=np.where(LABELS == "ant", 1.0, 1e-3))
    assert np.mean(boosted.predict(X) == "ant") > np.mean(LABELS == "ant")


def test_several_targets() -> None:
    two = np.column_stack([LABELS, LABELS == "ant"])
    model = MultiOutputClassifier(make(MLPClassifier)).fit(X, two)
    assert model.predict(X).shape == (ROWS, 2)
    assert np.mean(model.predict(X)[:, 0] == LABELS) > 0.65
    numbers = np.column_stack([NUMBERS, -2 * NUMBERS])
    assert MultiOutputRegressor(make(MLPRegressor)).fit(X, numbers).score(X, numbers) > 0.65
    some = MultiOutputRegressor(make(MLPRegressor))
    for _ in range(60):
        some.partial_fit(X, numbers)
    assert some.score(X, numbers) > 0.65


def test_one_against_the_rest_learns_on() -> None:
    model = OneVsRestClassifier(make(MLPClassifier))
    for _ in range(60):
        model.partial_fit(X, LABELS, classes=np.unique(LABELS))
    good(model, X, MLPClassifier)


@pytest.mark.parametrize("kind", KINDS)
def test_frozen(kind: type) -> None:
    model = fitted(kind)
    frozen = FrozenEstimator(model).fit(-X, target(kind))
    np.testing.assert_array_equal(frozen.predict(X), model.predict(X))
    if kind is MLPClassifier:
        good(CalibratedClassifierCV(FrozenEstimator(model)).fit(X, LABELS), X, kind)


# metadata routing


@pytest.fixture
def routing() -> Iterator[None]:
    with config_context(enable_metadata_routing=True):
        yield


@pytest.mark.usefixtures("routing")
@pytest.mark.parametrize("kind", KINDS)
def test_weights_are_routed_through_a_pipeline_and_a_search(kind: type) -> None:
    net = make(kind).set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
    pipeline = make_pipeline(StandardScaler().set_fit_request(sample_weight=False), net)
    weighted = pipeline.fit(X, target(kind), sample_weight=WEIGHTS)[-1]
    scaled = StandardScaler().fit_transform(X)
    np.testing.assert_array_equal(
        weighted.coefs_[0], make(kind).fit(scaled, target(kind), sample_weight=WEIGHTS).coefs_[0]
    )
    search = GridSearchCV(clone(net), {"alpha": [1e-4, 1.0]}, cv=3, n_jobs=2).fit(
        X, target(kind), sample_weight=WEIGHTS
    )
    best = clone(search.best_estimator_).fit(X, target(kind), sample_weight=WEIGHTS)
    np.testing.assert_array_equal(search.best_estimator_.coefs_[0], best.coefs_[0])
    plain = GridSearchCV(clone(net).set_fit_request(sample_weight=False), {"alpha": [1e-4]}, cv=3)
    plain.fit(X, target(kind), sample_weight=WEIGHTS)
    assert not np.array_equal(plain.best_estimator_.coefs_[0], weighted.coefs_[0])


@pytest.mark.usefixtures("routing")
@pytest.mark.parametrize("kind", KINDS)
def test_weights_that_nobody_asked_for_are_refused(kind: type) -> None:
    with pytest.raises(ValueError, match=r"\[sample_weight\] are passed but are not explicitly set as requested"):
        cross_validate(make(kind), X, target(kind), params={"sample_weight": WEIGHTS})


@pytest.mark.usefixtures("routing")
@pytest.mark.parametrize("kind", KINDS)
def test_every_method_that_takes_weights_can_be_asked(kind: type) -> None:
    model = make(kind).set_fit_request(sample_weight="w").set_partial_fit_request(sample_weight=True)
    model.set_score_request(sample_weight=False)
    asked = model.get_metadata_routing()
    assert asked.fit.requests["sample_weight"] == "w"
    assert asked.partial_fit.requests["sample_weight"] is True
    assert asked.score.requests["sample_weight"] is False
    assert clone(model).get_metadata_routing().fit.requests["sample_weight"] == "w"


def test_nothing_is_printed_and_nothing_warned(capfd: pytest.CaptureFixture[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for kind in KINDS:
            fitted(kind, max_iter=500, tol=0.01).predict(X)
    assert capfd.readouterr() == ("", "")
