"""What only a process of its own shows: streams, signals, the environment."""

import io
import os
import signal
import subprocess
import sys
import time

import pytest

from glassnet.cli.screen import put

COMMAND = [sys.executable, "-m", "glassnet.cli"]


def run(*argv, cwd, **options):
    return subprocess.run([*COMMAND, *map(str, argv)], cwd=cwd, capture_output=True, text=True, timeout=60, **options)


def test_without_home_terminal_or_input(tmp_path):
    env = {"PATH": os.environ["PATH"], "TMPDIR": "/nowhere"}
    result = run("train", "penguins", "--epochs", 5, cwd=tmp_path, env=env, stdin=subprocess.DEVNULL)
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    assert "\x1b" not in result.stdout
    assert (tmp_path / "penguins-loss.png").exists()


def test_a_terminal_that_knows_ascii_only(tmp_path):
    env = {**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    result = run("train", "penguins", "--target", "body_mass_g", "--epochs", 2, "--no-plot", cwd=tmp_path, env=env)
    assert result.returncode == 0, result.stderr


def test_head_ends_it_quietly(tmp_path, penguins_file):
    first = subprocess.Popen(
        [*COMMAND, "predict", str(penguins_file), "penguins"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
    )
    first.stdout.close()
    err = first.stderr.read()
    first.stderr.close()
    assert first.wait(timeout=30) == 141
    assert b"Traceback" not in err
    assert b"error" not in err
    assert b"BrokenPipe" not in err


def test_where_nothing_is_buffered_all_is_written(monkeypatch):
    """With `python -u` the system may take a part of what is written, and says how much."""
    taken = []

    class AsMuchAsItLikes(io.RawIOBase):
        def writable(self):
            return True

        def write(self, data):
            taken.append(bytes(data[:7]))
            return len(taken[-1])

    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(AsMuchAsItLikes(), encoding="utf-8"))
    put("0123456789\n" * 5)
    assert b"".join(taken).decode() == "0123456789\n" * 5


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_is_code_5(tmp_path, penguins_file):
    with open("/dev/full", "w") as full:
        result = subprocess.run(
            [*COMMAND, "summary", str(penguins_file)], stdout=full, stderr=subprocess.PIPE, text=True, cwd=tmp_path
        )
    assert result.returncode == 5
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("\n") == 1


def test_ctrl_c_from_outside_saves_and_ends_with_130(tmp_path):
    argv = ["train", "penguins", "--epochs", "1000000", "--patience", "0", "--no-plot", "--engine", "numpy"]
    process = subprocess.Popen(
        [*COMMAND, *argv],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    for line in process.stdout:
        if line.startswith("Network"):
            break
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "the model so far is saved" in err
    assert "Traceback" not in out + err
    assert run("evaluate", "penguins.glass", "penguins", cwd=tmp_path).returncode == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_code_5(tmp_path):
    tmp_path.chmod(0o500)
    result = run("train", "penguins", cwd=tmp_path)
    assert result.returncode == 5
    assert "cannot write 'penguins.glass'" in result.stderr


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_no_mistake(tmp_path, closed, penguins_file):
    for argv in ("train penguins --epochs 2 --no-plot", f"predict {penguins_file} penguins", "train nothing"):
        command = f"{sys.executable} -m glassnet.cli {argv} {closed}"
        result = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True)
        assert result.returncode == (5 if argv == "train nothing" else 0)
        assert "Traceback" not in result.stdout + result.stderr


def test_ctrl_c_while_the_commands_are_imported_is_code_130(tmp_path):
    (tmp_path / "typer.py").write_text("raise KeyboardInterrupt")
    result = run("--version", cwd=tmp_path)
    assert result.returncode == 130
    assert result.stderr == "error: interrupted; nothing was saved\n"
