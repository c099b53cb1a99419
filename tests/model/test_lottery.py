"""The lottery of seeds, held against the NumPy tutorial's own loop and against runs trained one by one."""

import json
import warnings

import numpy as np
import pytest

import glassnet as gn

X, Y = gn.datasets.xor()
HOW = {"optimizer": gn.SGD(0.1), "epochs": 10_000, "batch_size": None}


def as_the_tutorial(rng, shape):
    """Weights as `np.random.seed(k)` and `randn` give them."""
    return np.random.RandomState(rng.bit_generator).randn(*shape)


def network(units=2, activation="sigmoid", start="glorot_uniform", half=True):
    loss = gn.loss("squared", half=half, reduction="sum")
    return gn.Network(gn.Dense(units, activation, weights=start), gn.Dense(1, "sigmoid", weights=start), loss=loss)


@pytest.fixture(scope="module")
def tutorials():
    vary = {"hidden": [3, 4, 8], "learning_rate": [1.0], "activation": ["tanh"], "loss": ["binary_cross_entropy"]}
    seeds = [np.random.RandomState(k) for k in range(200)]
    return gn.lottery(network(start=as_the_tutorial), X, Y, seeds=seeds, vary=vary, **HOW)


def test_the_tutorials_experiments_have_the_counts_that_its_own_loop_gives(tutorials):
    assert tutorials.odds.to_dict()["learnt"] == [142, 195, 199, 200, 149, 108, 137]
    assert tutorials.count == 142
    assert tutorials.share == 0.71
    assert tutorials.interval == pytest.approx((0.6436, 0.7685), abs=1e-4)
    assert tutorials.odds["difference"] == ["", "better", "better", "better", "may be chance", "worse", "may be chance"]
    assert tutorials.odds["change"][-1] == "loss binary cross entropy"


def test_a_run_has_learnt_where_all_four_outputs_round_to_what_is_wanted(tutorials):
    rounds = [bool((model.predict(X).round() == Y).all()) for model in tutorials.runs]
    assert tutorials.learnt.tolist() == rounds
    assert tutorials.counts_as_learnt == "all 4 rows are right: each prediction rounds to its target"


def test_ends_are_told_as_a_teacher_would(tutorials):
    learnt, half, *others = tutorials.clusters
    assert (len(learnt), learnt.learnt, learnt.says) == (142, True, "learnt")
    assert half.says == "½ for 2 of the 4 rows"
    assert len(half) == 50
    assert sum(map(len, tutorials.clusters)) == 200
    for run in half.runs[:20]:
        off = np.sort(np.abs(tutorials.runs[run].predict(X) - Y).ravel())
        np.testing.assert_allclose(off, [0.05, 0.05, 0.5, 0.5], atol=0.15)
    assert "off by ⅓ for 2 of the 4 rows, by ⅔ for 1" in [end.says for end in others]


def test_the_tutorials_own_seed_is_a_failure_of_the_commonest_kind(tutorials):
    assert 42 in tutorials.clusters[1].runs
    assert tutorials.typical_failure in tutorials.clusters[1].runs
    losses = np.array(tutorials.runs["loss"])
    assert tutorials.best == losses.argmin()
    example = tutorials.clusters[1]
    assert sorted(losses[list(example.runs)])[(len(example) - 1) // 2] == losses[tutorials.typical_failure]
    np.testing.assert_allclose(tutorials.runs[example.example].predict(X).ravel(), example.predictions)


def test_what_is_printed_holds_80_columns(tutorials):
    text = str(tutorials)
    assert text.startswith("142 of 200 seeds learn (71 %, 95 % interval 64 to 77 %)\nlearnt: all 4 rows are right")
    assert max(map(len, text.splitlines())) <= 80
    assert "hidden 4                     199   99.5 %" in text


def test_a_dictionary_of_it_is_json(tutorials):
    found = json.loads(json.dumps(tutorials.to_dict(), allow_nan=False))
    assert found["learnt"] == sum(found["learnt_by_seed"]) == 142
    assert [row["learnt"] for row in found["odds"]][:3] == [142, 195, 199]
    assert found["best"]["loss"] == min(found["losses"])
    assert [cluster["runs"] for cluster in found["clusters"]][:2] == [142, 50]


def test_runs_are_those_that_train_gives_for_their_seeds():
    found = gn.lottery(network(3), X, Y, seeds=[5, 7], **{**HOW, "epochs": 40})
    for seed, run in zip([5, 7], found.runs, strict=True):
        alone = gn.train(network(3), X, Y, seed=seed, **{**HOW, "epochs": 40})
        np.testing.assert_allclose(run.predict(X), alone.predict(X), rtol=1e-9)
    assert found.odds is None
    assert not hasattr(found.runs.table.columns, "hidden")


def test_what_is_varied_is_tried_alone_and_begins_with_the_same_seeds():
    vary = {"hidden": [3, (3, 3)], "learning_rate": [0.5]}
    seeds = [np.random.default_rng(k) for k in range(3)]
    found = gn.lottery(network(), X, Y, seeds=seeds, vary=vary, learnt=0.4, **{**HOW, "epochs": 900})
    assert found.odds["change"] == ["as it is", "hidden 3", "hidden 3,3", "learning rate 0.5"]
    deep = gn.Network(*network(3).layers[:1] * 2, network().layers[1], loss=network().loss)
    how = [(network(), 0.1), (network(3), 0.1), (deep, 0.1), (network(), 0.5)]
    for count, (one, rate) in zip(found.odds["learnt"], how, strict=True):
        runs = [gn.train(one, X, Y, seed=k, epochs=900, batch_size=None, optimizer=gn.SGD(rate)) for k in range(3)]
        assert count == sum(run.history["loss"][-1] <= 0.4 for run in runs)


def test_usual_changes_are_units_rate_activation_and_loss():
    found = gn.lottery(network(), X, Y, seeds=2, vary="usual", **{**HOW, "epochs": 2})
    assert found.odds["change"] == [
        *("as it is", "hidden 4", "hidden 8", "learning rate 0.05", "learning rate 0.2", "activation tanh"),
        "loss binary cross entropy",
    ]
    two = gn.Network(gn.Dense(5, "tanh"), gn.Dense(3, "tanh"), gn.Dense())
    found = gn.lottery(two, X, Y.ravel().astype(int), seeds=2, vary="usual", epochs=2, kind="classes")
    changes = ["hidden 10,6", "hidden 20,12", "learning rate 0.0005", "learning rate 0.002", "activation relu"]
    assert found.odds["change"][1:] == changes


def test_a_loss_takes_the_outputs_sigmoid_along():
    found = gn.lottery(network(3), X, Y, seeds=[3], vary={"loss": ["binary_cross_entropy"]}, **{**HOW, "epochs": 3000})
    by_hand = gn.Network(gn.Dense(3, "sigmoid"), gn.Dense(1), loss=gn.loss("binary_cross_entropy", reduction="sum"))
    model = gn.train(by_hand, X, Y, seed=3, kind="number", **{**HOW, "epochs": 3000})
    assert found.odds["learnt"][1] == int((model.predict(X).round() == Y).all())


def test_classes_of_a_table_with_gaps_are_grouped_by_what_is_right():
    table = gn.datasets.penguins()
    found = gn.lottery(gn.Network(gn.Dense(2, "relu"), gn.Dense()), table, target="species", seeds=50, epochs=40)
    assert "always saying the same (55.8 % wrong)" in found.counts_as_learnt  # 152 of 344 are Adelies
    said = [end.says for end in found.clusters]
    assert said[0] == "learnt"
    assert said[1].startswith("never right about Chinstrap; about Adelie ")
    worst = found.runs[found.typical_failure]
    with pytest.warns(UserWarning, match="missing"):
        birds = worst.predict(table)
    assert (birds == "Chinstrap").sum() <= 1
    limit = float(found.counts_as_learnt.split("at most ")[1].split(" %")[0]) / 100.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wrong = [1.0 - model.evaluate(table)["accuracy"] for model in found.runs]
    assert found.learnt.tolist() == [bool(share <= limit + 5e-4) for share in wrong]


def test_a_network_that_diverges_from_every_seed_is_told_in_a_line():
    rng = np.random.default_rng(0)
    rows, y = rng.normal(size=(30, 2)) * 1e3, rng.normal(size=30) * 1e6
    wild = gn.Network(gn.Dense(3, "relu"), gn.Dense(), loss="squared")
    found = gn.lottery(wild, rows, y, seeds=5, optimizer=gn.SGD(10.0), epochs=20)
    assert found.count == 0
    assert found.best is None
    assert [end.says for end in found.clusters] == ["diverged: the numbers overflowed"]
    assert "all diverged" in str(found)
    json.dumps(found.to_dict(), allow_nan=False)


@pytest.mark.parametrize(
    ("given", "kind", "message"),
    [
        ({"seeds": 0}, ValueError, "seeds must be a whole number >= 1"),
        ({"learnt": -0.1}, ValueError, "learnt: loss must be >= 0, got -0.1"),
        ({"learnt": "acuracy>=0.9"}, ValueError, "did you mean 'accuracy'"),
        ({"learnt": "accuracy>=95"}, ValueError, "accuracy must be from 0 to 1, got 95"),
        ({"learnt": "accuracy<=0.9"}, ValueError, "accuracy>=0.9"),
        ({"learnt": "all"}, ValueError, "learnt must be the largest loss that counts"),
        ({"learnt": True}, TypeError, "learnt must be the largest loss that counts"),
        ({"vary": {"hiden": [4]}}, ValueError, "did you mean 'hidden'"),
        ({"vary": {"hidden": [0]}}, ValueError, "units"),
        ({"vary": [{"hidden": [4]}]}, TypeError, "vary must be a dict of lists"),
        ({"vary": {"loss": [3]}}, TypeError, "vary: loss must be a name"),
        ({"folds": 3}, TypeError, "unexpected keyword argument 'folds'"),
    ],
)
def test_what_makes_no_sense_is_refused(given, kind, message):
    with pytest.raises(kind, match=message):
        gn.lottery(network(), X, Y, **{"seeds": 2, "epochs": 2, **given})


def test_rows_of_one_kind_and_things_that_are_no_network_are_refused():
    with pytest.raises(gn.DataError, match="all rows have the same target"):
        gn.lottery(network(), X, np.ones(4), seeds=2, epochs=2)
    with pytest.raises(TypeError, match="lottery takes a Network first, got Recipe"):
        gn.lottery(gn.recipe("small"), X, Y)
    with pytest.raises(ValueError, match=r"accuracy is not for numbers; ask for 'r2>=0.9'"):
        gn.lottery(network(), X, np.arange(4.0), seeds=2, epochs=2, learnt="accuracy>=1")


def test_progress_is_told():
    heard = []
    gn.lottery(network(), X, Y, seeds=3, epochs=2, vary={"hidden": [3, 4]}, told=lambda *done: heard.append(done))
    assert heard == [(0, 9), (3, 9), (6, 9), (9, 9)]


def test_rows_held_out_and_long_names_are_no_obstacle():
    other = gn.Network(gn.Dense(5, "tanh"), gn.Dense(), loss="squared")
    rows, y = gn.datasets.moons(60)
    one = gn.Network(gn.Dense(3, "tanh"), gn.Dense(), loss="squared")
    how = {"validation": 0.25, "early_stopping": 3, "epochs": 9, "kind": "number"}
    found = gn.lottery(one, rows, y, seeds=4, vary={"network": [other]}, learnt="accuracy>=0.8", **how)
    for run, learnt in zip(found.runs, found.learnt, strict=True):
        assert learnt == (np.mean(run.predict(rows).round().clip(0, 1) == y) >= 0.8)
    assert found.odds["change"][1] == "network Network(Dense(5, tanh), Dense…"
    assert str(gn.lottery(one, rows, y, seeds=1, epochs=1, kind="number")).startswith("0 of 1 seed learns (0 %")
