"""The loops that a program becomes, as text."""

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
