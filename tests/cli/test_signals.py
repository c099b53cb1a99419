"""Ctrl-C, SIGTERM and SIGHUP, each in a process of its own. Random moments of every kind: scripts/verify_signals.py."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from glassnet import load

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals cannot be sent to one process there")

MODULE = [sys.executable, "-m", "glassnet"]
NOTHING = "error: interrupted; nothing was saved\n"
FOREVER = ["train", "penguins", "--epochs", "1000000", "--patience", "0", "--engine", "numpy"]
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]

# a command that takes a long time with its next step, once so many were taken: the main thread asks nobody
LONG_STEP = """
import os, sys, time
sys.argv[0], steps = "glassnet", int(sys.argv.pop())
from glassnet.cli import main
from glassnet.training.numpy_steps import NumPySteps

through = NumPySteps.through

def long(self, place, last, losses, asked):
    if self.memory.t <= steps < self.memory.t + last - place.batch:
        through(self, place, place.batch + steps - self.memory.t, losses, asked)
        print("at it", flush=True)
        while not os.path.exists("go on"):
            time.sleep(0.01)
    return through(self, place, last, losses, asked)

NumPySteps.through = long
sys.exit(main())
"""


def started(*argv, cwd, command=MODULE, **more):
    return subprocess.Popen(
        [*command, *argv],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1", **more},
    )


def wait_for(words, process):
    for line in process.stdout:
        if words in line:
            return
    raise AssertionError(process.stderr.read())


@pytest.mark.parametrize("signum", SIGNALS)
@pytest.mark.parametrize("command", [MODULE, [sys.executable, "-m", "glassnet.cli"], "script"])
def test_while_glassnet_is_imported_it_ends_at_once(tmp_path, signum, command):
    (tmp_path / "numpy.py").write_text(f"import os\nos.kill(os.getpid(), {int(signum)})\nraise RuntimeError")
    if command == "script":  # as pip makes it
        script = tmp_path / "glassnet"
        script.write_text("import sys\nfrom glassnet.cli import main\nsys.exit(main())\n")
        command = [sys.executable, str(script)]
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    done = started("summary", "nothing.glass", cwd=tmp_path, command=command, PYTHONPATH=path)
    assert done.communicate(timeout=60) == ("", NOTHING)
    assert done.returncode == 128 + signum


def test_a_program_of_ones_own_keeps_its_signals(tmp_path):
    (tmp_path / "own.py").write_text(
        "import signal\n"
        "import glassnet.cli\n"
        "names = ('SIGINT', 'SIGTERM', 'SIGHUP')\n"
        "print([signal.getsignal(getattr(signal, name)) for name in names]\n"
        "      == [signal.default_int_handler, signal.SIG_DFL, signal.SIG_DFL])\n"
    )
    out, err = started(cwd=tmp_path, command=[sys.executable, "own.py"]).communicate(timeout=60)
    assert (out, err) == ("True\n", "")


@pytest.mark.parametrize("signum", SIGNALS)
def test_while_it_trains_the_model_is_saved(tmp_path, signum):
    process = started(*FOREVER, *([] if signum == signal.SIGINT else ["--no-plot"]), cwd=tmp_path)
    wait_for("Network", process)
    time.sleep(0.7)
    process.send_signal(signum)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 128 + signum
    assert "Traceback" not in out + err
    assert "the model so far is saved in penguins.glass" in err
    assert load(tmp_path / "penguins.glass").history.stopped == "interrupted"


def long_step(*argv, cwd, after):
    process = started(*FOREVER, *argv, str(after), cwd=cwd, command=[sys.executable, "-c", LONG_STEP])
    wait_for("at it", process)
    return process


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_in_a_long_step_the_last_whole_one_is_saved(tmp_path, more):
    process = long_step("--batch-size", "0", *more, cwd=tmp_path, after=3)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 143
    words = "interrupted after 3 epochs; the model so far is saved in penguins.glass"
    assert err == f"{words}\n"
    if more:
        assert json.loads(out.splitlines()[-1]) == {"error": {"code": 143, "message": words}}
    model = load(tmp_path / "penguins.glass")
    assert (model.epochs, len(model.history), model.history.stopped) == (3, 3, "interrupted")


def test_less_than_an_epoch_is_saved_too(tmp_path):
    process = long_step("--batch-size", "9", cwd=tmp_path, after=3)
    process.send_signal(signal.SIGINT)
    (tmp_path / "go on").touch()
    err = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert err == "error: interrupted after 3 steps; the model so far is saved in penguins.glass\n"
    model = load(tmp_path / "penguins.glass")
    assert model.memory.t == 3


def test_the_second_time_it_ends_at_once(tmp_path):
    process = long_step("--batch-size", "0", cwd=tmp_path, after=3)
    process.send_signal(signal.SIGHUP)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=60)[1] == NOTHING
    assert process.returncode == 129
    assert not (tmp_path / "penguins.glass").exists()


def test_who_ends_it_while_another_thread_does_leaves_it_the_time_to_say_so(tmp_path):
    (tmp_path / "own.py").write_text(
        "import threading, time\n"
        "from glassnet import ending\n"
        "write = ending.write\n"
        "ending.write = lambda *said: (time.sleep(0.1), write(*said))\n"
        "threading.Thread(target=ending.at_once, args=[2]).start()\n"
        "ending.at_once(2)\n"
    )
    process = started(cwd=tmp_path, command=[sys.executable, "own.py"])
    assert process.communicate(timeout=60) == ("", NOTHING)
    assert process.returncode == 130


@pytest.mark.parametrize("again", [False, True])
def test_of_what_is_kept_in_a_folder_it_says_so(tmp_path, again):
    process = long_step("--batch-size", "0", "--cv", "3", "--checkpoint-dir", "kept", "--json", cwd=tmp_path, after=3)
    process.send_signal(signal.SIGINT)
    if again:
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
    else:
        (tmp_path / "go on").touch()
    out, err = process.communicate(timeout=60)
    words = "interrupted; no model was saved, and the same command goes on with what is kept in kept"
    assert (process.returncode, err.splitlines()[-1]) == (130, f"error: {words}")
    assert json.loads(out.splitlines()[-1]) == {"error": {"code": 130, "message": words}}
    assert (tmp_path / "kept" / "1.begin.glass").exists()


def test_a_terminal_that_is_closed_leaves_the_model(tmp_path):
    import pty

    pid, terminal = pty.fork()
    if not pid:
        os.chdir(tmp_path)
        os.execv(sys.executable, [*MODULE, *FOREVER])
    shown = b""
    while b"loss 0" not in shown:  # the bar is there
        shown += os.read(terminal, 4096)
    os.close(terminal)  # SIGHUP, and nobody to write to
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 129
    assert load(tmp_path / "penguins.glass").epochs > 0


def test_what_is_ignored_stays_ignored(tmp_path):
    argv = ["train", "penguins", "--epochs", "20", "--no-plot", "--recipe", "small", "--engine", "numpy", "--quiet"]
    process = subprocess.Popen(["nohup", *MODULE, *argv], cwd=tmp_path, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    time.sleep(0.5)
    process.send_signal(signal.SIGHUP)
    assert process.wait(timeout=60) == 0
