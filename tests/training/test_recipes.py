"""Recipes: what they build for a table, how a part is changed, and that training by one is what it says."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.data.tables import as_table, learn_contract
from glassnet.training.recipes.by_name import NAMES

RNG = np.random.default_rng(11)
ROWS = 173
TOWNS = np.array([f"town {k}" for k in range(11)])
TABLE: dict[str, Any] = {
    "length": RNG.normal(3.0, 2.0, ROWS),
    "weight": np.where(RNG.uniform(size=ROWS) < 0.1, np.nan, RNG.lognormal(size=ROWS)),
    "town": TOWNS[RNG.integers(0, 11, ROWS)],
    "sex": np.array(["f", "m"])[RNG.integers(0, 2, ROWS)],
    "colour": np.array(["red", "green", "blue"])[RNG.integers(0, 3, ROWS)],
}
KIND = np.array(["a", "b", "c"])[(TABLE["length"] > 2).astype(int) + (TABLE["length"] > 4)]
PRICE = np.sin(TABLE["length"]) + 0.1 * RNG.normal(size=ROWS)
CLASSES, NUMBER = {**TABLE, "kind": KIND}, {**TABLE, "price": PRICE}
pytestmark = pytest.mark.filterwarnings("ignore:.*the range seen in training")
QUICK: dict[str, Any] = {"hidden": (7, 5), "epochs": 3, "batch_size": 32}


def contract_of(recipe: gn.Recipe, table: dict[str, Any], target: str) -> Any:
    return learn_contract(as_table(table), target, **recipe.choices)


def test_the_recipes_there_are() -> None:
    assert NAMES == ("small", "constant", "linear", "strong", "ensemble")
    assert [gn.recipe(name).hidden for name in NAMES] == [(16,), (), (), (256, 256, 256), (256, 256, 256)]
    assert [gn.recipe(name).members for name in NAMES] == [1, 1, 1, 1, 8]


def test_small_is_sixteen_units_whatever_the_target() -> None:
    small = gn.recipe("small")
    for table, target in ((CLASSES, "kind"), (NUMBER, "price")):
        found = small.network(contract_of(small, table, target))
        assert repr(found) == repr(gn.Network(gn.Dense(16, "relu"), gn.Dense()))
        assert found == gn.Network(gn.Dense(16, "relu"), gn.Dense())


STRONG = gn.recipe("strong", hidden=(7, 5), epochs=60, batch_size=32, refit=1000)
NOISE = {**TABLE, "kind": RNG.permutation(KIND)}


@pytest.mark.parametrize("table", [CLASSES, NOISE], ids=["goes on", "stops"])
def test_a_second_pass_is_a_training_on_all_rows(table: dict[str, Any], tmp_path: Path) -> None:
    model = gn.train(STRONG, table, target="kind", seed=5)
    alone = gn.train(STRONG.replace(refit=0, epochs=15), table, target="kind", seed=5)
    before: Any = model.validation_history
    assert before.columns == alone.history.columns
    assert before.best_epoch == alone.history.best_epoch
    scores = {epoch: before["val_accuracy"][epoch - 1] for epoch in (1, 3, 7, 15)}  # where log_cosine is 0
    assert before.best_epoch == max(scores, key=lambda epoch: (scores[epoch], epoch))
    epochs, over = (60, 60.0) if before.best_epoch == 15 else (before.best_epoch, 15.0)
    assert len(model.history) == epochs
    same = STRONG.replace(
        epochs=epochs,
        validation=None,
        dropout=gn.schedule("flat_cosine", 0.15, epochs=over),
        optimizer=gn.AdamW(beta2=0.95, weight_decay=gn.schedule("flat_cosine", 0.02, epochs=over)),
    ).replace(learning_rate=gn.schedule("log_cosine", 0.04, epochs=over))
    by_hand = gn.train(same, table, target="kind", seed=5)
    np.testing.assert_array_equal(model.memory.theta, by_hand.memory.theta)
    model.save(tmp_path / "model.glass")
    loaded = gn.load(tmp_path / "model.glass")
    assert loaded.validation_history == before
    assert f"before, with rows held out: epoch {before.best_epoch} of 15, val_loss" in loaded.summary()


def test_where_rows_are_given_to_measure_on_or_are_many_nothing_is_trained_twice() -> None:
    given = gn.train(STRONG, CLASSES, target="kind", seed=5, validation=CLASSES)
    many = gn.train(STRONG.replace(refit=ROWS), CLASSES, target="kind", seed=5)
    none = gn.train(STRONG, CLASSES, target="kind", seed=5, validation=None)
    assert [model.validation_history for model in (given, many, none)] == [None] * 3


def test_of_many_rows_fewer_epochs_are_done() -> None:
    recipe = gn.recipe("strong", steps=1000)  # of 256 rows
    assert [recipe.epochs_over(rows) for rows in (100, 256, 2560, 25_600, 10**7)] == [240, 240, 100, 10, 1]


def test_linear_has_no_hidden_layer() -> None:
    linear = gn.recipe("linear")
    assert linear.network(contract_of(linear, NUMBER, "price")) == gn.Network(gn.Dense())


@pytest.mark.parametrize(("name", "table", "target"), [("kind", CLASSES, "kind"), ("number", NUMBER, "price")])
def test_training_small_is_training_its_network(name: str, table: dict[str, Any], target: str) -> None:
    ours = gn.train(gn.recipe("small", epochs=9), table, target=target, seed=5)
    network = gn.Network(gn.Dense(16, "relu"), gn.Dense())
    theirs = gn.train(
        network, table, target=target, seed=5, optimizer=gn.Adam(0.01), epochs=9, validation=0.15, early_stopping=30
    )
    np.testing.assert_array_equal(ours.memory.theta, theirs.memory.theta)
    assert ours.history.columns == theirs.history.columns
    assert (ours.recipe, theirs.recipe) == ("small(epochs=9)", "")


@pytest.mark.parametrize(
    ("table", "target", "engine"),
    [(CLASSES, "kind", "numpy"), (NUMBER, "price", "numpy"), (NUMBER, "price", "compiled")],
    ids=["classes", "number", "number, compiled"],
)
def test_the_same_seed_gives_the_same_bits(table: dict[str, Any], target: str, engine: Any) -> None:
    pytest.importorskip("numba") if engine == "compiled" else None
    recipe = gn.recipe("strong", **QUICK)
    first, second = (gn.train(recipe, table, target=target, seed=3, engine=engine) for _ in range(2))
    np.testing.assert_array_equal(first.memory.theta, second.memory.theta)
    assert not np.array_equal(first.memory.theta, gn.train(recipe, table, target=target, seed=4).memory.theta)
    assert first.dtype == np.float32
    assert len(first.predict(table)) == ROWS


def test_a_saved_model_says_its_recipe(tmp_path: Path) -> None:
    model = gn.train(gn.recipe("strong", **QUICK), NUMBER, target="price", seed=3)
    model.save(tmp_path / "m.glass")
    again = gn.load(tmp_path / "m.glass")
    assert again.recipe == model.recipe == "strong(hidden=(7, 5), epochs=3, batch_size=32)"
    assert f"recipe: {model.recipe}\n" in again.summary()
    np.testing.assert_array_equal(again.predict(NUMBER), model.predict(NUMBER))
    assert "recipe:" not in gn.train(gn.Network(gn.Dense()), NUMBER, target="price", epochs=1).summary()


def test_what_is_given_beside_a_recipe_changes_that_part() -> None:
    recipe = gn.recipe("strong", hidden=3, epochs=50)
    model = gn.train(recipe, NUMBER, target="price", epochs=2, scale="quantile", dtype=np.float64, seed=1)
    assert model.recipe == "strong(scale='quantile', hidden=(3,), dtype='float64', epochs=2)"
    assert (model.epochs, model.dtype, model.contract.features[0].scaling.name) == (2, np.float64, "quantile")
    assert gn.train(recipe, NUMBER, target="price", epochs=2, optimizer=None).recipe == "strong(hidden=(3,), epochs=2)"


def test_validation_rows_may_be_given_or_left_out() -> None:
    recipe = gn.recipe("strong", refit=0, **QUICK)
    given = gn.train(recipe, NUMBER, target="price", validation=NUMBER, seed=1)
    assert given.contract.n_rows == ROWS
    assert "val_rmse" in given.history.columns
    assert gn.train(recipe, NUMBER, target="price", seed=1).contract.n_rows == round(0.8 * ROWS)
    none = gn.train(recipe, NUMBER, target="price", validation=None, seed=1)
    assert list(none.history.columns) == ["loss"]
    assert none.history.stopped == "epochs"


def test_of_few_rows_none_are_held_out_unless_asked_for() -> None:
    few = {name: column[:19] for name, column in NUMBER.items()}
    recipe = gn.recipe("small", epochs=2)
    assert list(gn.train(recipe, few, target="price").history.columns) == ["loss"]
    assert "val_loss" in gn.train(recipe, few, target="price", validation=0.2).history.columns


def test_metrics_beside_the_one_that_an_epoch_is_chosen_by() -> None:
    recipe = gn.recipe("strong", refit=0, **QUICK)
    model = gn.train(recipe, NUMBER, target="price", metrics=["mae"], seed=1)
    assert list(model.history.columns) == ["loss", "val_loss", "val_mae", "val_rmse"]
    model = gn.train(recipe, CLASSES, target="kind", seed=1)
    assert list(model.history.columns) == ["loss", "val_loss", "val_accuracy"]


# what strong builds


def test_strong_embeds_quantities_and_columns_of_many_words_and_lets_the_others_pass() -> None:
    strong = gn.recipe("strong")
    contract = contract_of(strong, CLASSES, "kind")
    names = contract.input_names
    first, scale, *others = strong.network(contract).layers
    assert isinstance(first, gn.Beside)
    numbers, towns = first.layers
    assert isinstance(numbers, gn.Columns)
    assert isinstance(towns, gn.Columns)
    assert [names[k] for k in numbers.columns] == ["length", "weight"]  # not that weight is missing
    assert numbers.layers == (gn.PeriodicEmbedding(),)
    assert {names[k].split(" = ")[0] for k in towns.columns} == {"town"}
    assert len(towns.columns) in (11, 12)
    assert scale == strong.front
    assert [layer.units for layer in others if isinstance(layer, gn.Dense)] == [256, 256, 256, None]
    assert {layer.activation.name for layer in others if isinstance(layer, gn.Dense)} == {"selu", "identity"}
    assert len([layer for layer in others if isinstance(layer, gn.Dropout)]) == 3


def test_of_quantities_alone_all_are_embedded_and_of_words_alone_none() -> None:
    strong = gn.recipe("strong")
    for names, first in ((["length"], gn.PeriodicEmbedding()), (["sex", "colour"], strong.front)):
        table = {**{name: TABLE[name] for name in names}, "price": PRICE}
        assert strong.network(contract_of(strong, table, "price")).layers[0] == first
    plain = strong.replace(numbers=None, categories=None, front=None)
    assert isinstance(plain.network(contract_of(plain, CLASSES, "kind")).layers[0], gn.Dense)


def test_a_number_in_the_place_of_a_schedule_is_its_largest() -> None:
    recipe = gn.recipe("strong", learning_rate=0.1, dropout=0.3)
    assert repr(recipe.learning_rate) == "log_cosine(initial=0.1)"
    assert repr(recipe.dropout) == "flat_cosine(initial=0.3)"
    assert recipe.replace(dropout=0.0).dropout == 0.0
    assert repr(recipe.replace(learning_rate=gn.schedule("constant", 0.2)).rule("number").learning_rate) == (
        "constant(initial=0.2)"
    )


# arrays


def test_columns_of_arrays_are_quantities_and_are_scaled() -> None:
    X = np.column_stack([TABLE["length"], TABLE["weight"], 1000.0 * RNG.normal(size=ROWS)])
    recipe = gn.recipe("strong", **QUICK)
    model = gn.train(recipe, X, PRICE, seed=3)
    table = {"x1": X[:, 0], "x2": X[:, 1], "x3": X[:, 2], "y": PRICE}
    same = gn.train(recipe, table, target="y", seed=3)
    np.testing.assert_array_equal(model.memory.theta, same.memory.theta)
    np.testing.assert_array_equal(model.predict(X), same.predict(table))
    assert model.predict(X[0]).shape == (1,)
    assert model.evaluate(X, PRICE) == same.evaluate(table)
    assert str(model.explain(X[0], PRICE[0])).count("\n") > 30
    gn.train(model, X, PRICE, epochs=2)
    assert model.epochs == 5


def test_labels_of_arrays_are_classes_as_they_are_without_a_recipe() -> None:
    X = np.column_stack([TABLE["length"], TABLE["length"] ** 2])
    recipe = gn.recipe("linear", epochs=2)
    assert gn.train(recipe, X, KIND, seed=1).classes == ("a", "b", "c")
    assert gn.train(recipe, X, (KIND == "a").astype(int), seed=1).classes == (0, 1)
    assert gn.train(recipe, X, (KIND == "a").astype(float), seed=1).classes is None
    assert gn.train(recipe, X, (KIND == "a").astype(float), kind="classes", seed=1).classes == (0, 1)
    assert gn.train(recipe, X, PRICE[:, None], validation=(X, PRICE), seed=1).predict(X).shape == (ROWS,)


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        (np.zeros((5, 2)), np.zeros((5, 2)), "a recipe is for one target, y of shape (n,), got (5, 2)"),
        (np.zeros((5, 2)), np.zeros(4), "X has 5 rows, y has 4"),
        (np.zeros((5, 2)), None, "y is missing"),
        (np.zeros((2, 2, 2)), np.zeros(2), "X must have two dimensions"),
        ([["a", "b"]], [1.0], "X must hold numbers"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(X: Any, y: Any, message: str) -> None:
    with pytest.raises(gn.DataError, match=re.escape(message)):
        gn.train(gn.recipe("small"), X, y)


# parts


def test_a_part_may_differ_for_classes_and_for_a_number() -> None:
    recipe = gn.recipe("small", activation={"classes": "tanh", "number": "relu"}, learning_rate=0.5)
    for table, target, name in ((CLASSES, "kind", "tanh"), (NUMBER, "price", "relu")):
        layer: Any = recipe.network(contract_of(recipe, table, target)).layers[0]
        assert layer.activation.name == name
    assert recipe.rule("classes").learning_rate == 0.5
    assert recipe.replace(activation="tanh").title == "small(activation=tanh, learning_rate=0.5)"


def test_a_loss_may_differ_too() -> None:
    recipe = gn.recipe("small", epochs=1, loss={"classes": "cross_entropy", "number": "huber"})
    for table, target, name in ((CLASSES, "kind", "cross_entropy"), (NUMBER, "price", "huber")):
        network = gn.train(recipe, table, target=target, seed=1).network
        assert network.loss is not None
        assert network.loss.name == name


def test_with_another_optimizer_comes_its_own_rate() -> None:
    small = gn.recipe("small")
    assert repr(small.rule("number")) == repr(gn.Adam(0.01))
    assert repr(small.replace(optimizer="adam").rule("number")) == repr(gn.Adam(0.01))
    assert repr(small.replace(optimizer="sgd").rule("number")) == repr(gn.SGD())
    assert repr(small.replace(optimizer=gn.Adam(0.3)).rule("number")) == repr(gn.Adam(0.3))
    assert repr(small.replace(optimizer="sgd", learning_rate=0.7).rule("number")) == repr(gn.SGD(0.7))


def test_a_recipe_is_told_by_its_name_and_what_was_changed() -> None:
    recipe = gn.recipe("strong", hidden=(128, 128)).replace(epochs=64)
    assert repr(recipe) == "recipe('strong', hidden=(128, 128), epochs=64)"
    assert recipe.title == "strong(hidden=(128, 128), epochs=64)"
    assert recipe.replace(hidden=(256, 256, 256), epochs=240).title == "strong"
    assert gn.recipe("strong") == gn.recipe("strong").replace()
    assert repr(gn.Recipe(name="mine")) == "recipe('mine')"
    assert replace(gn.recipe("small"), name="mine").network is not None


def test_a_recipe_prints_as_a_short_block() -> None:
    lines = str(gn.recipe("strong")).splitlines()
    assert lines[0].startswith("recipe strong: 3 × 256 units, after RealMLP-TD")
    assert len(lines) < 30
    assert any(re.fullmatch(r" +activation +selu for classes, mish for a number", line) for line in lines)
    assert any(line.split() == ["training", "optimizer", *line.split()[2:]] for line in lines)


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a scale": ({"scale": "robusst"}, "unknown scale 'robusst' (did you mean 'robust'?)"),
    "a unit": ({"hidden": (8, 0)}, "hidden must be a whole number >= 1, got 0"),
    "an activation": ({"activation": "rellu"}, "did you mean 'relu'?"),
    "one kind": ({"activation": {"classes": "relu"}}, "activation must be one value, or one each for classes and num"),
    "dropout": ({"dropout": 1.0}, "rate must be >= 0 and < 1, got 1.0"),
    "l2": ({"l2": -1.0}, "l2 must be >= 0, got -1.0"),
    "a rate": ({"learning_rate": 0.0}, "learning_rate must be > 0, got 0.0"),
    "epochs": ({"epochs": 0}, "epochs must be a whole number >= 1, got 0"),
    "rows a step": ({"batch_size": 0}, "batch_size must be a whole number >= 1, or None for all rows, got 0"),
    "a share": ({"validation": 1.0}, "validation must be a share of the rows between 0 and 1, or None, got 1.0"),
    "a dtype": ({"dtype": "float16"}, "unknown dtype 'float16'"),
    "patience": ({"early_stopping": 0}, "early_stopping must be a whole number >= 1"),
    "a scaling": ({"scaling": "nkt"}, "unknown scaling 'nkt'"),
    "a start": ({"weights": "unit_sprd"}, "unknown initializer 'unit_sprd'"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_value_that_a_part_cannot_have_is_refused(name: str) -> None:
    parts, message = WRONG[name]
    with pytest.raises((ValueError, TypeError), match=re.escape(message)):
        gn.recipe("small", **parts)


def test_wrong_names_are_answered() -> None:
    with pytest.raises(ValueError, match=r"unknown recipe 'stong' \(did you mean 'strong'\?\); known are"):
        gn.recipe("stong")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"a recipe has no part 'epoch' \(did you mean 'epochs'\?\); it has"):
        gn.recipe("small", epoch=3)
    with pytest.raises(TypeError, match=r"train\(\) got an unexpected keyword argument 'epoch'"):
        gn.train(gn.recipe("small"), NUMBER, target="price", epoch=3)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="a layer must be an object"):
        gn.recipe("small", front=gn.Scale)
    counts = gn.recipe("small", loss="poisson")
    with pytest.raises(ValueError, match=r'loss poisson is for counts, but the target is classes; .* kind="number"'):
        gn.train(counts, CLASSES, target="kind")


def test_a_model_with_starting_weights_is_made_by_a_recipe() -> None:
    model = gn.initialize(gn.recipe("strong", **QUICK), NUMBER, target="price", seed=3)
    assert (model.epochs, model.recipe) == (0, "strong(hidden=(7, 5), epochs=3, batch_size=32)")
    assert gn.check_gradient(model.network, model.encode(NUMBER), PRICE)
