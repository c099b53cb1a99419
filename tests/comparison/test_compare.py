"""Recipes beside each other: who is taken, of which rows that is said, and that it can be done again."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.comparison.compare import Comparison
from glassnet.comparison.task import FEW, Task
from glassnet.comparison.tried import Truth
from glassnet.data.tables.reading import as_table

STRONG = gn.recipe("strong", hidden=(16, 16), batch_size=32, epochs=24)
FAST = ("constant", "linear", gn.recipe("small", epochs=60), STRONG)


def table(n: int, what: str, seed: int = 0) -> dict[str, Any]:
    """Rows of two numbers and a word, and a target: a line, a circle, a sum, or nothing of them."""
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(2, n))
    word = rng.choice(["red", "blue"], n)
    noise = rng.normal(size=n)
    y: Any = {
        "line": np.where(a - b + 0.2 * noise > 0, "yes", "no"),
        "circle": np.where(a * a + b * b + 0.1 * noise > 1.4, "out", "in"),
        "sum": 3.0 * a - b + 2.0 * (word == "red") + 0.3 * noise,
        "wave": np.sin(3.0 * a) * b + 0.05 * noise,
        "noise": rng.choice(["yes", "no"], n),
    }[what]
    return {"a": a, "b": b, "word": word, "y": y}


def compared(n: int, what: str, **more: Any) -> Comparison:
    return gn.compare(table(n, what), target="y", **{"recipes": FAST, "trees": False, "progress": False, **more})


@pytest.mark.parametrize(
    ("what", "taken"),
    [("line", ("linear",)), ("sum", ("linear",)), ("circle", ("small", "strong")), ("noise", ("constant",))],
)
def test_the_simplest_that_is_as_good_is_taken(what: str, taken: tuple[str, ...]) -> None:
    found = compared(300, what)
    assert found.card.taken in taken
    assert found.model.recipe.split("(")[0] == found.card.taken
    assert found.model.card is found.card
    assert found.taken.name == found.card.taken


def test_a_constant_says_what_is_frequent_or_the_mean() -> None:
    rows = table(400, "noise")
    model = gn.train(gn.recipe("constant"), rows, target="y", seed=0, progress=False)
    share = float(np.mean(rows["y"] == model.classes[0]))
    np.testing.assert_allclose(model.predict_proba(rows)[:, 0], share, atol=2e-3)
    rows = table(400, "sum")
    number = gn.train(gn.recipe("constant"), rows, target="y", seed=0, progress=False)
    np.testing.assert_allclose(number.predict(rows), rows["y"].mean(), atol=5e-3)
    assert not number["W1"].any()


def test_each_row_of_few_is_judged_by_once_and_by_a_network_that_had_not_seen_it() -> None:
    found = compared(120, "circle", recipes=("linear", gn.recipe("small", epochs=20)))
    assert sorted(found.rows.tolist()) == list(range(120))
    task = Task.of(as_table(table(120, "circle")), "y", kind=None, split={}, seed=0, how={})
    for division in task.divisions:
        assert not set(division.train) & set(division.held_out)
    # by hand: the first fold of the recipe linear
    first = task.divisions[0]
    model = gn.train(
        gn.recipe("linear"), task.table.rows(first.train), target="y", kind="classes", seed=0, progress=False
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # there are rows outside the range of the others
        said = model.predict_proba(task.table.rows(first.held_out))
    np.testing.assert_array_equal(found.tried[0].said[: len(said)], said)


def test_of_many_rows_a_fifth_is_held_out_once() -> None:
    found = compared(FEW, "circle", recipes=("constant", "linear"))
    assert len(found.rows) == FEW // 5 == found.card.rows
    assert "held out from 2,500" in found.card.how


def test_what_cannot_help_is_not_tried() -> None:
    found = compared(300, "noise")
    assert any("strong was not tried" in said for said in found.card.said)
    rows = table(200, "line")
    rows["copy"] = rows["y"]
    found = gn.compare(rows, target="y", recipes=FAST, trees=False, progress=False)
    assert [entry.name for entry in found.card.entries] == ["constant", "linear"]
    assert found.card["linear"].error == 0.0


def test_the_same_seed_gives_the_same_card_and_the_same_model() -> None:
    one, two, other = (compared(200, "circle", seed=seed) for seed in (1, np.int64(1), 2))
    assert one.card == two.card != other.card
    np.testing.assert_array_equal(one.model.memory.theta, two.model.memory.theta)


def test_the_epochs_of_strong_are_chosen_by_other_rows() -> None:
    found = compared(300, "circle", recipes=("constant", STRONG.replace(epochs=48)))
    strong = found.tried[1]
    assert found.card.taken == "strong"
    assert strong.epochs in (2, 5, 11, 24)  # where the learning rate rests, in half of the epochs
    assert found.model.epochs == (48 if strong.epochs == 24 else strong.epochs)


def test_errors_on_the_card_are_those_of_what_was_said() -> None:
    found = compared(250, "circle")
    for entry, tried in zip(found.card.entries, found.tried, strict=True):
        wrong = tried.said.argmax(axis=1) != found.truth.values
        assert entry.error == wrong.mean()
        assert entry.se == pytest.approx(wrong.std(ddof=1) / np.sqrt(len(wrong)))
    numbers = compared(150, "sum", recipes=("linear",))
    y = table(150, "sum")["y"][numbers.rows]
    rmse = np.sqrt(np.mean((numbers.tried[0].said - y) ** 2))
    assert numbers.card["linear"].error == pytest.approx(rmse / y.std())


def test_the_standard_error_of_a_root_is_that_of_many_draws() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=200_000)
    truth = Truth(values=values, classes=None)
    errors = rng.normal(0.0, 0.3, size=(500, 400)) ** 2
    scores = np.sqrt(errors.mean(axis=1)) / values.std()
    assert np.mean([truth.spread(one) for one in errors]) == pytest.approx(scores.std(), rel=0.1)


def test_trees_stand_on_the_card_and_are_never_taken() -> None:
    pytest.importorskip("sklearn")
    rows = table(400, "wave")
    rows["when"] = np.array([f"2024-{1 + k % 12:02}-{1 + k % 28:02}" for k in range(400)])
    rows["a"] = np.where(np.arange(400) % 17 == 0, np.nan, rows["a"])
    found = gn.compare(rows, target="y", recipes=("constant", "linear"), progress=False)
    assert [entry.name for entry in found.card.entries] == ["constant", "linear", "trees"]
    assert found.card.taken != "trees"
    assert found.card["trees"].numbers is None
    assert any(said.startswith("use a tree here") for said in found.card.said)


def test_trees_that_were_through_are_not_grown_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("sklearn")

    def asked(**more: Any) -> Comparison:
        how = {"recipes": ("constant", "linear"), "trees": True, "checkpoint_dir": tmp_path / "kept"}
        return compared(60, "line", **how, **more)

    first = asked()
    for name in ("Beside", "carry_out"):
        monkeypatch.setattr(f"glassnet.comparison.compare.{name}", lambda *_, **__: pytest.fail("it is done again"))
    again = asked()
    assert again.card == first.card
    assert first.tried[-1].name == again.tried[-1].name == "trees"
    np.testing.assert_array_equal(again.tried[-1].said, first.tried[-1].said)
    with pytest.raises(gn.CheckpointError, match="seed is 0 there and 1 here"):
        asked(seed=1)


def test_a_network_that_beats_trees_is_said_to() -> None:
    pytest.importorskip("sklearn")
    found = gn.compare(table(300, "sum"), target="y", recipes=("linear",), progress=False)
    assert any(said.startswith("better than trees") for said in found.card.said)


def test_time_that_is_over_leaves_the_best_so_far_and_says_that_it_is_not_reproducible() -> None:
    shown: list[str] = []
    slow = gn.recipe("strong", epochs=4000, hidden=(64, 64))
    how: dict[str, Any] = {"seconds": 3.0, "recipes": ("constant", "linear", slow)}
    found = compared(400, "wave", **how, shown=lambda tried, truth: shown.append(tried.name))
    assert shown == ["constant", "linear"]
    assert not found.card.reproducible
    assert found.card.taken in shown


def test_the_card_is_kept_with_the_model_and_in_its_summary(tmp_path: Any) -> None:
    found = compared(200, "circle")
    found.model.save(tmp_path / "m.glass")
    again = gn.load(tmp_path / "m.glass")
    assert again.card == found.card
    assert "← taken" in again.summary()
    assert str(found.card).splitlines()[2].split()[:2] == ["wrong", "rows"]
    found.card.plot(tmp_path / "card.png")
    assert (tmp_path / "card.png").read_bytes().startswith(b"\x89PNG")
    ensemble = gn.recipe("small", members=2, epochs=5)
    both = compared(100, "circle", recipes=("constant", ensemble))
    both.model.save(tmp_path / "e.glass")
    assert gn.load(tmp_path / "e.glass").card == both.card


def test_arrays_are_compared_as_tables_of_numbers() -> None:
    rows = table(150, "sum")
    found = gn.compare(np.stack((rows["a"], rows["b"]), 1), rows["y"], recipes=("constant", "linear"), trees=False)
    assert found.card.taken == "linear"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"recipes": ()}, "one at least"),
        ({"recipes": ("strnog",)}, "strong"),
        ({"seconds": -1.0}, "seconds"),
        ({"target": None}, "target"),
        ({"seed": -4}, "seed"),
        ({"target": "z"}, "z"),
    ],
)
def test_what_makes_no_sense_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises((ValueError, gn.DataError), match=message):
        gn.compare(table(50, "line"), **{"target": "y", "progress": False, **given})


def test_too_few_rows_are_said_to_be() -> None:
    with pytest.raises(gn.DataError, match="at least 10"):
        gn.compare(table(9, "sum"), target="y", progress=False)


def test_classes_with_one_row_and_a_target_that_never_changes() -> None:
    rows = table(60, "line")
    rows["y"][0] = "rare"
    assert compared(60, "line").card is not None
    found = gn.compare(rows, target="y", recipes=("constant", "linear"), trees=False, progress=False)
    assert found.tried[0].said.shape[1] == 3
    rows["y"] = np.full(60, 3.0)
    with pytest.raises(gn.DataError):
        gn.compare(rows, target="y", recipes=("constant", "linear"), trees=False, progress=False)


def test_nothing_is_written_where_nobody_watches(capsys: Any) -> None:
    compared(100, "line")
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "")


def test_weights_count_in_the_errors() -> None:
    rows = table(200, "noise")
    heavy = {"yes": 50.0, "no": 1.0}
    found = gn.compare(
        rows, target="y", class_weight=heavy, recipes=("constant", "linear"), trees=False, progress=False
    )
    said, values = found.tried[0].said, found.truth.values
    wrong = said.argmax(axis=1) != values
    counts = np.array([heavy[label] for label in found.truth.classes or ()])[values]
    assert found.card["constant"].error == pytest.approx(np.average(wrong, weights=counts))
    weight = np.r_[np.full(30, 2.0), np.ones(170)]
    number = table(200, "sum")
    by_weight = gn.compare(number, target="y", sample_weight=weight, recipes=("linear",), trees=False, progress=False)
    w = weight[by_weight.rows]
    off = (by_weight.tried[0].said - number["y"][by_weight.rows]) ** 2
    mean = np.average(number["y"][by_weight.rows], weights=w)
    spread = np.average((number["y"][by_weight.rows] - mean) ** 2, weights=w)
    assert by_weight.card["linear"].error == pytest.approx(np.sqrt(np.average(off, weights=w) / spread))


def test_what_was_said_of_unseen_rows_calibrates_the_model() -> None:
    found = compared(400, "line")
    assert found.model.calibration is not None
    assert found.model.calibration.rows == len(found.rows)
    number = compared(400, "sum")
    new = table(2000, "sum", seed=9)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        said = number.model.predict(new, interval=0.9)
    inside = (said.lower <= new["y"]) & (new["y"] <= said.upper)
    assert 0.86 < inside.mean() < 0.94


def test_recipes_of_one_name_stand_on_the_card_with_what_is_different_about_them() -> None:
    few = gn.recipe("small", hidden=(2,), epochs=20)
    found = compared(200, "circle", recipes=("constant", few, gn.recipe("small", epochs=60)))
    assert [entry.name for entry in found.card.entries][1:] == ["small(hidden=(2,), epochs=20)", "small(epochs=60)"]
    with pytest.raises(ValueError, match="must differ"):
        compared(200, "circle", recipes=("small", "small"))


def test_however_little_time_there_is_something_is_taken() -> None:
    found = compared(200, "line", seconds=1e-9)
    assert (found.card.taken, found.card.reproducible) == ("constant", False)
