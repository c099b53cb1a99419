"""Values out of a file are what they must be, or the message says where they stood."""

import math

import pytest

from glassnet.data.files import fields as read
from glassnet.data.files import take
from glassnet.errors import ModelFileError


def test_take_hands_over_the_object():
    assert take({"a": 1, "b": [2]}, {"a", "b"}, "layer 1") == {"a": 1, "b": [2]}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"a": 1, "b": 2, "c": 3}, "layer 1 has an unknown key 'c'; its keys are a, b"),
        ({"a": 1}, "layer 1 lacks the key 'b'; its keys are a, b"),
        ({}, "layer 1 lacks the key 'a'"),
        ({"a": 1, "b": 2, "__class__": "os.system"}, "unknown key '__class__'"),
        ({"a": 1, "b": 2, "x\ny": 3}, "unknown key 'x\\\\ny'"),
        ([1, 2], r"layer 1 must be a JSON object, got \[1, 2\]"),
        ("ab", "layer 1 must be a JSON object, got 'ab'"),
        (None, "layer 1 must be a JSON object, got None"),
    ],
)
def test_take_names_the_key_that_is_wrong(value, message):
    with pytest.raises(ModelFileError, match=message):
        take(value, {"a", "b"}, "layer 1")


@pytest.mark.parametrize(
    ("reader", "value", "message"),
    [
        (read.text, "", "a text that is not empty, got ''"),
        (read.text, 3, "a text that is not empty, got 3"),
        (read.texts, ["a", ""], r"^here\[1\] must be a text"),
        (read.plain_name, "f(x)", "a name of letters, digits and underscores, got 'f\\(x\\)'"),
        (read.plain_name, "lambda", "a name of letters"),
        (read.number, True, "a finite number, got True"),
        (read.number, math.inf, "a finite number, got inf"),
        (read.number, 10**400, "a finite number, got 1000"),
        (read.number, "nan", "a finite number, got 'nan'"),
        (read.any_number, "NaN", "a finite number, got 'NaN'"),
        (read.count, -1, r"a whole number from 0 to 2\^63 - 1, got -1"),
        (read.count, 2**63, "a whole number from 0"),
        (read.count, False, "a whole number from 0"),
        (read.count, 1.0, "a whole number from 0"),
        (read.flag, 1, "true or false, got 1"),
        (read.option, "1", "a finite number, got '1'"),
        (read.items, {}, "a list, got {}"),
        (read.mapping, [], r"a JSON object, got \[\]"),
    ],
)
def test_a_value_of_another_type_is_refused_with_its_place(reader, value, message):
    with pytest.raises(ModelFileError, match=message) as caught:
        reader(value, "here")
    assert str(caught.value).startswith("here")


def test_a_value_comes_back_as_what_it_is():
    assert read.one_of("a", "", ("a", "b")) == "a"
    assert type(read.number(3, "")) is float
    assert (read.option(True, ""), read.option(3, ""), read.option(0.5, "")) == (True, 3, 0.5)
    assert type(read.option(3, "")) is int
    for value in (0.5, math.inf, -math.inf):
        assert read.any_number(read.written_number(value), "") == value
    assert math.isnan(read.any_number(read.written_number(math.nan), ""))


def test_one_of_lists_what_is_allowed():
    with pytest.raises(ModelFileError, match=r"^dtype must be one of 'float32', 'float64', got \[\]"):
        read.one_of([], "dtype", ("float32", "float64"))
    with pytest.raises(ModelFileError, match=r"^a.kind must be one of 'words', got 'number'"):
        read.record({"kind": "number"}, "a", {}, kind="words")


def test_what_a_constructor_refuses_is_said_with_its_place():
    with pytest.raises(ModelFileError, match=r"^layer 1: rate must be < 1"), read.naming_place("layer 1"):
        raise ValueError("rate must be < 1")
    with pytest.raises(ModelFileError, match=r"^inside$"), read.naming_place("layer 1"):
        raise ModelFileError("inside")
    assert (read.place("a", "b"), read.place("a", "b\n")) == ("a.b", r"a['b\n']")
