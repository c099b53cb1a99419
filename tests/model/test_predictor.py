"""A model made ready to predict: the numbers of `predict` and `predict_proba`, sooner."""

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.model.model import Model
from glassnet.model.predictor import Predictor

RNG = np.random.default_rng(9)
X = RNG.normal(size=(300, 3))  # more rows than are done at a time
LABELS = np.array(["ant", "bee", "cow"])[np.arange(300) % 3]
NUMBERS = RNG.normal(size=(300, 2))
TABLE = {"a": X[:, 0], "b": X[:, 1], "c": np.where(X[:, 2] > 0, "x", "y"), "kind": LABELS, "size": NUMBERS[:, 0]}
HIDDEN = gn.Dense(4, "tanh")
WIDE = gn.Network(gn.Dense(40, "gelu"), gn.BatchNorm(), gn.Dense())
ENGINES = ["numpy", "compiled"]


def train(x: Any, y: Any = None, network: gn.Network | None = None, **options: Any) -> Model:
    return gn.train(network or gn.Network(HIDDEN, gn.Dense()), x, y, epochs=2, seed=1, engine="numpy", **options)


def ready(model: Model, engine: str) -> Predictor:
    if engine == "compiled":
        pytest.importorskip("numba")
    predictor = model.predictor(engine)
    assert predictor.engine == engine
    return predictor


def answer(model: Model, x: Any) -> np.ndarray:
    """What the predictor must give."""
    return model.predict(x) if model.classes is None else model.predict_proba(x)


def close(found: np.ndarray, expected: np.ndarray) -> None:
    assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
    digits = 1e-12 if expected.dtype == np.float64 else 1e-5
    np.testing.assert_allclose(found, expected, rtol=digits, atol=digits * np.abs(expected).max(initial=0.0))


MODELS: dict[str, Any] = {
    "classes": lambda: train(X, LABELS),
    "two classes and one output": lambda: train(X, LABELS == "ant", gn.Network(HIDDEN, gn.Dense(1, "sigmoid"))),
    "numbers": lambda: train(X, NUMBERS),
    "one number": lambda: train(X, NUMBERS[:, 0]),
    "float32": lambda: train(X.astype(np.float32), NUMBERS, WIDE),
    "counts": lambda: train(X, np.arange(300) % 5, gn.Network(HIDDEN, gn.Dense(1), loss="poisson")),
    "a layer that only trains": lambda: train(X, NUMBERS, gn.Network(gn.Dropout(0.5), gn.LayerNorm(), gn.Dense(2))),
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("kind", MODELS)
def test_it_gives_what_predict_gives_for_any_number_of_rows(kind: str, engine: str) -> None:
    model = MODELS[kind]()
    predictor = ready(model, engine)
    for rows in (1, 2, 127, 128, 129, 300):
        close(predictor(X[:rows]), answer(model, X[:rows]))
    close(predictor(X[7]), answer(model, X[7:8])[0])  # one row has one axis less


@pytest.fixture(scope="module", params=ENGINES)
def both(request: pytest.FixtureRequest) -> tuple[Model, Predictor]:
    model = MODELS["numbers"]()
    return model, ready(model, request.param)


def read_only(x: np.ndarray) -> np.ndarray:
    x = x.copy()
    x.setflags(write=False)
    return x


FORMS: dict[str, Any] = {
    "read-only": read_only,
    "every second row": lambda x: np.repeat(x, 2, axis=0)[::2],
    "reversed": lambda x: x[::-1].copy()[::-1],
    "Fortran order": np.asfortranarray,
    "not aligned": lambda x: np.frombuffer(b"." + x.tobytes(), offset=1, dtype=x.dtype).reshape(x.shape),
    "lists": lambda x: x.tolist(),
    "objects": lambda x: x.astype(object),
    "swapped bytes": lambda x: x.astype(x.dtype.newbyteorder()),
}


@pytest.mark.parametrize("form", FORMS)
def test_the_form_of_an_array_does_not_matter(both: tuple[Model, Predictor], form: str) -> None:
    model, predictor = both
    x = X[:9]
    close(predictor(FORMS[form](x)), model.predict(x))
    if isinstance(FORMS[form](x), np.ndarray):
        close(predictor(FORMS[form](x)[4]), model.predict(x[4:5])[0])


@pytest.mark.parametrize("dtype", ["float32", "int16", "bool"])
def test_other_numbers_are_taken_too(both: tuple[Model, Predictor], dtype: str) -> None:
    model, predictor = both
    x = (X[:9] * 3).astype(dtype)
    close(predictor(x), model.predict(x))


@pytest.mark.parametrize(
    "wrong",
    [X[:, :2], np.where(X > 2, np.nan, X), np.full((2, 3), np.inf), [["a", "b", "c"]], X[None], np.float64(3.0), None],
    ids=["two columns", "NaN", "infinity", "words", "three axes", "a number", "nothing"],
)
def test_what_predict_refuses_is_refused_with_the_same_words(both: tuple[Model, Predictor], wrong: Any) -> None:
    model, predictor = both
    with pytest.raises(Exception) as expected:  # noqa: PT011
        model.predict(wrong)
    with pytest.raises(type(expected.value)) as found:
        predictor(wrong)
    assert str(found.value) == str(expected.value)


def test_a_row_that_does_not_fit_is_refused(both: tuple[Model, Predictor]) -> None:
    _, predictor = both
    for row in (X[0, :2], np.array([1.0, np.nan, 0.0]), np.empty(0)):
        with pytest.raises(gn.DataError):
            predictor(row)


@pytest.mark.parametrize("engine", ENGINES)
def test_no_rows_are_answered_as_predict_answers(engine: str) -> None:
    model = MODELS["numbers"]()
    predictor = ready(model, engine)
    try:
        expected = model.predict(np.empty((0, 3)))
    except gn.DataError as error:
        with pytest.raises(gn.DataError, match=str(error)):
            predictor(np.empty((0, 3)))
    else:
        close(predictor(np.empty((0, 3))), expected)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("target", ["kind", "size"])
def test_tables_are_taken(engine: str, target: str) -> None:
    model = train(TABLE, target=target, exclude={"kind", "size"} - {target})
    predictor = ready(model, engine)
    rows = {name: TABLE[name][:5] for name in "cab"}
    close(predictor(rows), answer(model, rows))
    with pytest.raises(gn.DataError) as expected:
        model.predict({"a": [1.0]})
    with pytest.raises(gn.DataError) as found:
        predictor({"a": [1.0]})
    assert str(found.value) == str(expected.value)


@pytest.mark.parametrize("engine", ENGINES)
def test_it_follows_later_training_and_ones_own_hand(engine: str) -> None:
    model = MODELS["numbers"]()
    predictor = ready(model, engine)
    before = predictor(X)
    gn.train(model, X, NUMBERS, epochs=3, optimizer="sgd", engine="numpy")
    close(predictor(X), model.predict(X))
    assert (predictor(X) != before).all()
    model["W1"] = np.zeros((3, 4))
    close(predictor(X), model.predict(X))


def test_an_answer_is_not_overwritten_by_the_next(both: tuple[Model, Predictor]) -> None:
    _, predictor = both
    first = predictor(X[:5])
    kept = first.copy()
    predictor(X[5:10])
    np.testing.assert_array_equal(first, kept)


def test_threads_may_share_it(both: tuple[Model, Predictor]) -> None:
    _, predictor = both
    parts = [X[k::7] for k in range(7)]
    expected = [predictor(part) for part in parts]
    wrong: list[int] = []

    def ask(k: int) -> None:
        wrong.extend(k for _ in range(200) if (predictor(parts[k]) != expected[k]).any())

    threads = [threading.Thread(target=ask, args=[k]) for k in range(7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown engine 'gpu'"):
        MODELS["numbers"]().predictor("gpu")


def test_it_says_what_it_is() -> None:
    said = repr(MODELS["numbers"]().predictor("numpy"))
    assert said.startswith("Predictor(Model(")
    assert said.endswith("engine='numpy')")


# many rows, without a predictor

MANY = RNG.normal(size=(5000, 3)).astype(np.float32)


def fresh(**options: Any) -> Model:
    network = gn.Network(gn.Dense(48, "tanh"), gn.Dense(48, "gelu"), gn.Dense(2))
    options = {"engine": "auto", "epochs": 1, "seed": 1} | options
    return gn.train(network, X.astype(np.float32), NUMBERS, **options)


def test_many_rows_are_predicted_by_compiled_code_that_is_there() -> None:
    pytest.importorskip("numba")
    model = fresh()
    compiled = model.predictor("compiled")(MANY)
    np.testing.assert_array_equal(model.predict(MANY), compiled)
    assert not np.array_equal(model.predict(MANY[:500]), compiled[:500])  # few rows are NumPy's
    model["b1"] = np.ones(48)
    np.testing.assert_array_equal(model.predict(MANY), model.predictor("compiled")(MANY))


def test_which_engine_predicts_is_decided_when_a_model_is_first_asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pytest.importorskip("numba")
    from glassnet.engines import cache_folder
    from glassnet.engines import compiled as engine

    monkeypatch.setenv(cache_folder.FOLDER, str(tmp_path))  # nothing is compiled yet
    monkeypatch.setattr(engine, "LOADED", {})
    model = fresh()
    by_numpy = model.state.forward.predict(MANY)
    np.testing.assert_array_equal(model.predict(MANY), by_numpy)
    compiled = model.predictor("compiled")(MANY)
    assert not np.array_equal(compiled, by_numpy)
    np.testing.assert_array_equal(model.predict(MANY), by_numpy)
    np.testing.assert_array_equal(Model(model.state.copy()).predict(MANY), compiled)


@pytest.mark.parametrize("options", [{"deterministic": True}, {"engine": "numpy"}], ids=str)
def test_where_training_was_to_be_the_same_prediction_is(options: dict[str, Any]) -> None:
    pytest.importorskip("numba")
    model = fresh(**options)
    model.predictor("compiled")
    np.testing.assert_array_equal(model.predict(MANY), model.state.forward.predict(MANY))


def test_what_readings_and_the_shell_show_is_numpys() -> None:
    pytest.importorskip("numba")
    model = fresh()
    model.predictor("compiled")
    np.testing.assert_array_equal(model.outputs(MANY), model.state.forward.predict(MANY))
