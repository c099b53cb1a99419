"""Tables in JSON: records in a list, or one a line."""

import gzip

import numpy as np
import pytest

from glassnet.data.tables import as_table
from glassnet.errors import DataError


@pytest.fixture
def file(tmp_path):
    def write(content, name="t.json"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def plain(table):
    return {
        name: [None if value is None or value != value else value for value in column.tolist()]
        for name, column in table.columns.items()
    }


def test_a_list_of_records_whose_names_may_differ(file):
    table = as_table(file('[{"a": 1, "b": "x"}, {"b": null, "c": true, "a": 2.5}, {"a": NaN, "c": false}]'))
    assert plain(table) == {"a": [1.0, 2.5, None], "b": ["x", None, None], "c": [None, "True", "False"]}
    assert (table.source, table.unit, table.lines.tolist()) == ("t.json", "row", [1, 2, 3])


def test_one_record_and_a_record_a_line(file):
    assert plain(as_table(file('{"a": 1,\n "b": "x"}'))) == {"a": [1.0], "b": ["x"]}
    table = as_table(file('\n{"a": 1}\n\n{"a": "NA"}\r\n', "t.jsonl"))
    assert table.lines.tolist() == [2, 4]
    assert table.unit == "line"
    assert plain(as_table(file(gzip.compress(b'{"a": 1}'), "t.ndjson.gz"))) == {"a": [1.0]}


def test_text_stays_words_also_where_it_looks_like_numbers(file):
    assert plain(as_table(file('[{"zip": "01234"}, {"zip": "99999"}]'))) == {"zip": ["01234", "99999"]}


def test_long_numbers_are_read_as_near_as_float64_is(file):
    column = as_table(file('[{"a": 12345678901234567890}, {"a": 1e-400}]')).column("a")
    assert np.array_equal(column, [12345678901234567890.0, 0.0])


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("t.json", "", "t.json is empty; a table in JSON is"),
        ("t.json", '[{"a": 1},\n {"a": }]', "at line 2, character 8"),
        ("t.jsonl", '{"a": 1}\n{"a": ', "t.jsonl, line 2 is not JSON"),
        (
            "t.jsonl",
            '{"a": 1}\n{"a": 1\n{"a": 2}\n',
            "t.jsonl, line 2 is not JSON: Expecting ',' delimiter at character 8",
        ),
        (
            "t.jsonl",
            '{"a": 1}\r\n{"a": "x\r\n',
            "t.jsonl, line 2 is not JSON: Unterminated string starting at character 7",
        ),
        ("t.json", "[]", "no row with a value"),
        ("t.json", "[{}]", "no row with a value"),
        ("t.json", "3", "a table in JSON is a list of records"),
        ("t.json", '[{"a": 1}, 2]', "record 2"),
        ("t.json", '{"a": [1, 2], "b": [3, 4]}', "a list of records"),
        ("t.json", '[{"a": {"b": 1}}]', "column 'a' of t.json: row 1 holds"),
        ("t.json", '[{"a": 1, "a": 2}]', "'a' twice"),
        ("t.json", '[{"a": 1, " a": 2}]', "two columns named 'a'"),
        ("t.json", '[{"a": Infinity}]', "infinite"),
        ("t.json", '[{"a": 1e999}]', "infinite"),
        ("t.json", '[{"a": "\\ud800"}]', "half of a character"),
        ("t.json", "[" * 100_000, "nested too deep"),
        ("t.json", b'[{"a": "\xff"}]', "byte 0xFF"),
    ],
)
def test_what_is_no_such_table_is_refused_with_the_place(file, name, content, words):
    with pytest.raises(DataError) as error:
        as_table(file(content, name))
    assert words in str(error.value)
