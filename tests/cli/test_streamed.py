"""`glassnet train` with a folder, a pattern and a file that is too large for the memory it may take."""

import numpy as np
import polars as pl
import pytest

pytest.importorskip("pyarrow")
HOW = ("--hidden", "4", "--epochs", "3", "--no-plot")


@pytest.fixture
def logs(tmp_path):
    rng = np.random.default_rng(2)
    (tmp_path / "logs").mkdir()
    for k in range(3):
        x = rng.normal(size=1000).round(3)
        y = (x + 0.1 * rng.normal(size=1000)).round(3)
        frame = pl.DataFrame({"x": x, "word": rng.choice(["a", "b"], 1000), "y": y})
        frame.write_csv(tmp_path / "logs" / f"day-{k}.csv")
    return tmp_path / "logs"


def test_a_folder_and_a_pattern_are_one_table(glassnet, logs, tmp_path):
    found = glassnet("train", "logs", "--target", "y", *HOW, "--json", "--history").json
    assert found["table"] == "logs/ (3 files)"
    assert found["rows"]["all"] == 3000
    assert sum(count for name, count in found["rows"].items() if name != "all") == 3000
    assert found["score"]["r2"] > 0.9
    assert len(found["history"]["loss"]) == 3
    assert (tmp_path / "logs.glass").exists()
    other = glassnet("train", "logs/day-*.csv", "--target", "y", *HOW, "--json").json
    assert other["model"] == "day.glass"
    assert (tmp_path / "day.glass").read_bytes() == (tmp_path / "logs.glass").read_bytes()


def test_a_file_that_is_too_large_is_read_part_by_part(glassnet, logs):
    said = glassnet("train", "logs/day-0.csv", "--target", "y", *HOW, "--memory", "10kB").out
    assert "1,000 rows, 3 columns; read part by part" in said
    assert "read part by part" not in glassnet("train", "logs/day-0.csv", "--target", "y", *HOW, "--force").out


def test_the_same_command_goes_on(glassnet, logs, tmp_path):
    command = ("train", "logs", "--target", "y", *HOW, "-q", "--checkpoint-dir", "kept")
    assert glassnet(*command, "-o", "a.glass").code == 0
    assert glassnet(*command, "-o", "b.glass").code == 0
    assert (tmp_path / "a.glass").read_bytes() == (tmp_path / "b.glass").read_bytes()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--cv", "3"), "--cv takes a table that is in memory, and logs/ (3 files) is read part by part"),
        (("--group", "word"), "--group takes a table that is in memory"),
        (("--recipe", "ensemble"), "an ensemble takes a table that is in memory"),
        (("--exclude", "z"), "has no column 'z'"),
    ],
)
def test_what_takes_a_table_in_memory_is_refused(glassnet, logs, more, words):
    ended = glassnet("train", "logs", "--target", "y", *HOW, *more)
    assert ended.code
    assert words in ended.err


def test_a_folder_without_a_table_is_said(glassnet, tmp_path):
    (tmp_path / "empty").mkdir()
    ended = glassnet("train", "empty", "--target", "y")
    assert "empty is a folder without files" in ended.err
    assert "no file matches the pattern" in glassnet("train", "no-*.csv", "--target", "y").err


def test_in_memory_the_same_rows_are_held_out(glassnet, logs, tmp_path):
    shares = ("--test", "0.1", "--validation", "0.1", "--recipe", "small")
    one = pl.concat([pl.read_csv(path) for path in sorted(logs.iterdir())])
    one.write_csv(tmp_path / "one.csv")
    parts = glassnet("train", "logs", "--target", "y", *HOW, *shares, "--json").json
    whole = glassnet("train", "one.csv", "--target", "y", *HOW, *shares, "--split", "hash", "--json").json
    for name in ("train", "validation", "test"):
        assert parts["rows"][name] == whole["rows"][name]
    assert parts["target"] == pytest.approx(whole["target"])
    assert "--recipe small" in glassnet("train", "one.csv", "--target", "y", "--split", "hash").err
