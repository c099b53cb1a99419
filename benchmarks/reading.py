"""Reading a large CSV file, and data frames on their way into a network.

Each reader is in a process of its own in each turn, so that its memory can be told: the most it held, less what
importing took. Where no library is installed glassnet cuts blocks by Python's own module, and where something in a
file is unusual it reads line by line, here a tenth of the rows. Frames have 14 columns, 8 of them words, as the census
table *adult*; scikit-learn's pipeline is a StandardScaler, a OneHotEncoder and an MLPClassifier with the same network
(16 ReLU)."""

from __future__ import annotations

import argparse
import importlib.util
import json
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from report import machine, ratios, spread, table, take_turns, tell

OTHERS = ("pandas", "polars", "pyarrow")
SIZES = (1, 10, 100, 1_000, 10_000, 32_561)
WORDS = {"work": 9, "education": 16, "marital": 7, "job": 15, "relation": 6, "race": 5, "sex": 2, "country": 42}
NUMBERS = {"age": 73, "weight": 1_472_420, "years": 16, "gain": 99_999, "loss": 4_356, "hours": 98}


# ------------------------------------------------------------------------------------------------------- reading


def write_table(path: Path, rows: int) -> None:
    """A file of 11 columns: whole and other numbers, words, some quoted, and gaps."""
    rng = np.random.default_rng(0)
    towns = ["Aarhus", '"New York, NY"', '"The ""Q"" Town"', "São Paulo", *(f"town {k}" for k in range(36))]
    colours = ["red", "green", "blue", "NA", ""]
    with path.open("w", encoding="utf-8") as file:
        file.write("id,age,height,income,latitude,town,colour,visits,score,grade,bought\n")
        for first in range(0, rows, 50_000):
            n = min(50_000, rows - first)
            gaps = rng.random((n, 2)) < 0.03
            columns = (
                range(first + 1, first + n + 1),
                rng.integers(18, 90, n).tolist(),
                ["" if gap else f"{x:.1f}" for gap, x in zip(gaps[:, 0], rng.normal(170, 10, n), strict=True)],
                [f"{x:.2f}" for x in rng.lognormal(10, 1, n)],
                [f"{x:.10f}" for x in rng.normal(0, 40, n)],
                [towns[k] for k in rng.integers(0, len(towns), n)],
                [colours[k] for k in rng.integers(0, len(colours), n)],
                rng.poisson(3, n).tolist(),
                ["" if gap else f"{x:.12f}" for gap, x in zip(gaps[:, 1], rng.random(n), strict=True)],
                ["ABCD"[k] for k in rng.integers(0, 4, n)],
                [("no", "yes")[k] for k in rng.integers(0, 2, n)],
            )
            file.writelines(",".join(map(str, row)) + "\n" for row in zip(*columns, strict=True))


def reader(name: str) -> Callable[[str], Any]:
    """What reads a file, everything imported."""
    if name == "pandas":
        import pandas

        return pandas.read_csv
    if name == "polars":
        import polars

        return polars.read_csv
    if name == "pyarrow":
        import pyarrow.csv

        return pyarrow.csv.read_csv
    from glassnet.data.tables import csv_files, csv_libraries
    from glassnet.data.tables.csv_files import read_csv

    by = name.removeprefix("glassnet, by ")
    if name == "glassnet, line by line":
        csv_files.LARGE = sys.maxsize
    elif by not in OTHERS:
        csv_libraries.CUTS.clear()
    else:
        found = csv_libraries.tried(by)
        csv_files.library = lambda: found
    return read_csv


def read_once(name: str, path: str) -> None:
    """Read a file and print the seconds and the memory, in bytes."""
    read = reader(name)
    unit = 1 if sys.platform == "darwin" else 1024
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    read(path)
    seconds = time.perf_counter() - start
    print(json.dumps([seconds, unit * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)]))


def reading(rows: int, repeats: int) -> tuple[str, dict[str, Any]]:
    """The table of readers, and its numbers."""
    there = [name for name in OTHERS if importlib.util.find_spec(name)]
    names = [*there, *(f"glassnet, by {name}" for name in there), "glassnet, by csv", "glassnet, line by line"]
    seconds: dict[str, list[float]] = {name: [] for name in names}
    memory: dict[str, list[float]] = {name: [] for name in names}
    with tempfile.TemporaryDirectory() as folder:
        large, small = Path(folder, "large.csv"), Path(folder, "small.csv")
        write_table(large, rows)
        write_table(small, rows // 10)
        size = large.stat().st_size
        for _ in range(repeats):
            for name in names:
                path = small if name.endswith("line") else large
                command = [sys.executable, __file__, "--read", name, str(path)]
                took, held = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
                seconds[name].append(took)
                memory[name].append(held / path.stat().st_size)
    cells = []
    for name in names:
        by_pandas = "pandas" in there and not name.endswith("line")
        times = spread(ratios(seconds[name], seconds["pandas"]), ".2f", "×") if by_pandas else "-"
        what = f"{name}, {rows // 10:,} rows" if name.endswith("line") else name
        cells.append((what, spread(seconds[name], ".2f", " s"), times, spread(memory[name], ".1f", "×")))
    title = f"{rows:,} rows, {size / 1e6:.0f} MB"
    told = table((title, "time", "of pandas' time", "memory, of the file"), cells)
    return told, {"seconds": seconds, "memory": memory}


# -------------------------------------------------------------------------------------------------------- frames


def frames() -> Iterator[tuple[str, Any]]:
    """The same table as the frame of each library that is installed, by name."""
    rng, n = np.random.default_rng(0), SIZES[-1]
    columns: dict[str, Any] = {name: rng.integers(0, size, n) for name, size in NUMBERS.items()}
    for name, size in WORDS.items():
        columns[name] = [f"{name} {k}" for k in rng.integers(0, size, n)]
    columns["income"] = [("<=50K", ">50K")[k] for k in np.where(rng.random(n) < 0.2, 1, columns["age"] > 40)]
    for name in OTHERS:
        if importlib.util.find_spec(name):
            module = importlib.import_module(name)
            yield name, module.table(columns) if name == "pyarrow" else module.DataFrame(columns)


def some(frame: Any, rows: int, target: bool = True) -> Any:
    """The first rows of a frame, with or without its target."""
    names = [*NUMBERS, *WORDS, *(["income"] if target else [])]
    is_arrow = type(frame).__module__.startswith("pyarrow")
    return frame.select(names).slice(0, rows) if is_arrow else frame[names][:rows]


def pipeline() -> tuple[Any, Any]:
    """scikit-learn's columns, and the columns with the network."""
    from sklearn.compose import make_column_transformer
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    def columns() -> Any:
        return make_column_transformer(
            (StandardScaler(), [*NUMBERS]), (OneHotEncoder(handle_unknown="ignore"), [*WORDS])
        )

    return columns(), make_pipeline(columns(), MLPClassifier((16,), max_iter=2))


def through(repeats: int) -> tuple[list[str], dict[str, Any]]:
    """The tables of predicting and of preparing to train, and their numbers."""
    import glassnet as gn
    from glassnet.training.preparing import prepare

    warnings.simplefilter("ignore")  # two epochs are not enough for anything, nor do they matter
    kinds = dict(frames())
    pandas = kinds["pandas"]
    columns, chain = pipeline()
    chain.fit(some(pandas, SIZES[-1], target=False), pandas["income"])
    network = gn.Network(gn.Dense(16, "relu"), gn.Dense())
    model = gn.train(network, pandas, target="income", epochs=2, seed=0, progress=False)
    told: dict[str, Any] = {}
    for what in ("predict_proba", "preparing to train"):
        told[what] = {}
        for size in SIZES if what == "predict_proba" else SIZES[2:]:
            rivals: dict[str, Callable[[], Any]] = {}
            first = some(pandas, size, target=what != "predict_proba")
            rivals["scikit-learn"] = (
                (lambda rows=first: chain.predict_proba(rows))
                if what == "predict_proba"
                else (lambda rows=first: columns.fit_transform(rows))
            )
            for name, frame in kinds.items():
                rows = some(frame, size, target=what != "predict_proba")
                rivals[name] = (
                    (lambda rows=rows: model.predict_proba(rows))
                    if what == "predict_proba"
                    else (lambda rows=rows: prepare(network, rows, target="income", seed=0))
                )
            told[what][f"{size:,}"] = take_turns(rivals, repeats)
    tables = []
    for what, sizes in told.items():
        header = (f"{what}, ms", "scikit-learn, pandas", *(f"glassnet, {name}" for name in kinds))
        rows_of = [
            (f"{size} rows", *(spread([1e3 * t for t in times], ".3g") for times in found.values()))
            for size, found in sizes.items()
        ]
        tables.append(table(header, rows_of))
    return tables, told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=2_000_000, help="of the file; default: 2,000,000")
    parser.add_argument("--repeats", type=int, default=5, help="default: 5")
    parser.add_argument("--json", metavar="FILE", help="write the numbers as JSON, too")
    parser.add_argument("--read", nargs=2, metavar=("READER", "FILE"), help="read a file once, for the script itself")
    asked = parser.parse_args()
    if asked.read:
        read_once(*asked.read)
        return
    readers, read = reading(asked.rows, asked.repeats)
    tables, told = through(asked.repeats)
    text = f"{' '.join(str(__doc__).split())} {machine()}. Medians of {asked.repeats} turns, lowest and highest."
    tell("Large tables", text, [readers, *tables], {"reading": read, "frames": told}, asked.json)


if __name__ == "__main__":
    main()
