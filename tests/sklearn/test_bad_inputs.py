"""What is wrong is refused, in words that say what, what came and what is allowed; nothing else is lost by it."""

import re
import warnings
from typing import Any

import numpy as np
import pytest
import scipy.sparse
from sklearn.exceptions import NotFittedError

import glassnet as gn
from glassnet.sklearn import MLPClassifier, MLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.default_rng(6)
ROWS, COLUMNS = 61, 5
X = RNG.normal(size=(ROWS, COLUMNS))
Y = X[:, 0] * 2.0 + np.sin(X[:, 1])
TWO = (Y > 0.0).astype(int)
THREE = np.digitize(Y, [-1.0, 1.0])
SEVERAL = (RNG.random((ROWS, 3)) > 0.5).astype(int)
SMALL: dict[str, Any] = {"hidden_layer_sizes": (7,), "max_iter": 3, "random_state": 0, "engine": "numpy"}


def classifier(**options: Any) -> MLPClassifier:
    return MLPClassifier(**{**SMALL, **options})


def regressor(**options: Any) -> MLPRegressor:
    return MLPRegressor(**{**SMALL, **options})


def spoilt(value: Any) -> np.ndarray:
    x = X.copy()
    x[3, 2] = value
    return x


# parameters

PARAMETERS: list[tuple[str, Any, str]] = [
    ("dropout", 1.0, r"'dropout' .* range \[0.0, 1.0\).* Got 1.0"),
    ("dropout", -0.1, r"'dropout' .* Got -0.1"),
    ("dropout", "x", r"'dropout' .* Got 'x'"),
    ("dropout", True, r"'dropout' .* Got True"),
    ("dropout", [0.1, 0.2], r"dropout must be one value, or one for each hidden layer, 1, got 2"),
    ("dropout", [1.5], r"dropout must be >= 0 and < 1, got 1.5"),
    ("dropout", ["x"], r"dropout must be a number, got 'x'"),
    ("normalization", "foo", r"'normalization' .*'layer'.* Got 'foo'"),
    ("normalization", 3, r"'normalization' .* Got 3"),
    ("normalization", ["bacth"], r"unknown normalization 'bacth' \(did you mean 'batch'\?\)"),
    ("normalization", ["batch", None], r"normalization must be one value, or one for each hidden layer, 1, got 2"),
    ("clip_norm", 0, r"'clip_norm' .* Got 0"),
    ("clip_norm", "x", r"'clip_norm' .* Got 'x'"),
    ("clip_value", -1.0, r"'clip_value' .* Got -1.0"),
    ("engine", "gpu", r"'engine' .*'numpy'.* Got 'gpu'"),
    ("engine", None, r"'engine' .* Got None"),
    ("loss", "foo", r"unknown loss 'foo'; known are"),
    ("loss", 3, r"'loss' .* Got 3"),
    ("activation", "rleu", r"unknown activation 'rleu' \(did you mean 'relu'\?\)"),
    ("activation", 3, r"'activation' .* Got 3"),
    ("activation", ["relu", "tanh"], r"activation must be one value, or one for each hidden layer, 1, got 2"),
    ("activation", [], r"activation must be one value, or one for each hidden layer, 1, got 0"),
    ("solver", "adm", r"'solver' .*'adam'.* Got 'adm'"),
    ("solver", 3, r"'solver' .* Got 3"),
    ("solver", gn.Adam, r"'solver' .* Got <function Adam"),
    ("learning_rate", "cosine", r"'learning_rate' .*'constant'.* Got 'cosine'"),
    ("learning_rate", 0.1, r"'learning_rate' .* Got 0.1"),
    ("callbacks", 3, r"'callbacks' .* Got 3"),
    ("hidden_layer_sizes", (0,), r"hidden_layer_sizes must be > 0, got \[0\]"),
    ("hidden_layer_sizes", (3, -1), r"hidden_layer_sizes must be > 0, got \[3, -1\]"),
]


@pytest.mark.parametrize("make", [classifier, regressor])
@pytest.mark.parametrize(("name", "value", "message"), PARAMETERS)
def test_parameters(make: Any, name: str, value: Any, message: str) -> None:
    mine = make(**{name: value})
    with pytest.raises((ValueError, TypeError), match=message):
        mine.fit(X, TWO)
    with pytest.raises((ValueError, TypeError), match=message):
        mine.partial_fit(X, TWO, **({"classes": [0, 1]} if make is classifier else {}))


@pytest.mark.parametrize("sizes", [(2.5,), ("a",), [[3, 2]], ([3],)], ids=repr)
def test_sizes_of_layers_are_whole_numbers(sizes: Any) -> None:
    with pytest.raises(ValueError, match=r"hidden_layer_sizes"):
        regressor(hidden_layer_sizes=sizes).fit(X, Y)


def test_what_is_no_callback_is_refused_before_training() -> None:
    mine = regressor(callbacks=[1])
    with pytest.raises((ValueError, TypeError), match="callbacks"):
        mine.fit(X, Y)


def test_what_is_no_activation() -> None:
    with pytest.raises((ValueError, TypeError), match=r"activation.*got 3"):
        regressor(activation=[3]).fit(X, Y)


@pytest.mark.parametrize(
    ("make", "name", "value", "meant"),
    [
        (regressor, "loss", "squared_eror", "squared_error"),
        (regressor, "loss", "absolute_eror", "absolute_error"),
        (classifier, "loss", "log_los", "log_loss"),
        (classifier, "activation", "logistc", "logistic"),
    ],
)
def test_a_slip_in_scikit_learns_own_names_is_recognised(make: Any, name: str, value: str, meant: str) -> None:
    with pytest.raises(ValueError, match=rf"did you mean '{meant}'"):
        make(**{name: value}).fit(X, TWO)


@pytest.mark.parametrize(
    "loss",
    [lambda y, p: np.mean((y - p) ** 2) if isinstance(y, float) else 3.0, lambda y, p: (y - p) @ np.ones((5, 5))],
    ids=["a number", "an array of its own"],
)
def test_a_loss_that_gives_something_else(loss: Any) -> None:
    for make, y in ((regressor, Y), (classifier, TWO)):
        with pytest.raises((ValueError, TypeError), match=r"must give a term for each row|a formula works on symbols"):
            make(loss=loss).fit(X, y)


def test_a_loss_that_does_not_fit_the_classes() -> None:
    def brier(y: Any, p: Any) -> Any:
        return (y - p) ** 2

    with pytest.raises(ValueError, match=r"has softmax inside, but these classes need sigmoid"):
        classifier(loss=gn.loss(brier, output="softmax")).fit(X, TWO)
    with pytest.raises(ValueError, match=r"has sigmoid inside, but these classes need softmax"):
        classifier(loss="binary_cross_entropy").fit(X, THREE)
    with pytest.raises(ValueError, match=r"has exponential inside"):
        classifier(loss="poisson").fit(X, THREE)


def test_a_function_that_does_not_give_an_activations_shape() -> None:
    with pytest.raises(ValueError, match=r"must give z's shape"):
        regressor(activation=lambda z: z.sum()).fit(X, Y)


# weights of classes


def test_class_weight_that_makes_no_sense() -> None:
    with pytest.raises(ValueError, match=r"'class_weight' .* Got 'blanced'"):
        classifier(class_weight="blanced").fit(X, TWO)
    with pytest.raises(ValueError, match="class_weight is for one label a row"):
        classifier(class_weight="balanced").fit(X, SEVERAL)
    with pytest.raises(ValueError, match="class_weight='balanced' needs all rows at once"):
        classifier(class_weight="balanced").partial_fit(X, TWO, classes=[0, 1])
    with pytest.raises(ValueError, match=r"class_weight names 7, which is none of the classes 0, 1"):
        classifier(class_weight={0: 1.0, 7: 3.0}).fit(X, TWO)


@pytest.mark.parametrize("weights", [{0: 0.0, 1: 0.0}, {0: np.nan, 1: 1.0}, {0: "x", 1: 1.0}, {0: -1.0, 1: 2.0}])
def test_class_weight_of_numbers_that_make_no_sense(weights: dict[int, Any]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises((ValueError, TypeError), match="class_weight"):
            classifier(class_weight=weights).fit(X, TWO)


# rows


@pytest.mark.parametrize("make", [classifier, regressor])
@pytest.mark.parametrize(
    ("x", "message"),
    [
        (spoilt(np.nan), "Input X contains NaN"),
        (spoilt(np.inf), "Input X contains infinity"),
        (X + 1j, "Complex data not supported"),
        ([["a", "b"]] * ROWS, "could not convert string to float"),
        (X[:0], r"Found array with 0 sample"),
        (X[:, :0], r"0 feature"),
        (X[0], r"Expected 2D array, got 1D array"),
        (X[:7], r"inconsistent numbers of samples"),
        (X[None], r"Found array with dim 3|expected <= 2"),
    ],
)
def test_rows_that_cannot_be(make: Any, x: Any, message: str) -> None:
    y = TWO[:0] if len(x) == 0 else TWO
    for fit in ("fit", "partial_fit"):
        more = {"classes": [0, 1]} if make is classifier and fit == "partial_fit" else {}
        with pytest.raises(ValueError, match=message):
            getattr(make(), fit)(x, y, **more)


@pytest.mark.parametrize("x", [spoilt(np.nan), spoilt(np.inf), X[:, :3], X[:0], X + 1j, X[0]])
def test_rows_that_cannot_be_predicted(x: Any) -> None:
    for mine, methods in (
        (classifier().fit(X, TWO), ("predict", "predict_proba", "predict_log_proba", "layer_values")),
        (regressor().fit(X, Y), ("predict", "layer_values")),
    ):
        for method in methods:
            with pytest.raises(ValueError, match=r"NaN|infinity|features|0 sample|Complex|1D array"):
                getattr(mine, method)(x)
            with pytest.raises(NotFittedError):
                getattr(type(mine)(), method)(X)


@pytest.mark.parametrize("y", [Y * np.nan, Y + np.inf, np.array(["a"] * ROWS), None])
def test_targets_that_cannot_be(y: Any) -> None:
    with pytest.raises(ValueError, match=r"NaN|infinity|convert string|requires y"):
        regressor().fit(X, y)


def test_huge_numbers_are_named() -> None:
    for make, y in ((classifier, TWO), (regressor, Y)):
        with pytest.raises(ValueError, match=r"non-finite .* column \d of the inputs reaches .*; scale each column"):
            make().fit(X * 1e300, y)
    with pytest.raises(ValueError, match=r"non-finite .* the targets reach .*; scale them"):
        regressor().fit(X, Y * 1e300)


def test_huge_numbers_are_refused_by_lbfgs_too() -> None:
    with pytest.raises(ValueError, match="non-finite"):
        regressor(solver="lbfgs").fit(X * 1e300, Y)


@pytest.mark.parametrize(
    "method",
    ["predict", "layer_values", "partial_fit"],
)
def test_numbers_too_large_for_a_float32_model(method: str) -> None:
    mine = regressor().fit(X.astype(np.float32), Y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ValueError, match="float32"):
            getattr(mine, method)(X * 1e300, *([Y] if method == "partial_fit" else []))


def test_targets_too_large_for_float32() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ValueError, match="float32"):
            regressor().fit(X.astype(np.float32), Y * 1e300)


def test_poisson_needs_counts() -> None:
    for loss in ("poisson", gn.loss("poisson")):
        with pytest.raises(ValueError, match=r"loss='poisson' needs y >= 0, got -"):
            regressor(loss=loss).fit(X, Y)
        with pytest.raises(ValueError, match=r"loss='poisson' needs y >= 0, got -"):
            regressor(loss=loss).fit(X, np.abs(Y), X_val=X, y_val=Y)


# weights of rows


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (np.full(ROWS, np.nan), "Input sample_weight contains NaN"),
        (np.full(ROWS, np.inf), "Input sample_weight contains infinity"),
        (np.zeros(ROWS), "must contain at least one non-zero"),
        (np.ones(7), r"sample_weight.shape == \(7,\), expected \(61,\)"),
        (np.ones((ROWS, 2)), "must be 1D array or scalar"),
        (["a"] * ROWS, "could not convert string"),
    ],
)
def test_weights_of_rows_that_cannot_be(weights: Any, message: str) -> None:
    for given in ({"sample_weight": weights}, {"X_val": X, "y_val": Y, "sample_weight_val": weights}):
        with pytest.raises(ValueError, match=message):
            regressor().fit(X, Y, **given)


def test_negative_weights_of_rows() -> None:
    weights = np.where(np.arange(ROWS) == 3, -1.0, 1.0)
    with pytest.raises(ValueError, match=r"[Nn]egative"):
        regressor().fit(X, Y, sample_weight=weights)


def test_rows_of_no_weight_count_nothing_even_as_a_batch_of_their_own() -> None:
    weights = np.where(np.arange(ROWS) < 30, 0.0, 1.0)
    mine = regressor(batch_size=1, alpha=0.0, solver="sgd", momentum=0.0, shuffle=False)
    few = regressor(batch_size=1, alpha=0.0, solver="sgd", momentum=0.0, shuffle=False)
    mine.fit(X, Y, sample_weight=weights)
    few.fit(X[30:], Y[30:])
    np.testing.assert_allclose(mine.coefs_[0], few.coefs_[0], rtol=1e-12)


# rows to measure


@pytest.mark.parametrize("make", [classifier, regressor])
@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"X_val": X}, "X_val and y_val must be given together"),
        ({"y_val": TWO}, "X_val and y_val must be given together"),
        ({"X_val": X[:, :3], "y_val": TWO}, "X has 3 features, .* expecting 5 features"),
        ({"X_val": X[:7], "y_val": TWO}, "inconsistent numbers of samples"),
        ({"X_val": X * np.nan, "y_val": TWO}, "contains NaN"),
        ({"X_val": X[:0], "y_val": TWO[:0]}, "0 sample"),
    ],
)
def test_validation_rows_that_do_not_fit(make: Any, given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make().fit(X, TWO, **given)


def test_validation_rows_of_unknown_classes() -> None:
    with pytest.raises(ValueError, match=r"`y` has classes not in `self.classes_`"):
        classifier().fit(X, TWO, X_val=X, y_val=THREE)
    with pytest.raises(ValueError, match=r"multilabel"):
        classifier().fit(X, THREE, X_val=X, y_val=SEVERAL)


@pytest.mark.parametrize(("y", "y_val"), [(Y, np.column_stack([Y, Y])), (np.column_stack([Y, Y]), Y)], ids=["1", "2"])
def test_validation_rows_with_another_number_of_outputs(y: np.ndarray, y_val: np.ndarray) -> None:
    with pytest.raises(ValueError, match=rf"y_val .*outputs.*{y.reshape(ROWS, -1).shape[1]}"):
        regressor().fit(X, y, X_val=X, y_val=y_val)


def test_weights_of_validation_rows_that_are_not_there() -> None:
    with pytest.raises(ValueError, match="X_val"):
        regressor().fit(X, Y, sample_weight_val=np.ones(ROWS))


@pytest.mark.parametrize(
    ("options", "given", "message"),
    [
        ({}, {"X_val": X, "y_val": Y}, "X_val is of no use to solver='lbfgs'"),
        ({}, {"X_val": X}, "X_val and y_val must be given together"),
        ({"clip_norm": 1.0}, {}, "clip_norm is of no use to solver='lbfgs'"),
        ({"clip_value": 1.0}, {}, "clip_value is of no use to solver='lbfgs'"),
    ],
    ids=["X_val", "X_val alone", "clip_norm", "clip_value"],
)
def test_lbfgs_refuses_what_it_cannot_use(options: dict[str, Any], given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        regressor(solver="lbfgs", **options).fit(X, Y, **given)


# going on


def test_warm_starts_that_do_not_fit() -> None:
    for change, message in (
        ({"hidden_layer_sizes": (3,)}, "the hidden layers are others than in the previous call"),
        ({"hidden_layer_sizes": (7, 3)}, "the hidden layers are others than in the previous call"),
        ({"normalization": "batch"}, "the hidden layers are others than in the previous call"),
    ):
        mine = regressor(warm_start=True).fit(X, Y)
        before = mine.predict(X)
        with pytest.raises(ValueError, match=re.escape(message)):
            mine.set_params(**change).fit(X, Y)
        np.testing.assert_array_equal(mine.predict(X), before)
    with pytest.raises(ValueError, match="3 features, but MLPRegressor is expecting 5"):
        regressor(warm_start=True).fit(X, Y).fit(X[:, :3], Y)
    with pytest.raises(ValueError, match="warm_start can only be used where `y` has the same classes"):
        classifier(warm_start=True).fit(X, THREE).fit(X, TWO)
    with pytest.raises(ValueError, match=r"classes not in `self.classes_`"):
        classifier().partial_fit(X, TWO, classes=[0, 1]).partial_fit(X, THREE)
    with pytest.raises(ValueError, match="classes must be passed on the first call"):
        classifier().partial_fit(X, TWO)


@pytest.mark.parametrize("go_on", ["fit", "partial_fit"])
@pytest.mark.parametrize("first", [1, 2])
def test_going_on_with_another_number_of_outputs(first: int, go_on: str) -> None:
    one_and_two = [Y, np.column_stack([Y, Y])]
    mine = regressor(warm_start=True).fit(X, one_and_two[first - 1])
    with pytest.raises(ValueError, match=f"y has {3 - first} outputs, but this model was fitted with {first}"):
        getattr(mine, go_on)(X, one_and_two[2 - first])


FAILURES: dict[str, tuple[dict[str, Any], tuple[Any, ...], dict[str, Any]]] = {
    "activation": ({"activation": "foo"}, (X[:, :3], TWO), {}),
    "loss": ({"loss": "foo"}, (X[:, :3], TWO), {}),
    "lengths of lists": ({"dropout": [0.1, 0.2]}, (X[:, :3], TWO), {}),
    "weights": ({}, (X, TWO), {"sample_weight": [1.0]}),
    "X_val alone": ({}, (X, TWO), {"X_val": X}),
    "lbfgs with dropout": ({"solver": "lbfgs", "dropout": 0.1}, (X, TWO), {}),
    "class weights": ({"class_weight": {0: 1.0, 7: 2.0}}, (X, TWO), {}),
    "NaN": ({}, (spoilt(np.nan)[:, :4], TWO), {}),
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_fit_that_is_refused_leaves_what_was_learnt_or_nothing(name: str) -> None:
    options, data, given = FAILURES[name]
    mine = classifier().fit(X, THREE)
    before = mine.predict_proba(X)
    with pytest.raises(ValueError, match=r"\w"):
        mine.set_params(**options).fit(*data, **given)
    try:
        after = mine.predict_proba(X)
    except NotFittedError:
        return
    np.testing.assert_array_equal(after, before)
    np.testing.assert_array_equal(mine.classes_, [0, 1, 2])
    assert set(mine.predict(X)) <= {0, 1, 2}


@pytest.mark.parametrize("batch_size", [7, ROWS])
def test_a_learning_rate_that_is_too_high_is_named(batch_size: int) -> None:
    with pytest.raises(ValueError, match=r"the learning rate 1e\+200 is too high"):
        regressor(solver="sgd", learning_rate_init=1e200, batch_size=batch_size).fit(X, Y)


@pytest.mark.parametrize(
    "form",
    [
        scipy.sparse.csr_array,
        scipy.sparse.csr_matrix,
        scipy.sparse.csc_matrix,
    ],
)
def test_sparse_rows_that_diverge_are_answered_alike(form: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glassnet.sklearn.sparse.DENSE", 0)
    with pytest.raises(ValueError, match=r"non-finite .* column \d of the inputs reaches .*; scale each column"):
        regressor().fit(form(X * 1e300), Y)
    with pytest.raises(ValueError, match=r"the learning rate 1e\+200 is too high"):
        regressor(solver="sgd", learning_rate_init=1e200, batch_size=7).fit(form(X), Y)


def test_a_first_fit_that_is_refused_leaves_an_estimator_that_is_not_fitted() -> None:
    mine = regressor(activation="foo")
    with pytest.raises(ValueError, match="unknown activation"):
        mine.fit(X, Y)
    with pytest.raises(NotFittedError):
        mine.predict(X)


def test_machine_code_never_reads_rows_of_another_width() -> None:
    pytest.importorskip("numba")
    mine = regressor(engine="compiled").fit(X, Y)
    with pytest.raises(ValueError, match="unknown activation"):
        mine.set_params(activation="foo").fit(X[:, :3], Y)
    with pytest.raises((ValueError, NotFittedError)):
        mine.predict(X[:, :3])  # read past the end of each row


def test_a_training_that_diverges_leaves_finite_weights() -> None:
    mine = regressor(solver="sgd", learning_rate_init=1e200, batch_size=7)
    with pytest.raises(ValueError, match=r"Solver produced non-finite parameter weights"):
        mine.fit(X, Y)
    assert all(np.isfinite(w).all() for w in mine.coefs_)
    assert np.isfinite(mine.predict(X)).all()
