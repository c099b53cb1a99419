"""Tables that are read part by part, beside the same network on rows in memory, and beside polars that only reads.

10 million rows of 30 numbers and a target, float32, in Parquet (1.9 GB, row groups of a million): the resident memory
of the process, at its highest, and rows a second of one epoch (30-64-32-1, batches of 256), each beside the same
network on a million of the rows that are in memory. Then a gigabyte of CSV: reading, learning, encoding and one epoch,
beside the time that polars takes to scan the file once. Each is in a process of its own in each turn. `--rows` and
`--bytes` make smaller files."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from report import machine, spread, table, tell

SLICE = 1_000_000  # rows in memory
GROUP = 1_000_000  # rows of a row group
NAMES = [*(f"x{k}" for k in range(30)), "y"]


def some_rows(rng: np.random.Generator, rows: int) -> np.ndarray:
    """Inputs and a target that a network has something to learn of, (rows, 31)."""
    x = rng.normal(size=(rows, 30)).astype(np.float32)
    y = np.tanh(x[:, 0] + x[:, 1] * x[:, 2]) + 0.3 * x[:, 3] + 0.1 * rng.normal(size=rows)
    return np.column_stack([x, y.astype(np.float32)])


def write_parquet(path: Path, rows: int) -> None:
    """So many rows, in row groups of a million."""
    import pyarrow
    import pyarrow.parquet

    rng, writer = np.random.default_rng(0), None
    for low in range(0, rows, GROUP):
        columns = some_rows(rng, min(GROUP, rows - low)).T
        frame = pyarrow.table(dict(zip(NAMES, map(np.ascontiguousarray, columns), strict=True)))
        writer = writer or pyarrow.parquet.ParquetWriter(path, frame.schema)
        writer.write_table(frame, row_group_size=GROUP)
    assert writer is not None
    writer.close()


def write_csv(path: Path, size: int) -> None:
    """So many bytes, numbers with four decimals."""
    import polars as pl

    rng = np.random.default_rng(1)
    with path.open("wb") as file:
        while file.tell() < size:
            part = some_rows(rng, 100_000).astype(np.float64).round(4)
            pl.DataFrame(part, schema=NAMES).write_csv(file, include_header=not file.tell())


# what is measured, each in a process of its own; numbers are printed as JSON


def network() -> Any:
    import glassnet as gn

    return gn.Network(gn.Dense(64, "relu"), gn.Dense(32, "relu"), gn.Dense())


def train(prepare_rows: Callable[[], Any]) -> dict[str, float]:
    """Prepare, and train for an epoch: seconds of both, and rows."""
    from glassnet.training.begin import begin
    from glassnet.training.settings import Settings

    started = time.perf_counter()
    prepared = prepare_rows()
    ready = time.perf_counter()
    run = begin(prepared, Settings(epochs=1, batch_size=256, optimizer="adam"))
    run.stepper.take(3, 0.0, lambda: False)  # what is compiled is compiled by now
    begun, steps = time.perf_counter(), run.stepper.batches - 3
    for _ in run.events():
        pass
    took = time.perf_counter() - begun
    rows = len(prepared.trained)
    return {"prepared": ready - started, "trained": took, "rows": rows, "rate": 256 * steps / took}


def streamed(path: str) -> dict[str, float]:
    import glassnet as gn
    from glassnet.training.preparing import prepare

    stream = gn.stream(path, folder=Path(path).parent)
    how: dict[str, Any] = {"target": "y", "dtype": "float32", "validation": 0.01, "seed": 1, "progress": False}
    return train(lambda: prepare(network(), stream, **how))


def in_memory(path: str) -> dict[str, float]:
    from glassnet.training.preparing import prepare

    rows = some_rows(np.random.default_rng(0), SLICE)
    x, y = np.ascontiguousarray(rows[:, :30]), np.ascontiguousarray(rows[:, 30])
    return train(lambda: prepare(network(), x, y, seed=1))


def scanned(path: str) -> dict[str, float]:
    import polars as pl

    started = time.perf_counter()
    pl.scan_csv(path).select(pl.all().sum()).collect(engine="streaming")
    return {"trained": time.perf_counter() - started}


PARTS = {"streamed": streamed, "in memory": in_memory, "scanned by polars": scanned}


def peak() -> float:
    """The most megabytes that this process had; `ru_maxrss` begins with what the one had that started it."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def measured(part: str, path: Path) -> dict[str, float]:
    """A part, in a process of its own."""
    command = [sys.executable, __file__, "--part", part, "--file", str(path)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found: dict[str, float] = json.loads(said.splitlines()[-1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--bytes", type=int, default=1_000_000_000)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where the files go, and are found again")
    parser.add_argument("--json", help="write the numbers to this file")
    parser.add_argument("--part", choices=PARTS, help=argparse.SUPPRESS)
    parser.add_argument("--file", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.part:
        found = PARTS[asked.part](asked.file)
        print(json.dumps({**found, "memory": peak()}))
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.folder or Path(temporary)
        parquet, csv = folder / f"{asked.rows}.parquet", folder / f"{asked.bytes}.csv"
        if not parquet.exists():
            write_parquet(parquet, asked.rows)
        if not csv.exists():
            write_csv(csv, asked.bytes)
        turns = [
            {
                "Parquet": measured("streamed", parquet),
                "memory": measured("in memory", parquet),
                "CSV": measured("streamed", csv),
                "scan": measured("scanned by polars", csv),
            }
            for _ in range(asked.turns)
        ]
    report(turns, asked.rows, asked.bytes, asked.json)


def report(turns: list[dict[str, dict[str, float]]], rows: int, size: int, file: str | None) -> None:
    """What came of it."""

    def over(part: str, name: str, form: str = ".3g") -> str:
        return spread([turn[part][name] for turn in turns], form)

    share = [turn["Parquet"]["rate"] / turn["memory"]["rate"] for turn in turns]
    first = [turn["CSV"]["prepared"] / turn["scan"]["trained"] for turn in turns]
    columns = table(
        ["", f"{rows:,} rows of Parquet", f"{SLICE:,} rows in memory", f"{size / 1e9:.3g} GB of CSV"],
        [
            ["learning and encoding, s", *(over(part, "prepared") for part in ("Parquet", "memory", "CSV"))],
            ["one epoch, s", *(over(part, "trained") for part in ("Parquet", "memory", "CSV"))],
            ["rows a second", *(over(part, "rate", ",.0f") for part in ("Parquet", "memory", "CSV"))],
            ["resident memory, MB", *(over(part, "memory", ".0f") for part in ("Parquet", "memory", "CSV"))],
        ],
    )
    text = (
        f"{machine()}. Rows a second from the store beside those in memory: {spread(share)}. polars scans the CSV in "
        f"{over('scan', 'trained')} s; learning and encoding take {spread(first)} times that."
    )
    tell("Read part by part", text, [columns], {"turns": turns}, file)


if __name__ == "__main__":
    main()
