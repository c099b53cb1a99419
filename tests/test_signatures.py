"""What a function or a record is given by position is little enough to be read without looking it up."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import glassnet

PACKAGE = Path(glassnet.__file__).parent
FILES = {".".join(path.relative_to(PACKAGE).with_suffix("").parts): path for path in PACKAGE.rglob("*.py")}

MOST = 6  # arguments by position
FEW = 4  # fields of a record that may be given by position


@cache
def tree(module: str) -> ast.Module:
    """What stands in a file."""
    return ast.parse(FILES[module].read_text(encoding="utf-8"))


def public(module: str, name: str) -> bool:
    """Whether people call it themselves, and read in documents in which order: commands are called like their file."""
    return name in glassnet.__all__ or module == f"cli.{name}"


def functions(tree: ast.AST, owner: str = "") -> Iterator[tuple[str, ast.FunctionDef]]:
    """All functions, with the name of the class that they belong to, or their own."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef):
            yield owner or node.name, node
        yield from functions(node, node.name if isinstance(node, ast.ClassDef) else owner)


@pytest.mark.parametrize("module", FILES)
def test_functions_take_few_arguments_by_position(module: str) -> None:
    for owner, function in functions(tree(module)):
        given = [item.arg for item in (*function.args.posonlyargs, *function.args.args)]
        given = given[given[:1] in (["self"], ["cls"]) :]
        assert len(given) <= MOST or public(module, owner), f"{function.name} takes {', '.join(given)} by position"


@pytest.mark.parametrize("module", FILES)
def test_large_records_are_given_by_name(module: str) -> None:
    for record in ast.walk(tree(module)):
        if isinstance(record, ast.ClassDef) and not public(module, record.name):
            made = [ast.unparse(item) for item in (*record.decorator_list, *record.bases)]
            if any(item == "NamedTuple" or item.startswith("dataclass") for item in made):
                fields = [field for field in record.body if isinstance(field, ast.AnnAssign)]
                kinds = [ast.unparse(field.annotation) for field in fields]
                by_position = kinds.index("KW_ONLY") if "KW_ONLY" in kinds else len(kinds)
                by_name = any("kw_only=True" in item or "init=False" in item for item in made)
                assert by_position <= FEW or by_name, f"{record.name} takes {len(kinds)} fields by position"
