"""Where the model files of these tests lie."""

import pytest


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.glass"


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    """One path for all examples of a property: each overwrites it."""
    return tmp_path_factory.mktemp("scratch") / "model.glass"
