"""The house as it is described: what its rooms say of their files, and docs/architecture.md."""

import ast
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import glassnet

ROOT = Path(__file__).parent.parent
PACKAGE = Path(glassnet.__file__).parent
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
ROOMS = [path.parent for path in PACKAGE.rglob("__init__.py") if path.parent != PACKAGE]


def said(room: Path) -> str:
    """What a room says of itself."""
    return ast.get_docstring(ast.parse((room / "__init__.py").read_text(encoding="utf-8"))) or ""


def in_order(room: Path) -> list[str]:
    """The files that a room lists, in an order to read them in."""
    lines = re.findall(r"^ {4}(\w+(?:\.py)?(?:, \w+)*),?(?: {2,}.*)?$", said(room), re.MULTILINE)
    return [name.removesuffix(".py") for line in lines for name in line.split(", ")]


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: ".".join(room.relative_to(PACKAGE).parts))
def test_a_room_names_only_files_that_are_there(room: Path) -> None:
    files = {path.stem for path in room.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    named = re.findall(r"`(\w+)\.py`", said(room))
    assert not set(named) - files


@pytest.mark.parametrize(
    "room",
    [room for room in ROOMS if "order to read" in said(room)],
    ids=lambda room: ".".join(room.relative_to(PACKAGE).parts),
)
def test_an_order_to_read_has_every_file_once(room: Path) -> None:
    files = [path.stem for path in room.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()]
    assert sorted(in_order(room)) == sorted(set(files) - {"__init__"})


def test_rooms_of_many_files_have_an_order_to_read_them_in() -> None:
    for room in PACKAGE.iterdir():
        if len(list(room.glob("*.py"))) > 6 and room.name not in ("cli", "sklearn"):
            assert "order to read" in said(room), room.name


# ------------------------------------------------------------------------------------------- docs/architecture.md


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of glassnet with everything that the page adds."""
    folder = tmp_path_factory.mktemp("house")
    shutil.copytree(PACKAGE, folder / "src" / "glassnet", ignore=shutil.ignore_patterns("__pycache__"))
    for block in re.findall(r"^```diff\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL):
        name, *hunks = block.split("@@\n")
        path = folder / name.removeprefix("+++ ").strip()
        for hunk in hunks:
            lines = hunk.splitlines()
            old, new = ("\n".join(line[1:] for line in lines if line[:1] != other) for other in "+-")
            text = path.read_text(encoding="utf-8") if old else ""
            assert text.count(old) == 1 or not old, f"the page changes something in {name} that is not there, once"
            path.write_text(text.replace(old, new) if old else new + "\n", encoding="utf-8")
    return folder


def test_what_is_new_in_the_page_works(changed: Path) -> None:
    code = "\n\n".join(re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
    found = {**os.environ, "PYTHONPATH": str(changed / "src")}
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], env=found, capture_output=True, text=True)
    assert not done.stderr
    assert "theta = theta - lr * sign(" in done.stdout


def test_what_is_new_in_the_page_is_tested_as_it_tests_itself(changed: Path) -> None:
    names = ("formulas/activations.py", "formulas/losses.py", "formulas/updates.py", "parts/layers.py")
    files = [str(changed / "src" / "glassnet" / name) for name in names]
    found = {**os.environ, "PYTHONPATH": str(changed / "src")}
    options = [
        "-q",
        "-p",
        "no:cacheprovider",
        "--doctest-modules",
        "--import-mode=importlib",
        "--rootdir",
        str(changed),
    ]
    done = subprocess.run([sys.executable, "-m", "pytest", *options, *files], env=found, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_files_that_the_page_names_are_there() -> None:
    named = set(re.findall(r"`((?:\w+/)+\w+\.py)`", PAGE)) - {"src/glassnet/__init__.py", "tests/test_imports.py"}
    assert len(named) > 10
    assert not [name for name in named if not (PACKAGE / name).exists()]


def test_the_picture_of_the_house_is_drawn_from_the_code_as_it_is() -> None:
    spec = importlib.util.spec_from_file_location("draw_architecture", ROOT / "scripts" / "draw_architecture.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    assert module.drawn() == module.PICTURE.read_text(encoding="utf-8"), "run scripts/draw_architecture.py"


def test_the_way_of_one_number_is_what_the_example_prints() -> None:
    command = [sys.executable, ROOT / "examples" / "one_number.py"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert f"<!-- the output of examples/one_number.py -->\n```\n{done.stdout.strip()}\n```" in PAGE
