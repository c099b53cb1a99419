"""The first of the cases that `scripts/fuzz_files.py` goes through."""

from pathlib import Path

import fuzz_files
import pytest


def test_damaged_files_are_refused_or_predict_and_models_come_back_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fuzz_files, "ONE_SECOND", 10.0)  # this machine may have other things to do
    monkeypatch.setattr(fuzz_files, "EVERY", 25)
    files = fuzz_files.originals(tmp_path)
    wrong = {case: fuzz_files.run(case, 3, files, tmp_path) for case in range(200)}
    assert {case: said for case, said in wrong.items() if said[1]} == {}


def test_a_broken_reader_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def load(path: Path) -> None:
        raise KeyError("W1")

    monkeypatch.setattr(fuzz_files.gn, "load", load)
    assert fuzz_files.read_mutant(b"", tmp_path / "mutant.glass") == "KeyError: 'W1'"
