"""The lines under "Next" begin as the user called the program."""

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
