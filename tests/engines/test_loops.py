"""The loops that a program becomes, as text."""

import numpy as np
import pytest

import glassnet as gn
from glassnet.derivation.derive import derive_prediction
from glassnet.engines.prediction_code import prediction_code


@pytest.mark.parametrize(("columns", "together"), [(2, True), (16, True), (17, False)])
def test_exponentials_of_few_columns_are_taken_over_all_rows(columns: int, together: bool) -> None:
    network = gn.Network(gn.Dense(columns), loss="cross_entropy")
    text = prediction_code(derive_prediction(network, 3)).text
    innermost = text.split("= exp(")[0].split(" for ")[-1]
    assert innermost.startswith(f"j in range({'n * ' if together else ''}{columns}):")
    assert text.index("# p = softmax(z1)") < text.index("_1_i = ")


@pytest.mark.parametrize("rows", [1, 7, 4099])
def test_two_classes_have_two_columns_though_the_network_has_one(rows: int) -> None:
    pytest.importorskip("numba")
    X = np.random.default_rng(3).normal(size=(rows, 5))
    network = gn.Network(gn.Dense(3, "relu"), gn.Dense(1), loss="binary_cross_entropy")
    model = gn.initialize(network, np.zeros((2, 5)), [0, 1], seed=3)
    expected = np.concatenate([model.predict_proba(row[None]) for row in X[:50]])
    found = model.predictor()(X)
    assert found.shape == (rows, 2)
    np.testing.assert_allclose(found[:50], expected, atol=1e-12)
    np.testing.assert_allclose(found.sum(axis=1), 1.0, atol=1e-12)
