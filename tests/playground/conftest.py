"""A run and its server, for the tests of a file together."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from raw_requests import Client, Run, served


@pytest.fixture(scope="module")
def run() -> Run:
    return Run()


@pytest.fixture(scope="module")
def client(run: Run) -> Iterator[Client]:
    with served(run.handle) as client:
        yield client
