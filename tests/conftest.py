"""What tests of every kind share."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The smallest test first."""
    items.sort(key=lambda item: Path(item.path).name != "test_tiny.py")


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Compiled code goes to a folder of this run: tests start with nothing compiled and leave nothing behind."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GLASSNET_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session", autouse=True)
def _interrupts() -> None:
    """Ctrl-C is Python's own: a shell's background jobs ignore it, and what they start does too."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
