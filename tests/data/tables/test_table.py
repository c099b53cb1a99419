"""A table keeps columns in order and knows where each row came from."""

import numpy as np

from glassnet.data.tables import as_table

TABLE = as_table({"n": [3.0, None, 5.0], "w": ["x", "y", None], "k": [1, 2, 3]})


def test_rows_are_picked_by_index_or_mask_and_keep_their_place():
    picked = TABLE.rows([2, 0])
    assert picked.column("k").tolist() == [3.0, 1.0]
    assert picked.column("w").tolist() == [None, "x"]
    assert picked.where(0) == "dictionary, row 3"
    assert TABLE.rows(np.array([False, True, False])).column("w").tolist() == ["y"]


def test_columns_are_selected_in_order():
    assert TABLE.select(["k", "n"]).names == ("k", "n")


def test_known_rows_are_those_with_a_value_in_the_column():
    assert TABLE.known("n").column("k").tolist() == [1.0, 3.0]
    assert TABLE.known("w").column("k").tolist() == [1.0, 2.0]
    assert TABLE.known("k") is TABLE


def test_a_table_shows_its_columns_to_read():
    assert repr(TABLE) == (
        "Table from dictionary: 3 rows, 3 columns\n"
        "  n  numbers  3, 5  (1 missing)\n"
        "  w  words    x, y  (1 missing)\n"
        "  k  numbers  1, 2, 3"
    )
