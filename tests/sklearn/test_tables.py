"""Recipes as estimators: scikit-learn's checks, data frames as they come, and searches over recipes."""

from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.utils.estimator_checks import parametrize_with_checks

import glassnet as gn
from glassnet.sklearn import TableClassifier, TableRegressor

QUICK = gn.recipe("small", epochs=20, learning_rate=0.05)
OTHER_ROWS = "other rows are held out once rows are left out or repeated, and scales are those of rows, not of weights"
RNG = np.random.default_rng(3)
SIZE = RNG.normal(size=90)
GAPS = np.where(RNG.uniform(size=90) < 0.1, np.nan, SIZE)
COLOUR = np.array(["red", "green", "blue"])[RNG.integers(0, 3, 90)]


def frame() -> Any:
    return pytest.importorskip("pandas").DataFrame({"size": GAPS, "colour": COLOUR})


@pytest.mark.filterwarnings("ignore::UserWarning")
@parametrize_with_checks(
    [TableClassifier(QUICK, engine="numpy"), TableRegressor(QUICK, engine="numpy")],
    expected_failed_checks=lambda _: {"check_sample_weight_equivalence_on_dense_data": OTHER_ROWS},
)
def test_scikit_learns_checks(estimator: Any, check: Any) -> None:
    check(estimator)


@pytest.mark.parametrize("labels", [("yes", "NA"), (0, 10, 9), (False, True), ("1", "1.0"), (1, "1")], ids=repr)
def test_labels_come_back_as_they_were_given(labels: tuple[Any, ...]) -> None:
    mixed = len({*map(type, labels)}) > 1
    kind = np.array(labels, object if mixed else None)
    y = kind[np.searchsorted(np.linspace(-0.5, 0.5, len(labels) - 1), SIZE)]
    if mixed:
        with pytest.raises((TypeError, ValueError)):
            TableClassifier(QUICK).fit(frame(), y)
        return
    classifier = TableClassifier(QUICK, random_state=1, class_weight={labels[0]: 2.0}).fit(frame(), y)
    np.testing.assert_array_equal(classifier.classes_, np.unique(y))
    p = classifier.predict_proba(frame())
    np.testing.assert_array_equal(classifier.predict(frame()), classifier.classes_[p.argmax(axis=1)])
    assert classifier.score(frame(), y) > 0.6


@pytest.mark.filterwarnings("ignore:.*the range seen in training")
def test_a_seed_gives_the_model_that_train_gives() -> None:
    table = frame()
    price = SIZE + (COLOUR == "red")
    regressor = TableRegressor(QUICK, random_state=4).fit(table, price)
    model = gn.train(QUICK, table.assign(price=price), target="price", seed=4, deterministic=True)
    np.testing.assert_array_equal(regressor.predict(table), model.predict(table))
    assert [*regressor.feature_names_in_] == ["size", "colour"]
    assert "colour = red" in regressor.model_.summary()


def test_a_search_goes_over_recipes() -> None:
    recipes = ["linear", gn.recipe("small", hidden=(3,), epochs=3)]
    search = GridSearchCV(TableRegressor(random_state=1), {"recipe": recipes}, cv=2).fit(frame(), 3.0 * SIZE)
    assert search.best_params_ == {"recipe": "linear"}
    assert clone(search.best_estimator_).get_params()["recipe"] == "linear"


def test_what_is_no_recipe_is_refused() -> None:
    with pytest.raises(ValueError, match="'recipe' parameter of TableRegressor must be"):
        TableRegressor("srong").fit(frame(), SIZE)
    with pytest.raises(ValueError, match="requires y to be passed"):
        TableRegressor(QUICK).fit(frame(), None)
    with pytest.raises(ValueError, match="needs at least two classes, got one class"):
        TableClassifier(QUICK).fit(frame(), ["a"] * 90)


def test_auto_takes_the_simplest_recipe_that_is_as_good() -> None:
    y = np.where(np.nan_to_num(GAPS) > 0.2, "yes", "no")
    found = TableClassifier("auto", random_state=0).fit(frame(), y)
    assert found.model_.card is not None
    assert found.model_.recipe == found.model_.card.taken == "linear"
    again = TableClassifier("auto", random_state=0).fit(frame(), y)
    np.testing.assert_array_equal(found.predict_proba(frame()), again.predict_proba(frame()))
    number = TableRegressor("auto", random_state=np.random.RandomState(1)).fit(frame(), 3.0 * np.nan_to_num(GAPS))
    assert number.model_.card is not None


def test_auto_of_too_few_rows_to_compare_is_small() -> None:
    model = TableRegressor("auto", random_state=0).fit(np.arange(8.0)[:, None], np.arange(8.0)).model_
    assert (model.card, model.recipe) == (None, "small")


def test_a_search_goes_over_parts_of_a_recipe() -> None:
    y = np.where(np.nan_to_num(GAPS) > 0.2, "yes", "no")
    over = {"recipe__hidden": [(2,), (8,)], "recipe__l2": [0.0]}
    search = GridSearchCV(TableClassifier(QUICK, random_state=0, engine="numpy"), over, cv=2)
    search.fit(frame(), y)
    assert search.best_estimator_.recipe.hidden == search.best_params_["recipe__hidden"]
    assert search.best_estimator_.recipe.epochs == 20
    one = TableClassifier("strong").set_params(recipe__epochs=64, random_state=1)
    assert (one.recipe, one.random_state) == (gn.recipe("strong", epochs=64), 1)
    assert one.get_params()["recipe__epochs"] == 64
    with pytest.raises(TypeError, match="no part"):
        TableClassifier("small").set_params(recipe__hiden=(3,))
    with pytest.raises(ValueError, match="no parts"):
        TableClassifier("auto").set_params(recipe__hidden=(3,))
