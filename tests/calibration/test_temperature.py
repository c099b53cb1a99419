"""The temperature: held against SciPy's minimum, scikit-learn's log loss, and probabilities that are perfect."""

from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax
from sklearn.metrics import log_loss

from glassnet.calibration.temperature import Temperature, temperature_of, tempered
from glassnet.errors import ModelFileError


def drawn(n: int, classes: int, T: float, seed: int, spread: float = 1.5) -> tuple[np.ndarray, np.ndarray]:
    """True classes of n rows, and probabilities that are perfect at temperature T."""
    rng = np.random.default_rng(seed)
    z = spread * rng.normal(size=(n, classes))
    truth = (z + rng.gumbel(size=z.shape)).argmax(axis=1)  # classes drawn with probabilities softmax(z)
    return truth, np.exp(log_softmax(z * T, axis=1))


@pytest.mark.parametrize("T", [0.4, 0.97, 1.0, 1.6, 3.0])
@pytest.mark.parametrize("classes", [2, 5])
def test_it_is_where_the_log_loss_is_smallest(T: float, classes: int) -> None:
    truth, p = drawn(700, classes, T, seed=int(10 * T) + classes)
    found = temperature_of(truth, p)

    def loss(beta: float) -> float:
        return -float(log_softmax(beta * np.log(p), axis=1)[np.arange(len(p)), truth].mean())

    def slope(beta: float) -> float:
        q = np.exp(log_softmax(beta * np.log(p), axis=1))
        return float(((q * np.log(p)).sum(axis=1) - np.log(p)[np.arange(len(p)), truth]).mean())

    assert found.best is not None
    about = minimize_scalar(loss, bounds=(0.01, 10.0), method="bounded", options={"xatol": 1e-12}).x
    assert 1.0 / found.best == pytest.approx(about, rel=1e-6)  # as well as a loss can tell
    assert abs(slope(1.0 / found.best)) < 1e-12
    assert slope((1.0 + 1e-10) / found.best) > 0.0 > slope((1.0 - 1e-10) / found.best)
    assert found.before == pytest.approx(log_loss(truth, p), rel=1e-12)
    assert found.after == pytest.approx(log_loss(truth, tempered(p, found.best)), rel=1e-12)
    assert found.best == pytest.approx(T, rel=0.2)


def test_perfect_probabilities_stay_as_they_are_in_nearly_all_cases() -> None:
    kept = [temperature_of(*drawn(n, classes, 1.0, seed)).value != 1.0
            for n in (100, 400) for classes in (2, 4) for seed in range(250)]  # fmt: skip
    assert np.mean(kept) < 0.075  # 0.05 by the quantile, and chance among 1,000


def test_probabilities_that_are_too_sure_are_made_softer() -> None:
    kept = [temperature_of(*drawn(400, 3, 1.6, seed)).value for seed in range(100)]
    assert np.mean([value > 1.0 for value in kept]) > 0.98
    assert np.mean(kept) == pytest.approx(1.6, rel=0.05)


def test_of_one_sigmoid_it_is_the_same_as_of_two_classes() -> None:
    truth, p = drawn(300, 2, 1.5, seed=3)
    z = np.log(p[:, 1] / p[:, 0])
    found = temperature_of(truth, p)
    assert found.best is not None
    np.testing.assert_allclose(tempered(p, found.best)[:, 1], 1.0 / (1.0 + np.exp(-z / found.best)), rtol=1e-12)


def test_rows_that_are_all_right_tell_of_no_temperature() -> None:
    truth, p = np.array([0, 1, 1, 0]), np.array([[0.6, 0.4], [0.3, 0.7], [0.4, 0.6], [0.9, 0.1]])
    found = temperature_of(truth, p)
    assert (found.value, found.best, found.why) == (1.0, None, "all right")
    assert "every one of these rows is right" in str(found)


def test_probabilities_that_are_worse_than_none_tell_of_no_temperature() -> None:
    truth, p = np.array([1, 0, 0, 1]), np.array([[0.6, 0.4], [0.3, 0.7], [0.4, 0.6], [0.4, 0.6]])
    found = temperature_of(truth, p)
    assert (found.value, found.why) == (1.0, "no order")


def test_outputs_that_do_not_add_up_stay_as_they_are() -> None:
    found = temperature_of(np.array([0, 1, 0]), np.array([[0.6, 0.6], [0.3, 0.9], [0.4, 0.6]]))
    assert (found.value, found.why) == (1.0, "no sum")


def test_a_class_of_probability_0_is_no_infinity() -> None:
    truth, p = drawn(200, 2, 1.0, seed=1)
    p[0] = 0.0
    p[0, 1 - truth[0]] = 1.0
    single = temperature_of(truth, p.astype(np.float32))
    assert single.before == pytest.approx(log_loss(truth, p.astype(np.float32)), rel=1e-5)
    for found in (single, temperature_of(truth, p)):
        assert found.best is not None
        assert found.best < 3.0
        assert np.isfinite([found.before, found.after, *tempered(p, found.best).flat]).all()


@pytest.mark.parametrize("temperature", [
    Temperature(why="helps", best=1.5, before=0.5, after=0.4), Temperature(why="all right", before=0.5, after=0.5),
])  # fmt: skip
def test_it_is_the_same_after_json(temperature: Temperature) -> None:
    assert Temperature.from_json(temperature.to_json(), "T") == temperature


@pytest.mark.parametrize(("changed", "message"), [
    ({"why": "luck"}, "T.why must be one of 'helps'"), ({"best": -1.0}, "T: best must be > 0"),
    ({"best": None}, "T: best must be > 0"), ({"before": "much"}, "T.before must be a finite number"),
])  # fmt: skip
def test_what_is_wrong_in_json_is_named(changed: dict[str, Any], message: str) -> None:
    good = Temperature(why="helps", best=1.5, before=0.5, after=0.4).to_json()
    with pytest.raises(ModelFileError, match=message):
        Temperature.from_json(good | changed, "T")
