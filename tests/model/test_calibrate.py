"""`model.calibrate`: what it does to predictions, models and files."""

import copy
import pickle
import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.calibration.calibration import of_classes, of_numbers
from glassnet.data.files import read_model_file, write_model_file

QUICK: dict[str, Any] = {"progress": False, "engine": "numpy", "seed": 0}


def rows_of_classes(n: int, seed: int, classes: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Rows whose class is not certain."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3))
    scores = np.stack([X[:, 0] * X[:, 1], X[:, 2], X[:, 0] - X[:, 1]], axis=1)[:, :classes]
    return X, (1.5 * scores + rng.gumbel(size=scores.shape)).argmax(axis=1)


def rows_of_numbers(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows whose number is noisier where it is larger."""
    rng = np.random.default_rng(seed)
    X = rng.uniform(-1.0, 1.0, size=(n, 2))
    mean = 3.0 * X[:, 0] + 3.0
    return X, mean + 0.3 * mean * rng.normal(size=n)


@pytest.fixture(scope="module")
def sure() -> gn.Model:
    """Surer than it is right."""
    X, y = rows_of_classes(150, seed=0)
    return gn.train(gn.Network(gn.Dense(30, "relu"), gn.Dense()), X, y, epochs=150, batch_size=None,
                    optimizer=gn.Adam(0.05), **QUICK)  # fmt: skip


@pytest.fixture(scope="module")
def calibrated(sure: gn.Model) -> gn.Model:
    found = copy.deepcopy(sure)
    found.calibrate(*rows_of_classes(400, seed=1))
    return found


@pytest.fixture(scope="module")
def numbers() -> gn.Model:
    found = gn.train(gn.Network(gn.Dense(8, "tanh"), gn.Dense()), *rows_of_numbers(300, seed=0), epochs=60, **QUICK)
    found.calibrate(*rows_of_numbers(600, seed=1))
    return found


TABLE = {"size": np.arange(120.0), "colour": ["red", "blue", "green"] * 40}


@pytest.fixture(scope="module")
def of_table() -> gn.Model:
    rng = np.random.default_rng(3)
    price = TABLE["size"] * 2.0 + rng.normal(size=120)  # type: ignore[operator]  # it is an array
    found = gn.train(gn.Network(gn.Dense(5, "tanh"), gn.Dense()), {**TABLE, "price": price}, target="price",
                     epochs=40, **QUICK)  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        found.calibrate({**TABLE, "price": price + rng.normal(size=120)})
    return found


# what it does to predictions


def test_probabilities_are_those_of_the_scores_divided(sure: gn.Model, calibrated: gn.Model) -> None:
    X, y = rows_of_classes(2000, seed=2)
    T = calibrated.calibration.T
    assert T > 1.2
    z = sure.scores(X) / T
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    p = powers / powers.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(calibrated.predict_proba(X), p, rtol=1e-12)
    np.testing.assert_array_equal(calibrated.predict(X), sure.predict(X))
    np.testing.assert_array_equal(calibrated.scores(X), sure.scores(X))
    for engine in ("numpy", "compiled"):
        np.testing.assert_allclose(calibrated.predictor(engine)(X), p, rtol=1e-12)
    before, after = (model.evaluate(X, y, metrics=["log_loss"]) for model in (sure, calibrated))
    assert after["log_loss"] < before["log_loss"] - 0.05
    assert after["loss"] == pytest.approx(after["log_loss"], rel=1e-12)


def test_it_is_a_step_of_the_derivation(calibrated: gn.Model) -> None:
    steps = [step.name for step in calibrated.derivation(prediction=True).steps]
    assert steps == ["z1", "a1", "z2", "tempered3", "p"]
    assert "tempered3" not in str(calibrated.derivation())  # of training, which knows nothing of it
    assert "at temperature" in str(calibrated.derivation(prediction=True))
    assert "tempered3" in str(calibrated.explain(rows_of_classes(1, seed=5)[0]))


@pytest.mark.parametrize("loss", [None, "binary_cross_entropy", "squared"])
def test_it_is_the_same_however_probabilities_come_about(loss: Any) -> None:
    X, y = rows_of_classes(100, seed=0)
    last = gn.Dense() if loss is None else gn.Dense(1, "sigmoid")
    network = gn.Network(gn.Dense(20, "relu"), last, loss=loss)
    model = gn.train(network, X, y, kind="classes", epochs=200, batch_size=None, optimizer=gn.Adam(0.05), **QUICK)
    p = model.predict_proba(X)
    found = model.calibrate(*rows_of_classes(400, seed=1))
    assert found.T > 1.2
    powers = p ** (1.0 / found.T)
    np.testing.assert_allclose(model.predict_proba(X), powers / powers.sum(axis=1, keepdims=True), rtol=1e-6)
    here, there = rows_of_classes(400, seed=1)
    after = model.evaluate(here, there, metrics=["log_loss"])["log_loss"]
    assert after == pytest.approx(found.temperature.after, rel=1e-6)
    for language in ("numpy", "onnx"):
        assert model.eject(language).verify().passed  # type: ignore[arg-type]  # any of these


def test_an_ensemble_has_one_temperature_for_its_mean(sure: gn.Model) -> None:
    X, y = rows_of_classes(150, seed=0)
    others = [gn.train(sure.network, X, y, epochs=150, batch_size=None, optimizer=gn.Adam(0.05), **{**QUICK, "seed": k})
              for k in (1, 2)]  # fmt: skip
    ensemble = gn.Ensemble([sure, *others])
    mean = np.mean([model.predict_proba(X) for model in (sure, *others)], axis=0)
    here, there = rows_of_classes(500, seed=1)
    found = ensemble.calibrate(here, there)
    assert found.T > 1.1
    powers = mean ** (1.0 / found.T)
    np.testing.assert_allclose(ensemble.predict_proba(X), powers / powers.sum(axis=1, keepdims=True), rtol=1e-10)
    assert ensemble.evaluate(here, there)["loss"] == pytest.approx(found.temperature.after, rel=1e-10)
    assert "temperature" in str(ensemble.derivation())
    assert "mean" in str(ensemble.explain(X[0]))
    for language in ("numpy", "onnx"):
        assert ensemble.eject(language).verify().passed  # type: ignore[arg-type]  # any of these


def test_members_of_an_ensemble_are_as_they_were_trained(sure: gn.Model, calibrated: gn.Model) -> None:
    X, _ = rows_of_classes(7, seed=2)
    np.testing.assert_allclose(gn.Ensemble([calibrated]).predict_proba(X), sure.predict_proba(X), rtol=1e-12)


def test_numbers_get_intervals_that_are_wider_where_noise_is_larger(numbers: gn.Model) -> None:
    X, y = rows_of_numbers(4000, seed=2)
    found = numbers.predict(X, interval=0.9)
    np.testing.assert_array_equal(found.predictions, numbers.predict(X))
    inside = (found.lower <= y) & (y <= found.upper)
    assert 0.87 < inside.mean() < 0.93
    width = found.upper - found.lower
    assert width[X[:, 0] > 0.7].mean() > 3.0 * width[X[:, 0] < -0.7].mean()
    assert len(found) == 4000
    assert [*found.columns()] == ["prediction", "lower", "upper"]


def test_classes_get_sets(calibrated: gn.Model) -> None:
    X, y = rows_of_classes(3000, seed=2)
    found = calibrated.predict(X, interval=0.9)
    assert 0.87 < np.mean([label in row for label, row in zip(y, found.sets, strict=True)]) < 0.93
    assert all(label in row for label, row in zip(found.predictions, found.sets, strict=True))
    assert [*found.columns()] == ["prediction", "set"]
    assert found.lower is None


def test_tables_are_in_the_targets_unit(of_table: gn.Model) -> None:
    found = of_table.predict({"size": [3.0, 90.0], "colour": ["red", "green"]}, interval=0.8)
    np.testing.assert_allclose((found.lower + found.upper) / 2, found.predictions, rtol=1e-12)
    np.testing.assert_allclose(found.upper - found.lower, 2 * of_table.calibration.errors[0].widths(0.8)[0], rtol=1e-9)


def test_rows_unlike_training_are_named(of_table: gn.Model, sure: gn.Model) -> None:
    rows = [{"size": 3.0, "colour": "red"}, {"size": 200.0, "colour": "mauve"}]
    assert of_table.unusual(rows) == ((), ("size", "colour"))
    with pytest.raises(gn.DataError, match="of whose columns no range is kept; train it on a table"):
        sure.unusual(np.ones((1, 3)))


# what it is worth for as long


def test_it_is_learnt_from_the_network_alone(calibrated: gn.Model) -> None:
    again = copy.deepcopy(calibrated)
    found = again.calibrate(*rows_of_classes(400, seed=1))
    assert found.T == calibrated.calibration.T


def test_training_on_forgets_it(calibrated: gn.Model) -> None:
    model = copy.deepcopy(calibrated)
    X, y = rows_of_classes(60, seed=4)
    gn.train(model, X, y, epochs=1, progress=False)
    assert model.calibration is None
    z = model.scores(X)
    np.testing.assert_allclose(model.predict_proba(X)[:, 1], 1 / (1 + np.exp(z[:, 0] - z[:, 1])), rtol=1e-6)


def test_copies_have_it(calibrated: gn.Model) -> None:
    X, _ = rows_of_classes(9, seed=2)
    for other in (copy.deepcopy(calibrated), pickle.loads(pickle.dumps(calibrated))):
        np.testing.assert_array_equal(other.predict_proba(X), calibrated.predict_proba(X))


def test_the_core_takes_predictions_that_were_made_elsewhere(calibrated: gn.Model, numbers: gn.Model) -> None:
    X, y = rows_of_classes(400, seed=1)
    bare = copy.deepcopy(calibrated)
    bare.calibration = None
    found = of_classes(y, bare.predict_proba(X), (0, 1))
    assert pytest.approx(calibrated.calibration.T, rel=1e-9) == found.T
    bare.calibration = found
    np.testing.assert_allclose(bare.predict_proba(X), calibrated.predict_proba(X), rtol=1e-9)
    X, y = rows_of_numbers(600, seed=1)
    widths = of_numbers(y, numbers.predict(X)).errors[0].widths(0.9)
    np.testing.assert_allclose(widths, numbers.calibration.errors[0].widths(0.9), rtol=1e-12)
    with pytest.raises(ValueError, match="a calibration must be of what the model predicts, got one of 2 classes"):
        numbers.calibration = found
    with pytest.raises(ValueError, match="got one of 1 numbers"):
        bare.calibration = numbers.calibration


def test_the_summary_says_it(sure: gn.Model, calibrated: gn.Model) -> None:
    assert "calibrated on" not in sure.summary()
    assert str(calibrated.calibration) in calibrated.summary()
    assert "temperature" in str(calibrated.calibration)


# files


@pytest.mark.parametrize("which", ["calibrated", "numbers", "of_table"])
def test_files_keep_it(which: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    model: gn.Model = request.getfixturevalue(which)
    model.save(tmp_path / "a.glass")
    loaded = gn.load(tmp_path / "a.glass")
    assert str(loaded.calibration) == str(model.calibration)
    rows: Any = (
        {"size": [3.0, 90.0], "colour": ["red", "blue"]} if which == "of_table" else np.ones((5, model.n_inputs))
    )
    for level in (0.5, 0.9):
        ours, theirs = (item.predict(rows, interval=level).columns() for item in (model, loaded))
        for name in ours:
            np.testing.assert_array_equal(np.array(ours[name]), np.array(theirs[name]))
    loaded.save(tmp_path / "b.glass")
    assert (tmp_path / "a.glass").read_bytes() == (tmp_path / "b.glass").read_bytes()


def test_files_of_ensembles_keep_it(calibrated: gn.Model, tmp_path: Path) -> None:
    ensemble = gn.Ensemble([calibrated, calibrated])
    ensemble.calibrate(*rows_of_classes(300, seed=6))
    ensemble.save(tmp_path / "e.glass")
    X, _ = rows_of_classes(9, seed=2)
    np.testing.assert_array_equal(gn.load(tmp_path / "e.glass").predict_proba(X), ensemble.predict_proba(X))
    assert calibrated.calibration is not None


def test_files_without_it_are_read(sure: gn.Model, tmp_path: Path) -> None:
    sure.save(tmp_path / "old.glass")
    description, tensors = read_model_file(tmp_path / "old.glass")
    assert "calibration" not in description
    assert "calibration.errors" not in tensors
    assert gn.load(tmp_path / "old.glass").calibration is None


@pytest.mark.parametrize(("change", "message"), [
    (lambda found, tensors: tensors.pop("calibration.errors"), "tensor 'calibration.errors' must be float64 of shape"),
    (lambda found, tensors: found.pop("calibration"), "tensor 'calibration.errors' belongs to nothing"),
    (lambda found, tensors: found["calibration"].update(temperature=None), "temperature must be there for classes"),
    (lambda found, tensors: found["calibration"].update(counts=[1, 2, 3]), "must have counts and errors for 0, 1"),
    (lambda found, tensors: found["calibration"].update(counts=[1, 2]), "must have as many rows as"),
    (lambda found, tensors: tensors.update({"calibration.errors": -tensors["calibration.errors"]}),
     "errors of a bin must be finite and ascend"),
    (lambda found, tensors: found["calibration"]["errors"][0].update(edges=[0.0]), "edges must ascend"),
])  # fmt: skip
def test_what_is_wrong_in_a_file_is_named(calibrated: gn.Model, tmp_path: Path, change: Any, message: str) -> None:
    calibrated.save(tmp_path / "a.glass")
    description, tensors = read_model_file(tmp_path / "a.glass")
    found, arrays = copy.deepcopy(dict(description)), {name: array.copy() for name, array in tensors.items()}
    change(found, arrays)
    for stamp in ("format", "glassnet"):
        found.pop(stamp, None)
    write_model_file(tmp_path / "b.glass", found, arrays)
    with pytest.raises(gn.ModelFileError, match=re.escape(message)):
        gn.load(tmp_path / "b.glass")


# what cannot be


def test_without_it_there_are_no_intervals(sure: gn.Model) -> None:
    with pytest.raises(ValueError, match="this model is not calibrated, so nothing is known of its errors"):
        sure.predict(np.ones((1, 3)), interval=0.9)


@pytest.mark.parametrize(("level", "message"), [
    (1.0, "interval must be a share of rows between 0 and 1, such as 0.9, got 1.0"),
    (90, "interval must be a share of rows between 0 and 1, such as 0.9, got 90"),
    (0.9999, "interval must be at most 0.9975, got 0.9999: the errors of 400 rows tell of no rarer ones"),
])  # fmt: skip
def test_levels_that_cannot_be_had(calibrated: gn.Model, level: float, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        calibrated.predict(np.ones((1, 3)), interval=level)


def test_rows_that_it_was_trained_on_are_refused(sure: gn.Model) -> None:
    model = copy.deepcopy(sure)
    with pytest.raises(gn.DataError, match="these are the rows that the model was trained on"):
        model.calibrate(*rows_of_classes(150, seed=0))
    assert model.calibration is None


def test_too_few_rows_are_refused(sure: gn.Model) -> None:
    with pytest.raises(gn.DataError, match="calibration needs 10 rows or more with their target, got 7"):
        copy.deepcopy(sure).calibrate(*rows_of_classes(7, seed=8))


def test_rows_without_a_target_are_refused(of_table: gn.Model, sure: gn.Model) -> None:
    with pytest.raises(gn.DataError, match="price"):
        copy.deepcopy(of_table).calibrate(TABLE)
    with pytest.raises(gn.DataError, match="y is missing, got None"):
        copy.deepcopy(sure).calibrate(np.ones((20, 3)))
    with pytest.raises(gn.DataError, match="X has 20 rows, y has 19"):
        copy.deepcopy(sure).calibrate(np.ones((20, 3)), [0, 1] * 9 + [0])


def test_outputs_that_are_no_probabilities_are_refused() -> None:
    X, y = rows_of_classes(50, seed=0)
    model = gn.train(gn.Network(gn.Dense(), loss="squared"), X, y, kind="classes", epochs=2, **QUICK)
    with pytest.raises(ValueError, match="are no probabilities"):
        model.calibrate(*rows_of_classes(50, seed=1))
