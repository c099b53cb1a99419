"""The accuracy on tables: splits, scores, what is pooled of results and told. Of rivals two learn, from 60 rows."""

import hashlib
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from glassnet.data.tables import Table
from glassnet.data.tables.words import Words

BENCHMARKS = str(Path(__file__).resolve().parents[2] / "benchmarks")
sys.path.append(BENCHMARKS)  # for these imports alone: its files have names like `tables`
try:
    import kept
    from accuracy import picture, telling
    from accuracy.frames import Frames
    from accuracy.measuring import Job, jobs, measure
    from accuracy.pooled import Results, beside
    from accuracy.problems import Problem, held_out_rows, problems
    from accuracy.rivals import RIVALS
    from accuracy.scores import error, log_loss
finally:
    sys.path.remove(BENCHMARKS)

CLASSES = Problem(name="c", target="kind", classes=("a", "b"), rows=50, sha256="", source="p 1: c.dat")
NUMBER = Problem(name="n", target="y", classes=(), rows=50, sha256="", source="p 1: n.dat")
BASE, OTHER = "HistGradientBoosting", "XGBoost"


def line(table: str, split: int, rival: str, error: float, **more: object) -> dict[str, object]:
    known = {"log_loss": None if table == "n" else 2 * error, "rows": 10, "fit": [3.0, 2.0], "predict": [0.1, 0.1]}
    where = {"threads": 1, "versions": {"numpy": "2"}, "machine": "one, 2 cores", "busy": True}
    return {"table": table, "split": split, "rival": rival, "error": error, **known, **where, **more}


def results(*lines: dict[str, object]) -> Results:
    return Results(lines, [CLASSES, NUMBER])


def test_the_tables_are_described():
    found = problems()
    assert len(found) == 14
    assert [one.rows for one in found] == sorted(one.rows for one in found)
    assert {one.kind for one in found if one.classes} == {"classes"}
    assert {one.name for one in found if one.kind == "number"} == {
        "diamonds",
        "bikeshare",
        "boston",
        "wage",
        "wine-red",
    }
    assert {one.splits for one in found if one.rows < 5_000} == {10}
    assert {one.splits for one in found if one.rows >= 5_000} == {3}
    (wine,) = (one for one in found if not one.package)
    assert len(wine.load(Path("nowhere"))) == wine.rows == 1599


def test_a_fifth_of_each_class_is_held_out():
    labels = np.array(["a"] * 35 + ["b"] * 10 + ["c"] * 5)
    held_out = held_out_rows(labels, 0)
    assert np.unique(labels[held_out], return_counts=True)[1].tolist() == [7, 2, 1]
    assert np.all(np.diff(held_out) > 0)


def test_a_split_is_the_one_of_the_kept_results():
    assert held_out_rows(23, 0).tolist() == [4, 10, 11, 18, 20]
    assert held_out_rows(np.array(["a", "b"] * 10), 1).tolist() == [1, 3, 8, 16]


def test_a_table_that_is_missing_or_another_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"fetch_tables\.py"):
        CLASSES.load(tmp_path)
    (tmp_path / "c.csv").write_text("x,kind\n1,a\n")
    with pytest.raises(ValueError, match="is not the table the results are of"):
        CLASSES.load(tmp_path)


def test_errors_are_those_worked_by_hand():
    truth = np.array([1.0, 2.0, 6.0])  # mean 3, variance 14 / 3
    assert error(truth, np.array([1.0, 2.0, 4.0])) == pytest.approx(np.sqrt((4 / 3) / (14 / 3)))
    assert log_loss(truth, truth) is None
    right, sure = np.array([0, 1]), np.array([[0.5, 0.5], [0.0, 1.0]])
    assert error(right, sure) == 0.0
    assert log_loss(right, sure) == pytest.approx(np.log(2) / 2)
    assert log_loss(np.array([1, 0]), sure) == pytest.approx((np.log(2) - np.log(1e-15)) / 2)


def test_errors_are_pooled_over_splits():
    found = results(*(line("c", k, BASE, e) for k, e in enumerate([0.1, 0.2, 0.0])), line("n", 0, BASE, 0.3))
    assert found.pooled("c", BASE) == pytest.approx(0.1)
    assert found.pooled("n", BASE) == pytest.approx(0.3)
    found = results(line("n", 0, BASE, 0.3), line("n", 1, BASE, 0.4))
    assert found.pooled("n", BASE) == pytest.approx(np.sqrt((0.09 + 0.16) / 2))
    assert found.pooled("n", OTHER) is None


def test_no_error_counts_as_half_a_wrong_row():
    assert results(*(line("c", k, BASE, 0.0) for k in range(4))).pooled("c", BASE) == pytest.approx(0.5 / 40)


def test_rivals_are_compared_on_the_splits_that_both_have():
    found = results(
        *(line("c", k, BASE, e) for k, e in enumerate([0.2, 0.4, 0.9])),
        *(line("c", k, OTHER, e) for k, e in {0: 0.1, 1: 0.2, 7: 0.9}.items()),
        line("n", 0, BASE, 0.1),
        line("n", 0, OTHER, 0.2, fit=[9.0, 8.0]),
    )
    one = beside(found, OTHER, BASE)
    assert (one.tables, one.splits, one.better, one.worse) == (2, 3, 1, 1)
    assert one.ratio == pytest.approx(1.0)
    assert one.log_loss == pytest.approx(0.5)
    assert one.time == pytest.approx((2 + 8) / (2 + 2))
    assert beside(found, OTHER, "LightGBM") is None


def test_equal_rivals_have_no_interval_and_neither_is_better():
    lines = [line("c", k, rival, 0.1 * (k + 1)) for rival in (BASE, OTHER) for k in range(3)]
    one = beside(results(*lines), OTHER, BASE)
    assert (one.ratio, one.low, one.high, one.better, one.worse) == (1.0, 1.0, 1.0, 0, 0)


def test_the_interval_is_what_drawing_tables_and_splits_gives():
    """Of two tables with one split each, a quarter of the draws has only the one, and a quarter only the other."""
    lines = [line("c", 0, BASE, 0.2), line("c", 0, OTHER, 0.1), line("n", 0, BASE, 0.2), line("n", 0, OTHER, 0.6)]
    one = beside(results(*lines), OTHER, BASE)
    assert (one.low, one.high) == (pytest.approx(0.5), pytest.approx(3.0))
    assert one.ratio == pytest.approx(np.sqrt(0.5 * 3.0))
    splits = [line("n", k, BASE, 1.0) for k in range(2)] + [line("n", k, OTHER, e) for k, e in enumerate([0.6, 0.8])]
    one = beside(results(*splits), OTHER, BASE)
    assert (one.low, one.high) == (pytest.approx(0.6), pytest.approx(0.8))
    assert one.ratio == pytest.approx(np.sqrt((0.36 + 0.64) / 2))


def test_slow_rivals_come_last_a_split_of_every_table_at_a_time():
    many, few = replace(CLASSES, rows=100), replace(NUMBER, rows=5_000)
    order = [(one.rival, one.problem.name, one.split) for one in jobs([many, few], ["RealMLP-TD", OTHER])]
    assert order[:11] == [(OTHER, "c", k) for k in range(10)] + [(OTHER, "n", 0)]
    assert order[13:18] == [("RealMLP-TD", name, k) for k, name in enumerate("ccc") for name in "cn"][:5]
    assert len(order) == 26
    assert len(jobs([many, few], ["RealMLP-TD", OTHER], 2)) == 8


def test_results_are_kept_at_once_and_replaced_in_their_place(tmp_path):
    path = tmp_path / "kept.jsonl"
    first, second = line("c", 0, BASE, 0.1), line("c", 1, BASE, 0.2)
    lines = kept.Lines(path)
    for one in (first, second):
        lines.put({name: one[name] for name in ("table", "split", "rival")}, one)
    with path.open("a") as file:
        file.write(json.dumps(first)[:20])  # broken off while it wrote
    again = kept.Lines(path)
    of = {"table": "c", "split": 0, "rival": BASE}
    assert again.get(of) == first
    assert again.get({**of, "split": 2}) is None
    again.put(of, {**first, "error": 0.5})
    assert kept.Lines(path).lines == [{**first, "error": 0.5}, second]


def test_frames_have_the_categories_and_means_of_the_rows_learnt_from():
    def rows(numbers: list[float], words: list[str | None]) -> Table:
        columns: dict[str, np.ndarray | Words] = {
            "x": np.array(numbers),
            "colour": Words.of(words),
            "y": np.zeros(len(words)),
        }
        return Table(columns=columns, source="rows", lines=np.arange(len(words)))

    frames = Frames(rows([1.0, np.nan, 3.0], ["red", "blue", None]), "y")
    found = frames.frame(rows([np.nan, 7.0], ["green", "red"]))
    assert frames.of_words == ["x1"]
    assert list(found.columns) == ["x0", "x1"]
    assert found["x0"].isna().tolist() == [True, False]
    assert found["x1"].cat.categories.tolist() == ["blue", "red"]
    assert found["x1"].isna().tolist() == [True, False]
    filled = Frames(rows([1.0, np.nan, 3.0], ["red", "blue", None]), "y", fill=True)
    found = filled.frame(rows([np.nan, 7.0], [None, "red"]))
    assert found["x0"].tolist() == [2.0, 7.0]
    assert found["x0_missing"].tolist() == [1.0, 0.0]
    assert found["x1"].tolist() == ["missing", "red"]


@pytest.mark.parametrize("rival", [BASE, "glassnet, small"])
@pytest.mark.parametrize("kind", ["classes", "number"])
def test_a_rival_learns_and_is_scored(rival, kind, tmp_path):
    if not RIVALS[rival].is_there:
        pytest.skip(f"{rival} is not installed")
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 2))
    y = np.where(x[:, 0] > 0, "zebra", "ant") if kind == "classes" else x[:, 0].astype(str)
    text = "x,colour,z,y\n" + "".join(
        f"{a},{'red' if b > 0 else 'blue'},{b},{c}\n" for (a, b), c in zip(x, y, strict=True)
    )
    (tmp_path / "t.csv").write_text(text)
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    classes = ("ant", "zebra") if kind == "classes" else ()
    problem = Problem(name="t", target="y", classes=classes, rows=60, sha256=sha256, source="p 1: t.dat")
    found = measure(Job(problem=problem, split=0, rival=rival), tmp_path, 1)
    assert found["error"] < (0.35 if kind == "classes" else 0.8)  # to guess: 0.5 and 1
    assert (found["log_loss"] is None) == (kind == "number")
    assert found["rows"] == 12
    assert min(found["fit"]) > 0
    assert found["versions"]["numpy"] == np.__version__


def test_the_tables_and_the_picture_are_made(tmp_path):
    lines = [
        line(t, k, r, 0.1 + 0.01 * j + 0.1 * k) for t in "cn" for j, r in enumerate((BASE, OTHER)) for k in range(2)
    ]
    found = results(*lines)
    said = "\n".join(telling.sections(found, list(RIVALS)))
    assert "Other work was going on" in said
    assert "| XGBoost | 1.063 × (" in telling.against(found, list(RIVALS), BASE)
    assert "| c     | 50   | 0.150 (2)" in said
    picture.draw(found, list(RIVALS), tmp_path / "tables.svg")
    assert "XGBoost (2)" in (tmp_path / "tables.svg").read_text()  # as a comment beside the letters' outlines


def test_the_lowest_number_of_all_splits_is_bold():
    few = replace(CLASSES, rows=5_000)  # 3 splits
    lines = [line("c", k, rival, e) for rival, e in ((BASE, 0.2), ("LightGBM", 0.3)) for k in range(3)]
    found = Results([*lines, line("c", 0, OTHER, 0.1)], [few])
    said = telling.each(found, [BASE, OTHER, "LightGBM", "RealMLP-TD"], found.pooled, ".3f", best=True)
    assert [cell.strip() for cell in said.splitlines()[-1].split("|")[3:7]] == ["**0.200**", "0.100 (1)", "0.300", "-"]


def test_the_kept_results_are_of_the_tables_rivals_and_splits_there_are():
    path = Path(BENCHMARKS) / "tables.jsonl"
    splits = {one.name: one.splits for one in problems()}
    lines = kept.Lines(path).lines
    assert lines
    seen = {(one["table"], one["rival"], one["split"]) for one in lines}
    assert len(seen) == len(lines)
    assert {rival for _, rival, _ in seen} <= set(RIVALS)
    assert all(split < splits[table] for table, _, split in seen)
