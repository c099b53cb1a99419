"""In step with scikit-learn: from the same seed the same weights, batches, losses and predictions, to rounding."""

from typing import Any

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier as TheirClassifier
from sklearn.neural_network import MLPRegressor as TheirRegressor

from glassnet.sklearn import MLPClassifier, MLPRegressor

# Nothing here is to converge: the numbers are compared after a given number of steps.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

OURS = {"classifier": MLPClassifier, "regressor": MLPRegressor}
THEIRS = {"classifier": TheirClassifier, "regressor": TheirRegressor}

TOLERANCE = 1e-11

RNG = np.random.default_rng(8)
ROWS, COLUMNS = 97, 5
X = RNG.normal(size=(ROWS, COLUMNS))
HIDDEN = np.tanh(X @ RNG.normal(size=(COLUMNS, 3)))
NOISE = RNG.normal(size=(ROWS, 3))
SCORES = HIDDEN + 0.3 * NOISE
WEIGHTS = RNG.uniform(0.25, 2.0, size=ROWS)
NEW = RNG.normal(size=(13, COLUMNS))

TARGETS: dict[str, tuple[str, dict[str, Any], np.ndarray]] = {
    "binary": ("classifier", {}, np.where(SCORES[:, 0] > 0, "yes", "no")),
    "multiclass": ("classifier", {}, SCORES.argmax(axis=1) * 2 + 1),
    "multilabel": ("classifier", {}, (SCORES > 0).astype(int)),
    "one output": ("regressor", {}, SCORES[:, 0]),
    "two outputs": ("regressor", {}, SCORES[:, :2]),
    "poisson": ("regressor", {"loss": "poisson"}, RNG.poisson(np.exp(0.5 * HIDDEN[:, 0])).astype(float)),
}
SOLVERS: dict[str, dict[str, Any]] = {
    "sgd": {"solver": "sgd", "momentum": 0.0, "learning_rate_init": 0.05},
    "momentum": {"solver": "sgd", "nesterovs_momentum": False, "learning_rate_init": 0.02},
    "nesterov": {"solver": "sgd", "learning_rate_init": 0.02},
    "adam": {"solver": "adam", "learning_rate_init": 0.005},
}
# 97 rows in batches of 23 are five steps an epoch, the last of 5 rows: 60 epochs are 300 steps.
BASE: dict[str, Any] = {
    "hidden_layer_sizes": (7, 3),
    "activation": "tanh",
    "batch_size": 23,
    "max_iter": 60,
    "n_iter_no_change": 1000,
    "tol": 0.0,
    "random_state": 11,
}


def pair(target: str, **options: Any) -> tuple[Any, Any, np.ndarray]:
    """Ours and theirs, made alike, and y."""
    kind, more, y = TARGETS[target]
    options = {**BASE, **more, **options}
    return OURS[kind](**options), THEIRS[kind](**options), y


def fitted(target: str, sample_weight: np.ndarray | None = None, **options: Any) -> tuple[Any, Any]:
    mine, yours, y = pair(target, **options)
    for estimator in (mine, yours):
        assert estimator.fit(X, y, sample_weight=sample_weight) is estimator
    return mine, yours


def close(mine: Any, yours: Any, what: str, tolerance: float = TOLERANCE) -> None:
    assert np.shape(mine) == np.shape(yours), what
    np.testing.assert_allclose(mine, yours, rtol=tolerance, atol=tolerance, err_msg=what)


def same(mine: Any, yours: Any, tolerance: float = TOLERANCE) -> None:
    """Every fitted attribute and every answer of theirs is ours."""
    for name in ("n_iter_", "t_", "n_layers_", "n_outputs_", "n_features_in_", "out_activation_"):
        assert getattr(mine, name) == getattr(yours, name), name
        assert type(getattr(mine, name)) is type(getattr(yours, name)), name
    for name in ("coefs_", "intercepts_"):
        assert isinstance(getattr(mine, name), list)
        for k, (w, v) in enumerate(zip(getattr(mine, name), getattr(yours, name), strict=True)):
            assert w.dtype == v.dtype
            close(w, v, f"{name}[{k}]", tolerance)
    close(mine.loss_, yours.loss_, "loss_", tolerance)
    for name in ("loss_curve_", "validation_scores_"):
        assert hasattr(mine, name) == hasattr(yours, name), name
        if getattr(yours, name, None) is not None:
            assert isinstance(getattr(mine, name), list)
            close(getattr(mine, name), getattr(yours, name), name, tolerance)
        else:
            assert getattr(mine, name, None) is None, name
    for name in ("best_loss_", "best_validation_score_"):
        assert hasattr(mine, name) == hasattr(yours, name), name
        if getattr(yours, name, None) is None:
            assert getattr(mine, name, None) is None, name
        else:
            close(getattr(mine, name), getattr(yours, name), name, tolerance)
    same_answers(mine, yours, tolerance)


def same_answers(mine: Any, yours: Any, tolerance: float) -> None:
    if not hasattr(yours, "predict_proba"):
        close(mine.predict(NEW), yours.predict(NEW), "predict", tolerance)
        return
    close(mine.predict_proba(NEW), yours.predict_proba(NEW), "predict_proba", tolerance)
    close(mine.predict_log_proba(NEW), yours.predict_log_proba(NEW), "predict_log_proba", 10 * tolerance)
    np.testing.assert_array_equal(mine.predict(NEW), yours.predict(NEW))
    assert mine.predict(NEW).dtype == yours.predict(NEW).dtype
    np.testing.assert_array_equal(mine.classes_, yours.classes_)


# the problems themselves


@pytest.mark.parametrize("target", TARGETS)
def test_the_problems_do_not_amplify_rounding(target: str) -> None:
    """scikit-learn against itself with the columns in another order: sums are rounded otherwise, and that is all.

    With relu, which amplifies most: rounding decides on which side of 0 a score is.
    """
    order = [3, 0, 4, 2, 1]
    kind, more, y = TARGETS[target]
    model = THEIRS[kind](**{**BASE, **more, **SOLVERS["adam"], "activation": "relu", "warm_start": True})
    model.set_params(max_iter=1).fit(X, y)
    other = THEIRS[kind](**model.get_params()).fit(X[:, order], y)
    other.coefs_ = [model.coefs_[0][order].copy(), *(w.copy() for w in model.coefs_[1:])]
    other.intercepts_ = [b.copy() for b in model.intercepts_]
    assert not np.array_equal(X @ model.coefs_[0], X[:, order] @ other.coefs_[0])
    for estimator, x in ((model, X), (other, X[:, order])):
        estimator.set_params(max_iter=60).fit(x, y)
    close(other.coefs_[0], model.coefs_[0][order], "coefs_[0]", 1e-12)
    close(other.loss_curve_[1:], model.loss_curve_[1:], "loss_curve_", 1e-12)


# step by step


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("target", TARGETS)
def test_solvers_and_targets(target: str, solver: str) -> None:
    same(*fitted(target, **SOLVERS[solver]))


@pytest.mark.parametrize("activation", ["identity", "logistic", "relu"])  # tanh is in the other tests
@pytest.mark.parametrize("target", TARGETS)
def test_activations(target: str, activation: str) -> None:
    same(*fitted(target, **SOLVERS["adam"], activation=activation, alpha=0.05))


@pytest.mark.parametrize("solver", ["nesterov", "adam"])
@pytest.mark.parametrize("target", TARGETS)
def test_sample_weights(target: str, solver: str) -> None:
    mine, yours = fitted(target, WEIGHTS, **SOLVERS[solver], alpha=0.05)
    same(mine, yours)


def test_sample_weights_matter() -> None:
    plain, weighted = (fitted("multiclass", weights, max_iter=20)[0] for weights in (None, WEIGHTS))
    assert abs(plain.loss_ - weighted.loss_) > 1e-3


@pytest.mark.parametrize("solver", ["sgd", "momentum", "nesterov"])
@pytest.mark.parametrize("learning_rate", ["invscaling", "adaptive"])
@pytest.mark.parametrize("target", ["multiclass", "one output"])
def test_learning_rates(target: str, learning_rate: str, solver: str) -> None:
    options = {**SOLVERS[solver], "learning_rate": learning_rate, "learning_rate_init": 0.3, "power_t": 0.2}
    if learning_rate == "adaptive":
        options |= {"learning_rate_init": 0.1, "tol": 0.02, "n_iter_no_change": 3, "max_iter": 120}
    mine, yours = fitted(target, **options)
    same(mine, yours)
    constant = fitted(target, **{**options, "learning_rate": "constant"})[1]
    assert mine.n_iter_ != constant.n_iter_ or abs(mine.loss_ - constant.loss_) > 1e-4


@pytest.mark.parametrize(
    ("target", "batch_size"),
    [
        ("multiclass", 1),
        ("one output", 13),
        ("two outputs", 48),
        ("binary", 96),
        ("multilabel", 97),
        ("poisson", "auto"),
    ],
)
@pytest.mark.parametrize("shuffle", [True, False])
def test_batches(target: str, shuffle: bool, batch_size: Any) -> None:
    epochs = {1: 3, 13: 38}.get(batch_size, 100)
    options = {**SOLVERS["nesterov"], "learning_rate_init": 0.005, "max_iter": epochs}
    same(*fitted(target, **options, batch_size=batch_size, shuffle=shuffle))


def test_a_batch_size_beyond_the_rows_is_clipped_with_the_same_warning() -> None:
    mine, yours, y = pair("binary", batch_size=ROWS + 1, max_iter=5)
    for estimator in (mine, yours):
        with pytest.warns(UserWarning, match="Got `batch_size` less than 1 or larger than sample size. It is going to"):
            estimator.fit(X, y)
    same(mine, yours)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["plain", "weighted"])
def test_early_stopping(target: str, weights: np.ndarray | None) -> None:
    options = {**SOLVERS["adam"], "early_stopping": True, "validation_fraction": 0.2, "n_iter_no_change": 5}
    options |= {"tol": 1e-3, "learning_rate_init": 0.02, "max_iter": 120}
    mine, yours = fitted(target, weights, **options)
    assert yours.n_iter_ < 120
    same(mine, yours)


@pytest.mark.parametrize("target", ["binary", "multiclass", "poisson", "two outputs"])
@pytest.mark.parametrize("solver", ["nesterov", "adam"])
def test_stopping_where_the_loss_no_longer_falls(target: str, solver: str) -> None:
    options = {"tol": 5e-3, "n_iter_no_change": 4, "learning_rate_init": 0.02, "max_iter": 120}
    mine, yours = fitted(target, **{**SOLVERS[solver], **options})
    assert 4 < yours.n_iter_ < 120
    same(mine, yours)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("target", ["binary", "two outputs"])
def test_warm_start_twice(target: str, solver: str) -> None:
    mine, yours, y = pair(target, **SOLVERS[solver], warm_start=True, max_iter=40)
    for k in range(3):
        for estimator in (mine, yours):
            estimator.fit(X, y)
        assert len(yours.loss_curve_) == 40 * (k + 1)
        same(mine, yours)


def test_warm_start_after_stopping() -> None:
    mine, yours, y = pair("multiclass", **SOLVERS["adam"], tol=2e-3, n_iter_no_change=3, warm_start=True, max_iter=120)
    for _ in range(3):
        for estimator in (mine, yours):
            estimator.fit(X, y)
        same(mine, yours)


NO_BETTER: dict[str, Any] = {"tol": 2e-3, "n_iter_no_change": 3, "early_stopping": True, "warm_start": True}
NO_BETTER["max_iter"] = 120


def test_warm_start_after_early_stopping() -> None:
    """Of the weights only those of the first fit: what scikit-learn 1.9 keeps as its best then learns on."""
    mine, yours, y = pair("multiclass", **SOLVERS["adam"], **NO_BETTER)
    for estimator in (mine, yours):
        estimator.fit(X, y)
    same(mine, yours)
    for estimator in (mine, yours):
        estimator.fit(X, y)
    assert (mine.n_iter_, mine.t_) == (yours.n_iter_, yours.t_)
    for name in ("loss_curve_", "validation_scores_", "best_validation_score_"):
        close(getattr(mine, name), getattr(yours, name), name)


def test_the_best_weights_stay_where_going_on_brings_no_better_ones() -> None:
    """scikit-learn 1.9 fails this: its `_best_coefs` are the arrays that the next fit changes in place."""
    mine, _, y = pair("multiclass", **SOLVERS["adam"], **NO_BETTER)
    best = [w.copy() for w in mine.fit(X, y).coefs_]
    score = mine.best_validation_score_
    assert mine.fit(X, y).best_validation_score_ == score
    for before, after in zip(best, mine.coefs_, strict=True):
        np.testing.assert_array_equal(after, before)


@pytest.mark.parametrize("solver", ["nesterov", "adam"])
@pytest.mark.parametrize("target", TARGETS)
def test_partial_fit(target: str, solver: str) -> None:
    """30 calls on changing rows, the learning rate falling where the solver lets it."""
    mine, yours, y = pair(target, **{**SOLVERS[solver], "learning_rate": "invscaling", "power_t": 0.1})
    first = (
        {"classes": np.arange(3) if target == "multilabel" else np.unique(y)}
        if isinstance(yours, TheirClassifier)
        else {}
    )
    for k in range(30):
        rows = slice(k % 5, 60 + k % 37)
        weights = {"sample_weight": WEIGHTS[rows]} if k % 2 else {}
        for estimator in (mine, yours):
            estimator.partial_fit(X[rows], y[rows], **weights, **(first if k == 0 else {}))
    same(mine, yours)


def test_fit_then_partial_fit_then_fit() -> None:
    mine, yours, y = pair("binary", **SOLVERS["adam"], max_iter=40)
    for estimator in (mine, yours):
        estimator.fit(X, y)
        for _ in range(10):
            estimator.partial_fit(X, y)
    same(mine, yours)
    for estimator in (mine, yours):
        estimator.fit(X, y)
    same(mine, yours)


@pytest.mark.parametrize("solver", SOLVERS)
def test_random_states_that_are_generators_are_used_up_alike(solver: str) -> None:
    mine, yours, y = pair("multiclass", **SOLVERS[solver], max_iter=20)
    for estimator in (mine, yours):
        state = np.random.RandomState(5)
        estimator.set_params(random_state=state).fit(X, y)
        estimator.fit(X, y)
        estimator.drawn_next = state.random_sample()
    same(mine, yours)
    assert mine.drawn_next == yours.drawn_next


def test_without_a_seed_numpys_global_one_is_used_alike() -> None:
    mine, yours, y = pair("one output", **SOLVERS["adam"], random_state=None, max_iter=20)
    before = np.random.get_state()  # noqa: NPY002
    try:
        for estimator in (mine, yours):
            np.random.seed(3)  # noqa: NPY002
            estimator.fit(X, y)
    finally:
        np.random.set_state(before)  # noqa: NPY002
    same(mine, yours)


def test_the_default_parameters() -> None:
    for target in ("multiclass", "two outputs"):
        kind, _, y = TARGETS[target]
        same(OURS[kind](random_state=0).fit(X, y), THEIRS[kind](random_state=0).fit(X, y))


@pytest.mark.parametrize("target", ["binary", "poisson"])
def test_the_warning_where_it_has_not_converged(target: str) -> None:
    said = []
    for estimator in pair(target, max_iter=7)[:2]:
        with pytest.warns(ConvergenceWarning) as warned:
            estimator.fit(X, TARGETS[target][2])
        said.append([str(warning.message) for warning in warned])
        assert warned[0].category is ConvergenceWarning
    assert said[0] == said[1]
    assert len(said[1]) == 1


@pytest.mark.parametrize("target", ["multiclass", "one output"])
def test_what_verbose_prints(target: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = []
    for early_stopping in (False, True):
        options = {**SOLVERS["nesterov"], "tol": 0.5, "n_iter_no_change": 3, "learning_rate": "adaptive"}
        mine, yours, y = pair(target, **options, verbose=True, early_stopping=early_stopping, max_iter=200)
        for estimator in (mine, yours):
            estimator.fit(X, y)
            lines.append(capsys.readouterr().out)
    assert lines[0] == lines[1]
    assert lines[2] == lines[3]
    assert "Iteration 1, loss = " in lines[1]
    assert "Learning rate too small. Stopping." in lines[1]
    assert "Validation score: " in lines[3]


# lbfgs: the same end, by steps that rounding may change
#
# For several numbers scikit-learn's loss is the mean over the outputs, its gradient that of their sum, so its line
# searches are misled and end early: there ours must reach what the gradient belongs to, and at least as low.

ONE_FUNCTION = [name for name in TARGETS if name != "two outputs"]


@pytest.mark.parametrize("target", ONE_FUNCTION)
def test_lbfgs_with_no_hidden_nonlinearity_ends_at_the_same_function(target: str) -> None:
    options = {"solver": "lbfgs", "activation": "identity", "alpha": 0.3, "max_iter": 2000, "tol": 1e-9}
    mine, yours = fitted(target, **options, hidden_layer_sizes=(3,))
    close(mine.loss_, yours.loss_, "loss_", 1e-9)
    product = [estimator.coefs_[0] @ estimator.coefs_[1] for estimator in (mine, yours)]
    close(*product, "W1 @ W2", 1e-4)
    for k in range(2):
        close(mine.coefs_[k], yours.coefs_[k], f"coefs_[{k}]", 1e-3)
    lbfgs_attributes(mine, yours)


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["plain", "weighted"])
@pytest.mark.parametrize("target", ONE_FUNCTION)
def test_lbfgs_ends_at_the_same_loss(target: str, weights: np.ndarray | None) -> None:
    options = {"solver": "lbfgs", "activation": "tanh", "alpha": 3.0, "max_iter": 2000, "tol": 1e-8}
    mine, yours = fitted(target, weights, **options, hidden_layer_sizes=(3,))  # ends well before rounding shows
    close(mine.loss_, yours.loss_, "loss_", 1e-6)
    answers = "predict_proba" if hasattr(yours, "predict_proba") else "predict"
    close(getattr(mine, answers)(NEW), getattr(yours, answers)(NEW), answers, 1e-5)
    lbfgs_attributes(mine, yours)


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["plain", "weighted"])
@pytest.mark.parametrize("activation", ["identity", "tanh"])
def test_lbfgs_of_two_outputs_ends_at_least_as_low(activation: str, weights: np.ndarray | None) -> None:
    options = {"solver": "lbfgs", "activation": activation, "alpha": 3.0, "max_iter": 2000, "tol": 1e-8}
    mine, yours = fitted("two outputs", weights, **options, hidden_layer_sizes=(3,))
    w = np.ones(ROWS) if weights is None else weights
    objectives = []
    for estimator in (mine, yours):
        penalty = 0.5 * 3.0 * sum(np.sum(coef**2) for coef in estimator.coefs_)
        squared = (estimator.predict(X) - TARGETS["two outputs"][2]) ** 2  # (n, 2)
        objectives.append((0.5 * np.sum(w @ squared) + penalty) / w.sum())
        close(estimator.loss_, (0.25 * np.sum(w @ squared) + penalty) / w.sum(), "loss_", 1e-9)
    assert objectives[0] <= objectives[1] * (1 + 1e-6)
    lbfgs_attributes(mine, yours)


def lbfgs_attributes(mine: Any, yours: Any) -> None:
    for name in ("loss_curve_", "validation_scores_", "best_loss_", "best_validation_score_"):
        assert hasattr(mine, name) == hasattr(yours, name), name
    assert (mine.t_, type(mine.n_iter_)) == (yours.t_, type(yours.n_iter_))


@pytest.mark.parametrize("target", ["multiclass", "one output"])
def test_lbfgs_takes_the_same_first_steps(target: str) -> None:
    mine, yours, y = pair(target, solver="lbfgs", max_iter=10)
    for estimator in (mine, yours):
        with pytest.warns(ConvergenceWarning, match="lbfgs failed to converge after 10 iteration"):
            estimator.fit(X, y)
    same(mine, yours, 1e-8)
    assert mine.n_iter_ == 10


# float32


@pytest.mark.parametrize("solver", [*SOLVERS, "lbfgs"])
@pytest.mark.parametrize("target", TARGETS)
def test_float32(target: str, solver: str) -> None:
    options = SOLVERS.get(solver, {"solver": solver})
    mine, yours, y = pair(target, **options, max_iter=20)
    for estimator in (mine, yours):
        estimator.fit(X.astype(np.float32), y)
    if solver != "lbfgs":  # after which scikit-learn's are float64, SciPy's
        for w, v in zip(mine.coefs_ + mine.intercepts_, yours.coefs_ + yours.intercepts_, strict=True):
            assert w.dtype == v.dtype == np.float32
    answers = "predict_proba" if hasattr(yours, "predict_proba") else "predict"
    new = NEW.astype(np.float32)
    assert solver == "lbfgs" or getattr(mine, answers)(new).dtype == getattr(yours, answers)(new).dtype
    close(getattr(mine, answers)(new), getattr(yours, answers)(new), answers, 1e-3)
