"""The rows held out, and the history, for people and programs."""

import csv
import io
import json
import subprocess
import sys

import pytest

from glassnet.cli.held_out import free
from glassnet.model.load import load

NASTY = "id,zip,a,note,y\n" + "".join(
    f'{10**19 + k},{k:05},{k}.10,"a, ""{k}""\nb",{k % 2}\n' + ("\n" if k % 7 == 0 else "") for k in range(60)
)


@pytest.fixture
def trained(glassnet, tmp_path):
    (tmp_path / "t.csv").write_text(NASTY)
    argv = ["t.csv", "--target", "y", "--exclude", "id,note", "--epochs", 2, "--no-plot"]
    return lambda *more: glassnet("train", *argv, *more)


def test_the_rows_are_as_in_the_table_and_say_where_they_are(trained, glassnet, tmp_path):
    result = trained("--held-out", "h.csv")
    assert result.code == 0, result.err
    assert "h.csv" in result.out
    assert "--held-out FILE" not in result.out
    rows = [row for row in csv.reader(io.StringIO(NASTY, newline="")) if row][1:]
    held = list(csv.DictReader(io.StringIO((tmp_path / "h.csv").read_text(), newline="")))
    assert len(held) == 12
    lines = NASTY.split("\n")
    for row in held:
        assert list(row.values())[:5] == rows[int(row["row"]) - 1]
        assert lines[int(row["line"]) - 1].startswith(f"{row['id']},{row['zip']},")
    header, *texts = (tmp_path / "h.csv").read_text().split("\n1")
    assert header == "id,zip,a,note,y,row,line"
    assert all("1" + text.rstrip("\n").rsplit(",", 2)[0] in NASTY for text in texts)
    again = trained("--held-out", "h.csv", "--json").json
    assert again["held_out"] == {
        "file": "h.csv",
        "row": [int(row["row"]) for row in held],
        "line": [int(row["line"]) for row in held],
    }
    scored = glassnet("evaluate", "t.glass", "h.csv", "--json").json["score"]
    assert scored == scored | {**again["score"], "on": "rows"}  # and more of the probabilities
    assert len(held) == again["rows"]["test"]


def test_json_has_rows_and_history_on_request_and_not_unasked(trained):
    assert {"held_out", "history"} & {*trained("--json").json} == set()
    found = trained("--json", "--held-out", "-", "--history").json
    assert found["held_out"]["file"] is None
    assert len(found["held_out"]["rows"]) == len(found["held_out"]["row"]) == 12
    first = found["held_out"]["rows"][0]
    assert first["zip"] == f"{first['row'] - 1:05}"
    assert first["a"] == f"{first['row'] - 1}.10"
    history = load("t.glass").history
    assert found["history"] == {name: list(column) for name, column in history.columns.items()}
    assert len(found["history"]["val_loss"]) == 2


def test_the_output_says_that_they_can_be_written(trained):
    assert "(--held-out FILE writes them)" in " ".join(trained().out.split())


def test_of_a_built_in_table_of_json_and_of_stdin(glassnet, tmp_path):
    found = glassnet("train", "penguins", "--epochs", 1, "--no-plot", "--json", "--held-out", "h.json").json
    rows = json.loads((tmp_path / "h.json").read_text())
    assert [row["line"] for row in rows] == found["held_out"]["line"] == [k + 1 for k in found["held_out"]["row"]]
    found = glassnet("train", "moons", "--epochs", 1, "--no-plot", "--json", "--held-out", "-").json["held_out"]
    assert list(found["rows"][0]) == ["x1", "x2", "y", "row"]
    (tmp_path / "r.jsonl").write_text(
        "\n".join(f'{{"a": {k}.50, "y": "{"no" if k % 3 else "yes"}"}}' for k in range(40))
    )
    argv = ["--target", "y", "--epochs", 1, "--no-plot", "--held-out", "h.jsonl"]
    assert glassnet("train", "r.jsonl", *argv, "-q").code == 0
    first = (tmp_path / "h.jsonl").read_text().splitlines()[0]
    row = json.loads(first)["row"]
    assert first == f'{{"a": {row - 1}.50, "y": "{"no" if (row - 1) % 3 else "yes"}", "row": {row}, "line": {row}}}'
    text = "a,zip,y\n" + "".join(f"{k},{k:05},{k % 2}\n" for k in range(30))
    command = [sys.executable, "-m", "glassnet.cli", "train", "-", *map(str, argv[:-1]), "h.tsv", "-q"]
    assert subprocess.run(command, input=text, text=True, cwd=tmp_path).returncode == 0
    assert (tmp_path / "h.tsv").read_text().splitlines()[1].split("\t")[1] in text


@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        (["xor", "--held-out", "h.csv"], 2, "none are; give --test"),
        (["penguins", "--held-out", "h.csv", "--test", "0"], 2, "none are; give --test"),
        (["penguins", "--held-out", "h.pdf"], 2, "--held-out must end in"),
        (["penguins", "--held-out", "-"], 2, "--json"),
        (["penguins", "--history"], 2, "--json"),
        (["penguins", "--held-out", "mine.csv"], 5, "--force"),
        (["penguins", "--held-out", "no/h.csv"], 5, "no such folder"),
        (["mine.csv", "--target", "y", "--held-out", "mine.csv", "--force"], 2, "is the file that is read"),
        (["penguins", "--held-out", "a.txt", "--output", "a.txt"], 2, "must end in"),
        (["penguins", "--held-out", "a", "--output", "a"], 2, "same file"),
    ],
)
def test_what_cannot_be_is_said_before_the_training(glassnet, tmp_path, monkeypatch, argv, code, words):
    def never(*_, **__):
        raise AssertionError("trained although the command was wrong")

    (tmp_path / "mine.csv").write_text("x,y\n1,2\n")
    monkeypatch.setattr("glassnet.cli.train.run", never)
    result = glassnet("train", *argv)
    assert result.code == code, result.err
    assert words in result.error
    assert [path.name for path in tmp_path.iterdir()] == ["mine.csv"]


def test_a_name_that_is_taken_is_told_apart():
    assert free("row", ("a",)) == "row"
    assert free("row", ("row", "row (held out)")) == "row (held out) (held out)"


def test_the_curve_follows_the_training_and_the_engine_comes_after(glassnet):
    lines = glassnet("train", "xor", "--epochs", 30, "--engine", "compiled", "--no-plot").out.splitlines()
    k = next(k for k, line in enumerate(lines) if line.startswith("Training"))
    assert lines[k + 1].split()[0] == "loss"
    assert any(line.startswith("Engine") for line in lines[k + 2 :])


def test_truth_values_held_out_as_csv_are_those_that_training_had_in_json(glassnet, tmp_path):
    rows = [{"f": k % 2 == 0, "g": k % 3 == 0, "x": k % 7} for k in range(40)]
    (tmp_path / "b.json").write_text(json.dumps(rows))
    (tmp_path / "b.csv").write_text("f,g,x\n" + "".join(json.dumps([*row.values()])[1:-1] + "\n" for row in rows))
    argv = ["-t", "f", "--epochs", 3, "--no-plot", "--json", "--held-out", "bh.csv"]
    trained = glassnet("train", "b.json", *argv).json
    assert (tmp_path / "bh.csv").read_text().splitlines()[1].split(",")[0] in ("True", "False")
    scored = glassnet("evaluate", "b.glass", "bh.csv", "--json").json["score"]
    assert scored == scored | {**trained["score"], "on": "rows"}
    predicted = [glassnet("predict", "b.glass", name, "-q").out for name in ("b.json", "b.csv")]
    assert predicted[0] == predicted[1]
    assert "not seen" not in glassnet("predict", "b.glass", "b.csv").err
