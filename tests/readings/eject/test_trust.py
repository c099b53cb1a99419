"""Calibrated models in every language: the same probabilities, intervals and sets."""

import copy
import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.readings.eject import LANGUAGES
from glassnet.readings.eject.tools import ToolMissing

QUICK: dict[str, Any] = {"progress": False, "engine": "numpy", "seed": 0, "batch_size": None}
SURE: dict[str, Any] = {"optimizer": gn.Adam(0.05), "epochs": 120, **QUICK}


def rows_of(n: int, seed: int) -> dict[str, Any]:
    """A table whose price is noisier where it is larger, and whose class is not certain."""
    rng = np.random.default_rng(seed)
    size, weight = rng.uniform(1.0, 9.0, size=n), rng.normal(size=n)
    scores = np.stack([weight, 0.3 * size - 1.5, np.zeros(n)], axis=1) + rng.gumbel(size=(n, 3))
    return {
        "size": size,
        "weight": weight,
        "shop": np.array(["a", "b"])[(weight > 0).astype(int)].tolist(),
        "price": 10.0 * size + size * rng.normal(size=n),
        "kind": np.array(["x", "y", "z"])[scores.argmax(axis=1)].tolist(),
    }


def of_table(target: str, known: int = 350, **options: Any) -> gn.Model:
    """A model of this table, calibrated on other rows."""
    other = {"price": "kind", "kind": "price"}[target]
    network = gn.Network(gn.Dense(12, "tanh"), gn.Dense())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        model = gn.train(network, rows_of(120, 0), target=target, exclude=[other], **SURE, **options)
        model.calibrate(rows_of(known, 1))
    return model


def of_arrays(last: gn.Dense, loss: Any = None, *, flat: bool = True, known: int = 350) -> gn.Model:
    """The same, of arrays: of two classes, or a number."""

    def given(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        table = rows_of(n, seed)
        y = table["price"] if loss is None else (np.array(table["kind"]) == "x").astype(int)
        return np.stack([table["size"], table["weight"]], axis=1), y if flat else y[:, None]

    model = gn.train(gn.Network(gn.Dense(12, "tanh"), last, loss=loss), *given(120, 0), **SURE)
    model.calibrate(*given(known, 1))
    return model


MODELS: dict[str, Any] = {
    "classes": lambda: of_table("kind"),
    "classes in float32": lambda: of_table("kind", dtype="float32"),
    "a number": lambda: of_table("price"),
    "a number held to a range": lambda: of_table("price", clamp=True),
    "one width": lambda: of_table("price", known=90),
    "one sigmoid": lambda: of_arrays(gn.Dense(1, "sigmoid"), "binary_cross_entropy"),
    "arrays": lambda: of_arrays(gn.Dense()),
    "a column": lambda: of_arrays(gn.Dense(), flat=False),
}
IN = [
    (of, name) for name in MODELS for of in LANGUAGES if of != "xlsx" or name in ("classes", "a number")
]  # it is slow

LEVELS = {"numpy": (0.6, 0.9), "r": (0.6,), "onnx": (0.6,)}  # the others say 0.9


@pytest.fixture(scope="module")
def models() -> dict[str, gn.Model]:
    return {name: make() for name, make in MODELS.items()}


def checked(program: Any) -> Any:
    try:
        return program.verify(rows=200)
    except ToolMissing as error:
        pytest.skip(str(error))


@pytest.mark.parametrize(("language", "name"), IN)
def test_programs_say_what_the_model_says(language: Any, name: str, models: dict[str, gn.Model]) -> None:
    model = models[name]
    for level in LEVELS.get(language, (0.9,)):
        found = checked(model.eject(language, interval=level))
        assert found.passed, found
        assert found.allowed == (1e-5 if "float32" in name and language in ("numpy", "c", "onnx") else 1e-12)


def test_ensembles_have_them(models: dict[str, gn.Model]) -> None:
    for name in ("classes", "a number held to a range"):
        ensemble = gn.Ensemble([models[name], models[name]])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            ensemble.calibrate(rows_of(300, 5))
        for language in ("numpy", "c"):
            assert checked(ensemble.eject(language, interval=0.9)).passed  # type: ignore[arg-type]  # either of these


@pytest.mark.parametrize(("language", "name", "old", "new"), [
    ("numpy", "a number", "value + width", "value + 1.1 * width"), ("numpy", "classes", "LEAST = 0", "LEAST = 1"),
    ("javascript", "a number", "value + width]", "value + 1.0000001 * width]"),
    ("c", "classes", "|| k == best", "|| k == 0"), ("r", "a number", "+ 1]", "+ 2]"),
])  # fmt: skip
def test_a_program_that_says_something_else_is_found_out(
    language: Any, name: str, old: str, new: str, models: dict[str, gn.Model]
) -> None:
    program = models[name].eject(language, interval=0.9)
    assert isinstance(program.content, str)
    assert old in program.content
    assert not checked(replace(program, content=program.content.replace(old, new))).passed


def test_without_a_level_a_program_has_the_temperature_alone(models: dict[str, gn.Model]) -> None:
    program = models["classes"].eject("numpy")
    assert "tempered3 = z2 / " in str(program)
    assert "predict_set" not in str(program)
    assert "predict_set" in str(models["classes"].eject("numpy", interval=0.9)).split('"""')[1]


def test_names_of_a_c_program_begin_with_its_prefix(models: dict[str, gn.Model]) -> None:
    for name in ("classes", "a number"):
        program = models[name].eject("c", interval=0.9, prefix="my_")
        assert checked(program).passed
        assert "my_predict_" in program.header()


def test_a_column_may_be_called_as_an_output_is() -> None:
    table = {"lower": [1.0, 2.0, 3.0] * 9, "upper": [1.0, 2.0] * 13 + [7.0], "y": np.arange(27.0)}
    model = gn.train(gn.Network(gn.Dense()), table, target="y", epochs=2, **QUICK)
    model.calibrate({**table, "y": table["y"] + 0.5})
    for language in ("onnx", "numpy"):
        assert checked(model.eject(language, interval=0.8)).passed  # type: ignore[arg-type]  # either of these


def test_a_program_that_trains_knows_nothing_of_it(models: dict[str, gn.Model]) -> None:
    model = models["one sigmoid"]
    X, y = np.random.default_rng(0).normal(size=(20, 2)), [0, 1] * 10
    program = model.eject("numpy", training=True, X=X, y=y, epochs=2)
    assert "tempered" not in str(program)
    assert checked(program).passed
    with pytest.raises(ValueError, match="interval is of the model's numbers as they are, which a program that trains"):
        model.eject("numpy", training=True, X=X, y=y, interval=0.9)


def test_what_cannot_be(models: dict[str, gn.Model]) -> None:
    bare = copy.deepcopy(models["arrays"])
    bare.calibration = None
    with pytest.raises(ValueError, match="this model is not calibrated"):
        bare.eject("r", interval=0.9)
    with pytest.raises(ValueError, match=r"interval must be at most 0\.99"):
        models["arrays"].eject("r", interval=0.9999)
    X = np.random.default_rng(0).normal(size=(40, 2))
    several = gn.train(gn.Network(gn.Dense()), X, X * 2.0, epochs=1, **QUICK)
    several.calibrate(X + 1.0, X)
    with pytest.raises(NotImplementedError, match="programs give the interval of one number"):
        several.eject("r", interval=0.9)
