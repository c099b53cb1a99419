"""Compiled code on disk: found again by the next process, and whatever is wrong with it only costs time."""

import hashlib
import json
import os
import re
import struct
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("numba")

import numba

from glassnet.engines import cache_folder, compiled, lane_loops, machine_code, side_by_side
from glassnet.engines.compiled import file_of, load, state
from glassnet.engines.machine_code import MODULE, Code

VALUES = {"out": np.zeros(1), "x": 4.0}


def code_of(body: str, name: str = "answer") -> Code:
    """A small function as the engine writes them: quickly compiled."""
    text = MODULE.format(how="fused", title="A small function.", name=name, arguments="out, x", body=f"    {body}")
    return Code(text=text, name=name, arguments=("out", "x"), sizes=(), numbers=())


PLUS_ONE = code_of("out[0] = x + 1.0")


def answer(code: Code = PLUS_ONE) -> float:
    """What the function gives for 4."""
    out = np.zeros(1)
    load(code, VALUES)(out, 4.0)
    return float(out[0])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder, and nothing loaded in this process."""
    monkeypatch.setenv("GLASSNET_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(compiled, "LOADED", {})
    return tmp_path / "cache"


@pytest.fixture
def compiles(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the functions that were compiled rather than found."""
    compiled_now: list[str] = []
    compile_ = numba.core.dispatcher._FunctionCompiler.compile

    def watched(self: Any, *args: Any) -> Any:
        compiled_now.append(self.py_func.__name__)
        return compile_(self, *args)

    monkeypatch.setattr(numba.core.dispatcher._FunctionCompiler, "compile", watched)
    return compiled_now


def anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if in a new process."""
    monkeypatch.setattr(compiled, "LOADED", {})


def test_a_function_is_compiled_once_and_then_found(
    folder: Path, compiles: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert state(PLUS_ONE) == "compiled"
    assert answer() == 5.0
    assert compiles == ["answer"]
    assert state(PLUS_ONE) == "loaded"
    anew(monkeypatch)
    assert state(PLUS_ONE) == "cached"
    assert answer() == 5.0
    assert compiles == ["answer"]
    left = sorted(path.name for path in folder.glob("*.*"))  # the machine code and its text, no temporary file
    assert left == [file_of(PLUS_ONE).name, file_of(PLUS_ONE).with_suffix(".py").name]


def test_what_it_is_called_with_decides_what_it_is_compiled_for(folder: Path) -> None:
    function = load(PLUS_ONE, VALUES)
    assert function.kinds == (("float64", 1), "d")
    for out, x in [(np.zeros(1, np.float32), 4.0), (np.zeros((1, 1)), 4.0), (np.zeros(4)[::2], 4.0)]:
        with pytest.raises(TypeError):
            function(out, x)
    with pytest.raises(TypeError, match="takes 2 arguments, got 1"):
        function(np.zeros(1))
    with pytest.raises(TypeError, match="takes arrays, whole numbers and floats, got 'four'"):
        load(code_of("out[0] = x + 2.0"), {"out": np.zeros(1), "x": "four"})


def test_arguments_that_stay_are_looked_at_once(folder: Path) -> None:
    out = np.zeros(1)
    function = load(PLUS_ONE, VALUES).bound(out)
    for x in (1.0, 2.5):
        function(x)
        assert out[0] == x + 1.0


def test_an_array_of_another_kind_never_reaches_machine_code(folder: Path) -> None:
    code = Code(
        text=PLUS_ONE.text.replace("(out, x)", "(x, out)"), name="answer", arguments=("x", "out"), sizes=(), numbers=()
    )
    function = load(code, VALUES).bound(4.0)
    out = np.zeros(1)
    function(out)
    assert out[0] == 5.0
    for other in (np.zeros(1, np.float32), np.zeros(1, np.int64), np.zeros((1, 1)), np.zeros(4)[::2]):
        with pytest.raises((TypeError, struct.error)):
            function(other)
    marked = np.zeros(1, np.dtype(np.float64, metadata={"unit": "m"}))  # an equal dtype, but another object
    function(marked)
    assert marked[0] == 5.0


def test_a_function_that_lacks_memory_says_so(folder: Path) -> None:
    code = code_of("room = new((1 << 40, 1 << 10), np.float64)\n    out[0] = room[0, 0] + x\n    free(room)")
    with pytest.raises(MemoryError, match="not enough memory"):
        answer(code)


def test_a_function_that_needs_what_numba_has_brings_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = code_of("room = np.zeros(3)\n    out[0] = room.sum() + x + 1.0")
    with_counting = "@numba.njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, error_model='numpy')"
    counting = replace(code, text=code.text.replace("@fused", f"import numba\n\n{with_counting}"))
    assert answer(counting) == 5.0
    asks = f"""
import sys, numpy as np
from glassnet.engines.compiled import load
from glassnet.engines.machine_code import Code
out = np.zeros(1)
load({counting!r}, {{"out": out, "x": 4.0}})(out, 4.0)
print(out[0], "numba" in sys.modules, "glassnet.engines.compiling" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True)
    assert (done.stdout.split(), done.stderr) == (["5.0", "True", "False"], "")


def test_another_text_or_another_version_is_another_function(
    folder: Path, compiles: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert answer() == 5.0
    assert answer(code_of("out[0] = x - 1.0")) == 3.0
    assert answer(code_of("out[0] = x * 9.0")) == 36.0  # as long as the first
    assert compiles == ["answer"] * 3
    monkeypatch.setattr(compiled, "surroundings", lambda: "another version")
    anew(monkeypatch)
    assert state(PLUS_ONE) == "compiled"
    assert answer() == 5.0
    assert compiles == ["answer"] * 4


@pytest.mark.parametrize("what", ["numba", "llvmlite", "Python", "the elementary functions", "the processor"])
def test_what_a_function_depends_on_is_part_of_its_files_name(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = file_of(PLUS_ONE)
    monkeypatch.setattr(compiled, "surroundings", compiled.surroundings.__wrapped__)
    assert file_of(PLUS_ONE) == before
    read = Path.read_bytes
    if what == "numba":
        monkeypatch.setattr(compiled, "FOUND", "0.0")
    elif what == "llvmlite":
        monkeypatch.setattr(compiled, "version", lambda name: "0.0")
    elif what == "the processor":
        monkeypatch.setattr(compiled, "get_host_cpu_name", lambda: "another")
    elif what == "Python":
        monkeypatch.setattr(sys, "version", "4.0")
    else:
        monkeypatch.setattr(Path, "read_bytes", lambda path: read(path) + b" " * (path.stem == "elementary"))
    assert file_of(PLUS_ONE) != before


GENERATED = machine_code.MODULE + lane_loops.MODULE + side_by_side.AROUND
# what is imported for something else: its `Code`; what finds the BLAS, whose name and options are part of the name of a
# file; what writes instructions, which are no part of a function but given to it (their numbers are in its text)
NO_PART = {"machine_code", "threads", "fusion", "program"}


def imported(text: str) -> set[str]:
    """The modules of the engines that a text imports."""
    found = set(re.findall(r"^ *from glassnet\.engines\.(\w+) import", text, re.MULTILINE))
    for names in re.findall(r"^ *from glassnet\.engines import ([\w, ]+)", text, re.MULTILINE):
        found |= {name.strip() for name in names.split(",")}
    return found - NO_PART


def test_all_modules_that_take_part_are_part_of_a_files_name() -> None:
    left, found = imported(GENERATED) | {"compiling", "native"}, set[str]()
    while left:
        found.add(name := left.pop())
        left |= imported(Path(compiled.__file__).with_name(f"{name}.py").read_text()) - found
    assert sorted(compiled.USED) == sorted(found)


def test_the_numbers_of_instructions_are_part_of_a_files_name(monkeypatch: pytest.MonkeyPatch) -> None:
    before = file_of(lane_loops.lane_loops.__wrapped__(np.dtype("float64")))
    monkeypatch.setattr(lane_loops, "OPERATIONS", ("another", *lane_loops.OPERATIONS))
    assert file_of(lane_loops.lane_loops.__wrapped__(np.dtype("float64"))) != before


# what may be wrong with the folder


def test_a_folder_that_is_a_file_only_costs_time(folder: Path) -> None:
    folder.write_text("not a folder")
    assert answer() == 5.0
    assert folder.read_text() == "not a folder"


def test_a_folder_that_cannot_be_looked_into_only_costs_time(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exists, is_dir = Path.exists, Path.is_dir

    def closed(path: Path) -> bool:
        if path.is_relative_to(folder):
            raise PermissionError(13, "Permission denied", str(path))
        return False

    monkeypatch.setattr(Path, "exists", lambda path: closed(path) or exists(path))
    monkeypatch.setattr(Path, "is_dir", lambda path: closed(path) or is_dir(path))
    monkeypatch.setattr(cache_folder, "read", closed)
    assert state(PLUS_ONE) == "compiled"
    assert answer() == 5.0


@pytest.mark.parametrize("name", ["a" * 300, "a/" * 3000], ids=["a long name", "a long path"])
def test_a_folder_whose_name_is_too_long_only_costs_time(
    name: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLASSNET_CACHE", str(folder / name))
    assert cache_folder.is_empty()
    assert state(PLUS_ONE) == "compiled"
    assert answer() == 5.0


@pytest.mark.skipif(os.name != "posix", reason="owners and modes are of POSIX")
def test_a_file_that_somebody_else_may_have_written_is_not_loaded(
    folder: Path, compiles: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert answer() == 5.0
    assert folder.stat().st_mode & 0o777 == 0o700
    for mode in (0o620, 0o602, 0o666):
        file_of(PLUS_ONE).chmod(mode)
        anew(monkeypatch)
        assert answer() == 5.0
        assert file_of(PLUS_ONE).stat().st_mode & 0o777 == 0o600
    assert compiles == ["answer"] * 4
    file_of(PLUS_ONE).chmod(0o644)  # others may read it
    anew(monkeypatch)
    assert answer() == 5.0
    assert compiles == ["answer"] * 4
    if os.geteuid() == 0:
        os.chown(file_of(PLUS_ONE), 12345, -1)
    else:
        own = os.geteuid()
        monkeypatch.setattr(os, "geteuid", lambda: own + 1)
    anew(monkeypatch)
    assert answer() == 5.0
    assert compiles == ["answer"] * 5


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_to_only_costs_time(folder: Path) -> None:
    folder.mkdir(mode=0o500)
    assert answer() == 5.0


def test_a_full_disk_only_costs_time(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: Any, **options: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(compiled.tempfile, "mkstemp", full)
    assert answer() == 5.0


def test_code_without_a_file_shows_in_tracebacks(folder: Path) -> None:
    import linecache

    folder.write_text("not a folder")
    load(PLUS_ONE, VALUES)
    shown = linecache.getline(str(file_of(PLUS_ONE).with_suffix(".py")), PLUS_ONE.text.count("\n"))
    assert shown.strip() == "out[0] = x + 1.0"


def damage(folder: Path, pattern: str, content: bytes | None) -> None:
    """Overwrite the files; None: cut them in half."""
    files = list(folder.glob(pattern))
    assert files
    for path in files:
        before = path.read_bytes()
        path.write_bytes(before[: len(before) // 2] if content is None else content)


@pytest.mark.parametrize("pattern", ["*.py", "*.bin"])
@pytest.mark.parametrize("content", [None, b"", b"garbage \x80\x04 ("], ids=["cut in half", "empty", "garbage"])
def test_a_damaged_file_only_costs_time(
    folder: Path, pattern: str, content: bytes | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert answer() == 5.0
    damage(folder, pattern, content)
    anew(monkeypatch)
    assert answer() == 5.0


def test_machine_code_that_is_another_in_one_bit_is_not_believed(
    folder: Path, compiles: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert answer() == 5.0
    whole = file_of(PLUS_ONE).read_bytes()
    for place in (0, 40, len(whole) // 2, len(whole) - 1):
        changed = bytearray(whole)
        changed[place] ^= 1
        file_of(PLUS_ONE).write_bytes(changed)
        anew(monkeypatch)
        assert answer() == 5.0
    assert compiles == ["answer"] * 5


def rewritten(**changes: Any) -> bytes:
    """The file with something else in its first line, and the digest of that."""
    line, _, objects = file_of(PLUS_ONE).read_bytes()[32:].partition(b"\n")
    said = {name: value for name, value in {**json.loads(line), **changes}.items() if value is not None}
    return json.dumps(said).encode() + b"\n" + objects


@pytest.mark.parametrize(
    "changes",
    [{name: None} for name in ("entry", "kinds", "needs", "sizes")]
    + [{"sizes": 7}, {"sizes": [7]}, {"kinds": [[1]]}, {"entry": "another"}, {"needs": ["glassnet_has_no_such_thing"]}],
    ids=str,
)
def test_a_whole_file_that_says_something_else_only_costs_time(
    changes: dict[str, Any], folder: Path, compiles: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert answer() == 5.0
    rest = rewritten(**changes)
    file_of(PLUS_ONE).write_bytes(hashlib.sha256(rest).digest() + rest)
    anew(monkeypatch)
    assert answer() == 5.0
    assert compiles == ["answer"] * 2


@pytest.mark.parametrize("rest", [b"", b"[]\n", b"garbage \x80\n", b"3"])
def test_a_whole_file_of_something_else_only_costs_time(
    rest: bytes, folder: Path, compiles: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert answer() == 5.0
    file_of(PLUS_ONE).write_bytes(hashlib.sha256(rest).digest() + rest)
    anew(monkeypatch)
    assert answer() == 5.0
    assert compiles == ["answer"] * 2


def test_a_file_that_was_removed_is_written_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert answer() == 5.0
    file_of(PLUS_ONE).unlink()
    anew(monkeypatch)
    assert answer() == 5.0
    assert file_of(PLUS_ONE).exists()


# in processes


TRAINS = """
import sys
import numpy as np, glassnet as gn
from numba.core import dispatcher
compile_, compiled = dispatcher._FunctionCompiler.compile, []
def watched(self, *args):
    compiled.append(self.py_func.__name__)
    return compile_(self, *args)
dispatcher._FunctionCompiler.compile = watched
X, y = np.arange(12.0).reshape(4, 3) / 12, np.arange(4.0)
network = gn.Network(gn.Dense(2, "tanh"), gn.Dense(1), loss="squared")
model = gn.train(network, X, y, epochs=3, seed=0, engine="compiled")
print(model.engine.engine, model["W1"].tobytes().hex(), "train_steps" in compiled)
"""


def process(**environment: str | None) -> subprocess.Popen[str]:
    """A process that trains."""
    changed = {name: value for name, value in {**os.environ, **environment}.items() if value is not None}
    command = [sys.executable, "-W", "error", "-c", TRAINS]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=changed)


def test_processes_that_start_at_once_agree_and_the_next_finds_what_they_compiled(folder: Path) -> None:
    first = [process() for _ in range(2)]
    said = [one.communicate() for one in first]
    assert [errors for _, errors in said] == [""] * 2
    engines, weights, _ = zip(*[output.split() for output, _ in said], strict=True)
    assert set(engines) == {"compiled"}
    assert len(set(weights)) == 1
    output, errors = process().communicate()
    assert (output.split(), errors) == (["compiled", weights[0], "False"], "")


@pytest.mark.skipif(sys.platform == "win32", reason="HOME is of Unix")
def test_without_a_home_there_is_no_error(folder: Path, tmp_path: Path) -> None:
    output, errors = process(GLASSNET_CACHE=None, HOME="/nowhere/at/all", XDG_CACHE_HOME=None).communicate()
    assert output.startswith("compiled ")
    assert errors == ""
