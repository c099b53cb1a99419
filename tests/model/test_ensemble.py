"""Several models as one: held against the mean of what its members say."""

import copy
import pickle
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.training.by_turns import prepare_members

X, LABELS = gn.datasets.moons(60)
NUMBERS = X[:, 0] * X[:, 1]
QUICK: dict[str, Any] = {"epochs": 4, "progress": False, "engine": "numpy"}
TINY = gn.recipe("ensemble", members=3, hidden=(5,), epochs=4)


def trained(y: Any, *layers: Any, seed: int = 0, loss: Any = None) -> gn.Model:
    return gn.train(gn.Network(*layers, gn.Dense(), loss=loss), X, y, seed=seed, **QUICK)


@pytest.fixture(scope="module")
def models() -> list[gn.Model]:
    """Of other depths and layers."""
    return [
        trained(LABELS, gn.Dense(4, "tanh"), gn.Dropout(0.1), gn.Dense(3, "mish", strength=True), seed=1),
        trained(LABELS, gn.Dense(7, "relu"), seed=2),
        trained(LABELS, gn.PeriodicEmbedding(2, 3), gn.BatchNorm(), gn.Dense(2, lambda z: z * np.tanh(z)), seed=3),
    ]


@pytest.fixture(scope="module")
def ensemble(models: list[gn.Model]) -> gn.Ensemble:
    return gn.Ensemble(models)


@pytest.fixture(scope="module")
def table() -> dict[str, Any]:
    rng = np.random.default_rng(0)
    size, colour = rng.normal(size=40), np.array(["red", "green", "blue"])[rng.integers(3, size=40)]
    size[3] = np.nan
    price = np.nan_to_num(size) * 3 + (colour == "red") * 5 + 20
    return {"size": size, "colour": colour.tolist(), "price": price}


@pytest.fixture(scope="module")
def of_table(table: dict[str, Any]) -> gn.Ensemble:
    """Trained by a recipe."""
    model = gn.train(TINY, table, target="price", seed=3, progress=False)
    assert isinstance(model, gn.Ensemble)
    return model


# what it says


def test_it_says_the_mean_of_probabilities(ensemble: gn.Ensemble, models: list[gn.Model]) -> None:
    mean = np.mean([model.predict_proba(X) for model in models], axis=0)
    np.testing.assert_allclose(ensemble.predict_proba(X), mean, atol=1e-15)
    np.testing.assert_array_equal(ensemble.predict(X), mean.argmax(axis=1))
    np.testing.assert_allclose(ensemble.predictor("numpy")(X), mean, atol=1e-15)
    found = copy.deepcopy(ensemble).evaluate(X, LABELS, metrics=["log_loss", "accuracy"])
    log_loss = -np.log(mean[np.arange(60), LABELS]).mean()
    assert found == pytest.approx(
        {"loss": log_loss, "log_loss": log_loss, "accuracy": (mean.argmax(axis=1) == LABELS).mean()}
    )


@pytest.mark.parametrize(
    ("loss", "y"), [("binary_cross_entropy", LABELS), ("poisson", LABELS.astype(float)), ("squared", NUMBERS)]
)
def test_its_loss_is_that_of_the_mean(loss: Any, y: Any) -> None:
    models = [trained(y, gn.Dense(3, "tanh"), seed=k, loss=loss) for k in range(2)]
    ensemble = gn.Ensemble(models)
    if loss == "binary_cross_entropy":
        p = np.mean([model.predict_proba(X)[:, 1] for model in models], axis=0)
        expected = -np.mean(LABELS * np.log(p) + (1 - LABELS) * np.log(1 - p))
    else:
        p = np.mean([model.predict(X) for model in models], axis=0)
        expected = np.mean(p - y * np.log(p)) if loss == "poisson" else np.mean((p - y) ** 2)
    assert ensemble.evaluate(X, y)["loss"] == pytest.approx(expected, rel=1e-10)


def test_runs_are_members_as_they_are() -> None:
    runs = gn.train_many(gn.Network(gn.Dense(3, "tanh"), gn.Dense()), X, NUMBERS, seeds=3, epochs=4)
    ensemble = gn.Ensemble(runs)
    np.testing.assert_allclose(ensemble.predict(X), np.mean([run.predict(X) for run in runs], axis=0), atol=1e-15)
    assert len(ensemble) == len(ensemble.members) == 3
    np.testing.assert_array_equal(ensemble["W_b1"], runs[1]["W1"])


def test_one_model_is_an_ensemble_too(models: list[gn.Model]) -> None:
    np.testing.assert_allclose(gn.Ensemble(models[:1]).predict_proba(X), models[0].predict_proba(X), atol=1e-15)


def test_its_derivation_goes_straight_through_its_members(ensemble: gn.Ensemble) -> None:
    steps = {step.name: step.formula for step in ensemble.derivation().steps}
    assert steps["z_b2"] == "z_b2 = a_b1 @ W_b2 + b_b2"
    assert steps["m5"] == "m5 = (p_a5 + p_b5 + p_c5) / 3"
    assert not any("concatenate" in formula for name, formula in steps.items() if name != "e_c1")


# by a recipe


def test_a_recipe_trains_members_that_hold_out_other_rows(of_table: gn.Ensemble, table: dict[str, Any]) -> None:
    members = of_table.members
    assert of_table.recipe == "ensemble(hidden=(5,), epochs=4, members=3)"
    assert len({member.state.data for member in members}) == 3
    assert len({member["W3"].tobytes() for member in members}) == 3
    assert all("val_rmse" in member.history.columns for member in members)
    said = [member.predict(table) for member in members]
    np.testing.assert_allclose(of_table.predict(table), np.mean(said, axis=0), rtol=1e-5)


def test_members_hold_out_every_row_once() -> None:
    rows = {"a": X[:, 0], "b": X[:, 1]}
    prepared = [*prepare_members(TINY.replace(members=8), rows, target="b", validation=0.125, seed=1)]
    held_out = [{*item.held_out.x[:, 0].tolist()} for item in prepared if item.held_out]
    assert [len(some) for some in held_out] == [8] * 4 + [7] * 4
    assert len(set().union(*held_out)) == 60
    assert all(len(item.rows) == 60 - len(some) for item, some in zip(prepared, held_out, strict=True))
    assert len({id(item.model.contract) for item in prepared}) == 1


def test_the_same_seed_gives_the_same_ensemble() -> None:
    recipe = TINY.replace(members=2, epochs=2)
    first, again, other = (gn.train(recipe, X, LABELS, seed=seed, progress=False) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.predict_proba(X), again.predict_proba(X))
    assert (first.predict_proba(X) != other.predict_proba(X)).any()


def test_other_recipes_have_members_too(table: dict[str, Any]) -> None:
    model = gn.train(gn.recipe("small", members=2, epochs=2), table, target="colour", seed=0, progress=False)
    assert isinstance(model, gn.Ensemble)
    assert isinstance(gn.initialize(gn.recipe("small", members=2), table, target="colour", seed=0), gn.Ensemble)
    assert not isinstance(gn.train(TINY.replace(members=1), table, target="price", progress=False), gn.Ensemble)


def test_a_stop_keeps_what_there_is(table: dict[str, Any]) -> None:
    def stop(event: Any, model: gn.Model) -> bool:
        seen.append(model)
        return len({id(item) for item in seen}) == 2

    seen: list[gn.Model] = []
    model = gn.train(TINY, table, target="price", seed=3, progress=False, callbacks=[stop])
    assert isinstance(model, gn.Ensemble)
    assert [member.history.stopped for member in model.members] == ["epochs", "interrupted"]
    assert [member.epochs for member in model.members] == [4, 1]
    assert model.history.stopped == "interrupted"


# taken along


def test_it_is_saved_and_loaded(of_table: gn.Ensemble, table: dict[str, Any], tmp_path: Path) -> None:
    of_table.save(tmp_path / "first.glass")
    again = gn.load(tmp_path / "first.glass")
    assert isinstance(again, gn.Ensemble)
    np.testing.assert_array_equal(again.predict(table), of_table.predict(table))
    again.save(tmp_path / "again.glass")
    assert (tmp_path / "first.glass").read_bytes() == (tmp_path / "again.glass").read_bytes()
    assert again.summary() == of_table.summary()
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(again)).predict(table), of_table.predict(table))
    gone_on = gn.train(again.members[1], table, epochs=1, progress=False)
    assert gone_on.epochs == 5


@pytest.mark.parametrize("language", ["numpy", "c", "javascript", "r", "onnx"])
def test_it_is_ejected_as_one_program(language: Any, ensemble: gn.Ensemble) -> None:
    found = ensemble.eject(language).verify(rows=7)
    assert found.passed
    assert found.difference < 1e-12


def test_a_program_for_tables_holds_each_member_to_the_range(of_table: gn.Ensemble) -> None:
    assert of_table.eject("numpy", dtype="float64").verify(rows=40).passed


@pytest.mark.filterwarnings("ignore:size. 2 values lie outside")
def test_far_away_each_member_is_held_to_the_range_it_was_trained_on(of_table: gn.Ensemble) -> None:
    far = {"size": [1e6, -1e6, 1.0], "colour": ["red", "green", "blue"]}
    said = np.array([member.predict(far) for member in of_table.members])
    target = of_table.members[0].contract.target
    assert (said.min(), said.max()) == pytest.approx((target.low, target.high), rel=1e-14)
    np.testing.assert_allclose(of_table.predict(far), said.mean(axis=0), rtol=1e-6)  # float32


# looked at


def test_an_explanation_is_a_table_of_what_members_say(of_table: gn.Ensemble, table: dict[str, Any]) -> None:
    row = {name: table[name][5] for name in ("size", "colour")}
    explanation = of_table.explain(row, digits=6)
    text = str(explanation)
    for k, member in enumerate(of_table.members, start=1):
        assert re.search(rf"member {k} +{member.predict(row)[0]:.6g}"[:20], text)
        np.testing.assert_array_equal(explanation.member(k)["p"].value, member.explain(row)["p"].value)
    assert re.search(rf"mean +{of_table.predict(row)[0]:.6g}"[:12], text)
    assert "<svg" not in explanation.page()
    with pytest.raises(ValueError, match="members are numbered from 1 to 3, got 4"):
        explanation.member(4)
    with pytest.raises(ValueError, match=re.escape("explanation.member(1).neuron('h2')")):
        explanation.neuron("h2")


def test_a_summary_has_a_line_for_each_member(of_table: gn.Ensemble) -> None:
    lines = of_table.summary().splitlines()
    assert lines[0] == "3 networks as one, the mean of what they say"
    assert lines[2].split() == ["member", "numbers", "epochs", "kept", "loss", "val_loss", "val_rmse"]
    assert [line.split()[0] for line in lines[3:6]] == ["1", "2", "3"]


# what it refuses


@pytest.mark.parametrize(
    ("others", "message"),
    [
        (lambda: trained(NUMBERS, gn.Dense(3)), "model 1 predicts the classes 0, 1, model 2 numbers"),
        (lambda: trained(LABELS % 2 + 5, gn.Dense(3)), "model 1 predicts the classes 0, 1, model 2 the classes 5, 6"),
        (lambda: trained(LABELS, gn.Dense(1), loss="binary_cross_entropy"), "model 1 has 2 by softmax, model 2 1 by"),
        (lambda: gn.train(gn.Network(gn.Dense()), X[:, :1], LABELS, **QUICK), "model 2 knows other columns"),
        (lambda: gn.train(gn.Network(gn.Dense()), X, LABELS, dtype="float32", **QUICK), "model 1 has float64, model 2"),
    ],
)
def test_members_must_fit_together(others: Any, message: str, models: list[gn.Model]) -> None:
    with pytest.raises(ValueError, match=message):
        gn.Ensemble([models[0], others()])


def test_a_loss_must_be_one_of_predictions() -> None:
    model = trained(NUMBERS / 9, gn.Dense(3), loss=gn.loss("squared", output="tanh"))
    with pytest.raises(ValueError, match="of loss squared, which has tanh inside; it may have softmax, exponential"):
        gn.Ensemble([model])


def test_members_are_models(ensemble: gn.Ensemble) -> None:
    with pytest.raises(ValueError, match="an ensemble needs at least one model, got none"):
        gn.Ensemble([])
    with pytest.raises(TypeError, match="members must be models, got Network as number 1"):
        gn.Ensemble([gn.Network(gn.Dense())])  # type: ignore[list-item]  # which is refused
    with pytest.raises(TypeError, match=re.escape("give its members: [*ensemble.members]")):
        gn.Ensemble([ensemble])


def test_it_is_not_changed_or_trained_as_one(ensemble: gn.Ensemble) -> None:
    for change in (
        lambda: gn.train(ensemble, X, LABELS),
        lambda: ensemble.eject("c", training=True, X=X, y=LABELS),
        lambda: ensemble.__setitem__("W_a1", np.zeros((2, 4))),
        lambda: ensemble.freeze("W_a1"),
        lambda: ensemble.unfreeze(),
        lambda: ensemble.picture(),
    ):
        with pytest.raises(ValueError, match=re.escape("ensemble.members")):
            change()
