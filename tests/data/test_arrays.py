"""What is learnt from arrays, and how it comes back."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

import glassnet as gn
from glassnet.data.arrays import ArrayContract, learn_arrays

X = np.zeros((4, 3))

TARGETS: dict[str, tuple[Any, str | None, ArrayContract]] = {
    "numbers": ([1.5, 2.5, 0.5, 1.0], None, ArrayContract(n_inputs=3, n_outputs=1, classes=None, flat=True)),
    "whole numbers": ([1, 2, 1, 2], None, ArrayContract(n_inputs=3, n_outputs=2, classes=(1, 2), flat=True)),
    "whole numbers for a loss of numbers": (
        [1, 2, 1, 2],
        "squared",
        ArrayContract(n_inputs=3, n_outputs=1, classes=None, flat=True),
    ),
    "whole numbers with a gap": ([1, 2, 4, 2], None, ArrayContract(n_inputs=3, n_outputs=1, classes=None, flat=True)),
    "whole floats for no loss": (
        [1.0, 0.0, 1.0, 0.0],
        None,
        ArrayContract(n_inputs=3, n_outputs=1, classes=None, flat=True),
    ),
    "a column": ([[1.5], [2.5], [0.5], [1.0]], None, ArrayContract(n_inputs=3, n_outputs=1, classes=None, flat=False)),
    "two columns": (np.ones((4, 2)), None, ArrayContract(n_inputs=3, n_outputs=2, classes=None, flat=False)),
    "words": (["b", "a", "b", "c"], None, ArrayContract(n_inputs=3, n_outputs=3, classes=("a", "b", "c"), flat=True)),
    "a column of words": (
        [["b"], ["a"], ["b"], ["c"]],
        None,
        ArrayContract(n_inputs=3, n_outputs=3, classes=("a", "b", "c"), flat=False),
    ),
    "booleans": (
        [True, False, True, True],
        None,
        ArrayContract(n_inputs=3, n_outputs=2, classes=(False, True), flat=True),
    ),
    "codes": ([7, 2, 7, 2], "cross_entropy", ArrayContract(n_inputs=3, n_outputs=2, classes=(2, 7), flat=True)),
    "whole floats": (
        [1.0, 0.0, 1.0, 0.0],
        "binary_cross_entropy",
        ArrayContract(n_inputs=3, n_outputs=2, classes=(0.0, 1.0), flat=True),
    ),
    "one-hot": (np.eye(4)[:, :3], "cross_entropy", ArrayContract(n_inputs=3, n_outputs=3, classes=None, flat=False)),
    "object numbers": (
        np.array([1.5, 2.0, 3.0, 4.0], object),
        None,
        ArrayContract(n_inputs=3, n_outputs=1, classes=None, flat=True),
    ),
    "object words": (
        np.array(["b", "a", "b", "a"], object),
        None,
        ArrayContract(n_inputs=3, n_outputs=2, classes=("a", "b"), flat=True),
    ),
    "pandas words": (
        pd.Series(["b", "a", "b", "a"]),
        None,
        ArrayContract(n_inputs=3, n_outputs=2, classes=("a", "b"), flat=True),
    ),
    "pandas categories": (
        pd.Series(list("baba"), dtype="category"),
        None,
        ArrayContract(n_inputs=3, n_outputs=2, classes=("a", "b"), flat=True),
    ),
}


@pytest.mark.parametrize("name", TARGETS)
def test_the_target_says_what_it_is(name: str) -> None:
    y, loss, contract = TARGETS[name]
    learnt = learn_arrays(X, y, loss)
    assert learnt == contract
    assert [type(label) for label in learnt.classes or ()] == [type(label) for label in contract.classes or ()]


@pytest.mark.parametrize("name", TARGETS)
def test_what_is_encoded_is_decoded(name: str) -> None:
    y, _, contract = TARGETS[name]
    decoded = contract.decode(contract.encode_target(y))
    expected = np.asarray(y).ravel() if contract.classes else np.asarray(y)
    assert decoded.tolist() == expected.tolist()


@pytest.mark.parametrize("name", TARGETS)
def test_a_contract_survives_json(name: str) -> None:
    contract = TARGETS[name][2]
    assert ArrayContract.from_json(contract.to_json()) == contract


@pytest.mark.parametrize(
    "change",
    [{"extra": 1}, {"n_inputs": 0}, {"n_inputs": True}, {"n_inputs": 2.0}, {"n_outputs": 2**40}, {"flat": 1},
     {"classes": ["a"]}, {"classes": "ab"}, {"classes": ["a", "a"]}, {"classes": ["a", 1]},
     {"classes": ["a", "b", "c"]}, {"classes": [["a"], ["b"]]}],
)  # fmt: skip
def test_json_that_is_none_of_ours_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"arrays need|classes must be"):
        ArrayContract.from_json(
            {**ArrayContract(n_inputs=3, n_outputs=2, classes=("a", "b"), flat=True).to_json(), **change}
        )


def test_a_class_that_training_did_not_have_is_refused() -> None:
    contract = ArrayContract(n_inputs=3, n_outputs=2, classes=("a", "b"), flat=True)
    with pytest.raises(gn.DataError, match="y holds 'c', which is none of the classes 'a', 'b'; leave such rows out"):
        contract.encode_target(["a", "c"])


def test_an_array_that_is_right_is_not_copied() -> None:
    assert ArrayContract(n_inputs=3, n_outputs=1).encode(X) is X


def test_columns_may_have_names() -> None:
    contract = ArrayContract(n_inputs=2, n_outputs=1, classes=None, flat=True, names=("width", "height"))
    assert contract.input_names == ("width", "height")
    assert ArrayContract.from_json(contract.to_json()) == contract
    assert "names" not in ArrayContract(n_inputs=2, n_outputs=1).to_json()
    for names in (["width"], ["width", 3], "wh", []):
        with pytest.raises(ValueError, match="names must be a text for each of 2 columns, got"):
            ArrayContract.from_json({**contract.to_json(), "names": names})
