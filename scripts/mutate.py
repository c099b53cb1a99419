#!/usr/bin/env python
"""Whether tests notice when a formula, a bound or a sign is wrong: `scripts/mutate.py ROOM [COUNT [SEED]]`.

In a copy of the source one place of ROOM (`formulas`, `data/files`, `engines/memory.py`) is changed: + to -, * to
/, < to <=, and to or, a number to the next, a condition to its opposite, a statement to nothing. Then those of the
room's tests are run that run through the changed line (`coverage` says which: pip install coverage), up to the first
that fails: doctests, then the tests of the same name, then others, MOST at most. A change that no test notices has
survived: it is printed, to be looked at. Each is run in a fork of this process, which has imported all but glassnet
and the tests; one that takes five times as long as the same tests without it is stopped, and counts as noticed.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import importlib
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "glassnet"
TESTS = {  # the tests of a room; of others it is the folder of the same name
    "formulas": ["tests/formulas", "tests/training/test_against_textbook.py"],
    "expressions": ["tests/expressions", "tests/derivation/test_derive.py"],
    "derivation": ["tests/derivation", "tests/readings/explain", "tests/training/test_against_textbook.py"],
    "engines/memory.py": [
        "tests/engines/test_memory.py",
        "tests/training/test_state.py",
        "tests/training/test_going_on.py",
        "tests/model/test_model.py",
    ],
    "data/files": ["tests/data/files", "tests/model/saving"],
    "training": [
        "tests/training",
        "tests/cli/test_predict_parts.py",
        "tests/model/checkpoints",
        "tests/model/test_ensemble.py",
        "tests/model/test_model.py",
        "tests/model/test_runs.py",
        "tests/test_interrupts.py",
    ],
}
MOST = 60.0  # seconds of tests for a change
BEFORE = ["numpy", "pytest", "scipy.special", "mpmath", "safetensors", "pandas"]
TURNED = [(ast.Add, ast.Sub), (ast.Mult, ast.Div), (ast.And, ast.Or), (ast.Lt, ast.LtE), (ast.Gt, ast.GtE)]
TURNED += [(ast.Eq, ast.NotEq), (ast.Is, ast.IsNot), (ast.In, ast.NotIn)]
SWAPS: dict[type[ast.AST], type[ast.AST]] = dict(TURNED) | {b: a for a, b in TURNED}
SWAPS |= dict.fromkeys((ast.Pow, ast.FloorDiv, ast.Mod), ast.Mult)


@dataclass(frozen=True)
class Mutant:
    """A file with one change, which starts in a line."""

    path: Path
    line: int
    text: bytes

    def __str__(self) -> str:
        before, after = (
            text.splitlines()[self.line - 1].decode().strip() for text in (self.path.read_bytes(), self.text)
        )
        return f"{self.path.relative_to(ROOT)}:{self.line}\n  - {before}\n  + {after}"


def mutants(path: Path) -> Iterator[Mutant]:
    """Every change of a file; each leaves its lines where they are."""
    text = path.read_bytes()
    starts = list(accumulate(map(len, text.splitlines(keepends=True)), initial=0))
    for node in changeable(ast.parse(text)):
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        begin, end = starts[node.lineno - 1] + node.col_offset, starts[node.end_lineno - 1] + node.end_col_offset
        old = text[begin:end].decode()
        for new in changes(node):
            lines = "\n" * old.count("\n")
            placed = f"{new}{lines}" if isinstance(node, ast.stmt) else f"({new}{lines})"
            whole = text[:begin] + placed.encode() + text[end:]
            with contextlib.suppress(SyntaxError):
                ast.parse(whole)
                yield Mutant(path, node.lineno, whole)


def changeable(tree: ast.AST) -> Iterator[ast.expr | ast.stmt]:
    """The parts of a module that run: no annotations, docstrings, imports for types, insides of f-strings."""
    for name, field in ast.iter_fields(tree):
        if name in ("annotation", "returns", "decorator_list", "type_params"):
            continue
        for node in field if isinstance(field, list) else [field]:
            if not isinstance(node, ast.AST) or isinstance(node, (ast.JoinedStr, ast.Import, ast.ImportFrom)):
                continue
            if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
                continue
            if isinstance(node, ast.keyword) and node.arg == "strict":  # zip's: lengths are alike where all is right
                continue
            if isinstance(node, (ast.expr, ast.stmt)):
                yield node
            yield from changeable(node)


def changes(node: ast.expr | ast.stmt) -> Iterator[str]:
    """What may stand in a node's place."""
    if isinstance(node, (ast.BinOp, ast.BoolOp)) and type(node.op) in SWAPS:
        yield ast.unparse(with_field(node, op=SWAPS[type(node.op)]()))
    elif isinstance(node, ast.Compare) and type(node.ops[0]) in SWAPS:
        yield ast.unparse(with_field(node, ops=[SWAPS[type(node.ops[0])](), *node.ops[1:]]))
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.Not)):
        yield ast.unparse(node.operand)
    elif isinstance(node, ast.IfExp):
        yield ast.unparse(with_field(node, body=node.orelse, orelse=node.body))
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield str(not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        yield repr(node.value + 1)
    elif isinstance(node, ast.AugAssign) and type(node.op) in SWAPS:
        yield ast.unparse(with_field(node, op=SWAPS[type(node.op)]()))
    elif is_told(node) or (
        isinstance(node, ast.Assign) and isinstance(node.targets[0], (ast.Attribute, ast.Subscript))
    ):
        yield "pass"


def is_told(node: ast.AST) -> bool:
    """Whether a statement only calls something."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)


def with_field(node: ast.AST, **fields: object) -> ast.AST:
    """The same node with another field."""
    return type(node)(**{**dict(ast.iter_fields(node)), **fields})


class Watched:
    """A plugin of pytest: the seconds that each test takes, and which lines of a folder it runs through."""

    def __init__(self, folder: Path) -> None:
        import coverage  # here: the process that is forked must not have begun with it

        self.name = ""
        self.seconds: Counter[str] = Counter()
        self.coverage = coverage.Coverage(data_file=None, config_file=False, source=[str(folder)])
        self.coverage.start()

    def pytest_runtest_setup(self, item: Any) -> None:
        self.name = name_of(item)
        self.coverage.switch_context(self.name)

    def pytest_runtest_logreport(self, report: Any) -> None:
        self.seconds[self.name] += report.duration

    def save(self, path: Path, files: Iterable[Path]) -> None:
        """As JSON, with the tests of each line of files."""
        self.coverage.stop()
        data = self.coverage.get_data()
        lines = {str(file): data.contexts_by_lineno(str(file)) for file in files}
        path.write_text(json.dumps({"seconds": self.seconds, "lines": lines}))


def name_of(item: Any) -> str:
    """A test's function, without its parameters; pytest's own name of one outside the project leaves out its folder."""
    return f"{item.path}::{item.nodeid.partition('::')[2].partition('[')[0]}"


def tried(argv: Sequence[str], folder: Path, seconds: float, watched: Path | None = None) -> str:
    """How pytest ends in a fork that imports glassnet from a folder: passed, failed or stopped. It can be watched."""
    child = os.fork()
    if not child:
        os.setpgid(0, 0)
        with open(watched.with_suffix(".txt") if watched else os.devnull, "w") as said:
            for stream in (1, 2):
                os.dup2(said.fileno(), stream)
        sys.path.insert(0, str(folder))
        os.environ |= {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1", "OPENBLAS_NUM_THREADS": "1"}
        sys.dont_write_bytecode = True
        import pytest

        code = 1
        with contextlib.suppress(BaseException):
            plugins = [Watched(folder)] if watched else []
            options = ["-c", f"{ROOT}/pyproject.toml", "-x", "-q", "-p", "no:cacheprovider"]
            code = int(pytest.main([*options, *argv], plugins=plugins))
            for plugin in plugins:
                plugin.save(watched, folder.rglob("*.py"))
        os._exit(code)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return "passed" if status == 0 else "failed"
        time.sleep(0.02)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "stopped"


def tests_of(mutant: Mutant, file: Path, found: Mapping[str, Any]) -> list[str]:
    """The tests that run through a changed line, nearest first; of a line that only imports run through, all."""
    seconds, lines = found["seconds"], {int(line): names for line, names in found["lines"][str(file)].items()}
    line = max((line for line in lines if line <= mutant.line), default=0)  # where its statement begins
    names = [name for name in lines.get(line, ()) if name] or list(seconds)
    stem = mutant.path.stem
    names.sort(key=lambda name: (str(file.name) not in name, stem not in Path(name.partition("::")[0]).name))
    so_far = accumulate(seconds.get(name, 0.0) for name in names)
    return [name for name, until in zip(names, so_far, strict=True) if until < MOST] or names[:1]


def main() -> int:
    """The exit status: 1 if fewer than nine of ten were noticed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("room")
    parser.add_argument("count", nargs="?", type=int, default=100)
    parser.add_argument("seed", nargs="?", type=int, default=0)
    parser.add_argument("--tests", nargs="*")
    asked = parser.parse_args()
    os.chdir(ROOT)
    place = SOURCE / asked.room
    paths = sorted(place.rglob("*.py")) if place.is_dir() else [place]
    every = [mutant for path in paths for mutant in mutants(path)]
    chosen = random.Random(asked.seed).sample(every, min(asked.count, len(every)))
    tests = asked.tests or TESTS.get(asked.room, [f"tests/{asked.room}"])
    for name in BEFORE:
        importlib.import_module(name)
    ends: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as temporary:
        folder, watched = Path(temporary) / "src", Path(temporary) / "watched.json"
        shutil.copytree(SOURCE, folder / "glassnet")
        if tried([*tests, str(folder / "glassnet" / asked.room)], folder, 3600, watched) != "passed":
            print("the tests fail without any change:", watched.with_suffix(".txt").read_text()[-2000:])
            return 2
        found = json.loads(watched.read_text())
        first = {name.partition("::")[0]: name for name in found["seconds"]}.values()
        assert tried([*first], folder, 3600) == "passed"  # tests are found by their names, and failing means failing
        took = sum(found["seconds"].values())
        print(f"{len(every)} places, {len(chosen)} of them; all tests take {took:.0f} s", flush=True)
        for mutant in chosen:
            changed = folder / "glassnet" / mutant.path.relative_to(SOURCE)
            nearest = tests_of(mutant, changed, found)
            changed.write_bytes(mutant.text)
            ended = tried(nearest, folder, 20 + 5 * sum(found["seconds"].get(name, 0.0) for name in nearest))
            shutil.copy2(mutant.path, changed)
            ends[ended] += 1
            if ended == "passed":
                print(mutant, flush=True)
    noticed = ends["failed"] + ends["stopped"]
    print(f"{asked.room}: {noticed} of {len(chosen)} were noticed, {ends['stopped']} of them by never ending")
    return int(noticed < 0.9 * len(chosen))


if __name__ == "__main__":
    sys.exit(main())
