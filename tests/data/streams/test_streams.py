"""A table that is read part by part is learnt from as one in memory: the same contract, the same rows held out."""

import gzip
import os

import numpy as np
import polars as pl
import pytest

import glassnet as gn
from glassnet.data.streams import learning, places, seen, source
from glassnet.data.streams.named import source_of
from glassnet.data.streams.source import How
from glassnet.data.streams.stream import bytes_in, streamed
from glassnet.data.tables import as_table, csv_blocks, learn_contract
from glassnet.data.tables.learn import learn_from

arrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")
N = 3000


@pytest.fixture(scope="module")
def table():
    """Numbers, some missing, words, dates, a rare word in the last rows, and a target that is missing now and then."""
    rng = np.random.default_rng(7)
    number = np.where(rng.random(N) < 0.1, None, (rng.normal(5.0, 2.0, N)).round(6))
    return pl.DataFrame(
        {
            "number": pl.Series(number.tolist(), dtype=pl.Float64),
            "whole": rng.integers(0, 100, N),
            "word": [*rng.choice(["red", "green", "blue", None], N - 2).tolist(), "rare", "rare"],
            "day": [f"2024-{1 + k % 12:02}-{1 + k % 28:02}" for k in range(N)],
            "truth": rng.random(N) < 0.5,
            "y": pl.Series([None if k % 97 == 0 else round(float(k % 13) / 7, 6) for k in range(N)], dtype=pl.Float64),
        }
    )


@pytest.fixture
def small_parts(monkeypatch):
    """Parts of 100 rows or so."""
    monkeypatch.setattr(source, "CELLS", 600)


def written(table, folder, kind):
    """The table in files of a kind, and what names them."""
    folder.mkdir()
    if kind == "parquet":
        table.write_parquet(folder / "t.parquet", row_group_size=700)
        return folder / "t.parquet"
    if kind == "csv":
        table.write_csv(folder / "t.csv")
        return folder / "t.csv"
    if kind == "csv.gz":
        (folder / "t.csv.gz").write_bytes(gzip.compress(table.write_csv().encode()))
        return folder / "t.csv.gz"
    if kind == "folder":
        for k in range(3):
            table[k * N // 3 : (k + 1) * N // 3].write_parquet(folder / f"part-{k}.parquet")
        (folder / "_SUCCESS").touch()
        return folder
    if kind == "pattern":
        for k in range(3):
            table[k * N // 3 : (k + 1) * N // 3].write_csv(folder / f"part-{k}.csv")
        return f"{folder}/part-*.csv"
    if kind == "lazy":
        if not hasattr(table.lazy(), "collect_batches"):
            pytest.skip("this polars has no batches")
        return table.lazy()
    if kind == "dataset":
        table.write_parquet(folder / "t.parquet", row_group_size=700)
        import pyarrow.dataset

        return pyarrow.dataset.dataset(folder / "t.parquet")
    return table


KINDS = ["parquet", "csv", "csv.gz", "folder", "pattern", "lazy", "dataset", "frame"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("target", ["y", "word"])
def test_the_contract_is_that_of_the_table_in_memory(table, small_parts, tmp_path, kind, target):
    given = written(table, tmp_path / "files", kind)
    asked = learning.Asked(target=target, share=0.3, seed=11)
    reading = learning.read_first(source_of(given), How(), asked, tmp_path, lambda _: None)
    table.write_csv(tmp_path / "whole.csv")  # where True is true, as in all CSV that polars writes
    whole = gn.read_csv(tmp_path / "whole.csv") if kind in ("csv", "csv.gz", "pattern") else as_table(table)
    known = ~whole.missing(target)
    out = places.held_out(np.arange(N), 0.3, 11)
    assert (reading.given, reading.seen.rows, reading.out) == (N, (known & ~out).sum(), (known & out).sum())
    wanted = learn_contract(whole.rows(known & ~out), target)
    found = learn_from(
        reading.seen.sample.table(), target, reading.seen, kind=None, features=None, exclude=(), categories=()
    )
    alike(found.to_json(), wanted.to_json())
    parts = [*reading.training_rows(lambda _: None)]
    encoded = np.concatenate([wanted.encode(part) for part in parts])
    assert np.array_equal(encoded, wanted.encode(whole.rows(known & ~out)))
    assert np.array_equal(wanted.encode(reading.held), wanted.encode(whole.rows(known & out)))


def alike(found, wanted, path=""):
    """Numbers within 1e-12, everything else the same."""
    assert type(found) is type(wanted), path
    if isinstance(wanted, dict):
        assert found.keys() == wanted.keys(), path
        for key in wanted:
            alike(found[key], wanted[key], f"{path}.{key}")
    elif isinstance(wanted, list):
        assert len(found) == len(wanted), path
        for k, (a, b) in enumerate(zip(found, wanted, strict=True)):
            alike(a, b, f"{path}[{k}]")
    elif isinstance(wanted, float):
        assert found == pytest.approx(wanted, rel=1e-12, abs=1e-12), path
    else:
        assert found == wanted, path


def test_quantiles_of_a_sample_are_within_their_bound(tmp_path, monkeypatch):
    monkeypatch.setattr(seen, "rows_of_sample", lambda columns: 2000)
    rng = np.random.default_rng(3)
    values = rng.gamma(2.0, size=40_000)
    words = np.where(np.arange(40_000) == 39_999, "once", "often")
    given = {"value": values, "word": words.tolist(), "y": rng.normal(size=40_000)}
    reading = learning.read_first(source_of(given), How(), learning.Asked(target="y"), tmp_path, lambda _: None)
    sample = reading.seen.sample.table()
    assert 2000 <= len(sample) < 2100
    found = learn_from(sample, "y", reading.seen, kind=None, features=None, exclude=(), categories=(), scale="robust")
    number, word = found.features
    assert number.fill == number.scaling.median
    assert 0 < abs((values < number.fill).mean() - 0.5) < seen.bound(2000)
    quartiles = np.quantile(values, (0.25, 0.75))
    assert number.scaling.scale == pytest.approx(np.diff(quartiles)[0], rel=0.1)
    assert (number.low, number.high) == (values.min(), values.max())
    assert word.categories == ("often", "once")


def test_where_rows_are_held_out_does_not_depend_on_the_parts():
    whole = places.held_out(np.arange(10_000), 0.2, 5)
    parts = [places.held_out(np.arange(low, low + 37), 0.2, 5) for low in range(0, 9990, 37)]
    assert np.array_equal(whole[:9990], np.concatenate(parts))
    assert abs(whole.mean() - 0.2) < 0.02
    assert abs((whole & places.held_out(np.arange(10_000), 0.2, 6)).mean() - 0.04) < 0.01
    assert not places.held_out(np.arange(100), 0.0, 5).any()
    # the first outputs of SplitMix64 from seed 1234567, as its authors give them
    start = np.full(3, 1234567, np.uint64)
    first = places.mixed(start + np.arange(1, 4, dtype=np.uint64) * places.GOLDEN)
    assert first.tolist() == [6457827717110365317, 3203168211198807973, 9817491932198370423]


# CSV that holds something odd far down


def csv(folder, lines, name="t.csv"):
    path = folder / name
    path.write_text("x,y\n" + "".join(lines))
    return path


@pytest.fixture
def long(monkeypatch):
    """More lines than a block has bytes."""
    monkeypatch.setattr(csv_blocks, "BLOCK", 1 << 14)
    return [f"{k % 1000},{k % 7}\n" for k in range(20_000)]


def read(path, how=None):
    parts = [*source_of(path).parts(how or How(), lambda _: None)]
    return parts, np.concatenate([part.columns["x"] for part in parts])


def test_words_that_come_late_make_the_column_words(tmp_path, long):
    path = csv(tmp_path, [*long, "late,1\n"])
    with pytest.raises(source.Torn, match="x"):
        read(path)
    asked = learning.Asked(target="y", categories=("x",))
    reading = learning.read_first(source_of(path), How(), asked, tmp_path, lambda _: None)
    assert reading.how.words == {"x"}
    assert reading.seen.words("x")["late"] == 1
    assert sum(reading.seen.words("x").values()) == len(long) + 1


def test_what_is_unusual_is_read_line_by_line_from_there(tmp_path, long):
    path = csv(tmp_path, [*long, '"a,1\n'])
    with pytest.raises(gn.DataError, match=r"t.csv, line \d+"):
        read(path)
    path = csv(tmp_path, [*long, '" 5 ",1\n', "\n", "7,2\n"])
    parts, values = read(path)
    assert len(values) == len(long) + 2
    assert values[-2:].tolist() == [5.0, 7.0]
    assert parts[-1].lines[-1] == len(long) + 4


# what cannot be read


@pytest.mark.parametrize(
    ("files", "named", "words"),
    [
        ({}, ".", "is a folder without files"),
        ({"a.csv": "x,y\n1,2\n", "b.csv": "x,z\n1,2\n"}, ".", "b.csv lacks 'y' and has 'z' besides, unlike a.csv"),
        ({"a.csv": "x,y\n1,2\n", "b.csv": "x,y\n"}, ".", "b.csv has a header and no rows"),
        ({"a.csv": "x,y\n1,2\n", "b.parquet": "PAR1"}, ".", "has files of two kinds, 'CSV', 'Parquet'"),
        ({"a.json": "[]"}, "*.json", "a.json is read whole and not part by part"),
        ({"a.md": "x"}, ".", "has no Parquet or CSV file, but 'a.md'"),
        ({"a.parquet": "x,y\n"}, "a.parquet", "is not Parquet, as its name says"),
        ({"a.parquet": "PAR1 and more"}, "a.parquet", "cannot be read as Parquet"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path, files, named, words):
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(gn.DataError, match=words.replace("(", r"\(")):
        read(tmp_path if named == "." else str(tmp_path / named))


def test_a_pattern_that_matches_nothing_and_a_path_that_is_not_there(tmp_path):
    for name in ("*.csv", "no.csv"):
        with pytest.raises(FileNotFoundError):
            source_of(str(tmp_path / name))


def test_types_that_differ_from_file_to_file_are_refused(tmp_path):
    pl.DataFrame({"x": [1], "y": [2]}).write_parquet(tmp_path / "a.parquet")
    pl.DataFrame({"x": ["one"], "y": [2]}).write_parquet(tmp_path / "b.parquet")
    with pytest.raises(gn.DataError, match=r"column 'x' of b.parquet holds words, and numbers in a.parquet"):
        read(tmp_path)


def test_a_damaged_row_group_names_its_rows(tmp_path, small_parts):
    path = tmp_path / "t.parquet"
    pl.DataFrame({"x": np.random.default_rng(0).normal(size=5000), "y": range(5000)}).write_parquet(
        path, row_group_size=1000, compression="zstd"
    )
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 2000] = bytes(2000)
    path.write_bytes(content)
    with pytest.raises(gn.DataError, match=r"t.parquet, rows [\d,]+ to [\d,]+ cannot be read"):
        read(path)


def test_a_file_that_changes_meanwhile_is_refused(tmp_path):
    path = csv(tmp_path, ["1,2\n", "2,3\n"])
    found = source_of(path)
    stamp = found.stamp()
    os.utime(path, ns=(1, 1))
    with pytest.raises(gn.DataError, match=r"t.csv was changed while it was read"):
        source.check_unchanged(found, stamp)


# which tables are read part by part


def test_what_is_too_large_for_memory_is_streamed(tmp_path):
    path = csv(tmp_path, ["1,2\n"] * 1000)
    assert streamed(str(path), None, lambda: 10**9) is None
    assert streamed(str(path), "1kB", lambda: 10**9) is not None
    assert streamed(str(path), None, lambda: 1000) is not None
    assert streamed(tmp_path, None, lambda: 10**9) is not None
    assert streamed([str(path)], None, lambda: 10**9) is not None
    assert streamed({"x": [1]}, "1kB", lambda: 10) is None
    with pytest.raises(ValueError, match="memory must be a number of bytes"):
        bytes_in("lots")
