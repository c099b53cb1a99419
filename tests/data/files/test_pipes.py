"""Named pipes: a table is read as it comes, nobody is waited for without end."""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import glassnet as gn
from glassnet.data.files import pipes
from glassnet.data.files.pipes import is_named_pipe
from glassnet.data.tables import as_table

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")

TABLE = "a,b\n1,2\n3,4\n"


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    path = tmp_path / "pipe.csv"
    os.mkfifo(path)
    return path


def read_while(pipe: Path, write: Callable[[], None]) -> list[float]:
    """Column b of the table that comes out of the pipe while another thread writes into it."""
    writer = threading.Thread(target=write)
    writer.start()
    table = as_table(pipe)
    writer.join()
    return [float(value) for value in table.column("b")]


def test_a_model_is_not_read_from_one(pipe: Path) -> None:
    with pytest.raises(gn.ModelFileError, match=r"pipe\.csv': this is a named pipe, not a model file"):
        gn.load(pipe)


@pytest.mark.parametrize("name", ["pipe.csv", "pipe.json", "pipe.parquet"])
def test_a_table_that_nobody_writes_is_not_waited_for_without_end(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipes, "PATIENCE", 0.1)
    os.mkfifo(tmp_path / name)
    with pytest.raises(gn.DataError, match=f"{name} is a named pipe"):
        as_table(tmp_path / name)


def test_a_table_is_read_from_one_whose_writer_comes_late_and_is_slow(
    pipe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late_and_slow() -> None:
        time.sleep(0.1)
        with open(pipe, "w") as file:
            time.sleep(0.4)  # it is there, so it is waited for beyond the patience
            for line in TABLE.splitlines(keepends=True):
                file.write(line)
                file.flush()
                time.sleep(0.05)

    monkeypatch.setattr(pipes, "PATIENCE", 0.3)
    assert read_while(pipe, late_and_slow) == [2, 4]


def test_a_pipe_of_the_shell_is_no_named_one(pipe: Path) -> None:
    read_end, write_end = os.pipe()
    try:
        assert is_named_pipe(pipe)
        assert not is_named_pipe(f"/dev/fd/{read_end}")
        assert not is_named_pipe(pipe.parent)
        assert not is_named_pipe(pipe.parent / "none")
        assert not is_named_pipe("a\0b")
    finally:
        os.close(read_end)
        os.close(write_end)
