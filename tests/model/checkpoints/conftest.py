"""A power cut after some writes: what was written remains, and nothing else."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import glassnet as gn
from glassnet.model.checkpoints import series, spent


class Cut(BaseException):
    """The power is cut."""


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Written down after every step."""
    monkeypatch.setattr(spent, "LEAST", 0.0)
    monkeypatch.setattr(spent, "SHARE", 1e9)


@pytest.fixture
def through_cuts(often: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Any]:
    """Run a program again and again, the power cut each time after some writes, until it is through: what it gives."""
    written, write = [0], series.Series.write

    def counted(*given: Any) -> None:
        write(*given)
        written[0] -= 1
        if not written[0]:
            raise Cut

    def run(program: Callable[[], Any], *, writes: int = 3, least: int = 1) -> Any:
        for cuts in range(1000):
            written[0] = writes
            try:
                with gn.checkpoints(tmp_path / "kept"):
                    found = program()
            except Cut:
                continue
            assert cuts >= least, "it was through before it could be cut"
            return found
        raise AssertionError("it gets nowhere")

    monkeypatch.setattr(series.Series, "write", counted)
    return run
