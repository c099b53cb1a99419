"""A model over a table that is read part by part says, and scores, what it does over the same table in memory."""

import warnings

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

import glassnet as gn
from glassnet.data.streams import source
from glassnet.data.tables import csv_blocks
from glassnet.training import reliability, scores_by_parts
from glassnet.training.part_by_part import in_pieces

pytest.importorskip("pyarrow")
N = 2311
CLASSES = [
    "accuracy",
    "auc",
    "f1",
    "precision",
    "recall",
    "log_loss",
    "brier",
    "calibration_error",
    "balanced_accuracy",
]
NUMBERS = ["r2", "rmse", "mae", "mse"]


@pytest.fixture(scope="module")
def table():
    """Numbers and words, some of them missing, a number to learn, two classes and three."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=N).round(4)
    y = x * 2.0 + rng.normal(size=N) * 0.5 + 1e4
    return pl.DataFrame(
        {
            "x": pl.Series([None if k % 31 == 0 else value for k, value in enumerate(x)], dtype=pl.Float64),
            "word": rng.choice(["red", "green", "7", None], N).tolist(),
            "number": np.sort(y),
            "two": np.where(y > 1e4, "yes", "no"),
            "three": np.where(y > 10001, "high", np.where(y < 9999, "low", "middle")),
        }
    )


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    """Parts of 100 rows or so; nothing of the table is unusual but what it lacks."""
    monkeypatch.setattr(source, "CELLS", 300)
    monkeypatch.setattr(scores_by_parts, "STEP", 77)


@pytest.fixture(scope="module")
def models(table):
    """For each target a model that has seen the table."""
    targets = ("number", "two", "three")
    network = gn.Network(gn.Dense(5, "tanh"), gn.Dense())
    found = {}
    for target in targets:
        others = [name for name in targets if name != target]
        found[target] = gn.train(network, table, target=target, exclude=others, epochs=2, seed=1, progress=False)
        vars(found[target].state)["many"] = 600  # from so many rows on compiled code is taken, where it is there
    return found


def streams(table, folder):
    """The table in every form that is read part by part."""
    (folder / "cut").mkdir()
    table.write_csv(folder / "t.csv")
    table.write_parquet(folder / "t.parquet")
    for k, (low, high) in enumerate(((0, 511), (511, 2000), (2000, N))):
        table[low:high].write_parquet(folder / "cut" / f"{k}.parquet")
    return gn.stream(folder / "t.csv"), gn.stream(folder / "t.parquet"), str(folder / "cut"), table.lazy()


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("target", ["number", "two", "three"])
def test_predictions_are_those_in_memory_to_the_last_bit(table, models, tmp_path, target):
    model = models[target]
    whole = model.predict(table)
    for stream in streams(table, tmp_path):
        parts = list(model.predict_parts(stream))
        assert len(parts) > 1
        for found in (model.predict(stream), np.concatenate(parts)):
            assert found.dtype == whole.dtype
            assert np.array_equal(found, whole)
        if target != "number":
            assert np.array_equal(model.predict_proba(stream), model.predict_proba(table))


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("target", ["number", "two", "three"])
def test_scores_are_those_in_memory(table, models, tmp_path, target):
    def own(y, predicted):
        return np.mean(y[:100] == predicted[:100])

    model, metrics = models[target], [*(NUMBERS if target == "number" else CLASSES), own]
    whole = model.evaluate(table, metrics=metrics)
    for stream in streams(table, tmp_path):
        found = model.evaluate(stream, metrics=metrics)
        assert list(found) == list(whole)
        assert found["loss"] == whole["loss"]
        assert list(found.values()) == pytest.approx(list(whole.values()), rel=1e-12, abs=1e-15)
    if target == "two":
        auc = roc_auc_score(table["two"] == "yes", model.predict_proba(table)[:, 1])
        assert found["auc"] == pytest.approx(auc, rel=1e-12)
    assert list(model.evaluate(stream)) == list(model.evaluate(table))


def test_ties_among_outputs_count_half_and_share_a_bin():
    rng = np.random.default_rng(5)
    said, happened = rng.integers(0, 23, 1009) / 22.0, rng.random(1009) < 0.4
    true, false = np.sort(said[happened]), np.sort(said[~happened])
    assert scores_by_parts.area(true, false) == pytest.approx(roc_auc_score(happened, said), rel=1e-14)
    bins, variance = scores_by_parts.in_bins(true, false)
    usual = reliability.in_bins(said, happened)
    assert np.array_equal(bins.mass, usual.mass)
    assert np.allclose(bins.said, usual.said, rtol=1e-13)
    assert np.array_equal(bins.happened, usual.happened)
    assert variance.sum() == pytest.approx((said * (1.0 - said)).sum(), rel=1e-13)
    few, _ = scores_by_parts.in_bins(np.array([0.9]), np.array([0.2, 0.4]))  # a row in a bin
    assert (few.mass.tolist(), few.said.tolist(), few.happened.tolist()) == ([1, 1, 1], [0.2, 0.4, 0.9], [0, 0, 1])


def test_of_many_rows_the_error_by_chance_is_not_drawn(monkeypatch):
    said = np.random.default_rng(2).random(20011)
    drawn = reliability.error_by_chance(said, np.random.default_rng(0))
    monkeypatch.setattr(reliability, "MANY", 20000)
    assert reliability.error_by_chance(said, np.random.default_rng(0)) == pytest.approx(drawn, rel=0.06)


def test_pieces_are_whole_wherever_parts_end():
    rows = np.arange(5003)
    parts = [(part,) for part in np.split(rows, [3, 700, 701, 2900])]
    pieces = [piece for (piece,) in in_pieces(parts, 1024)]
    assert np.array_equal(np.concatenate(pieces), rows)
    assert all(len(piece) % 512 == 0 for piece in pieces[:-1])
    assert len(pieces[-1]) >= 1024
    assert [len(piece) for (piece,) in in_pieces(parts[:1], 1024)] == [3]


def test_what_is_unusual_is_warned_of_once(table, models, tmp_path):
    odd = table.with_columns(x=pl.Series([99.0 if k in (700, 1500) else 0.0 for k in range(N)]))
    odd.write_parquet(tmp_path / "t.parquet")
    for asked in (lambda x: models["number"].predict(x), lambda x: list(models["number"].predict_parts(x))):
        said = []
        for data in (odd, gn.stream(tmp_path / "t.parquet")):
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                asked(data)
            said.append([str(item.message) for item in caught])
        assert said[0] == said[1]
        assert any("2 values lie outside" in text and "99 in row 701" in text for text in said[0])


def test_what_does_not_fit_is_refused(table, models, tmp_path):
    table.drop("word").write_csv(tmp_path / "t.csv")
    stream = gn.stream(tmp_path / "t.csv")
    with pytest.raises(gn.DataError, match="lacks 1 column the model was trained on"):
        models["number"].predict(stream)
    with pytest.raises(ValueError, match="y must be left out"):
        models["number"].evaluate(stream, [1.0])
    with pytest.raises(ValueError, match="sample_weight must be left out"):
        models["number"].evaluate(stream, sample_weight=[1.0])
    with pytest.raises(ValueError, match="is for numbers"):
        models["two"].evaluate(stream, metrics="r2")
    arrays = gn.train(gn.Network(gn.Dense(2), gn.Dense()), np.eye(3), np.arange(3.0), epochs=1, seed=0, progress=False)
    for ask in (arrays.predict, arrays.evaluate, arrays.predict_parts):
        with pytest.raises(gn.DataError, match="trained on arrays, whose columns have no names"):
            ask(stream)
    with pytest.raises(gn.DataError, match="columns have no names; give predict all rows"):
        arrays.predict_parts(np.eye(3))
    with pytest.raises(ValueError, match="this model is not calibrated"):
        models["number"].predict_parts(stream, interval=0.9)  # at once, not when rows are asked for
    table.with_columns(number=None).write_csv(tmp_path / "t.csv")
    with pytest.raises(gn.DataError, match="is missing in every row"):
        models["number"].evaluate(gn.stream(tmp_path / "t.csv"))


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("last", ["2", "x"])
def test_words_that_are_numbers_are_read_as_the_whole_column_is(tmp_path, last):
    rng = np.random.default_rng(8)
    learnt = pl.DataFrame({"code": rng.choice(["1", "2", "3"], 200), "y": rng.normal(size=200)})
    model = gn.train(gn.Network(gn.Dense(3), gn.Dense()), learnt, target="y", epochs=1, seed=0, progress=False)
    cells = [*rng.choice(["01", "2", "3.0"], 999).tolist(), last]
    (tmp_path / "t.csv").write_text("\n".join(["code", *cells]) + "\n")
    whole = model.predict(tmp_path / "t.csv")  # with an x, all of them are words, and 01 is none of the categories
    assert np.array_equal(model.predict(gn.stream(tmp_path / "t.csv")), whole)
    assert len(np.unique(whole)) == (3 if last == "2" else 2)
    assert len(np.concatenate(list(model.predict_parts(gn.stream(tmp_path / "t.csv"))))) == 1000


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_words_that_come_late_are_found_in_a_second_reading(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_blocks, "BLOCK", 256)
    rng = np.random.default_rng(8)
    learnt = pl.DataFrame({"code": rng.choice(["1", "2", "3"], 200), "y": rng.normal(size=200)})
    model = gn.train(gn.Network(gn.Dense(3), gn.Dense()), learnt, target="y", epochs=1, seed=0, progress=False)
    vars(model.state)["many"] = 600
    cells = [*rng.choice(["1", "2", "3"], 2400).tolist(), "x"]
    (tmp_path / "t.csv").write_text("\n".join(["code", *cells]) + "\n")
    whole = model.predict(tmp_path / "t.csv")
    assert np.array_equal(model.predict(gn.stream(tmp_path / "t.csv")), whole)
    parts = list(model.predict_parts(gn.stream(tmp_path / "t.csv")))
    assert len(parts) > 1
    assert np.array_equal(np.concatenate(parts), whole)  # what was given before is not given again


def test_of_no_parts_there_are_no_pieces():
    assert list(in_pieces([], 1024)) == []


def test_of_many_rows_that_come_in_parts_the_error_by_chance_is_not_drawn(monkeypatch):
    rng = np.random.default_rng(2)
    second = rng.random(20011)
    outputs, codes = np.column_stack([1.0 - second, second]), (rng.random(20011) < second).astype(np.int64)
    found = []
    for most in (1 << 30, 20000):
        monkeypatch.setattr(scores_by_parts, "MANY", most)
        scores = scores_by_parts.ClassScores(K=2, asked=frozenset({"calibration_error"}))
        for low in range(0, 20011, 4001):
            scores.add(codes[low : low + 4001], outputs[low : low + 4001])
        found.append(scores.by_chance())
    assert found[0] == reliability.error_by_chance(second, np.random.default_rng(0))
    assert found[1] == pytest.approx(found[0], rel=0.06)


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("n", [1000, 2400])
def test_of_words_that_are_all_numbers_no_row_is_lost(tmp_path, n):
    rng = np.random.default_rng(8)
    learnt = pl.DataFrame({"code": rng.choice(["1", "2", "x"], 200), "y": rng.normal(size=200)})
    model = gn.train(gn.Network(gn.Dense(3), gn.Dense()), learnt, target="y", epochs=1, seed=0, progress=False)
    vars(model.state)["many"] = 600
    cells = rng.choice(["01", "2"], n)
    (tmp_path / "t.csv").write_text("\n".join(["code", *cells]) + "\n")
    stream = gn.stream(tmp_path / "t.csv")
    numbers, words = model.predict({"code": ["1", "2"]}), model.predict({"code": ["01", "2", "x"]})
    assert len({*numbers, words[0]}) == 3  # 01 as a word is none of the categories
    by_number, by_text = np.where(cells == "2", numbers[1], np.array([[numbers[0]], [words[0]]]))
    np.testing.assert_allclose(model.predict(stream), by_number, rtol=1e-12)
    found = np.concatenate(list(model.predict_parts(stream)))
    first = 1536 if n == 2400 else 0  # given before the end was seen
    np.testing.assert_allclose(found, np.concatenate([by_text[:first], by_number[first:]]), rtol=1e-12)
