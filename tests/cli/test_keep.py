"""Cells that are copied are copied as text, whatever they look like."""

import csv
import gzip
import io
import json
import os
import subprocess
import sys
import threading
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from glassnet.cli import main

NASTY = ["01234", "12345678901234567890", "NA", "?", "39.10", "1e3", "-0", "+7", " padded", "trailing  ", "", "null"]


@pytest.fixture(scope="session")
def xor_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("xor") / "xor.glass"
    assert main(["train", "xor", "--epochs", "20", "--output", str(path), "--no-plot", "--quiet"]) == 0
    return path


@pytest.fixture
def keep(glassnet, xor_file, tmp_path):
    """The output for a table, line by line, without what predict puts at the end of each."""

    def run(content, *options, name="t.csv"):
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        result = glassnet("predict", xor_file, name, "--keep", "--quiet", *options)
        assert (result.code, result.err) == (0, ""), result.err
        return result.out

    return run


def own(out, separator=","):
    """The lines of an output without the three cells that predict adds."""
    return [line.rsplit(separator, 3)[0] for line in out.splitlines()]


def test_what_looks_like_a_number_stays_as_it_is(keep):
    text = "x1,x2,zip,id\n0,1,01234,12345678901234567890\n1.0,0.0,NA,?\n 1 , 0,39.10,1e300\n"
    assert own(keep(text)) == text.splitlines()


@pytest.mark.parametrize("cell", NASTY)
def test_a_column_of_any_texts(keep, cell):
    text = f"x1,x2,cell\n0,1,{cell}\n1,0,7\n"
    assert own(keep(text)) == text.splitlines()


def test_inputs_that_are_missing_or_written_otherwise_stay_too(keep):
    text = "x1,x2\n00.50,NA\n1e0,?\n,0\n"
    assert own(keep(text)) == text.splitlines()


@pytest.mark.parametrize("separator", [";", "\t", ","])
def test_the_tables_own_delimiter_and_quotation_marks(keep, separator):
    rows = [
        ["x1", "x2", "note"],
        ["0", "1", '"a, b; c\td"'],
        ["1", "0", '"say ""hi"""'],
        ["1", "1", '"01"'],
        ["0", "0", '""'],
    ]
    text = "\n".join(separator.join(row) for row in rows) + "\n"
    assert own(keep(text), separator) == text.splitlines()


def test_a_delimiter_that_is_said_and_a_decimal_comma(keep):
    out = keep("x1|x2|zip\n0|1|01\n", "--delimiter", "|")
    assert own(out, "|") == ["x1|x2|zip", "0|1|01"]
    out = keep("x1;x2;price\n0,0;1,0;39,10\n", "--decimal", ",")
    assert own(out, ";") == ["x1;x2;price", "0,0;1,0;39,10"]
    probabilities = [float(cell.replace(",", ".")) for cell in out.splitlines()[1].split(";")[-2:]]
    assert "." not in out.splitlines()[1]
    assert sum(probabilities) == pytest.approx(1)


def test_quoted_line_ends_empty_lines_and_other_line_ends(keep):
    out = keep('\n\nx1,x2,note\r\n0,1,"two\nlines"\r\n\r\n1,0,"a\r\n\r\nb"\r\n')
    rows = list(csv.reader(io.StringIO(out, newline="")))
    assert [row[:3] for row in rows] == [["x1", "x2", "note"], ["0", "1", "two\nlines"], ["1", "0", "a\r\n\r\nb"]]
    assert out.startswith('x1,x2,note,y,p(0),p(1)\n0,1,"two\nlines",')


def test_another_encoding_and_a_packed_file(keep, tmp_path):
    assert own(keep("x1,x2,ö\n0,1,ä \n".encode("latin-1"), "--encoding", "latin-1")) == ["x1,x2,ö", "0,1,ä "]
    assert own(keep(b"\xef\xbb\xbfx1,x2,a\n0,1,01\n")) == ["x1,x2,a", "0,1,01"]
    assert own(keep(gzip.compress(b"x1,x2,a\n0,1,01\n"), name="t.csv.gz")) == ["x1,x2,a", "0,1,01"]


def test_words_that_mean_missing_stay(keep):
    assert own(keep("x1,x2\n-999,1\n0,1\n", "--missing", "-999")) == ["x1,x2", "-999,1", "0,1"]


def test_from_stdin_and_from_a_pipe(xor_file, tmp_path):
    text = "x1,x2,zip\n0,1,01234\n"
    command = [sys.executable, "-m", "glassnet.cli", "predict", str(xor_file)]
    done = subprocess.run([*command, "-", "--keep", "-q"], input=text, capture_output=True, text=True, cwd=tmp_path)
    assert own(done.stdout) == text.splitlines(), done.stderr
    if hasattr(os, "mkfifo"):
        pipe = tmp_path / "pipe.csv"
        os.mkfifo(pipe)
        writer = threading.Thread(target=pipe.write_text, args=(text,))
        writer.start()
        done = subprocess.run([*command, str(pipe), "--keep", "-q"], capture_output=True, text=True, cwd=tmp_path)
        writer.join()
        assert own(done.stdout) == text.splitlines(), done.stderr


def test_a_built_in_table_stays_as_it_is(glassnet, model):
    from glassnet.datasets.birds import PENGUINS_CSV

    out = glassnet("predict", model, "penguins", "--keep", "--quiet", "--no-probabilities").out
    assert [line.rsplit(",", 1)[0] for line in out.splitlines()] == PENGUINS_CSV.read_text().splitlines()


def test_predictions_are_those_without_keep(glassnet, model):
    plain = glassnet("predict", model, "penguins", "--quiet").out.splitlines()[1:]
    kept = glassnet("predict", model, "penguins", "--quiet", "--keep").out.splitlines()[1:]
    assert [line.split(",", 8)[-1] for line in kept] == plain


def test_a_name_that_is_taken_is_refused(glassnet, xor_file, tmp_path):
    (tmp_path / "t.csv").write_text("x1,x2,p(0)\n0,1,2\n")
    result = glassnet("predict", xor_file, "t.csv", "--keep", "-q")
    assert result.code == 3
    assert "already has a column 'p(0)'" in result.error
    assert result.out == ""


cells = st.text(
    st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=["Cs"]), max_size=8
) | st.sampled_from(NASTY)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=5))
def test_any_cells_come_back(keep, rows):
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerows([["x1", "x2", "a", "b"], *(["0", "1", *row] for row in rows)])
    content = text.getvalue()
    out = keep(content)
    found = list(csv.reader(io.StringIO(out, newline="")))
    assert [tuple(row[2:4]) for row in found[1:]] == rows


# as JSON, Parquet and Excel


def test_json_stays_as_it_is(keep, glassnet, xor_file, tmp_path):
    text = '[{"x1": 0, "x2": 1.0, "id": 12345678901234567890, "zip": "01", "ok": true, "no": null, "price": 39.10}]'
    out = keep(text, name="r.json")
    assert own(out) == ["x1,x2,id,zip,ok,no,price", "0,1.0,12345678901234567890,01,True,,39.10"]
    assert glassnet("predict", xor_file, "r.json", "--keep", "-q", "-o", "p.json").code == 0
    written = (tmp_path / "p.json").read_text()
    assert text[2:-2] in written
    assert json.loads(written)[0]["y"] in (0, 1)


@pytest.mark.parametrize("text", ["[[0, 1]]", " [ [\n0, 1]]", '[["a"], [1]]', "[[]]", "[[{}]]", "[[-1]]"])
def test_lists_in_a_list_are_json_and_no_csv(xor_file, tmp_path, text):
    command = [sys.executable, "-m", "glassnet.cli", "predict", str(xor_file), "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, cwd=tmp_path)
    assert "a table in JSON is a list of records" in " ".join(done.stderr.split())


def test_a_csv_whose_first_name_begins_with_brackets_is_csv(glassnet, xor_file, tmp_path):
    (tmp_path / "r.txt").write_text("[[a]],x1,x2\n1,0,1\n")
    assert glassnet("predict", xor_file, "r.txt").code == 0


def test_json_in_a_pipe_is_read_and_under_another_name_it_is_refused(glassnet, xor_file, tmp_path):
    for text in (
        '[{"x1": 0, "x2": 1}]',
        '{"x1": 0, "x2": 1}\n{"x1": 1, "x2": 1}\n',
        '{\n"x1": 0,\n"x2": 1\n}',
        "[\n {}]",
    ):
        (tmp_path / "r.txt").write_text(text)
        result = glassnet("predict", xor_file, "r.txt")
        assert result.code == 3
        assert "r.txt begins as JSON does" in result.error
        command = [sys.executable, "-m", "glassnet.cli", "predict", str(xor_file), "-", "--json"]
        done = subprocess.run(command, input=text, capture_output=True, text=True, cwd=tmp_path)
        found = json.loads(done.stdout)
        assert found.get("rows") == (None if "{}" in text else text.count("x1")), done.stderr


def table(path):
    if path.suffix == ".parquet":
        import polars

        return polars.read_parquet(path).rows(named=True)
    from openpyxl import load_workbook

    names, *rows = load_workbook(path).active.iter_rows(values_only=True)
    return [dict(zip(names, row, strict=True)) for row in rows]


@pytest.mark.parametrize("name", ["p.parquet", "p.xlsx"])
def test_parquet_and_excel_lose_nothing(glassnet, xor_file, tmp_path, name):
    text = (
        "x1,x2,zip,id,price,note,formula,half\n"
        '0,1,01234,12345678901234567890,39.10,"a, b",=1+1,0.5\n1,0,99999,7,1,,-x,3\n'
    )
    (tmp_path / "t.csv").write_text(text)
    for _ in range(2):
        assert glassnet("predict", xor_file, "t.csv", "--keep", "-q", "-o", name).code == 0
    first, second = table(tmp_path / name)
    assert {key: first[key] for key in list(first)[:8]} == {
        "x1": 0,
        "x2": 1,
        "zip": "01234",
        "id": "12345678901234567890",
        "price": "39.10",
        "note": "a, b",
        "formula": "=1+1",
        "half": 0.5,
    }
    assert second["note"] is None
    assert first["p(0)"] + first["p(1)"] == pytest.approx(1)
    plain = glassnet("predict", xor_file, "t.csv", "-q").out.splitlines()[1].split(",")
    assert [first["y"], first["p(0)"], first["p(1)"]] == [int(plain[0]), float(plain[1]), float(plain[2])]
    (tmp_path / "u.csv").write_text("x1,x2\n0,1\n")
    assert "--force" in glassnet("predict", xor_file, "u.csv", "--keep", "-q", "-o", name).error
    assert np.array_equal(table(tmp_path / name), [first, second])
    assert glassnet("predict", xor_file, "u.csv", "--keep", "-q", "-o", name, "--force").code == 0
    assert "zip" not in table(tmp_path / name)[0]


@pytest.mark.parametrize("kind", ["parquet", "xlsx"])
def test_parquet_and_excel_stay_as_they_are(glassnet, xor_file, tmp_path, kind):
    rows = [
        {"x1": 0, "x2": 1.0, "id": 123456789012345678, "zip": "01234", "price": 39.1, "ok": True, "none": None},
        {"x1": 1, "x2": 0.0, "id": 7, "zip": "1", "price": 0.1, "ok": False, "none": None},
    ]
    if kind == "parquet":
        import polars

        polars.DataFrame(rows).write_parquet(tmp_path / "t.parquet")
    else:
        from openpyxl import Workbook

        book = Workbook()
        for row in (list(rows[0]), *(list(row.values()) for row in rows)):
            book.active.append([str(cell) if cell == 123456789012345678 else cell for cell in row])
        book.save(tmp_path / "t.xlsx")
    out = glassnet("predict", xor_file, f"t.{kind}", "--keep", "-q").out
    assert own(out) == [
        "x1,x2,id,zip,price,ok,none",
        "0,1,123456789012345678,01234,39.1,True,",
        "1,0,7,1,0.1,False,",
    ]
    assert glassnet("predict", xor_file, f"t.{kind}", "--keep", "-q", "-o", f"p.{kind}").code == 0
    kept = [{name: cell for name, cell in row.items() if name in rows[0]} for row in table(tmp_path / f"p.{kind}")]
    if kind == "parquet":
        assert kept[0]["id"] == 123456789012345678
    assert kept[0] | {"id": 0, "zip": ""} == rows[0] | {"id": 0, "zip": ""}
    assert kept[1]["zip"] == "1"


@pytest.mark.parametrize("name", ["t.parquet", "t.xlsx"])
def test_what_is_not_what_its_name_says_is_refused(glassnet, xor_file, tmp_path, name):
    for content in (b"x1,x2\n0,1\n", b"", b"PAR1nonsense", b"PK\x03\x04nonsense"):
        (tmp_path / name).write_bytes(content)
        result = glassnet("predict", xor_file, name)
        assert result.code == 3
        assert name in result.error
    assert glassnet("predict", xor_file, name, "--decimal", ",").code == 2
    assert glassnet("predict", xor_file, "gone.xlsx").code == 5


def test_a_table_in_parquet_and_excel_is_trained_on_and_its_rows_are_held_out(glassnet, tmp_path):
    from glassnet.datasets.birds import PENGUINS_CSV

    (tmp_path / "birds.csv").write_bytes(PENGUINS_CSV.read_bytes())
    import polars

    frame = polars.read_csv("birds.csv", null_values="NA")
    frame.write_parquet("birds.parquet")
    from openpyxl import Workbook

    book = Workbook()
    for row in ([*frame.columns], *frame.iter_rows()):
        book.active.append(row)
    book.save("birds.xlsx")
    found = {}
    for kind in ("csv", "parquet", "xlsx"):
        argv = [f"birds.{kind}", "--target", "species", "--epochs", 3, "--no-plot", "--json", "--held-out", "-"]
        found[kind] = glassnet("train", *argv).json
    assert found["csv"]["score"] == found["parquet"]["score"] == found["xlsx"]["score"]
    assert found["csv"]["held_out"]["row"] == found["parquet"]["held_out"]["row"] == found["xlsx"]["held_out"]["row"]


def test_what_excel_cannot_hold_is_one_line(xor_file, tmp_path):
    for cell, words in (("a\x01b", "a character that Excel cannot hold"), ("x" * 40_000, "Excel holds 32,767")):
        (tmp_path / "t.csv").write_text(f"x1,x2,n\n0,1,{cell}\n")
        command = [
            sys.executable,
            "-m",
            "glassnet.cli",
            "predict",
            str(xor_file),
            "t.csv",
            "--keep",
            "-q",
            "-o",
            "p.xlsx",
        ]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
        assert done.returncode == 3
        assert words in done.stderr
        assert done.stderr.count("\n") == 1
        assert not (tmp_path / "p.xlsx").exists()


DATES = {
    "x1": [0, 1, 1],
    "x2": [1, 0, 1],
    "day": [date(2024, 1, 2), None, date(1969, 12, 31)],
    "time": [datetime(2024, 1, 2, 3, 4, 5), datetime(2024, 1, 2), None],
}
IN_ZONES = {
    **DATES,
    "utc": [datetime(2024, 1, 2, 3, tzinfo=UTC)] * 3,
    "berlin": [datetime(2024, 1, 2, 3, tzinfo=ZoneInfo("Europe/Berlin"))] * 3,
    "old": [date(1850, 3, 4)] * 3,
}


def test_dates_of_parquet_stay_dates(glassnet, xor_file, tmp_path):
    import polars

    frame = polars.DataFrame(IN_ZONES)
    frame.write_parquet(tmp_path / "t.parquet")
    for _ in range(2):
        assert glassnet("predict", xor_file, "t.parquet", "--keep", "-q", "-o", "p.parquet").code == 0
    kept = polars.read_parquet(tmp_path / "p.parquet").select(frame.columns)
    assert kept.schema == frame.schema
    assert kept.equals(frame)
    assert glassnet("predict", xor_file, "t.parquet", "--keep", "-q", "-o", "p.xlsx").code == 0
    first, second, third = table(tmp_path / "p.xlsx")
    assert [row["day"] for row in (first, second, third)] == [datetime(2024, 1, 2), None, datetime(1969, 12, 31)]
    assert [row["time"] for row in (first, second, third)] == DATES["time"]
    assert [first["utc"], first["old"]] == ["2024-01-02T03:00:00+00:00", "1850-03-04"]
    out = glassnet("predict", xor_file, "t.parquet", "--keep", "-q").out
    assert own(out)[1] == (
        "0,1,2024-01-02,2024-01-02T03:04:05,2024-01-02T03:00:00+00:00,2024-01-02T03:00:00+01:00,1850-03-04"
    )
    assert glassnet("predict", xor_file, "t.parquet", "--keep", "-q", "-o", "p.json").code == 0
    found = json.loads((tmp_path / "p.json").read_text())
    assert [found[0]["day"], found[1]["day"], found[2]["time"]] == ["2024-01-02", None, None]


def test_dates_of_excel_stay_dates(glassnet, xor_file, tmp_path):
    import polars
    from openpyxl import Workbook, load_workbook

    book = Workbook()
    for row in ([*DATES], *zip(*DATES.values(), strict=True)):
        book.active.append(row)
    book.save(tmp_path / "t.xlsx")
    assert glassnet("predict", xor_file, "t.xlsx", "--keep", "-q", "-o", "p.xlsx").code == 0
    kept = table(tmp_path / "p.xlsx")
    assert [row["time"] for row in kept] == DATES["time"]
    formats = [cell.number_format for cell in next(load_workbook(tmp_path / "p.xlsx").active.iter_rows(min_row=2))]
    assert formats[2:4] == ["yyyy-mm-dd", "yyyy-mm-dd h:mm:ss"]
    assert glassnet("predict", xor_file, "t.xlsx", "--keep", "-q", "-o", "p.parquet").code == 0
    schema = polars.read_parquet(tmp_path / "p.parquet").schema
    assert schema["day"] == schema["time"] == polars.Datetime("us")
    argv = ["train", "t.xlsx", "-t", "x1", "--kind", "classes", "--epochs", 2, "--test", 0.4, "--no-plot", "-q"]
    assert glassnet(*argv, "--held-out", "h.xlsx").code == 0
    assert all(isinstance(row["time"], datetime | None) for row in table(tmp_path / "h.xlsx"))


TAGS = '[{"x1": 0, "x2": 1, "tags": ["a", 1.50, {"é": null}]},\n {"x1": 1, "x2": 0}]'


def test_a_cell_that_no_column_can_be_made_of_is_copied_and_not_used(keep):
    header, first, second = own(keep(TAGS, name="t.json"))
    assert next(csv.reader([first])) == ["0", "1", '["a", 1.50, {"é": null}]']
    assert (header, second) == ("x1,x2,tags", "1,0,")


def test_a_cell_that_no_column_can_be_made_of_is_copied_into_json(glassnet, xor_file, tmp_path):
    (tmp_path / "t.json").write_text(TAGS, encoding="utf-8")
    result = glassnet("predict", xor_file, "t.json", "--keep", "--output", "p.json")
    assert (result.code, "not used: 'tags'" in result.err) == (0, True)
    written = (tmp_path / "p.json").read_text(encoding="utf-8")
    assert '"tags": ["a", 1.50, {"é": null}]' in written
    assert [record["tags"] for record in json.loads(written)] == [["a", 1.5, {"é": None}], None]


def test_a_column_that_cannot_be_read_is_left_out_as_the_message_says(glassnet, tmp_path):
    records = [{"x": k % 7, "y": k % 7 * 2.5, "tags": ["a"]} for k in range(60)]
    (tmp_path / "t.json").write_text(json.dumps(records))
    train = ("train", "t.json", "--target", "y", "--epochs", "2", "--no-plot")
    result = glassnet(*train)
    assert result.code != 0
    assert "column 'tags' of t.json: row 1 holds" in result.err
    assert "left out with --exclude 'tags'" in " ".join(result.err.split())
    assert glassnet(*train, "--exclude", "tags").code == 0


def test_the_object_of_json_has_the_rows_that_are_kept(glassnet, xor_file, tmp_path):
    (tmp_path / "t.csv").write_text("x1,x2,zip\n0,1,01234\n1,1,NA\n")
    found = glassnet("predict", xor_file, "t.csv", "--keep", "--json").json
    assert glassnet("predict", xor_file, "t.csv", "--keep", "-q", "-o", "p.json").code == 0
    assert found["kept"] == json.loads((tmp_path / "p.json").read_text())
    assert [row["zip"] for row in found["kept"]] == ["01234", "NA"]
    assert [row["y"] for row in found["kept"]] == found["predictions"]
    assert "kept" not in glassnet("predict", xor_file, "t.csv", "--json").json
    (tmp_path / "t.csv").write_text("x1,x2,p(0)\n0,1,2\n")
    assert "already has a column 'p(0)'" in glassnet("predict", xor_file, "t.csv", "--keep", "--json").error
