"""A file is what its name says, or the name is refused."""

import gzip
import json

import pytest

MADE = {"derivation": [], "predict": ["penguins"], "eject": ["c"], "explain": ["penguins"]}


@pytest.mark.parametrize(
    ("command", "name", "words"),
    [
        ("derivation", "d.pdf", ".txt or .html or .tex"),
        ("derivation", "d.docx", "got 'd.docx'"),
        ("derivation", "d.html.gz.zip", "--output must end in"),
        ("derivation", "d.glass", "--output must end in"),
        ("predict", "p.pdf", ".csv"),
        ("predict", "p.feather", ".parquet"),
        ("predict", "p.xls", ".xlsx"),
        ("predict", "p.parquet.gz", "got 'p.parquet.gz'"),
        ("predict", "p.zip", "--output must end in"),
        ("eject", "x.py", "--output must end in .c"),
        ("eject", "x.so", "got 'x.so'"),
        ("explain", "e.pdf", ".html"),
        ("explain", "e.txt.gz", ".html"),
    ],
)
def test_a_name_of_another_kind_is_refused_and_nothing_is_written(glassnet, model, tmp_path, command, name, words):
    for option in ("-o", "--output"):
        result = glassnet(command, model, *MADE[command], option, name)
        assert result.code == 2
        assert words in result.error
        assert not (tmp_path / name).exists()


@pytest.mark.parametrize("name", ["m.onnx", "m.pt", "m.py", "m.csv", "m.pdf", "m.json", "m.GLASS.gz"])
def test_a_model_is_no_other_kind_of_file(glassnet, tmp_path, name):
    result = glassnet("train", "xor", "--epochs", 1, "--output", name, "--no-plot")
    assert result.code == 2
    assert "--output must end in .glass or .safetensors" in result.error
    assert not (tmp_path / name).exists()
    assert glassnet("train", "xor", "--epochs", 1, "--plot", "x.txt").code == 2
    assert glassnet("reproduce", "xor", "--plot", "x.txt").code == 2
    assert [path.name for path in tmp_path.iterdir()] == []


@pytest.mark.parametrize("name", ["m.glass", "m.safetensors", "model", "model-0.1"])
def test_a_model_may_have_a_name_without_an_ending(glassnet, tmp_path, name):
    assert glassnet("train", "xor", "--epochs", 1, "--output", name, "--no-plot", "-q").code == 0
    assert glassnet("summary", name).code == 0


def test_an_ending_says_what_is_written(glassnet, model, tmp_path):
    for name, start in {
        "d.txt": "11-16-3",
        "d.TEX": "\\",
        "d.html": "<!doctype",
        "d.htm": "<!doctype",
        "d": "11",
    }.items():
        assert glassnet("derivation", model, "-o", name).code == 0, name
        assert (tmp_path / name).read_text(encoding="utf-8").startswith(start)
    assert glassnet("derivation", model, "-o", "d.json").code == 0
    assert json.loads((tmp_path / "d.json").read_text(encoding="utf-8"))["output"] == "L"
    assert "\\documentclass" in (tmp_path / "d.TEX").read_text(encoding="utf-8")
    assert glassnet("derivation", model, "-o", "d.txt.gz").code == 0
    assert gzip.decompress((tmp_path / "d.txt.gz").read_bytes()) == (tmp_path / "d.txt").read_bytes()
    assert glassnet("derivation", model, "-o", "page", "--format", "html").code == 0
    assert (tmp_path / "page").read_text(encoding="utf-8").startswith("<!doctype")


def test_a_format_and_a_name_that_say_two_things_are_refused(glassnet, model, tmp_path):
    result = glassnet("derivation", model, "--format", "latex", "-o", "d.html")
    assert result.code == 2
    assert "two things" in result.error
    assert not (tmp_path / "d.html").exists()


@pytest.mark.parametrize(
    ("language", "name"),
    [("numpy", "n.py"), ("r", "n.R"), ("r", "n.r"), ("javascript", "n.js"), ("javascript", "n.mjs")],
)
def test_a_program_has_its_languages_ending(glassnet, model, tmp_path, language, name):
    assert glassnet("eject", model, language, "-o", name).code == 0
    assert (tmp_path / name).exists()


def test_predictions_in_every_kind_are_the_same(glassnet, model, tmp_path):
    rows = [line.split(",") for line in glassnet("predict", model, "penguins", "-q").out.splitlines()]
    names, cells = rows[0], [[row[0], *map(float, row[1:])] for row in rows[1:]]
    for kind in ("csv", "txt", "tsv", "json", "jsonl", "ndjson", "parquet", "xlsx", "csv.gz", "JSON"):
        result = glassnet("predict", model, "penguins", "-q", "-o", f"p.{kind}")
        assert result.code == 0, result.err
        assert found(tmp_path / f"p.{kind}") == (names, cells), kind


def found(path):
    """Names and rows of a file."""
    data, kind = path.read_bytes(), path.suffix.lower()
    if kind == ".gz":
        data, kind = gzip.decompress(data), ".csv"
    if kind in (".csv", ".txt", ".tsv"):
        rows = [line.split("\t" if kind == ".tsv" else ",") for line in data.decode().splitlines()]
        return rows[0], [[row[0], *map(float, row[1:])] for row in rows[1:]]
    if kind == ".xlsx":
        from openpyxl import load_workbook

        names, *rows = load_workbook(path).active.iter_rows(values_only=True)
        return list(names), [list(row) for row in rows]
    if kind == ".parquet":
        import polars

        records = polars.read_parquet(path).rows(named=True)
    else:
        records = json.loads(data) if kind == ".json" else [json.loads(line) for line in data.splitlines()]
    return list(records[0]), [list(record.values()) for record in records]


@pytest.mark.parametrize(("name", "library"), [("p.xlsx", "openpyxl"), ("p.parquet", "polars")])
def test_without_the_library_one_line_says_which(glassnet, model, tmp_path, monkeypatch, name, library):
    import importlib.util
    import sys

    for module in ("polars", "pyarrow", "fastparquet", "openpyxl"):
        monkeypatch.setitem(sys.modules, module, None)
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        "glassnet.data.tables.frame_files.find_spec",
        lambda name, package=None: None if name in ("polars", "pyarrow", "fastparquet") else find_spec(name, package),
    )
    result = glassnet("predict", model, "penguins", "-q", "-o", name)
    assert result.code == 5
    assert library in result.error
    assert "pip install" in result.error
    assert not (tmp_path / name).exists()
