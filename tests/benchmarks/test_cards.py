"""Score cards beside the truth: made-up cards whose judgement is worked by hand, and the kept ones."""

import sys
from pathlib import Path

import numpy as np
import pytest

BENCHMARKS = str(Path(__file__).resolve().parents[2] / "benchmarks")
sys.path.append(BENCHMARKS)  # for these imports alone: its files have names like `tables`
try:
    import cards
    import kept
    from accuracy.judged import Judged, recipes, sections, trees
finally:
    sys.path.remove(BENCHMARKS)

NAMES = ("constant", "linear", "small", "strong", "trees")


def line(
    taken: str, errors: tuple[float, ...], said: str = "level with trees", apart: float = 0.5
) -> dict[str, object]:
    """A card of classes that judges by 100 rows, whose differences have the same spread for each pair."""
    pairs = {f"{one}, {other}": 0.5 for k, one in enumerate(NAMES) for other in NAMES[k + 1 :]}
    known = {"errors": dict(zip(NAMES, errors, strict=True)), "apart": pairs, "judged": 100, "sure": [0.7]}
    return {"table": "boston", "split": 0, "taken": taken, "said": ["something", said], **known}


def test_the_simplest_as_good_in_truth_is_within_one_standard_error_of_one_card():
    """One card sees 0.5 / √100 = 0.05: linear is 0.06 from strong, small 0.03."""
    found = Judged([line("small", (0.5, 0.26, 0.23, 0.2, 0.3)), line("strong", (0.5, 0.24, 0.21, 0.18, 0.3))])
    assert (found.best, found.simplest) == ("strong", "small")
    assert found.apart("linear") == pytest.approx(0.06 / 0.05)
    assert found.apart("strong") == 0.0


def test_squares_are_what_numbers_are_judged_by():
    numbers = [{name: value for name, value in line("small", (1.0, 0.5, 0.4, 0.3, 0.3)).items() if name != "sure"}]
    assert Judged(numbers).apart("small") == pytest.approx((0.16 - 0.09) / 0.05)


def test_worse_is_what_splits_agree_about():
    """Of differences 0.1, 0.2 and 0.3 the mean is 0.2, its standard error 0.1 / √3; of 0, 0 and 0.3 it is one."""
    errors = [(0.6, 0.3 + apart, 0.3 + other, 0.3, 0.3) for apart, other in ((0.1, 0.0), (0.2, 0.0), (0.3, 0.3))]
    found = Judged([line("linear", one) for one in errors])
    assert found.is_worse("linear")
    assert not found.is_worse("small")
    assert not found.is_worse("strong")


@pytest.mark.parametrize(
    ("apart", "is_clear"), [((-0.3, -0.4, -0.5), True), ((-0.1, -0.2, -0.3), False), ((0.3, 0.4, 0.5), True)]
)
def test_network_and_trees_differ_clearly_by_three_times_one_splits_spread(apart, is_clear):
    """Each of these three has a standard deviation of 0.1."""
    found = Judged([line("small", (0.9, 0.9, 0.5 + one, 0.9, 0.5)) for one in apart])
    assert found.is_clear is is_clear
    assert found.better == ("network" if apart[0] < 0 else "tree")


def test_a_card_is_on_the_wrong_side_that_calls_the_worse_one_better():
    said = ("use a tree here", "level with trees", "better than trees")
    found = Judged([line("small", (0.9, 0.9, 0.4, 0.9, 0.5), one) for one in said])
    assert found.verdicts == ["tree", "level", "network"]
    assert found.wrong_side == 1


def test_tables_with_few_splits_are_left_out_and_the_others_added_up():
    many = Judged([line(who, (0.5, 0.4, 0.21, 0.2, 0.9), "better than trees") for who in ("small", "small", "linear")])
    said = sections({"few": Judged(many.lines[:2]), "many": many})
    assert "few" not in "".join(said)
    last = [cell.strip() for cell in recipes({"a": many, "b": many}).splitlines()[-1].split("|")]
    assert last[-4:-1] == ["4 (67 %)", "6 (100 %)", "2 (33 %)"]  # the splits agree that small is worse by 0.01
    last = [cell.strip() for cell in trees({"a": many, "b": many}).splitlines()[-1].split("|")]
    assert last[-3:-1] == ["6 of 6", "0"]


def test_a_row_of_a_number_is_as_wrong_as_its_square_over_the_variance():
    wrong = cards.rows_wrong(np.array([1.0, 2.0, 6.0]), np.array([1.0, 2.0, 4.0]))  # variance 14 / 3
    assert wrong.tolist() == pytest.approx([0.0, 0.0, 4 / (14 / 3)])
    assert cards.rows_wrong(np.array([0, 1]), np.array([[0.4, 0.6], [0.3, 0.7]])).tolist() == [1.0, 0.0]


def test_a_split_of_every_table_comes_before_the_next_and_large_tables_have_three():
    order = [(split, problem.name) for split, problem in cards.wanted(["boston", "magic"], 5)]
    assert order == [(k, name) for k in range(3) for name in ("boston", "magic")] + [(3, "boston"), (4, "boston")]


def test_the_kept_cards_hold_what_is_told_of_them():
    lines = kept.Lines(Path(BENCHMARKS) / "cards.jsonl").lines
    assert len({(one["table"], one["split"]) for one in lines}) == len(lines) >= 14
    for one in lines:
        assert set(one["errors"]) == set(NAMES)
        assert len(one["apart"]) == 10
        assert one["taken"] in NAMES[:4]
