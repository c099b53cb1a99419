"""The words after `glassnet play`."""

from __future__ import annotations

from pathlib import Path

import pytest

from glassnet.playground.options import NAMES, Options, WrongOption, read

STORIES = {"xor": "XOR: four rows", "too-fast": "Too fast"}


def test_without_words_there_is_nothing_asked_for() -> None:
    assert read([], STORIES) == Options()
    assert Options().open_browser


def test_all_of_them() -> None:
    words = "t.csv -t y --exclude a,b --exclude c --model m.glass --port 8123 --token 0123456789abcdef --no-browser"
    assert read(words.split(), STORIES) == Options(
        what="t.csv",
        target="y",
        exclude=("a", "b", "c"),
        model=Path("m.glass"),
        port=8123,
        token="0123456789abcdef",
        open_browser=False,
    )


def test_values_may_begin_with_a_dash_and_options_may_have_an_equals_sign() -> None:
    assert read(["--target=-y", "--port=0", "-"], STORIES) == Options(what="-", target="-y")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("a b", "unrecognized arguments: b"),
        ("--prot 1", "unrecognized arguments: --prot"),
        ("--por 1", "unrecognized arguments: --por"),  # no abbreviations: a later option could take their place
        ("--port", "--port: expected one argument"),
        ("--port x", "--port: a port is a whole number from 0 to 65535, got 'x'"),
        ("--port 65536", "--port: a port is a whole number from 0 to 65535, got '65536'"),
        ("--port=-1", "--port: a port is a whole number from 0 to 65535, got '-1'"),
        ("--port 1 --port 2", "--port is given more than once; give it once"),
        ("-t a --target b", "--target is given more than once; give it once"),
        ("--token short", "--token: a token is 16 to 200 letters from A-Z a-z 0-9 - _, got 5 letters"),
        ("--token 0123456789abcdef#", "--token: a token is 16 to 200 letters from A-Z a-z 0-9 - _, got 17 letters"),
    ],
)
def test_what_is_not_understood_is_said_in_a_line(words: str, sentence: str) -> None:
    with pytest.raises(WrongOption) as refused:
        read(words.split(), STORIES)
    assert str(refused.value).partition("; see glassnet play --help")[0] == sentence


def test_a_token_is_not_repeated_on_the_terminal() -> None:
    with pytest.raises(WrongOption) as refused:
        read(["--token", "my secret token"], STORIES)
    assert "secret" not in str(refused.value)


def test_help_names_every_option_and_every_story(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        read(["--help"], STORIES)
    out = capsys.readouterr().out
    assert end.value.code == 0
    assert out.startswith("usage: glassnet play [STORY | TABLE] [OPTIONS]\n")
    assert [name for name in (*NAMES, *STORIES, *STORIES.values()) if name not in out] == []
    assert max(map(len, out.splitlines())) <= 86
