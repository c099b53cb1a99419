"""What tests of every kind share."""

from pathlib import Path

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The smallest test first."""
    items.sort(key=lambda item: Path(item.path).name != "test_tiny.py")
