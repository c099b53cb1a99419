"""What tests of every kind share."""

import functools
import os
import signal
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# How many cases are tried where a test does not say: the same ones each time, so that what fails is what was changed.
# HYPOTHESIS_PROFILE=long looks for others
settings.register_profile("quick", deadline=None, derandomize=True)
settings.register_profile("ci", max_examples=1_000, deadline=None, derandomize=True)
settings.register_profile("long", max_examples=20_000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

if "PYTEST_XDIST_WORKER" in os.environ:  # before NumPy is imported: each process has a core, and takes no other's
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def in_a_large_frame(call: Callable[[], None]) -> None:
    """Python keeps frames in chunks of 16 KiB, which it takes from the system when a call needs another and gives back
    when that returns. Compiling makes calls by the million, and took a third longer where they met the end of a chunk.
    This function's own frame is so large that it has a chunk of 2 MiB, and the rest of that is for what it calls.
    """
    call()


in_a_large_frame.__code__ = in_a_large_frame.__code__.replace(co_stacksize=2**20 // 8)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The smallest test first."""
    items.sort(key=lambda item: Path(item.path).name != "test_tiny.py")
    for item in items:
        item.runtest = functools.partial(in_a_large_frame, item.runtest)  # type: ignore[method-assign]  # of this one


@pytest.fixture(scope="session")
def _folder_of_this_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes share which pytest-xdist starts for one run."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session", autouse=True)
def _own_cache(_folder_of_this_run: Path) -> Iterator[None]:
    """Compiled code goes to a folder of this run: tests start with nothing compiled and leave nothing behind."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GLASSNET_CACHE", str(_folder_of_this_run / "cache"))
        yield


@pytest.fixture(scope="session", autouse=True)
def _own_bytecode(_folder_of_this_run: Path) -> Iterator[None]:
    """Where Python may not keep bytecode beside the modules, the processes that tests start share a folder for it."""
    with pytest.MonkeyPatch.context() as patch:
        if sys.dont_write_bytecode:
            patch.setenv("PYTHONPYCACHEPREFIX", str(_folder_of_this_run / "bytecode"))
            patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        yield


@pytest.fixture(autouse=True)
def _seed(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What draws without a seed draws the same each time this test runs, and another thing each time in it."""
    import numpy as np  # after what is said of OpenBLAS

    seeds, seeded = np.random.SeedSequence(zlib.crc32(request.node.nodeid.encode())), np.random.default_rng
    monkeypatch.setattr(np.random, "default_rng", lambda seed=None: seeded(seeds.spawn(1)[0] if seed is None else seed))


@pytest.fixture(scope="session", autouse=True)
def _signals() -> None:
    """Ctrl-C is Python's own and SIGHUP ends: a shell's background jobs ignore the one, nohup the other, and so would
    what they start."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
