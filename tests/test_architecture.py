"""The house as it is described: what its rooms say of their files, and docs/architecture.md."""

import ast
import re
from pathlib import Path

import pytest

import glassnet

PACKAGE = Path(glassnet.__file__).parent
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
