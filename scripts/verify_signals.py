#!/usr/bin/env python
"""What Ctrl-C, SIGTERM and SIGHUP do to a command: `scripts/verify_signals.py [--moments N] [--only WORK …]`.

Each kind of work is started N times for each signal, which comes at a random moment of it. Every one of them must end
within two seconds, with the exit code of its signal, without a traceback; the model must be there where the command
says so, load, and answer. "heard" is how long it took until the first word about it, "ended" until the process was
gone. The exit status is 1 if anything differs. With 8 moments it takes some twenty minutes.
"""

from __future__ import annotations

import argparse
import os
import random
import selectors
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

import glassnet as gn

SOURCE = str(Path(gn.__file__).parents[1])
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
WITHIN = 2.0  # seconds
FOREVER = ("--epochs", "100000000", "--patience", "0")
MODULE = (sys.executable, "-m", "glassnet")
SCRIPT = (sys.executable, "-c", "import sys; sys.argv[0] = 'glassnet'; from glassnet.cli import main; sys.exit(main())")


@dataclass(frozen=True, kw_only=True)
class Work:
    """A kind of work.

    Attributes
    ----------
    name
        What it is called here.
    argv
        The command.
    moments
        Seconds since it hears signals, or `begins` was said: between these the signal comes. Work that ends by itself
        is carried out once before, and no signal comes in the last third of its time.
    begins
        What it says when this work begins; empty: it is begun with.
    cold
        Whether nothing was compiled before.
    saves
        Whether there is a model to be saved, at any of these moments.
    start
        How the command line is started.
    """

    name: str
    argv: tuple[str, ...]
    moments: tuple[float, float]
    begins: str = ""
    cold: bool = False
    saves: bool = False
    ends: bool = False  # by itself, within a minute
    start: tuple[str, ...] = MODULE


COMPILED, NUMPY = ("--engine", "compiled"), ("--engine", "numpy")
NET = "Network"
LISTENS = 0.1  # seconds until a process hears signals, at most, on a quiet machine
STREAM = ("train", "large.csv", "--target", "y", "--memory", "1MB", "--hidden", "8", "--epochs", "3", "--no-plot")
GIANT = ("train", "giant.csv", "--target", "y", "--batch-size", "0", "--hidden", "1000,1000", *NUMPY, *FOREVER)
WORKS = (
    Work(name="importing, -m", argv=("summary", "known.glass"), moments=(0.0, 0.9), ends=True),
    Work(name="importing, script", argv=("summary", "known.glass"), moments=(0.0, 0.9), ends=True, start=SCRIPT),
    Work(name="reading a table", argv=("evaluate", "known.glass", "large.csv"), moments=(0.1, 4.0), ends=True),
    Work(name="compiling", argv=("train", "penguins", *COMPILED, *FOREVER), moments=(0.5, 5.0), cold=True),
    Work(name="compiled", argv=("train", "penguins", *COMPILED, *FOREVER), moments=(2.0, 4.0), begins=NET, saves=True),
    Work(name="NumPy", argv=("train", "penguins", *NUMPY, *FOREVER), moments=(0.5, 3.0), begins=NET, saves=True),
    Work(name="a giant batch", argv=GIANT, moments=(8.0, 40.0), begins=NET, saves=True),
    Work(name="recipes compared", argv=("train", "penguins", *FOREVER[:2]), moments=(0.5, 6.0)),
    Work(name="the same, cold", argv=("train", "penguins", "--best"), moments=(0.5, 9.0), cold=True),
    Work(name="twice", argv=("train", "penguins", "--recipe", "strong", *FOREVER), moments=(1.0, 6.0)),
    Work(name="an ensemble", argv=("train", "penguins", "--recipe", "ensemble", *FOREVER), moments=(1.0, 6.0)),
    Work(name="folds", argv=("train", "penguins", "--cv", "5", *NUMPY, *FOREVER), moments=(0.5, 5.0)),
    Work(name="predicting", argv=("predict", "known.glass", "large.csv", "-o", "p.csv"), moments=(0.1, 6.0), ends=True),
    Work(name="lottery", argv=("lottery", "xor", "--seeds", "3000"), moments=(0.1, 8.0), ends=True),
    Work(name="diagnosis", argv=("diagnose", "penguins", "--hidden", "1"), moments=(0.1, 9.0), ends=True),
    Work(name="part by part", argv=STREAM, moments=(0.1, 9.0), ends=True, saves=False),
)


@dataclass(frozen=True)
class End:
    """How one of them ended."""

    signum: int
    code: int
    heard: float  # seconds until a word was said; as `ended` where none was
    ended: float
    said: str
    model: str  # "", "loads" or "is broken"

    @cached_property
    def wrong(self) -> str:
        """What is wrong with it; empty: nothing."""
        told = "saved in" in self.said
        faults = {
            f"code {self.code}": self.code != 128 + self.signum,
            f"after {self.ended:.1f} s": self.ended > WITHIN,
            "a traceback": "Traceback" in self.said or "Exception" in self.said,
            "no word": not self.said.strip(),
            "a model that is broken": self.model == "is broken",
            "no model, although it says so": told and not self.model,
            "a model, although nothing was saved": "nothing was saved" in self.said and bool(self.model),
        }
        return ", ".join(name for name, is_so in faults.items() if is_so)


def main(argv: Sequence[str] | None = None) -> int:
    """All of it; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--moments", type=int, default=8, help="of each kind of work, for each signal")
    parser.add_argument("--only", nargs="*", default=[work.name for work in WORKS], metavar="WORK")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args(argv)
    for signum in SIGNALS:
        signal.signal(signum, signal.SIG_DFL)  # what is ignored here is ignored by what is started, too
    threading.Thread(target=sleep_and_see, daemon=True).start()
    rng, wrong, count = random.Random(asked.seed), 0, 0
    print(LINE.format("", "signals", "heard", "ended", "codes", "tracebacks", "models"), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        write_inputs(Path(folder))
        for work in WORKS:
            if work.name in asked.only:
                work = within(work, Path(folder))
                ends = [one(work, signum, rng, Path(folder)) for _ in range(asked.moments) for signum in SIGNALS]
                print(row(work.name, [end for end in ends if end]), flush=True)
                faults = [end for end in ends if end and (end.wrong or (work.saves and not end.model))]
                for end in faults:
                    said = " / ".join(end.said.split("\n"))
                    print(f"    {signal.Signals(end.signum).name}: {end.wrong or 'no model'}: {said[-300:]}")
                wrong, count = wrong + len(faults), count + len(ends)
    print(
        f"{count - wrong} of {count} as they should be; a thread that slept here was woken up to {LATE[0]:.2f} s late"
    )
    return int(wrong > 0)


LATE = [0.0]  # seconds


def sleep_and_see() -> None:
    """How late a thread is woken on this machine, which ends no process sooner than that."""
    while True:
        before = time.monotonic()
        time.sleep(0.01)
        LATE[0] = max(LATE[0], time.monotonic() - before - 0.01)


LINE = "{:18} {:>7} {:>8} {:>8} {:>22} {:>10} {:>9}"


def row(name: str, ends: Sequence[End]) -> str:
    """A line of the table."""
    codes = Counter(end.code for end in ends)
    return LINE.format(
        name,
        len(ends),
        f"{max((end.heard for end in ends), default=0.0):.2f} s",
        f"{max((end.ended for end in ends), default=0.0):.2f} s",
        " ".join(f"{count}×{code}" for code, count in sorted(codes.items())),
        sum("Traceback" in end.said for end in ends),
        f"{sum(end.model == 'loads' for end in ends)} load",
    )


def write_inputs(folder: Path) -> None:
    """The tables and the model that commands read."""
    rng = np.random.default_rng(0)
    for name, rows in (("giant", 20_000), ("large", 200_000)):
        x = rng.normal(size=(rows, 8)).round(3)
        names = ",".join(f"x{k}" for k in range(8))
        np.savetxt(folder / f"{name}.csv", np.c_[x, x.sum(axis=1)], "%.3f", ",", header=f"{names},y", comments="")
    subprocess.run(
        [
            *MODULE,
            "train",
            "giant.csv",
            "--target",
            "y",
            "--recipe",
            "small",
            "--epochs",
            "2",
            "--no-plot",
            "--quiet",
            "-o",
            "known.glass",
        ],
        cwd=folder,
        env=environment(None),
        check=True,
    )


def environment(cache: str | None) -> dict[str, str]:
    """This process's, with the glassnet that is imported here, and a cache of its own."""
    more = {} if cache is None else {"GLASSNET_CACHE": cache}
    return {**os.environ, "PYTHONPATH": SOURCE, "PYTHONUNBUFFERED": "1", **more}


def listens(process: subprocess.Popen[bytes]) -> bool:
    """Whether it hears SIGTERM by now, as Linux knows; what comes sooner comes before our first line."""
    found = Path(f"/proc/{process.pid}/status").read_text().partition("SigCgt:")[2].split(maxsplit=1)
    return bool(int((found or ["0"])[0], 16) >> (signal.SIGTERM - 1) & 1)


def within(work: Work, folder: Path) -> Work:
    """The same, with moments before it ends."""
    if not work.ends:
        return work
    with tempfile.TemporaryDirectory() as cache:
        started = time.monotonic()
        environ = environment(cache if work.cold else None)
        subprocess.run([*work.start, *work.argv], cwd=folder, env=environ, check=True, capture_output=True)
    for path in (*folder.glob("p.csv"), *folder.glob("large.glass")):
        path.unlink()
    low, high = work.moments
    last = 2.0 / 3.0 * (time.monotonic() - started) - LISTENS
    return replace(work, moments=(min(low, last), max(0.0, min(high, last))))


def one(work: Work, signum: int, rng: random.Random, folder: Path) -> End | None:
    """Start it, send the signal, and see; None: it was over before."""
    model = folder / f"{work.argv[1].removesuffix('.csv')}.glass"
    moment = rng.uniform(*work.moments)
    with tempfile.TemporaryDirectory() as cache, (folder / "said").open("w+b") as out:
        process = subprocess.Popen(
            [*work.start, *work.argv],
            cwd=folder,
            env=environment(cache if work.cold else None),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.PIPE,
        )
        assert process.stderr is not None
        try:
            while work.begins and work.begins.encode() not in (folder / "said").read_bytes():
                time.sleep(0.01)
            while not listens(process) and process.poll() is None:
                time.sleep(0.001)
            time.sleep(moment)
            if process.poll() is not None:
                return None
            before = time.monotonic()
            process.send_signal(signum)
            said, heard = words(process, before)
            code = process.wait()
            ended = time.monotonic() - before
        finally:
            process.kill()
            process.wait()
            process.stderr.close()
    found = End(signum, code, heard or ended, ended, said, "" if not model.exists() else state_of(model))
    for path in folder.glob("*-loss.png"):
        path.unlink()
    if model.name != "known.glass":
        model.unlink(missing_ok=True)
    return found


def words(process: subprocess.Popen[bytes], before: float) -> tuple[str, float]:
    """What it still says on stderr, and after how many seconds it began to; 0: it said nothing."""
    assert process.stderr is not None
    said, heard = b"", 0.0
    with selectors.DefaultSelector() as selector:
        selector.register(process.stderr, selectors.EVENT_READ)
        while time.monotonic() - before < 60.0:
            if selector.select(timeout=1.0):
                part = os.read(process.stderr.fileno(), 1 << 16)
                if not part:
                    break
                said += part
                heard = heard or (time.monotonic() - before if b"interrupted" in said else 0.0)
            elif process.poll() is not None:
                break
        else:
            process.kill()
    return said.decode(), heard


def state_of(model: Path) -> str:
    """Whether a model loads and has numbers."""
    try:
        return "loads" if np.isfinite(gn.load(model).memory.theta).all() else "is broken"
    except gn.GlassnetError:
        return "is broken"


if __name__ == "__main__":
    sys.exit(main())
