"""Training on a table that is read part by part: the same model however it is read, and it goes on where it was."""

import os

import numpy as np
import polars as pl
import pytest

import glassnet as gn
from glassnet.data.streams import learning, seen, source
from glassnet.data.streams.csv_parts import CsvParts
from glassnet.data.streams.seen import Seen
from glassnet.data.tables import csv_blocks
from glassnet.model.checkpoints import spent
from glassnet.training import blocks, store, streaming
from glassnet.training.loop import Run
from glassnet.training.temporary import HELD, clear, temporary

pytest.importorskip("pyarrow")
N = 3000


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    """Chunks of 64 rows, in blocks of 16."""
    monkeypatch.setattr(store, "CHUNK", 64 * 8 * 8)
    monkeypatch.setattr(blocks, "TOGETHER", 0)


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(N, 3)).round(4)
    label = np.where(x[:, 0] * x[:, 1] > 0.3 * x[:, 2], "up", "down")
    colour = rng.choice(["red", "green", "blue"], N)
    y = (x[:, 0] ** 2 + (colour == "red")).round(4)
    return pl.DataFrame({"a": x[:, 0], "b": x[:, 1], "c": x[:, 2], "colour": colour, "label": label, "y": y})


NETWORK = gn.Network(gn.Dense(8, "tanh"), gn.Dense())
HOW = {"epochs": 4, "seed": 3, "validation": 0.2, "progress": False}


class Killed(BaseException):
    """Ends a training anywhere."""


def killed_after(steps):
    """The events of a training, and the end of the world after so many steps."""
    original = Run.events

    def some(run):
        yield from original(run, steps)
        raise Killed

    return some


def numbers(model):
    return model.memory.theta.tobytes(), model.history.columns


def test_the_model_is_the_same_however_the_table_is_read(table, tmp_path):
    table.write_parquet(tmp_path / "t.parquet", row_group_size=400)
    table.write_csv(tmp_path / "t.csv")
    (tmp_path / "files").mkdir()
    for k in range(4):
        table[k * 750 : (k + 1) * 750].write_csv(tmp_path / "files" / f"{k}.csv")
    given = [gn.stream(table), gn.stream(tmp_path / "t.csv"), tmp_path / "files"]
    given += [f"{tmp_path}/files/*.csv", gn.stream(tmp_path / "t.parquet"), [tmp_path / "t.csv"]]
    models = [gn.train(NETWORK, one, target="label", exclude=["y"], **HOW) for one in given]
    large = gn.train(NETWORK, tmp_path / "t.csv", target="label", exclude=["y"], memory="10kB", **HOW)
    assert len({str(numbers(model)) for model in (*models, large)}) == 1
    assert models[0].history["val_accuracy"][-1] > 0.7


def test_a_number_and_weights_of_classes(table):
    model = gn.train(NETWORK, gn.stream(table), target="y", exclude=["label"], scale="robust", **{**HOW, "epochs": 30})
    whole = gn.train(NETWORK, table, target="y", exclude=["label"], scale="robust", **{**HOW, "epochs": 30})
    assert model.history["loss"][-1] < 1.2 * whole.history["loss"][-1]
    rare = table.filter((pl.col("label") == "up") | (pl.int_range(N) % 10 == 0))
    with_weights, without = (
        gn.train(NETWORK, gn.stream(rare), target="label", exclude=["y"], class_weight=weight, **HOW)
        for weight in ("balanced", None)
    )
    assert (with_weights.predict(rare.drop("y")) == "down").sum() > (without.predict(rare.drop("y")) == "down").sum()


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_stopped_anywhere_it_goes_on_to_the_same_bytes(engine, table, tmp_path, monkeypatch):
    if engine == "compiled":
        pytest.importorskip("numba")
    monkeypatch.setattr(spent, "LEAST", 0.0)
    network = gn.Network(gn.Dense(8, "tanh"), gn.Dropout(0.1), gn.Dense())
    how = {"target": "label", "exclude": ["y"], "engine": engine, "early_stopping": 3, **HOW}
    whole = gn.train(network, gn.stream(table), **how)
    for steps in (1, 33, 149, 299):
        kept = {"checkpoint_dir": tmp_path / str(steps)}
        with monkeypatch.context() as patch:
            patch.setattr(Run, "events", killed_after(steps))
            with pytest.raises(Killed):
                gn.train(network, gn.stream(table), **kept, **how)
        assert numbers(gn.train(network, gn.stream(table), **kept, **how)) == numbers(whole)


def test_a_model_goes_on_with_more_rows(table):
    model = gn.train(NETWORK, gn.stream(table), target="label", exclude=["y"], **HOW)
    before = model.history["val_loss"][-1]
    gn.train(model, gn.stream(table.drop("y")), epochs=20, validation=0.2, progress=False)
    assert model.epochs == 24
    assert model.history["val_loss"][-1] < before
    with pytest.raises(ValueError, match="this model predicts 'label', not 'y'"):
        gn.train(model, gn.stream(table), target="y")


def test_recipes_build_networks_for_streams(table):
    model = gn.train(gn.recipe("strong"), gn.stream(table), target="y", exclude=["label"], epochs=3, progress=False)
    assert model.recipe == "strong(epochs=3)"
    assert len(model.history) == 3
    with pytest.raises(ValueError, match="an ensemble takes a table that is in memory"):
        gn.train(gn.recipe("ensemble"), gn.stream(table), target="y")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"batch_size": None}, "batch_size asks for all rows at a time, and rows that are read part by part are in"),
        ({"group": "colour"}, "group is not taken with a table that is read part by part"),
        ({"validation": 1.5}, "validation must be a share"),
        ({"target": None}, "which column is to be predicted"),
        ({"target": "z"}, "has no column 'z'"),
        ({"exclude": ["q"]}, "has no column 'q'"),
        ({"memory": "lots"}, "memory must be a number of bytes"),
    ],
)
def test_what_cannot_be_is_said_before_training(table, more, words):
    with pytest.raises((ValueError, gn.DataError), match=words):
        gn.train(NETWORK, gn.stream(table), **{"target": "label", **HOW, **more})


def test_no_room_on_the_disk_is_said_with_the_arithmetic(table, monkeypatch):
    monkeypatch.setattr(streaming.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 1000}))
    with pytest.raises(
        gn.DataError, match=r"rows take 0.0 GB on the disk while training lasts, and .* has 0.0 GB left"
    ):
        gn.train(NETWORK, gn.stream(table), target="label", **HOW)


def test_temporary_folders_go_away_with_the_training_and_after_a_kill(table, tmp_path):
    left, other = tmp_path / "glassnet-stream-x", tmp_path / "glassnet-stream-y"
    for folder in (left, other):
        folder.mkdir()
        (folder / "rows").touch()
    (left / "lock").touch()
    alive = temporary(tmp_path)
    gn.train(NETWORK, gn.stream(table, folder=tmp_path), target="label", **HOW)
    assert {*tmp_path.iterdir()} == {alive, other}  # what is not locked yet may be about to be


def test_a_diverging_loss_is_said(table):
    bad = table.with_columns(y=pl.col("y") * 1e200)
    with pytest.raises((gn.TrainingError, gn.DataError)):
        gn.train(NETWORK, gn.stream(bad), target="y", exclude=["label"], optimizer=gn.SGD(1e6), **HOW)
    with pytest.raises(gn.TrainingError, match="stopped being finite at step"):
        gn.train(NETWORK, gn.stream(table), target="y", exclude=["label"], optimizer=gn.SGD(1e9), **HOW)


def test_in_memory_the_same_rows_are_held_out(table, tmp_path):
    whole = gn.train(NETWORK, table, target="y", exclude=["label"], split="hash", **HOW)
    parts = gn.train(NETWORK, gn.stream(table), target="y", exclude=["label"], **HOW)
    assert whole.contract == parts.contract
    assert whole.split_by == {"split": "hash"}
    assert whole.contract.n_rows != round(0.8 * N)
    whole.save(tmp_path / "m.glass")
    again = gn.load(tmp_path / "m.glass")
    gn.train(again, table.drop("label"), epochs=2, validation=0.2, progress=False)
    assert again.split_by == {"split": "hash"}
    for more, words in (
        ({"split": "random"}, "split must be one of|unknown split"),
        ({"group": "label"}, "go by group"),
    ):
        with pytest.raises(ValueError, match=words):
            gn.train(NETWORK, table, target="y", **{"split": "hash", **HOW, **more})


def read_until(after):
    """A CSV's parts, and the end of the world after so many."""
    parts = CsvParts.parts

    def some(self, how, tell):
        for k, part in enumerate(parts(self, how, tell)):
            if k == after:
                raise Killed
            yield part

    return some


@pytest.mark.parametrize("after", [1, 7, 20])
def test_a_reading_that_is_killed_goes_on_where_it_was(table, tmp_path, monkeypatch, after):
    monkeypatch.setattr(csv_blocks, "BLOCK", 4096)
    monkeypatch.setattr(source, "CELLS", 600)
    monkeypatch.setattr(learning, "EVERY", 0.0)
    table.write_csv(tmp_path / "t.csv")
    given, how = gn.stream(tmp_path / "t.csv"), {"target": "label", "exclude": ["y"], **HOW}
    whole = gn.train(NETWORK, given, **how)
    with monkeypatch.context() as patch:
        patch.setattr(CsvParts, "parts", read_until(after))
        with pytest.raises(Killed):
            gn.train(NETWORK, given, checkpoint_dir=tmp_path / "kept", **how)
    counted = []
    add = Seen.add
    with monkeypatch.context() as patch:
        patch.setattr(Seen, "add", lambda seen, part, places: (counted.append(len(part)), add(seen, part, places)))
        again = gn.train(NETWORK, given, checkpoint_dir=tmp_path / "kept", **how)
    assert numbers(again) == numbers(whole)
    assert again.contract == whole.contract
    assert 0 < sum(counted) < whole.contract.n_rows


def test_a_reading_that_was_done_is_not_done_again(table, tmp_path, monkeypatch):
    path = tmp_path / "t.csv"
    table.write_csv(path)
    how = {"target": "label", "exclude": ["y"], "checkpoint_dir": tmp_path / "kept", **HOW}
    with monkeypatch.context() as patch:
        patch.setattr(Run, "events", killed_after(50))
        with pytest.raises(Killed):
            gn.train(NETWORK, path, memory="1kB", **how)
    assert {"reading.json", "rows", "rows.json"} < {item.name for item in (tmp_path / "kept" / "1.rows").iterdir()}
    with monkeypatch.context() as patch:
        patch.setattr(CsvParts, "parts", lambda *_: pytest.fail("it is read again"))
        model = gn.train(NETWORK, path, memory="1kB", **how)
    assert numbers(model) == numbers(gn.train(NETWORK, gn.stream(path), **{**how, "checkpoint_dir": None}))
    left = {item.name for item in (tmp_path / "kept" / "1.rows").iterdir()}
    assert "rows" not in left
    assert not [name for name in left if name.startswith("part-")]
    with path.open("a") as file:
        file.write("1,2,3,red,up,4\n" * 50)
    with pytest.raises(gn.CheckpointError, match="its rows are others"):
        gn.train(NETWORK, path, memory="1kB", **how)


def test_what_is_kept_of_a_reading_is_never_run_and_damage_is_read_again(table, tmp_path):
    table.write_csv(tmp_path / "t.csv")
    how = {"target": "label", "exclude": ["y"], "checkpoint_dir": tmp_path / "kept", **HOW}
    whole = gn.train(NETWORK, gn.stream(tmp_path / "t.csv"), **how)
    rows = tmp_path / "kept" / "1.rows"
    for damage in (b"", b"{}", b"cos\nsystem\n(S'echo'\ntR.", b'{"glassnet": "0.1.0", "key": {}}'):
        (rows / "reading.json").write_bytes(damage)
        assert numbers(gn.train(NETWORK, gn.stream(tmp_path / "t.csv"), **how)) == numbers(whole)
    for path in rows.glob("*.npz"):
        path.write_bytes(b"PK" + bytes(100))
    assert numbers(gn.train(NETWORK, gn.stream(tmp_path / "t.csv"), **how)) == numbers(whole)


def test_a_table_that_is_sorted_by_its_classes_is_learnt(table, monkeypatch):
    sorted_by = table.sort("label", "a")
    how = {**HOW, "epochs": 12, "target": "label", "exclude": ["y"], "optimizer": gn.Adam(0.01)}
    whole, parts = (gn.train(NETWORK, given, **how) for given in (sorted_by, gn.stream(sorted_by)))
    assert parts.history["val_accuracy"][-1] > whole.history["val_accuracy"][-1] - 0.05


def test_a_class_that_counts_for_nothing(table):
    weights = {"up": 1.0, "down": 0.0}
    how = {"target": "label", "exclude": ["y"], "class_weight": weights, **HOW}
    model = gn.train(NETWORK, gn.stream(table.sort("label")), **how)
    assert (model.predict(table.drop("y")) == "up").mean() > 0.9


def test_dates_that_are_missing_in_whole_parts_are_counted(table, monkeypatch):
    monkeypatch.setattr(source, "CELLS", 600)
    days = ["" if k < 1000 else f"2024-01-{1 + k % 28:02}" for k in range(N)]
    dated = table.with_columns(day=pl.Series(days))
    parts = gn.train(NETWORK, gn.stream(dated), target="y", exclude=["label"], **HOW)
    whole = gn.train(NETWORK, dated, target="y", exclude=["label"], split="hash", **HOW)
    assert parts.contract.input_names == whole.contract.input_names
    assert "day missing" in parts.contract.input_names
    assert parts.contract.notes == whole.contract.notes


def test_a_model_does_not_learn_from_rows_it_was_measured_on(table):
    model = gn.train(NETWORK, gn.stream(table), target="y", exclude=["label"], **HOW)
    assert model.split_by == {"split": "hash"}
    rows = model.contract.n_rows
    gn.train(model, table.drop("label"), epochs=1, validation=0.2, progress=False)
    assert model.split_by == {"split": "hash"}
    drawn = gn.train(NETWORK, table, target="y", exclude=["label"], **HOW)
    with pytest.raises(ValueError, match="rows were held out of a table in memory before"):
        gn.train(drawn, gn.stream(table), epochs=1, validation=0.2, progress=False)
    assert abs(rows - 0.8 * N) < 100  # four and a half times the spread of a draw


def test_another_lazy_frame_is_another_table(table, tmp_path):
    if not hasattr(table.lazy(), "collect_batches"):
        pytest.skip("this polars has no batches")
    how = {"target": "y", "exclude": ["label"], "checkpoint_dir": tmp_path / "kept", **HOW}
    gn.train(NETWORK, table.lazy(), **how)
    with pytest.raises(gn.CheckpointError, match="its rows are others"):
        gn.train(NETWORK, table.with_columns(y=pl.col("y") + 50).lazy(), **how)


def test_rows_that_are_damaged_on_the_disk_are_encoded_again(table, tmp_path, monkeypatch):
    table.write_csv(tmp_path / "t.csv")
    how = {"target": "label", "exclude": ["y"], "checkpoint_dir": tmp_path / "kept", **HOW}
    with monkeypatch.context() as patch:
        patch.setattr(Run, "events", killed_after(50))
        with pytest.raises(Killed):
            gn.train(NETWORK, gn.stream(tmp_path / "t.csv"), **how)
    rows = tmp_path / "kept" / "1.rows" / "rows"
    content = rows.read_bytes()
    rows.write_bytes(content[: len(content) // 2] + bytes(len(content) - len(content) // 2))
    again = gn.train(NETWORK, gn.stream(tmp_path / "t.csv"), **how)
    assert numbers(again) == numbers(
        gn.train(NETWORK, gn.stream(tmp_path / "t.csv"), **{**how, "checkpoint_dir": None})
    )


@pytest.mark.parametrize(
    "more", [{"loss": "nonsense"}, {"kind": "foo"}, {"validation": "none.csv"}, {"class_weight": {"z": 1}}]
)
def test_what_fails_leaves_nothing_behind(table, tmp_path, more):
    network = gn.Network(gn.Dense(8), gn.Dense(3), loss="squared") if "loss" in more else NETWORK
    given = {name: value for name, value in more.items() if name != "loss"}
    with pytest.raises((ValueError, gn.DataError, OSError)):
        gn.train(network, gn.stream(table, folder=tmp_path), target="label", exclude=["y"], **{**HOW, **given})
    assert not [*tmp_path.iterdir()]


def test_a_fork_leaves_the_folder_of_its_parent(tmp_path, monkeypatch):
    folder, process = temporary(tmp_path), os.getpid()
    with monkeypatch.context() as patch:
        patch.setattr(os, "getpid", lambda: process + 1)
        lock = HELD[folder]
        clear(folder)
        assert folder.exists()
    HELD[folder] = lock
    clear(folder)
    assert not folder.exists()


def test_of_many_rows_some_are_looked_at_and_measured(table, monkeypatch, capsys):
    monkeypatch.setattr(seen, "FEWEST", 256)
    monkeypatch.setattr(seen, "MOST", 256)
    model = gn.train(NETWORK, gn.stream(table), target="y", exclude=["label"], **{**HOW, "progress": None})
    out = N - model.contract.n_rows
    told = "".join(capsys.readouterr())
    assert f"of {out} rows held out 256 are measured, drawn by their places" in told


def test_what_fails_leaves_what_is_kept(table, tmp_path):
    table.write_csv(tmp_path / "t.csv")
    how = {"target": "label", "exclude": ["y"], "checkpoint_dir": tmp_path / "kept", **HOW}
    with pytest.raises(ValueError, match="class_weight names 'z'"):
        gn.train(NETWORK, gn.stream(tmp_path / "t.csv"), class_weight={"z": 1}, **how)
    assert [*(tmp_path / "kept").glob("*.rows/reading.json")]
