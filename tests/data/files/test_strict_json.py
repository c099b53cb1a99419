import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.data.files import strict_json
from glassnet.errors import ModelFileError

DIGITS_308 = "9" * 308

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
)


@given(JSON_VALUES, st.booleans())
def test_what_json_writes_is_read_back(value, ascii_only):
    text = json.dumps(value, ensure_ascii=ascii_only)
    assert strict_json(text) == value
    assert strict_json(text.encode()) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[" * 64 + "]" * 64, None),
        ('["[[[[{{{{\\"[[\\\\"]', ['[[[[{{{{"[[\\']),
        ('"' + "[" * 100 + '"', "[" * 100),
        ("[" + "[]," * 100 + "[]]", [[]] * 101),
        (DIGITS_308, int(DIGITS_308)),
        ("-" + DIGITS_308, -int(DIGITS_308)),
        ("1.7976931348623157e308", 1.7976931348623157e308),
        ("1e-999", 0.0),
        ('"\\ud83d\\ude00"', "😀"),
        ('[{"a": 1}, {"a": 2}]', [{"a": 1}, {"a": 2}]),
    ],
)
def test_what_lies_just_inside_the_limits_is_read(text, value):
    read = strict_json(text)
    assert value is None or read == value


REFUSED = {
    "empty": ("", "not JSON"),
    "words": ("hello", "not JSON"),
    "two values": ("{} {}", "Extra data"),
    "trailing comma": ("[1,]", "not JSON"),
    "single quotes": ("{'a': 1}", "not JSON"),
    "comment": ("{} // hi", "not JSON"),
    "key without quotes": ("{a: 1}", "not JSON"),
    "byte order mark": ("\ufeff{}", "not JSON"),
    "line break in a string": ('"a\nb"', "not JSON"),
    "open string": ('{"a', "not JSON"),
    "hexadecimal": ("0x10", "not JSON"),
    "leading zero": ("01", "not JSON"),
    "key twice": ('{"a": 1, "b": 2, "a": 3}', "key 'a' 2 times"),
    "key twice, once escaped": ('{"a": 1, "\\u0061": 2}', "key 'a' 2 times"),
    "key twice, deep inside": ('[{"b": [{"a": 1, "a": 1}]}]', "key 'a' 2 times"),
    "NaN": ("[NaN]", "no NaN"),
    "Infinity": ("Infinity", "no Infinity"),
    "-Infinity": ('{"a": -Infinity}', "no -Infinity"),
    "1e999": ("[1e999]", "'1e999' is too large"),
    "-1e999": ("[-1e999]", "'-1e999' is too large"),
    "309 digits": (DIGITS_308 + "0", "has 309 characters; at most 308"),
    "5000 digits": ("1" * 5000, "has 5000 characters; at most 308"),
    "65 lists": ("[" * 65 + "]" * 65, "nested deeper than 64 at character 64"),
    "65 objects": ('{"a":' * 65 + "1" + "}" * 65, "nested deeper than 64"),
    "100 000 lists": ("[" * 100_000, "nested deeper than 64"),
    "depth after a string": ('["\\\\",' + "[" * 64, "nested deeper than 64"),
    "lone high surrogate": ('"\\ud800"', "lone surrogate '\\\\ud800'"),
    "lone low surrogate as a key": ('{"\\udfff": 1}', "lone surrogate '\\\\udfff'"),
    "surrogates in the wrong order": ('["\\ude00\\ud83d"]', "lone surrogate"),
    "surrogate in the text itself": ('"\ud800"', "lone surrogate"),
    "Latin-1": (b'"\xe9"', "must be UTF-8: .* at byte 1"),
    "UTF-16": ('{"a": 1}'.encode("utf-16"), "must be UTF-8"),
    "surrogate in UTF-8": (b'"\xed\xa0\x80"', "must be UTF-8"),
    "overlong UTF-8": (b'"\xc0\xaf"', "must be UTF-8"),
}


@pytest.mark.parametrize(("text", "message"), REFUSED.values(), ids=REFUSED)
def test_json_that_does_not_mean_one_thing_is_refused_in_one_line(text, message):
    with pytest.raises(ModelFileError, match=message) as caught:
        strict_json(text)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 250


@given(st.text(alphabet='[]{}",:\\u0d81e-9NaIt ', max_size=40))
def test_any_text_is_read_or_refused(text):
    with contextlib.suppress(ModelFileError):
        strict_json(text)


def test_an_open_string_full_of_quotes_is_walked_through_once():
    with pytest.raises(ModelFileError, match="Unterminated"):
        strict_json('["' + '\\"' * 500_000)  # quadratic time would be a quarter of an hour
