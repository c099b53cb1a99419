"""Devices, of which there may be no end, and the names in what the system says."""

import os
import re
from pathlib import Path

import pytest

import glassnet as gn
from glassnet.data.files.path import path_of
from glassnet.data.files.pipes import is_device, named, open_to_read

pytestmark = pytest.mark.skipif(os.name != "posix", reason="devices are no files there")


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/urandom"])
def test_a_device_without_end_is_refused(device: str) -> None:
    assert is_device(device)
    with pytest.raises(gn.DataError, match=f"{device} is a device and no table; give a file"):
        open_to_read(device)
    with pytest.raises(gn.ModelFileError, match="this is a device, not a model file"):
        gn.load(device)


def test_what_gives_nothing_a_terminal_and_a_file_are_none(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("a")
    parent, terminal = os.openpty()
    try:
        found = [is_device(path) for path in (os.devnull, os.ttyname(terminal), tmp_path / "f", tmp_path, "nowhere")]
    finally:
        os.close(parent)
        os.close(terminal)
    assert found == [False] * 5


def test_a_system_error_without_a_name_gets_it_and_others_stay() -> None:
    for error, name in (
        (OSError(5, "Input/output error"), "t.csv"),
        (FileNotFoundError(2, "No such file", "other.csv"), "other.csv"),
        (OSError("without a number"), None),
    ):
        with pytest.raises(type(error), match=re.escape(str(error.strerror or error))), named("t.csv"):
            raise error
        assert error.filename == name


@pytest.mark.parametrize("given", [None, 7, b"t.csv", ["t.csv"], "", "t\0.csv"])
def test_a_path_is_text_that_names_a_file(given: object) -> None:
    with pytest.raises((TypeError, ValueError), match="model must be the name of a file or folder"):
        path_of(given, "model")
    assert path_of(Path("a") / "b") == Path("a/b")
