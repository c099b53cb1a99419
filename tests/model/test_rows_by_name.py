"""A model of a table takes rows whose cells have names, wherever it takes rows."""

import copy
import re
import warnings
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import glassnet as gn
from glassnet.model.model import Model

TABLE = {
    "area": [31.0, 45.5, 70.0, 52.0, 93.5, 28.0, 61.0],
    "rooms": [1, 2, 3, 2, 4, 1, 3],
    "town": ["Ulm", "Bern", None, "Ulm", "Graz", "Bern", "Ulm"],
    "lift": [True, False, True, True, False, None, True],
    "rent": [400.0, 610.0, 890.0, 640.0, 1120.0, 380.0, 760.0],
    "kind": ["flat", "flat", "house", "flat", "house", "flat", "house"],
}
FRAME = pd.DataFrame(TABLE)
ROWS = FRAME.astype(object).where(FRAME.notna(), None).to_dict("records")


@pytest.fixture(scope="module")
def model() -> Model:
    return gn.train(gn.Network(gn.Dense(5, "tanh"), gn.Dense()), TABLE, target="rent", epochs=3, seed=1)


@pytest.fixture(scope="module")
def classifier() -> Model:
    return gn.train(gn.Network(gn.Dense(5, "tanh"), gn.Dense()), TABLE, target="kind", epochs=3, seed=1)


def without(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


def rows_in_every_form(k: int) -> dict[str, Any]:
    row = ROWS[k]
    return {
        "a dictionary": row,
        "arrays without axes": {name: np.array(value) for name, value in row.items() if value is not None},
        "a list of one": [row],
        "a tuple of one": (row,),
        "pandas": FRAME.iloc[k],
        "pandas, in a list": [FRAME.iloc[k]],
        "pandas, objects": pd.Series(row, dtype=object),
        "pandas, nullable": FRAME.convert_dtypes().iloc[k],
        "polars, by name": pl.DataFrame(TABLE).row(k, named=True),
        "polars, a struct": pl.DataFrame(TABLE).to_struct()[k : k + 1],
    }


@pytest.mark.parametrize("form", rows_in_every_form(0))
@pytest.mark.parametrize("k", [0, 1, 4])
def test_one_row_is_predicted_as_it_is_in_its_table(form: str, k: int, model: Model, classifier: Model) -> None:
    row = rows_in_every_form(k)[form]
    assert model.predict(row).shape == (1,)
    np.testing.assert_allclose(model.predict(row), model.predict(TABLE)[k : k + 1], rtol=1e-12)
    assert classifier.predict(row).tolist() == [classifier.predict(TABLE)[k]]
    np.testing.assert_allclose(classifier.predict_proba(row), classifier.predict_proba(TABLE)[k : k + 1], rtol=1e-12)
    np.testing.assert_allclose(classifier.scores(row), classifier.scores(TABLE)[k : k + 1], rtol=1e-12)
    np.testing.assert_allclose(classifier.predictor()(row), classifier.predict_proba(TABLE)[k : k + 1], rtol=1e-12)
    np.testing.assert_allclose(classifier.layer_values(row)["a1"], classifier.layer_values(TABLE)["a1"][k : k + 1])


@pytest.mark.parametrize(
    "rows",
    [ROWS, tuple(ROWS), [FRAME.iloc[k] for k in range(7)], pl.DataFrame(TABLE).rows(named=True)],
    ids=["list", "tuple", "pandas", "polars"],
)
def test_rows_are_predicted_as_they_are_in_their_table(rows: Any, model: Model, classifier: Model) -> None:
    np.testing.assert_allclose(model.predict(rows), model.predict(TABLE), rtol=1e-12)
    assert classifier.evaluate(rows) == pytest.approx(classifier.evaluate(TABLE))
    assert model.evaluate(rows, metrics="mae") == pytest.approx(model.evaluate(TABLE, metrics="mae"))
    struct = pl.DataFrame(TABLE).to_struct()
    np.testing.assert_allclose(model.predict(struct), model.predict(TABLE), rtol=1e-12)


@pytest.mark.parametrize("form", rows_in_every_form(0))
def test_what_is_predicted_is_explained_and_drawn(form: str, classifier: Model) -> None:
    row = rows_in_every_form(4)[form]
    assert str(classifier.explain(row)) == str(classifier.explain(FRAME.iloc[4:5])).replace("data frame", "dictionary")
    assert str(classifier.picture(row)) == str(classifier.picture(FRAME.iloc[4:5]))


def test_a_row_needs_no_target(model: Model, classifier: Model) -> None:
    np.testing.assert_array_equal(model.predict(without(ROWS[4], "rent")), model.predict(ROWS[4]))
    np.testing.assert_array_equal(classifier.scores(FRAME.iloc[4].drop("kind")), classifier.scores(ROWS[4]))


def test_a_row_has_its_cells_in_any_order_and_others_among_them(model: Model) -> None:
    row = dict(reversed(ROWS[4].items()))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # which says what is not used
        found = model.predict({"id": 7, **row})
    np.testing.assert_array_equal(found, model.predict(ROWS[4]))


def test_a_model_goes_on_with_rows(model: Model) -> None:

    by_rows, by_table = copy.deepcopy(model), copy.deepcopy(model)
    gn.train(by_rows, ROWS, epochs=2)
    gn.train(by_table, TABLE, epochs=2)
    np.testing.assert_array_equal(by_rows["W1"], by_table["W1"])


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (without(ROWS[0], "town"), "lacks 1 column the model was trained on: 'town'"),
        ([ROWS[0], without(ROWS[1], "town")], "row 2 lacks 'town', which row 1 has; give None for what is not known"),
        ([ROWS[0], {**ROWS[1], "twon": "Ulm"}], "row 2 has 'twon', which row 1 lacks; give each row the same names"),
        ([ROWS[0], 3], "row 2 is 3, and row 1 is a dictionary; give each row its cells by name"),
        ([without(ROWS[0], "town", "lift")] * 2, "lacks 2 columns the model was trained on: 'town', 'lift'"),
        (FRAME["area"], "a Series must be a row, its index the names of the columns, like df.iloc[0]; this one is a "),
        (pl.Series("area", [1.0]), "this one is a column ('area'): give the data frame, or a dictionary"),
        (pd.Series([1.0, 2.0], ["area", "area"]), "the Series has two cells named 'area'; names must differ"),
        ([31.0, 1.0], "a data frame or a dict with area, rooms, town, lift, kind; for rows a list of such dicts"),
        ([], "a data frame or a dict with"),
        ({**ROWS[0], "area": "large"}, "area"),
    ],
)
def test_rows_that_do_not_fit_are_refused(rows: Any, message: str, model: Model) -> None:
    with pytest.raises(gn.DataError, match=re.escape(message)):
        model.predict(rows)
