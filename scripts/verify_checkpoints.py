"""Kill trainings at random moments and let every call of the file system fail once; each time they must end alike.

    python scripts/verify_checkpoints.py --kills 500
    python scripts/verify_checkpoints.py --faults
    python scripts/verify_checkpoints.py --cost

Each way to train is a program that keeps itself in a folder. It is killed (SIGKILL) at a random moment, started again,
killed again with a chance of one half, and at last let be; what it saves must have the bytes of one never stopped.
`--faults` needs strace: each write, fsync, rename and unlink of a training is made to fail once, by a kill, an error of
the disk, and a full disk.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

TABLE = "import glassnet as gn; X, y = gn.datasets.moons(300)"
NETWORK = "gn.Network(gn.Dense(16, 'tanh'), gn.Dropout(0.1), gn.BatchNorm(), gn.Dense())"
HOW = "kind='classes', seed=1, progress=False"
BY = "seed=1, progress=False, engine='numpy'"
EARLY = "validation=0.2, early_stopping=60"
WAYS = {
    "numpy": f"m = gn.train({NETWORK}, X, y, {HOW}, epochs=150, engine='numpy')",
    "compiled": f"m = gn.train({NETWORK}, X, y, {HOW}, epochs=2500, engine='compiled')",
    "early stopping": f"m = gn.train({NETWORK}, X, y, {HOW}, epochs=150, {EARLY}, engine='numpy')",
    "ensemble": f"m = gn.train(gn.recipe('strong', members=3), X, y, {BY}, epochs=15)",
    "compare": f"m = gn.compare(X, y, {BY}, trees=False, recipes=['linear', 'small']).model",
    "many": f"m = gn.train_many({NETWORK}, X, y, kind='classes', seeds=6, epochs=40, engine='numpy').best()",
    "part by part": (  # 2,880 rows in blocks of 1,024
        "import sys, numpy as np\n    sys.modules['glassnet.training.store'].CHUNK = 4096\n    "
        "sys.modules['glassnet.training.blocks'].TOGETHER = 0\n    "
        "T = {'a': np.repeat(X[:, 0], 12), 'b': np.tile(X[:, 1], 12), 'y': np.repeat(y, 12)}\n    "
        f"m = gn.train({NETWORK}, gn.stream(T), target='y', {HOW}, validation=0.2, epochs=250, engine='compiled')"
    ),
    "estimator": (
        "from glassnet.sklearn import MLPClassifier\n    "
        "m = MLPClassifier(max_iter=60, tol=0, random_state=1).fit(X, y).model_"
    ),
}
PROGRAM = """import sys, warnings
warnings.simplefilter("ignore")
{table}
with gn.checkpoints(sys.argv[1]):
    {way}
m.save(sys.argv[2])
"""


def program(way: str, folder: Path) -> list[str]:
    """The command that trains, and keeps itself in a folder."""
    text = PROGRAM.format(table=TABLE, way=WAYS[way])
    return [sys.executable, "-c", text, str(folder / "kept"), str(folder / "model.glass")]


def run(command: list[str]) -> float:
    """Seconds that a command takes to its end."""
    started = time.monotonic()
    subprocess.run(command, check=True, capture_output=True)
    return time.monotonic() - started


def one(way: str, whole: bytes, seconds: float, seed: int) -> tuple[int, bool]:
    """Kill it at least once; how often that was in the middle of training, and whether it ended alike."""
    moments, kills = random.Random(seed), 0
    with tempfile.TemporaryDirectory() as name:
        command = program(way, folder := Path(name))
        while True:
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                process.wait(moments.uniform(0.05, seconds))
            except subprocess.TimeoutExpired:
                process.kill()
                kills += process.wait() == -signal.SIGKILL
            if kills and moments.random() < 0.5:
                break
        run(command)
        return kills, (folder / "model.glass").read_bytes() == whole


def kill_often(kills: int, jobs: int, seed: int, only: list[str] | None = None) -> bool:
    """Trainings of all ways, or of some, killed so often in all; whether all ended alike."""
    for way in {*WAYS} - {*(only or WAYS)}:
        del WAYS[way]
    wholes, times = {}, {}
    for way in WAYS:
        with tempfile.TemporaryDirectory() as name:
            times[way] = run(program(way, Path(name)))
            wholes[way] = (Path(name) / "model.glass").read_bytes()
    right = dict.fromkeys(WAYS, 0)
    wrong, killed, turn = dict.fromkeys(WAYS, 0), dict.fromkeys(WAYS, 0), 0
    with ThreadPoolExecutor(jobs) as pool:
        while sum(killed.values()) < kills:
            ways = [[*WAYS][(turn + k) % len(WAYS)] for k in range(2 * jobs)]
            asked = [(way, wholes[way], times[way], seed + turn + k) for k, way in enumerate(ways)]
            turn += len(ways)
            for way, (count, alike) in zip(ways, pool.map(lambda given: one(*given), asked), strict=True):
                killed[way] += count
                right[way] += alike
                wrong[way] += not alike
    for way in WAYS:
        print(
            f"{way:15} {killed[way]:4} kills, {right[way]:4} trainings ended alike, {wrong[way]} otherwise", flush=True
        )
    ended = sum(right.values()) + sum(wrong.values())
    print(f"{sum(killed.values())} kills: {sum(right.values())} of {ended} trainings ended alike")
    return not any(wrong.values())


CALLS = ("openat", "write", "fsync", "rename", "unlink", "mkdir", "flock")
FAULTS = {"kill": "signal=SIGKILL", "I/O error": "error=EIO", "disk full": "error=ENOSPC"}
SHORT = f"m = gn.train({NETWORK}, X, y, {HOW}, epochs=2, batch_size=150, engine='numpy')"
OFTEN = "from glassnet.model.checkpoints import spent; spent.LEAST, spent.SHARE = 0.0, 1e9\n    "


def fail_once() -> bool:
    """Each call that touches the folder fails once, in each way; whether the training ends alike after each."""
    WAYS["short"] = OFTEN + SHORT
    bad = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command = program("short", folder)
        run(command)
        whole = (folder / "model.glass").read_bytes()
        shutil.rmtree(folder / "kept")
        log = folder / "trace"
        traced = ["strace", "-f", "-qq", "-y", "-o", str(log), "-e", f"trace={','.join(CALLS)}"]
        subprocess.run([*traced, *command], check=True, capture_output=True)
        lines = [line for line in log.read_text().splitlines() if str(folder / "kept") in line]
        counts = {call: sum(bool(re.search(rf"\b{call}\(", line)) for line in lines) for call in CALLS}
        print("calls:", ", ".join(f"{count} {call}" for call, count in counts.items()), flush=True)
        numbered = numbers_of(log.read_text().splitlines(), str(folder / "kept"))
        total = 0
        for call, places in numbered.items():
            for fault, words in FAULTS.items():
                for place in places:
                    shutil.rmtree(folder / "kept", ignore_errors=True)
                    (folder / "model.glass").unlink(missing_ok=True)
                    inject = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}"]
                    inject += ["-e", f"inject={call}:{words}:when={place}"]
                    done = subprocess.run([*inject, *command], check=False, capture_output=True, text=True)
                    is_clear = fault == "kill" or not done.returncode or "Error: [Errno" in done.stderr
                    again = subprocess.run(command, check=False, capture_output=True, text=True)
                    alike = not again.returncode and (folder / "model.glass").read_bytes() == whole
                    total += 1
                    if not (alike and is_clear):
                        bad += 1
                        print(f"{call} {place} {fault}: {done.stderr[-300:]} {again.stderr[-300:]}", flush=True)
        print(f"{total} faults: {total - bad} trainings ended alike, with a clear error")
    return not bad


def numbers_of(lines: list[str], folder: str) -> dict[str, list[int]]:
    """Of each call, which of all of its kind in the main thread touch the folder, counted from 1."""
    found: dict[str, list[int]] = {call: [] for call in CALLS}
    counts: dict[str, int] = dict.fromkeys(CALLS, 0)
    main = lines[0].split()[0]
    for line in lines:
        match = re.match(r"(\d+) +(\w+)\(", line)
        if match and match[1] == main and match[2] in counts:
            counts[match[2]] += 1
            if folder in line:
                found[match[2]].append(counts[match[2]])
    return found


COSTS = """import sys, tempfile, time
import glassnet as gn
from glassnet.model import carry_out
from glassnet.model.checkpoints import folder, series
X, y = gn.datasets.moons(3000)
CLOCKS = time.perf_counter, time.process_time
inside, depth = [0.0, 0.0], [0]
def timed(function):
    def called(*given, **named):
        before = [clock() for clock in CLOCKS]
        depth[0] += 1
        try:
            return function(*given, **named)
        finally:
            depth[0] -= 1
            if not depth[0]:
                for k, clock in enumerate(CLOCKS):
                    inside[k] += clock() - before[k]
    return called
def timed_ends(cls):
    cls.__enter__, cls.__exit__ = timed(cls.__enter__), timed(cls.__exit__)
timed_ends(type(folder.locked(".")))  # whatever is entered and left: in a training the folder alone takes long
carry_out.kept = timed(carry_out.kept)
series.Series.write = timed(series.Series.write)
def questions():  # whether it is time to write, before each step
    due, now, spent = lambda: time.monotonic() >= spent.due, time.process_time, series.Spent()
    spent.due += 1e9
    before = now()
    for _ in range({steps}):
        due()
    return now() - before
def seconds(folder):
    inside[:] = 0.0, 0.0
    before = [clock() for clock in CLOCKS]
    gn.train({network}, X, y, {how}, epochs={epochs}, engine='numpy', checkpoint_dir=folder)
    return [clock() - then for clock, then in zip(CLOCKS, before)]
seconds(None)
for _ in range({turns}):
    with tempfile.TemporaryDirectory(dir=sys.argv[1]) as kept:
        alone, took, asked = seconds(None)[0], seconds(kept), questions()
        print(alone, *took, *[part + asked for part in inside], flush=True)
"""


def cost() -> bool:
    """What keeping costs: the time spent at it by the process's own clocks; and in turns with one that is not kept."""
    text = COSTS.format(network=NETWORK, how=HOW, epochs=600, steps=600 * 94, turns=7)
    done = subprocess.run([sys.executable, "-c", text, os.getcwd()], check=True, capture_output=True, text=True)
    turns = [[float(part) for part in line.split()] for line in done.stdout.splitlines()]
    shares = sorted(100 * waited / (kept - waited) for _, kept, _, waited, _ in turns)
    computed = sorted(100 * inside / (worked - inside) for _, _, worked, _, inside in turns)
    ratios = sorted(kept / alone for alone, kept, *_ in turns)
    alone = statistics.median(alone for alone, *_ in turns)
    print(f"of {alone:.1f} s of training, keeping takes {statistics.median(shares):.2f} % ({ends(shares)})")
    print(f"of the processor's time {statistics.median(computed):.2f} % ({ends(computed)}), in {len(turns)} turns")
    print(f"in turns with one that is not kept: {statistics.median(ratios):.3f} times as long ({ends(ratios, 3)})")
    return statistics.median(shares) <= 2.0


def ends(found: list[float], digits: int = 2) -> str:
    """The least and the most of sorted numbers."""
    return f"{found[0]:.{digits}f} to {found[-1]:.{digits}f}"


def main() -> int:
    """What is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--only", nargs="*", help="of the ways to train, for --kills")
    parser.add_argument("--faults", action="store_true")
    parser.add_argument("--cost", action="store_true")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    fine = [
        kill_often(given.kills, given.jobs, given.seed, given.only) if given.kills else True,
        fail_once() if given.faults else True,
        cost() if given.cost else True,
    ]
    return 0 if all(fine) else 1


if __name__ == "__main__":
    sys.exit(main())
