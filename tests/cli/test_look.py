import json

import pytest

import glassnet as gn
from glassnet.cli import main


def test_help_is_there_without_arguments_and_for_every_command(glassnet):
    assert "train" in glassnet().out
    for command in (
        "train",
        "predict",
        "evaluate",
        "summary",
        "derivation",
        "explain",
        "eject",
        "diagnose",
        "lottery",
        "search",
        "reproduce",
    ):
        result = glassnet(command, "--help")
        assert result.code == 0
        assert "Usage: glassnet " + command in result.out


def test_the_version(glassnet):
    assert glassnet("--version").out == f"glassnet {gn.__version__}\n"


@pytest.mark.parametrize(
    ("argv", "words"), [(["trian"], "did you mean 'train'"), (["--versoin"], "--version"), (["7"], "'7'")]
)
def test_a_wrong_command_is_one_line_with_the_nearest(glassnet, argv, words):
    result = glassnet(*argv)
    assert result.code == 2
    assert words in result.error
    assert "--help" in result.error


def test_summary_shows_layers_and_columns(glassnet, model):
    result = glassnet("summary", model)
    assert "Dense(16, relu)" in result.out
    assert "flipper_length_mm" in result.out
    found = glassnet("summary", model, "--json").json
    assert found["parameters"] == 243
    assert found["target"]["classes"] == ["Adelie", "Chinstrap", "Gentoo"]


def test_the_derivation_in_three_forms(glassnet, model, tmp_path):
    text = glassnet("derivation", model)
    assert text.code == 0
    assert "z1 = " in text.out
    shorter = glassnet("derivation", model, "--prediction").out
    assert 0 < len(shorter) < len(text.out)
    assert "\\" in glassnet("derivation", model, "--format", "latex").out
    for _ in range(2):
        assert glassnet("derivation", model, "--output", "d.html").code == 0
    assert "<html" in (tmp_path / "d.html").read_text().lower()
    assert glassnet("derivation", model, "--json").json["text"] == text.out
    refused = glassnet("derivation", model, "--output", "m.glass")
    assert refused.code == 2
    assert "nearest" in glassnet("derivation", model, "--format", "pdf").error or refused.error


def test_a_wrong_format_is_refused(glassnet, model):
    result = glassnet("derivation", model, "--format", "latx")
    assert result.code == 2
    assert "did you mean 'latex'" in result.error


@pytest.mark.parametrize("name", ["xor", "tychobra"])
def test_a_tutorial_is_reproduced(glassnet, tmp_path, name):
    result = glassnet("reproduce", name, "--plot", "loss.png", "--seeds", 2)
    assert result.code == 0, result.err
    assert result.out.strip()
    assert (tmp_path / "loss.png").read_bytes().startswith(b"\x89PNG")
    quiet = glassnet("reproduce", name, "--seeds", 2, "--json")
    assert isinstance(quiet.json, dict)


def test_an_unknown_tutorial_is_refused(glassnet):
    result = glassnet("reproduce", "xro")
    assert result.code == 2
    assert "did you mean 'xor'" in result.error


@pytest.mark.parametrize("command", ["summary", "derivation"])
def test_what_is_no_model_file_is_code_4_and_what_is_not_there_5(glassnet, tmp_path, command):
    (tmp_path / "junk.glass").write_bytes(b"\x00" * 40)
    assert glassnet(command, "junk.glass").code == 4
    assert "junk.glass" in glassnet(command, "junk.glass").error
    gone = glassnet(command, "gone.glass")
    assert gone.code == 5
    assert "cannot read 'gone.glass'" in gone.error
    assert glassnet(command, ".").code == 5


def test_a_model_of_arrays_is_shown_but_reads_no_table(glassnet, tmp_path):
    model = gn.train(
        gn.Network(gn.Dense(3, "tanh"), gn.Dense(1)), [[0.0, 1.0], [1.0, 0.0]], [[1.0], [0.0]], epochs=2, seed=0
    )
    model.save("a.glass")
    assert glassnet("summary", "a.glass").code == 0
    assert glassnet("derivation", "a.glass").code == 0
    result = glassnet("predict", "a.glass", "penguins")
    assert result.code == 3
    assert "trained on arrays" in result.error


def test_control_characters_in_names_do_not_reach_the_terminal(glassnet):
    result = glassnet("summary", "a\x1b[2Jb\n.glass")
    assert "\x1b" not in result.err
    assert result.error


def test_without_typer_one_line_names_the_extra(capsys, monkeypatch):
    import sys

    for name in [name for name in sys.modules if name.startswith("glassnet.cli.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "typer", None)
    assert main(["--help"]) == 5
    err = capsys.readouterr().err
    assert 'pip install ".[cli]" in a clone of glassnet' in err
    assert 'pip install "glassnet[cli]"' in err
    assert err.count("\n") == 1


def test_numbers_that_are_not_finite_are_null_in_json():
    from glassnet.cli.screen import plain

    assert json.dumps(plain({"a": float("nan"), "b": [1.0, float("inf")]})) == '{"a": null, "b": [1.0, null]}'


def test_messages_of_the_library_speak_the_command_lines_words():
    from glassnet.cli.failures import in_options

    assert in_options("leave it out with exclude=['id']") == "leave it out with --exclude 'id'"
    assert in_options("with exclude=['a', 'b c']") == "with --exclude 'a' --exclude 'b c'"
    assert (
        in_options("or name it in missing=[…] if it means missing") == "or name it in --missing … if it means missing"
    )
    assert in_options('kind="number" takes it as a number') == "--kind number takes it as a number"
