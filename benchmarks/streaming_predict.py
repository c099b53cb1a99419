"""Predicting and evaluating tables that are read part by part, beside the same commands on rows in memory.

10 million rows of 30 numbers and a target, float32, in Parquet (1.9 GB): `glassnet predict` into Parquet and CSV, with
and without the table's own columns, and `glassnet evaluate`; and 10 million rows of 4 numbers and two classes, whose
AUC and calibration error take outputs that are kept. Rows a second of the whole command, its start included, and the
resident memory of its process at its highest; beside them those of the same command on a million of the rows, read
whole. `--rows` makes smaller files; `--only keep` measures the commands whose name holds that."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from report import machine, spread, table, tell
from streaming import GROUP, SLICE, some_rows, write_parquet

LEARNT = 200_000  # rows that the models have seen
COMMANDS = {
    "predict into Parquet": ("predict", "numbers", "-o", "{out}/p.parquet"),
    "predict into CSV": ("predict", "numbers", "-o", "{out}/p.csv"),
    "predict into Parquet, --keep": ("predict", "numbers", "-o", "{out}/k.parquet", "--keep"),
    "evaluate, a number": ("evaluate", "numbers"),
    "evaluate, two classes": ("evaluate", "classes"),
}


def write_classes(path: Path, rows: int) -> None:
    """So many rows of 4 numbers and a class."""
    import pyarrow
    import pyarrow.parquet

    rng, writer = np.random.default_rng(2), None
    for low in range(0, rows, GROUP):
        part = some_rows(rng, min(GROUP, rows - low))
        columns: dict[str, Any] = {f"x{k}": np.ascontiguousarray(part[:, k]) for k in range(4)}
        frame = pyarrow.table({**columns, "kind": np.where(part[:, -1] > 0.0, "up", "down")})
        writer = writer or pyarrow.parquet.ParquetWriter(path, frame.schema)
        writer.write_table(frame, row_group_size=GROUP)
    assert writer is not None
    writer.close()


def train(folder: Path, name: str, target: str) -> None:
    """A model of the first rows, 64 and 32 units."""
    import polars as pl

    import glassnet as gn

    network = gn.Network(gn.Dense(64, "relu"), gn.Dense(32, "relu"), gn.Dense())
    how: dict[str, Any] = {"epochs": 1, "batch_size": 256, "dtype": "float32", "seed": 0, "progress": False}
    rows = pl.read_parquet(folder / f"{name}.parquet", n_rows=LEARNT)
    gn.train(network, rows, target=target, **how).save(folder / f"{name}.glass")


def files(folder: Path, rows: int) -> None:
    """The tables, a slice of each, and the models; what is there is kept."""
    for name, target, write in (("numbers", "y", write_parquet), ("classes", "kind", write_classes)):
        for path, count in ((folder / f"{name}.parquet", rows), (folder / f"{name}-slice.parquet", min(rows, SLICE))):
            if not path.exists():
                write(path, count)
        if not (folder / f"{name}.glass").exists():
            train(folder, name, target)


def measured(command: tuple[str, ...], folder: Path, rows: int, whole: bool) -> dict[str, float]:
    """A command in a process of its own: rows a second, and megabytes; `whole`: on the slice, read whole."""
    verb, name, *more = command
    given = folder / f"{name}{'-slice' * whole}.parquet"
    options = [option.format(out=folder) for option in more]
    memory = "1TB" if whole else "100kB"
    argv = [verb, folder / f"{name}.glass", given, *options, "--memory", memory, *["--force"][: len(options)]]
    started = time.perf_counter()
    command_line = [sys.executable, "-c", RUN, *map(str, argv)]
    said = subprocess.run(command_line, check=True, capture_output=True, text=True).stdout
    took = time.perf_counter() - started
    return {"rate": (min(rows, SLICE) if whole else rows) / took, "memory": int(said.splitlines()[-1]) / 1024}


RUN = """
import sys
from glassnet.cli import main
code = main(sys.argv[1:])
peak = [line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")]
print("\\n" + peak[0])  # not ru_maxrss, which begins with what the process had that started this one
sys.exit(code)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--only", default="", help="commands whose name holds this")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where the files go, and are found again")
    parser.add_argument("--json", help="write the numbers to this file")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.folder or Path(temporary)
        files(folder, asked.rows)
        turns = [
            {
                name: {
                    "parts": measured(command, folder, asked.rows, False),
                    "whole": measured(command, folder, asked.rows, True),
                }
                for name, command in COMMANDS.items()
                if asked.only in name
            }
            for _ in range(asked.turns)
        ]
    report(turns, asked.rows, asked.json)


def report(turns: list[dict[str, dict[str, dict[str, float]]]], rows: int, file: str | None) -> None:
    """What came of it."""

    def over(command: str, way: str, name: str, form: str) -> str:
        return spread([turn[command][way][name] for turn in turns], form)

    ways = ("parts", "whole")
    lines = [
        [name, *(over(name, way, what, form) for way in ways for what, form in (("rate", ",.0f"), ("memory", ".0f")))]
        for name in turns[0]
    ]
    head = ["", f"{rows:,} rows, rows a second", "MB", f"{min(rows, SLICE):,} rows in memory, rows a second", "MB"]
    tell("Predicting part by part", f"{machine()}.", [table(head, lines)], {"turns": turns}, file)


if __name__ == "__main__":
    main()
