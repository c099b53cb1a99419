"""Imports: NumPy is enough, fast, and no file imports what stands above it."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import glassnet

PACKAGE = Path(glassnet.__file__).parent

# From the ground up. A file or folder imports what stands in lines above its own, and nothing else of glassnet;
# `formulas` import NumPy alone. A new file gets its place here.
LEVELS = """
    errors formulas expressions
    parts.naming parts.remembered
    parts.activations parts.initializers parts.optimizers parts.parameters data.arrays data.files
    parts.losses parts.layers data.tables data.figures
    parts.network data.given datasets
    engines.memory derivation
    engines
    training
    readings.gradcheck
    readings.explain readings.eject
    model
    reproduce sklearn
    cli
    __init__
"""

SIZES = {name: k for k, line in enumerate(LEVELS.split("\n")) for name in line.split()}
FILES = {".".join(path.relative_to(PACKAGE).with_suffix("").parts): path for path in PACKAGE.rglob("*.py")}


def imported(tree: ast.AST, at_once: bool) -> Iterator[str]:
    """The modules of glassnet that are imported when the file is (at once), or later, inside functions."""
    inside = {node for f in ast.walk(tree) if isinstance(f, ast.FunctionDef) for node in ast.walk(f)}
    types = {node for f in ast.walk(tree) if isinstance(f, ast.If) and "TYPE_CHECKING" in ast.dump(f.test)
             for node in ast.walk(f)}  # fmt: skip
    for node in ast.walk(tree):
        if node in types or (node in inside) is at_once:
            continue
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "glassnet":
            module = node.module.removeprefix("glassnet").lstrip(".")
            for item in node.names:  # a file of the package, or a name in its __init__
                inner = f"{module}.{item.name}".lstrip(".")
                if inner in FILES or f"{inner}.__init__" in FILES:
                    yield inner
                elif module:
                    yield module
        elif isinstance(node, ast.Import):
            yield from [item.name[9:] for item in node.names if item.name.startswith("glassnet.")]


def unit(module: str) -> str:
    """The line's word that a module belongs to."""
    parts = module.split(".")
    found = [name for k in range(len(parts), 0, -1) if (name := ".".join(parts[:k])) in SIZES]
    assert found or parts[-1] == "__init__", f"{module} has no place in LEVELS: give it one"
    return found[0] if found else module


def level(module: str) -> int:
    return SIZES.get(unit(module), -1)


@pytest.mark.parametrize("module", FILES)
def test_imports_go_down(module: str) -> None:
    tree = ast.parse(FILES[module].read_text(encoding="utf-8"))
    for other in imported(tree, at_once=True):
        if unit(other) != unit(module):
            assert level(other) < level(module), f"{module} imports {other}, which is not below it"


@pytest.mark.parametrize("module", FILES)
def test_later_imports_go_down_too(module: str) -> None:
    tree = ast.parse(FILES[module].read_text(encoding="utf-8"))
    for other in imported(tree, at_once=False):
        if unit(other) != unit(module):
            assert level(other) < level(module), f"{module} imports {other}, which is not below it"


def test_there_are_no_cycles() -> None:
    graph = {
        name: set(imported(ast.parse(path.read_text(encoding="utf-8")), at_once=True)) for name, path in FILES.items()
    }
    graph = {name: {o if o in graph else f"{o}.__init__" for o in others} for name, others in graph.items()}
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, f"a cycle: {' -> '.join([*path, name])}"
        if name not in done:
            for other in graph.get(name, ()):
                visit(other, (*path, name))
            done.add(name)

    for name in graph:
        visit(name, ())


def test_formulas_import_numpy_and_nothing_else() -> None:
    for path in (PACKAGE / "formulas").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert (node.module or "").startswith(("glassnet.formulas", "numpy", "typing", "collections"))
            elif isinstance(node, ast.Import):
                assert {item.name for item in node.names} <= {"numpy", "math"}


OTHERS = """
    narwhals safetensors matplotlib rich typer click pandas polars pyarrow sklearn scipy numba onnx onnxruntime openpyxl
    jax torch
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


def test_import_loads_no_optional_library() -> None:
    code = f"import sys, glassnet; print(*[name for name in {OTHERS.split()!r} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.split() == []
