"""Words by row are what an array of words would be, and numbers are told apart as sorting would."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from glassnet.data.tables import Table, as_table, split_rows
from glassnet.data.tables.distinct import CODES, distinct
from glassnet.data.tables.words import Words

CELLS = st.lists(st.none() | st.sampled_from(["", "a", "b", " a", "é", "1"]), min_size=1, max_size=11)


@given(cells=CELLS, data=st.data())
def test_words_are_indexed_like_an_array_of_objects(cells, data):
    words, array = Words.of(cells), np.array(cells, dtype=object)
    assert words.tolist() == list(words) == np.asarray(words).tolist() == cells
    assert len(words) == len(cells)
    assert words.missing.tolist() == [cell is None for cell in cells]
    assert words.counts() == {cell: cells.count(cell) for cell in cells if cell is not None}
    rows = data.draw(st.lists(st.integers(-len(cells), len(cells) - 1), max_size=7))
    picked = words[np.array(rows, dtype=np.intp)]
    assert picked.tolist() == array[rows].tolist()
    assert set(picked.different()) == {cell for cell in array[rows] if cell is not None}
    assert [words[i] for i in rows] == array[rows].tolist()
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=len(cells), max_size=len(cells))))
    assert words[mask].tolist() == array[mask].tolist()
    assert (words == "a").tolist() == (array == "a").tolist()
    assert (words != "a").tolist() == (array != "a").tolist()
    assert words[1:3].tolist() == array[1:3].tolist()


@given(cells=CELLS)
def test_words_that_become_equal_are_one(cells):
    renamed = Words.of(cells).renamed(lambda word: word.strip() or None)
    assert renamed.tolist() == [(cell or "").strip() or None for cell in cells]
    assert len(set(renamed.words)) == len(renamed.words)


def test_the_first_row_that_is_wrong_is_found_among_the_rows_that_are_there():
    words = Words.of(["a", None, "b", "c"])
    assert words.first(lambda word: word != "a") == 2
    assert words[:2].first(lambda word: word != "a") is None


def test_an_array_of_objects_in_a_table_becomes_words():
    table = Table(columns={"w": np.array(["x", None], dtype=object)}, source="t", lines=np.array([1, 2]))
    assert isinstance(table.column("w"), Words)
    assert table.rows([1, 0]).column("w").tolist() == [None, "x"]


@given(values=st.lists(st.sampled_from([-0.0, 0.0, 1.0, 2.5, -3.0, 1e300, -1e300, 5.0 + CODES]), max_size=9))
def test_different_numbers_are_those_that_sorting_finds(values):
    expected, which = np.unique(np.array(values, np.float64), return_inverse=True)
    different, found = distinct(np.array(values, np.float64))
    assert different.tolist() == expected.tolist()
    assert found.tolist() == which.tolist()


def test_a_split_by_words_is_the_split_by_their_array():
    labels = ["b", "a", "b", "c", "a", "a", "b", "c", "c", "b", "b"]
    words = as_table({"y": labels}).column("y")
    for seed in range(5):
        by_words, by_array = (
            split_rows(11, 0.3, np.random.default_rng(seed), stratify=given) for given in (words, np.array(labels))
        )
        assert [part.tolist() for part in by_words] == [part.tolist() for part in by_array]
