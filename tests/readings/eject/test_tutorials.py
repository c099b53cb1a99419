"""The two tutorials as ejected programs print what `glassnet reproduce` prints, and the files in examples/ are they."""

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import glassnet as gn
from glassnet.readings.eject.tools import ToolMissing, find_tool
from glassnet.reproduce import reproduce

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.fixture(scope="module")
def tutorials() -> ModuleType:
    spec = importlib.util.spec_from_file_location("eject_tutorials", EXAMPLES / "eject_tutorials.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def said_by_reproduce(name: str) -> str:
    said: list[str] = []
    reproduce(name, echo=said.append, seeds=1)
    return "\n".join(said)


def test_xor_in_numpy_prints_the_tutorials_losses_and_outputs(tutorials: ModuleType, tmp_path: Path) -> None:
    tutorials.xor().save(tmp_path / "xor.py")
    done = subprocess.run([sys.executable, "-I", "xor.py"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    expected = said_by_reproduce("xor")
    losses = re.findall(r"^Epoch \d+ Loss: [\d.]+$", done.stdout, re.MULTILINE)
    assert len(losses) == 10
    assert losses == re.findall(r"^Epoch \d+ Loss: [\d.]+$", expected, re.MULTILINE)
    outputs = re.search(r"^Outputs: (.*?) +Loss: ([\d.]+)$", expected, re.MULTILINE)
    assert outputs is not None
    assert re.findall(r"predicted ([\d.]+)", done.stdout) == outputs[1].split()
    assert f"trained to loss {outputs[2]}" in done.stdout


def test_tychobra_in_r_prints_the_tutorials_data_frame(tutorials: ModuleType, tmp_path: Path) -> None:
    try:
        rscript = find_tool(["Rscript"], "Rscript")
    except ToolMissing as missing:
        pytest.skip(str(missing))
    tutorials.tychobra().save(tmp_path / "tychobra.R")
    done = subprocess.run([rscript, "--vanilla", "tychobra.R"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    rows = re.findall(r"^## (\d .*)$", said_by_reproduce("tychobra"), re.MULTILINE)
    assert len(rows) == 4
    assert [line.split() for line in done.stdout.splitlines()[-4:]] == [row.split() for row in rows]


@pytest.mark.parametrize(("name", "file"), [("xor", "xor.py"), ("tychobra", "tychobra.R")])
def test_the_files_in_examples_are_what_is_ejected_now(tutorials: ModuleType, name: str, file: str) -> None:
    def without_last_digits(text: str) -> str:  # of trained weights, which differ between machines
        shown = re.sub(r"-?0x1\.[0-9a-f]+p[+-]\d+|-?\d+\.\d{4,}(e-\d+)?", "…", text)
        return re.sub(r" *(…,?) *", r"\1", shown)  # and with how many there are, the columns' width

    text = str(getattr(tutorials, name)())
    assert without_last_digits((EXAMPLES / "ejected" / file).read_text()) == without_last_digits(text)


def test_the_examples_of_every_language_say_the_same(tmp_path: Path) -> None:
    for tool in ("Rscript", "node", "cc", "soffice"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is needed to run this program, and was not found")
    done = subprocess.run([sys.executable, EXAMPLES / "eject.py"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(": the same\n") == 6


def test_the_programs_are_those_of_the_models_they_come_from(tutorials: ModuleType) -> None:
    plan = tutorials.xor().plan
    assert plan.training is not None
    assert plan.training.optimizer == gn.SGD(0.1)
    assert plan.training.losses[-1] == pytest.approx(0.1282, abs=1e-4)
