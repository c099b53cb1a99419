"""Command lines run in this process: fast, and with what they print at hand."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from glassnet.cli import main


@dataclass
class Result:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> str:
        """The error, checked to be one line."""
        lines = [line for line in self.err.splitlines() if line.startswith("error: ")]
        assert len(lines) == 1, self.err
        assert self.err.endswith(lines[0] + "\n")
        assert "Traceback" not in self.out + self.err
        return lines[0]


@pytest.fixture
def glassnet(capfd, tmp_path, monkeypatch):
    """Run `glassnet …` in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*argv: object) -> Result:
        capfd.readouterr()
        code = main([str(item) for item in argv])
        out, err = capfd.readouterr()
        return Result(code, out, err)

    return run


@pytest.fixture(scope="session")
def penguins_file(tmp_path_factory):
    """A model of the penguins."""
    path = tmp_path_factory.mktemp("model") / "penguins.glass"
    assert main(["train", "penguins", "--epochs", "40", "--output", str(path), "--no-plot", "--quiet"]) == 0
    return path


@pytest.fixture(scope="session")
def mass_file(tmp_path_factory):
    """A model of the penguins' mass, a number."""
    path = tmp_path_factory.mktemp("model") / "mass.glass"
    argv = ["train", "penguins", "--target", "body_mass_g", "--epochs", "40", "--output", str(path)]
    assert main([*argv, "--no-plot", "--quiet"]) == 0
    return path


@pytest.fixture(scope="session")
def numbers_file(tmp_path_factory):
    """A model of a table of two columns of numbers, `a` and `b`, and three classes, `y`."""
    folder = tmp_path_factory.mktemp("model")
    (folder / "t.csv").write_text("a,b,y\n" + "".join(f"{k},{k * k % 7},{k % 3}\n" for k in range(30)))
    path = folder / "numbers.glass"
    argv = ["train", str(folder / "t.csv"), "--target", "y", "--recipe", "small", "--epochs", "1"]
    assert main([*argv, "--output", str(path), "--no-plot", "--quiet"]) == 0
    return path


@pytest.fixture
def model(penguins_file, tmp_path):
    """A copy of the penguins' model in the working folder."""
    path = tmp_path / "m.glass"
    path.write_bytes(penguins_file.read_bytes())
    return path
