"""Errors: one line on stderr, for programs an object on stdout as well; and every remedy works."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from glassnet.data.files import pipes

ROOT = Path(__file__).parents[2]

WRONG = [
    (["train"], 2, "missing argument 'TABLE'"),
    (["train", "penguins", "--epochs", "many"], 2, "many"),
    (["train", "penguins", "--nonsense"], 2, "--nonsense"),
    (["train", "penguins", "--epochs", "0"], 2, "--epochs must be >= 1"),
    (["train", "pengiuns"], 5, "did you mean penguins"),
    (["train", "t.csv", "--target", "z"], 3, "no column 'z'"),
    (["train", "penguins", "--output", "no/m.glass"], 5, "no such folder"),
    (["predict", "m.glass"], 2, "missing argument"),
    (["predict", "m.glass", "t.csv"], 3, "lacks"),
    (["predict", "t.csv", "penguins"], 4, "this is text"),
    (["predict", "m.glass", "penguins", "--output", "p.csv"], 2, "give one of them"),
    (["evaluate", "gone.glass", "penguins"], 5, "no such file"),
    (["evaluate", "m.glass", "t.csv"], 3, "t.csv"),
    (["summary", "gone.glass"], 5, "gone.glass"),
    (["derivation", "m.glass", "--format", "pdf"], 2, "unknown format"),
    (["explain", "m.glass", "penguins", "--row", "900"], 2, "--row must be from 1 to 344"),
    (["eject", "m.glass", "cobol", "--verify"], 2, "cobol"),
    (["reproduce", "xro"], 2, "xor"),
    (["trian"], 2, "did you mean 'train'"),
    ([], 2, "--json"),
]


@pytest.mark.parametrize(("argv", "code", "words"), WRONG, ids=[" ".join(argv) for argv, *_ in WRONG])
def test_with_json_an_error_is_an_object_too(glassnet, model, tmp_path, argv, code, words):
    (tmp_path / "t.csv").write_text("a,y\n1,2\n3,4\n")
    plain = glassnet(*argv) if argv else None
    result = glassnet(*argv, "--json")
    assert result.code == code
    assert words in result.error
    assert result.json == {"error": {"code": code, "message": result.error.removeprefix("error: ")}}
    assert result.out.count("\n") == 1
    if plain is not None and "--json" not in plain.err and "give one of them" not in result.err:
        assert (plain.code, plain.err) == (code, result.err)
        assert plain.out == ""


def test_a_loss_that_explodes_is_an_object_too(glassnet):
    argv = ["penguins", "--target", "body_mass_g", "--optimizer", "sgd", "--learning-rate", "1e6", "--no-plot"]
    result = glassnet("train", *argv, "--json")
    assert (result.code, result.json["error"]["code"]) == (1, 1)


def test_json_behind_two_dashes_is_a_name(glassnet):
    result = glassnet("train", "--", "--json")
    assert result.code == 5
    assert result.out == ""


def python(code, *argv, cwd, env=None):
    command = [sys.executable, "-c", code, *argv]
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True)


WITHOUT = (
    "import sys; sys.modules[{0!r}] = None; sys.argv[0] = 'glassnet'; from glassnet.cli import main; sys.exit(main())"
)


@pytest.mark.parametrize("library", ["typer", "rich"])
def test_without_a_library_the_error_is_told_both_ways(tmp_path, library):
    if library == "rich":
        pytest.skip("typer brings it")
    done = python(WITHOUT.format(library), "summary", "m.glass", "--json", cwd=tmp_path)
    assert done.returncode == 5
    assert done.stderr.startswith(f"error: the command line needs {library}, which is not installed; pip install")
    assert json.loads(done.stdout)["error"] == {"code": 5, "message": done.stderr.removeprefix("error: ").rstrip()}


@pytest.mark.parametrize("module", ["glassnet", "glassnet.cli"])
def test_python_m_is_the_command_line(tmp_path, module):
    def run(*argv):
        return subprocess.run([sys.executable, "-m", module, *argv], cwd=tmp_path, capture_output=True, text=True)

    assert "Usage: glassnet" in run().stdout
    assert run("--version").stdout.startswith("glassnet ")
    wrong = run("trian")
    assert (wrong.returncode, "did you mean 'train'" in wrong.stderr) == (2, True)
    (tmp_path / "typer.py").write_text("raise ImportError('blocked', name='typer')")
    lacking = run("--version")
    assert lacking.returncode == 5
    assert "the command line needs typer" in lacking.stderr
    assert lacking.stderr.count("\n") == 1


def test_every_way_to_install_works_in_a_clone():
    """No message recommends what an index lacks, without saying what works here; each extra that is named is one."""
    extras = {
        *re.findall(r"^(\w+) = \[", (ROOT / "pyproject.toml").read_text().split("optional-dependencies]")[1], re.M)
    }
    for path in (ROOT / "src").rglob("*.py"):
        for line in path.read_text(encoding="utf-8").splitlines():
            if "pip install" in line and "glassnet[" in line:
                assert path.name == "errors.py", f"{path}: {line}"
            for extra in re.findall(r"install\([\"'](\w+)[\"']\)", line):
                assert extra in extras


def test_paths_are_written_as_the_system_writes_them(glassnet, tmp_path):
    path = os.path.join("no", "m.glass")
    assert f"cannot write {path!r}" in glassnet("train", "penguins", "--output", path).error
    assert os.path.join(".", "penguins") in glassnet("train", "penguins", "--decimal", ",").error


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_a_named_pipe_that_nobody_uses_makes_no_command_hang(glassnet, model, tmp_path, monkeypatch):
    monkeypatch.setattr(pipes, "PATIENCE", 0.1)
    os.mkfifo(tmp_path / "p")
    assert glassnet("train", "p").error.startswith("error: p is a named pipe, and no program has written to it")
    assert "named pipe, not a model file" in glassnet("summary", "p").error
    for argv in ("train", "penguins", "--output", "p"), ("eject", model, "numpy", "--output", "p"):
        result = glassnet(*argv)
        assert result.code == 5
        assert "cannot write 'p': it is a named pipe, not a file; give the name of a file, or" in result.error
