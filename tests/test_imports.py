"""Imports: NumPy is enough, fast, and no file imports what stands above it."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import glassnet

PACKAGE = Path(glassnet.__file__).parent

# From the ground up: each name beside `glassnet/__init__.py`, a room or a file. What stands in a line imports what
# stands in lines above its own, and nothing else of glassnet; `formulas` import NumPy alone.
LEVELS = """
    printable interrupts
    ending
    lines errors formulas expressions
    parts
    data
    datasets derivation calibration workers
    engines
    training
    readings
    doctor
    model
    comparison search parallel
    reproduce sklearn
    playground
    cli
    __init__ __main__
"""

LEVEL = {room: k for k, line in enumerate(LEVELS.split("\n")) for room in line.split()}
FILES = {".".join(path.relative_to(PACKAGE).with_suffix("").parts): path for path in PACKAGE.rglob("*.py")}


def imported(module: str) -> Iterator[str]:
    """The files of glassnet that a file imports: at once, inside functions, and for type checkers alone."""
    for node in statements(ast.parse(FILES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert not node.level, f"{module} imports relative to itself"
            for item in node.names:  # a file of the package, or a name in its __init__
                yield from files(f"{node.module}.{item.name}") or files(f"{node.module}")
        elif isinstance(node, ast.Import):
            for item in node.names:
                yield from files(item.name)


def statements(tree: ast.AST) -> Iterator[ast.AST]:
    """All statements, also those in others."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.stmt, ast.excepthandler, ast.match_case)):
            yield node
            yield from statements(node)


def files(name: str) -> list[str]:
    """The file of glassnet that is imported by this name, if there is one."""
    package, _, module = name.partition(".")
    return [file for file in (module, f"{module}.__init__") if file in FILES] if package == "glassnet" else []


@cache
def graph() -> dict[str, set[str]]:
    """The files that each file imports."""
    return {module: set(imported(module)) for module in FILES}


def test_levels_name_what_there_is() -> None:
    found = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert sorted(found) == sorted(LEVEL)


@pytest.mark.parametrize("module", FILES)
def test_imports_go_down(module: str) -> None:
    room = module.split(".")[0]
    for other in graph()[module]:
        above = other.split(".")[0]
        assert above == room or LEVEL[above] < LEVEL[room], f"{module} imports {other}, which is not below it"


def test_there_are_no_circles() -> None:
    try:
        TopologicalSorter(graph()).prepare()
    except CycleError as error:
        pytest.fail(f"a circle of imports: {' <- '.join(error.args[1])}")


def test_formulas_import_numpy_and_nothing_else() -> None:
    for path in (PACKAGE / "formulas").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert (node.module or "").startswith(("glassnet.formulas", "numpy", "typing", "collections"))
            elif isinstance(node, ast.Import):
                assert {item.name for item in node.names} <= {"numpy", "math"}


OTHERS = """
    narwhals safetensors matplotlib rich typer click pandas polars pyarrow sklearn scipy numba onnx onnxruntime openpyxl
    jax torch joblib distributed dask optuna
"""

BLOCKED = f"""
import sys

class Block:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {OTHERS.split()!r}:
            raise ImportError(f"{{name}} is blocked")

sys.meta_path.insert(0, Block())
import glassnet as gn
model = gn.train(gn.Network(gn.Dense(3, "tanh"), gn.Dense(1)), [[0.0], [1.0]], [0.0, 1.0], epochs=2, seed=0)
print(model.predict([[0.5]]).shape, len(str(model.derivation())) > 100, len(model.history.to_csv()) > 10)
"""


def test_numpy_alone_is_enough_to_train() -> None:
    done = subprocess.run([sys.executable, "-W", "error", "-c", BLOCKED], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("(1,) True True\n", "")


# how long it takes: benchmarks/waiting.py
def test_import_loads_nothing_that_stands_above_the_face() -> None:
    code = "import sys, glassnet; print(*{name.split('.')[1] for name in sys.modules if name.startswith('glassnet.')})"
    rooms = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "model" in rooms
    assert not {"reproduce", "sklearn", "cli"} & set(rooms)


def test_import_loads_of_the_page_only_what_opens_it() -> None:
    code = (
        "import sys, glassnet; print(*[name for name in sys.modules if 'playground' in name or name == 'http.server'])"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert loaded == ["glassnet.playground", "glassnet.playground.play"]


def test_import_loads_no_optional_library() -> None:
    code = f"import sys, glassnet; print(*[name for name in {OTHERS.split()!r} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.split() == []
