"""The lines under "Next" begin as the user called the program."""

import shlex
import sys
from pathlib import Path

import pytest

from glassnet.cli import again


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """An installation in .venv that is not on the path."""
    folder = tmp_path / ".venv" / "bin"
    folder.mkdir(parents=True)
    for name in ("glassnet", "python"):
        (folder / name).write_text("#!/bin/sh\n")
        (folder / name).chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "/usr/bin")
    monkeypatch.setattr(sys, "argv", [".venv/bin/glassnet"])
    monkeypatch.setattr(sys, "executable", str(folder / "python"))
    return folder


def test_a_program_that_is_not_on_the_path_goes_by_its_own(installed, monkeypatch, tmp_path):
    assert (again.program(), again.python()) == (str(Path(".venv/bin/glassnet")), str(Path(".venv/bin/python")))
    monkeypatch.chdir(installed)
    monkeypatch.setattr(sys, "argv", [str(installed / "glassnet")])
    assert again.program() == "./glassnet"
    monkeypatch.chdir("/")
    assert again.program() == str(installed / "glassnet").lstrip("/")  # from /, which is here
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert again.program() == str(installed / "glassnet")


def test_a_program_on_the_path_goes_by_its_name_and_so_does_a_module(installed, monkeypatch):
    monkeypatch.setenv("PATH", f"{installed}:/usr/bin")
    assert (again.program(), again.python()) == ("glassnet", "python")
    monkeypatch.setenv("PATH", "/usr/bin")
    monkeypatch.setattr(sys, "argv", ["/somewhere/glassnet/cli/__main__.py"])
    assert (again.program(), again.python()) == ("glassnet", "python")


def test_lines_to_paste_are_read_alike_by_sh_and_powershell():
    """Single quotes lose double ones inside them in Windows PowerShell, and cmd knows none."""
    words = ["glassnet", "train", "my table.csv", "--missing", "it's", "--hidden", "16,8", "--exclude", "größe", ""]
    assert shlex.split(again.pasted(words)) == words
    assert again.pasted(words[:6]) == 'glassnet train "my table.csv" --missing "it\'s" --hidden'
    assert again.quoted("16,8", windows=True) == '"16,8"'  # two words without quotes
    assert again.quoted(r".venv\Scripts\glassnet", windows=True) == r".venv\Scripts\glassnet"
    for word in ('"', "$HOME", "`ls`", "a\\b", "!", "*", "a;b", "é"):
        assert shlex.split(again.quoted(word, windows=False)) == [word]
