"""`glassnet predict` of tables that are read part by part writes what it writes for the same table in memory."""

import errno
import gzip
import os

import numpy as np
import polars as pl
import pytest

from glassnet.cli import main
from glassnet.cli.part_files import TextParts
from glassnet.data.streams import source
from glassnet.data.streams.csv_parts import CsvParts
from glassnet.data.streams.parquet_parts import ParquetParts

arrow = pytest.importorskip("pyarrow")
N = 1307


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A table as CSV, as Parquet, and cut into files; a model of a number and one of classes."""
    place = tmp_path_factory.mktemp("parts")
    rng = np.random.default_rng(11)
    number = rng.normal(2.0, 1.0, N).round(3)
    table = pl.DataFrame(
        {
            "number": pl.Series([None if k % 50 == 3 else value for k, value in enumerate(number)], dtype=pl.Float64),
            "word": rng.choice(["red", "7", "blue"], N),
            "note": ["05" if k < 900 else 'so, "late"' for k in range(N)],
            "y": (number * 3.0).round(2),
            "kind": np.where(number > 2.0, "big", "small"),
        }
    )
    table[:400].write_csv(place / "train.csv")
    table.write_csv(place / "t.csv")
    table.write_parquet(place / "t.parquet", row_group_size=500)
    (place / "cut").mkdir()
    for k, (low, high) in enumerate(((0, 150), (150, 1000), (1000, N))):
        table[low:high].write_csv(place / "cut" / f"{k}.csv")
    for target, others in (("y", ["kind", "note"]), ("kind", ["y", "note"])):
        options = [word for other in others for word in ("--exclude", other)]
        argv = [
            "train",
            place / "train.csv",
            "--target",
            target,
            "--epochs",
            "2",
            "--output",
            place / f"{target}.glass",
        ]
        assert main([*map(str, argv), *options, "--no-plot", "--quiet"]) == 0
    return place


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    """Parts of 100 rows or so."""
    monkeypatch.setattr(source, "CELLS", 400)


@pytest.mark.parametrize("target", ["y", "kind"])
@pytest.mark.parametrize("keep", [(), ("--keep",)])
def test_the_same_bytes_for_a_file_and_for_files(glassnet, folder, tmp_path, target, keep):
    model = folder / f"{target}.glass"
    for kind, table in (("csv", "t.csv"), ("jsonl", "t.csv"), ("tsv", "t.parquet")):
        whole = glassnet("predict", model, folder / table, "-o", f"whole.{kind}", *keep)
        parts = glassnet("predict", model, folder / table, "-o", f"parts.{kind}", *keep, "--memory", "1k")
        assert (whole.code, parts.code) == (0, 0)
        assert (tmp_path / f"whole.{kind}").read_bytes() == (tmp_path / f"parts.{kind}").read_bytes()
        assert whole.err.replace("whole", "parts") == parts.err
    assert glassnet("predict", model, folder / "cut", "-o", "cut.csv.gz", *keep).code == 0
    assert gzip.decompress((tmp_path / "cut.csv.gz").read_bytes()) == (tmp_path / "whole.csv").read_bytes()
    out = glassnet("predict", model, folder / "t.csv", *keep, "--memory", "1k").out
    assert out.encode() == (tmp_path / "whole.csv").read_bytes()


@pytest.mark.parametrize("table", ["t.csv", "t.parquet"])
def test_parquet_holds_the_same_columns_of_the_same_types(glassnet, folder, tmp_path, table):
    for name, more in (("whole", ()), ("parts", ("--memory", "1k"))):
        result = glassnet("predict", folder / "kind.glass", folder / table, "-o", f"{name}.parquet", "--keep", *more)
        assert result.code == 0
    assert pl.read_parquet(tmp_path / "whole.parquet").equals(pl.read_parquet(tmp_path / "parts.parquet"))


def test_what_is_unusual_is_counted_over_all_parts_and_said_once(glassnet, folder, tmp_path):
    lines = (folder / "t.csv").read_text().splitlines()
    for k in (300, 700, 1200):
        lines[k] = "99,Atlantis,1,2,big"
    (tmp_path / "odd.csv").write_text("\n".join(lines) + "\n")
    whole = glassnet("predict", folder / "y.glass", "odd.csv")
    parts = glassnet("predict", folder / "y.glass", "odd.csv", "--memory", "1k")
    assert "3 rows, the first line 301" in parts.err
    assert whole.err == parts.err
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "a.csv").write_text("\n".join(lines[:200]) + "\n")
    (tmp_path / "odd" / "b.csv").write_text("\n".join([lines[0], *lines[200:]]) + "\n")
    err = " ".join(glassnet("predict", folder / "y.glass", "odd/*.csv").err.split())
    assert "3 rows, the first line 102 of b.csv" in err


def test_a_word_among_numbers_is_refused_as_in_memory_and_nothing_is_written(glassnet, folder, tmp_path):
    lines = (folder / "t.csv").read_text().splitlines()
    lines[1100] = "soon,red,1,2,big"
    (tmp_path / "odd.csv").write_text("\n".join(lines) + "\n")
    (tmp_path / "p.csv").write_text("y\n1\n")
    whole = glassnet("predict", folder / "y.glass", "odd.csv", "-o", "p.csv")
    parts = glassnet("predict", folder / "y.glass", "odd.csv", "-o", "p.csv", "--memory", "1k")
    assert (parts.code, parts.error) == (whole.code, whole.error)
    assert "odd.csv, line 1101: 'soon' in column 'number'" in parts.error
    assert glassnet("predict", folder / "y.glass", "odd.csv", "--memory", "1k").out == ""
    assert (tmp_path / "p.csv").read_text() == "y\n1\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["odd.csv", "p.csv"]


def test_a_category_of_numbers_is_found_by_value_however_it_is_written(glassnet, folder, tmp_path):
    numbers = [f"{1 + k % 3},{'07' if k < N else 'x'},1,2,big" for k in range(N)]
    for name, last in (("numbers", "1,07,1,2,big"), ("words", "1,x,1,2,big")):
        (tmp_path / f"{name}.csv").write_text("\n".join(["number,word,note,y,kind", *numbers, last]) + "\n")
        whole = glassnet("predict", folder / "y.glass", f"{name}.csv")
        parts = glassnet("predict", folder / "y.glass", f"{name}.csv", "--memory", "1k")
        assert (whole.out, whole.err) == (parts.out, parts.err)


@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        (("-o", "p.xlsx"), 2, "all rows at once"),
        (("-o", "p.json"), 2, "all rows at once"),
        (("--json",), 2, "--json gives all rows at once"),
        (("--memory", "much"), 2, "--memory must be a number of bytes"),
        (("-o", "there.csv"), 5, "not an earlier result"),
        (("-o", "nowhere/p.csv"), 5, "no such folder"),
        (("--delimiter", ";;"), 2, "--delimiter must be one character"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_read(glassnet, folder, tmp_path, argv, code, words):
    (tmp_path / "there.csv").write_text("mine\n")
    result = glassnet("predict", folder / "y.glass", folder / "cut", *argv)
    assert result.code == code
    assert words in result.error
    assert (tmp_path / "there.csv").read_text() == "mine\n"


def test_files_that_do_not_fit_together_are_named(glassnet, folder, tmp_path):
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / "a.csv").write_bytes((folder / "t.csv").read_bytes())
    (tmp_path / "two" / "b.csv").write_text("number,y\n1,2\n")
    result = glassnet("predict", folder / "y.glass", "two", "-o", "p.csv")
    assert result.code == 3
    assert "b.csv lacks" in result.error
    assert not (tmp_path / "p.csv").exists()
    assert glassnet("predict", folder / "y.glass", "two/*.parquet").code == 5
    (tmp_path / "none").mkdir()
    assert "a folder without files" in glassnet("predict", folder / "y.glass", "none").error
    refused = glassnet("predict", folder / "y.glass", folder / "t.parquet", "--memory", "1k", "--delimiter", ";")
    assert (refused.code, "no CSV file" in refused.error) == (2, True)


def test_the_file_that_is_read_is_not_written_over(glassnet, folder, tmp_path):
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "a.csv").write_bytes((folder / "t.csv").read_bytes())
    assert "is the file that is read" in glassnet("predict", folder / "y.glass", "d/*", "-o", "d/a.csv").error


@pytest.mark.parametrize("target", ["y", "kind"])
@pytest.mark.parametrize("table", ["t.csv", "t.parquet"])
def test_the_same_score(glassnet, folder, target, table):
    more = ("--metrics", "balanced_accuracy" if target == "kind" else "mse")
    argv = ("evaluate", folder / f"{target}.glass", folder / table, *more)
    whole, parts = glassnet(*argv), glassnet(*argv, "--memory", "1k")
    assert whole.code == 0
    assert (whole.out, whole.err) == (parts.out, parts.err)
    of_whole, of_parts = (glassnet(*argv, "--json", *memory).json["score"] for memory in ((), ("--memory", "1k")))
    assert list(of_whole) == list(of_parts)
    for name, value in of_whole.items():
        assert of_parts[name] == (pytest.approx(value, rel=1e-12) if isinstance(value, float) else value)


def test_rows_without_a_target_are_left_out_and_counted(glassnet, folder, tmp_path):
    table = pl.read_parquet(folder / "t.parquet").with_columns(
        y=pl.when(pl.int_range(pl.len()) % 7 == 0).then(None).otherwise("y")
    )
    table.write_csv(tmp_path / "t.csv")
    whole = glassnet("evaluate", folder / "y.glass", "t.csv")
    parts = glassnet("evaluate", folder / "y.glass", "t.csv", "--memory", "1k")
    assert (whole.out, whole.err) == (parts.out, parts.err)
    assert "187 rows without y: left out" in parts.err
    for option in (("--importance",), ("--plot", "p.png")):
        refused = glassnet("evaluate", folder / "y.glass", "t.csv", "--memory", "1k", *option)
        assert refused.code == 2
        assert f"{option[0]} takes a table that is in memory" in refused.error


def test_of_classes_that_are_equally_frequent_the_first_rows_is_named(glassnet, folder, tmp_path):
    table = pl.read_parquet(folder / "t.parquet").group_by("kind").head(100).sort("kind", descending=True)
    table.write_csv(tmp_path / "t.csv")
    for memory in ((), ("--memory", "1k")):
        out = glassnet("evaluate", folder / "kind.glass", "t.csv", *memory).out
        assert "always saying small would be right in 50.0 %" in out


@pytest.mark.parametrize("target", ["y", "kind"])
def test_intervals_and_sets(glassnet, folder, tmp_path, target):
    assert glassnet("calibrate", folder / f"{target}.glass", folder / "t.csv", "-o", "c.glass").code == 0
    whole = glassnet("predict", "c.glass", folder / "t.csv", "--interval", "0.9")
    parts = glassnet("predict", "c.glass", folder / "t.csv", "--interval", "0.9", "--memory", "1k")
    assert (whole.out, whole.err) == (parts.out, parts.err)
    assert whole.out.splitlines()[0].endswith("lower,upper" if target == "y" else "set")
    for name, memory in (("whole", ()), ("parts", ("--memory", "1k"))):
        argv = ("predict", "c.glass", folder / "t.csv", "--interval", "0.9", "-o", f"{name}.parquet")
        assert glassnet(*argv, *memory).code == 0
    assert pl.read_parquet(tmp_path / "whole.parquet").equals(pl.read_parquet(tmp_path / "parts.parquet"))


def test_no_file_is_written_into_the_folder_that_is_read(glassnet, folder, tmp_path):
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "a.csv").write_bytes((folder / "t.csv").read_bytes())
    refused = glassnet("predict", folder / "y.glass", "d", "-o", "d/p.csv")
    assert refused.code == 2
    assert "d/p.csv is in the folder that is read" in refused.error


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_table_that_changes_meanwhile_leaves_everything_as_it_was(glassnet, folder, tmp_path, monkeypatch, kind):
    stamps = iter("ab")
    for parts in (CsvParts, ParquetParts):
        monkeypatch.setattr(parts, "stamp", lambda of: next(stamps))
    (tmp_path / "p.csv").write_text("y\n1\n")
    refused = glassnet("predict", folder / "y.glass", folder / f"t.{kind}", "-o", "p.csv", "--memory", "1k")
    assert refused.code == 3
    assert f"t.{kind} was changed while it was read" in refused.error
    assert (tmp_path / "p.csv").read_text() == "y\n1\n"
    assert [path.name for path in tmp_path.iterdir()] == ["p.csv"]


def test_a_damaged_file_is_named_with_its_rows_and_nothing_is_written(glassnet, folder, tmp_path):
    content = bytearray((folder / "t.parquet").read_bytes())
    low, high = len(content) // 2, len(content) * 3 // 4
    content[low:high] = bytes(high - low)
    (tmp_path / "t.parquet").write_bytes(content)
    refused = glassnet("predict", folder / "y.glass", "t.parquet", "-o", "p.jsonl", "--memory", "1k")
    assert refused.code == 3
    assert "t.parquet, rows" in refused.error
    assert not (tmp_path / "p.jsonl").exists()


def test_a_full_disk_is_said_of_the_file_that_was_asked_for(glassnet, folder, tmp_path, monkeypatch):
    def full(self, rows):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(TextParts, "add", full)
    refused = glassnet("predict", folder / "y.glass", folder / "cut", "-o", "p.csv")
    assert refused.code == 5
    assert "cannot write 'p.csv': no space left on device" in refused.error
    assert not any(tmp_path.iterdir())
