"""Columns as `glassnet train` finds them: rare words, dates, and what it remarks upon before it trains."""

import numpy as np
import pytest

from glassnet.model.load import load

N = 200


@pytest.fixture
def table(tmp_path):
    """Write a CSV file, a column of numbers x and a target y in it besides those given; its name."""

    def write(**columns):
        rng = np.random.default_rng(2)
        columns = {**columns, "x": rng.normal(size=N).round(3), "y": rng.normal(size=N).round(3)}
        lines = [",".join(columns), *(",".join(map(str, row)) for row in zip(*columns.values(), strict=True))]
        (tmp_path / "t.csv").write_text("\n".join(lines) + "\n")
        return "t.csv"

    return write


def train(glassnet, table, *more):
    return glassnet("train", table, "--target", "y", "--epochs", 2, "--no-plot", *more)


def one_line(text):
    return " ".join(text.split())


STATES = [f"S{k % 51:02}" for k in range(N)]


def test_rare_words_become_other_and_it_is_said(glassnet, table):
    result = train(glassnet, table(state=STATES), "--max-categories", 11)
    assert result.code == 0
    said = one_line(result.out)
    assert "count as other, and so does a word that is new: " in said
    assert "--max-categories 51 keeps all" in said
    assert "max_categories" not in result.out
    contract = load("t.glass").contract
    assert len(contract.features[0].categories) == 10
    assert len(contract.features[0].other) == 41
    assert "count as other" in one_line(glassnet("summary", "t.glass").out)


def test_notes_on_other_words_are_in_json(glassnet, table):
    notes = train(glassnet, table(state=STATES), "--max-categories", 11, "--json").json["notes"]
    assert any(note.endswith("--max-categories 51 keeps all") for note in notes)


def test_what_is_chosen_about_columns_is_in_the_model_and_said(glassnet, table):
    columns = {"state": STATES, "two": ["u", "v"] * (N // 2), "gap": ["" if k % 20 == 0 else k for k in range(N)]}
    chosen = ("--scale", "robust", "--fill", "mean", "--words", "embed", "--clamp", "--max-categories", 20)
    assert train(glassnet, table(**columns), *chosen).code == 0
    said = one_line(glassnet("summary", "t.glass").out)
    assert "predictions held to this range" in said
    assert "numbers are scaled by median and quartiles and smoothly held within ±3" in said
    assert "filled with the mean" in said
    assert "a column of two words is one input, -1 or 1" in said
    groups = load("t.glass").contract.groups
    assert [(group.name, len(group.inputs), group.embed) for group in groups] == [
        ("state", 20, True),
        ("two", 1, False),
        ("gap", 2, False),
        ("x", 1, False),
    ]
    assert glassnet("eject", "t.glass", "numpy", "--verify").code == 0


@pytest.mark.parametrize(
    ("option", "value", "known"),
    [("--scale", "rubust", "robust"), ("--fill", "meen", "mean"), ("--words", "embedd", "embed")],
)
def test_a_choice_that_there_is_not_is_refused(glassnet, table, option, value, known):
    result = train(glassnet, table(), option, value)
    assert result.code == 2
    assert f"unknown {option} '{value}' (did you mean '{known}'?)" in result.error


def test_too_low_a_limit_is_refused(glassnet, table):
    result = train(glassnet, table(state=STATES), "--max-categories", 1)
    assert result.code == 2
    assert result.error == "error: --max-categories must be >= 2, a word and all others, got 1"


def spoilt(table):
    return table(**{"id": range(N), "b'lon": [k % 7 for k in range(N)], "k": STATES[::-1]})


def test_what_looks_wrong_about_a_column_is_said_before_training(glassnet, table):
    result = train(glassnet, spoilt(table))
    said = one_line(result.out[: result.out.index("Network ")])
    assert "id: counts the rows; if it is only their number, leave it out with --exclude 'id'" in said
    assert "b'lon: a name that was bytes in Python, read it as 'lon'? rename it" in said
    without = train(glassnet, spoilt(table), "--exclude", "id,b'lon")
    assert "counts the rows" not in without.out
    assert "bytes" not in without.out


def test_what_looks_wrong_is_in_json_and_in_the_summary(glassnet, table):
    notes = train(glassnet, spoilt(table), "--json").json["notes"]
    assert "id: counts the rows; if it is only their number, leave it out with --exclude 'id'" in notes
    assert [note for note in notes if note.startswith("b'lon: a name that was bytes")]
    assert "id: counts the rows" in one_line(glassnet("summary", "t.glass").out)


def test_a_column_that_says_the_target_is_remarked_upon(glassnet, tmp_path):
    (tmp_path / "t.csv").write_text(
        "a,name,y\n" + "".join(f"{k},{'nv'[k % 2]},{['no', 'yes'][k % 2]}\n" for k in range(40))
    )
    said = one_line(train(glassnet, "t.csv", "--exclude", "a").out)
    assert "name: says the target 'y' in other words, one for each of its 2 values; " in said
    assert "leave it out with --exclude 'name'" in said


def test_dates_are_read_and_it_is_said(glassnet, table, tmp_path):
    days = [f"2023-{1 + k % 12:02}-{1 + k % 28:02}" for k in range(N)]
    result = train(glassnet, table(sold=days))
    assert result.code == 0
    said = one_line(result.out)
    assert (
        "sold: dates, 2023-01-01 to 2023-12-28; read as days, and as places on circles: time of year (the month)"
        in said
    )
    assert "10 from 2 columns" in said
    assert (
        "sold    date    2023-01-01 to 2023-12-28  days, time of year, time of week"
        in glassnet("summary", "t.glass").out
    )
    (tmp_path / "new.csv").write_text("x,sold\n0.5,2024-02-29T12:30\n0.5,2024-02-30\n")
    wrong = glassnet("predict", "t.glass", "new.csv")
    assert wrong.code == 3
    assert (
        "error: new.csv, line 3: '2024-02-30' in column 'sold' is not a date, and the column must be dates"
        in wrong.error
    )
    (tmp_path / "new.csv").write_text("x,sold\n0.5,2024-02-29T12:30\n0.5,\n")
    right = glassnet("predict", "t.glass", "new.csv", "--keep")
    assert right.out.splitlines()[1].startswith("0.5,2024-02-29T12:30,")
    assert "sold: 1 date lies outside 2023-01-01 to 2023-12-28" in one_line(right.err)
    assert glassnet("eject", "t.glass", "numpy", "--verify").code == 0


def test_a_date_that_cannot_be_read_is_refused_before_training(glassnet, table):
    days = [f"2023-01-{1 + k % 28:02}" for k in range(N)]
    days[10] = "2023-01-32"
    result = train(glassnet, table(sold=days))
    assert result.code == 3
    assert "t.csv, line 12: '2023-01-32' in column 'sold' is not a date" in result.error
