"""`group` and `after` hold in every split that training makes, and when a model goes on."""

import numpy as np
import pytest
from sklearn.model_selection import GroupKFold, cross_val_score

import glassnet as gn
from glassnet.comparison.task import Task
from glassnet.data.tables import as_table
from glassnet.errors import DataError
from glassnet.sklearn import TableClassifier, TableRegressor
from glassnet.training.by_turns import prepare_members
from glassnet.training.many.source import Source
from glassnet.training.preparing import prepare

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # days later than any seen, columns that are no inputs

N = 120
RNG = np.random.default_rng(5)
GROUP = RNG.permutation(np.repeat(np.arange(30), 4))
DAY = RNG.permutation(N)
X = np.column_stack([GROUP, DAY, RNG.normal(size=N)]).astype(float)  # so that rows say what they are
Y = X[:, 2] + RNG.normal(size=N)
LABELS = np.where(Y > 0, "yes", "no")
NET = gn.Network(gn.Dense(3, "tanh"), gn.Dense())
LATEST = DAY >= 96  # a fifth
TABLE = {
    "patient": [f"p{g}" for g in GROUP],
    "day": (np.datetime64("2024-01-01") + DAY).astype(str).tolist(),
    "a": X[:, 2].tolist(),
    "y": Y.tolist(),
    "label": LABELS.tolist(),
}
QUICK = {"epochs": 3, "seed": 1, "progress": False}


def part(rows):
    """Some rows of the table."""
    return {name: np.array(column, object)[rows].tolist() for name, column in TABLE.items()}


def sides(prepared):
    return prepared.rows.x, prepared.held_out.x


@pytest.mark.parametrize("y", [Y, LABELS], ids=["a number", "classes"])
def test_a_share_is_held_out_by_whole_groups(y):
    seen, held_out = sides(prepare(NET, X, y, validation=0.2, group=GROUP, seed=3))
    assert not {*seen[:, 0]} & {*held_out[:, 0]}
    assert len(seen) + len(held_out) == N
    assert abs(len(held_out) - 24) <= 4


@pytest.mark.parametrize("y", [Y, LABELS], ids=["a number", "classes"])
def test_the_latest_share_is_held_out(y):
    seen, held_out = sides(prepare(NET, X, y, validation=0.2, after=DAY, seed=3))
    assert sorted(held_out[:, 1]) == list(range(96, 120))
    assert sorted(seen[:, 1]) == list(range(96))


@pytest.mark.parametrize("target", ["y", "label"])
@pytest.mark.parametrize(("option", "value"), [("after", "day"), ("after", DAY), ("after", list(TABLE["day"]))])
def test_what_is_measured_in_training_is_measured_on_the_latest_rows(option, value, target):
    other = "label" if target == "y" else "y"
    model = gn.train(NET, TABLE, target=target, validation=0.2, exclude=[other], **{option: value}, **QUICK)
    assert model.history["val_loss"][-1] == pytest.approx(model.evaluate(part(LATEST))["loss"], rel=1e-12)
    assert "day" in model.contract.feature_names
    assert model.contract.n_rows == 96
    assert model.split_by == {option: value if isinstance(value, str) else True}


def test_a_column_of_groups_is_no_input_and_values_leave_it_one():
    by_name = gn.train(NET, TABLE, target="y", validation=0.2, group="patient", exclude=["label"], **QUICK)
    assert by_name.contract.feature_names == ("day", "a")
    by_value = gn.train(NET, TABLE, target="y", validation=0.2, group=TABLE["patient"], exclude="label", **QUICK)
    assert by_value.contract.feature_names == ("patient", "day", "a")
    assert by_name.contract.n_rows == by_value.contract.n_rows


def test_a_model_that_goes_on_holds_out_the_same_rows(tmp_path):
    halves = {"half": ["a", "b"] * 60, "x": X[:, 2].tolist(), "y": Y.tolist()}
    model = gn.train(NET, halves, target="y", validation=0.5, group="half", **QUICK)
    sides = [{name: column[k::2] for name, column in halves.items()} for k in (0, 1)]
    losses = [model.evaluate(side)["loss"] for side in sides]
    which = int(np.argmin(np.abs(np.array(losses) - model.history["val_loss"][-1])))
    assert losses[which] == pytest.approx(model.history["val_loss"][-1], rel=1e-12)
    model.save(tmp_path / "m.glass")
    model = gn.load(tmp_path / "m.glass")
    assert model.split_by == {"group": "half"}
    assert "rows held out by groups of half" in model.summary()
    for _ in range(3):  # by chance it would be the other half in some of them
        gn.train(model, halves, validation=0.5, epochs=1, progress=False)
        assert model.history["val_loss"][-1] == pytest.approx(model.evaluate(sides[which])["loss"], rel=1e-12)


def test_values_are_not_kept_and_are_asked_for(tmp_path):
    model = gn.train(NET, X, Y, validation=0.2, group=GROUP, **QUICK)
    model.save(tmp_path / "m.glass")
    model = gn.load(tmp_path / "m.glass")
    assert model.split_by == {"group": True}
    assert "rows held out by groups of values that were given" in model.summary()
    with pytest.raises(ValueError, match=r"rows were held out by a group of each row before.* give them again, group="):
        gn.train(model, X, Y, validation=0.2, progress=False)
    gn.train(model, X, Y, validation=0.2, group=GROUP, epochs=1, progress=False)
    gn.train(model, X, Y, epochs=1, progress=False)  # nothing is held out
    assert model.split_by == {"group": True}


def test_folds_keep_groups():
    source = Source.of(X, LABELS, group=GROUP)
    for division in source.divisions(5, None, 0, None):
        assert not {*GROUP[division.train]} & {*GROUP[division.held_out]}
        assert len(division.held_out) == 24  # as GroupKFold has it: 30 groups of 4 rows
    for division in source.divisions(None, 5, 0, None):
        assert not {*GROUP[division.train]} & {*GROUP[division.held_out]}
    assert gn.train_many(NET, X, Y, folds=2, group=GROUP, epochs=1)[0].split_by == {"group": True}


def test_folds_in_an_order_are_trainings_by_hand_on_earlier_rows():
    ordered = gn.train_many(NET, X, Y, folds=5, after=DAY, epochs=2, engine="numpy")
    for k, model in enumerate(ordered, start=1):
        before, out = X[:, 1] < 20 * k, (X[:, 1] // 20) == k
        assert model.history["val_loss"][-1] == pytest.approx(model.evaluate(X[out], Y[out])["loss"], rel=1e-12)
        by_hand = gn.train(NET, X[before], Y[before], validation=(X[out], Y[out]), epochs=2, seed=0, engine="numpy")
        assert by_hand.history["val_loss"] == pytest.approx(model.history["val_loss"], rel=1e-12)


def test_seeds_that_draw_a_share_draw_groups_or_take_the_latest():
    for seed, model in enumerate(gn.train_many(NET, X, Y, validation=0.2, after=DAY, seeds=2, epochs=2)):
        alone = gn.train(NET, X, Y, validation=0.2, after=DAY, seed=seed, epochs=2)
        assert model.history["val_loss"] == pytest.approx(alone.history["val_loss"], rel=1e-9)
        assert model.history["val_loss"][-1] == pytest.approx(model.evaluate(X[LATEST], Y[LATEST])["loss"], rel=1e-9)
    for seed, model in enumerate(gn.train_many(NET, X, Y, validation=0.2, group=GROUP, seeds=2, epochs=2)):
        alone = gn.train(NET, X, Y, validation=0.2, group=GROUP, seed=seed, epochs=2)
        assert model.history["val_loss"] == pytest.approx(alone.history["val_loss"], rel=1e-9)
        assert (model.split_seed, model.split_by) == (alone.split_seed, alone.split_by)


def test_members_hold_out_other_groups_each_and_in_an_order_the_latest_rows():
    recipe = gn.recipe("small", members=5, scale=False)
    numbers = {"g": X[:, 0], "day": X[:, 1], "a": X[:, 2], "y": Y}
    held = []
    for prepared in prepare_members(recipe, numbers, target="y", validation=0.2, group=GROUP, seed=1, scale=False):
        seen, out = sides(prepared)
        assert not {*seen[:, 0]} & {*out[:, 0]}
        held.append({*out[:, 0]})
    assert set.union(*held) == {*range(30)}
    assert sum(map(len, held)) == 30  # each group once
    for prepared in prepare_members(recipe, numbers, target="y", validation=0.2, after="day", seed=1, scale=False):
        assert sorted(sides(prepared)[1][:, 1]) == list(range(96, 120))
    three = np.repeat([0, 1, 2], 40)  # fewer groups than members: each is held out in turn
    held = [
        {*three[np.isin(DAY, sides(one)[1][:, 1])]}
        for one in prepare_members(recipe, numbers, target="y", validation=0.2, group=three, seed=1, scale=False)
    ]
    assert [len(groups) for groups in held] == [1] * 5
    assert held[0] | held[1] | held[2] == {0, 1, 2}


def test_the_first_pass_of_two_holds_out_the_latest_rows():
    recipe = gn.recipe("strong", hidden=(8,), epochs=8, dtype="float64")
    table = {name: TABLE[name] for name in ("day", "a", "y")}
    model = gn.train(recipe, table, target="y", after="day", seed=1, progress=False)
    assert model.validation_history is not None
    early = {name: np.array(column, object)[~LATEST].tolist() for name, column in table.items()}
    late = {name: np.array(column, object)[LATEST].tolist() for name, column in table.items()}
    first = gn.recipe("strong", hidden=(8,), epochs=2, dtype="float64", refit=0)
    by_hand = gn.train(first, early, target="y", validation=late, seed=1, progress=False)
    assert model.validation_history["val_loss"] == pytest.approx(by_hand.history["val_loss"], rel=1e-9)


@pytest.mark.parametrize(("estimator", "y"), [(TableClassifier, LABELS), (TableRegressor, Y)])
def test_estimators_split_by_columns_of_frames_and_by_values(estimator, y):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({name: TABLE[name] for name in ("patient", "day", "a")})
    recipe = gn.recipe("small", epochs=2, early_stopping=False, validation=0.2)
    fitted = estimator(recipe, after="day", random_state=0).fit(frame, y)
    late = frame[LATEST].assign(y=y[LATEST])
    loss = fitted.model_.evaluate(late)["loss"]
    assert fitted.model_.history["val_loss"][-1] == pytest.approx(loss, rel=1e-9)
    by_value = estimator(recipe, random_state=0).fit(frame.drop(columns="day"), y, after=DAY)
    assert by_value.model_.contract.n_rows == 96
    grouped = estimator(recipe, group="patient", random_state=0).fit(frame, y)
    assert grouped.model_.contract.feature_names == ("day", "a")
    assert grouped.n_features_in_ == 3
    arrays = estimator(recipe, random_state=0).fit(X, y, group=GROUP)
    assert arrays.model_.split_by == {"group": True}
    scores = cross_val_score(estimator(recipe, group="patient"), frame, y, groups=GROUP, cv=GroupKFold(3))
    assert np.isfinite(scores).all()


@pytest.mark.parametrize(
    ("how", "error", "words"),
    [
        ({"group": "y"}, DataError, "group='y' is the target"),
        ({"after": "nothing"}, DataError, "has no column 'nothing'"),
        ({"after": "patient"}, DataError, "column 'patient' of dictionary has no order"),
        ({"group": [1] * N}, DataError, "group has one group only, '1'"),
        ({"after": [1] * N}, DataError, "after is 1 in every row"),
        ({"group": [1, 2]}, ValueError, "one value for each of 120 rows"),
    ],
)
def test_what_cannot_be_split_is_told(how, error, words):
    with pytest.raises(error, match=words):
        gn.train(NET, TABLE, target="y", validation=0.2, **how, **QUICK)


def test_two_ways_to_say_which_rows_are_folds_are_refused():
    pairs = [(np.arange(60), np.arange(60, N))]
    with pytest.raises(ValueError, match="folds are given as pairs of indices, so group would say it twice"):
        gn.train_many(NET, X, Y, folds=pairs, group=GROUP)
    with pytest.raises(ValueError, match="samples draw rows from all times"):
        gn.train_many(NET, X, Y, samples=3, after=DAY)
    with pytest.raises(DataError, match="folds must be at most 30, got 31: group has 30 groups"):
        gn.train_many(NET, X, Y, folds=31, group=GROUP)


def test_groups_of_single_rows_are_remarked_upon_once(capsys):
    gn.train(NET, X, Y, validation=0.2, group=np.arange(N), epochs=1, seed=0)
    told = "".join(capsys.readouterr())
    assert told.count("note: group has another value in each row") == 1
    gn.train_many(NET, X, Y, folds=3, group=np.arange(N), epochs=1)
    assert "".join(capsys.readouterr()).count("has another value in each row") == 1
    gn.train(NET, X, Y, validation=0.2, group=np.arange(N), **QUICK)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(("options", "column"), [({"group": "patient"}, "patient"), ({"after": DAY}, "day")])
def test_recipes_are_compared_on_rows_split_so(options, column):
    table = {name: TABLE[name] for name in ("patient", "day", "a", "y")}
    how = {"recipes": ["constant", "small"], "trees": False, "progress": False}
    compared = gn.compare(table, target="y", exclude=["patient"] * ("after" in options), **options, **how)
    assert "patient" not in compared.model.contract.feature_names
    (said,) = {len(one.errors) for one in compared.tried}
    if "after" in options:
        assert sorted(DAY[compared.rows]) == list(range(20, 120))  # all but the first part
        assert said == 100
    else:
        assert sorted(compared.rows) == list(range(N))
    task = Task.of(as_table(table), "y", kind=None, seed=0, how={}, split=options)
    for division in task.divisions:
        if column == "patient":
            assert not {*GROUP[division.train]} & {*GROUP[division.held_out]}
        else:
            assert DAY[division.train].max() < DAY[division.held_out].min()


@pytest.mark.parametrize(("share", "words"), [(1e-9, "held out"), (1 - 1e-9, "to train on")])
def test_chances_that_leave_nobody_on_one_side_are_told(share, words):
    with pytest.raises(DataError, match=rf"of 120 rows none is {words}.*split=\"drawn\""):
        gn.train(NET, TABLE, target="y", validation=share, split="hash", **QUICK)
    assert gn.train(NET, TABLE, target="y", validation=0.3, split="hash", **QUICK).epochs == 3


def test_a_fold_without_a_known_target_is_named():
    known = {**TABLE, "y": [None if k < 5 else value for k, value in enumerate(TABLE["y"])]}
    first, second = (np.arange(10), np.arange(10, N)), (np.arange(5, N), np.arange(5))
    with pytest.raises(ValueError, match="fold 2 has no row whose target is known"):
        gn.train_many(NET, known, target="y", exclude=["label"], folds=[first, second], epochs=1)
    runs = gn.train_many(NET, known, target="y", exclude=["label"], folds=[first], epochs=1)
    assert [model.contract.n_rows for model in runs] == [5]
